"""Homes for every role, how an area stands, and the pages of those who watch."""

from __future__ import annotations

import pytest
from axes.models import AccessAttempt
from django.urls import reverse

import makers
import town as places
from doors.desk.reading import HTMX, link, numbers_on, text_of
from town import FOUNDED, Town, recently
from wangge.cases.models import Case
from wangge.cases.states import State
from wangge.doors.desk.roles import DESK, HOMES
from wangge.foundation.journal.sealing import seal_heads
from wangge.foundation.worktime import clock
from wangge.organisations.roles import FIELD, PUBLIC, Role

# --- homes -------------------------------------------------------------------------------------------


def test_every_role_with_a_desk_has_a_home() -> None:
    assert set(HOMES) == DESK


@pytest.mark.parametrize("role", sorted(DESK))
def test_home_leads_to_a_page_that_opens(town: Town, desk, role: Role) -> None:
    answer = desk(town.with_role(role)).get(reverse("desk:home"), follow=True)
    assert answer.status_code == 200
    assert answer.redirect_chain[-1][0] == reverse(HOMES[role])


@pytest.mark.parametrize("role", sorted(DESK))
def test_every_line_of_the_menu_opens(town: Town, desk, role: Role) -> None:
    client = desk(town.with_role(role))
    page = client.get(reverse("desk:home"), follow=True)
    lines = [line.url for section in page.context["menu"] for line in section.lines]
    assert len(lines) >= 4
    for address in lines:
        assert client.get(address).status_code == 200, address


def test_a_grid_worker_is_led_to_the_phone(town: Town, desk) -> None:
    assert desk(town.zhou).get(reverse("desk:home")).headers["Location"] == reverse("field:home")


def test_the_public_has_no_desk(town: Town, desk) -> None:
    for role in PUBLIC:
        assert desk(town.with_role(role)).get(reverse("desk:home")).status_code == 403


# --- how an area stands ------------------------------------------------------------------------------


def test_the_district_leader_reads_counts_by_state_and_town(town: Town, desk) -> None:
    for _ in range(2):
        makers.make_case(town, State.IN_PROGRESS, at=recently())
    makers.make_case(town, State.REGISTERED, at=recently(80), area_code=places.NEXT_GRID)
    page = text_of(desk(town.song).get(reverse("desk:overview")))
    assert "How Yimei District stands" in page
    assert "State Chaoyang Subdistrict Qianjin Subdistrict Total" in page
    assert "Overdue – 1 1" in page
    assert "Registered – 1 1" in page
    assert "In progress 2 – 2" in page


def test_a_town_leader_reads_the_communities_of_the_town(town: Town, desk) -> None:
    makers.make_case(town, State.IN_PROGRESS, at=recently())
    makers.make_case(town, State.REGISTERED, at=recently(), area_code=places.NEXT_GRID)
    page = text_of(desk(town.zhao).get(reverse("desk:overview")))
    assert "State Yonghong Community Total" in page
    assert "Registered" not in page


def test_counts_show_no_words_of_anybody(town: Town, desk) -> None:
    makers.make_case(town, State.IN_PROGRESS, at=recently(), text="三单元张家的路灯坏了。")
    assert "张家" not in desk(town.song).get(reverse("desk:overview")).content.decode()


def test_the_meeting_office_finds_what_was_done_over_twice(town: Town, desk) -> None:
    case = makers.make_case(town, State.CLOSED, at=recently(30))
    Case.objects.filter(pk=case.pk).update(meeting_due=True)
    assert numbers_on(desk(town.han).get(reverse("desk:overview"))) == [case.number]
    assert numbers_on(desk(town.song).get(reverse("desk:overview"))) == []


def test_nothing_yet_says_so(town: Town, desk) -> None:
    assert "No cases yet" in text_of(desk(town.song).get(reverse("desk:overview")))


# --- the relief office and the reviewers --------------------------------------------------------------


@pytest.mark.parametrize("name", ["cao", "deng"])
def test_what_communities_may_be_asked_to_do(town: Town, desk, name: str) -> None:
    page = text_of(desk(town.people[name]).get(reverse("desk:admissions")))
    assert "社区依法自治事项清单（试行）：调解邻里纠纷" in page
    # The catalogue asks communities for forms, and nobody has admitted that.
    assert "1 rules that ask a community without admission" in page
    assert "Collecting forms from door to door" in page


# --- the auditor and the privacy officer --------------------------------------------------------------


def test_the_auditor_reads_every_line_of_a_case_with_its_hash(town: Town, desk) -> None:
    case = makers.make_case(town, State.DISPATCHED, at=recently())
    page = text_of(desk(town.cai).get(reverse("desk:case_journal", args=[case.number])))
    for act in ("case.registered", "case.screening_started", "case.classified", "case.dispatched"):
        assert act in page
    assert "Yimei Command Centre · Command centre intake and dispatch" in page
    assert "unit=230717.urban_management" in page
    assert case.text not in page


def test_the_auditor_finds_a_journal_by_number(town: Town, desk) -> None:
    case = makers.make_case(town, at=recently())
    client = desk(town.cai)
    answer = client.get(reverse("desk:journal"), {"number": f" {case.number} "})
    assert answer.headers["Location"] == reverse("desk:case_journal", args=[case.number])
    unknown = client.get(reverse("desk:journal"), {"number": "230718-20260306-00001"})
    assert "There is no case of this number in the district." in text_of(unknown)


def test_the_latest_acts_are_those_of_the_district(town: Town, desk) -> None:
    mine = makers.make_case(town, at=recently())
    other = makers.make_case(town, at=recently(), area_code=places.OTHER_GRID, place_words="翠峦")
    page = text_of(desk(town.cai).get(reverse("desk:journal")))
    assert mine.number in page
    assert other.number not in page


def test_cases_of_another_district_have_no_journal_here(town: Town, desk) -> None:
    other = makers.make_case(town, at=recently(), area_code=places.OTHER_GRID, place_words="翠峦")
    assert desk(town.cai).get(reverse("desk:case_journal", args=[other.number])).status_code == 404


@pytest.mark.parametrize("name", ["chen", "wu", "song", "peng", "lu", "jiang"])
def test_nobody_else_reads_journals(town: Town, desk, name: str) -> None:
    case = makers.make_case(town, at=recently())
    client = desk(town.people[name])
    assert client.get(reverse("desk:journal")).status_code == 403
    assert client.get(reverse("desk:case_journal", args=[case.number])).status_code == 403


def looked_at(town: Town, desk, **sent: str) -> Case:
    case = makers.make_case(town, State.IN_PROGRESS, at=recently())
    answer = desk(town.wu).post(
        reverse("desk:contact", args=[case.number]),
        {"purpose": "contact", "reason": "电话约上门时间", **sent},
    )
    assert answer.status_code == 200
    return case


def test_the_privacy_officer_reads_who_looked_and_why(town: Town, desk) -> None:
    case = looked_at(town, desk)
    page = text_of(desk(town.peng).get(reverse("desk:looks")))
    assert "Yimei Urban Management Bureau · Department handler" in page
    assert "Contacting the requester to handle the request" in page
    assert "Name · Phone" in page
    assert "电话约上门时间" in page
    assert case.number in page
    assert "林秀英" not in page


def test_the_auditor_reads_looks_without_the_reasons(town: Town, desk) -> None:
    case = looked_at(town, desk)
    for address in (reverse("desk:looks"), reverse("desk:case_journal", args=[case.number])):
        page = text_of(desk(town.cai).get(address))
        assert "Contacting the requester to handle the request" in page
        assert "电话约上门时间" not in page


def test_looks_are_narrowed_by_purpose_and_paged(town: Town, desk) -> None:
    looked_at(town, desk, purpose="visit")
    client = desk(town.peng)
    assert "Nobody has looked" in text_of(client.get(reverse("desk:looks"), {"purpose": "callback"}))
    assert "Visiting the place" in text_of(client.get(reverse("desk:looks"), {"purpose": "visit"}))
    case = looked_at(town, desk)
    for _ in range(40):
        desk(town.wu).post(reverse("desk:contact", args=[case.number]), {"purpose": "contact"})
    first = client.get(reverse("desk:looks"))
    second = client.get(reverse("desk:looks") + link(first, "next"))
    assert second.status_code == 200
    assert link(second, "next") == ""


@pytest.mark.parametrize("name", ["chen", "wu", "song", "lu", "jiang", "tang"])
def test_nobody_else_reads_who_looked(town: Town, desk, name: str) -> None:
    assert desk(town.people[name]).get(reverse("desk:looks")).status_code == 403


# --- the administrators ------------------------------------------------------------------------------


def test_the_system_administrator_finds_accounts_and_their_posts(town: Town, desk) -> None:
    client = desk(town.lu)
    page = text_of(client.get(reverse("desk:accounts")))
    assert town.chen.username in page
    assert "Command centre intake and dispatch · Yimei Command Centre" in page
    assert town.bai.username not in page
    assert f"from {FOUNDED:%Y-%m-%d}" in page
    found = text_of(client.get(reverse("desk:accounts"), {"name": "WU."}, headers=HTMX))
    assert found.count("in use") == 1
    assert town.wu.username in found
    found = text_of(client.get(reverse("desk:accounts"), {"role": "auditor"}, headers=HTMX))
    assert town.cai.username in found
    assert town.wu.username not in found
    assert "No account fits" in text_of(client.get(reverse("desk:accounts"), {"name": "nobody"}))


def test_accounts_continue_on_the_next_page(town: Town, desk) -> None:
    client = desk(town.lu)
    first = client.get(reverse("desk:accounts"))
    second = client.get(reverse("desk:accounts") + link(first, "next"))
    assert town.zhou.username in text_of(first) + text_of(second)
    assert town.cai.username not in text_of(second)


def test_the_security_administrator_reads_failures_locks_and_seals(town: Town, desk) -> None:
    client = desk(town.jiang)
    assert "No failed sign-ins are on record." in text_of(client.get(reverse("desk:security")))
    assert "The journal was never sealed." in text_of(client.get(reverse("desk:security")))
    AccessAttempt.objects.create(
        username="wu.department_handler", ip_address="192.0.2.7", failures_since_start=5
    )
    AccessAttempt.objects.create(username="someone", ip_address="192.0.2.8", failures_since_start=1)
    seal_heads(at=clock.now())
    page = text_of(client.get(reverse("desk:security")))
    assert "wu.department_handler 192.0.2.7 5" in page
    assert page.count(" locked") == 3  # the sentence on top, one locked account and one that is not
    assert "1 last seal" in page
    assert "0 chains moved since" in page


@pytest.mark.parametrize("name", ["chen", "cai", "peng", "song"])
def test_administrators_keep_their_pages_to_themselves(town: Town, desk, name: str) -> None:
    client = desk(town.people[name])
    for page in ("accounts", "security", "admissions"):
        assert client.get(reverse(f"desk:{page}")).status_code == 403


def test_three_administrators_are_three_people(town: Town, desk) -> None:
    own = {"lu": "accounts", "jiang": "security", "cai": "journal"}
    for name in own:
        client = desk(town.people[name])
        for other, page in own.items():
            expected = 200 if other == name else 403
            assert client.get(reverse(f"desk:{page}")).status_code == expected


@pytest.mark.parametrize("role", sorted(PUBLIC | FIELD))
def test_who_has_no_desk_reads_none_of_it(town: Town, desk, role: Role) -> None:
    client = desk(town.with_role(role))
    for page in ("overview", "admissions", "journal", "looks", "accounts", "security"):
        assert client.get(reverse(f"desk:{page}")).status_code == 403
