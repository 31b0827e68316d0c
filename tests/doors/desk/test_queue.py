"""My queue: what waits for each role, the earliest promise first, page by page in both directions."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse

import makers
import town as places
from doors.desk.reading import HTMX, link, numbers_on
from town import Town, recently
from wangge.cases.states import State
from wangge.organisations.roles import Role

QUEUE = reverse("desk:queue")


@pytest.mark.parametrize(
    ("name", "state", "waits"),
    [
        ("chen", State.REGISTERED, True),
        ("chen", State.TO_DISPATCH, True),
        ("chen", State.IN_PROGRESS, False),
        ("tang", State.OBJECTION_REVIEW, True),
        ("tang", State.REGISTERED, False),
        ("fang", State.CALLBACK_DUE, True),
        ("fang", State.FEEDBACK_GIVEN, False),
        ("wu", State.DISPATCHED, True),
        ("wu", State.IN_PROGRESS, True),
        ("wu", State.CLOSED, False),
        ("feng", State.DISPATCHED, False),
        ("xu", State.TO_DISPATCH, True),
        ("lei", State.TO_DISPATCH, False),
    ],
)
def test_each_role_finds_what_waits_for_it(town: Town, desk, name: str, state: State, waits: bool) -> None:
    case = makers.make_case(town, state, at=recently())
    found = numbers_on(desk(town.people[name]).get(QUEUE))
    assert (case.number in found) is waits


def test_a_unit_asked_to_assist_finds_the_case_in_its_queue(town: Town, desk) -> None:
    case = makers.make_case(town, State.IN_PROGRESS, at=recently())
    desk(town.wu).post(
        reverse("desk:assign_assist", args=[case.number]),
        {"seen_version": case.version, "unit": town.bodies["water"].pk, "ask": "请协助关闭阀门。"},
    )
    assert numbers_on(desk(town.feng).get(QUEUE)) == [case.number]


def test_what_is_late_stands_first_and_says_so_in_words(town: Town, desk) -> None:
    fresh = makers.make_case(town, State.REGISTERED, at=recently(1))
    late = makers.make_case(town, State.REGISTERED, at=recently(60))
    page = desk(town.chen).get(QUEUE)
    assert numbers_on(page) == [late.number, fresh.number]
    rows = re.findall(r"<tr[^>]*>.*?</tr>", page.content.decode(), re.DOTALL)
    assert 'class="is-late"' in rows[1]
    assert "overdue by" in rows[1]
    assert "overdue by" not in rows[2]


def test_tabs_count_each_state_and_narrow_to_it(town: Town, desk) -> None:
    registered = makers.make_case(town, State.REGISTERED, at=recently())
    makers.make_case(town, State.TO_DISPATCH, at=recently())
    client = desk(town.chen)
    page = client.get(QUEUE)
    assert re.search(r'Registered <span class="count">1</span>', page.content.decode())
    assert numbers_on(client.get(QUEUE, {"state": "registered"})) == [registered.number]
    assert len(numbers_on(client.get(QUEUE, {"state": "nonsense"}))) == 2


def test_an_empty_queue_says_so(town: Town, desk) -> None:
    page = desk(town.fang).get(QUEUE)
    assert "Nothing waits for you" in page.content.decode()


def test_pages_follow_each_other_and_lead_back(town: Town, desk) -> None:
    made = [makers.make_case(town, at=recently(5) + timedelta(minutes=minute)).number for minute in range(45)]
    client = desk(town.chen)
    address, seen, pages = QUEUE, [], []
    while address:
        page = client.get(address)
        pages.append(numbers_on(page))
        seen += pages[-1]
        address = f"{QUEUE}{after}" if (after := link(page, "next")) else ""
    assert seen == made
    assert [len(page) for page in pages] == [20, 20, 5]
    assert numbers_on(client.get(f"{QUEUE}{link(page, 'prev')}")) == pages[1]


def test_a_bookmark_that_is_none_shows_the_first_page(town: Town, desk) -> None:
    case = makers.make_case(town, at=recently())
    for broken in ("x", "1_", "_1", "9" * 40 + "_1", "1_x"):
        assert numbers_on(desk(town.chen).get(QUEUE, {"after": broken})) == [case.number]


def test_htmx_gets_the_list_alone(town: Town, desk) -> None:
    case = makers.make_case(town, at=recently())
    page = desk(town.chen).get(QUEUE, headers=HTMX)
    assert numbers_on(page) == [case.number]
    assert "<html" not in page.content.decode()


@pytest.mark.parametrize("role", [Role.DISTRICT_LEADER, Role.AUDITOR, Role.SYSTEM_ADMIN, Role.RESIDENT])
def test_whom_no_case_waits_for_has_no_queue(town: Town, desk, role: Role) -> None:
    assert desk(town.with_role(role)).get(QUEUE).status_code == 403


def test_strangers_are_asked_to_sign_in(client, town: Town) -> None:
    answer = client.get(QUEUE)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse("shell:login"))


def test_a_paused_case_is_not_late(town: Town, desk) -> None:
    makers.make_case(town, State.PAUSED, at=recently(24 * 20), area_code=places.GRID)
    page = desk(town.tang).get(QUEUE).content.decode()
    assert "clock paused" in page
    assert "overdue by" not in page
