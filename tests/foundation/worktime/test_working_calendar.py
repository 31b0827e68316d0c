"""Which days are worked, in which hours, and what is known of years without a notice."""

from __future__ import annotations

import csv
import os
from datetime import date, timedelta
from pathlib import Path

import pytest

from foundation.worktime.almanac import CALENDAR, at, local
from wangge.foundation.worktime.workcalendar import (
    Day,
    DayKind,
    OfficeHours,
    UnableToReadCalendar,
    UnableToReckon,
    WorkCalendar,
)

CHECKOUT = Path(__file__).resolve().parents[3]
SHARED_DATA = Path(os.environ.get("WANGGE_SHARED_DATA") or CHECKOUT.parent / "shared" / "data")


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=offset) for offset in range((date(year + 1, 1, 1) - first).days)]


def test_the_years_have_as_many_working_days_as_their_notices_gave() -> None:
    assert [sum(map(CALENDAR.is_workday, days_of(year))) for year in (2024, 2025, 2026)] == [251, 248, 248]
    # Another source of the same notices, day by day, where one lies beside the checkout.
    for file in SHARED_DATA.glob("calendar/cn_workdays_*.csv"):
        with file.open(encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                day = CALENDAR.day(date.fromisoformat(row["date"]))
                assert (row["kind"], row["holiday"]) == (day.kind.value, day.name_en), row["date"]
                assert CALENDAR.is_workday(date.fromisoformat(row["date"])) == (row["is_workday"] == "1")


def test_a_day_off_has_its_name_in_both_languages() -> None:
    assert CALENDAR.day(date(2026, 10, 1)) == Day(DayKind.HOLIDAY, "国庆节", "National Day")
    assert CALENDAR.day(date(2026, 10, 10)) == Day(DayKind.ADJUSTED_WORKDAY, "国庆节", "National Day")
    assert CALENDAR.day(date(2026, 10, 11)) == Day(DayKind.WEEKEND)
    assert CALENDAR.day(date(2026, 10, 12)) == Day(DayKind.WORKDAY)


def test_years_without_a_notice_follow_the_week_and_are_provisional() -> None:
    unannounced = max(CALENDAR.announced_years) + 1
    for day in days_of(unannounced):
        assert CALENDAR.provisional(day)
        assert CALENDAR.is_workday(day) == (day.weekday() < 5)
    assert not any(CALENDAR.provisional(day) for day in days_of(unannounced - 1))


def test_an_office_works_seven_hours_a_day_by_default() -> None:
    assert CALENDAR.day_length == timedelta(hours=7)
    assert CALENDAR.office_hours.written() == ["08:30-11:30", "13:30-17:30"]
    assert [(local(a), local(b)) for a, b in CALENDAR.intervals(date(2026, 10, 10))] == [
        ("Sat 2026-10-10 08:30", "Sat 2026-10-10 11:30"),
        ("Sat 2026-10-10 13:30", "Sat 2026-10-10 17:30"),
    ]
    assert CALENDAR.intervals(date(2026, 10, 11)) == []


@pytest.mark.parametrize(
    ("moment", "following"),
    [
        ("2026-03-06 08:30", "Fri 2026-03-06 08:30"),
        ("2026-03-06 10:15", "Fri 2026-03-06 10:15"),
        ("2026-03-06 11:30", "Fri 2026-03-06 13:30"),
        ("2026-03-06 17:30", "Mon 2026-03-09 08:30"),
        ("2026-09-30 18:00", "Thu 2026-10-08 08:30"),
    ],
)
def test_the_next_working_moment(moment: str, following: str) -> None:
    assert local(CALENDAR.next_working_moment(at(moment))) == following


def test_a_calendar_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        CALENDAR.days[date(2026, 3, 6)] = Day(DayKind.HOLIDAY)  # type: ignore[index]
    with pytest.raises(AttributeError):
        CALENDAR.version = 7  # type: ignore[misc]


def test_other_office_hours_make_another_calendar() -> None:
    summer = CALENDAR.with_office_hours(OfficeHours.parse(["08:00-12:00", "14:30-18:00"]))
    assert summer.day_length == timedelta(hours=7, minutes=30)
    assert CALENDAR.day_length == timedelta(hours=7)


@pytest.mark.parametrize(
    "written",
    [[], ["17:30-08:30"], ["08:30-08:30"], ["08:30-12:00", "11:30-17:30"], ["13:30-17:30", "08:30-11:30"]],
)
def test_office_hours_out_of_order_are_refused(written: list[str]) -> None:
    with pytest.raises(UnableToReadCalendar) as refusal:
        OfficeHours.parse(written)
    assert refusal.value.code == "office_hours_disordered"


@pytest.mark.parametrize("written", ["", "08:30", "08:30-25:00", "8-12", "08:30-11:30-12:30"])
def test_unreadable_office_hours_are_refused_with_an_example(written: str) -> None:
    with pytest.raises(UnableToReadCalendar) as refusal:
        OfficeHours.parse([written])
    assert refusal.value.code == "office_hours_unreadable"
    assert "08:30-11:30,13:30-17:30" in str(refusal.value)


def test_a_calendar_in_which_nobody_ever_works_is_refused() -> None:
    idle = {day: Day(DayKind.HOLIDAY) for year in (2026, 2027, 2028) for day in days_of(year)}
    calendar = WorkCalendar(1, "CN", CALENDAR.office_hours, idle, frozenset({2026, 2027, 2028}))
    with pytest.raises(UnableToReckon) as refusal:
        calendar.workday_from(date(2026, 1, 1))
    assert refusal.value.code == "nobody_works"
