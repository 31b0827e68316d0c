"""Tables as files: CSV piece by piece, and Excel workbooks with real dates and numbers.

Neither ever holds a whole table in memory. What a spreadsheet would take for a formula stays text (CWE-1236):
in CSV behind an apostrophe, in a workbook because texts are written as texts.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from itertools import islice
from typing import IO, Any

import xlsxwriter
from django.utils import timezone, translation

#: A cell: what is not text is written as what it is. Moments are aware.
Cell = str | int | float | Decimal | bool | date | datetime | None
Row = Sequence[Cell]

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: By this mark Excel knows UTF-8 from GBK.
UTF8_MARK = b"\xef\xbb\xbf"

#: Also in full width: spreadsheets in Chinese read ＝ as =.
_FORMULA = tuple("=+-@＝＋－＠")
_CONTROL = ("\t", "\r", "\n")
#: What Excel takes in one cell, and in one sheet below the titles.
_MOST_IN_A_CELL = 32_767
MOST_ROWS = 1_048_575
_PIECE_ROWS = 200


class Kind(Enum):
    """What stands in a column, for its width and how it is shown."""

    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    MOMENT = "moment"


@dataclass(frozen=True)
class Column:
    """`width` in characters; titles are translated when they are written."""

    title: Any
    width: int = 16
    kind: Kind = Kind.TEXT


def defused(text: str) -> str:
    """Text that no spreadsheet takes for a formula, with white space in front of one neither."""
    if text.startswith(_CONTROL) or text.lstrip().startswith(_FORMULA):
        return f"'{text}"
    return text


def csv_pieces(columns: Sequence[Column], rows: Iterable[Row]) -> Iterator[bytes]:
    """The table as CSV in UTF-8, some hundred rows at a time."""
    piece = _Piece()
    writer = csv.writer(piece)
    writer.writerow([defused(str(column.title)) for column in columns])
    yield UTF8_MARK + piece.taken()
    waiting = iter(rows)
    while some := list(islice(waiting, _PIECE_ROWS)):
        writer.writerows([_plain(cell) for cell in row] for row in some)
        yield piece.taken()


def write_workbook(
    out: IO[bytes], *, title: str, columns: Sequence[Column], rows: Iterable[Row], on_disk: bool = True
) -> int:
    """Write a workbook of one sheet; the number of rows below the titles.

    Rows go to a passing file as they come (`constant_memory`), so a hundred thousand take no more memory
    than ten; not `on_disk`, for what must lie on none, they stay in memory. Moments are local: a spreadsheet
    knows no time zones. ValueError for more than `MOST_ROWS`.
    """
    book = xlsxwriter.Workbook(
        out,
        {
            "constant_memory": on_disk,
            "in_memory": not on_disk,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    count = _write_sheet(book, title, columns, rows)
    book.close()
    return count


def in_language(pieces: Iterable[bytes], language: str) -> Iterator[bytes]:
    """Make each piece in this language: a response is streamed when its request's is over."""
    source = iter(pieces)
    while True:
        with translation.override(language):
            piece = next(source, None)
        if piece is None:
            return
        yield piece


# --- the pieces ---


def _write_sheet(book: Any, title: str, columns: Sequence[Column], rows: Iterable[Row]) -> int:
    sheet = book.add_worksheet(_sheet_name(title))
    shown = {
        Kind.DAY: book.add_format({"num_format": "yyyy-mm-dd"}),
        Kind.MOMENT: book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
    }
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width)
        sheet.write_string(0, place, str(column.title), bold)
    sheet.freeze_panes(1, 0)
    count = 0
    for count, row in enumerate(rows, start=1):
        if count > MOST_ROWS:
            raise ValueError("A sheet of Excel holds 1,048,576 rows.")
        for place, cell in enumerate(row):
            _write_cell(sheet, count, place, cell, shown)
    sheet.autofilter(0, 0, count, len(columns) - 1)
    return count


def _write_cell(sheet: Any, row: int, place: int, cell: Cell, shown: dict[Kind, Any]) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, str):
        sheet.write_string(row, place, cell[:_MOST_IN_A_CELL])
    elif isinstance(cell, bool):
        sheet.write_boolean(row, place, cell)
    elif isinstance(cell, datetime):
        local = timezone.localtime(cell).replace(tzinfo=None)
        sheet.write_datetime(row, place, local, shown[Kind.MOMENT])
    elif isinstance(cell, date):
        sheet.write_datetime(row, place, datetime(cell.year, cell.month, cell.day), shown[Kind.DAY])  # noqa: DTZ001
    else:
        sheet.write_number(row, place, cell)


def _plain(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return timezone.localtime(cell).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, date):
        return cell.isoformat()
    # NUL is no text to anybody who reads the file.
    return defused(cell.replace("\0", "")) if isinstance(cell, str) else str(cell)


def _sheet_name(title: str) -> str:
    """At most 31 characters, without those that Excel forbids."""
    name = "".join(sign for sign in title if sign not in "[]:*?/\\'")[:31].strip()
    return name or "1"


class _Piece:
    """What csv.writer writes to, emptied after each piece."""

    def __init__(self) -> None:
        self._text: list[str] = []

    def write(self, text: str) -> Any:
        self._text.append(text)

    def taken(self) -> bytes:
        content = "".join(self._text).encode("utf-8", "replace")
        self._text.clear()
        return content
