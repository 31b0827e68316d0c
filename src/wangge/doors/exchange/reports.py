"""The report one can hand back: which row, which column, what is wrong, how to mend it.

With the rows themselves only where it is written beside the file it is about; on the desk's pages it holds
no caller. Cells that a spreadsheet would take for a formula are made plain text.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import IO, Any

import xlsxwriter
from django.utils.translation import gettext as _

from wangge.doors.exchange.models import ImportFault
from wangge.doors.exchange.reading import Table
from wangge.doors.exchange.tables import Cell

FORMS = (".csv", ".xlsx")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MOST_IN_A_CELL = 32_000


def titles(table: Table | None = None) -> list[str]:
    own = [_("Row"), _("Number in the other system"), _("Column"), _("Written"), _("What is wrong"),
           _("How to mend it"), _("Taken in")]  # fmt: skip
    return own + (list(table.header.titles) if table else [])


def lines(faults: Iterable[ImportFault], table: Table | None = None) -> Iterator[list[str]]:
    """One line for each fault, in the order of the rows; with the cells of the row if there is a table."""
    if table is None:
        for fault in faults:
            yield _line(fault)
        return
    rows = table.rows()
    for number, of_row in groupby(faults, key=lambda fault: fault.row):
        row = next((row for row in rows if row.number == number), None)
        cells = [_shown(cell) for cell in row.cells] if row else []
        for fault in of_row:
            yield _line(fault) + cells


def write_report(path: Path, faults: Iterable[ImportFault], *, table: Table | None = None) -> None:
    """Write the report, to be read by its owner alone: it may hold the rows as they came."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        if path.suffix == ".xlsx":
            write_xlsx(out, faults, table=table)
        else:
            for piece in csv_pieces(faults, table=table):
                out.write(piece)


def csv_pieces(faults: Iterable[ImportFault], *, table: Table | None = None) -> Iterator[bytes]:
    """The report as CSV, piece by piece; with the mark by which Excel knows UTF-8."""
    piece = _Piece()
    writer = csv.writer(piece)
    writer.writerow(titles(table))
    yield b"\xef\xbb\xbf" + piece.taken()
    for line in lines(faults, table):
        writer.writerow([defused(cell) for cell in line])
        yield piece.taken()


def write_xlsx(out: IO[bytes], faults: Iterable[ImportFault], *, table: Table | None = None) -> None:
    book = xlsxwriter.Workbook(
        out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 0, 8)
    sheet.set_column(1, 3, 22)
    sheet.set_column(4, 5, 60)
    bold = book.add_format({"bold": True})
    for place, title in enumerate(titles(table)):
        sheet.write_string(0, place, title[:_MOST_IN_A_CELL], bold)
    for number, line in enumerate(lines(faults, table), start=1):
        for place, cell in enumerate(line):
            sheet.write_string(number, place, cell[:_MOST_IN_A_CELL])
    book.close()


def defused(cell: str) -> str:
    """Text that no spreadsheet takes for a formula (CWE-1236)."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


# --- the pieces ---


def _line(fault: ImportFault) -> list[str]:
    return [
        str(fault.row), fault.external_no, fault.column, fault.value, fault.what, fault.mend,
        _("no") if fault.refuses else _("yes"),
    ]  # fmt: skip


def _shown(cell: Cell) -> str:
    return "" if cell is None else str(cell)


class _Piece:
    """What csv.writer writes to, emptied after each line."""

    def __init__(self) -> None:
        self._text: list[str] = []

    def write(self, text: str) -> Any:
        self._text.append(text)

    def taken(self) -> bytes:
        content = "".join(self._text).encode()
        self._text.clear()
        return content
