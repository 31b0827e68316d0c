"""`wangge calendar`: the yearly notice and other office hours, published and journalled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from wangge.config.commands.calendar import calendar
from wangge.foundation.journal.actors import Subject
from wangge.foundation.journal.queries import lines_of
from wangge.foundation.worktime import calendars

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    calendars.forget_calendars()
    yield
    calendars.forget_calendars()


@pytest.fixture
def notice(tmp_path: Path) -> Path:
    file = tmp_path / "2027.csv"
    file.write_text("date,kind,name\n2027-01-01,holiday,元旦\n2027-10-01,holiday,国庆节\n", encoding="utf-8")
    return file


def call(*arguments: str) -> Result:
    return CliRunner().invoke(calendar, list(arguments))


def test_a_notice_is_imported_and_journalled(notice: Path) -> None:
    before = calendars.latest_version("CN")
    answer = call("import", str(notice), "--source", "国办发明电〔2026〕9号")
    assert answer.exit_code == 0, answer.output
    version = calendars.latest_version("CN")
    assert version.number > before.number
    assert version.source == "国办发明电〔2026〕9号"
    assert not calendars.calendar_of(version).is_workday(date(2027, 1, 1))
    (line,) = lines_of(Subject("calendar", "CN"))
    assert line.act == "calendar.published"
    assert line.facts["version"] == version.number
    assert line.facts["previous"] == before.number


def test_the_same_notice_again_writes_nothing(notice: Path) -> None:
    call("import", str(notice), "--source", "a notice")
    answer = call("import", str(notice), "--source", "a notice")
    assert answer.output.startswith("Nothing new")
    assert len(lines_of(Subject("calendar", "CN"))) == 1


def test_other_office_hours_are_published_and_journalled() -> None:
    answer = call("hours", "09:00-12:00,14:00-18:00", "--source", "office of the district")
    assert answer.exit_code == 0, answer.output
    assert calendars.latest_version("CN").office_hours == ["09:00-12:00", "14:00-18:00"]
    assert [line.act for line in lines_of(Subject("calendar", "CN"))] == ["calendar.published"]


def test_half_a_notice_is_refused_and_nothing_written(tmp_path: Path) -> None:
    file = tmp_path / "half.csv"
    file.write_text("date,kind\n2027-01-01,holiday\n", encoding="utf-8")
    before = calendars.latest_version("CN")
    answer = call("import", str(file), "--source", "half a notice")
    assert answer.exit_code == 2
    assert "2027" in answer.output
    assert calendars.latest_version("CN").number == before.number
    assert len(lines_of(Subject("calendar", "CN"))) == 0


def test_unreadable_hours_are_refused() -> None:
    answer = call("hours", "from nine to five", "--source", "hearsay")
    assert answer.exit_code == 2
    assert "08:30-11:30,13:30-17:30" in answer.output
