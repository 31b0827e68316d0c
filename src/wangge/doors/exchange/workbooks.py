"""Excel workbooks (.xlsx), read by calamine, after a look at what they would unfold to.

A workbook is a ZIP archive of XML: a few kilobytes can unfold to gigabytes, and two cells at opposite
corners of a sheet to sixteen thousand million. Every part is therefore unfolded once in pieces and measured
before anything is handed to the reader.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum

from wangge.doors.exchange.tables import MOST_COLUMNS, MOST_ROWS, Row, UnableToReadFile

MOST_PARTS: Final = 2_000
MOST_BYTES: Final = 192 * 1024 * 1024
MOST_FOLDED: Final = 64 * 1024 * 1024
MOST_CELLS: Final = 6_000_000
_PIECE: Final = 256 * 1024
_CELL = re.compile(rb"<(?:\w{1,20}:)?c[\s/>]")
_CELL_AT = re.compile(rb"\br\s{0,9}=\s{0,9}[\"']([A-Za-z]{1,4})([0-9]{1,8})[\"']")
_ROW_AT = re.compile(rb"<(?:\w{1,20}:)?row\b[^>]{0,200}?\br\s{0,9}=\s{0,9}[\"']([0-9]{1,8})[\"']")


def is_workbook(head: bytes) -> bool:
    return head.startswith(b"PK")


def refuse_old_formats(head: bytes) -> None:
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnableToReadFile(
            "old_excel",
            _("This is an old Excel file (.xls), or one with a password. Save it as .xlsx without one."),
        )
    if head.startswith((b"%PDF", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")):
        raise UnableToReadFile("not_a_table", _("This is neither CSV nor an Excel workbook (.xlsx)."))


class Workbook:
    """The sheets of a workbook that was measured; `sheet` is the one that is read."""

    def __init__(self, file: BinaryIO) -> None:
        _measure(file)
        file.seek(0)
        try:
            self._book = CalamineWorkbook.from_filelike(file)
            self.sheets = [
                sheet.name for sheet in self._book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet
            ]
        except PasswordError:
            raise UnableToReadFile(
                "password", _("The workbook has a password. Save it without one.")
            ) from None
        except BaseException as error:
            raise _broken(error) from None
        if not self.sheets:
            raise UnableToReadFile("no_sheet", _("The workbook has no sheet with cells."))
        self.sheet = self.sheets[0]

    @property
    def form(self) -> str:
        return f"Excel, {self.sheet}"

    @property
    def rows_expected(self) -> int:
        try:
            return int(self._book.get_sheet_by_name(self.sheet).total_height)
        except BaseException as error:
            raise _broken(error) from None

    def rows(self) -> Iterator[Row]:
        try:
            sheet = self._book.get_sheet_by_name(self.sheet)
            for number, cells in enumerate(sheet.iter_rows(), start=1):
                yield Row(number, tuple(cells))
        except BaseException as error:
            if isinstance(error, GeneratorExit):
                raise
            raise _broken(error) from None


def _broken(error: BaseException) -> BaseException:
    """The reader's own words are for programmers, and its panics are no `Exception`."""
    if isinstance(error, (CalamineError, ValueError, OSError, KeyError)) or "Panic" in type(error).__name__:
        return UnableToReadFile(
            "broken", _("The workbook is damaged. Open it in Excel, save it anew, and try again.")
        )
    return error


# --- measuring ------------------------------------------------------------------------------------


def _measure(file: BinaryIO) -> None:
    file.seek(0, 2)
    if file.tell() > MOST_FOLDED:
        raise _too_large()
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            _check_directory(parts)
            for part in parts:
                _unfold(file, part)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError, OSError):
        raise UnableToReadFile(
            "broken", _("The workbook is damaged. Open it in Excel, save it anew, and try again.")
        ) from None


def _check_directory(parts: list[zipfile.ZipInfo]) -> None:
    names = [part.filename for part in parts]
    if not any(name == "xl/workbook.xml" for name in names):
        raise UnableToReadFile("not_a_workbook", _("This archive is no Excel workbook (.xlsx)."))
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_BYTES:
        raise _too_large()
    for name in names:
        if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or ":" in name:
            raise UnableToReadFile(
                "odd_names", _("The workbook holds parts whose names lead out of it. It was not opened.")
            )
    if len(set(names)) != len(names):
        raise UnableToReadFile("odd_names", _("The workbook holds two parts of one name. It was not opened."))


def _unfold(file: BinaryIO, part: zipfile.ZipInfo) -> None:
    """Unfold one part in pieces; what its entry in the directory says may be a lie."""
    if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or part.flag_bits & 1:
        raise zipfile.BadZipFile
    grid = _Grid() if part.filename.startswith("xl/worksheets/") else None
    unfolded = 0
    for piece in _pieces(file, part):
        unfolded += len(piece)
        if unfolded > part.file_size or unfolded > MOST_BYTES:
            raise _too_large()
        if grid is not None:
            grid.look(piece)
    if unfolded != part.file_size:
        raise zipfile.BadZipFile


def _pieces(file: BinaryIO, part: zipfile.ZipInfo) -> Iterator[bytes]:
    file.seek(part.header_offset)
    header = file.read(30)
    if len(header) < 30 or header[:4] != b"PK\x03\x04":
        raise zipfile.BadZipFile
    file.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
    left = part.compress_size
    inflater: Any = zlib.decompressobj(-15) if part.compress_type == zipfile.ZIP_DEFLATED else None
    while left > 0:
        folded = file.read(min(_PIECE, left))
        if not folded:
            raise zipfile.BadZipFile
        left -= len(folded)
        if inflater is None:
            yield folded
            continue
        while folded:
            yield inflater.decompress(folded, _PIECE)
            folded = inflater.unconsumed_tail
    if inflater is not None:
        while piece := inflater.flush(_PIECE):
            yield piece
        if not inflater.eof:
            raise zipfile.BadZipFile


class _Grid:
    """How far the cells of a sheet reach: the reader makes room for every cell between the corners."""

    def __init__(self) -> None:
        self._rest = b""
        self._row = self._column = self._cells = 0

    def look(self, piece: bytes) -> None:
        if b"\0" in piece:  # the parts of a workbook are UTF-8
            raise zipfile.BadZipFile
        text = self._rest + piece
        # A tag cut in two by the end of the piece is looked at again with the next one.
        self._cells += len(_CELL.findall(piece))
        for letters, digits in set(_CELL_AT.findall(text)):
            column = 0
            for letter in letters.upper():
                column = column * 26 + letter - 64
            self._column = max(self._column, column)
            self._row = max(self._row, int(digits))
        for digits in _ROW_AT.findall(text):
            self._row = max(self._row, int(digits))
        self._rest = text[-256:]
        reach = max(self._cells, self._row * self._column)
        if self._row > MOST_ROWS or self._column > MOST_COLUMNS or reach > MOST_CELLS:
            raise UnableToReadFile(
                "too_many_cells",
                _(
                    "The sheet reaches to row %(row)s and column %(column)s. At most %(rows)s rows of "
                    "%(columns)s columns and %(cells)s cells are read: remove what is empty, or send parts."
                )
                % {
                    "row": self._row, "column": self._column, "rows": MOST_ROWS, "columns": MOST_COLUMNS,
                    "cells": MOST_CELLS,
                },
            )  # fmt: skip


def _too_large() -> UnableToReadFile:
    return UnableToReadFile(
        "too_large",
        _("The workbook unfolds to more than %(most)s MB. Send it in parts, or as CSV.")
        % {"most": MOST_BYTES // 1024 // 1024},
    )
