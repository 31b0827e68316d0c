"""Asking for a list with contacts, answering and fetching it, as the people at their desks do."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

import makers
from doors.desk.reading import text_of
from query_counts import assert_baseline, statements
from town import Town, recently
from wangge.cases.models import Case, ExportRequest, ExportState
from wangge.cases.states import State
from wangge.doors.desk import export_pages
from wangge.foundation.journal.models import Line
from wangge.foundation.privacy.models import Look

ASK = reverse("desk:export_ask")
TOLD = {"purpose": "contact", "reason": "供水抢修逐户通知"}


@pytest.fixture
def case(town: Town) -> Case:
    return makers.make_case(town, State.IN_PROGRESS, at=recently())


@pytest.fixture
def request_of_chen(town: Town, case: Case, desk) -> ExportRequest:
    answer = desk(town.chen).post(f"{ASK}?list=cases&state=in_progress", TOLD)
    assert answer.status_code == 302
    return ExportRequest.objects.get()


def approve(town: Town, desk, asked: ExportRequest):
    return desk(town.peng).post(reverse("desk:export_approve", args=[asked.pk]), follow=True)


def fetch(town: Town, desk, asked: ExportRequest, form: str = "csv"):
    return desk(town.chen).post(reverse("desk:export_fetch", args=[asked.pk]), {"form": form})


def test_the_page_says_what_is_asked_for(town: Town, case: Case, desk) -> None:
    page = text_of(desk(town.chen).get(f"{ASK}?list=cases&state=in_progress&words=路灯"))
    assert "List All cases" in page
    assert "State In progress" in page
    assert "Number or words 路灯" in page
    assert "Cases 1" in page


def test_from_the_list_to_the_file(town: Town, case: Case, request_of_chen: ExportRequest, desk) -> None:
    waiting = text_of(desk(town.chen).get(reverse("desk:exports")))
    assert "Waiting for a second person" in waiting
    assert "Fetch once" not in waiting
    officer = text_of(desk(town.peng).get(reverse("desk:exports")))
    for wanted in (
        "Yimei Command Centre · Command centre intake and dispatch", "State In progress",
        "Contacting the requester", "供水抢修逐户通知",
    ):  # fmt: skip
        assert wanted in officer
    assert "Approved" in text_of(approve(town, desk, request_of_chen))
    page = desk(town.chen).get(reverse("desk:exports"))
    assert "Fetch once as Excel" in text_of(page)
    answer = fetch(town, desk, request_of_chen)
    assert answer.headers["Cache-Control"] == "private, no-store"
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
    assert (row["Case number"], row["Name"], row["Phone"]) == (case.number, "林秀英", "10000001001")
    assert "Fetched" in text_of(desk(town.chen).get(reverse("desk:exports")))
    again = fetch(town, desk, request_of_chen)
    assert again.status_code == 409
    assert "fetched before" in text_of(again)


def test_as_excel_too(town: Town, request_of_chen: ExportRequest, desk) -> None:
    approve(town, desk, request_of_chen)
    answer = fetch(town, desk, request_of_chen, "xlsx")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert dict(zip(sheet[0], sheet[1], strict=True))["Phone"] == "10000001001"


def test_the_person_concerned_reads_that_somebody_looked(
    town: Town, case: Case, request_of_chen: ExportRequest, desk
) -> None:
    approve(town, desk, request_of_chen)
    fetch(town, desk, request_of_chen)
    client = town.client("qin")
    shown = {"number": case.number, "secret": case.lookup_secret.unseal()}
    client.cookies["wangge_language"] = "en"
    client.post(reverse("resident:follow"), shown)
    page = text_of(client.post(reverse("resident:my_data", args=[case.number]), follow=True))
    assert "Contacting the requester to handle the request" in page


def test_a_file_that_could_not_be_made_was_not_fetched(
    town: Town, request_of_chen: ExportRequest, desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    approve(town, desk, request_of_chen)

    def broken(*_args: object) -> bytes:
        raise OSError("no room")

    monkeypatch.setattr(export_pages, "_file", broken)
    with pytest.raises(OSError, match="no room"):
        fetch(town, desk, request_of_chen)
    request_of_chen.refresh_from_db()
    assert request_of_chen.state == ExportState.APPROVED
    assert not Look.objects.exists()
    assert not Line.objects.filter(act="export.made").exists()


def test_a_refusal_is_read_by_who_asked(town: Town, request_of_chen: ExportRequest, desk) -> None:
    address = reverse("desk:export_refuse", args=[request_of_chen.pk])
    assert desk(town.peng).post(address, {"reason": ""}).status_code == 409
    desk(town.peng).post(address, {"reason": "范围过大，请按网格申请"})
    assert "范围过大" in text_of(desk(town.chen).get(reverse("desk:exports")))


def test_what_is_missing_is_said_beside_the_field(town: Town, case: Case, desk) -> None:
    answer = desk(town.chen).post(f"{ASK}?list=cases", {"purpose": "contact", "reason": "因"})
    assert answer.status_code == 422
    assert "Write in a few words why you need it." in text_of(answer)
    assert desk(town.chen).get(f"{ASK}?list=looks").status_code == 404


def test_a_request_whose_time_is_over_says_so(town: Town, request_of_chen: ExportRequest, desk) -> None:
    approve(town, desk, request_of_chen)
    late = request_of_chen.asked_at - timedelta(hours=1)
    ExportRequest.objects.filter(pk=request_of_chen.pk).update(lapses_at=late)
    page = text_of(desk(town.chen).get(reverse("desk:exports")))
    assert "Ran out" in page
    assert "Fetch once" not in page
    assert fetch(town, desk, request_of_chen).status_code == 409


def test_colleagues_do_not_find_each_others_requests(
    town: Town, request_of_chen: ExportRequest, desk
) -> None:
    for who in ("zheng", "xu", "bai", "fang"):
        client = desk(town.people[who])
        assert "供水抢修" not in text_of(client.get(reverse("desk:exports")))
        address = reverse("desk:export_fetch", args=[request_of_chen.pk])
        assert client.post(address, {"form": "csv"}).status_code == 404


def test_the_officers_page_takes_as_many_statements_for_five_requests_as_for_one(
    town: Town, request_of_chen: ExportRequest, desk
) -> None:
    client = desk(town.peng)
    few = statements(client, reverse("desk:exports"))
    for _ in range(4):
        desk(town.chen).post(f"{ASK}?list=cases&open_only=on", TOLD)
        desk(town.zheng).post(f"{ASK}?list=cases", TOLD)
    assert ExportRequest.objects.count() > 4
    assert statements(client, reverse("desk:exports")) == few
    assert_baseline("desk:exports, with requests (peng)", few)


def test_no_address_holds_what_was_searched_for(town: Town, case: Case, desk) -> None:
    """The words stand in the list's own address and in the form's, and are kept sealed."""
    desk(town.chen).post(f"{ASK}?list=cases&words=路灯", TOLD)
    officer = desk(town.peng).get(reverse("desk:exports")).content.decode()
    assert all("路灯" not in address for address in re.findall(r'(?:href|action)="([^"]*)"', officer))
