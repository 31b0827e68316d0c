"""The only way to a case on somebody's behalf, and how much of it they see (domain notes §2).

Strangers meet "not found": whether a number exists is itself an answer.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from wangge.cases.limits import configuration
from wangge.cases.models import Assist, Case, Leg
from wangge.cases.rules import REQUESTER_KIND
from wangge.cases.states import ENDED, State
from wangge.foundation.journal.actors import Actor
from wangge.foundation.refusals import Refusal
from wangge.organisations.authority import covers, may
from wangge.organisations.posts import PostHolder
from wangge.organisations.roles import CENTER, COMMUNITY, DEPARTMENT, FIELD, PUBLIC, TOWN, Role

#: Roles that see every case of their district, each as far as `visibility` lets them.
DISTRICT_WIDE = CENTER | {
    Role.CALLBACK_AGENT,
    Role.DISTRICT_LEADER,
    Role.JOINT_MEETING_OFFICE,
    Role.AUDITOR,
}
#: Who may see who made a confidential report (举报).
CLEARED_FOR_CONFIDENTIAL = frozenset({Role.CENTER_INTAKE, Role.CALLBACK_AGENT})
#: Posts of bodies that may be made to act but do not work for an area.
UNIT_ROLES = DEPARTMENT


class NoSuchCase(Refusal):
    """There is no such case for this person."""

    def __init__(self) -> None:
        super().__init__("not_found", _("There is no such case, or it is not yours to see."))


def cases_for(by: Actor) -> QuerySet[Case]:
    """Every case this actor may open."""
    cases = Case.objects.defer("search")
    if not isinstance(by, PostHolder):
        return cases.filter(number=by.id) if by.kind == REQUESTER_KIND else cases.none()
    if by.role in PUBLIC:
        return cases.filter(requester_user_id=by.user_id)
    if by.role in DISTRICT_WIDE:
        return cases.filter(district=by.district)
    if by.role in FIELD:
        return cases.filter(_in_area(by))
    if by.role in COMMUNITY | TOWN:
        return cases.filter(_in_area(by) | _with_unit(by))
    if by.role in UNIT_ROLES:
        return cases.filter(_with_unit(by))
    return cases.none()


def case_for(by: Actor, number: str) -> Case:
    """One case by its number, or NoSuchCase."""
    if "\x00" in number:
        raise NoSuchCase
    case = (
        Case.objects.defer("search")
        .select_related("leg", "leg__unit", "matter__category", "lead_unit", "first_unit", "requester")
        .filter(number=number)
        .first()
    )
    if case is None or not may_open(by, case):
        raise NoSuchCase
    return case


def may_open(by: Actor, case: Case) -> bool:
    """Whether `case` is among `cases_for(by)`: the same rule for one case, without reading all the others."""
    if not isinstance(by, PostHolder):
        return by.kind == REQUESTER_KIND and by.id == case.number
    if by.role in PUBLIC:
        return case.requester_user_id == by.user_id
    if by.role in DISTRICT_WIDE:
        return case.district == by.district
    if by.role in FIELD:
        return _lies_in_area(by, case)
    if by.role in COMMUNITY | TOWN:
        return _lies_in_area(by, case) or _was_with_unit(by, case)
    return by.role in UNIT_ROLES and _was_with_unit(by, case)


def case_by_receipt(number: str, secret: str, *, at: datetime) -> Case:
    """The case of a receipt; NoSuchCase for a wrong secret as for a wrong number, and after a year."""
    if "\x00" in number:
        raise NoSuchCase
    case = (
        Case.objects.defer("search").select_related("lead_unit", "leg").filter(number=number.strip()).first()
    )
    given = secret.strip().upper()
    known = case.lookup_secret.unseal() if case is not None and case.lookup_secret else ""
    if case is None or not known or not hmac.compare_digest(known.encode(), given.encode()):
        raise NoSuchCase
    if at > (case.ended_at or at) + timedelta(days=configuration().lookup_days):
        raise NoSuchCase
    return case


def requester_of(case: Case) -> Actor:
    """Who acts with a case's receipt in hand."""
    return Actor(kind=REQUESTER_KIND, id=case.number)


_COLUMNS = {6: "district", 9: "town", 12: "community", 15: "grid"}


def _in_area(by: PostHolder) -> Q:
    column = _COLUMNS.get(len(by.area_prefix))
    if column is None:
        return Q(area_code__startswith=by.area_prefix) if by.area_prefix else Q(pk__in=[])
    return Q(**{column: by.area_prefix})


def _with_unit(by: PostHolder) -> Q:
    unit = by.organisation_id
    return (
        Q(lead_unit_id=unit)
        | Q(pk__in=Leg.objects.filter(unit_id=unit).values("case_id"))
        | Q(pk__in=Assist.objects.filter(unit_id=unit).values("case_id"))
    )


def _lies_in_area(by: PostHolder, case: Case) -> bool:
    column = _COLUMNS.get(len(by.area_prefix))
    if column is None:
        return bool(by.area_prefix) and case.area_code.startswith(by.area_prefix)
    return bool(getattr(case, column) == by.area_prefix)


def _was_with_unit(by: PostHolder, case: Case) -> bool:
    unit = by.organisation_id
    return (
        case.lead_unit_id == unit
        or case.legs.filter(unit_id=unit).exists()
        or Assist.objects.filter(case=case, unit_id=unit).exists()
    )


class Sight(IntEnum):
    """How much of a field somebody sees."""

    NONE = 0
    MASKED = 1
    REVEAL = 2  # masked, and may be looked at with a purpose, which is logged and shown to its owner
    FULL = 3


@dataclass(frozen=True)
class Visibility:
    """One row of the field matrix for one person and one case.

    `own_turns`: of internal notes only those of the turns in which their own unit led, and their own.
    """

    text: Sight
    requester: Sight
    rating: Sight
    internal: Sight
    looks: bool = False
    own_turns: bool = False


def visibility(by: Actor, case: Case) -> Visibility:
    """What this person, who has found it by `case_for`, sees of this case: the matrix of domain notes §2,
    column by column."""
    if not isinstance(by, PostHolder):
        own = by.kind == REQUESTER_KIND and by.id == case.number
        return _OWN if own else _NOTHING
    if by.role in PUBLIC:
        return _OWN if case.requester_user_id == by.user_id else _NOTHING
    seen = _staff_visibility(by, case)
    return replace(seen, requester=min(seen.requester, _most_of_requester(by, case)))


_OWN = Visibility(Sight.FULL, Sight.FULL, Sight.FULL, Sight.MASKED, looks=True)
_NOTHING = Visibility(Sight.NONE, Sight.NONE, Sight.NONE, Sight.NONE)


def _most_of_requester(by: PostHolder, case: Case) -> Sight:
    """A confidential report is opened by intake and callback only; any other by posts that may look."""
    if case.confidential and by.role not in CLEARED_FOR_CONFIDENTIAL:
        return Sight.NONE
    return Sight.REVEAL if may(by, "case.reveal") else Sight.MASKED


def _staff_visibility(by: PostHolder, case: Case) -> Visibility:
    ended = State(case.state) in ENDED
    after_close = Sight.FULL if ended else Sight.NONE
    if by.role in FIELD:
        visiting = case.state == State.VERIFYING and covers(by, case.area_code)
        return Visibility(
            text=Sight.FULL if visiting else Sight.NONE,
            requester=Sight.REVEAL if visiting else Sight.MASKED,
            rating=Sight.NONE,
            internal=Sight.NONE,
        )
    if by.role in {Role.TOWN_LEADER, Role.DISTRICT_LEADER, Role.JOINT_MEETING_OFFICE}:
        return Visibility(Sight.MASKED, Sight.NONE, Sight.NONE, Sight.FULL)
    if by.role == Role.AUDITOR:
        return Visibility(Sight.MASKED, Sight.NONE, Sight.FULL, Sight.FULL, looks=True)
    if by.role == Role.CALLBACK_AGENT:
        return Visibility(Sight.FULL, Sight.REVEAL, Sight.FULL, Sight.NONE)
    if by.role in CENTER:
        return Visibility(Sight.FULL, Sight.REVEAL, Sight.FULL, Sight.FULL)
    # A community or a town that handles a case itself is its handling unit first, and a desk second.
    leads = by.organisation_id == case.lead_unit_id
    at_desk = by.role in COMMUNITY | TOWN and covers(by, case.area_code)
    if leads:
        signed = case.leg is not None and case.leg.signed_at is not None
        return Visibility(
            text=Sight.FULL,
            requester=Sight.REVEAL if signed and not ended else Sight.MASKED,
            rating=after_close,
            internal=Sight.FULL,
            own_turns=not at_desk,
        )
    if at_desk and by.role == Role.TOWN_DISPATCHER:
        return Visibility(Sight.FULL, Sight.REVEAL, Sight.FULL, Sight.FULL)
    if at_desk:
        return Visibility(Sight.FULL, Sight.MASKED, after_close, Sight.FULL)
    # A unit that assists, or that had the case before.
    return Visibility(Sight.FULL, Sight.MASKED, Sight.NONE, Sight.FULL, own_turns=True)
