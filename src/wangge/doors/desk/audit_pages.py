"""For those who watch: the journal of a case, the latest acts, and who looked at personal data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from wangge.cases.access import cases_for
from wangge.doors.desk.case_pages import found_case
from wangge.doors.desk.post_words import words_for
from wangge.doors.desk.roles import LOOKS
from wangge.doors.desk.timeline_words import Happening, happening
from wangge.doors.shell.fragments import go, show
from wangge.doors.shell.guards import holder_of, role_required
from wangge.doors.shell.standing import StandingRequest
from wangge.foundation.journal.models import Checkpoint, Line
from wangge.foundation.journal.queries import lines_of
from wangge.foundation.privacy.models import Look, Purpose
from wangge.organisations.roles import Role
from wangge.territory.queries import within

LATEST = 40
SIZE = 40


@dataclass(frozen=True)
class JournalLine:
    """A line as the auditor reads it: words for the eye, the facts and the hash as they stand."""

    line: Line
    how: Happening
    who: str
    facts: list[tuple[str, Any]]
    hash: str
    previous: str


@dataclass(frozen=True)
class LookLine:
    look: Look
    who: str
    fields: str
    purpose: str


class NumberForm(forms.Form):
    number = forms.CharField(label=_("Case number"), max_length=30, required=False)


class LookFilterForm(forms.Form):
    purpose = forms.ChoiceField(
        label=_("Purpose"),
        required=False,
        choices=[("", _("All")), *((p.value, p.label) for p in Purpose if p != Purpose.OWN)],
    )


FIELDS = {
    "name": _("Name"),
    "phone": _("Phone"),
    "address": _("Address"),
    "id_number": _("Identity number"),
}


@role_required(Role.AUDITOR)
def journal(request: StandingRequest) -> HttpResponseBase:
    """The latest acts on cases of the district, and the way to one case's journal."""
    by = holder_of(request)
    form = NumberForm(request.GET, auto_id="filter-%s", label_suffix="")
    form.is_valid()
    number = form.cleaned_data.get("number", "").strip()
    unknown = False
    if number:
        if cases_for(by).filter(number=number).exists():
            return go(request, "desk:case_journal", number)
        unknown = True
    latest = acts_in(by.district).order_by("-id")
    context = {
        "form": form,
        "unknown": unknown,
        "lines": _told(list(latest[:LATEST])),
        "seal": Checkpoint.objects.order_by("-number").first(),
    }
    return show(request, "desk/journal.html", context)


@role_required(Role.AUDITOR)
def case_journal(request: StandingRequest, number: str) -> HttpResponseBase:
    """Every line of a case with its facts and hashes, and every look at its requester."""
    case = found_case(request, number)
    looks = Look.objects.filter(about_kind="case", about_id=number).exclude(purpose=Purpose.OWN)
    context = {
        "case": case,
        "lines": _told(list(lines_of(case.subject))),
        "looks": _looks(list(looks.order_by("-id"))),
    }
    return show(request, "desk/case_journal.html", context)


@role_required(*LOOKS)
def looks(request: StandingRequest) -> HttpResponseBase:
    """Who opened personal data of requesters in the district, newest first."""
    by = holder_of(request)
    form = LookFilterForm(request.GET, auto_id="filter-%s", label_suffix="")
    form.is_valid()
    found = looks_in(by.district, form.cleaned_data.get("purpose", ""))
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    rows = list(found.order_by("-id")[: SIZE + 1])
    shown = rows[:SIZE]
    context = {
        "form": form,
        "looks": _looks(shown),
        "older": shown[-1].pk if len(rows) > SIZE else None,
        "is_first": not before,
        "may_open": by.role == Role.AUDITOR,
        "shows_reason": by.role == Role.PRIVACY_OFFICER,
    }
    return show(request, "desk/looks.html", context)


def acts_in(district: str) -> QuerySet[Line]:
    """The acts on cases of a district."""
    return Line.objects.filter(within(district, "subject_id"), subject_kind="case")


def looks_in(district: str, purpose: str = "") -> QuerySet[Look]:
    """Looks at requesters of a district's cases by others than themselves."""
    found = Look.objects.filter(within(district, "about_id"), about_kind="case").exclude(purpose=Purpose.OWN)
    return found.filter(purpose=purpose) if purpose else found


def _told(lines: list[Line]) -> list[JournalLine]:
    words = words_for(line.post_label for line in lines)
    return [
        JournalLine(
            line,
            happening(line.act),
            words.get(line.post_label) or _actor(line),
            sorted((key, value) for key, value in line.facts.items() if value not in (None, "", [])),
            bytes(line.hash).hex(),
            bytes(line.previous_hash).hex(),
        )
        for line in lines
    ]


def _actor(line: Line) -> str:
    """Who acts from no post: the product itself, or people who ask."""
    return f"{_('System')} ({line.actor_id})" if line.actor_kind == "system" else str(_("Requester"))


def _looks(rows: list[Look]) -> list[LookLine]:
    words = words_for(look.role_label for look in rows)
    return [
        LookLine(
            look,
            words.get(look.role_label, look.role_label),
            " · ".join(str(FIELDS.get(name, name)) for name in look.fields),
            str(Purpose(look.purpose).label),
        )
        for look in rows
    ]
