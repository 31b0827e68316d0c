"""The desk's import pages: try a file, say yes, let the worker take it in, hand the report back."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from doors.exchange.files import ORDER, TITLES, csv_bytes, orders, xlsx_bytes
from query_counts import assert_baseline, statements
from town import OTHER_DISTRICT, Town
from wangge.cases.models import Case
from wangge.doors.exchange.desk_runs import tidy, work_off
from wangge.doors.exchange.models import ImportRun, RunState
from wangge.foundation.journal.models import Line
from wangge.foundation.worktime.clock import now


@pytest.fixture
def chen(town: Town) -> Client:
    return town.client("chen")


def send(client: Client, content: bytes, name: str = "orders.csv", **told: Any) -> Any:
    form = {"file": SimpleUploadedFile(name, content), "channel": "hotline_12345", **told}
    return client.post(reverse("exchange:upload"), form)


def drafted(client: Client, content: bytes, name: str = "orders.csv", **told: Any) -> ImportRun:
    response = send(client, content, name, **told)
    assert response.status_code == 302, response.content.decode()
    return ImportRun.objects.latest("pk")


def kept_files() -> list[Path]:
    return list((Path(settings.FILES_DIR) / "imports").glob("*"))


def page(client: Client, run: ImportRun) -> str:
    response = client.get(reverse("exchange:run", args=[run.pk]))
    assert response.status_code == 200
    return response.content.decode()


def with_a_bad_row() -> bytes:
    rows = orders(3)
    rows[1]["受理时间"] = "三月六日上午"
    return csv_bytes(rows, [*TITLES, "满意度"])


def test_a_file_is_tried_first_and_nothing_is_written(chen: Client) -> None:
    run = drafted(chen, with_a_bad_row())
    shown = page(chen, run)
    assert "试读了 3 行" in shown
    assert "“三月六日上午”不是日期时间。" in shown
    assert "“满意度”列：对应关系中没有。" in shown
    assert not Case.objects.exists()
    assert run.state == RunState.DRAFT


def test_after_a_yes_the_worker_takes_the_good_rows_in(chen: Client) -> None:
    run = drafted(chen, with_a_bad_row())
    assert chen.post(reverse("exchange:start", args=[run.pk])).status_code == 302
    assert "排队中" in page(chen, run)
    work_off(run.pk, now)
    run.refresh_from_db()
    assert (run.state, run.rows, run.taken, run.refused) == (RunState.DONE, 3, 2, 1)
    assert (
        Case.objects.filter(channel="hotline_12345", registered_unit__code="230717.command_center").count()
        == 2
    )
    assert "已完成" in page(chen, run)
    assert not kept_files(), "the file is forgotten once it is in"
    started, ended = Line.objects.filter(subject_kind="import", subject_id=str(run.pk)).order_by("seq")
    assert (started.act, ended.act) == ("import.started", "import.ended")
    assert ended.facts["taken"] == 2


def test_while_it_runs_the_page_asks_for_itself_again(chen: Client) -> None:
    run = drafted(chen, csv_bytes(orders(2)))
    assert "every 2s" not in page(chen, run)
    chen.post(reverse("exchange:start", args=[run.pk]))
    assert 'hx-trigger="every 2s"' in page(chen, run)
    piece = chen.get(
        reverse("exchange:run", args=[run.pk]),
        headers={"HX-Request": "true", "HX-Request-Type": "partial"},
    ).content.decode()
    assert piece.startswith('<div class="stack" id="import-run"')
    work_off(run.pk, now)
    assert "every 2s" not in page(chen, run)


def test_the_file_lies_sealed_while_it_waits(chen: Client) -> None:
    drafted(chen, csv_bytes(orders(2)))
    (kept,) = kept_files()
    content = kept.read_bytes()
    assert kept.stat().st_mode & 0o077 == 0
    for secret in (ORDER["来电人"].encode(), b"10000000001", b"YC2026"):
        assert secret not in content


def test_a_draft_can_be_given_up_and_leaves_nothing(chen: Client) -> None:
    run = drafted(chen, csv_bytes(orders(2)))
    chen.post(reverse("exchange:drop", args=[run.pk]))
    run.refresh_from_db()
    assert run.state == RunState.DROPPED
    assert not kept_files()
    assert chen.post(reverse("exchange:start", args=[run.pk])).status_code == 409
    assert not Case.objects.exists()


def test_a_run_is_started_once(chen: Client) -> None:
    run = drafted(chen, csv_bytes(orders(2)))
    assert chen.post(reverse("exchange:start", args=[run.pk])).status_code == 302
    assert chen.post(reverse("exchange:start", args=[run.pk])).status_code == 409
    work_off(run.pk, now)
    work_off(run.pk, now)
    assert Case.objects.count() == 2


def test_the_report_is_a_file_without_callers(chen: Client) -> None:
    rows = orders(3)
    rows[1]["联系电话"] = "138-错误"
    rows[2]["紧急程度"] = "=1+1"
    run = drafted(chen, csv_bytes(rows))
    chen.post(reverse("exchange:start", args=[run.pk]))
    work_off(run.pk, now)
    response = chen.get(reverse("exchange:report", args=[run.pk]))
    assert response.headers["Content-Disposition"] == f'attachment; filename="import-{run.pk}-problems.csv"'
    text = b"".join(response).decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    assert lines[0] == ["行", "对方系统编号", "列", "原值", "问题", "如何修改", "已导入"]
    assert [line[:4] for line in lines[1:]] == [
        ["3", "YC20260306000002", "联系电话", ""],
        ["4", "YC20260306000003", "紧急程度", "'=1+1"],
    ]
    assert ORDER["来电人"] not in text
    assert "138" not in text
    workbook = chen.get(reverse("exchange:report", args=[run.pk]), {"form": "xlsx"})
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(workbook))).get_sheet_by_index(0)
    assert sheet.to_python()[2][3] == "=1+1"


def test_workbooks_go_the_same_way(chen: Client) -> None:
    run = drafted(chen, xlsx_bytes(orders(4)), "工单.xlsx")
    chen.post(reverse("exchange:start", args=[run.pk]))
    work_off(run.pk, now)
    assert Case.objects.count() == 4
    assert run.file_form == "Excel, 工单"


def test_a_mapping_of_ones_own_is_sent_along(chen: Client) -> None:
    mapping = (
        'source_system = "pump"\n[fields.external_no]\ncolumns = ["ID"]\n[fields.text]\ncolumns = ["What"]\n'
    )
    run = drafted(
        chen, b"ID,What\n7,Pump 3 has stopped\n", channel="sensor",
        mapping=SimpleUploadedFile("m.toml", mapping.encode()),
    )  # fmt: skip
    chen.post(reverse("exchange:start", args=[run.pk]))
    work_off(run.pk, now)
    case = Case.objects.get()
    assert (case.source_system, case.external_no, case.channel) == ("pump", "7", "sensor")


@pytest.mark.parametrize(
    ("content", "told", "said"),
    [
        (b"", {}, "文件是空的。"),
        (b"a,b\n1,2\n", {}, "没有对应关系里的列标题"),
        ("工单编号,受理时间\n1,2026-03-06\n".encode(), {}, "缺少以下列：诉求内容"),
        (csv_bytes([]), {}, "除标题行外没有内容"),
        (b"\xd0\xcf\x11\xe0 old", {}, "旧版 Excel"),
        (b"a", {"channel": "sensor"}, "没有内置的列对应关系"),
        (b"a", {"mapping": SimpleUploadedFile("m.toml", b"= nonsense")}, "不是有效的 TOML"),
        (b"a", {"channel": "nonsense"}, "nonsense"),
    ],
)
def test_what_cannot_be_read_is_said_at_once_and_kept_nowhere(
    chen: Client, content: bytes, told: dict[str, Any], said: str
) -> None:
    response = send(chen, content, **told)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not ImportRun.objects.exists()
    assert not kept_files()


def test_a_file_too_large_for_the_desk_is_refused(chen: Client, settings: Any) -> None:
    settings.IMPORT_MAX_MB = 0
    response = send(chen, csv_bytes(orders(1)))
    assert response.status_code == 422
    assert "文件超过 0 MB" in response.content.decode()


def test_whoever_lost_the_post_takes_nothing_in(town: Town) -> None:
    chen = town.client("chen")
    run = drafted(chen, csv_bytes(orders(1)))
    chen.post(reverse("exchange:start", args=[run.pk]))
    ImportRun.objects.update(post_id="no such post")
    work_off(run.pk, now)
    run.refresh_from_db()
    assert (run.state, run.failure) == (RunState.FAILED, "上传文件的人已不在该岗位。")
    assert not Case.objects.exists()
    assert not kept_files()


def test_another_district_finds_neither_run_nor_report(town: Town) -> None:
    run = drafted(town.client("chen"), csv_bytes(orders(1)))
    bai = town.client("bai")
    for name in ("run", "report"):
        assert bai.get(reverse(f"exchange:{name}", args=[run.pk])).status_code == 404
    for name in ("start", "drop"):
        assert bai.post(reverse(f"exchange:{name}", args=[run.pk])).status_code == 404
    assert "orders.csv" not in bai.get(reverse("exchange:imports")).content.decode()


def test_a_place_outside_the_importers_district_is_refused(town: Town) -> None:
    bai = town.client("bai")
    rows = orders(2)
    rows[0] |= {"所属街道": "", "所属社区": ""}
    rows[1] |= {"网格编码": "230717001001001"}
    run = drafted(bai, csv_bytes(rows, [*TITLES, "网格编码"]))
    assert run.district == OTHER_DISTRICT
    bai.post(reverse("exchange:start", args=[run.pk]))
    work_off(run.pk, now)
    assert [case.district for case in Case.objects.all()] == [OTHER_DISTRICT]


def test_files_nobody_says_yes_to_are_forgotten(chen: Client) -> None:
    run = drafted(chen, csv_bytes(orders(1)))
    assert tidy(now()) == 0
    assert tidy(now() + timedelta(days=2)) == 1
    run.refresh_from_db()
    assert run.state == RunState.DROPPED
    assert not kept_files()


def test_an_empty_list_says_what_to_do(chen: Client) -> None:
    shown = chen.get(reverse("exchange:imports")).content.decode()
    assert "还没有导入过文件" in shown


def test_the_list_goes_back_page_by_page(chen: Client) -> None:
    for number in range(22):
        drafted(chen, csv_bytes(orders(1)), f"orders-{number}.csv")
    shown = chen.get(reverse("exchange:imports")).content.decode()
    assert "orders-21.csv" in shown
    assert "orders-1.csv" not in shown
    oldest_shown = ImportRun.objects.order_by("-pk")[19].pk
    older = chen.get(reverse("exchange:imports"), {"before": oldest_shown}).content.decode()
    assert "orders-1.csv" in older
    assert chen.get(reverse("exchange:imports"), {"before": "x"}).status_code == 200
    assert_baseline("exchange:imports (chen)", statements(chen, reverse("exchange:imports")))
    run = ImportRun.objects.latest("pk")
    assert_baseline("exchange:run (chen)", statements(chen, reverse("exchange:run", args=[run.pk])))


def test_the_pages_speak_english_too(chen: Client) -> None:
    run = drafted(chen, with_a_bad_row())
    chen.cookies["wangge_language"] = "en"
    shown = page(chen, run)
    assert "“三月六日上午” is no date and time." in shown
    assert "Nothing is written yet." in shown


def test_the_case_shows_what_the_other_system_said(town: Town, chen: Client) -> None:
    rows = orders(1, 办结时间="2026-03-09 15:00", 办理结果="已更换灯泡。")
    run = drafted(chen, csv_bytes(rows, [*TITLES, "办结时间", "办理结果"]))
    chen.post(reverse("exchange:start", args=[run.pk]))
    work_off(run.pk, now)
    address = reverse("desk:case", args=[Case.objects.get().number])
    shown = chen.get(address).content.decode()
    for said in (
        "对方系统的记录",
        "城乡建设 / 市政设施 / 道路照明",
        "请伊美区核实办理",
        "已更换灯泡。",
        "来源系统已办结",
    ):
        assert said in shown
    assert "对方系统的记录" not in town.client("cai").get(address).content.decode(), (
        "not for who reads no text"
    )
