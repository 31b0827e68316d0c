"""CSV as it really comes: UTF-8 with and without mark, GB18030, both in one file, quotes left open.

Read in one pass over lines of bounded length. A record that cannot be read costs its first line; the lines
after it are read anew, so that a quotation mark left open does not swallow its good neighbours.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from django.utils.translation import gettext as _

from wangge.doors.exchange.problems import Fault
from wangge.doors.exchange.tables import MOST_RECORD_CHARACTERS, Row, UnableToReadFile

UTF_8: Final = "UTF-8"
GB18030: Final = "GB18030"
_LONGEST_LINE: Final = 4 * MOST_RECORD_CHARACTERS  # bytes
_MOST_LINES_A_RECORD: Final = 500
_DELIMITERS: Final = (",", "\t", ";", "|")
_HAN = re.compile("[\u4e00-\u9fff]")


@dataclass(frozen=True)
class _Line:
    text: str
    fault: Fault | None = None


class CsvFile:
    """A CSV file that was looked through once: its encoding is the one most of its lines are written in."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.encoding, self._skip, self.rows_expected = _encoding_of(file)
        self.delimiter = self._delimiter()

    @property
    def form(self) -> str:
        return f"CSV, {self.encoding}"

    def rows(self) -> Iterator[Row]:
        with _field_limit():
            yield from _Records(self._lines(), self.delimiter)

    def _lines(self) -> Iterator[_Line]:
        self._file.seek(self._skip)
        other = GB18030 if self.encoding == UTF_8 else UTF_8
        wrong = Fault("encoding", params={"encoding": self.encoding})
        for raw, cut in _raw_lines(self._file):
            if cut:
                start = raw[:1000].decode(self.encoding, "replace")
                yield _Line(start, Fault("row_too_long", params={"most": MOST_RECORD_CHARACTERS}))
            elif b"\0" in raw:
                yield _Line(raw.replace(b"\0", b"").decode(self.encoding, "replace"), Fault("nul"))
            elif (text := _decoded(raw, self.encoding)) is not None:
                yield _Line(text)
            else:
                yield _Line(raw.decode(other, "replace"), wrong)

    def _delimiter(self) -> str:
        """The sign that cuts the first lines most often, and most alike."""
        head = [line.text for _number, line in zip(range(10), self._lines(), strict=False)]
        return max(_DELIMITERS, key=lambda sign: max((line.count(sign) for line in head), default=0))


class _Records(Iterator[Row]):
    """csv.reader over lines that can be handed back."""

    def __init__(self, lines: Iterator[_Line], delimiter: str) -> None:
        self._lines = lines
        self._back: deque[_Line] = deque()
        self._used: list[_Line] = []
        self._delimiter = delimiter
        self._reader = self._new_reader()
        self._number = 0

    def __next__(self) -> Row:
        self._used = []
        try:
            cells = next(self._reader)
        except (csv.Error, _TooMuch) as error:
            if not self._used:
                raise StopIteration from error
            return self._broken(error)
        self._number += 1
        faults = {line.fault.code: line.fault for line in self._used if line.fault}
        return Row(self._number, tuple(cells), tuple(faults.values()))

    def _broken(self, error: Exception) -> Row:
        """Its first line is lost; those after it are read anew."""
        first, *after = self._used
        self._back.extendleft(reversed(after))
        self._reader = self._new_reader()
        self._number += 1
        too_long = isinstance(error, _TooMuch) and not after
        fault = first.fault or (
            Fault("row_too_long", params={"most": MOST_RECORD_CHARACTERS}) if too_long else Fault("quotes")
        )
        cells = first.text[:MOST_RECORD_CHARACTERS].strip("\r\n").split(self._delimiter)
        return Row(self._number, tuple(cell.strip('"') for cell in cells), (fault,))

    def _new_reader(self) -> Iterator[list[str]]:
        return csv.reader(self._feed(), delimiter=self._delimiter, strict=True)

    def _feed(self) -> Iterator[str]:
        while True:
            if self._back:
                line = self._back.popleft()
            else:
                following = next(self._lines, None)
                if following is None:
                    return
                line = following
            self._used.append(line)
            length = sum(len(used.text) for used in self._used)
            if length > MOST_RECORD_CHARACTERS or len(self._used) > _MOST_LINES_A_RECORD:
                raise _TooMuch
            yield line.text


class _TooMuch(Exception):
    """A record longer than any record is."""


class _field_limit:  # noqa: N801 - read as a word: with _field_limit()
    """The csv module keeps one limit for the whole process; it is only ever raised here."""

    def __enter__(self) -> None:
        csv.field_size_limit(max(csv.field_size_limit(), MOST_RECORD_CHARACTERS + 1))

    def __exit__(self, *_: object) -> None:
        return


def _raw_lines(file: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    """Lines as bytes; of one that is longer than any line is, the beginning, and that it was cut."""
    while raw := file.readline(_LONGEST_LINE):
        cut = False
        while len(raw) >= _LONGEST_LINE and not raw.endswith(b"\n"):
            cut = True
            more = file.readline(_LONGEST_LINE)
            if not more or more.endswith(b"\n"):
                break
        yield raw, cut


def _decoded(raw: bytes, encoding: str) -> str | None:
    """The line, or None where it is not written like the rest.

    Almost any bytes are some GB18030, so Chinese in UTF-8 is looked for first.
    """
    if raw.isascii():
        return raw.decode("ascii")
    utf_8 = _strict(raw, "utf-8")
    if encoding == UTF_8:
        return utf_8
    return None if utf_8 is not None and _HAN.search(utf_8) else _strict(raw, "gb18030")


def _strict(raw: bytes, codec: str) -> str | None:
    try:
        return raw.decode(codec)
    except UnicodeDecodeError:
        return None


def _encoding_of(file: BinaryIO) -> tuple[str, int, int]:
    """The encoding of most lines, how many bytes of mark stand before the first, and how many there are."""
    file.seek(0)
    head = file.read(64 * 1024)
    if not head.strip():
        raise UnableToReadFile("empty", _("The file is empty."))
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UnableToReadFile(
            "utf16", _("The file is written in UTF-16. Save it as “CSV UTF-8”, or as an Excel workbook.")
        )
    if head.count(b"\0") > len(head) // 100:
        raise UnableToReadFile("not_a_table", _("This is neither CSV nor an Excel workbook (.xlsx)."))
    if b"\r" in head and b"\n" not in head:
        raise UnableToReadFile(
            "line_ends", _("The lines of this file end in an old way (CR alone). Save it as “CSV UTF-8”.")
        )
    file.seek(0)
    lines = as_utf_8 = as_other = 0
    for lines, (raw, _cut) in enumerate(_raw_lines(file), start=1):  # noqa: B007
        if not raw.isascii():
            if _strict(raw, "utf-8") is None:
                as_other += 1
            else:
                as_utf_8 += 1
    if head.startswith(codecs.BOM_UTF8):
        return UTF_8, len(codecs.BOM_UTF8), lines
    return (UTF_8 if as_utf_8 >= as_other else GB18030), 0, lines
