"""Tables as files, read back by another library: what was a date is a date, and nothing becomes a formula."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils.translation import get_language
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from wangge.doors.shell.sheets import (
    UTF8_MARK,
    Cell,
    Column,
    Kind,
    csv_pieces,
    defused,
    in_language,
    write_workbook,
)

COLUMNS = [
    Column("编号", 20),
    Column("件数", 8, Kind.NUMBER),
    Column("时间", 17, Kind.MOMENT),
    Column("日期", 13, Kind.DAY),
]
MOMENT = datetime(2026, 3, 6, 16, 30, tzinfo=UTC)  # after midnight in Shanghai
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =cmd|' /C calc'!A0", "＝1+1", "－1"]

_texts = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=30)


def workbook(rows: list[list[Cell]], *, on_disk: bool = True) -> bytes:
    out = io.BytesIO()
    assert write_workbook(out, title="清单/1", columns=COLUMNS, rows=rows, on_disk=on_disk) == len(rows)
    return out.getvalue()


def read(content: bytes) -> list[list[object]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return book.get_sheet_by_index(0).to_python()


def records(content: bytes) -> list[list[str]]:
    assert content.startswith(UTF8_MARK)
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_workbook_holds_real_numbers_and_local_dates() -> None:
    told = read(
        workbook([["230717001001001", 12, MOMENT, date(2026, 3, 6)], ["x", Decimal("1.5"), None, None]])
    )
    assert told[0] == ["编号", "件数", "时间", "日期"]
    assert told[1] == ["230717001001001", 12, datetime.fromisoformat("2026-03-07 00:30"), date(2026, 3, 6)]
    assert told[2] == ["x", 1.5, "", ""]


def test_the_titles_stay_in_sight_and_may_be_filtered_by() -> None:
    sheet = zipfile.ZipFile(io.BytesIO(workbook([["a", 1, MOMENT, None]]))).read("xl/worksheets/sheet1.xml")
    assert b'state="frozen"' in sheet
    assert b'<autoFilter ref="A1:D2"/>' in sheet
    assert b'customWidth="1"' in sheet


@pytest.mark.parametrize("on_disk", [True, False])
@pytest.mark.parametrize("text", FORMULAS)
def test_a_workbook_holds_no_formula(text: str, on_disk: bool) -> None:
    content = workbook([[text, 1, None, None]], on_disk=on_disk)
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    if text.isprintable():
        assert read(content)[1][0] == text


def test_links_stay_text() -> None:
    content = workbook([["http://example.org/?x=1", 1, None, None]])
    assert b"hyperlink" not in zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")


def test_a_cell_longer_than_excel_takes_is_cut() -> None:
    assert len(str(read(workbook([["字" * 40_000, 1, None, None]]))[1][0])) == 32_767


@given(st.lists(_texts, min_size=1, max_size=5))
def test_a_workbook_says_what_was_written(texts: list[str]) -> None:
    told = read(workbook([[text, 1, None, None] for text in texts]))[1:]
    assert [str(row[0]) for row in told] == texts


@given(st.one_of(st.text(st.characters(blacklist_categories=["Cs"])), st.sampled_from(FORMULAS)))
def test_no_cell_of_a_csv_begins_like_a_formula(text: str) -> None:
    rows = records(b"".join(csv_pieces([Column("=1")], [[text]])))
    assert rows[0] == ["'=1"]
    cell = rows[1][0] if len(rows) > 1 and rows[1] else ""
    assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    assert not cell.startswith(("\t", "\r", "\n"))
    kept = text.replace("\0", "")
    assert cell in (kept, f"'{kept}")


def test_numbers_below_nought_stay_numbers() -> None:
    rows = records(b"".join(csv_pieces(COLUMNS, [["a", -3, MOMENT, date(2026, 3, 6)]])))
    assert rows[1] == ["a", "-3", "2026-03-07 00:30:00", "2026-03-06"]


def test_words_without_harm_are_left_alone() -> None:
    assert defused("路灯不亮") == "路灯不亮"
    assert defused("3-1号楼") == "3-1号楼"
    assert defused("") == ""


def test_a_csv_comes_in_pieces_as_its_rows_do() -> None:
    asked = []

    def rows() -> Iterator[list[Cell]]:
        for number in range(1000):
            asked.append(number)
            yield [str(number)]

    pieces = csv_pieces([Column("x")], rows())
    next(pieces)
    next(pieces)
    assert len(asked) == 200


def test_pieces_are_made_in_the_language_asked_for() -> None:
    def pieces() -> Iterator[bytes]:
        for _number in range(2):
            yield (get_language() or "").encode()

    before = get_language()
    made = in_language(pieces(), "en")
    assert next(made) == b"en"
    assert get_language() == before
    assert list(made) == [b"en"]
