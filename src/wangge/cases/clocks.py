"""The two clocks of a case, as pure functions of its history (domain notes §4, clock rules).

The *case clock* is the promise to the resident: to have an owner by a limit counted from registration,
and an answer by a limit counted from the first dispatch. Reassignment never moves it. A redo or a
reopening makes a new promise, a *round*; the first round's is kept for appraisal.

The *leg clock* is each unit's own: the full limit from its own dispatch.

Every limit and the version of the calendar are in the lines, so that a clock computed years later, after
the limits or the calendar were changed, is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from wangge.cases.history import Event, moment
from wangge.foundation.worktime.counting import Reckoning, deadline
from wangge.foundation.worktime.limits import Limit
from wangge.foundation.worktime.workcalendar import WorkCalendar

Calendars = Callable[[int], WorkCalendar]
Stretch = tuple[datetime, datetime | None]


@dataclass(frozen=True)
class Promise:
    """One reckoned deadline: what for, when it began, how it was counted, when it was met."""

    stage: str
    limit: Limit
    began_at: datetime
    reckoning: Reckoning
    met_at: datetime | None
    external_due_at: datetime | None = None

    @property
    def due_at(self) -> datetime | None:
        """The earlier of our own deadline and the one a hotline brought along; None while paused."""
        own = self.reckoning.due_at
        if own is None or self.external_due_at is None:
            return own
        return min(own, self.external_due_at)

    def is_late(self, at: datetime) -> bool:
        due_at = self.due_at
        return due_at is not None and (self.met_at or at) > due_at


@dataclass(frozen=True)
class CaseClock:
    """The promise to the resident: rounds of (dispatch, feedback); the last round is the one that runs."""

    dispatch: Promise
    rounds: tuple[Promise, ...]

    @property
    def feedback(self) -> Promise | None:
        return self.rounds[-1] if self.rounds else None


@dataclass(frozen=True)
class LegClock:
    """One unit's turn: when it must sign, get in touch, and give feedback."""

    number: int
    unit: str
    sign: Promise
    contact: Promise
    feedback: Promise


def case_clock(history: Sequence[Event], calendars: Calendars) -> CaseClock:
    """The case clock of a history that begins with `case.registered`."""
    first = history[0]
    external = moment(first.facts["external_due"]) if first.facts.get("external_due") else None
    limit, calendar = _dispatch_limit(history, calendars)
    dispatched = _first(history, "case.dispatched")
    ended = _first(history, "case.informed", "case.answered", "case.merged", "case.withdrawn")
    had_owner = dispatched or ended
    dispatch = Promise(
        "dispatch", limit, first.at, deadline(first.at, limit, calendar), had_owner.at if had_owner else None
    )
    return CaseClock(
        dispatch, tuple(_round(history, start, calendars, external) for start in _round_starts(history))
    )


def leg_clock(history: Sequence[Event], number: int, calendars: Calendars) -> LegClock:
    """The clock of one leg; ValueError if the history has no such leg."""
    position = next(
        (
            i
            for i, event in enumerate(history)
            if event.facts.get("leg") == number and "feedback_limit" in event.facts
        ),
        None,
    )
    if position is None:
        raise ValueError(f"This history has no leg {number}.")
    start = history[position]
    own = _until_next_leg(history[position:])
    calendar = calendars(int(start.facts["calendar"]))
    pauses, extensions = _standstills(own), _extensions(own)
    signed = _first(own, "case.signed", "case.auto_signed", "case.objected")
    contacted = next((event for event in own if event.facts.get("contacted") is True), None)
    fed_back = _first(own, "case.fed_back")

    def promise(stage: str, met: Event | None, *, moves: bool) -> Promise:
        limit = Limit.parse(start.facts[f"{stage}_limit"])
        reckoning = deadline(
            start.at, limit, calendar, pauses=pauses if moves else (), extensions=extensions if moves else ()
        )
        return Promise(stage, limit, start.at, reckoning, met.at if met else None)

    return LegClock(
        number,
        str(start.facts["unit"]),
        sign=promise("sign", signed, moves=False),
        contact=promise("contact", contacted or fed_back, moves=False),
        feedback=promise("feedback", fed_back, moves=True),
    )


# --- the pieces ---


def _dispatch_limit(history: Sequence[Event], calendars: Calendars) -> tuple[Limit, WorkCalendar]:
    """From registration, by the priority the case had when it was last classified before its dispatch.

    A clerk who finds out that it is urgent shortens the promise; a lower priority never lengthens it.
    """
    first = history[0]
    calendar = calendars(int(first.facts["calendar"]))
    limit = Limit.parse(first.facts["dispatch_limit"])
    due_at = deadline(first.at, limit, calendar).known_due_at
    for event in history:
        if event.act == "case.dispatched":
            break
        if event.act == "case.classified":
            other = Limit.parse(event.facts["dispatch_limit"])
            if deadline(first.at, other, calendar).known_due_at < due_at:
                limit, due_at = other, deadline(first.at, other, calendar).known_due_at
    return limit, calendar


def _round_starts(history: Sequence[Event]) -> list[int]:
    """Where a promise of an answer begins: the first dispatch, each redo, the dispatch after a reopening."""
    starts: list[int] = []
    owed = True
    for position, event in enumerate(history):
        if event.act in {"case.reopened"}:
            owed = True
        elif event.act == "case.dispatched" and owed:
            starts.append(position)
            owed = False
        elif event.act == "case.called_back" and event.facts.get("to") == "in_progress":
            starts.append(position)
    return starts


def _round(history: Sequence[Event], start: int, calendars: Calendars, external: datetime | None) -> Promise:
    event = history[start]
    following = [later for later in _round_starts(history) if later > start]
    own = history[start : following[0]] if following else history[start:]
    limit = Limit.parse(event.facts["feedback_limit"])
    reckoning = deadline(
        event.at,
        limit,
        calendars(int(event.facts["calendar"])),
        pauses=_standstills(own),
        extensions=_extensions(own),
    )
    met = _answered(own)
    first_round = start == _round_starts(history)[0]
    return Promise("feedback", limit, event.at, reckoning, met, external if first_round else None)


def _answered(own: Sequence[Event]) -> datetime | None:
    """When the answer stood: the last feedback that was not sent back, or the end of the case."""
    met: datetime | None = None
    for event in own:
        if event.act in {"case.fed_back", "case.withdrawn", "case.merged", "case.shelving_ended"}:
            met = event.at
        elif event.act == "case.feedback_rejected":
            met = None
    return met


_RUNS_AGAIN = frozenset({"case.resumed", "case.reactivated", "case.shelving_ended", "case.withdrawn"})


def _standstills(own: Sequence[Event]) -> list[Stretch]:
    """Approved pauses and shelvings; nothing else stops a clock (clock rule 4)."""
    stretches: list[Stretch] = []
    for event in own:
        if event.act in {"case.paused", "case.shelved"}:
            stretches.append((event.at, None))
        elif event.act in _RUNS_AGAIN and stretches and stretches[-1][1] is None:
            stretches[-1] = (stretches[-1][0], event.at)
    return stretches


def _extensions(own: Sequence[Event]) -> list[Limit]:
    return [Limit.parse(event.facts["limit"]) for event in own if event.act == "case.extended"]


def _until_next_leg(own: Sequence[Event]) -> Sequence[Event]:
    for position, event in enumerate(own[1:], start=1):
        if "feedback_limit" in event.facts:
            return own[:position]
    return own


def _first(history: Sequence[Event], *acts: str) -> Event | None:
    return next((event for event in history if event.act in acts), None)
