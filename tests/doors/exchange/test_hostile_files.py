"""Files as they should not be: each made by a named mutation of a good one, always the same ones.

Whatever comes, the answer is a sentence or a report, never an exception; the good neighbours of a bad row go
in; nothing is half written; memory stays where it was.
"""

# ruff: noqa: E501 - one mutation a line reads best
from __future__ import annotations

import io
import json
import random
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from doors.exchange.files import csv_bytes, orders, take_in, written, xlsx_bytes
from town import DISTRICT, Town
from wangge.cases.models import Case, ForeignRecord
from wangge.doors.exchange.mapping import UnableToReadMapping, built_in, read_mapping
from wangge.doors.exchange.models import ImportFault, ImportRun, RunState
from wangge.doors.exchange.reading import open_table
from wangge.doors.exchange.running import shown_name, try_file
from wangge.doors.exchange.tables import UnableToReadFile
from wangge.doors.exchange.values import Unreadable, moment_of
from wangge.foundation.journal.actors import Actor
from wangge.foundation.privacy.models import Identity
from wangge.foundation.refusals import Refusal
from wangge.foundation.worktime.clock import now

ROWS = 6
WHOLE = 8
#: What reading one hostile file may add to the memory of Python's own objects.
MOST_MB = 60

Mutation = Callable[[bytes, random.Random], bytes]


# --- CSV: mutations of one row, whose neighbours must go in ---------------------------------------


def _line(content: bytes, number: int, change: Callable[[bytes], bytes]) -> bytes:
    lines = content.split(b"\r\n")
    lines[number] = change(lines[number])
    return b"\r\n".join(lines)


def _cell(content: bytes, chance: random.Random, value: bytes) -> bytes:
    """One cell of the third row replaced, whatever stands in it."""

    def change(line: bytes) -> bytes:
        cells = line.split(b",")
        cells[chance.choice([0, 1, 2, 3, 4, 13, 18])] = value
        return b",".join(cells)

    return _line(content, 3, change)


ROW_MUTATIONS: dict[str, Mutation] = {
    "nul in a cell": lambda content, chance: _cell(content, chance, b"a\0b"),
    "control signs": lambda content, chance: _cell(content, chance, bytes(chance.choices(range(1, 9), k=5))),
    "half a character": lambda content, chance: _cell(content, chance, "路灯".encode()[: chance.choice([1, 2, 4, 5])]),
    "gbk in utf-8": lambda content, chance: _cell(content, chance, "路灯不亮了".encode("gbk")),
    "random bytes": lambda content, chance: _cell(
        content, chance, bytes(b for b in chance.randbytes(40) if b not in b',\r\n"') or b"?"
    ),
    "lone surrogate": lambda content, chance: _cell(content, chance, b"\xed\xa0\x80"),
    "overlong utf-8": lambda content, chance: _cell(content, chance, b"\xc0\xaf\xc0\xaf"),
    "a huge cell": lambda content, chance: _cell(content, chance, b"x" * chance.randrange(5000, 100_000)),
    "a cell beyond any record": lambda content, chance: _cell(content, chance, b"x" * 3_000_000),
    "an open quote": lambda content, chance: _cell(content, chance, b'"open'),
    "a quote within": lambda content, chance: _cell(content, chance, b'"a"b'),
    "a carriage return": lambda content, chance: _cell(content, chance, b"a\rb"),
    "too many cells": lambda content, chance: _line(content, 3, lambda line: line + b",x" * chance.randrange(1, 600)),
    "too few cells": lambda content, chance: _line(
        content, 3, lambda line: b",".join(line.split(b",")[: chance.randrange(1, 12)])
    ),
    "cells moved": lambda content, chance: _line(
        content, 3, lambda line: b",".join(line.split(b",")[k:] + line.split(b",")[:k])
        if (k := chance.randrange(1, 10)) else line
    ),
    "a formula": lambda content, chance: _cell(content, chance, b"=HYPERLINK(0)"),
    "right-to-left": lambda content, chance: _cell(content, chance, "\u202e123\u202c".encode()),
    "a zero-width number": lambda content, chance: _cell(content, chance, "\u200b1\u200b".encode()),
    "a date of no calendar": lambda content, chance: _cell(content, chance, b"2026-13-45 99:99"),
    "a year of five digits": lambda content, chance: _cell(content, chance, b"99999-01-01 00:00"),
    "the year zero": lambda content, chance: _cell(content, chance, b"0000-00-00 00:00:00"),
    "infinity": lambda content, chance: _cell(content, chance, chance.choice([b"inf", b"nan", b"1e999", b"-0"])),
    "a number beyond numbers": lambda content, chance: _cell(content, chance, b"9" * chance.randrange(81, 4000)),
    "percent signs": lambda content, chance: _cell(content, chance, b"%s%(value)s%n%99999999d"),
    "a template": lambda content, chance: _cell(content, chance, b"{{7*7}}{% load %}${x}"),
    "markup": lambda content, chance: _cell(content, chance, b"<script>alert(1)</script>"),
    "sql": lambda content, chance: _cell(content, chance, b"'; DROP TABLE cases_case; --"),
}  # fmt: skip
CSV_CASES = [(name, seed) for name in ROW_MUTATIONS for seed in range(6)]


@pytest.mark.parametrize(("name", "seed"), CSV_CASES)
def test_a_hostile_row_is_told_and_its_neighbours_go_in(
    town: Town, tmp_path: Path, name: str, seed: int
) -> None:
    chance = random.Random(f"{name}/{seed}")
    content = ROW_MUTATIONS[name](csv_bytes(orders(ROWS)), chance)
    answer = take_in(written(tmp_path, content))
    assert answer.exit_code in {0, 1}, answer.output
    taken = set(Case.objects.values_list("external_no", flat=True))
    neighbours = {row["工单编号"] for number, row in enumerate(orders(ROWS), start=1) if number != 3}
    assert neighbours <= taken, f"good rows are missing: {neighbours - taken}"
    if answer.exit_code == 1:
        assert {fault.row for fault in ImportFault.objects.filter(refuses=True)} <= {4}
    _assert_nothing_half_written()
    for fault in ImportFault.objects.all():
        assert "%(" not in (fault.what + fault.mend).replace(fault.value, "") if fault.value else fault.what
        assert "\0" not in fault.what


# --- CSV and workbooks as a whole ------------------------------------------------------------------


def _truncated(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content))]


def _flipped(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _number in range(chance.randrange(1, 30)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _cut_out(content: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(content))
    return content[:start] + content[start + chance.randrange(1, 400) :]


def _repeated(content: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(content))
    piece = content[start : start + chance.randrange(1, 2000)]
    return content[:start] + piece * chance.randrange(2, 9) + content[start:]


def _parts(content: bytes, change: Callable[[str, bytes], bytes | None]) -> bytes:
    """A workbook with parts changed, or left out where the change says None."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = change(name, old.read(name))
            if part is not None:
                new.writestr(name, part)
    return out.getvalue()


def _sheet(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    return _parts(content, lambda name, part: change(part) if name.endswith("sheet1.xml") else part)


def _with_part(content: bytes, name: str, part: bytes) -> bytes:
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, part)
    return out.getvalue()


def _lying_size(content: bytes, chance: random.Random) -> bytes:
    """The directory says that a part is small; it unfolds to fifty times as much, its checksum to match."""
    bomb = b"<worksheet>" + b" " * 5_000_000
    content = _with_part(content, "xl/worksheets/sheet9.xml", bomb)
    said = 100_000
    truth, lie = struct.pack("<I", len(bomb)), struct.pack("<I", said)
    sums = struct.pack("<I", zlib.crc32(bomb)), struct.pack("<I", zlib.crc32(bomb[:said]))
    return content.replace(truth, lie).replace(*sums)


_FAR = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
_LAUGHS = (
    b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>'
)

WORKBOOK_MUTATIONS: dict[str, Mutation] = {
    "truncated": _truncated,
    "bytes changed": _flipped,
    "a piece cut out": _cut_out,
    "a piece repeated": _repeated,
    "a bomb": lambda content, chance: _with_part(content, "xl/media/a.bin", b"\0" * 250_000_000),
    "a bomb that lies of its size": _lying_size,
    "a cell at the far corner": lambda content, chance: _sheet(content, lambda part: part.replace(b"</sheetData>", _FAR)),
    "a far corner in other letters": lambda content, chance: _sheet(
        content, lambda part: part.replace(b"</sheetData>", _FAR.replace(b'r="XFD', b"r = 'xfd").replace(b'6"><v>', b"6'><v>"))
    ),
    "a way out of the archive": lambda content, chance: _with_part(
        content, chance.choice(["../../etc/cron.d/x", "/etc/passwd", "..\\..\\x", "C:/x", "xl/../../x"]), b"x"
    ),
    "a part twice": lambda content, chance: _with_part(content, "xl/workbook.xml", b"<workbook/>"),
    "an archive of an archive": lambda content, chance: _with_part(b"", "inner.xlsx", content),
    "thousands of parts": lambda content, chance: _many_parts(content),
    "entities that multiply": lambda content, chance: _parts(
        content, lambda name, part: part.replace(b"?>", b"?>" + _LAUGHS, 1) if name.endswith(".xml") else part
    ),
    "an entity from a file": lambda content, chance: _parts(
        content, lambda name, part: part.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>', 1)
        if "shared" in name else part
    ),
    "elements in elements": lambda content, chance: _sheet(content, lambda part: part.replace(b"<sheetData>", b"<a>" * 100_000 + b"<sheetData>")),
    "no shared words": lambda content, chance: _parts(content, lambda name, part: None if "sharedStrings" in name else part),
    "no styles": lambda content, chance: _parts(content, lambda name, part: None if "styles" in name else part),
    "no sheet": lambda content, chance: _parts(content, lambda name, part: None if "sheet1" in name else part),
    "no workbook": lambda content, chance: _parts(content, lambda name, part: None if name == "xl/workbook.xml" else part),
    "words beyond the list": lambda content, chance: _sheet(content, lambda part: part.replace(b"<v>1</v>", b"<v>99999999999</v>")),
    "a negative row": lambda content, chance: _sheet(content, lambda part: part.replace(b'r="2"', b'r="-2"')),
    "a row of letters": lambda content, chance: _sheet(content, lambda part: part.replace(b'r="B3"', b'r="BBB"')),
    "utf-16 parts": lambda content, chance: _sheet(content, lambda part: part.decode().encode("utf-16")),
    "nul in the xml": lambda content, chance: _sheet(content, lambda part: part.replace(b"<row", b"\0<row", 2)),
    "no xml at all": lambda content, chance: _sheet(content, lambda part: chance.randbytes(2000)),
    "the xml breaks off": lambda content, chance: _sheet(content, lambda part: _truncated(part, chance)),
}  # fmt: skip
#: Mutations that are another one each time.
OFTEN = {"truncated", "bytes changed", "a piece cut out", "a piece repeated", "the xml breaks off"}
WORKBOOK_CASES = [
    (name, seed)
    for name in WORKBOOK_MUTATIONS
    for seed in range({"a bomb": 1}.get(name, 60 if name in OFTEN else 5))
]
CSV_WHOLE: dict[str, Mutation] = {
    "truncated": _truncated,
    "bytes changed": _flipped,
    "a piece cut out": _cut_out,
    "a piece repeated": _repeated,
    "utf-16": lambda content, chance: content.decode().encode("utf-16"),
    "utf-32": lambda content, chance: content.decode().encode("utf-32"),
    "two marks": lambda content, chance: b"\xef\xbb\xbf" * 2 + content,
    "old line ends": lambda content, chance: content.replace(b"\r\n", b"\r"),
    "nul everywhere": lambda content, chance: content.replace(b",", b"\0,"),
    "one endless line": lambda content, chance: content.replace(b"\r\n", b" ") * 200,
    "nothing but quotes": lambda content, chance: b'"' * 100_000,
    "nothing but commas": lambda content, chance: b"," * 1_000_000,
    "nothing but line ends": lambda content, chance: b"\n" * 200_000,
    "another file": lambda content, chance: chance.choice([b"%PDF-1.7", b"\x89PNG\r\n", b"\x7fELF", b"MZ"]) + content,
    "gbk and utf-8 by turns": lambda content, chance: b"\r\n".join(
        line.decode().encode("gbk") if number % 2 else line
        for number, line in enumerate(content.split(b"\r\n"))
    ),
}  # fmt: skip
CSV_WHOLE_CASES = [(name, seed) for name in CSV_WHOLE for seed in range(40 if name in OFTEN else 3)]


def _many_parts(content: bytes) -> bytes:
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a") as archive:
        for number in range(2500):
            archive.writestr(f"xl/media/{number}", b"")
    return out.getvalue()


@pytest.fixture(scope="module")
def good() -> dict[str, bytes]:
    return {"csv": csv_bytes(orders(WHOLE)), "xlsx": xlsx_bytes(orders(WHOLE))}


def _tried(content: bytes) -> int | Refusal:
    """How many rows would go in, or the sentence with which the file was refused."""
    mapping = read_mapping(built_in("hotline_12345"))
    try:
        tried = try_file(
            table=open_table(io.BytesIO(content), mapping), mapping=mapping, by=Actor.system("test"),
            channel="hotline_12345", district=DISTRICT, at=now(),
        )  # fmt: skip
    except Refusal as refusal:
        return refusal
    assert tried.rows == tried.taken + tried.known + tried.refused
    return tried.taken


def _measured(content: bytes) -> int | Refusal:
    tracemalloc.start()
    try:
        answer = _tried(content)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert not isinstance(answer, Refusal) or str(answer.message)
    assert peak < MOST_MB * 1024 * 1024 + 4 * len(content), f"{peak / 1024 / 1024:.0f} MB"
    return answer


@pytest.mark.parametrize("name", WORKBOOK_MUTATIONS)
def test_a_hostile_workbook_is_answered(town: Town, good: dict[str, bytes], name: str) -> None:
    for _name, seed in (case for case in WORKBOOK_CASES if case[0] == name):
        content = WORKBOOK_MUTATIONS[name](good["xlsx"], random.Random(f"{name}/{seed}"))
        answer = _tried(content) if seed else _measured(content)
        if name in _NEVER_OPENED:
            assert isinstance(answer, UnableToReadFile), f"{name}/{seed} was opened"
    assert not ImportRun.objects.exists()


_NEVER_OPENED = {
    "a bomb", "a bomb that lies of its size", "a cell at the far corner", "a far corner in other letters",
    "a way out of the archive", "a part twice", "an archive of an archive", "thousands of parts", "no sheet",
    "no workbook", "utf-16 parts", "nul in the xml",
}  # fmt: skip


@pytest.mark.parametrize("name", CSV_WHOLE)
def test_a_hostile_csv_is_answered(town: Town, good: dict[str, bytes], name: str) -> None:
    for _name, seed in (case for case in CSV_WHOLE_CASES if case[0] == name):
        content = CSV_WHOLE[name](good["csv"], random.Random(f"{name}/{seed}"))
        _tried(content) if seed else _measured(content)


def test_there_are_some_hundreds_of_them() -> None:
    assert len(CSV_CASES) + len(WORKBOOK_CASES) + len(CSV_WHOLE_CASES) > 650


def test_a_workbook_that_breaks_off_is_ended_as_such_and_can_be_sent_again(
    town: Town, tmp_path: Path, good: dict[str, bytes]
) -> None:
    broken = _sheet(good["xlsx"], lambda part: part[: len(part) * 2 // 3])
    answer = take_in(written(tmp_path, broken, "orders.xlsx"))
    assert answer.exit_code == 2
    assert all(run.state == RunState.FAILED for run in ImportRun.objects.all())
    _assert_nothing_half_written()
    assert take_in(written(tmp_path, good["xlsx"], "orders.xlsx")).exit_code == 0
    assert Case.objects.count() == WHOLE


NAMES = [
    "../../etc/passwd", "..\\..\\boot.ini", "/abs/olute.csv", "C:\\x.csv", "a\0b.csv", "a\nb.csv", "\u202egnp.csv",
    "x" * 5000 + ".csv", "", ".", "..", "con.csv", "a;rm -rf.csv", "<b>.csv", "13912345678.csv", "🙂.csv",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_files_name_is_only_ever_shown(name: str) -> None:
    shown = shown_name(name)
    assert 0 < len(shown) <= 120
    assert shown.isprintable()
    assert "/" not in shown
    assert "\\" not in shown
    assert "13912345678" not in shown


MAPPINGS = {
    "nothing": b"",
    "no toml": b"= =",
    "not utf-8": "name = '路'".encode("gbk"),
    "nul": b"name = 'a\0'",
    "too deep": b"a = " + b"[" * 5000 + b"]" * 5000,
    "a field nobody knows": b"source_system='x'\n[fields.shoe_size]\ncolumns=['x']",
    "a key nobody knows": b"sauce_system='x'",
    "no source": b"[fields.external_no]\ncolumns=['a']\n[fields.text]\ncolumns=['b']",
    "a path for a source": b"source_system='../x'\n[fields.external_no]\ncolumns=['a']\n[fields.text]\ncolumns=['b']",
    "a number for a list": b"source_system='x'\n[fields.external_no]\ncolumns=5",
    "no text": b"source_system='x'\n[fields.external_no]\ncolumns=['a']",
    "words for a text": b"source_system='x'\n[fields.text]\ncolumns=['b']\n[fields.text.words]\nx=['y']",
    "a word that leads nowhere": b"source_system='x'\n[fields.priority]\ncolumns=['b']\nother='soon'",
    "fields are no table": b"source_system='x'\nfields=3",
    "no such zone": b"source_system='x'\ntime_zone='Mars'",
    "a zone that is a path": b"source_system='x'\ntime_zone='../../../etc/passwd'",
    "points of letters": b"source_system='x'\nno_place=[['a','b']]\n[fields.external_no]\ncolumns=['a']\n[fields.text]\ncolumns=['b']",
}  # fmt: skip


@pytest.mark.parametrize("name", MAPPINGS)
def test_a_hostile_mapping_is_refused_with_a_sentence(name: str) -> None:
    with pytest.raises(UnableToReadMapping) as refused:
        read_mapping(MAPPINGS[name])
    assert str(refused.value.message)


@pytest.mark.parametrize("form", ["%Q", "%", "%Y%Y", "%d" * 500, "%Y\0", "%%%", "(" * 200])
def test_a_form_of_time_that_is_none_is_refused_or_reads_nothing(form: str) -> None:
    text = f"source_system='x'\ntimes=[{json.dumps(form)}]\n[fields.external_no]\ncolumns=['a']\n[fields.text]\ncolumns=['b']"
    try:
        mapping = read_mapping(text.encode())
    except UnableToReadMapping as refusal:
        assert refusal.code in {"times", "not_toml"}  # noqa: PT017 - either is an answer
        return
    with pytest.raises(Unreadable):
        moment_of("2026-03-06 09:30", mapping, now())


def _assert_nothing_half_written() -> None:
    cases = Case.objects.count()
    assert ForeignRecord.objects.count() == cases
    assert Identity.objects.count() == Case.objects.filter(requester__isnull=False).count()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM journal_line WHERE act = 'case.registered'")
        assert cursor.fetchone()[0] == cases
    for run in ImportRun.objects.all():
        assert run.rows == run.taken + run.known + run.refused
