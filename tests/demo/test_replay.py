"""`wangge demo --messages FILE.csv`: what a file may look like, and what is said when it does not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from demo.conftest import AT
from wangge.cases.models import Case
from wangge.cases.moves import LONGEST_TEXT
from wangge.demo.guessing import Guesser
from wangge.demo.replay import OLDEST, Message, UnableToReplay, read_messages, replay_file
from wangge.demo.seed import seed
from wangge.duties.models import Matter
from wangge.foundation.journal.queries import lines_of
from wangge.foundation.worktime.workcalendar import SHANGHAI

LAMP = "永红社区永红小区5号楼前的路灯三天没亮了。"
COLD = "家里暖气不热，才14度，麻烦派人来看看。"


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    def write(*lines: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / "messages.csv"
        path.write_bytes("\r\n".join([*lines, ""]).encode(encoding) if lines else b"")
        return path

    return write


def read(path: Path, said: list[str] | None = None) -> list[Message]:
    return read_messages(path, now=AT, say=(said if said is not None else []).append)


# --- what a file may look like -----------------------------------------------------------------------


def test_text_alone_is_enough(file):
    (message,) = read(file("text", LAMP))
    assert (message.row, message.text, message.at, message.place) == (2, LAMP, None, "")
    assert message.channel == "hotline_12345"


def test_every_column_in_any_order_and_a_time_without_a_zone_is_local(file):
    (message,) = read(
        file("time,external_no,place,text,channel", f"2026-11-02 07:10,HL-1,永红小区,{COLD},app")
    )
    assert message.at is not None
    assert message.at.isoformat() == "2026-11-02T07:10:00+08:00"
    assert (message.channel, message.place, message.external_no) == ("app", "永红小区", "HL-1")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_mark_at_the_beginning_as_spreadsheets_write_it_is_no_part_of_the_name(file, encoding: str):
    assert len(read(file("text,time", f"{LAMP},", encoding=encoding))) == 1


def test_texts_may_hold_commas_quotes_and_line_ends(file):
    (message,) = read(file("text,place", '"第一行，有逗号,\n第二行“引号”和""双引号""",永红小区'))
    assert message.text == '第一行，有逗号,\n第二行“引号”和"双引号"'
    assert message.place == "永红小区"


def test_rows_are_counted_as_a_spreadsheet_counts_them(file):
    first, second = read(file("text", '"两行\n的信"', LAMP))
    assert (first.row, second.row) == (2, 3)


def test_blank_rows_and_unknown_columns_are_left_out_and_named(file):
    said: list[str] = []
    messages = read(file("text,mood,place", f"{LAMP},angry,", ",,永红小区", ",,", COLD), said)
    assert [message.row for message in messages] == [2, 5]
    assert any("row 3, column text" in line for line in said)
    assert any("mood" in line for line in said)


def test_a_letter_longer_than_a_case_holds_is_cut_and_named(file):
    said: list[str] = []
    (message,) = read(file("text", "长" * (LONGEST_TEXT + 7)), said)
    assert len(message.text) == LONGEST_TEXT
    assert said == [f"  row 2, column text: {LONGEST_TEXT + 7} characters, cut to {LONGEST_TEXT}"]


def test_one_external_number_is_one_message(file):
    said: list[str] = []
    messages = read(file("text,external_no", f"{LAMP},HL-7", f"{COLD},HL-7", f"{COLD},"), said)
    assert [message.row for message in messages] == [2, 4]
    assert said == ["  row 3, column external_no: the same as in row 2; left out"]


def test_two_people_may_say_the_same(file):
    first, second = read(file("text", LAMP, LAMP))
    assert first.key != second.key


# --- what is said when it does not -------------------------------------------------------------------

HEAD = "text,time,channel,place,external_no"


@pytest.mark.parametrize(
    ("lines", "encoding", "sentence"),
    [
        ((), "utf-8", "row 1: the file is empty"),
        (("",), "utf-8", "row 1: the file is empty"),
        ((HEAD,), "utf-8", "row 2, column text: there is no message"),
        (("words,time", LAMP), "utf-8", "row 1: there is no column “text”"),
        (("text,time,time", LAMP), "utf-8", "row 1: there are two columns “time”"),
        ((HEAD, f"{LAMP},yesterday"), "utf-8", "row 2, column time: “yesterday” is no time"),
        ((HEAD, f"{LAMP},2026-02-30 10:00"), "utf-8", "row 2, column time"),
        (
            (HEAD, f"{LAMP},2031-01-01 10:00"),
            "utf-8",
            "row 2, column time: 2031-01-01 10:00 is still to come",
        ),
        ((HEAD, f"{LAMP},,pigeon"), "utf-8", "row 2, column channel: “pigeon” is not one of hotline_12345"),
        ((HEAD, LAMP, f"{LAMP},,,{'远' * 201}"), "utf-8", "row 3, column place: 201 characters"),
        ((HEAD, f"{LAMP},,,,{'9' * 81}"), "utf-8", "row 2, column external_no: 81 characters"),
        ((HEAD, f"{LAMP},,,,HL-1,more"), "utf-8", "row 2: 6 columns, but the first row names 5"),
        ((HEAD, LAMP, '"没有结束的引号'), "utf-8", "row 3: this is no CSV from line"),
        ((HEAD, LAMP), "gbk", "row 2, column text: this is not UTF-8"),
        ((HEAD, "A,2026-11-02 07:10,app,永红小区"), "gbk", "row 2, column place: this is not UTF-8"),
        (("text", LAMP), "utf-16", "row 1: this is not UTF-8"),
    ],
)
def test_a_mistake_is_named_by_row_and_column(file, lines: tuple[str, ...], encoding: str, sentence: str):
    with pytest.raises(UnableToReplay) as refused:
        read(file(*lines, encoding=encoding))
    assert sentence in refused.value.message
    assert "messages.csv" in refused.value.message


def test_a_mistake_in_the_last_row_leaves_nothing_behind(file, town_copy: None):
    before = Case.objects.count()
    with pytest.raises(UnableToReplay, match="row 4, column channel"):
        replay_file(file("text,channel", LAMP, COLD, f"{LAMP},pigeon"), now=AT, say=print)
    assert Case.objects.count() == before


def test_the_command_says_it_and_ends(file, tmp_path: Path):
    """Before a database is looked for: a mistake in a file is no reason to wait."""
    done = subprocess.run(
        [sys.executable, "-m", "wangge", "demo", "--messages", str(tmp_path / "nowhere.csv")],
        env={**os.environ, "WANGGE_DATA_DIR": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "nowhere.csv" in done.stderr


# --- walking -----------------------------------------------------------------------------------------


def test_messages_become_cases_and_a_retry_makes_no_second_one(file, town_copy: None):
    path = file(
        HEAD,
        f"{LAMP},2026-10-01 19:30,hotline_12345,永红社区永红小区,HL-100",
        f"{COLD},2026-10-02 07:10,app,,",
        f"{COLD},2026-10-02 07:10,app,,",
    )
    before = Case.objects.count()
    first = replay_file(path, now=AT, say=print)
    assert (first.cases, first.known, first.refused, first.stopped) == (3, 0, 0, 0)
    again = replay_file(path, now=AT + timedelta(hours=1), say=print)
    assert (again.cases, again.known) == (0, 3)
    assert Case.objects.count() == before + 3
    lamp = Case.objects.get(external_no="HL-100")
    assert lamp.community == "230717001001"
    assert lamp.registered_at.astimezone(SHANGHAI).isoformat() == "2026-10-01T19:30:00+08:00"
    assert lamp.matter is not None
    assert lamp.matter.code == "ROAD-04"
    assert lamp.is_demo


def test_a_file_that_grew_adds_what_is_new(file, town_copy: None):
    replay_file(file("text", "井盖没了，天黑前谁来管管。"), now=AT, say=print)
    before = Case.objects.count()
    grown = file("text", "楼道里堆着旧沙发，过不去人。", "井盖没了，天黑前谁来管管。")
    assert replay_file(grown, now=AT, say=print).cases == 1
    assert Case.objects.count() == before + 1


def test_a_number_that_another_channel_brought_in_is_known(file, town_copy: None):
    """The hotline sends its file again with a text corrected: the case is there already, and is named."""
    replay_file(file("text,external_no", f"{LAMP},HL-200"), now=AT, say=print)
    said: list[str] = []
    corrected = file("text,external_no", f"{LAMP}（更正）,HL-200")
    assert replay_file(corrected, now=AT, say=said.append).known == 1
    assert Case.objects.filter(external_no="HL-200").count() == 1


def test_a_message_of_a_moment_ago_has_not_been_dealt_with(file, town_copy: None):
    at = (AT - timedelta(minutes=1)).astimezone(SHANGHAI).isoformat()
    replay_file(file("text,time,external_no", f"{LAMP},{at},HL-300"), now=AT, say=print)
    case = Case.objects.get(external_no="HL-300")
    assert case.state == "registered"
    assert [line.act for line in lines_of(case.subject)] == ["case.registered"]


def test_a_message_from_before_the_demo_keeps_its_hour(file, town_copy: None):
    said: list[str] = []
    replay_file(file("text,time,external_no", f"{LAMP},2014-09-16T10:58:15,HL-400"), now=AT, say=said.append)
    registered_at = Case.objects.get(external_no="HL-400").registered_at
    assert AT - OLDEST <= registered_at < AT
    assert f"{registered_at.astimezone(SHANGHAI):%H:%M:%S}" == "10:58:15"
    assert any("1 messages are older than the demo" in line for line in said)


def test_what_no_word_of_the_catalogue_is_in_waits_for_a_reader(file, town_copy: None):
    replay_file(file("text,external_no", "#%&*@,HL-500"), now=AT, say=print)
    case = Case.objects.get(external_no="HL-500")
    assert (case.state, case.matter) == ("screening", None)


def test_what_a_rule_refuses_is_named_by_its_row_and_the_rest_goes_on(file, town_copy: None):
    """Street lamps have left the catalogue: the case is there, and waits where a clerk would find it."""
    Matter.objects.filter(code="ROAD-04").update(valid_to=AT.date() - timedelta(days=80))
    try:
        said: list[str] = []
        at = "2026-11-01 09:00"
        done = replay_file(
            file("text,time,external_no", f"{LAMP},{at},HL-600", f"{COLD},{at},HL-601"),
            now=AT, say=said.append,
        )  # fmt: skip
    finally:
        Matter.objects.filter(code="ROAD-04").update(valid_to=None)
    assert (done.cases, done.stopped) == (2, 1)
    stopped = Case.objects.get(external_no="HL-600")
    assert stopped.state == "to_dispatch"
    assert any(f"row 2: {stopped.number} stops at to_dispatch" in line for line in said)


def test_the_demo_may_consist_of_replayed_messages_alone(file, town_copy: None):
    letters = read(file("text,external_no", f"{COLD},HL-700"))
    said: list[str] = []
    seed(at=AT, say=said.append, letters=letters)
    assert any(line.startswith("  replayed messages: 1") for line in said)
    assert Case.objects.filter(external_no="HL-700").exists()
    assert not Case.objects.filter(client_key__startswith="demo-").exists()


# --- guessing ----------------------------------------------------------------------------------------


def test_the_longest_words_of_the_catalogue_decide(town_copy: None):
    guesser = Guesser(Matter.objects.all())
    guessed = {
        LAMP: "ROAD-04",
        COLD: "HEAT-01",
        "井盖丢了一个，黑天容易掉下去。": "ROAD-01",
        "工地拖欠农民工工资，三个月没发了。": "WORK-03",
    }
    for text, code in guessed.items():
        matter = guesser.guess(text)
        assert matter is not None
        assert matter.code == code, text


def test_pieces_of_names_decide_where_no_word_is_whole():
    matters = [
        Matter(code="A", name="路灯照明", keywords=["路灯"]),
        Matter(code="B", name="供热", keywords=[]),
    ]
    guessed = Guesser(matters).guess("这一带的照明都不行")
    assert guessed is not None
    assert guessed.code == "A"
    assert Guesser(matters).guess("谢谢") is None
