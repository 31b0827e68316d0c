"""May this actor make this move on this case now, and if not, why not: one pure function.

Pages ask it to grey out what cannot be done and say why; acts ask it again on the locked row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wangge.cases.limits import CaseConfiguration
from wangge.cases.models import Case
from wangge.cases.states import MOVES, Move, Stand, State
from wangge.cases.words import RequestType
from wangge.duties.models import Priority
from wangge.foundation.journal.actors import Actor
from wangge.foundation.worktime.workcalendar import SHANGHAI
from wangge.organisations.authority import ACTS_FOR_AREA, ACTS_FOR_UNIT, covers, may
from wangge.organisations.posts import PostHolder
from wangge.organisations.roles import FIELD, Role


@dataclass(frozen=True)
class Verdict:
    """Allowed, or the reason against it. `code` is stable: wrong_role, wrong_area, wrong_unit,
    own_unit, not_requester, wrong_state, or the name of a further condition."""

    allowed: bool
    code: str = ""
    reason: str | Promise = ""


YES = Verdict(True)

#: How the requester acts: signed in as a resident, or holding the receipt's number and secret.
REQUESTER_KIND = "requester"


def verdict(
    *,
    case: Case,
    act: str,
    by: Actor,
    at: datetime,
    configuration: CaseConfiguration,
    assisting: frozenset[int] = frozenset(),
    handled: frozenset[int] = frozenset(),
) -> Verdict:
    """Is the move legal for this actor, in this state, at this moment?

    `case` needs `leg` loaded; `assisting` holds the ids of the units asked to assist, `handled` those of
    every unit that ever led or assisted.
    """
    move = MOVES[act]
    stood = _stands(case, move, by, _Units(assisting, handled))
    if not stood.allowed:
        return stood
    if State(case.state) not in move.sources:
        return Verdict(
            False,
            "wrong_state",
            _("This cannot be done while the case is “%(state)s”.") % {"state": State(case.state).label},
        )
    for need in move.needs:
        met = NEEDS[need](case, by, at, configuration)
        if not met.allowed:
            return met
    return YES


@dataclass(frozen=True)
class _Units:
    """Ids of the units around a case: asked to assist now, and whoever had a part in it so far."""

    assisting: frozenset[int]
    handled: frozenset[int]


def _stands(case: Case, move: Move, by: Actor, units: _Units) -> Verdict:
    if by.kind == "system":
        if Stand.SYSTEM in move.stands:
            return YES
        return Verdict(False, "wrong_role", _("Only a person may do this."))
    if by.kind == REQUESTER_KIND:
        if Stand.REQUESTER in move.stands and by.id == case.number and not case.requester_left:
            return YES
        return Verdict(False, "not_requester", _("Only those who handle the case may do this."))
    if not isinstance(by, PostHolder):
        return Verdict(False, "wrong_role", _("Sign in with your post to do this."))
    if Stand.REQUESTER in move.stands and case.requester_user_id == by.user_id and not by.is_staff:
        return YES
    if Stand.REQUESTER in move.stands and move.stands == {Stand.REQUESTER}:
        return Verdict(False, "not_requester", _("Only the person who made the request may do this."))
    if not may(by, move.permission):
        return Verdict(False, "wrong_role", _("This is not among the duties of your post."))
    refusals = [_stands_as(stand, case, by, units) for stand in sorted(move.stands, key=lambda s: s.value)]
    if any(refusal.allowed for refusal in refusals):
        return YES
    return next((r for r in refusals if r.code != "wrong_role"), refusals[0])


def _stands_as(stand: Stand, case: Case, by: PostHolder, units: _Units) -> Verdict:
    no = Verdict(False, "wrong_role", _("This is not among the duties of your post."))
    if stand is Stand.DESK:
        if by.role not in ACTS_FOR_AREA:
            return no
        return YES if covers(by, case.area_code) else WRONG_AREA
    if stand is Stand.UNIT:
        if by.role not in ACTS_FOR_UNIT:
            return no
        return YES if by.organisation_id == case.lead_unit_id else WRONG_UNIT
    if stand is Stand.ASSISTANT:
        if by.role not in ACTS_FOR_UNIT:
            return no
        return YES if by.organisation_id in units.assisting else WRONG_UNIT
    if stand in {Stand.CHECKER, Stand.CALLER}:
        if by.role not in ACTS_FOR_AREA:
            return no
        if not covers(by, case.area_code):
            return WRONG_AREA
        own = {case.lead_unit_id} | (units.handled if stand is Stand.CALLER else set())
        return OWN_UNIT if by.organisation_id in own else YES
    return no


WRONG_AREA = Verdict(False, "wrong_area", _("The place of this case lies outside the area of your post."))
WRONG_UNIT = Verdict(False, "wrong_unit", _("Another unit leads this case."))
OWN_UNIT = Verdict(False, "own_unit", _("A unit may not check or call back on its own work."))


# --- further conditions, by the names the table uses ---


def _one_review(case: Case, by: Actor, at: datetime, configuration: CaseConfiguration) -> Verdict:
    if case.reviews >= 1:
        return Verdict(False, "one_review", _("This decision has already been reviewed once."))
    return YES


def _a_question(case: Case, by: Actor, at: datetime, configuration: CaseConfiguration) -> Verdict:
    if case.request_type != RequestType.CONSULT:
        return Verdict(
            False, "not_a_question", _("Only questions are answered at once; classify this request.")
        )
    return YES


def _sign_limit_over(case: Case, by: Actor, at: datetime, configuration: CaseConfiguration) -> Verdict:
    if case.leg is None or at < case.leg.sign_due_at:
        return Verdict(False, "sign_limit_over", _("The time for signing is not over yet."))
    return YES


def _one_objection_a_leg(case: Case, by: Actor, at: datetime, configuration: CaseConfiguration) -> Verdict:
    if case.leg is not None and case.leg.objected:
        return Verdict(
            False,
            "one_objection_a_leg",
            _("Your unit has already objected to this dispatch once; the ruling stands."),
        )
    return YES


def _objection_in_time(case: Case, by: Actor, at: datetime, configuration: CaseConfiguration) -> Verdict:
    if case.leg is not None and at > case.leg.object_due_at:
        return Verdict(False, "objection_in_time", _("The time for objecting to this dispatch is over."))
    return YES


def _objections_left(case: Case, by: Actor, at: datetime, configuration: CaseConfiguration) -> Verdict:
    if case.reassignments >= configuration.max_reassignments:
        return Verdict(
            False,
            "objections_left",
            _("This case was reassigned %(count)s times; the command centre's decision is final.")
            % {"count": case.reassignments},
        )
    return YES


def _reassignments_left(case: Case, by: Actor, at: datetime, configuration: CaseConfiguration) -> Verdict:
    if case.reassignments >= configuration.max_reassignments:
        return Verdict(
            False,
            "reassignments_left",
            _("This case was already reassigned %(count)s times; uphold it or bring it to a joint meeting.")
            % {"count": case.reassignments},
        )
    return YES


def _may_be_extended(case: Case, by: Actor, at: datetime, configuration: CaseConfiguration) -> Verdict:
    if case.priority == Priority.EMERGENCY:
        return Verdict(False, "may_be_extended", _("An emergency has no extension."))
    if case.extensions >= 2:
        return Verdict(False, "may_be_extended", _("This case was already extended twice."))
    return YES


def _at_this_level(case: Case, by: Actor, at: datetime, configuration: CaseConfiguration) -> Verdict:
    """The town's leader grants the first extension, the command centre the second (clock rule 5).

    Where no town is known for the place, the centre grants the first too: nobody else could.
    """
    role = by.role if isinstance(by, PostHolder) else None
    if case.extensions == 0 and case.town:
        if role != Role.TOWN_LEADER:
            return Verdict(False, "wrong_level", _("The town's leader approves the first extension."))
    elif role != Role.CENTER_SUPERVISOR:
        return Verdict(False, "wrong_level", _("The command centre approves this extension."))
    return YES


def _before_deadline(case: Case, by: Actor, at: datetime, configuration: CaseConfiguration) -> Verdict:
    if case.feedback_due_at is not None and at > case.feedback_due_at:
        return Verdict(
            False, "before_deadline", _("The deadline has passed; an extension must be asked for before it.")
        )
    return YES


def _asked_to_look(case: Case, by: Actor, at: datetime, configuration: CaseConfiguration) -> Verdict:
    """Grid workers look where they were asked to; without that the desk decides."""
    if isinstance(by, PostHolder) and by.role in FIELD and case.state != State.VERIFYING:
        return Verdict(False, "asked_to_look", _("The desk has not asked for a look at this place."))
    return YES


def _checked_if_required(case: Case, by: Actor, at: datetime, configuration: CaseConfiguration) -> Verdict:
    if case.verification_required and case.state == State.FEEDBACK_GIVEN:
        return Verdict(
            False,
            "checked_if_required",
            _("A facility or safety case is checked on site before it goes to callback."),
        )
    return YES


def _one_reopening(case: Case, by: Actor, at: datetime, configuration: CaseConfiguration) -> Verdict:
    if case.reopenings >= 1:
        return Verdict(False, "one_reopening", _("This case was already opened again once."))
    return YES


def _reopened_in_time(case: Case, by: Actor, at: datetime, configuration: CaseConfiguration) -> Verdict:
    # Natural days: the day of the end is left out, and the last one lasts until midnight.
    if case.ended_at is not None and _day(at) > _day(case.ended_at) + timedelta(
        days=configuration.reopen_days
    ):
        return Verdict(
            False,
            "reopened_in_time",
            _("The %(days)s days for opening it again are over. Please make a new request.")
            % {"days": configuration.reopen_days},
        )
    return YES


def _archive_is_due(case: Case, by: Actor, at: datetime, configuration: CaseConfiguration) -> Verdict:
    if case.ended_at is None or at < case.ended_at + timedelta(days=configuration.archive_days):
        return Verdict(False, "archive_is_due", _("It is too early to archive this case."))
    return YES


def _day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()


Need = Callable[[Case, Actor, datetime, CaseConfiguration], Verdict]
NEEDS: dict[str, Need] = {
    "one_review": _one_review,
    "a_question": _a_question,
    "sign_limit_over": _sign_limit_over,
    "one_objection_a_leg": _one_objection_a_leg,
    "objection_in_time": _objection_in_time,
    "objections_left": _objections_left,
    "reassignments_left": _reassignments_left,
    "may_be_extended": _may_be_extended,
    "before_deadline": _before_deadline,
    "at_this_level": _at_this_level,
    "asked_to_look": _asked_to_look,
    "checked_if_required": _checked_if_required,
    "one_reopening": _one_reopening,
    "reopened_in_time": _reopened_in_time,
    "archive_is_due": _archive_is_due,
}
