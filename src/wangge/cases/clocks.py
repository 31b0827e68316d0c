"""The two clocks of a case, as pure functions of its history (domain notes §4, clock rules).

The *case clock* is the promise to the resident: to have an owner by a limit counted from registration,
and an answer by a limit counted from the first dispatch. Reassignment never moves it. A review or a
reopening makes a new promise of an owner; a redo, or the dispatch after a reopening, a new promise of an
answer. Those before are kept for appraisal.

The *leg clock* is each unit's own: the full limit from its own dispatch, and again from a redo.

Every limit and the version of the calendar are in the lines, so that a clock computed years later, after
the limits or the calendar were changed, is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from wangge.cases.history import Event, moment
from wangge.foundation.worktime.counting import Reckoning, deadline
from wangge.foundation.worktime.limits import Limit
from wangge.foundation.worktime.workcalendar import WorkCalendar

Calendars = Callable[[int], WorkCalendar]
Stretch = tuple[datetime, datetime | None]


@dataclass(frozen=True)
class Promise:
    """One reckoned deadline: what for, when it began, how it was counted.

    `met_at` is when it was kept, or when it was owed no more: a unit owes nothing once another leads.
    """

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
    """The promises to the resident, oldest first; the last of each kind is the one that runs or ran."""

    dispatches: tuple[Promise, ...]
    rounds: tuple[Promise, ...]

    @property
    def dispatch(self) -> Promise:
        return self.dispatches[-1]

    @property
    def feedback(self) -> Promise | None:
        return self.rounds[-1] if self.rounds else None


@dataclass(frozen=True)
class LegClock:
    """One unit's turn: when it must sign, get in touch, and give feedback (anew after each redo)."""

    number: int
    unit: str
    sign: Promise
    contact: Promise
    rounds: tuple[Promise, ...]

    @property
    def feedback(self) -> Promise:
        return self.rounds[-1]


def case_clock(history: Sequence[Event], calendars: Calendars) -> CaseClock:
    """The case clock of a history that begins with `case.registered`."""
    told = history[0].facts.get("external_due")
    external = moment(told) if told else None
    rounds = [
        _feedback(own, calendars, external if number == 0 else None)
        for number, own in enumerate(_cut(history, _round_starts(history)))
    ]
    return CaseClock(
        tuple(_dispatch(own, calendars) for own in _cut(history, _desk_starts(history))), tuple(rounds)
    )


def leg_clock(history: Sequence[Event], number: int, calendars: Calendars) -> LegClock:
    """The clock of one leg; ValueError if the history has no such leg."""
    begins = _leg_starts(history)
    own = next((own for own in _cut(history, begins) if own[0].facts["leg"] == number), None)
    if own is None:
        raise ValueError(f"This history has no leg {number}.")
    start = own[0]
    relieved = next((history[i].at for i in begins if history[i].facts["leg"] == number + 1), None)
    calendar = calendars(int(start.facts["calendar"]))
    signed = _first(own, "case.signed", "case.auto_signed", "case.objected")
    contacted = next(
        (e for e in own if e.act in {"case.fed_back", *_ENDS} or e.facts.get("contacted") is True), None
    )

    def promise(stage: str, met: Event | None) -> Promise:
        limit = Limit.parse(start.facts[f"{stage}_limit"])
        reckoning = deadline(start.at, limit, calendar)
        return Promise(stage, limit, start.at, reckoning, met.at if met else relieved)

    return LegClock(
        number,
        str(start.facts["unit"]),
        sign=promise("sign", signed or _first(own, *_ENDS)),
        contact=promise("contact", contacted),
        rounds=tuple(
            _feedback(turn, calendars, None, relieved) for turn in _cut(own, _round_starts(own, of_leg=True))
        ),
    )


# --- the pieces ---

#: After these nobody owes an owner or an answer any more.
_ENDS = ("case.withdrawn", "case.merged", "case.ended_elsewhere")


def _dispatch(own: Sequence[Event], calendars: Calendars) -> Promise:
    """From its beginning, by the shortest limit the desk classified the case under.

    A clerk who finds out that it is urgent shortens the promise; a lower priority never lengthens it.
    """
    first = own[0]
    calendar = calendars(int(first.facts["calendar"]))
    had_owner = _first(own, "case.dispatched", "case.informed", "case.answered", *_ENDS)
    limits = [Limit.parse(first.facts["dispatch_limit"])]
    limits += [Limit.parse(event.facts["dispatch_limit"]) for event in own if event.act == "case.classified"]
    reckonings = [(deadline(first.at, limit, calendar), limit) for limit in limits]
    reckoning, limit = min(reckonings, key=lambda pair: pair[0].known_due_at)
    return Promise("dispatch", limit, first.at, reckoning, had_owner.at if had_owner else None)


def _feedback(
    own: Sequence[Event], calendars: Calendars, external: datetime | None, relieved: datetime | None = None
) -> Promise:
    start = own[0]
    limit = Limit.parse(start.facts["feedback_limit"])
    reckoning = deadline(
        start.at,
        limit,
        calendars(int(start.facts["calendar"])),
        pauses=_standstills(own),
        extensions=_extensions(own),
    )
    return Promise("feedback", limit, start.at, reckoning, _answered(own) or relieved, external)


def _desk_starts(history: Sequence[Event]) -> list[int]:
    """Where a promise of an owner begins: at registration, a review, a reopening."""
    return [
        position
        for position, event in enumerate(history)
        if event.act in {"case.registered", "case.review_asked", "case.reopened"}
    ]


def _round_starts(history: Sequence[Event], *, of_leg: bool = False) -> list[int]:
    """Where a promise of an answer begins: the first dispatch, each redo, the dispatch after a reopening.

    For a leg its own dispatch, also by reassignment, is a beginning.
    """
    starts = {"case.dispatched", "case.reassigned"} if of_leg else {"case.dispatched"}
    return [
        position
        for position, event in enumerate(history)
        if event.act in starts or (event.act == "case.called_back" and event.facts.get("to") == "in_progress")
    ]


def _leg_starts(history: Sequence[Event]) -> list[int]:
    return [
        position
        for position, event in enumerate(history)
        if event.act in {"case.dispatched", "case.reassigned"}
    ]


def _cut(history: Sequence[Event], starts: Sequence[int]) -> list[Sequence[Event]]:
    """The history from each start to the next one."""
    return [history[a:b] for a, b in pairwise([*starts, len(history)])]


def _answered(own: Sequence[Event]) -> datetime | None:
    """When the answer stood: the last feedback that was not sent back, or the end of the case."""
    met: datetime | None = None
    for event in own:
        if event.act in {"case.fed_back", "case.shelving_ended"}:
            met = event.at
        elif event.act in _ENDS:
            met = met or event.at
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
            until = event.facts.get("until")
            stretches[-1] = (stretches[-1][0], moment(until) if until else event.at)
    return stretches


def _extensions(own: Sequence[Event]) -> list[Limit]:
    return [Limit.parse(event.facts["limit"]) for event in own if event.act == "case.extended"]


def _first(history: Sequence[Event], *acts: str) -> Event | None:
    return next((event for event in history if event.act in acts), None)
