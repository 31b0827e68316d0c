"""The report one can hand back: which row, which column, what is wrong, how to mend it.

With the rows themselves only where it is written beside the file it is about; on the desk's pages it holds
no caller. Cells that a spreadsheet would take for a formula are made plain text.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from wangge.doors.exchange.models import ImportFault
from wangge.doors.exchange.reading import Table
from wangge.doors.exchange.tables import Cell
from wangge.doors.shell import sheets
from wangge.doors.shell.sheets import Column

FORMS = (".csv", ".xlsx")
#: Of the report's own columns, in characters; those of the file itself are as wide as the second.
_WIDTHS = (8, 22, 22, 22, 60, 60, 10)


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
    """The report as CSV, piece by piece."""
    return sheets.csv_pieces(_columns(table), lines(faults, table))


def write_xlsx(out: IO[bytes], faults: Iterable[ImportFault], *, table: Table | None = None) -> None:
    sheets.write_workbook(out, title=_("Problems"), columns=_columns(table), rows=lines(faults, table))


# --- the pieces ---


def _line(fault: ImportFault) -> list[str]:
    return [
        str(fault.row), fault.external_no, fault.column, fault.value, fault.what, fault.mend,
        _("no") if fault.refuses else _("yes"),
    ]  # fmt: skip


def _shown(cell: Cell) -> str:
    return "" if cell is None else str(cell)


def _columns(table: Table | None) -> list[Column]:
    return [
        Column(title, _WIDTHS[place] if place < len(_WIDTHS) else _WIDTHS[1])
        for place, title in enumerate(titles(table))
    ]
