"""The desk's first look (甄别): is it ours, can it be answered at once, what is it, how urgent is it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from wangge.cases.deadlines import recount
from wangge.cases.models import Case
from wangge.cases.moves import Step, UnableToAct, UnableToRead, begin, end_turns, required
from wangge.cases.places import parts_of
from wangge.cases.rules import WRONG_AREA
from wangge.cases.states import ENDED, State
from wangge.cases.words import InformReason, NoteKind, RequestType
from wangge.duties.models import Matter, Priority
from wangge.foundation.journal.actors import Actor
from wangge.foundation.worktime.calendars import current_calendar
from wangge.organisations.authority import covers
from wangge.organisations.posts import PostHolder


@transaction.atomic
def start_screening(*, by: Actor, case: Case, at: datetime, seen_version: int) -> Case:
    step = begin(case=case, act="start_screening", by=by, at=at, seen_version=seen_version)
    return step.done()


@transaction.atomic
def inform_requester(
    *, by: Actor, case: Case, at: datetime, seen_version: int, reason: str, advice: str
) -> Case:
    """Do not dispatch; tell the requester why and where to turn (接诉即办条例 art. 11)."""
    step = begin(case=case, act="inform", by=by, at=at, seen_version=seen_version)
    if reason not in InformReason.values:
        raise UnableToRead("required", _("Choose why the request is not dispatched."), field="reason")
    advice = required(advice, _("Write what the requester can do instead."), "advice")
    step.case.inform_reason = reason
    step.case.ended_at = at
    return step.done(facts={"reason": reason}, note=step.note(NoteKind.ADVICE, advice))


@transaction.atomic
def ask_review(*, by: Actor, case: Case, at: datetime, seen_version: int, words: str) -> Case:
    """The requester asks, once, to look again at a decision not to dispatch. The desk's time to find an
    owner begins anew."""
    step = begin(case=case, act="ask_review", by=by, at=at, seen_version=seen_version)
    words = required(words, _("Say in a sentence why the decision should be looked at again."), "words")
    step.case.reviews += 1
    step.case.ended_at = None
    step.case.inform_reason = ""
    return recount(step.done(facts=desk_limit(step), note=step.note(NoteKind.REQUESTER, words)))


@transaction.atomic
def answer_directly(*, by: Actor, case: Case, at: datetime, seen_version: int, answer: str) -> Case:
    """Answer a question at once; nothing is dispatched."""
    step = begin(case=case, act="answer", by=by, at=at, seen_version=seen_version)
    answer = required(answer, _("Write the answer the requester will read."), "answer")
    step.case.ended_at = at
    step.case.feedback_at = at
    return step.done(note=step.note(NoteKind.FEEDBACK, answer))


@transaction.atomic
def classify_case(
    *,
    by: Actor,
    case: Case,
    at: datetime,
    seen_version: int,
    matter: Matter,
    priority: str = "",
    area_code: str = "",
    note: str = "",
) -> Case:
    """Say which matter it is, how urgent, and (if the desk knows better) where it stands.

    The dispatch deadline may move earlier by a higher priority, never later.
    """
    step = begin(case=case, act="classify", by=by, at=at, seen_version=seen_version)
    case = step.case
    priority = priority or matter.priority
    if priority not in Priority.values:
        raise UnableToRead("unknown_word", _("Choose how urgent it is."), field="priority")
    if area_code and area_code != case.area_code:
        _move_to(case, area_code)
    limit = step.configuration.limit(priority, "dispatch")
    case.matter = matter
    case.category = matter.category.code
    case.priority = priority
    # Facility and safety cases are always looked at before they are called done (domain notes §4).
    case.verification_required = (
        matter.verification_required
        or case.request_type == RequestType.COMPONENT
        or matter.category.code in step.configuration.public_safety
    )
    case.accepted_at = case.accepted_at or at
    step.done(
        facts={
            "matter": matter.code,
            "category": matter.category.code,
            "priority": priority,
            "area": case.area_code,
            "dispatch_limit": str(limit),
            "verification": case.verification_required,
        },
        note=step.note(NoteKind.SCREENING, note),
    )
    return recount(case)


@transaction.atomic
def merge_case(*, by: Actor, case: Case, into: Case, at: datetime, seen_version: int) -> Case:
    """One problem, one case: this one ends, its requester is kept informed through the other (并案)."""
    # Both rows, always in the same order: two clerks who merge crosswise wait for each other, once.
    both = Case.objects.select_for_update().defer("search").filter(pk__in=[case.pk, into.pk]).order_by("pk")
    into = next(row for row in list(both) if row.pk == into.pk)
    step = begin(case=case, act="merge", by=by, at=at, seen_version=seen_version)
    if into.pk == case.pk:
        raise UnableToRead("same_case", _("A case cannot be merged into itself."), field="into")
    if isinstance(by, PostHolder) and not covers(by, into.area_code):
        raise UnableToAct(WRONG_AREA.code, WRONG_AREA.reason)
    if into.district != step.case.district:
        raise UnableToRead("other_district", _("The other case lies in another district."), field="into")
    if State(into.state) in ENDED:
        raise UnableToRead("ended", _("The other case has ended; choose one that is open."), field="into")
    end_turns(step)
    step.case.merged_into = into
    step.case.ended_at = at
    return step.done(facts={"into": into.number})


# --- the pieces ---


def desk_limit(step: Step) -> dict[str, Any]:
    """The facts of a new promise of an owner, counted from this act."""
    limit = step.configuration.limit(step.case.priority, "dispatch")
    return {"dispatch_limit": str(limit), "calendar": current_calendar().version}


def _move_to(case: Case, area_code: str) -> None:
    """Correct the place within the district; a case never wanders to another one."""
    parts = parts_of(area_code)
    if parts is None or parts.district != case.district:
        raise UnableToRead(
            "other_district",
            _("The place must lie in the district that received the request."),
            field="area_code",
        )
    case.area_code = area_code
    case.town, case.community, case.grid = parts.town, parts.community, parts.grid
    case.place_confidence = 1.0
