"""The page behind the sign of a grid, its QR code, and the map's data."""

from __future__ import annotations

from datetime import timedelta
from xml.etree import ElementTree

import pytest

import town as places
from doors.resident import reporting as steps
from town import FOUNDED, FOUNDER
from wangge.foundation.worktime import clock
from wangge.organisations.models import Appointment
from wangge.territory.grids import add_grid, retire_grid
from wangge.territory.models import GridDetail


def test_a_grid_tells_who_works_there_by_post_and_work_phone(visitor, town):
    GridDetail.objects.filter(area__code=places.GRID).update(supervision_phone="0458-3699999")
    response = visitor.get(f"/g/{places.GRID}/")
    page = steps.page(response)
    assert {worker.role for worker in response.context["workers"]} == {"网格员", "兼职网格员", "网格长"}
    assert {worker.phone for worker in response.context["workers"]} == {"0458-3600000"}
    assert "0458-3699999" in page
    assert response.context["updated_at"] == FOUNDED
    for name in ("zhou", "ma", "gao"):
        assert town.people[name].username not in page


def test_the_way_to_report_from_the_sign_knows_the_grid(visitor):
    page = steps.page(visitor.get(f"/g/{places.GRID}/"))
    assert f"/report?grid={places.GRID}" in page


def test_a_vacant_post_leads_to_the_community(visitor, town):
    Appointment.objects.filter(post__area__code=places.GRID).update(valid_to=clock.now() - timedelta(days=1))
    response = visitor.get(f"/g/{places.GRID}/")
    assert response.context["workers"] == []
    assert town.bodies["committee"].name in steps.page(response)


@pytest.mark.parametrize("code", ["230717001001999", "230717001001", "abc", "23071700100100１"])
def test_an_unknown_code_gets_a_page_that_helps(visitor, code):
    response = visitor.get(f"/g/{code}/")
    assert response.status_code == 404
    assert 'href="/report"' in steps.page(response)


def test_a_retired_code_names_its_successors(visitor, town):
    successor = "230717001001003"
    when = clock.now()
    border = GridDetail.objects.get(area__code=places.GRID).area.borders.get().geometry
    retire_grid(code=places.GRID, by=FOUNDER, at=when)
    add_grid(
        code=successor, name="第三网格", name_en="Grid 3", geometry=border, by=FOUNDER, at=when,
        predecessors=[places.GRID],
    )  # fmt: skip
    response = visitor.get(f"/g/{places.GRID}/")
    assert response.status_code == 410
    assert f"/g/{successor}/" in steps.page(response)
    assert visitor.get(f"/g/{places.GRID}/qr.svg").status_code == 404


def test_the_code_on_the_sign_is_an_svg_of_the_address_alone(visitor):
    response = visitor.get(f"/g/{places.GRID}/qr.svg")
    assert response["Content-Type"] == "image/svg+xml"
    assert "max-age" in response["Cache-Control"]
    assert ElementTree.fromstring(response.content).tag.endswith("svg")


def test_the_map_gets_borders_by_prefix_and_asks_again_cheaply(visitor):
    response = visitor.get("/grids", {"within": places.COMMUNITY})
    codes = {feature["properties"]["code"] for feature in response.json()["features"]}
    assert codes == {places.GRID, places.SECOND_GRID}
    again = visitor.get("/grids", {"within": places.COMMUNITY}, headers={"If-None-Match": response["ETag"]})
    assert again.status_code == 304
    assert again.content == b""


@pytest.mark.parametrize("within", ["x", "1", "2307170010010010", "-1"])
def test_a_prefix_that_is_none_is_not_found(visitor, within):
    assert visitor.get("/grids", {"within": within}).status_code == 404
