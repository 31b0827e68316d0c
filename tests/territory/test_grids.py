"""Grids and their borders: no overlap, no gap, a past that stays."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connections, transaction

from territory.land import AT, CHEN, COMMUNITY, DAY, NEXT_COMMUNITY, box, lay_out_grid, lay_out_street, point
from wangge.foundation.journal.models import Line
from wangge.territory.actions import UnableToAddArea
from wangge.territory.codes import Kind
from wangge.territory.geometry import UnableToReadBorder
from wangge.territory.grids import (
    UnableToAddGrid,
    UnableToRetireGrid,
    UnableToShiftBorder,
    retire_grid,
    shift_border,
    shift_borders,
)
from wangge.territory.models import Area, GridBorder, GridDetail, GridSuccession
from wangge.territory.queries import grid_at, path_label

LATER = DAY + timedelta(days=30)
ONE, TWO = COMMUNITY + "001", COMMUNITY + "002"


@pytest.fixture(autouse=True)
def two_grids(request: pytest.FixtureRequest) -> None:
    request.getfixturevalue("transactional_db" if request.node.get_closest_marker("django_db") else "db")
    lay_out_street()
    lay_out_grid(1, box(0, 0, 1, 1), households_count=320)
    lay_out_grid(2, box(1, 0, 2, 1), households_count=410)


def at(x: float, y: float, on: date | None = None) -> str | None:
    hit = grid_at(*point(x, y), on)
    return hit.grid_code if hit else None


def test_a_grid_is_found_at_a_point_as_soon_as_it_is_added() -> None:
    assert (at(0.5, 0.5), at(1.5, 0.5), at(2.5, 0.5)) == (ONE, TWO, None)
    lay_out_grid(3, box(2, 0, 3, 1))
    assert at(2.5, 0.5) == COMMUNITY + "003"


def test_a_grid_knows_its_size_and_its_line_holds_the_border_by_digest() -> None:
    detail = GridDetail.objects.get(area__code=ONE)
    assert detail.households_count == 320
    assert detail.area_m2 == pytest.approx(150 * 222, rel=0.02)
    line = Line.objects.get(subject_id=ONE)
    assert line.act == "grid.added"
    assert line.facts["border_version"] == 1
    assert len(line.facts["border_sha256"]) == 64


def test_its_path_is_told_from_the_district_down() -> None:
    assert path_label(ONE) == "伊美区 / 朝阳街道 / 永红社区 / 01网格"
    assert path_label("2307") == "伊春市"
    assert path_label("999999") == "999999"


def test_a_dedicated_grid_is_cut_out_of_a_basic_one_that_keeps_its_code() -> None:
    school = box(0.2, 0.2, 0.6, 0.6)
    with pytest.raises(UnableToAddGrid) as refused:
        lay_out_grid(801, school, name="永红小学", valid_from=LATER)
    assert refused.value.code == "border_overlaps"
    lay_out_grid(801, school, name="永红小学", valid_from=LATER, cut_from=[ONE])
    assert (at(0.4, 0.4), at(0.1, 0.1)) == (COMMUNITY + "801", ONE)
    assert at(0.4, 0.4, DAY) == ONE
    line = Line.objects.filter(subject_id=ONE).order_by("-seq")[0]
    assert (line.act, line.facts["border_version"]) == ("grid.border_shifted", 2)


@pytest.mark.parametrize("community", [COMMUNITY, NEXT_COMMUNITY])
def test_a_grid_that_overlaps_another_is_refused(community: str) -> None:
    with pytest.raises(UnableToAddGrid) as refused:
        lay_out_grid(5, box(0.9, 0, 1.1, 2), community)
    assert refused.value.code == "border_overlaps"
    assert not Area.objects.filter(code=community + "005").exists()


def test_neighbours_drawn_to_a_hand_breadth_are_no_overlap() -> None:
    lay_out_grid(3, box(1.9995, 0, 3, 1))


@pytest.mark.parametrize(("sequence", "kind"), [(801, Kind.BASIC), (3, Kind.DEDICATED), (3, Kind.TOWN)])
def test_the_kind_must_fit_the_sequence(sequence: int, kind: Kind) -> None:
    with pytest.raises(UnableToAddGrid) as refused:
        lay_out_grid(sequence, box(2, 0, 3, 1), kind=kind)
    assert refused.value.code == "kind_does_not_fit"


def test_the_database_too_keeps_kind_and_sequence_together() -> None:
    with pytest.raises(IntegrityError, match="grid_kind_fits_code"), transaction.atomic():
        Area.objects.filter(code=ONE).update(kind="dedicated")


def test_a_community_is_no_grid() -> None:
    with pytest.raises(UnableToAddGrid) as refused:
        lay_out_grid(3, box(2, 0, 3, 1), community="230717001")
    assert refused.value.code == "not_a_grid"


@pytest.mark.parametrize(
    ("border", "error"),
    [
        ({"type": "Point", "coordinates": [128.9, 47.7]}, "not_an_area"),
        ({"type": "Polygon", "coordinates": "here"}, "not_geojson"),
        ({"type": "Polygon", "coordinates": []}, "empty"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [400, 0], [400, 1], [0, 0]]]}, "not_on_earth"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}, "crosses_itself"),
    ],
)
def test_a_border_that_is_none_is_refused(border: dict[str, object], error: str) -> None:
    with pytest.raises(UnableToReadBorder) as refused:
        lay_out_grid(3, border)
    assert refused.value.code == error


def test_a_shifted_border_is_a_new_version_and_the_old_one_still_answers_for_its_days() -> None:
    drawn = shift_borders(
        borders={ONE: box(0, 0, 0.5, 1), TWO: box(0.5, 0, 2, 1)}, by=CHEN, at=AT, effective_date=LATER
    )
    assert [(border.area_id, border.version) for border in drawn] == [(ONE, 2), (TWO, 2)]
    assert at(0.7, 0.5) == TWO
    assert at(0.7, 0.5, LATER) == TWO
    assert at(0.7, 0.5, LATER - timedelta(days=1)) == ONE
    assert at(0.7, 0.5, DAY - timedelta(days=1)) is None
    lines = Line.objects.filter(act="grid.border_shifted").order_by("subject_id")
    assert [line.subject_id for line in lines] == [ONE, TWO]


def test_a_border_may_grow_over_land_that_had_no_grid() -> None:
    shift_border(code=ONE, geometry=box(0, 0, 1, 2), by=CHEN, at=AT, effective_date=LATER)
    assert at(0.5, 1.5) == ONE


def test_a_shift_that_takes_a_neighbours_land_is_refused() -> None:
    with pytest.raises(UnableToShiftBorder) as refused:
        shift_border(code=ONE, geometry=box(0, 0, 1.5, 1), by=CHEN, at=AT, effective_date=LATER)
    assert refused.value.code == "border_overlaps"


def test_a_shift_that_leaves_land_without_a_grid_is_refused() -> None:
    with pytest.raises(UnableToShiftBorder) as refused:
        shift_borders(
            borders={ONE: box(0, 0, 0.5, 1), TWO: box(0.6, 0, 2, 1)}, by=CHEN, at=AT, effective_date=LATER
        )
    assert refused.value.code == "leaves_gap"
    assert GridBorder.objects.filter(area__code__in=[ONE, TWO]).count() == 2


def test_two_versions_cannot_start_on_one_day() -> None:
    with pytest.raises(UnableToShiftBorder) as refused:
        shift_border(code=ONE, geometry=box(0, 0, 1, 2), by=CHEN, at=AT, effective_date=DAY)
    assert refused.value.code == "too_early"


def test_the_database_keeps_one_border_a_day_and_never_redraws_one() -> None:
    first = GridBorder.objects.get(area__code=ONE)
    with pytest.raises(IntegrityError, match="one_border_a_day"), transaction.atomic():
        GridBorder.objects.create(
            area_id=ONE, version=2, geometry=first.geometry, valid_from=LATER,
            west=first.west, south=first.south, east=first.east, north=first.north,
        )  # fmt: skip
    with pytest.raises(IntegrityError, match="never redrawn"), transaction.atomic():
        GridBorder.objects.filter(pk=first.pk).update(geometry=box(0, 0, 3, 3))
    with pytest.raises(IntegrityError, match="never deleted"), transaction.atomic():
        first.delete()
    with pytest.raises(IntegrityError, match="border_in_cgcs2000"), transaction.atomic():
        GridBorder.objects.filter(pk=first.pk).update(crs="GCJ-02")


def test_a_merge_retires_two_codes_and_names_them_as_predecessors_of_a_third() -> None:
    for code in (ONE, TWO):
        retire_grid(code=code, by=CHEN, at=AT, effective_date=LATER)
    merged = lay_out_grid(13, box(0, 0, 2, 1), valid_from=LATER, predecessors=[ONE, TWO])
    assert at(0.5, 0.5) == at(1.5, 0.5) == merged.code
    assert at(0.5, 0.5, LATER - timedelta(days=1)) == ONE
    pairs = GridSuccession.objects.order_by("predecessor").values_list(
        "predecessor", "successor", "effective_date"
    )
    assert list(pairs) == [(ONE, merged.code, LATER), (TWO, merged.code, LATER)]
    assert path_label(ONE).endswith("01网格"), "old cases still name the old grid"


def test_a_retired_code_is_not_given_again() -> None:
    retire_grid(code=ONE, by=CHEN, at=AT, effective_date=LATER)
    with pytest.raises(UnableToAddArea) as refused:
        lay_out_grid(1, box(0, 0, 1, 1), valid_from=LATER)
    assert refused.value.code == "code_taken"


@pytest.mark.parametrize(
    ("predecessor", "error"), [(ONE, "predecessor_in_use"), (NEXT_COMMUNITY, "predecessor_elsewhere")]
)
def test_predecessors_are_retired_grids_of_the_same_community(predecessor: str, error: str) -> None:
    with pytest.raises(UnableToAddGrid) as refused:
        lay_out_grid(3, box(2, 0, 3, 1), predecessors=[predecessor])
    assert refused.value.code == error


def test_a_grid_is_retired_once_and_not_before_it_began() -> None:
    with pytest.raises(UnableToRetireGrid) as refused:
        retire_grid(code=ONE, by=CHEN, at=AT, effective_date=DAY)
    assert refused.value.code == "too_early"
    retire_grid(code=ONE, by=CHEN, at=AT, effective_date=LATER)
    with pytest.raises(UnableToRetireGrid) as refused:
        retire_grid(code=ONE, by=CHEN, at=AT, effective_date=LATER)
    assert refused.value.code == "not_in_use"


def test_a_retired_grid_keeps_its_border_unshifted() -> None:
    retire_grid(code=ONE, by=CHEN, at=AT, effective_date=LATER)
    with pytest.raises(UnableToShiftBorder) as refused:
        shift_border(
            code=ONE, geometry=box(0, 0, 1, 2), by=CHEN, at=AT, effective_date=LATER + timedelta(days=9)
        )
    assert refused.value.code == "not_in_use"


@pytest.mark.django_db(transaction=True)
def test_two_people_who_add_the_same_land_at_once_are_told_apart() -> None:
    """In two communities, so that no row of the tree stands between them."""
    ready, outcomes = threading.Barrier(2), []

    def add(community: str) -> None:
        ready.wait()
        try:
            outcomes.append(lay_out_grid(7, box(5, 0, 6, 1), community).code)
        except UnableToAddGrid as refused:
            outcomes.append(refused.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=add, args=[community]) for community in (COMMUNITY, NEXT_COMMUNITY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("border_overlaps") == 1
    assert Area.objects.filter(code__endswith="007").count() == 1
