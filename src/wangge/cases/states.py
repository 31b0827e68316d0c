"""The life of a case as data: the words, and one table of legal moves and who may make them.

Source: domain notes §4 (transitions after 北京市接诉即办工作条例 and DB11/T 2021—2022). `whistle` and
`convene` belong to the room `coordination`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    REGISTERED = "registered", _("Registered")
    SCREENING = "screening", _("Being screened")
    INFORMED = "informed", _("Informed, not dispatched")
    ANSWERED = "answered", _("Answered")
    TO_DISPATCH = "to_dispatch", _("To be dispatched")
    DISPATCHED = "dispatched", _("Waiting for sign-off")
    OBJECTION_REVIEW = "objection_review", _("Objection under review")
    IN_PROGRESS = "in_progress", _("In progress")
    PAUSED = "paused", _("Paused")
    SHELVED = "shelved", _("Shelved")
    FEEDBACK_GIVEN = "feedback_given", _("Feedback given")
    VERIFYING = "verifying", _("Being checked")
    CALLBACK_DUE = "callback_due", _("Waiting for callback")
    CLOSED = "closed", _("Closed")
    ARCHIVED = "archived", _("Archived")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    MERGED = "merged", _("Merged")


ENDED = frozenset(
    {State.INFORMED, State.ANSWERED, State.CLOSED, State.ARCHIVED, State.WITHDRAWN, State.MERGED}
)
OPEN = frozenset(set(State) - ENDED)
#: With a unit, and its clocks running (or standing still with permission).
WITH_UNIT = frozenset(
    {State.DISPATCHED, State.OBJECTION_REVIEW, State.IN_PROGRESS, State.PAUSED, State.SHELVED}
)
#: The clocks stand still: approved, explained to the requester, and bounded.
STANDING = frozenset({State.PAUSED, State.SHELVED})
#: Before anybody was made to act.
AT_DESK = frozenset({State.REGISTERED, State.SCREENING, State.TO_DISPATCH})


class Stand(Enum):
    """How the actor must stand to the case, beyond the duties of the post."""

    DOOR = "door"  # anybody who may bring a request in
    DESK = "desk"  # works for an area that holds the place
    UNIT = "unit"  # acts for the lead unit
    ASSISTANT = "assistant"  # acts for a unit asked to assist
    CHECKER = "checker"  # works for the area, never for the lead unit
    CALLER = "caller"  # works for the area, never for a unit that handled the case
    REQUESTER = "requester"  # brought the request in
    SYSTEM = "system"  # the timetable


@dataclass(frozen=True)
class Move:
    """One row of the table: in these states, who so stands, may do this; it leads to one of `targets`.

    An empty `targets` means the state stays. `needs` names the further conditions of `rules.py`.
    """

    act: str
    label: Promise
    sources: frozenset[State]
    targets: tuple[State, ...]
    stands: frozenset[Stand]
    needs: tuple[str, ...] = ()

    @property
    def permission(self) -> str:
        return f"case.{self.act}"


def _move(
    act: str,
    label: Promise,
    sources: frozenset[State] | set[State],
    targets: tuple[State, ...],
    *stands: Stand,
    needs: tuple[str, ...] = (),
) -> Move:
    return Move(act, label, frozenset(sources), targets, frozenset(stands), needs)


_S = State
MOVES: dict[str, Move] = {
    move.act: move
    for move in (
        _move("register", _("Register"), set(), (_S.REGISTERED,), Stand.DOOR),
        _move("start_screening", _("Start screening"), {_S.REGISTERED}, (_S.SCREENING,), Stand.DESK),
        _move("inform", _("Inform, do not dispatch"), {_S.SCREENING}, (_S.INFORMED,), Stand.DESK),
        _move(
            "ask_review", _("Ask for a review"), {_S.INFORMED}, (_S.SCREENING,), Stand.REQUESTER,
            needs=("one_review",),
        ),
        _move(
            "answer", _("Answer directly"), {_S.SCREENING}, (_S.ANSWERED,), Stand.DESK, needs=("a_question",)
        ),
        _move("classify", _("Classify"), {_S.SCREENING}, (_S.TO_DISPATCH,), Stand.DESK),
        _move(
            "merge", _("Merge"), {_S.SCREENING, _S.TO_DISPATCH, _S.IN_PROGRESS}, (_S.MERGED,), Stand.DESK
        ),
        _move("dispatch", _("Dispatch"), {_S.TO_DISPATCH}, (_S.DISPATCHED,), Stand.DESK),
        _move("sign", _("Sign for it"), {_S.DISPATCHED}, (_S.IN_PROGRESS,), Stand.UNIT),
        _move(
            "auto_sign", _("Signed by the clock"), {_S.DISPATCHED}, (_S.IN_PROGRESS,), Stand.SYSTEM,
            needs=("sign_limit_over",),
        ),
        _move(
            "object", _("Object to the dispatch"), {_S.DISPATCHED, _S.IN_PROGRESS}, (_S.OBJECTION_REVIEW,),
            Stand.UNIT, needs=("one_objection_a_leg", "objection_in_time", "objections_left"),
        ),
        _move("uphold", _("Uphold the dispatch"), {_S.OBJECTION_REVIEW}, (_S.IN_PROGRESS,), Stand.DESK),
        _move(
            "reassign", _("Reassign"), {_S.OBJECTION_REVIEW}, (_S.DISPATCHED,), Stand.DESK,
            needs=("reassignments_left",),
        ),
        _move("handle", _("Log work"), {_S.IN_PROGRESS}, (), Stand.UNIT),
        _move("assign_assist", _("Ask for assistance"), {_S.IN_PROGRESS}, (), Stand.UNIT),
        _move(
            "assist", _("Report assistance"), {_S.IN_PROGRESS, _S.PAUSED, _S.OBJECTION_REVIEW}, (),
            Stand.ASSISTANT,
        ),
        _move("pause", _("Pause the clock"), {_S.IN_PROGRESS}, (_S.PAUSED,), Stand.DESK),
        _move("resume", _("Resume the clock"), {_S.PAUSED}, (_S.IN_PROGRESS,), Stand.DESK, Stand.SYSTEM),
        _move(
            "extend", _("Extend the deadline"), {_S.IN_PROGRESS}, (), Stand.DESK,
            needs=("may_be_extended", "before_deadline", "at_this_level"),
        ),
        _move("shelve", _("Shelve"), {_S.IN_PROGRESS}, (_S.SHELVED,), Stand.DESK),
        _move("reactivate", _("Take up again"), {_S.SHELVED}, (_S.IN_PROGRESS,), Stand.DESK, Stand.SYSTEM),
        _move("end_shelving", _("End the shelving"), {_S.SHELVED}, (_S.CALLBACK_DUE,), Stand.DESK),
        _move("feed_back", _("Give feedback"), {_S.IN_PROGRESS}, (_S.FEEDBACK_GIVEN,), Stand.UNIT),
        _move("verify", _("Have it checked on site"), {_S.FEEDBACK_GIVEN}, (_S.VERIFYING,), Stand.CHECKER),
        _move(
            "pass", _("Pass to callback"), {_S.FEEDBACK_GIVEN, _S.VERIFYING}, (_S.CALLBACK_DUE,),
            Stand.CHECKER, Stand.SYSTEM, needs=("asked_to_look", "checked_if_required"),
        ),
        _move(
            "reject_feedback", _("Send back as not done"), {_S.FEEDBACK_GIVEN, _S.VERIFYING},
            (_S.IN_PROGRESS,), Stand.CHECKER, needs=("asked_to_look",),
        ),
        _move(
            "rate", _("Answer and rate"), {_S.CALLBACK_DUE}, (_S.CLOSED, _S.CALLBACK_DUE), Stand.REQUESTER
        ),
        _move(
            "call_back", _("Call back"), {_S.CALLBACK_DUE}, (_S.CLOSED, _S.IN_PROGRESS, _S.CALLBACK_DUE),
            Stand.CALLER,
        ),
        _move(
            "reopen", _("Not solved: open again"), {_S.CLOSED}, (_S.SCREENING,), Stand.REQUESTER,
            needs=("one_reopening", "reopened_in_time"),
        ),
        _move(
            "archive", _("Archive"), {_S.CLOSED, _S.INFORMED, _S.ANSWERED}, (_S.ARCHIVED,), Stand.SYSTEM,
            needs=("archive_is_due",),
        ),
        # A record of another system that was over when it came in: nothing is left to be done here.
        _move(
            "end_elsewhere", _("Ended in the other system"), {_S.REGISTERED}, (_S.ARCHIVED,), Stand.SYSTEM
        ),
        _move("withdraw", _("Withdraw"), OPEN, (_S.WITHDRAWN,), Stand.REQUESTER),
    )
}  # fmt: skip

#: What a word in the journal says about the state: `case.signed` → the move `sign`.
PAST = {
    "register": "registered", "start_screening": "screening_started", "inform": "informed",
    "ask_review": "review_asked", "answer": "answered", "classify": "classified", "merge": "merged",
    "dispatch": "dispatched", "sign": "signed", "auto_sign": "auto_signed", "object": "objected",
    "uphold": "upheld", "reassign": "reassigned", "handle": "handled", "assign_assist": "assist_asked",
    "assist": "assisted", "pause": "paused", "resume": "resumed", "extend": "extended",
    "shelve": "shelved", "reactivate": "reactivated", "end_shelving": "shelving_ended",
    "feed_back": "fed_back", "verify": "verification_asked", "pass": "passed",
    "reject_feedback": "feedback_rejected", "rate": "rated", "call_back": "called_back",
    "reopen": "reopened", "archive": "archived", "end_elsewhere": "ended_elsewhere",
    "withdraw": "withdrawn",
}  # fmt: skip
MOVE_OF = {f"case.{past}": act for act, past in PAST.items()}


class UnableToFollow(ValueError):
    """A history makes a move that the table does not hold."""


def state_after(state: State | None, name: str, to: str | None) -> State:
    """The state after one journalled act. Acts that are no moves (a look at a contact) change nothing.

    A move with one target needs no `to`; with several, the line says which. UnableToFollow when the
    table has no such step.
    """
    act = MOVE_OF.get(name)
    if act is None:
        if state is None:
            raise UnableToFollow(f"{name} before the case was registered")
        return state
    move = MOVES[act]
    if act == "register":
        if state is not None:
            raise UnableToFollow("registered twice")
        return State.REGISTERED
    if state is None or state not in move.sources:
        raise UnableToFollow(f"{name} in state {state}")
    if not move.targets:
        return state
    target = State(to) if to else move.targets[0]
    if target not in move.targets or (len(move.targets) > 1 and not to):
        raise UnableToFollow(f"{name} from {state} to {to}")
    return target
