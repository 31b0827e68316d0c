"""Entering and ending matters, dispatch rules and admissions. The admission workflow builds on these rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from wangge.duties.models import Catalogue, Category, CommunityAdmission, DispatchRule, Matter, Priority
from wangge.foundation.journal.actions import append
from wangge.foundation.journal.actors import Actor, Subject
from wangge.foundation.refusals import Refusal
from wangge.territory.models import Area

#: The longest an admission may hold before it is looked at again (domain notes §7): a year, leap or not.
LONGEST_ADMISSION_DAYS = 366


class UnableToEnter(Refusal):
    """The matter, rule or admission would break the catalogue."""


@transaction.atomic
def enter_matter(
    *,
    by: Actor,
    at: datetime,
    code: str,
    category: Category,
    name: str,
    name_en: str,
    priority: str,
    valid_from: date,
    valid_to: date | None = None,
    request_types: Sequence[str] = (),
    keywords: Sequence[str] = (),
    verification_required: bool = False,
    is_demo: bool = False,
) -> Matter:
    """Enter a type of work. Its code is given once."""
    if Matter.objects.filter(code=code).exists():
        raise UnableToEnter(
            "matter_exists", _("A matter with this code exists. Choose another code."), field="code"
        )
    if priority not in Priority.values:
        raise UnableToEnter("bad_priority", _("Choose one of the priorities."), field="priority")
    _check_days(valid_from, valid_to)
    matter = Matter.objects.create(
        code=code, category=category, name=name, name_en=name_en, priority=priority, valid_from=valid_from,
        valid_to=valid_to, request_types=list(request_types), keywords=list(keywords),
        verification_required=verification_required, is_demo=is_demo,
    )  # fmt: skip
    facts = {"category": category.code, "priority": priority, **_days(valid_from, valid_to)}
    append(act="matter.entered", subject=Subject("matter", code), by=by, at=at, facts=facts, new=True)
    return matter


@transaction.atomic
def enter_rule(
    *,
    by: Actor,
    at: datetime,
    matter: Matter,
    area: Area,
    lead_kind: str,
    basis: str,
    valid_from: date,
    valid_to: date | None = None,
    assist_kinds: Sequence[str] = (),
    basis_as_of_date: date | None = None,
    basis_verified: bool = False,
) -> DispatchRule:
    """Enter a dispatch rule; refused when it meets another for the same matter, area and days."""
    if not basis.strip():
        raise UnableToEnter("no_basis", _("A rule needs its legal or policy basis."), field="basis")
    _check_days(valid_from, valid_to)
    _lock(matter)
    if DispatchRule.objects.filter(_meeting(valid_from, valid_to), matter=matter, area=area).exists():
        raise UnableToEnter(
            "rules_overlap",
            _("Another rule for this matter and area is in force in part of that time. End it first."),
            field="valid_from",
        )
    rule = DispatchRule.objects.create(
        matter=matter, area=area, lead_kind=lead_kind, assist_kinds=list(assist_kinds), basis=basis,
        basis_as_of_date=basis_as_of_date, basis_verified=basis_verified, valid_from=valid_from,
        valid_to=valid_to,
    )  # fmt: skip
    facts = {"rule": rule.pk, "area": area.code, "lead": lead_kind, **_days(valid_from, valid_to)}
    append(act="matter.rule_entered", subject=Subject("matter", matter.code), by=by, at=at, facts=facts)
    return rule


@transaction.atomic
def end_rule(*, by: Actor, at: datetime, rule: DispatchRule, day: date) -> DispatchRule:
    """The rule stops naming anybody from `day` on; days before keep their answer."""
    matter = _lock(rule.matter)
    locked = DispatchRule.objects.get(pk=rule.pk)
    _check_end(locked.valid_from, locked.valid_to, day)
    locked.valid_to = day
    locked.save(update_fields=["valid_to"])
    facts = {"rule": locked.pk, "to": day.isoformat()}
    append(act="matter.rule_ended", subject=Subject("matter", matter.code), by=by, at=at, facts=facts)
    return locked


@transaction.atomic
def admit_matter(
    *,
    by: Actor,
    at: datetime,
    matter: Matter,
    area: Area,
    basis: str,
    valid_from: date,
    valid_to: date,
    catalogue: str = Catalogue.ASSIST_GOVERNMENT,
) -> CommunityAdmission:
    """Admit a matter for the communities of an area for at most a year (domain notes §7)."""
    if not basis.strip():
        raise UnableToEnter("no_basis", _("An admission needs its legal or policy basis."), field="basis")
    if catalogue not in Catalogue.values:
        raise UnableToEnter("bad_catalogue", _("Choose one of the catalogues."), field="catalogue")
    if not 0 < (valid_to - valid_from).days <= LONGEST_ADMISSION_DAYS:
        raise UnableToEnter(
            "bad_term",
            _("An admission holds for one day to one year; correct its last day."),
            field="valid_to",
        )
    _lock(matter)
    if CommunityAdmission.objects.filter(_meeting(valid_from, valid_to), matter=matter, area=area).exists():
        raise UnableToEnter(
            "admissions_overlap",
            _("This matter is already admitted there in part of that time."),
            field="valid_from",
        )
    admission = CommunityAdmission.objects.create(
        matter=matter, area=area, catalogue=catalogue, basis=basis, valid_from=valid_from, valid_to=valid_to
    )
    facts = {"admission": admission.pk, "area": area.code, **_days(valid_from, valid_to)}
    append(act="matter.admitted", subject=Subject("matter", matter.code), by=by, at=at, facts=facts)
    return admission


@transaction.atomic
def end_admission(*, by: Actor, at: datetime, admission: CommunityAdmission, day: date) -> CommunityAdmission:
    """The matter leaves the communities (准出): from `day` on none of them can be handed it."""
    matter = _lock(admission.matter)
    locked = CommunityAdmission.objects.get(pk=admission.pk)
    _check_end(locked.valid_from, locked.valid_to, day)
    locked.valid_to = day
    locked.save(update_fields=["valid_to"])
    facts = {"admission": locked.pk, "to": day.isoformat()}
    append(act="matter.exited", subject=Subject("matter", matter.code), by=by, at=at, facts=facts)
    return locked


# --- the pieces ---


def _lock(matter: Matter) -> Matter:
    """Two clerks who write to one matter follow each other, so that the second reads what the first wrote."""
    return Matter.objects.select_for_update(of=("self",)).get(pk=matter.pk)


def _check_days(valid_from: date, valid_to: date | None) -> None:
    if valid_to is not None and valid_to <= valid_from:
        raise UnableToEnter(
            "ends_before_start", _("The last day must come after the first."), field="valid_to"
        )


def _check_end(valid_from: date, valid_to: date | None, day: date) -> None:
    if day <= valid_from:
        raise UnableToEnter(
            "ends_before_start", _("The last day must come after the first."), field="valid_to"
        )
    if valid_to is not None and valid_to <= day:
        raise UnableToEnter("already_ended", _("It has already ended by that day."), field="valid_to")


def _days(valid_from: date, valid_to: date | None) -> dict[str, Any]:
    return {"from": valid_from.isoformat(), "to": valid_to.isoformat() if valid_to else None}


def _meeting(valid_from: date, valid_to: date | None) -> Q:
    """Rows in force on some day of a period."""
    meets = Q(valid_to__isnull=True) | Q(valid_to__gt=valid_from)
    return meets if valid_to is None else meets & Q(valid_from__lt=valid_to)
