"""The territory in memory: asked without a query, and never older than it may be."""

from __future__ import annotations

import json
import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.utils import translation
from pytest_django import DjangoAssertNumQueries, Settings

from territory.land import AT, CHEN, COMMUNITY, DAY, box, lay_out_grid, lay_out_street, point
from wangge.territory.actions import add_place_name
from wangge.territory.grids import retire_grid
from wangge.territory.memory import forget, warm
from wangge.territory.models import Area, PlaceKind, TerritoryRevision
from wangge.territory.queries import (
    areas_within,
    facts_within,
    grid_anchor,
    grid_at,
    grids_geojson,
    label,
    path_label,
    place_candidates,
    public_point,
    territory_stamp,
    within,
)

ONE, TWO = COMMUNITY + "001", COMMUNITY + "002"


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    forget()


@pytest.fixture
def two_grids(db: None) -> None:
    lay_out_street()
    lay_out_grid(1, box(0, 0, 1, 1), households_count=320)
    lay_out_grid(2, box(1, 0, 2, 1))


def test_questions_about_places_need_no_query(
    two_grids: None, django_assert_num_queries: DjangoAssertNumQueries, settings: Settings
) -> None:
    settings.TERRITORY_RECHECK_SECONDS = 3600
    warm()
    with django_assert_num_queries(0):
        assert grid_at(*point(0.5, 0.5)) is not None
        assert path_label(ONE)
        assert place_candidates("永红社区2号网格")[0].area_code == TWO
        assert grids_geojson("230717")


@pytest.mark.parametrize("prefix", ["", "2307", "230717", "230717001", ONE])
def test_areas_from_memory_are_those_of_the_table(two_grids: None, prefix: str) -> None:
    Area.objects.filter(code=TWO).update(active=False)
    TerritoryRevision.objects.update(stamp=uuid.uuid4())
    forget()
    assert [area.code for area in facts_within(prefix)] == [area.code for area in areas_within(prefix)]


def test_between_looks_at_the_revision_a_process_trusts_its_memory(
    two_grids: None, settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.TERRITORY_RECHECK_SECONDS = 0
    warm()
    with django_assert_num_queries(1):
        assert label(ONE) == "01网格"


def test_a_change_made_by_another_process_is_seen_at_the_next_look(
    two_grids: None, settings: Settings
) -> None:
    settings.TERRITORY_RECHECK_SECONDS = 3600
    warm()
    # What another process does: change rows and the revision, and tell us nothing.
    Area.objects.filter(code=ONE).update(name="一号网格")
    TerritoryRevision.objects.update(stamp=uuid.uuid4())
    assert label(ONE) == "01网格"
    settings.TERRITORY_RECHECK_SECONDS = 0
    forget()
    assert label(ONE) == "一号网格"


def test_memory_built_inside_a_transaction_that_fails_is_found_out(two_grids: None) -> None:
    with transaction.atomic():
        lay_out_grid(3, box(2, 0, 3, 1))
        assert grid_at(*point(2.5, 0.5)) is not None
        transaction.set_rollback(True)
    forget()
    assert grid_at(*point(2.5, 0.5)) is None


@pytest.mark.django_db(transaction=True)
def test_threads_that_ask_while_borders_change_get_old_or_new_answers_and_new_ones_in_the_end() -> None:
    lay_out_street()
    lay_out_grid(1, box(0, 0, 1, 1))
    stop, answers, failures = threading.Event(), set(), []

    def ask() -> None:
        try:
            while not stop.is_set():
                hit = grid_at(*point(0.5, 0.5), DAY)
                answers.add(hit.grid_code if hit else None)
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(2, 7):
        lay_out_grid(number, box(number, 0, number + 1, 1))
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert answers == {ONE}
    assert grid_at(*point(6.5, 0.5)) is not None


def test_confidence_falls_towards_the_border(two_grids: None) -> None:
    inside, near = (grid_at(*point(x, 0.5)) for x in (0.5, 0.95))
    on_it = grid_at(128.902, 47.721)
    assert inside is not None
    assert near is not None
    assert on_it is not None
    assert inside.confidence == 1.0
    assert 0.6 < near.confidence < 0.9
    assert (on_it.grid_code, on_it.confidence) == (ONE, 0.5)
    assert inside.community_code == COMMUNITY
    with translation.override("en"):
        assert inside.label == "Grid 01"


@pytest.mark.parametrize(("lon", "lat"), [(0, 0), (float("nan"), 47.7), (128.9, float("inf")), (999, 999)])
def test_a_point_outside_all_grids_has_none(two_grids: None, lon: float, lat: float) -> None:
    assert grid_at(lon, lat) is None


def test_a_public_point_tells_the_grid_and_no_more(two_grids: None) -> None:
    assert public_point(*point(0.1, 0.1)) == public_point(*point(0.9, 0.8)) == grid_anchor(ONE)
    assert grid_anchor(ONE + "05") == grid_anchor(ONE), "a micro grid is too small to be shown"
    assert public_point(128.7123456, 47.6543219) == (128.712, 47.654)
    assert grid_anchor("230717999999001") is None


def test_the_map_holds_the_grids_in_use_below_a_prefix(two_grids: None) -> None:
    collection = json.loads(grids_geojson("230717001"))
    assert collection["type"] == "FeatureCollection"
    first, second = collection["features"]
    assert first["properties"] == {
        "code": ONE,
        "name": "01网格",
        "name_en": "Grid 01",
        "kind": "basic",
        "community": COMMUNITY,
        "households": 320,
        "anchor": list(grid_anchor(ONE) or ()),
    }
    assert second["geometry"]["type"] == "Polygon"
    assert json.loads(grids_geojson("230719"))["features"] == []


def test_the_map_changes_with_its_stamp(two_grids: None) -> None:
    before = territory_stamp()
    retire_grid(code=ONE, by=CHEN, at=AT, effective_date=DAY + timedelta(days=1))
    assert territory_stamp() != before
    assert len(json.loads(grids_geojson("230717"))["features"]) == 1


def test_a_new_place_name_is_understood_at_once(two_grids: None) -> None:
    assert place_candidates("林都花园停水") == []
    add_place_name(name="林都花园", kind=PlaceKind.ESTATE, area_code=ONE, by=CHEN, at=AT)
    assert place_candidates("林都花园停水")[0].area_code == ONE


def test_an_unknown_code_is_its_own_label(two_grids: None) -> None:
    assert (label("230719"), label("2307")) == ("230719", "伊春市")


def test_a_prefix_is_read_as_a_range_of_the_index(two_grids: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = Area.objects.filter(within("230717001")).explain()
    assert "Index" in plan
    assert "(code)::text >= '230717001'" in plan
