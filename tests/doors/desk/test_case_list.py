"""All cases of a post: narrowed, searched, paged; the same address as page and as piece."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

import makers
import town as places
from doors.desk.reading import HTMX, link, numbers_on
from town import Town, recently
from wangge.cases.states import State

CASES = reverse("desk:cases")


def test_newest_first(town: Town, desk) -> None:
    made = [makers.make_case(town, at=recently()).number for _ in range(3)]
    assert numbers_on(desk(town.chen).get(CASES)) == made[::-1]


@pytest.mark.parametrize(
    ("narrowed", "finds"),
    [
        ({"state": "in_progress"}, "pipe"),
        ({"channel": "walk_in"}, "noise"),
        ({"category": "water_sewer"}, "pipe"),
        ({"priority": "urgent"}, "pipe"),
        ({"area": places.NEXT_COMMUNITY}, "far"),
        ({"area": places.NEXT_STREET}, "far"),
        ({"unit": "230717.water_company"}, "pipe"),
        ({"overdue": "on"}, "late"),
        ({"words": "水管"}, "pipe"),
        ({"words": "松涛"}, "far"),
        ({"words": "HL-77"}, "noise"),
    ],
)
def test_each_filter_narrows_to_what_it_says(town: Town, desk, narrowed: dict[str, str], finds: str) -> None:
    made = {
        "pipe": makers.make_case(
            town, State.IN_PROGRESS, at=recently(), matter="pipe", text="新兴路水管漏水。"
        ),
        "noise": makers.make_case(
            town, at=recently(), channel="walk_in", text="邻居夜里很吵。", external_no="HL-77"
        ),
        "far": makers.make_case(town, at=recently(), area_code=places.NEXT_GRID, place_words="松涛家园2号楼"),
        "late": makers.make_case(town, at=recently(80), text="路灯不亮很久了。"),
    }
    assert numbers_on(desk(town.chen).get(CASES, narrowed)) == [made[finds].number]


def test_open_only_leaves_out_what_has_ended(town: Town, desk) -> None:
    open_one = makers.make_case(town, at=recently())
    makers.make_case(town, State.CLOSED, at=recently())
    assert numbers_on(desk(town.chen).get(CASES, {"open_only": "on"})) == [open_one.number]


def test_a_number_or_its_beginning_finds_the_case(town: Town, desk) -> None:
    first, second = (makers.make_case(town, at=recently()) for _ in range(2))
    client = desk(town.chen)
    assert numbers_on(client.get(CASES, {"words": first.number})) == [first.number]
    assert set(numbers_on(client.get(CASES, {"words": first.number[:15]}))) == {first.number, second.number}


def test_a_filter_nobody_knows_narrows_nothing(town: Town, desk) -> None:
    case = makers.make_case(town, at=recently())
    page = desk(town.chen).get(CASES, {"state": "x'; --", "area": "999", "category": "none", "before": "x"})
    assert numbers_on(page) == [case.number]


def test_an_area_outside_the_post_is_not_offered(town: Town, desk) -> None:
    page = desk(town.xu).get(CASES).content.decode()
    offered = re.findall(r'value="(\d+)"', page.split('name="area"')[1].split("</select>")[0])
    assert offered == [places.STREET, places.COMMUNITY, places.SECOND_COMMUNITY]


@pytest.mark.parametrize(
    ("name", "sees"),
    [
        *((name, True) for name in ("chen", "song", "wu", "xu", "he")),
        *((name, False) for name in ("qian", "bai", "lei", "feng")),
    ],
)
def test_everybody_sees_only_what_is_theirs(town: Town, desk, name: str, sees: bool) -> None:
    case = makers.make_case(town, State.IN_PROGRESS, at=recently())
    assert (case.number in numbers_on(desk(town.people[name]).get(CASES))) is sees


def test_who_sees_texts_masked_reads_the_matter_instead_of_the_words(town: Town, desk) -> None:
    makers.make_case(town, State.IN_PROGRESS, at=recently(), text="三单元张家的路灯坏了。")
    assert "三单元张家" in desk(town.chen).get(CASES).content.decode()
    for leader in (town.song, town.cai, town.zhao, town.han):
        page = desk(leader).get(CASES).content.decode()
        assert "三单元张家" not in page
        assert "Street lamp out" in page


def test_pages_lead_forth_and_back(town: Town, desk) -> None:
    made = [makers.make_case(town, at=recently()).number for _ in range(43)][::-1]
    client = desk(town.chen)
    first = client.get(CASES)
    assert numbers_on(first) == made[:20]
    second = client.get(f"{CASES}{link(first, 'next')}")
    assert numbers_on(second) == made[20:40]
    assert numbers_on(client.get(f"{CASES}{link(second, 'prev')}")) == made[:20]


def test_filters_stay_while_paging(town: Town, desk) -> None:
    for _ in range(22):
        makers.make_case(town, at=recently(), channel="walk_in")
    page = desk(town.chen).get(CASES, {"channel": "walk_in"})
    assert link(page, "next").startswith("?channel=walk_in&before=")


def test_htmx_gets_the_piece_and_nobody_mixes_them_up(town: Town, desk) -> None:
    case = makers.make_case(town, at=recently())
    piece = desk(town.chen).get(CASES, {"channel": "hotline_12345"}, headers=HTMX)
    assert piece.content.decode().lstrip().startswith('<div class="stack" id="case-list"')
    assert numbers_on(piece) == [case.number]
    assert "HX-Request" in piece.headers["Vary"]


def test_nothing_found_says_how_to_go_on(town: Town, desk) -> None:
    client = desk(town.chen)
    assert "No cases yet" in client.get(CASES).content.decode()
    makers.make_case(town, at=recently())
    assert "No case fits" in client.get(CASES, {"words": "从来没有过的词"}).content.decode()
