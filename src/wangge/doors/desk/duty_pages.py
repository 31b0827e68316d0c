"""The catalogue: which matters there are, who leads them where on what basis, what communities admitted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django import forms
from django.db.models import Q, QuerySet
from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wangge.doors.desk.roles import ADMISSIONS, DESK, who_may
from wangge.doors.desk.screening_forms import MatterChoice, fits
from wangge.doors.shell.fragments import show
from wangge.doors.shell.guards import holder_of, role_required
from wangge.doors.shell.standing import StandingRequest
from wangge.duties.models import CommunityAdmission, DispatchRule, Matter
from wangge.duties.queries import matters_in_force
from wangge.foundation.worktime.workcalendar import SHANGHAI
from wangge.organisations.models import Organisation, OrganisationType

#: Admissions that end within this are shown as due for renewal.
SOON = timedelta(days=60)


class DutyFilterForm(forms.Form):
    words = forms.CharField(
        label=_("Search the matters"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    category = forms.ChoiceField(label=_("Category"), required=False)


@dataclass(frozen=True)
class RuleLine:
    rule: DispatchRule
    lead: str
    assists: str


@role_required(*DESK)
def duties(request: StandingRequest) -> HttpResponseBase:
    """All matters in force today, by category."""
    matters = list(matters_in_force(_today(request)))
    form = _filter_form(request.GET, matters)
    found = _fitting(matters, form)
    context = {"form": form, "matters": found, "total": len(matters)}
    return show(request, "desk/duties.html", context, piece="desk/parts/duty_list.html")


def matters_found(narrowing: Mapping[str, str], day: date) -> list[Matter]:
    """The matters in force on a day that the page shows under these filters."""
    matters = list(matters_in_force(day))
    return _fitting(matters, _filter_form(narrowing, matters))


def _filter_form(data: Mapping[str, str], matters: list[Matter]) -> DutyFilterForm:
    categories = {matter.category.code: matter.category.label for matter in matters}
    form = DutyFilterForm(data, auto_id="filter-%s", label_suffix="")
    form.fields["category"].choices = [("", _("All")), *categories.items()]  # type: ignore[attr-defined]
    form.is_valid()
    return form


def _fitting(matters: list[Matter], form: DutyFilterForm) -> list[Matter]:
    words, category = form.cleaned_data.get("words", ""), form.cleaned_data.get("category", "")
    return [
        matter
        for matter in matters
        if fits(matter, words) and (not category or matter.category.code == category)
    ]


@role_required(*DESK)
def duty(request: StandingRequest, code: str) -> HttpResponseBase:
    """One matter: the rules and admissions that concern the post's district."""
    matter = Matter.objects.select_related("category").filter(code=code).first()
    if matter is None:
        raise Http404
    district = holder_of(request).district
    here = Q(area__prefix__startswith=district) | Q(area__prefix=district[:4])
    rules = list(
        DispatchRule.objects.filter(here, matter=matter)
        .select_related("area")
        .order_by("area__code", "valid_from")
    )
    names = _kind_names(district, (kind for rule in rules for kind in (rule.lead_kind, *rule.assist_kinds)))
    context = {
        "matter": matter,
        "in_force": matter.in_force_on(_today(request)),
        "rules": [
            RuleLine(
                rule,
                names.get(rule.lead_kind, rule.lead_kind),
                gettext(", ").join(names.get(kind, kind) for kind in rule.assist_kinds),
            )
            for rule in rules
        ],
        "admissions": CommunityAdmission.objects.filter(here, matter=matter)
        .select_related("area")
        .order_by("valid_from"),
        "today": _today(request),
    }
    return show(request, "desk/duty.html", context)


@role_required(*who_may("classify"))
def matter_choices(request: StandingRequest) -> HttpResponseBase:
    """The choice of a matter, narrowed by a word: a piece of the case's page."""
    choice = MatterChoice(
        day=_today(request), find=request.GET.get("find", "")[:40], keep=request.GET.get("matter", "")
    )
    return show(request, "desk/parts/matter_choice.html", {"choice": choice["matter"]})


@role_required(*ADMISSIONS)
def admissions(request: StandingRequest) -> HttpResponseBase:
    """What communities may be asked to do now, what ends soon, and where the catalogue asks without right."""
    district, today = holder_of(request).district, _today(request)
    here = Q(area__prefix__startswith=district) | Q(area__prefix=district[:4])
    in_force = list(
        _in_force(CommunityAdmission.objects.filter(here), today).select_related("matter__category", "area")
    )
    kinds = set(
        Organisation.objects.filter(
            type__in=[OrganisationType.COMMITTEE, OrganisationType.GRID_TEAM],
            area__prefix__startswith=district,
        ).values_list("kind", flat=True)
    )
    rules = _in_force(DispatchRule.objects.filter(here), today).select_related("matter__category", "area")
    context = {
        "admissions": sorted(in_force, key=lambda one: (one.valid_to, one.matter.code)),
        "soon": today + SOON,
        "ending": sum(one.valid_to <= today + SOON for one in in_force),
        "unadmitted": [rule for rule in rules if _asks(rule, kinds) and not _admitted(rule, in_force)],
        "matters": matters_in_force(today).count(),
    }
    return show(request, "desk/admissions.html", context)


def _today(request: StandingRequest) -> date:
    return request.at.astimezone(SHANGHAI).date()


def _in_force(rows: QuerySet, day: date) -> QuerySet:  # type: ignore[type-arg]
    return rows.filter(Q(valid_from__lte=day) & (Q(valid_to__isnull=True) | Q(valid_to__gt=day))).order_by(
        "matter__code", "area__code"
    )


def _asks(rule: DispatchRule, kinds: set[str]) -> bool:
    return rule.lead_kind in kinds or bool(kinds & set(rule.assist_kinds))


def _admitted(rule: DispatchRule, in_force: list[CommunityAdmission]) -> bool:
    """An admission for the rule's whole area, or for an area above it."""
    return any(
        one.matter_id == rule.matter_id and rule.area.prefix.startswith(one.area.prefix) for one in in_force
    )


def _kind_names(district: str, kinds: Iterable[str]) -> dict[str, str]:
    """A kind that one body of the district has is called by that body's name; others by their type."""
    bodies: dict[str, list[Organisation]] = {}
    for body in Organisation.objects.filter(
        kind__in=set(kinds), area__prefix__startswith=district, active=True
    ).order_by("code"):
        bodies.setdefault(body.kind, []).append(body)
    return {
        kind: found[0].label if len(found) == 1 else found[0].get_type_display()
        for kind, found in bodies.items()
    }
