"""A file held against a mapping: which column is which field, and then row after row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from django.utils.translation import gettext as _

from wangge.doors.exchange.csv_files import CsvFile
from wangge.doors.exchange.mapping import Mapping, title_key
from wangge.doors.exchange.tables import (
    MOST_COLUMNS,
    MOST_ROWS,
    Cell,
    Row,
    RowSource,
    UnableToReadFile,
    digest_of,
)
from wangge.doors.exchange.workbooks import Workbook, is_workbook, refuse_old_formats

#: Exports put a title above the header; it stands in one of the first rows.
_HEADER_AMONG = 10


@dataclass(frozen=True)
class Header:
    """The row of titles, and what becomes of each column."""

    row: int
    titles: tuple[str, ...]
    fields: dict[str, tuple[int, ...]]
    """Field to the places of its columns; several only where the mapping joins them."""
    unknown: tuple[str, ...]
    """Titles the mapping says nothing of: their columns are not read."""
    left_out: tuple[tuple[str, str], ...]
    """Titles the mapping leaves out, with its reason."""
    unused: tuple[str, ...]
    """Titles of a field that another column of the file fills already."""

    def title_of(self, name: str) -> str:
        places = self.fields.get(name, ())
        return " + ".join(self.titles[place] for place in places)


@dataclass(frozen=True)
class Table:
    """A file that can be read row by row under its header."""

    source: RowSource
    header: Header
    digest: str
    other_sheets: tuple[str, ...] = ()

    @property
    def form(self) -> str:
        return self.source.form

    def rows(self, *, after: int = 0) -> Iterator[Row]:
        """The rows below the header that are not blank, from the first behind row `after`."""
        skip = max(after, self.header.row)
        for row in self.source.rows():
            if row.number > MOST_ROWS:
                raise UnableToReadFile(
                    "too_many_rows",
                    _("The file has more than %(most)s rows. Send it in parts.") % {"most": MOST_ROWS},
                )
            if row.number > skip and not row.is_blank:
                yield row

    def cell(self, row: Row, place: int) -> Cell:
        return row.cells[place] if place < len(row.cells) else None


def open_table(file: BinaryIO, mapping: Mapping) -> Table:
    """Open a file that can be sought in. UnableToReadFile if it is none, or lacks a column it needs."""
    file.seek(0)
    head = file.read(8)
    refuse_old_formats(head)
    digest = digest_of(file)
    if not is_workbook(head):
        source = CsvFile(file)
        return Table(source, _header(source, mapping), digest)
    book = Workbook(file)
    best: Header | None = None
    trouble: UnableToReadFile | None = None
    chosen = book.sheet
    for sheet in book.sheets:
        book.sheet = sheet
        try:
            header = _header(book, mapping)
        except UnableToReadFile as error:
            trouble = trouble or error
            continue
        if best is None or len(header.fields) > len(best.fields):
            best, chosen = header, sheet
    if best is None:
        raise trouble or UnableToReadFile("empty", _("The file is empty."))
    book.sheet = chosen
    return Table(book, best, digest, tuple(sheet for sheet in book.sheets if sheet != chosen))


# --- the pieces ---


def _header(source: RowSource, mapping: Mapping) -> Header:
    known = mapping.known_titles()
    best: Row | None = None
    fit = 0
    for row in islice(source.rows(), _HEADER_AMONG):
        fits = sum(title_key(str(cell)) in known for cell in row.cells if isinstance(cell, str) and cell)
        if fits > fit:
            best, fit = row, fits
    if best is None:
        raise UnableToReadFile(
            "no_header",
            _(
                "None of the first %(rows)s rows holds a title of the mapping. Is it the right file, "
                "and the right mapping?"
            )
            % {"rows": _HEADER_AMONG},
        )
    if len(best.cells) > MOST_COLUMNS:
        raise UnableToReadFile(
            "too_many_columns", _("The file has more than %(most)s columns.") % {"most": MOST_COLUMNS}
        )
    return _match(best, mapping)


def _match(row: Row, mapping: Mapping) -> Header:
    titles = tuple(_title(cell) for cell in row.cells)
    places: dict[str, list[int]] = {}
    for place, title in enumerate(titles):
        if title:
            places.setdefault(title_key(title), []).append(place)
    fields: dict[str, tuple[int, ...]] = {}
    unused: list[str] = []
    for name, column in mapping.columns.items():
        found = [(title, places[title_key(title)]) for title in column.titles if title_key(title) in places]
        if not found:
            continue
        for title, there in found:
            if len(there) > 1:
                raise UnableToReadFile(
                    "title_twice",
                    _("Two columns are called “%(title)s”. Remove or rename one of them.") % {"title": title},
                )
        if column.join is not None:
            fields[name] = tuple(there[0] for _title_, there in found)
        else:
            fields[name] = (found[0][1][0],)
            unused += [titles[there[0]] for _title_, there in found[1:]]
    _check_required(fields, mapping, titles)
    taken = {place for those in fields.values() for place in those}
    unused = [title for title in unused if titles.index(title) not in taken]
    rest = [
        title for place, title in enumerate(titles) if title and place not in taken and title not in unused
    ]
    left_out = [
        (title, mapping.left_out[title_key(title)]) for title in rest if title_key(title) in mapping.left_out
    ]
    unknown = [title for title in rest if title_key(title) not in mapping.left_out]
    return Header(row.number, titles, fields, tuple(unknown), tuple(left_out), tuple(unused))


def _check_required(fields: dict[str, tuple[int, ...]], mapping: Mapping, titles: Sequence[str]) -> None:
    missing = [column for name, column in mapping.columns.items() if column.required and name not in fields]
    if missing:
        raise UnableToReadFile(
            "columns_missing",
            _("The file has no column for: %(missing)s. Its titles are: %(titles)s. Nothing was taken in.")
            % {
                "missing": _list(f"{column.field.label} ({column.titles[0]})" for column in missing),
                "titles": _list(title for title in titles[:40] if title),
            },
        )


def _list(words: Iterator[str] | Sequence[str]) -> str:
    return _(", ").join(words)


def _title(cell: Cell) -> str:
    """A title as it is shown: one line, not too long, nothing that turns the writing around."""
    text = "" if cell is None else str(cell)
    return "".join(sign for sign in " ".join(text.split()) if sign.isprintable())[:80]
