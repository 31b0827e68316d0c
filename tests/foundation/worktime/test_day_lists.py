"""Files of days off, as somebody types them from the yearly notice."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from foundation.worktime.almanac import CALENDAR
from wangge.foundation.worktime.day_lists import amended, read_day_file, read_days, years_announced_by
from wangge.foundation.worktime.workcalendar import Day, DayKind, UnableToReadCalendar

NOTICE = [
    "date,kind,name",
    "2027-10-01,holiday,国庆节",
    "2027-10-04,holiday,国庆节",
    "2027-10-09,adjusted_workday,国庆节",
]


def test_days_off_and_exchanged_days_are_read() -> None:
    assert read_days(NOTICE) == {
        date(2027, 10, 1): Day(DayKind.HOLIDAY, "国庆节", "国庆节"),
        date(2027, 10, 4): Day(DayKind.HOLIDAY, "国庆节", "国庆节"),
        date(2027, 10, 9): Day(DayKind.ADJUSTED_WORKDAY, "国庆节", "国庆节"),
    }


def test_whether_a_day_is_worked_says_enough() -> None:
    days = read_days(["date,is_workday", "2027/10/1,0", "2027/10/9,1", "2027/10/10,0", "2027/10/11,1"])
    assert [day.kind for day in days.values()] == [
        DayKind.HOLIDAY,
        DayKind.ADJUSTED_WORKDAY,
        DayKind.WEEKEND,
        DayKind.WORKDAY,
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_files_of_spreadsheets_are_read_in_their_encodings(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "2027.csv"
    file.write_bytes("\r\n".join(NOTICE).encode(encoding))
    assert read_day_file(file) == read_days(NOTICE)


def test_a_whole_notice_replaces_its_year() -> None:
    days = read_days([*NOTICE, "2026-12-31,holiday,元旦"])
    assert years_announced_by(days) == {2027}
    calendar = amended(CALENDAR, days)
    assert not calendar.is_workday(date(2027, 10, 1))
    assert calendar.is_workday(date(2027, 10, 9))
    assert not calendar.provisional(date(2027, 5, 5))
    assert not calendar.is_workday(date(2026, 12, 31))
    assert not calendar.is_workday(date(2026, 10, 1)), "single days do not replace their year"
    again = amended(calendar, read_days(NOTICE[:2]))
    assert again.is_workday(date(2027, 10, 4))


def test_a_plain_day_takes_a_day_off_back() -> None:
    calendar = amended(CALENDAR, read_days(["date,is_workday", "2026-10-02,1", "2026-10-10,0"]))
    assert calendar.is_workday(date(2026, 10, 2))
    assert not calendar.is_workday(date(2026, 10, 10))


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([], "calendar_columns_missing"),
        (["day,kind", "2027-10-01,holiday"], "calendar_columns_missing"),
        (["date,name", "2027-10-01,国庆节"], "calendar_columns_missing"),
        (["date,kind", "1 October,holiday"], "calendar_date_unreadable"),
        (["date,kind", "2027-02-30,holiday"], "calendar_date_unreadable"),
        (["date,kind", "2027-10,holiday"], "calendar_date_unreadable"),
        (["date,kind", "2003-10-01,holiday"], "calendar_date_too_early"),
        (["date,kind", "2027-10-01,feast"], "calendar_kind_unknown"),
        (["date,kind", "2027-10-01,adjusted_workday"], "calendar_not_a_weekend"),
        (["date,kind", "2027-10-01,weekend"], "calendar_not_a_weekend"),
        (["date,is_workday", "2027-10-01,no"], "calendar_is_workday_unreadable"),
        (["date,kind", "2027-10-01"], "calendar_is_workday_unreadable"),
        (["date,kind,is_workday", "2027-10-01,holiday,1"], "calendar_row_contradicts"),
        (["date,kind", "2027-10-01,holiday", "2027-10-01,workday"], "calendar_day_twice"),
        (["date,kind", "2027-10-01," + "x" * 200_000], "calendar_not_csv"),
    ],
)
def test_a_list_with_a_mistake_is_refused(lines: list[str], code: str) -> None:
    with pytest.raises(UnableToReadCalendar) as refusal:
        read_days(lines)
    assert refusal.value.code == code
    if code.startswith("calendar_date") or code == "calendar_day_twice":
        assert str(len(lines)) in str(refusal.value), "the line is named"


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnableToReadCalendar) as refusal:
        read_day_file(tmp_path / "nowhere.csv")
    assert refusal.value.code == "calendar_file_unreadable"
    assert "nowhere.csv" in str(refusal.value)
