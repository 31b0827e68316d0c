"""The first page of the phone: the grid, what waits, what became of what was reported."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

import makers
from doors.field.inbox import told
from town import GRID, SECOND_GRID, Town, recently
from wangge.cases.states import State
from wangge.cases.words import Channel
from wangge.organisations.roles import FIELD, Role

PAGES = ("/field/", "/field/report", "/field/reports", "/field/checks", "/field/notices")


def test_the_grid_says_its_name_code_and_households(town: Town):
    page = town.client("zhou").get("/field/")
    assert page.status_code == 200
    said = page.content.decode()
    for words in ("第一网格", "永红社区", GRID, "320"):
        assert words in said


def test_what_waits_is_what_is_to_be_checked_in_my_grid(town: Town):
    here = makers.make_case(town, State.VERIFYING, at=recently())
    there = makers.make_case(town, State.VERIFYING, at=recently(), area_code=SECOND_GRID)
    not_yet = makers.make_case(town, State.FEEDBACK_GIVEN, at=recently())
    for address in ("/field/", "/field/checks"):
        said = town.client("zhou").get(address).content.decode()
        assert here.number in said
        assert there.number not in said
        assert not_yet.number not in said


def test_reports_of_my_unit_show_their_words_and_others_only_their_kind(town: Town):
    ours = makers.make_case(
        town, State.DISPATCHED, at=recently(), by=town.zhou.holder, channel=Channel.GRID_PATROL,
        text="二号楼的井盖裂了一道缝。", contact=None, place_words="二号楼西侧",
    )  # fmt: skip
    others = makers.make_case(
        town, State.DISPATCHED, at=recently(), by=town.chen.holder, channel=Channel.GRID_PATROL,
        text="有人在楼道里堆纸箱。", contact=None, place_words="五号楼三单元",
    )  # fmt: skip
    hotline = makers.make_case(town, State.DISPATCHED, at=recently())
    for address in ("/field/", "/field/reports"):
        said = town.client("zhou").get(address).content.decode()
        assert ours.number in said
        assert others.number in said
        assert hotline.number not in said
        assert "二号楼的井盖裂了一道缝" in said
        assert "纸箱" not in said
        assert "五号楼三单元" not in said
        assert others.matter is not None
        assert others.matter.label in said


def test_reports_are_turned_page_by_page(town: Town):
    cases = [
        makers.make_case(
            town, at=recently(), by=town.zhou.holder, channel=Channel.GRID_PATROL, contact=None,
            text=f"第{count}处垃圾没有清。",
        )
        for count in range(23)
    ]  # fmt: skip
    client = town.client("zhou")
    first = client.get("/field/reports")
    assert cases[22].number in first.content.decode()
    assert cases[2].number not in first.content.decode()
    second = client.get(first.context["older_url"]).content.decode()
    assert all(case.number in second for case in cases[:3])
    assert cases[3].number not in second


def test_unread_notices_are_named(town: Town):
    told(town, "zhou", "230717-20260306-00001")
    assert "1 条未读消息" in town.client("zhou").get("/field/").content.decode()


def test_the_phone_is_a_grid_workers_first_page(town: Town):
    for name in ("zhou", "ma"):
        assert town.client(name).get(reverse("shell:home"), follow=True).redirect_chain[-1][0] == "/field/"


@pytest.mark.parametrize("role", sorted(set(Role) - FIELD))
def test_nobody_else_has_this_phone(town: Town, role: Role):
    client = town.client(town.with_role(role))
    for address in PAGES:
        assert client.get(address).status_code == 403


@pytest.mark.parametrize("address", PAGES)
def test_strangers_are_asked_to_sign_in(db: None, address: str):
    response = Client().get(address)
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/login?next=")
