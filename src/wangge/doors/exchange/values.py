"""One cell read as what its field is: a text, a moment, a word of ours, a coordinate."""

from __future__ import annotations

import math
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from wangge.doors.exchange.mapping import IDENTITY, Column, Field, Mapping, word_key
from wangge.doors.exchange.problems import Fault
from wangge.doors.exchange.tables import Cell
from wangge.foundation.privacy.screening import mask_text

#: A figure of more digits than this was rounded by the spreadsheet that kept it.
EXACT_DIGITS: Final = 15
EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
#: Clocks go wrong by minutes, time zones by hours; what lies further ahead is a wrong date.
AHEAD: Final = timedelta(hours=1)
_QUOTED: Final = 40
_LONGEST_EMPTY: Final = 20


class Unreadable(Exception):
    """What a cell holds is not what its field is; carries the fault, still without its column."""

    def __init__(self, code: str, value: str = "", **params: Any) -> None:
        super().__init__(code)
        self.code, self.value, self.params = code, value, params

    def fault(self, field: Field, column: str) -> Fault:
        value = "" if field.name in IDENTITY else quoted(self.value)
        params = {**self.params, "value": value} if value else self.params
        return Fault(self.code, column, value, params)


def quoted(value: str) -> str:
    """A value as it may be shown to whoever reads the report: short, masked, in one line."""
    return mask_text(" ".join(value.split()))[:_QUOTED]


def text_of(cell: Cell, mapping: Mapping) -> str:
    """What a cell says as text; "" for what stands where nothing is to be said."""
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case float() if math.isfinite(cell) and cell.is_integer() and abs(cell) < 1e18:
            text = str(int(cell))
        case datetime():
            text = f"{cell:%Y-%m-%d %H:%M:%S}"
        case date() | time() | timedelta() | int() | float():
            text = str(cell)
        case _:
            text = cell.strip()
    # A long text is none of the few signs that stand for nothing.
    return "" if not text or (len(text) <= _LONGEST_EMPTY and word_key(text) in mapping.empty) else text


def number_of(cell: Cell, mapping: Mapping) -> str:
    """The number of a record, exactly as it is written there."""
    if isinstance(cell, float) and not isinstance(cell, bool):
        if not math.isfinite(cell) or not cell.is_integer():
            raise Unreadable("number_form", str(cell))
        if len(str(abs(int(cell)))) > EXACT_DIGITS:
            raise Unreadable("number_lost", str(cell))
    text = text_of(cell, mapping)
    if not text:
        raise Unreadable("missing")
    normal = unicodedata.normalize("NFKC", text)
    if len(normal) > 80 or not normal.isprintable() or any(sign.isspace() for sign in normal):
        raise Unreadable("number_form", text)
    if "e+" in normal.lower() and normal.lower().replace("e+", "").replace(".", "").isdigit():
        # 1.01E+11: a spreadsheet has shown it so and CSV has kept what was shown.
        raise Unreadable("number_lost", text)
    return normal


def long_text(text: str, field: Field) -> str:
    if len(text) > field.longest:
        raise Unreadable("too_long", "", length=len(text), most=field.longest)
    return text


def moment_of(cell: Cell, mapping: Mapping, at: datetime) -> tuple[datetime | None, str]:
    """The moment in UTC, and "hour_twice" where the wall clock alone does not say which."""
    if isinstance(cell, datetime):
        return _placed(cell, mapping.time_zone)
    if isinstance(cell, date):
        return _placed(datetime.combine(cell, time.min), mapping.time_zone)
    text = text_of(cell, mapping)
    if not text:
        return None, ""
    if isinstance(cell, (int, float, time, timedelta)):
        raise Unreadable("not_a_time", text)
    written = unicodedata.normalize("NFKC", text)
    for form in mapping.times:
        try:
            return _placed(datetime.strptime(written, form), mapping.time_zone)  # noqa: DTZ007 - placed at once
        except (ValueError, OverflowError):
            continue
    raise Unreadable("not_a_time", text)


def _placed(wall: datetime, zone: ZoneInfo) -> tuple[datetime, str]:
    """A time on the wall of that zone, as a moment. Twice a year the wall is no clock."""
    if wall.tzinfo is not None:
        return wall.astimezone(UTC), ""
    try:
        first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
        second = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    except (OverflowError, ValueError):
        raise Unreadable("not_a_time", str(wall)) from None
    if first.astimezone(zone).replace(tzinfo=None) != wall.replace(fold=0):
        raise Unreadable("no_such_hour", str(wall), zone=zone.key)
    return first, "" if first == second else "hour_twice"


def word_of(cell: Cell, column: Column, mapping: Mapping) -> str:
    """Our word for what is written; "" where nothing is."""
    text = text_of(cell, mapping)
    if not text and cell is not None and str(cell).strip():
        # "无" stands for nothing in most columns, and may be a word in this one.
        return column.words.get(word_key(str(cell)), "")
    if not text:
        return ""
    found = column.words.get(word_key(text), column.other)
    if not found:
        written = list(dict.fromkeys(column.words))[:12]
        raise Unreadable("unknown_word", text, words=", ".join(written))
    return found


def degrees_of(cell: Cell, mapping: Mapping, most: float) -> float | None:
    """Decimal degrees; nothing else is guessed at."""
    text = text_of(cell, mapping)
    if not text:
        return None
    try:
        value = float(unicodedata.normalize("NFKC", text)) if not isinstance(cell, bool) else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or abs(value) > most:
        raise Unreadable("not_a_point", text)
    return value
