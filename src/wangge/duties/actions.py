"""Entering matters, dispatch rules and admissions. The full admission workflow builds on these rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from wangge.duties.models import Category, CommunityAdmission, DispatchRule, Matter
from wangge.foundation.journal.actions import append
from wangge.foundation.journal.actors import Actor, Subject
from wangge.foundation.refusals import Refusal
from wangge.territory.models import Area


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
    request_types: Sequence[str] = (),
    keywords: Sequence[str] = (),
    verification_required: bool = False,
    is_demo: bool = False,
) -> Matter:
    if Matter.objects.filter(code=code).exists():
        raise UnableToEnter(
            "matter_exists", _("A matter with this code exists. Choose another code."), field="code"
        )
    matter = Matter.objects.create(
        code=code, category=category, name=name, name_en=name_en, priority=priority, valid_from=valid_from,
        request_types=list(request_types), keywords=list(keywords),
        verification_required=verification_required, is_demo=is_demo,
    )  # fmt: skip
    append(
        act="matter.entered",
        subject=Subject("matter", code),
        by=by,
        at=at,
        facts={"category": category.code, "priority": priority, "from": valid_from.isoformat()},
        new=True,
    )
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
    if DispatchRule.objects.filter(_overlapping(valid_from, valid_to), matter=matter, area=area).exists():
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
    append(
        act="matter.rule_entered",
        subject=Subject("matter", matter.code),
        by=by,
        at=at,
        facts={"rule": rule.pk, "area": area.code, "lead": lead_kind, "from": valid_from.isoformat()},
    )
    return rule


@transaction.atomic
def admit_matter(
    *, by: Actor, at: datetime, matter: Matter, area: Area, basis: str, valid_from: date, valid_to: date
) -> CommunityAdmission:
    """Admit a matter for the communities of an area for at most a year (domain notes §7)."""
    if not basis.strip():
        raise UnableToEnter("no_basis", _("An admission needs its legal or policy basis."), field="basis")
    if valid_to <= valid_from or (valid_to - valid_from).days > 366:
        raise UnableToEnter(
            "bad_term",
            _("An admission holds for one day to one year; correct its last day."),
            field="valid_to",
        )
    if CommunityAdmission.objects.filter(
        _overlapping(valid_from, valid_to), matter=matter, area=area
    ).exists():
        raise UnableToEnter(
            "admissions_overlap",
            _("This matter is already admitted there in part of that time."),
            field="valid_from",
        )
    admission = CommunityAdmission.objects.create(
        matter=matter, area=area, basis=basis, valid_from=valid_from, valid_to=valid_to
    )
    append(
        act="matter.admitted",
        subject=Subject("matter", matter.code),
        by=by,
        at=at,
        facts={"admission": admission.pk, "area": area.code, "to": valid_to.isoformat()},
    )
    return admission


def _overlapping(valid_from: date, valid_to: date | None) -> Q:
    meets = Q(valid_to__isnull=True) | Q(valid_to__gt=valid_from)
    return meets if valid_to is None else meets & Q(valid_from__lt=valid_to)
