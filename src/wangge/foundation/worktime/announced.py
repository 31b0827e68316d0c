"""The calendar that comes with the product, for which no database is needed.

Days off are the State Council's yearly notices as the package `chinesecalendar` holds them; office hours are
those of `defaults/calendars.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import chinese_calendar
from chinese_calendar.constants import Holiday, holidays, workdays

from wangge.foundation.worktime.workcalendar import Day, DayKind, OfficeHours, WorkCalendar

DEFAULTS_FILE = Path(__file__).parent / "defaults" / "calendars.toml"
SOURCE = f"chinesecalendar {chinese_calendar.__version__}"


@dataclass(frozen=True, slots=True)
class DefaultCalendar:
    region: str
    office_hours: OfficeHours
    first_year: int


def default_calendars() -> list[DefaultCalendar]:
    with DEFAULTS_FILE.open("rb") as file:
        rows: list[dict[str, Any]] = tomllib.load(file)["calendar"]
    return [
        DefaultCalendar(row["region"], OfficeHours.parse(row["office_hours"]), row["first_year"])
        for row in rows
    ]


def announced_years(first_year: int) -> frozenset[int]:
    """The years the package has a whole notice for: those with a day off on 1 October."""
    years = range(first_year, max(holidays).year + 1)
    return frozenset(year for year in years if date(year, 10, 1) in holidays)


def announced_days(years: Iterable[int]) -> dict[date, Day]:
    wanted = frozenset(years)
    # Weekend days inside a holiday are kept for their name's sake.
    off = {day: _day(DayKind.HOLIDAY, name) for day, name in holidays.items()}
    worked = {day: _day(DayKind.ADJUSTED_WORKDAY, name) for day, name in workdays.items()}
    return {day: named for day, named in (off | worked).items() if day.year in wanted}


def _day(kind: DayKind, name: str) -> Day:
    return Day(kind, Holiday(name).chinese, name)


@cache
def built_in_calendar(region: str = "CN") -> WorkCalendar:
    """The calendar of a new installation, as version 0: for use without tables."""
    chosen = next(default for default in default_calendars() if default.region == region)
    years = announced_years(chosen.first_year)
    return WorkCalendar(0, region, chosen.office_hours, announced_days(years), years)
