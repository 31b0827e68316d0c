"""The inbox on the phone."""

from __future__ import annotations

import pytest
from django.test import Client

from doors.field.inbox import told
from makers import make_case
from town import Town, recently
from wangge.cases.states import State
from wangge.foundation.notices.models import Notice


@pytest.fixture
def zhou(town: Town) -> Client:
    return town.client("zhou")


def test_opening_a_notice_reads_it_and_leads_to_the_case(town: Town, zhou: Client):
    case = make_case(town, State.VERIFYING, at=recently())
    notice = told(town, "zhou", case.number)
    assert case.number in zhou.get("/field/notices").content.decode()
    response = zhou.post(f"/field/notices/{notice.pk}")
    assert (response.status_code, response.headers["Location"]) == (302, f"/field/cases/{case.number}")
    notice.refresh_from_db()
    assert notice.read_at is not None


def test_reading_needs_a_press_not_a_look(town: Town, zhou: Client):
    notice = told(town, "zhou", "230717-20260306-00001")
    zhou.get("/field/notices")
    assert zhou.get(f"/field/notices/{notice.pk}").status_code == 405
    notice.refresh_from_db()
    assert notice.read_at is None


def test_a_notice_for_somebody_else_does_not_exist(town: Town, zhou: Client):
    notice = told(town, "yu", "230717-20260306-00002")
    assert "00002" not in zhou.get("/field/notices").content.decode()
    assert zhou.post(f"/field/notices/{notice.pk}").status_code == 404
    zhou.post("/field/notices/read")
    notice.refresh_from_db()
    assert notice.read_at is None


def test_all_can_be_marked_as_read(town: Town, zhou: Client):
    for count in range(3):
        told(town, "zhou", f"230717-20260306-0000{count}", key=str(count))
    page = zhou.post("/field/notices/read", follow=True)
    assert not Notice.objects.filter(read_at=None).exists()
    assert "全部消息已标为已读" in page.content.decode()


def test_older_notices_are_a_page_away_and_none_is_skipped(town: Town, zhou: Client):
    for count in range(25):
        told(town, "zhou", f"230717-20260306-{count:05}", hours=30 - count // 2, key=str(count))
    first = zhou.get("/field/notices")
    second = zhou.get(first.context["older_url"])
    seen = [line.notice.params["no"] for page in (first, second) for line in page.context["lines"]]
    assert seen == [f"230717-20260306-{count:05}" for count in reversed(range(25))]


def test_an_empty_inbox_says_so(zhou: Client):
    assert "没有消息。" in zhou.get("/field/notices").content.decode()
