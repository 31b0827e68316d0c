"""Tags of the design system, built into every template; `docs/design.md` shows them at work."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.forms import BoundField, CheckboxInput
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from wangge.cases.states import State
from wangge.doors.shell import looks, moments
from wangge.doors.shell.assets import asset, icon_names
from wangge.duties.models import Priority

register = template.Library()


# --- signs -------------------------------------------------------------------------------------


@register.simple_tag
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """An icon of the sprite. `size` is "l" or "xl"; with `label` it speaks, else it is decoration."""
    if name not in icon_names():
        raise template.TemplateSyntaxError(f"No icon {name!r}; add it to doors/shell/icons.txt")
    classes = f"icon icon-{size}" if size else "icon"
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}#{}"></use></svg>',
            classes, label, asset("icons.svg"), name,
        )  # fmt: skip
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"></use></svg>', classes, asset("icons.svg"), name
    )


@register.simple_tag
def tag(text: Any, tone: str = "neutral", icon_name: str = "") -> SafeString:
    """A small label. `tone` is one of `looks.TONES`."""
    if tone not in looks.TONES:
        raise template.TemplateSyntaxError(f"No tone {tone!r}; there are {', '.join(looks.TONES)}")
    sign = icon(icon_name) if icon_name else ""
    return format_html('<span class="tag tag-{}">{}{}</span>', tone, sign, text)


@register.simple_tag
def state_tag(state: str, label: str = "") -> SafeString:
    """The state of a case, as a clerk reads it; `label` replaces the words (a resident's phase)."""
    face = looks.face_of_state(state)
    words = label or (State(state).label if state in State.values else state)
    return tag(words, face.tone, face.icon)


@register.simple_tag
def priority_tag(priority: str) -> SafeString:
    face = looks.face_of_priority(priority)
    words = Priority(priority).label if priority in Priority.values else priority
    return tag(words, face.tone, face.icon)


# --- time --------------------------------------------------------------------------------------


def _moment(text: str, moment: datetime) -> SafeString:
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', moment.isoformat(), moments.full_text(moment), text
    )


@register.simple_tag(takes_context=True)
def local_time(context: Context, moment: datetime | None) -> SafeString | str:
    """As "Today 09:30" or "6 Mar 09:30"; a dash when there is none."""
    return _moment(moments.moment_text(moment, context.get("at")), moment) if moment else "—"


@register.simple_tag(takes_context=True)
def time_ago(context: Context, moment: datetime | None) -> SafeString | str:
    """As "20 minutes ago"."""
    if moment is None:
        return "—"
    at = context.get("at")
    return _moment(moments.ago_text(moment, at) if at else moments.moment_text(moment), moment)


@register.filter
def full_time(moment: datetime | None) -> str:
    """As "2026-03-06 09:30", for tables and print."""
    return moments.full_text(moment) if moment else "—"


@register.filter
def local_date(day: date | None) -> str:
    return moments.day_text(day) if day else "—"


@register.inclusion_tag("shell/parts/clock_badge.html", takes_context=True)
def clock_badge(
    context: Context,
    due_at: datetime | None,
    at: datetime | None = None,
    overdue: bool | None = None,
    soon: bool = False,
    paused: bool = False,
    stopped_at: datetime | None = None,
) -> dict[str, Any]:
    """How much is left of a limit, or by how much it was missed.

    The view says what it knows: `overdue` (else `due_at` and `at` are compared), `soon` when little of
    the limit is left, `paused` while the clock stands still, `stopped_at` when the work was done.
    """
    moment = stopped_at or at or context.get("at")
    if due_at is None or moment is None:
        return {"kind": ""}
    late = overdue if overdue is not None else moment > due_at
    span = {"span": moments.span_text(due_at - moment)}
    if stopped_at is not None:
        kind, words = ("missed", _("late by %(span)s") % span) if late else ("kept", _("in time"))
    elif paused:
        kind, words = "paused", _("clock paused")
    elif late:
        kind, words = "overdue", _("overdue by %(span)s") % span
    else:
        kind, words = "soon" if soon else "running", _("%(span)s left") % span
    face = looks.CLOCKS[kind]
    return {"kind": kind, "icon_name": face.icon, "words": words, "due_at": due_at, "at": context.get("at")}


# --- forms -------------------------------------------------------------------------------------


@register.inclusion_tag("shell/parts/field.html")
def field(bound: BoundField, **attrs: Any) -> dict[str, Any]:
    """One field with label, hint and error. Further names become attributes: `rows=6`,
    `inputmode="numeric"`, `data_shortcut="/"`; `kind="cards"` or `kind="row"` arranges choices."""
    kind = attrs.pop("kind", "")
    label = attrs.pop("label", None)
    widget_attrs = {name.replace("_", "-"): value for name, value in attrs.items()}
    return {
        "field": bound,
        "label": label or bound.label,
        "control": bound.as_widget(attrs=widget_attrs) if not bound.use_fieldset else "",
        "kind": kind,
        "is_check": isinstance(bound.field.widget, CheckboxInput),
    }


@register.inclusion_tag("shell/parts/error_summary.html")
def form_errors(form: Any) -> dict[str, Any]:
    """At the head of a form: what is wrong, each line leading to its field."""
    return {"form": form, "wrong": [bound for bound in form if bound.errors]}


@register.filter
def as_json(value: Any) -> str:
    """JSON for a data- attribute; the template's own escaping makes it safe there."""
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)


@register.filter
def message_face(level_tag: str) -> looks.Face:
    return looks.MESSAGES.get(level_tag, looks.PLAIN)
