"""Lists of days off and of weekend days worked in exchange, as files that people write from a notice.

A file is CSV with a heading line: `date`, then `kind` (holiday, adjusted_workday, workday, weekend) or
`is_workday` (1 or 0), and if wanted `name` and `name_en`. UTF-8, or GB 18030 as spreadsheets write it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from wangge.foundation.worktime.workcalendar import EARLIEST, Day, DayKind, UnableToReadCalendar, WorkCalendar

NAME_LENGTH = 60
#: No line of a notice comes near this; a longer one is another kind of file.
LONGEST_LINE = 2_000


def read_day_file(path: Path) -> dict[date, Day]:
    """The days of a CSV file. Raises `UnableToReadCalendar`, naming the line."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnableToReadCalendar(
            "calendar_file_unreadable",
            format_lazy(
                _("The calendar file {path} cannot be opened: {why}."), path=path, why=error.strerror
            ),
        ) from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030", errors="replace")
    return read_days(text.splitlines())


def read_days(lines: Iterable[str]) -> dict[date, Day]:
    """The days of CSV lines, the heading line first. Raises `UnableToReadCalendar`, naming the line."""
    try:
        return _read_rows(csv.DictReader(_short(lines)))
    except csv.Error as error:
        raise UnableToReadCalendar(
            "calendar_not_csv", format_lazy(_("This is no CSV file: {why}."), why=str(error))
        ) from None


def _short(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if len(line) > LONGEST_LINE:
            raise csv.Error(f"{len(line)} characters in one line")
        yield line


def _read_rows(rows: csv.DictReader[str]) -> dict[date, Day]:
    columns = set(rows.fieldnames or ())
    if "date" not in columns or not columns & {"kind", "is_workday"}:
        raise UnableToReadCalendar(
            "calendar_columns_missing",
            _(
                "The calendar has no columns date and kind. Write “date,kind,name” on its first line, and "
                "below it one line a day, such as 2027-10-01,holiday,National Day."
            ),
        )
    days: dict[date, Day] = {}
    for row in rows:
        day, named = _read_row(rows.line_num, row)
        if days.setdefault(day, named) != named:
            raise UnableToReadCalendar(
                "calendar_day_twice",
                format_lazy(
                    _("Line {line}: {day} is given twice and differently. Keep one of the two lines."),
                    line=rows.line_num,
                    day=day.isoformat(),
                ),
            )
    return days


def _read_row(line: int, row: Mapping[str, str | None]) -> tuple[date, Day]:
    def cell(column: str) -> str:
        return (row.get(column) or "").strip()

    written = cell("date")
    try:
        year, month, day_of_month = (int(part) for part in written.replace("/", "-").split("-"))
        day = date(year, month, day_of_month)
    except ValueError:
        why = format_lazy(_("the date “{cell}” is not written like 2027-10-01"), cell=written)
        raise _unreadable("calendar_date_unreadable", line, why) from None
    if day < EARLIEST:
        why = format_lazy(_("{cell} is before 2004, where the calendar begins"), cell=written)
        raise _unreadable("calendar_date_too_early", line, why)
    kind = _read_kind(line, cell("kind"), cell("is_workday"), day)
    name = (cell("name") or cell("holiday"))[:NAME_LENGTH]
    return day, Day(kind, name, (cell("name_en") or name)[:NAME_LENGTH])


def _read_kind(line: int, kind: str, is_workday: str, day: date) -> DayKind:
    weekend = day.weekday() >= 5
    if not kind and is_workday == "1":
        return DayKind.ADJUSTED_WORKDAY if weekend else DayKind.WORKDAY
    if not kind and is_workday == "0":
        return DayKind.WEEKEND if weekend else DayKind.HOLIDAY
    if not kind:
        why = format_lazy(_("is_workday is “{cell}”; write 1 or 0"), cell=is_workday)
        raise _unreadable("calendar_is_workday_unreadable", line, why)
    if kind not in set(DayKind):
        why = format_lazy(
            _("“{cell}” is no kind of day; write holiday, adjusted_workday, workday or weekend"), cell=kind
        )
        raise _unreadable("calendar_kind_unknown", line, why)
    read = DayKind(kind)
    if not weekend and read in (DayKind.ADJUSTED_WORKDAY, DayKind.WEEKEND):
        why = format_lazy(
            _("{cell} is no Saturday or Sunday; check the date, or write workday or holiday"),
            cell=day.isoformat(),
        )
        raise _unreadable("calendar_not_a_weekend", line, why)
    if is_workday and is_workday != str(int(read.worked)):
        why = format_lazy(
            _("is_workday says something else than kind “{cell}”; correct one of the two"), cell=kind
        )
        raise _unreadable("calendar_row_contradicts", line, why)
    return DayKind.ADJUSTED_WORKDAY if weekend and read.worked else read


def _unreadable(code: str, line: int, why: object) -> UnableToReadCalendar:
    return UnableToReadCalendar(code, format_lazy(_("Line {line}: {why}."), line=line, why=why))


def years_announced_by(days: Mapping[date, Day]) -> frozenset[int]:
    """The years a list holds the whole notice of: those whose National Day is among the days off.

    A notice may also name a few days of the year before; these amend that year and do not replace it.
    """
    october_first = (day for day in days if (day.month, day.day) == (10, 1))
    return frozenset(day.year for day in october_first if days[day].kind is DayKind.HOLIDAY)


def amended(calendar: WorkCalendar, days: Mapping[date, Day]) -> WorkCalendar:
    """The calendar with these days in it.

    Years announced by the list are taken from it as a whole; single days of other years are amended.
    """
    years = years_announced_by(days)
    kept = {day: named for day, named in calendar.days.items() if day.year not in years}
    for day, named in days.items():
        if named.kind in (DayKind.HOLIDAY, DayKind.ADJUSTED_WORKDAY):
            kept[day] = named
        else:
            kept.pop(day, None)
    return replace(calendar, days=kept, announced_years=calendar.announced_years | years)
