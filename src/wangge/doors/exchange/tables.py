"""A file as rows of cells, whatever it is: `csv_files` and `workbooks` read, here is what they give."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import BinaryIO, Protocol

from wangge.doors.exchange.problems import Fault
from wangge.foundation.refusals import Refusal

Cell = str | int | float | bool | datetime | date | time | timedelta | None

#: What one file may hold. Larger ones are sent in parts.
MOST_ROWS = 1_000_000
MOST_COLUMNS = 500
MOST_RECORD_CHARACTERS = 128 * 1024


class UnableToReadFile(Refusal):
    """The file as a whole cannot be taken: nothing was written. The message says how to mend it."""


@dataclass(frozen=True)
class Row:
    """One row as a spreadsheet counts it, from 1; `faults` are of the writing itself."""

    number: int
    cells: tuple[Cell, ...]
    faults: tuple[Fault, ...] = ()

    @property
    def is_blank(self) -> bool:
        return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in self.cells)


class RowSource(Protocol):
    """Where rows come from. `rows` may be asked more than once."""

    @property
    def form(self) -> str:
        """What the file is: "CSV, UTF-8", "Excel, sheet 工单"."""

    @property
    def rows_expected(self) -> int:
        """About how many rows there are; a cell over several lines counts as several."""

    def rows(self) -> Iterator[Row]: ...


def digest_of(file: BinaryIO) -> str:
    """SHA-256 of the whole content, read in pieces."""
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(1024 * 1024):
        digest.update(piece)
    return digest.hexdigest()
