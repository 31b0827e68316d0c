"""The working calendar as a value: which days are worked, in which hours, and how time adds up in them.

Nothing here reads a table or a clock. The tables are in `models.py`, and `calendars.py` makes values of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from types import MappingProxyType
from zoneinfo import ZoneInfo

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from wangge.foundation.refusals import Refusal

# Days begin and end here. No change of clocks since 1991, so subtracting wall times is exact.
SHANGHAI = ZoneInfo("Asia/Shanghai")
# The published notices that the calendar is seeded from begin with 2004; before that nothing is known.
EARLIEST = date(2004, 1, 1)
LATEST = date(2199, 12, 31)
ONE_DAY = timedelta(days=1)
# More days off in a row than any notice ever gave: a calendar in which nobody works is a mistake.
LONGEST_REST = 366


class UnableToReadCalendar(Refusal):
    """A calendar file, office hours or a list of days is not usable; the message says why."""


class UnableToReckon(Refusal):
    """A moment or a stretch of time that the calendar cannot count with."""


class DayKind(StrEnum):
    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    ADJUSTED_WORKDAY = "adjusted_workday"  # 调休上班: a weekend day worked in exchange for a day off

    @property
    def worked(self) -> bool:
        return self in (DayKind.WORKDAY, DayKind.ADJUSTED_WORKDAY)


@dataclass(frozen=True, slots=True)
class Day:
    """What kind of day it is, and the holiday it belongs to, in Chinese and English."""

    kind: DayKind
    name: str = ""
    name_en: str = ""


_WORKDAY = Day(DayKind.WORKDAY)
_WEEKEND = Day(DayKind.WEEKEND)


@dataclass(frozen=True)
class OfficeHours:
    """The hours in which an office works on a working day, as (opening, closing) pairs in order."""

    spans: tuple[tuple[time, time], ...]

    def __post_init__(self) -> None:
        edges = [edge for span in self.spans for edge in span]
        if not edges or any(later <= earlier for earlier, later in pairwise(edges)):
            raise UnableToReadCalendar(
                "office_hours_disordered",
                format_lazy(
                    _(
                        "“{hours}” are no office hours. Write them from morning to evening and without "
                        "overlap, for instance 08:30-11:30,13:30-17:30."
                    ),
                    hours=",".join(self.written()),
                ),
            )

    @classmethod
    def parse(cls, written: Sequence[str]) -> OfficeHours:
        """Read `["08:30-11:30", "13:30-17:30"]`."""
        try:
            spans = tuple(_read_span(span) for span in written)
        except ValueError:
            raise UnableToReadCalendar(
                "office_hours_unreadable",
                format_lazy(
                    _("“{hours}” are no office hours. Write them like 08:30-11:30,13:30-17:30."),
                    hours=",".join(map(str, written)),
                ),
            ) from None
        return cls(spans)

    def written(self) -> list[str]:
        return [f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in self.spans]


def _read_span(written: str) -> tuple[time, time]:
    opens, closes = (datetime.strptime(part.strip(), "%H:%M").time() for part in written.split("-"))  # noqa: DTZ007
    return opens, closes


@dataclass(frozen=True)
class WorkCalendar:
    """One version of the calendar of one region.

    `days` names only the days that break the rule of the week (days off, and weekend days worked in
    exchange), `announced_years` the years for which a notice was taken in. Days of other years follow
    the week alone and are `provisional`. Instances are shared between threads and never change.
    """

    version: int
    region: str
    office_hours: OfficeHours
    days: Mapping[date, Day] = field(hash=False)
    announced_years: frozenset[int]

    def __post_init__(self) -> None:
        object.__setattr__(self, "days", MappingProxyType(dict(self.days)))

    def with_office_hours(self, hours: OfficeHours) -> WorkCalendar:
        return replace(self, office_hours=hours)

    # --- days ---

    def day(self, day: date) -> Day:
        named = self.days.get(day)
        if named is not None:
            return named
        return _WORKDAY if day.weekday() < 5 else _WEEKEND

    def is_workday(self, day: date) -> bool:
        named = self.days.get(day)
        return day.weekday() < 5 if named is None else named.kind.worked

    def provisional(self, day: date) -> bool:
        """The days off of this day's year were not announced when this version was made."""
        return day.year not in self.announced_years and day not in self.days

    def workday_from(self, day: date) -> date:
        """`day` itself if it is worked, else the next day that is."""
        for _tried in range(LONGEST_REST):
            if self.is_workday(day):
                return day
            day += ONE_DAY
        raise UnableToReckon(
            "nobody_works",
            _("The calendar has no working day in a whole year. Check the days that were imported."),
        )

    # --- hours ---

    @cached_property
    def day_length(self) -> timedelta:
        """Office hours of one working day."""
        return sum((_between(opens, closes) for opens, closes in self.office_hours.spans), timedelta())

    def close_of(self, day: date) -> datetime:
        """Close of business, whether or not the day is worked."""
        return datetime.combine(day, self.office_hours.spans[-1][1], SHANGHAI)

    def intervals(self, day: date) -> list[tuple[datetime, datetime]]:
        """The office hours of a day as moments; empty on a day off."""
        if not self.is_workday(day):
            return []
        return [
            (datetime.combine(day, opens, SHANGHAI), datetime.combine(day, closes, SHANGHAI))
            for opens, closes in self.office_hours.spans
        ]

    def next_working_moment(self, moment: datetime) -> datetime:
        """`moment` itself in office hours, else the next opening. Closing time is no longer office hours."""
        at = moment.astimezone(SHANGHAI)
        for opens, closes in self._intervals_from(at):
            if at < closes:
                return max(at, opens)
        raise AssertionError("intervals never end")

    def working_time(self, a: datetime, b: datetime) -> timedelta:
        """Office hours between two moments, exactly; negative if `b` is before `a`."""
        if b < a:
            return -self.working_time(b, a)
        a, b = a.astimezone(SHANGHAI), b.astimezone(SHANGHAI)
        first, last = a.date(), b.date()
        total, day = timedelta(), first
        while day <= last:
            if first < day < last:
                if self.is_workday(day):
                    total += self.day_length
            else:
                for opens, closes in self.intervals(day):
                    total += max(min(closes, b) - max(opens, a), timedelta())
            day += ONE_DAY
        return total

    def after_working(self, moment: datetime, duration: timedelta) -> datetime:
        """The moment at which `duration` of office hours has passed: the earliest, so an evening's closing
        time rather than the next morning's opening. Without duration, `moment` itself."""
        at = moment.astimezone(SHANGHAI)
        if not duration:
            return at
        for opens, closes in self._intervals_from(at):
            begins = max(opens, at)
            if begins < closes:
                if duration <= closes - begins:
                    return begins + duration
                duration -= closes - begins
        raise AssertionError("intervals never end")

    def _intervals_from(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        day = self.workday_from(at.date())
        while True:
            yield from self.intervals(day)
            day = self.workday_from(day + ONE_DAY)


def _between(opens: time, closes: time) -> timedelta:
    return datetime.combine(EARLIEST, closes) - datetime.combine(EARLIEST, opens)
