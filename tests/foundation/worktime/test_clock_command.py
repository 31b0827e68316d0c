"""`wangge clock`: the deadline on the last line, the steps above it, and a word of help for every slip."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from wangge.foundation.worktime.cli import clock


def ask(*arguments: str) -> Result:
    return CliRunner().invoke(clock, list(arguments))


def test_the_last_line_is_the_deadline_in_iso_with_its_zone() -> None:
    answer = ask("--from", "2026-09-30 16:00", "--limit", "3wd")
    assert answer.exit_code == 0
    lines = answer.output.splitlines()
    assert lines[0] == " 1. 2026年9月30日（周三）16:00 开始计时，时限3个工作日；当天不计入。"
    assert lines[-1] == "2026-10-10T17:30:00+08:00"


def test_in_english() -> None:
    lines = ask("--from", "2026-09-30 16:00", "--limit", "3wd", "--language", "en").output.splitlines()
    assert lines[1] == " 2. Thu 1 October to Wed 7 October: National Day holiday, not counted."
    assert lines[-1] == "2026-10-10T17:30:00+08:00"


@pytest.mark.parametrize("start", ["2026-03-06T08:00Z", "2026-03-06 16:00", "2026-03-06T16:00:00+08:00"])
def test_a_moment_may_name_its_zone(start: str) -> None:
    assert ask("--from", start, "--limit", "4wh").output.splitlines()[-1] == "2026-03-09T11:00:00+08:00"


def test_pauses_and_extensions_may_be_repeated() -> None:
    answer = ask(
        *("--from", "2026-03-09 09:00", "--limit", "3wd"),
        *("--pause", "2026-03-10 10:00..2026-03-11 10:00", "--pause", "2026-03-11 10:00..2026-03-12 10:00"),
        *("--extend", "1wd", "--extend", "2wh"),
    )
    assert answer.output.splitlines()[-1] == "2026-03-18T10:30:00+08:00"


def test_while_a_pause_lasts_the_last_line_says_so() -> None:
    answer = ask("--from", "2026-03-09 09:00", "--limit", "3wd", "--pause", "2026-03-10 10:00..")
    assert answer.exit_code == 0
    assert answer.output.splitlines()[-1] == "paused"


def test_a_calendar_file_goes_before_the_built_in_one(tmp_path: Path) -> None:
    file = tmp_path / "days.csv"
    file.write_text("date,kind,name\n2026-03-09,holiday,停电日\n", encoding="utf-8")
    answer = ask("--from", "2026-03-06 16:00", "--limit", "4wh", "--calendar", str(file))
    assert answer.output.splitlines()[-1] == "2026-03-10T11:00:00+08:00"
    assert "停电日假期" in answer.output


def test_other_office_hours() -> None:
    answer = ask("--from", "2026-03-06 16:00", "--limit", "4wh", "--office-hours", "09:00-12:00,13:00-18:00")
    assert answer.output.splitlines()[-1] == "2026-03-09T11:00:00+08:00"


def test_json_is_one_line() -> None:
    answer = ask("--from", "2026-12-31 16:00", "--limit", "3wd", "--json")
    told = json.loads(answer.output.splitlines()[-1])
    assert answer.output.count("\n") == 1
    assert told["due_at"] == "2027-01-05T17:30:00+08:00"
    assert told["provisional"] is True
    assert [step["code"] for step in told["steps"]][-2:] == ["provisional", "due"]


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (["--from", "tomorrow", "--limit", "3wd"], "2026-09-30 16:00"),
        (["--from", "2026-09-30", "--limit", "3wd"], "2026-09-30 16:00"),
        (["--from", "2026-02-30 16:00", "--limit", "3wd"], "2026-09-30 16:00"),
        (["--from", "1999-09-30 16:00", "--limit", "3wd"], "2004-01-01"),
        (["--from", "2026-09-30 16:00", "--limit", "3 days"], "3wd"),
        (["--from", "2026-09-30 16:00", "--limit", "1.5wd"], "2wd"),
        (["--from", "2026-09-30 16:00", "--limit", "3wd", "--extend", "2"], "3wd"),
        (["--from", "2026-09-30 16:00", "--limit", "3wd", "--pause", "2026-10-08 10:00"], ".."),
        (["--from", "2026-09-30 16:00", "--limit", "3wd", "--pause", "..2026-10-08 10:00"], ".."),
        (
            ["--from", "2026-09-30 16:00", "--limit", "3wd", "--pause", "2026-10-08 10:00..2026-10-08 09:00"],
            "2026-10-08 10:00",
        ),
        (["--from", "2026-09-30 16:00", "--limit", "3wd", "--calendar", "nowhere.csv"], "nowhere.csv"),
        (["--from", "2026-09-30 16:00", "--limit", "3wd", "--office-hours", "all day"], "08:30-11:30"),
        (["--limit", "3wd"], "--from"),
    ],
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_slip_is_answered_with_how_to_write_it(arguments: list[str], advice: str, language: str) -> None:
    answer = ask(*arguments, "--language", language)
    assert answer.exit_code == 2
    assert advice in answer.output
    assert "Traceback" not in answer.output


def test_it_needs_neither_settings_nor_a_database(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONUTF8": "1"}
    program = (
        "import sys; from wangge.foundation.worktime.cli import clock;"
        "clock(['--from', '2026-09-30 16:00', '--limit', '3wd'], standalone_mode=False);"
        "loaded = {'wangge.config.settings', 'django.db', 'psycopg'} & set(sys.modules);"
        "print(sorted(loaded), file=sys.stderr)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert (
        answer.stdout.splitlines()[0]
        == " 1. 2026年9月30日（周三）16:00 开始计时，时限3个工作日；当天不计入。"
    )
    assert answer.stdout.splitlines()[-1] == "2026-10-10T17:30:00+08:00"
    assert answer.stderr.strip() == "[]"
