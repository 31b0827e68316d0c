"""Counting a deadline, by pure functions: moments, limits and a calendar in, an explained moment out.

The rules, and where they come from, are told in docs/worktime.md. In short:

- Minutes and clock hours run on, day and night; no day off moves them.
- Working hours run in office hours only; a start outside them begins at the next opening.
- Limits in days leave out the day of the start and end at close of business on their last day (Civil Code,
  articles 201 and 203). The last natural day is never a day off: it moves to the next working day.
- Paused time is added: office hours to limits in working time, elapsed time to all others. For a limit in
  natural days the rule of the last day is then applied again.
- Each extension is counted on from the deadline reached so far, in its own unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from wangge.foundation.worktime.explaining import Param, Step
from wangge.foundation.worktime.limits import Limit, Unit
from wangge.foundation.worktime.workcalendar import (
    EARLIEST,
    LATEST,
    ONE_DAY,
    SHANGHAI,
    Day,
    UnableToReckon,
    WorkCalendar,
)


class Pause(NamedTuple):
    """A time in which the clock stands still, closed below and open above; `to_at` is None while it lasts."""

    from_at: datetime
    to_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reckoning:
    """A deadline and how it came about.

    `due_at` is aware, in UTC. It is None exactly when `paused`: a pause without an end stands before the
    deadline, which therefore nobody knows yet. `provisional` says that a day of a year without a notice
    was counted by the week alone.
    """

    due_at: datetime | None
    steps: tuple[Step, ...]
    provisional: bool
    paused: bool = False

    @property
    def known_due_at(self) -> datetime:
        """The deadline, for callers that handed in no open pause; ValueError if there is none."""
        if self.due_at is None:
            raise ValueError("the clock is paused: there is no deadline yet")
        return self.due_at


Pauses = Iterable[tuple[datetime, datetime | None]]


def deadline(
    start: datetime,
    limit: Limit,
    calendar: WorkCalendar,
    *,
    pauses: Pauses = (),
    extensions: Iterable[Limit] = (),
) -> Reckoning:
    """When is `limit` used up that began at `start`?

    Pauses may come in any order and overlap; what lies before the start, and pauses that begin when the
    deadline has passed, change nothing. A pause counts in full in the part (limit or extension) in which it
    begins. Raises `UnableToReckon` for moments the calendar does not know and for pauses that end before
    they begin.
    """
    begins = _readable(start)
    ahead = _merged(pauses, begins)
    account = _Account(begins, calendar)
    account.tell("started", begins, limit=str(limit))
    due = _run(begins, limit, ahead, account)
    for extension in extensions:
        if due is None:
            break
        account.tell("extended", due, limit=str(extension))
        due = _run(due, extension, ahead, account)
    account.tell_provisional()
    if due is None:
        return Reckoning(None, tuple(account.steps), account.provisional, paused=True)
    account.tell("due", due, closing=due == calendar.close_of(due.date()))
    return Reckoning(due.astimezone(UTC), tuple(account.steps), account.provisional)


def working_minutes(a: datetime, b: datetime, calendar: WorkCalendar) -> int:
    """Whole minutes of office hours between two moments; negative if `b` comes first."""
    minutes = abs(calendar.working_time(_readable(a), _readable(b))) // timedelta(minutes=1)
    return minutes if a <= b else -minutes


def elapsed_share(
    start: datetime,
    due_at: datetime,
    at: datetime,
    limit: Limit,
    calendar: WorkCalendar,
    *,
    pauses: Pauses = (),
) -> float:
    """How much of the limit is gone at `at`: 0.0 at the start, 1.0 at the deadline, more when overdue.

    Office hours for limits in working time, elapsed time for the others; paused time counts on neither side.
    """
    begins, now = _readable(start), _readable(at)
    merged = _merged(pauses, begins)

    def running(until: datetime) -> timedelta:
        def between(a: datetime, b: datetime) -> timedelta:
            return calendar.working_time(a, b) if limit.unit.in_working_time else b - a

        stood = (between(p.from_at, min(p.to_at or until, until)) for p in merged if p.from_at < until)
        return between(begins, until) - sum(stood, timedelta())

    whole = running(_readable(due_at))
    if whole <= timedelta() or now <= begins:
        return 0.0 if now < due_at else 1.0
    return running(now) / whole


# --- the units ---


class _Account:
    """Writes down the steps of one reckoning, and whether it leaned on a year without a notice."""

    def __init__(self, begins: datetime, calendar: WorkCalendar) -> None:
        self.calendar = calendar
        self.steps: list[Step] = []
        self._year = begins.year
        self._years: set[int] = set()

    def tell(self, code: str, at: datetime, **params: Param) -> None:
        # The year of the start goes without saying in the sentences that follow it.
        self.steps.append(Step(code, at.astimezone(UTC), {**params, "year": self._year}))

    def tell_run(self, code: str, at: datetime, days: Sequence[date], day: Day, **params: Param) -> None:
        self.tell(
            code,
            at,
            first=days[0].isoformat(),
            last=days[-1].isoformat(),
            kind=day.kind.value,
            name=day.name,
            name_en=day.name_en,
            **params,
        )

    def lean_on(self, first: date, last: date) -> None:
        """The deadline depends on the kind of every day from `first` to `last`."""
        self._years.update(day.year for day in _days_between(first, last) if self.calendar.provisional(day))

    @property
    def provisional(self) -> bool:
        return bool(self._years)

    def tell_provisional(self) -> None:
        if self._years:
            self.tell("provisional", self.steps[0].at, years=", ".join(map(str, sorted(self._years))))


def _run(start: datetime, limit: Limit, ahead: list[Pause], account: _Account) -> datetime | None:
    """Count one part, a limit or an extension, with the pauses that begin in it; they are taken off `ahead`.

    None if one of them has no end yet.
    """
    due = _count(start, limit, account)
    while ahead and ahead[0].from_at < due:
        pause = ahead.pop(0)
        if pause.to_at is None:
            account.tell("paused_open", pause.from_at)
            return None
        due = _wait(due, limit.unit, pause.from_at, pause.to_at, account)
    return due


def _count(start: datetime, limit: Limit, account: _Account) -> datetime:
    match limit.unit:
        case Unit.MINUTE | Unit.CLOCK_HOUR:
            account.tell("ran_on", start, limit=str(limit))
            return start + limit.duration
        case Unit.WORKING_HOUR:
            return _count_working_hours(start, limit, account)
        case Unit.WORKING_DAY:
            return _count_working_days(start, limit, account)
        case Unit.NATURAL_DAY:
            return _count_natural_days(start, limit, account)


def _count_working_hours(start: datetime, limit: Limit, account: _Account) -> datetime:
    calendar = account.calendar
    begins = calendar.next_working_moment(start)
    due = calendar.after_working(begins, limit.duration)
    account.lean_on(start.date(), due.date())
    if begins != start:
        account.tell("opened", begins)

    def counted_on(day: date) -> tuple[Day, timedelta]:
        opens, closes = _midnight(day), _midnight(day + ONE_DAY)
        return calendar.day(day), calendar.working_time(max(opens, begins), min(closes, due))

    total = timedelta()
    for (day, counted), run in groupby(_days_between(begins.date(), due.date()), counted_on):
        days = list(run)
        if not day.kind.worked:
            account.tell_run("rested", _midnight(days[0]), days, day)
        elif counted:
            before, total = total, total + counted * len(days)
            account.tell_run(
                "worked",
                max(_midnight(days[0]), begins),
                days,
                day,
                # As a difference, so that what is told in whole seconds adds up.
                counted_seconds=_seconds(total) - _seconds(before),
                total_seconds=_seconds(total),
            )
    return due


def _count_working_days(start: datetime, limit: Limit, account: _Account) -> datetime:
    calendar = account.calendar
    last = start.date()
    for _number in range(limit.days):
        last = calendar.workday_from(last + ONE_DAY)
    account.lean_on(start.date() + ONE_DAY, last)
    number = 0
    for day, run in groupby(_days_between(start.date() + ONE_DAY, last), calendar.day):
        days = list(run)
        if day.kind.worked:
            account.tell_run(
                "working_days",
                _midnight(days[0]),
                days,
                day,
                from_number=number + 1,
                to_number=number + len(days),
            )
            number += len(days)
        else:
            account.tell_run("rested", _midnight(days[0]), days, day)
    return calendar.close_of(last)


def _count_natural_days(start: datetime, limit: Limit, account: _Account) -> datetime:
    last = start.date() + limit.days * ONE_DAY
    account.tell("natural_days", account.calendar.close_of(last), limit=str(limit))
    return _settle_last_day(account.calendar.close_of(last), account)


def _settle_last_day(reached: datetime, account: _Account) -> datetime:
    """A limit in natural days ends on a working day, and not before its close of business.

    Later on that day it may end, when a pause was added; so no pause is ever lost and a longer pause never
    leads to an earlier deadline.
    """
    calendar = account.calendar
    day = reached.date()
    last = calendar.workday_from(day)
    account.lean_on(day, last)
    if last == day:
        return max(reached, calendar.close_of(last))
    for named, run in groupby(_days_between(day, last - ONE_DAY), calendar.day):
        account.tell_run("moved", calendar.close_of(last), list(run), named)
    return calendar.close_of(last)


# --- pauses ---


def _merged(pauses: Pauses, begins: datetime) -> list[Pause]:
    """Pauses in order, without overlap, and cut off at the start of the clock."""
    merged: list[Pause] = []
    read = [(_readable(a), None if b is None else _readable(b)) for a, b in pauses]
    for from_at, to_at in sorted(read, key=lambda pause: pause[0]):
        if to_at is not None and to_at < from_at:
            raise UnableToReckon(
                "pause_backwards",
                format_lazy(
                    _(
                        "The pause ends at {to_at}, before it begins at {from_at}. "
                        "Write the earlier moment first."
                    ),
                    from_at=f"{from_at:%Y-%m-%d %H:%M}",
                    to_at=f"{to_at:%Y-%m-%d %H:%M}",
                ),
            )
        if to_at is not None and to_at <= max(begins, from_at):
            continue
        previous = merged[-1] if merged else None
        if previous and (previous.to_at is None or max(from_at, begins) <= previous.to_at):
            ends = None if previous.to_at is None or to_at is None else max(previous.to_at, to_at)
            merged[-1] = Pause(previous.from_at, ends)
        else:
            merged.append(Pause(max(from_at, begins), to_at))
    return merged


def _wait(due: datetime, unit: Unit, from_at: datetime, to_at: datetime, account: _Account) -> datetime:
    calendar = account.calendar
    if unit.in_working_time:
        added = calendar.working_time(from_at, to_at)
        moved = calendar.after_working(due, added)
        account.lean_on(from_at.date(), max(moved, to_at).date())
    else:
        added = to_at - from_at
        moved = due + added
    account.tell(
        "paused",
        moved,
        **{"from": from_at.astimezone(UTC).isoformat(), "to": to_at.astimezone(UTC).isoformat()},
        added_seconds=_seconds(added),
        working=unit.in_working_time,
    )
    if unit is Unit.NATURAL_DAY:
        settled = _settle_last_day(moved, account)
        if settled.date() == moved.date() and settled != moved:
            account.tell("to_closing", settled)
        return settled
    return moved


# --- moments ---


def _readable(moment: datetime) -> datetime:
    """The moment in the zone of the calendar, if the calendar reaches there."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone; hand in aware datetimes")
    try:
        local = moment.astimezone(SHANGHAI)
    except OverflowError:
        local = None
    if local is None or not EARLIEST <= local.date() <= LATEST:
        raise UnableToReckon(
            "moment_out_of_reach",
            format_lazy(
                _("{moment} is outside the calendar. Write a moment from {earliest} to {latest}."),
                moment=f"{moment:%Y-%m-%d %H:%M}",
                earliest=EARLIEST.isoformat(),
                latest=LATEST.isoformat(),
            ),
        )
    return local


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


def _days_between(first: date, last: date) -> Iterator[date]:
    """Every day from `first` to `last`, both included."""
    for offset in range((last - first).days + 1):
        yield first + offset * ONE_DAY


def _seconds(duration: timedelta) -> int:
    return int(duration.total_seconds())
