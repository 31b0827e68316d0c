"""`wangge cases import`: what goes in, what comes back, and that nothing goes in twice."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import town as places
from cases.soundness import assert_sound
from doors.exchange.files import ORDER, TITLES, csv_bytes, orders, take_in, written, xlsx_bytes
from makers import LIN
from town import Town, point_in
from wangge.cases.access import case_for
from wangge.cases.intake import Contact, Place, register_case
from wangge.cases.models import Case, ForeignRecord
from wangge.cases.screening import start_screening
from wangge.cases.states import State
from wangge.doors.exchange.models import ImportFault, ImportRun
from wangge.doors.shell.sheets import defused
from wangge.doors.worker.reactions import react
from wangge.foundation.journal.queries import lines_of
from wangge.foundation.journal.verifying import verify_journal
from wangge.foundation.journal.wakeups import drain
from wangge.foundation.notices.models import Notice
from wangge.foundation.worktime.clock import now
from wangge.territory.actions import add_area

pytestmark = pytest.mark.usefixtures("town")


def imported(folder: Path, rows: list[dict[str, Any]], *options: str, titles: Any = TITLES) -> Any:
    return take_in(written(folder, csv_bytes(rows, titles)), *options)


def problems(folder: Path, name: str = "orders.csv") -> list[dict[str, str]]:
    path = folder / f"{name}.problems.csv"
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")))) if path.exists() else []


def codes() -> list[tuple[int, str, str]]:
    return [(fault.row, fault.column, fault.code) for fault in ImportFault.objects.order_by("row", "pk")]


# --- what goes in ---------------------------------------------------------------------------------


def test_a_work_order_becomes_a_case_with_all_it_said(tmp_path: Path) -> None:
    answer = imported(tmp_path, [ORDER])
    assert answer.exit_code == 0, answer.output
    case = Case.objects.select_related("requester", "foreign_record").get()
    assert (case.source_system, case.external_no) == ("hotline_12345", "YC20260306000001")
    assert (case.state, case.channel, case.request_type, case.priority) == (
        "registered", "hotline_12345", "help", "normal",
    )  # fmt: skip
    assert case.area_code == places.COMMUNITY
    assert case.external_due_at == datetime(2026, 3, 13, 9, 30, tzinfo=UTC)
    assert case.requester.name.unseal() == "林秀英"
    assert case.requester.phone_masked == "100****1001"
    record = case.foreign_record
    assert record.received_at == datetime(2026, 3, 6, 0, 12, 30, tzinfo=UTC)
    assert record.categories == ["城乡建设", "市政设施", "道路照明", "路灯", "路灯不亮"]
    assert (record.reply_wanted, record.extension_asked, record.source) == (True, False, "电话")
    assert record.opinion == "请伊美区核实办理并回复诉求人。"


def test_it_leaves_the_same_facts_as_one_registered_by_hand(town: Town, tmp_path: Path) -> None:
    imported(tmp_path, [ORDER])
    case = Case.objects.get()
    by_hand = register_case(
        by=town.chen.holder, at=case.registered_at, text=ORDER["内容"], channel="hotline_12345",
        place=Place(places.COMMUNITY, ORDER["地点"]), contact=LIN, external_no="other",
        external_due_at=case.external_due_at,
    ).case  # fmt: skip
    (line,), (hand_line,) = lines_of(case.subject), lines_of(by_hand.subject)
    assert set(line.facts) == set(hand_line.facts) | {"received"}
    told = {key: value for key, value in line.facts.items() if key not in {"digest", "received"}}
    assert told == {key: value for key, value in hand_line.facts.items() if key != "digest"}
    by_hand = Case.objects.get(pk=by_hand.pk)
    for column in ("title", "text", "place", "district", "town", "community", "grid", "dispatch_due_at",
                   "state", "version", "priority", "place_confidence"):  # fmt: skip
        assert getattr(case, column) == getattr(by_hand, column), column
    assert case.lookup_secret.unseal()
    words = {word for word in by_hand.search.split() if by_hand.number.split("-")[2] not in word} - {
        "'other'"
    }
    assert words <= set(case.search.split())
    assert_sound(case)
    assert verify_journal().sound


def test_the_worker_follows_up_and_the_desk_takes_it_from_there(town: Town, tmp_path: Path) -> None:
    imported(tmp_path, orders(3))
    drained = drain(react, at=now())
    assert drained.failed == 0
    case = Case.objects.order_by("pk")[0]
    assert Notice.objects.filter(about_id=case.number, template="case.received").exists()
    found = case_for(town.chen.holder, case.number)
    start_screening(by=town.chen.holder, case=found, at=now(), seen_version=1)
    assert_sound(case)


def test_a_workbook_with_real_dates_is_read_the_same(tmp_path: Path) -> None:
    rows = orders(2)
    on_the_wall = datetime(2026, 3, 6, 8, 12, 30)  # noqa: DTZ001 - a spreadsheet knows no zone
    rows[0] |= {"受理时间": on_the_wall, "联系电话": 10000000001}
    rows[1] |= {"受理时间": date(2026, 3, 6), "工单编号": 20260306000017}
    assert take_in(written(tmp_path, xlsx_bytes(rows), "orders.xlsx")).exit_code == 0
    first, second = Case.objects.order_by("pk").select_related("foreign_record", "requester")
    assert first.foreign_record.received_at == datetime(2026, 3, 6, 0, 12, 30, tzinfo=UTC)
    assert first.requester.phone.unseal() == "10000000001"
    assert second.foreign_record.received_at == datetime(2026, 3, 5, 16, 0, tzinfo=UTC)
    assert second.external_no == "20260306000017"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
def test_every_usual_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    assert take_in(written(tmp_path, csv_bytes(orders(3), encoding=encoding))).exit_code == 0
    assert Case.objects.filter(text__contains="号楼前的路灯不亮").count() == 3


def test_title_lines_above_the_header_and_other_names_of_columns_are_no_trouble(tmp_path: Path) -> None:
    content = (
        "伊美区12345工单\n\n* 工单号,诉求时间（必填）,诉求内容,手机号\n1,2026/3/6 8:05,路灯不亮,10000000001\n"
    )
    assert take_in(written(tmp_path, content.encode())).exit_code == 0
    assert Case.objects.get().foreign_record.received_at == datetime(2026, 3, 6, 0, 5, tzinfo=UTC)


def test_a_point_finds_its_grid(tmp_path: Path) -> None:
    lon, lat = point_in(places.SECOND_GRID)
    rows = orders(2, 经度=lon, 纬度=lat)
    rows[1] |= {"所属社区": "朝阳社区"}
    titles = [*TITLES, "经度", "纬度"]
    assert imported(tmp_path, rows, titles=titles).exit_code == 1
    assert [case.grid for case in Case.objects.all()] == [places.SECOND_GRID]
    assert codes() == [(3, "经度", "other_area")]


def test_secrets_in_free_text_are_masked_and_callers_sealed(tmp_path: Path) -> None:
    rows = orders(1, 内容="请回电13912345678，我住3号楼。", 转派意见="联系人电话13912345678", 是否保密="是")
    imported(tmp_path, rows)
    case = Case.objects.select_related("requester", "foreign_record").get()
    assert "13912345678" not in case.text + case.foreign_record.opinion
    assert case.confidential
    assert case.requester.confidential


def test_nothing_stands_for_nothing(tmp_path: Path) -> None:
    imported(tmp_path, orders(1, 来电人="无", 联系电话="-", 转派意见="暂无", 办理时限="/"))
    case = Case.objects.select_related("foreign_record").get()
    assert case.requester is None
    assert case.external_due_at is None
    assert case.foreign_record.opinion == ""


def test_what_had_ended_there_goes_in_as_what_it_is(town: Town, tmp_path: Path) -> None:
    rows = orders(2)
    rows[0] |= {"办结时间": "2026-03-09 15:00", "办理结果": "已更换灯泡。", "紧急程度": "特急"}
    assert imported(tmp_path, rows, titles=[*TITLES, "办结时间", "办理结果"]).exit_code == 0
    ended, open_ = Case.objects.order_by("pk").select_related("foreign_record")
    assert (ended.state, ended.outcome, ended.ended_at) == (
        State.ARCHIVED, "", datetime(2026, 3, 9, 7, 0, tzinfo=UTC),
    )  # fmt: skip
    assert ended.foreign_record.result == "已更换灯泡。"
    assert [line.act for line in lines_of(ended.subject)] == ["case.registered", "case.ended_elsewhere"]
    assert open_.state == State.REGISTERED
    for case in (ended, open_):
        assert_sound(case)
    assert drain(react, at=now()).failed == 0
    assert not Notice.objects.filter(about_id=ended.number).exists(), "nobody is told to wait for it"


# --- never twice ----------------------------------------------------------------------------------


def test_the_same_file_again_takes_nothing_in(tmp_path: Path) -> None:
    imported(tmp_path, orders(3))
    answer = imported(tmp_path, orders(3))
    assert answer.exit_code == 0
    assert "0 taken in, 3 in already" in answer.output
    assert Case.objects.count() == 3


def test_a_longer_file_takes_in_what_is_new(tmp_path: Path) -> None:
    imported(tmp_path, orders(3))
    assert "2 taken in, 3 in already" in imported(tmp_path, orders(5)).output
    assert Case.objects.count() == 5


def test_the_same_number_with_another_request_is_told_and_not_overwritten(tmp_path: Path) -> None:
    imported(tmp_path, orders(2))
    rows = orders(2)
    rows[1]["内容"] = "井盖丢失。"
    answer = imported(tmp_path, rows)
    assert answer.exit_code == 1
    second = Case.objects.get(external_no="YC20260306000002")
    assert second.text == "林都花园2号楼前的路灯不亮。"
    (problem,) = problems(tmp_path)
    assert problem["行"] == "3"
    assert "未作覆盖" in problem["问题"]
    assert second.number in problem["如何修改"]


def test_a_case_registered_by_hand_is_known_by_its_number(town: Town, tmp_path: Path) -> None:
    register_case(
        by=town.chen.holder, at=now(), text=orders(1)[0]["内容"], place=Place(places.GRID),
        channel="hotline_12345", contact=Contact(phone="10000000001"), external_no="YC20260306000001",
    )  # fmt: skip
    assert "0 taken in, 1 in already" in imported(tmp_path, orders(1)).output
    assert not ForeignRecord.objects.exists()


def test_a_deadline_that_moved_there_is_told_and_not_taken_over(tmp_path: Path) -> None:
    imported(tmp_path, orders(1))
    before = Case.objects.get()
    answer = imported(tmp_path, orders(1, 办理时限="2026-03-20 17:30"))
    assert answer.exit_code == 0
    assert codes() == [(2, "", "moved_on")]
    assert Case.objects.get().external_due_at == before.external_due_at


def test_a_number_that_comes_twice_in_one_file_counts_once(tmp_path: Path) -> None:
    rows = [*orders(2), orders(1)[0], {**orders(1)[0], "内容": "井盖丢失。"}]
    answer = imported(tmp_path, rows)
    assert "2 taken in, 1 in already, 1 refused" in answer.output
    assert codes() == [(5, "", "different")]
    assert ImportFault.objects.get().params["number"] == Case.objects.order_by("pk")[0].number


# --- what comes back ------------------------------------------------------------------------------

BAD_CELLS = [
    ("工单编号", "", "missing"),
    ("工单编号", "1.01E+15", "number_lost"),
    ("工单编号", "YC 17", "number_form"),
    ("受理时间", "", "missing"),
    ("受理时间", "昨天", "not_a_time"),
    ("受理时间", "2026-02-30 08:00", "not_a_time"),
    ("受理时间", "2126-03-06 08:00", "in_the_future"),
    ("受理时间", "1926-03-06 08:00", "long_ago"),
    ("紧急程度", "火急", "unknown_word"),
    ("是否保密", "也许", "unknown_word"),
    ("诉求类型", "唠嗑", "unknown_word"),
    ("内容", "", "missing"),
    ("内容", "路" * 4001, "too_long"),
    ("地点", "楼" * 201, "too_long"),
    ("联系电话", "一三八", "phone_form"),
    ("来电人", "林" * 61, "too_long"),
]


@pytest.mark.parametrize(("column", "value", "code"), BAD_CELLS)
def test_a_bad_cell_is_named_and_its_neighbours_go_in(
    tmp_path: Path, column: str, value: str, code: str
) -> None:
    rows = orders(3)
    rows[1][column] = value
    answer = imported(tmp_path, rows)
    assert answer.exit_code == 1
    assert "2 taken in, 0 in already, 1 refused" in answer.output
    assert (3, column, code) in codes()
    problem = next(one for one in problems(tmp_path) if one["列"] == column)
    assert problem["行"] == "3"
    assert problem["问题"]
    assert problem["如何修改"]
    assert problem["内容"] == rows[1]["内容"], "the row comes back with what is wrong"
    if column in {"来电人", "联系电话"}:
        assert problem["原值"] == "", "who called is quoted nowhere but in the row itself"


def test_all_that_is_wrong_in_a_row_is_said_at_once(tmp_path: Path) -> None:
    imported(tmp_path, orders(1, 受理时间="?", 紧急程度="火急", 联系电话="一二三"))
    assert [code for _row, _column, code in codes()] == ["not_a_time", "unknown_word"]


def test_numbers_a_spreadsheet_has_rounded_are_refused(tmp_path: Path) -> None:
    rows = orders(1)
    rows[0]["工单编号"] = 2026030600000000017
    assert take_in(written(tmp_path, xlsx_bytes(rows), "orders.xlsx")).exit_code == 2
    assert codes() == [(2, "工单编号", "number_lost")]


def test_columns_that_mean_nothing_here_are_named(tmp_path: Path) -> None:
    answer = imported(tmp_path, orders(1), titles=[*TITLES, "满意度", "身份证号"])
    assert "Column “满意度”: not in the mapping, not read." in answer.output
    assert "Column “身份证号”: not in the mapping, not read." in answer.output
    assert ImportRun.objects.get().columns["unknown"] == ["满意度", "身份证号"]


def test_a_missing_column_refuses_the_file_before_anything_is_written(tmp_path: Path) -> None:
    answer = imported(tmp_path, orders(3), titles=[title for title in TITLES if title != "受理时间"])
    assert answer.exit_code == 2
    assert "受理时间" in answer.output
    assert not Case.objects.exists()
    assert not ImportRun.objects.exists()


def test_two_columns_of_one_title_refuse_the_file(tmp_path: Path) -> None:
    content = csv_bytes(orders(1)).decode().replace("来源", "内容", 1)
    assert take_in(written(tmp_path, content.encode())).exit_code == 2
    assert not Case.objects.exists()


def test_names_that_do_not_fit_are_told_and_the_case_lies_in_what_is_certain(tmp_path: Path) -> None:
    rows = orders(3)
    rows[0] |= {"所属街道": "朝阳", "所属社区": "永红"}
    rows[1] |= {"所属社区": "没有的社区"}
    rows[2] |= {"所属街道": "没有的街道", "所属社区": "红光社区"}
    assert imported(tmp_path, rows).exit_code == 0
    assert [case.area_code for case in Case.objects.order_by("pk")] == [
        places.COMMUNITY, places.STREET, places.NEXT_COMMUNITY,
    ]  # fmt: skip
    assert codes() == [(3, "所属社区", "name_unknown"), (4, "所属街道", "name_unknown")]


def test_two_areas_of_one_name_are_told_apart_by_their_town_or_not_at_all(town: Town, tmp_path: Path) -> None:
    add_area(code="230717002002", name="永红社区", by=town.chen.holder, at=now())
    rows = orders(2)
    rows[1] |= {"所属街道": ""}
    imported(tmp_path, rows)
    assert [case.area_code for case in Case.objects.order_by("pk")] == [places.COMMUNITY, places.DISTRICT]
    ((row, column, code),) = codes()
    assert (row, column, code) == (3, "所属社区", "name_ambiguous")
    assert "230717001001, 230717002002" in ImportFault.objects.get().what


def test_a_code_of_another_district_is_refused(tmp_path: Path) -> None:
    rows = orders(1, 网格编码=places.OTHER_GRID)
    imported(tmp_path, rows, titles=[*TITLES, "网格编码"])
    assert codes() == [(2, "网格编码", "area_unknown")]


def test_without_a_district_each_row_says_its_own(tmp_path: Path) -> None:
    rows = orders(3, 所属社区="", 所属街道="")
    rows[0] |= {"所属区县": "伊美区"}
    rows[1] |= {"所属区县": "乌翠"}
    titles = [*TITLES, "所属区县"]
    path = written(tmp_path, csv_bytes(rows, titles))
    assert take_in(path, "--district", "").exit_code == 1
    assert [case.area_code for case in Case.objects.order_by("pk")] == [
        places.DISTRICT,
        places.OTHER_DISTRICT,
    ]
    assert [code for _row, _column, code in codes()] == ["no_place"]


def test_the_time_zone_of_the_file_can_be_named(tmp_path: Path) -> None:
    imported(tmp_path, orders(1), "--timezone", "Asia/Urumqi")
    assert ForeignRecord.objects.get().received_at == datetime(2026, 3, 6, 2, 12, 30, tzinfo=UTC)


def test_hours_that_were_not_and_hours_that_were_twice(tmp_path: Path) -> None:
    rows = orders(2)
    rows[0]["受理时间"] = "2026-03-08 02:30"
    rows[1]["受理时间"] = "2025-11-02 01:30"
    imported(tmp_path, rows, "--timezone", "America/New_York")
    assert [code for _row, _column, code in codes()] == ["no_such_hour", "hour_twice"]
    assert ForeignRecord.objects.get().received_at == datetime(2025, 11, 2, 5, 30, tzinfo=UTC)


def test_a_dry_run_writes_nothing_and_says_the_same(tmp_path: Path) -> None:
    rows = [*orders(3), orders(1)[0], {**orders(1)[0], "内容": "井盖丢失。"}]
    rows[1]["受理时间"] = "昨天"
    tried = imported(tmp_path, rows, "--dry-run")
    assert tried.exit_code == 1
    assert "2 would be taken in, 1 in already, 2 refused" in tried.output
    assert not Case.objects.exists()
    assert not ImportRun.objects.exists()
    said = problems(tmp_path)
    imported(tmp_path, rows)
    assert [(one["行"], one["问题"]) for one in problems(tmp_path)] == [
        (one["行"], one["问题"]) for one in said
    ]


def test_the_report_is_for_its_owner_alone_and_holds_no_formula(tmp_path: Path) -> None:
    rows = orders(1, 受理时间="=cmd|' /C calc'!A0", 内容="@SUM(A1)")
    imported(tmp_path, rows, "--report", str(tmp_path / "back.xlsx"))
    assert (tmp_path / "back.xlsx").stat().st_mode & 0o077 == 0
    imported(tmp_path, rows)
    (problem,) = problems(tmp_path)
    assert problem["受理时间"].startswith("'=")
    assert problem["内容"].startswith("'@")


@given(st.text())
def test_no_cell_of_a_report_begins_like_a_formula(text: str) -> None:
    assert not defused(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--district", "999999"], "is no district"),
        (["--timezone", "Mars/Olympus"], "不是时区名称"),
        (["--timezone", "../../etc/passwd"], "不是时区名称"),
        (["--channel", "sensor"], "没有内置的列对应关系"),
        (["--channel", "pigeon"], "pigeon"),
        (["--report", "back.doc"], ".csv or .xlsx"),
    ],
)
def test_a_wrong_call_is_told_and_writes_nothing(tmp_path: Path, options: list[str], said: str) -> None:
    answer = imported(tmp_path, orders(1), *options)
    assert answer.exit_code == 2
    assert said in answer.output
    assert not ImportRun.objects.exists()
