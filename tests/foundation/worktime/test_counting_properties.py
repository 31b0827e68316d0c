"""What holds of every deadline, and a second, naive count that must come to the same.

The naive count walks minute by minute over plain lists. It knows nothing of the calendar's code and is slow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from foundation.worktime.almanac import CALENDAR, at
from wangge.foundation.worktime.counting import Pause, deadline, elapsed_share, working_minutes
from wangge.foundation.worktime.limits import Limit, Unit
from wangge.foundation.worktime.workcalendar import SHANGHAI, Day, DayKind, OfficeHours, WorkCalendar

FIRST = date(2025, 9, 1)  # a Monday
DAYS = 240
DAY = 24 * 60
HOURS = [
    [(510, 690), (810, 1050)],  # 08:30-11:30, 13:30-17:30
    [(540, 1020)],
    [(480, 600), (615, 720), (840, 1081)],
    [(0, 60)],
]


@dataclass(frozen=True)
class Almanac:
    """A calendar written down twice: as the product's value, and as plain lists for the naive count."""

    calendar: WorkCalendar
    worked: tuple[bool, ...]
    hours: tuple[tuple[int, int], ...]

    def is_office_time(self, minute: int) -> bool:
        day, of_day = divmod(minute, DAY)
        return self.worked[day] and any(opens <= of_day < closes for opens, closes in self.hours)

    @property
    def closing(self) -> int:
        return self.hours[-1][1]


def moment(minute: int) -> datetime:
    return datetime.combine(FIRST, time(), SHANGHAI).astimezone(UTC) + timedelta(minutes=minute)


@st.composite
def almanacs(draw: st.DrawFn) -> Almanac:
    offsets = st.integers(0, DAYS - 1)
    off = draw(st.sets(offsets, max_size=25)) | {
        first + later
        for first in draw(st.sets(offsets, max_size=3))
        for later in range(9)
        if first + later < DAYS
    }
    exchanged = {day for day in draw(st.sets(offsets, max_size=12)) if day % 7 >= 5} - off
    hours = draw(st.sampled_from(HOURS))
    days = {FIRST + timedelta(days=day): Day(DayKind.HOLIDAY, "假期", "Holiday") for day in off}
    days |= {FIRST + timedelta(days=day): Day(DayKind.ADJUSTED_WORKDAY) for day in exchanged}
    written = [f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in hours]
    calendar = WorkCalendar(1, "CN", OfficeHours.parse(written), days, frozenset({2025, 2026}))
    worked = tuple(day in exchanged or (day % 7 < 5 and day not in off) for day in range(DAYS))
    return Almanac(calendar, worked, tuple(hours))


starts = st.integers(0, 40 * DAY)
limits = st.one_of(
    st.integers(1, 3000).map(lambda amount: f"{amount}min"),
    st.integers(1, 400).map(lambda tenths: f"{tenths / 10}ch"),
    st.integers(1, 200).map(lambda tenths: f"{tenths / 10}wh"),
    st.integers(1, 15).map(lambda amount: f"{amount}nd"),
    st.integers(1, 8).map(lambda amount: f"{amount}wd"),
).map(Limit.parse)
stretches = st.lists(
    st.tuples(st.integers(0, 60 * DAY), st.integers(0, 6 * DAY)).map(
        lambda pair: (pair[0], pair[0] + pair[1])
    ),
    max_size=4,
)


def pauses_of(minutes: Sequence[tuple[int, int]]) -> list[Pause]:
    return [Pause(moment(begins), moment(ends)) for begins, ends in minutes]


# --- the naive count ---


def naive_due(start: int, limit: Limit, pauses: Sequence[tuple[int, int]], almanac: Almanac) -> int:
    stood = {minute for begins, ends in pauses for minute in range(max(begins, start), ends)}
    match limit.unit:
        case Unit.MINUTE | Unit.CLOCK_HOUR:
            return _use_up(start, limit, lambda minute: minute not in stood)
        case Unit.WORKING_HOUR:
            return _use_up(
                start, limit, lambda minute: minute not in stood and almanac.is_office_time(minute)
            )
        case Unit.WORKING_DAY:
            day, left = start // DAY, limit.days
            while left:
                day += 1
                left -= almanac.worked[day]
            due = day * DAY + almanac.closing
            # Whenever office time stands still before the deadline, the deadline goes on by as much.
            minute = start
            while minute < due:
                if minute in stood and almanac.is_office_time(minute):
                    while not almanac.is_office_time(due):
                        due += 1
                    due += 1
                minute += 1
            return due
        case Unit.NATURAL_DAY:
            due = _last_day((start // DAY + limit.days) * DAY + almanac.closing, almanac)
            minute = start
            while minute < due:
                if minute in stood:
                    first = minute
                    while minute in stood:
                        minute += 1
                    due = _last_day(due + minute - first, almanac)
                minute += 1
            return due


def _use_up(start: int, limit: Limit, runs: Callable[[int], bool]) -> int:
    left, minute = int(limit.duration.total_seconds()) // 60, start
    while left:
        left -= runs(minute)
        minute += 1
    return minute


def _last_day(minute: int, almanac: Almanac) -> int:
    day, moved = minute // DAY, minute
    while not almanac.worked[day]:
        day += 1
        moved = day * DAY
    return max(moved, day * DAY + almanac.closing)


@settings(max_examples=150, deadline=None)
@given(almanac=almanacs(), start=starts, limit=limits, pauses=stretches)
def test_a_count_minute_by_minute_comes_to_the_same(
    almanac: Almanac, start: int, limit: Limit, pauses: list[tuple[int, int]]
) -> None:
    counted = deadline(moment(start), limit, almanac.calendar, pauses=pauses_of(pauses))
    assert counted.due_at == moment(naive_due(start, limit, pauses, almanac))


@settings(max_examples=60, deadline=None)
@given(almanac=almanacs(), a=st.integers(0, 30 * DAY), length=st.integers(0, 20 * DAY))
def test_working_minutes_are_the_minutes_in_which_the_office_is_open(
    almanac: Almanac, a: int, length: int
) -> None:
    counted = working_minutes(moment(a), moment(a + length), almanac.calendar)
    assert counted == sum(almanac.is_office_time(minute) for minute in range(a, a + length))


# --- what always holds ---


@given(almanac=almanacs(), a=starts, b=starts, c=starts)
def test_working_time_adds_up(almanac: Almanac, a: int, b: int, c: int) -> None:
    between = almanac.calendar.working_time
    assert between(moment(a), moment(b)) + between(moment(b), moment(c)) == between(moment(a), moment(c))


@given(almanac=almanacs(), one=starts, other=starts, limit=limits)
def test_who_starts_later_is_not_due_earlier(almanac: Almanac, one: int, other: int, limit: Limit) -> None:
    earlier, later = sorted((one, other))
    assert (
        deadline(moment(earlier), limit, almanac.calendar).known_due_at
        <= deadline(moment(later), limit, almanac.calendar).known_due_at
    )


@given(almanac=almanacs(), start=starts, limit=limits, more=st.integers(1, 5), pauses=stretches)
def test_a_longer_limit_is_not_due_earlier(
    almanac: Almanac, start: int, limit: Limit, more: int, pauses: list[tuple[int, int]]
) -> None:
    longer = Limit(limit.amount + more, limit.unit)
    stood = pauses_of(pauses)
    assert (
        deadline(moment(start), limit, almanac.calendar, pauses=stood).known_due_at
        <= deadline(moment(start), longer, almanac.calendar, pauses=stood).known_due_at
    )


@given(almanac=almanacs(), start=starts, limit=limits, pauses=stretches, lengthened=st.integers(0, 3 * DAY))
def test_a_pause_never_brings_the_deadline_forward_nor_does_a_longer_one(
    almanac: Almanac, start: int, limit: Limit, pauses: list[tuple[int, int]], lengthened: int
) -> None:
    without = deadline(moment(start), limit, almanac.calendar).known_due_at
    shorter = deadline(moment(start), limit, almanac.calendar, pauses=pauses_of(pauses)).known_due_at
    longer = deadline(
        moment(start),
        limit,
        almanac.calendar,
        pauses=pauses_of([(begins, ends + lengthened) for begins, ends in pauses]),
    ).known_due_at
    assert moment(start) < without <= shorter <= longer


@given(almanac=almanacs(), start=starts, limit=limits, extensions=st.lists(limits, min_size=1, max_size=3))
def test_each_extension_is_due_later(
    almanac: Almanac, start: int, limit: Limit, extensions: list[Limit]
) -> None:
    due_at = [
        deadline(moment(start), limit, almanac.calendar, extensions=extensions[:count]).known_due_at
        for count in range(len(extensions) + 1)
    ]
    assert all(before < after for before, after in pairwise(due_at))


@given(almanac=almanacs(), start=starts, limit=limits, pauses=stretches)
def test_limits_in_working_time_end_in_office_hours_or_at_their_close(
    almanac: Almanac, start: int, limit: Limit, pauses: list[tuple[int, int]]
) -> None:
    if not limit.unit.in_working_time:
        limit = Limit(limit.amount.to_integral_value() % 9 + 1, Unit.WORKING_DAY)
    due_at = deadline(moment(start), limit, almanac.calendar, pauses=pauses_of(pauses)).known_due_at
    day = due_at.astimezone(SHANGHAI).date()
    assert any(opens < due_at <= closes for opens, closes in almanac.calendar.intervals(day))


@given(almanac=almanacs(), start=starts, days=st.integers(1, 20), unit=st.sampled_from(["nd", "wd"]))
def test_limits_in_days_end_at_close_of_business_of_a_working_day(
    almanac: Almanac, start: int, days: int, unit: str
) -> None:
    due_at = deadline(moment(start), Limit.parse(f"{days}{unit}"), almanac.calendar).known_due_at
    day = due_at.astimezone(SHANGHAI).date()
    assert due_at == almanac.calendar.close_of(day)
    assert almanac.calendar.is_workday(day)


@given(almanac=almanacs(), start=starts, hours=st.integers(1, 300))
def test_the_office_hours_up_to_the_deadline_are_the_limit(almanac: Almanac, start: int, hours: int) -> None:
    limit = Limit.parse(f"{hours / 10}wh")
    due_at = deadline(moment(start), limit, almanac.calendar).known_due_at
    assert almanac.calendar.working_time(moment(start), due_at) == limit.duration


@given(
    start=st.datetimes(datetime(2004, 1, 1, 12), datetime(2026, 11, 1)),  # noqa: DTZ001
    limit=limits,
)
@example(start=datetime(2015, 9, 2, 10), limit=Limit.parse("1wd"))  # noqa: DTZ001
def test_every_count_is_explained_from_its_start_to_its_deadline(start: datetime, limit: Limit) -> None:
    begins = start.replace(tzinfo=UTC)
    reckoning = deadline(begins, limit, CALENDAR)
    assert reckoning.steps[0].code == "started"
    assert reckoning.steps[0].at == begins
    assert reckoning.steps[-1].code == "due"
    assert reckoning.steps[-1].at == reckoning.due_at
    if limit.unit is Unit.WORKING_DAY:
        numbered = [step.params for step in reckoning.steps if step.code == "working_days"]
        assert numbered[-1]["to_number"] == limit.days
    if limit.unit is Unit.WORKING_HOUR:
        worked = [step.params for step in reckoning.steps if step.code == "worked"]
        assert worked[-1]["total_seconds"] == limit.duration.total_seconds()
        assert sum(int(params["counted_seconds"]) for params in worked) == limit.duration.total_seconds()


@given(
    almanac=almanacs(),
    start=starts,
    limit=limits,
    pauses=stretches,
    minutes=st.lists(st.integers(0, 70 * DAY)),
)
def test_the_share_that_is_gone_only_grows_and_is_whole_at_the_deadline(
    almanac: Almanac, start: int, limit: Limit, pauses: list[tuple[int, int]], minutes: list[int]
) -> None:
    stood = pauses_of(pauses)
    due_at = deadline(moment(start), limit, almanac.calendar, pauses=stood).known_due_at

    def share(now: datetime) -> float:
        return elapsed_share(moment(start), due_at, now, limit, almanac.calendar, pauses=stood)

    assert share(due_at) == 1.0
    shares = [share(moment(minute)) for minute in sorted(minutes)]
    assert shares == sorted(shares)
    for minute, gone in zip(sorted(minutes), shares, strict=True):
        assert gone >= 1.0 or moment(minute) < due_at


def test_the_naive_count_knows_the_worked_examples() -> None:
    plain = Almanac(
        CALENDAR,
        tuple(CALENDAR.is_workday(FIRST + timedelta(days=day)) for day in range(DAYS)),
        tuple(HOURS[0]),
    )

    def naive(start: str, limit: str, *pauses: tuple[str, str]) -> datetime:
        def minute(written: str) -> int:
            return int((at(written) - moment(0)).total_seconds()) // 60

        return moment(
            naive_due(minute(start), Limit.parse(limit), [(minute(a), minute(b)) for a, b in pauses], plain)
        )

    assert naive("2026-03-06 16:00", "4wh") == at("2026-03-09 11:00")
    assert naive("2026-03-07 10:00", "7nd") == at("2026-03-16 17:30")
    assert naive("2026-03-09 09:00", "3wd", ("2026-03-10 10:00", "2026-03-12 10:00")) == at(
        "2026-03-16 17:30"
    )
