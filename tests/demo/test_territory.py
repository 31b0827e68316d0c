"""The demo's land: as many grids as reported, drawn without gap or overlap, and always the same."""

from __future__ import annotations

import itertools
import random
import time
from collections import Counter
from datetime import UTC, datetime

import pytest
import shapely

from wangge.demo.geography import DemoCommunity, draw_communities
from wangge.demo.place_names import short_name
from wangge.demo.territory import demo_territory, read_toml, seed_territory
from wangge.foundation.journal.models import Line
from wangge.foundation.journal.verifying import verify_journal
from wangge.territory.codes import Kind, Level, parse_code
from wangge.territory.geometry import area_m2, metres_per_degree, reading_order
from wangge.territory.memory import forget
from wangge.territory.models import Area, GridBorder, GridDetail, PlaceKind, PlaceName
from wangge.territory.queries import grid_at, path_label, place_candidates

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
DEMO = demo_territory()
GRIDS = [grid for community in DEMO.communities for grid in community.grids if grid.kind != Kind.MICRO]


def counts(district: str) -> Counter[Kind]:
    return Counter(grid.kind for grid in GRIDS if grid.code.startswith(district))


def in_metres(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(shape, lambda points: points * metres_per_degree(shape.centroid.y))


def test_youhao_has_the_grids_it_reports() -> None:
    assert counts("230719") == {Kind.BASIC: 147, Kind.RURAL: 7, Kind.DEDICATED: 70}


def test_the_other_districts_have_grids_for_their_households() -> None:
    assert counts("230717")[Kind.BASIC] == 175
    assert counts("230718")[Kind.BASIC] == 62
    for district, households in (("230717", 70_000), ("230718", 25_000)):
        basic = [grid for grid in GRIDS if grid.code.startswith(district) and grid.kind == Kind.BASIC]
        assert sum(grid.households_count for grid in basic) == pytest.approx(households, rel=0.05)


def test_the_committees_are_those_of_the_published_codes() -> None:
    levels = Counter((area.code[:6], area.kind) for area in DEMO.areas if area.level == Level.COMMUNITY)
    assert levels == {
        ("230717", Kind.COMMUNITY): 26,
        ("230717", Kind.VILLAGE): 6,
        ("230718", Kind.COMMUNITY): 32,
        ("230718", Kind.VILLAGE): 3,
        ("230719", Kind.COMMUNITY): 7,
        ("230719", Kind.VILLAGE): 7,
    }
    assert {area.code for area in DEMO.areas if area.level == Level.COMMUNITY} == {
        community.code for community in DEMO.communities
    }


def test_every_code_is_right_and_given_once() -> None:
    codes = [area.code for area in DEMO.areas]
    assert len(set(codes)) == len(codes)
    for area in DEMO.areas:
        parsed = parse_code(area.code)
        assert area.kind in parsed.possible_kinds
        assert parsed.level == Level.CITY or parsed.parent in codes
    assert {"230717001001003", "230718100001012", "230718100200001", "230719003001801"} <= set(codes)


@pytest.mark.parametrize("community", DEMO.communities, ids=lambda community: community.code)
def test_grids_cover_their_community_without_gap_or_overlap(community: DemoCommunity) -> None:
    grids = [grid for grid in community.grids if grid.kind != Kind.MICRO]
    assert community.outline.geom_type == "Polygon"
    assert not community.outline.interiors, "no land inside the community is left out"
    union = shapely.union_all([grid.shape for grid in grids])
    assert area_m2(union.symmetric_difference(community.outline)) < 0.01
    assert sum(grid.shape.area for grid in grids) == pytest.approx(community.outline.area, rel=1e-9)
    for one, other in itertools.combinations(grids, 2):
        assert area_m2(one.shape.intersection(other.shape)) < 0.01, (one.code, other.code)


def test_no_community_lies_on_the_land_of_another() -> None:
    tree = shapely.STRtree([community.outline for community in DEMO.communities])
    outlines = [community.outline for community in DEMO.communities]
    for one, other in zip(*tree.query(outlines, predicate="intersects"), strict=True):
        if one != other:
            assert area_m2(outlines[one].intersection(outlines[other])) < 0.01


@pytest.mark.parametrize(
    ("kind", "widths", "households"),
    [
        (Kind.BASIC, (150, 400), (300, 500)),
        (Kind.RURAL, (350, 800), (200, 350)),
        (Kind.DEDICATED, (60, 200), (0, 0)),
    ],
)
def test_a_grid_is_one_piece_of_a_credible_size(
    kind: Kind, widths: tuple[int, int], households: tuple[int, int]
) -> None:
    for grid in GRIDS:
        if grid.kind == kind:
            assert grid.shape.is_valid, grid.code
            assert grid.shape.geom_type == "Polygon", grid.code
            assert grid.shape.contains(shapely.Point(grid.spot)), grid.code
            assert widths[0] <= in_metres(grid.shape).area ** 0.5 <= widths[1], grid.code
            assert households[0] <= grid.households_count <= households[1], grid.code


def test_grids_are_numbered_from_west_to_east_then_from_north_to_south() -> None:
    points = [(128.92, 47.72), (128.90, 47.73), (128.91, 47.7301), (128.90, 47.7199)]
    assert reading_order(points, row_m=220) == [1, 2, 3, 0]
    assert reading_order([], row_m=220) == []
    for community in DEMO.communities:
        numbers = [
            parse_code(grid.code).sequence
            for grid in community.grids
            if grid.kind in (Kind.BASIC, Kind.RURAL)
        ]
        assert numbers == list(range(1, len(numbers) + 1))


def test_dedicated_grids_start_at_801_and_touch_a_grid_they_were_cut_from() -> None:
    for community in DEMO.communities:
        sites = [grid for grid in community.grids if grid.kind == Kind.DEDICATED]
        assert [parse_code(site.code).sequence for site in sites] == list(range(801, 801 + len(sites)))
        for site in sites:
            assert any(site.shape.touches(grid.shape) for grid in community.grids if grid.kind == Kind.BASIC)


def test_micro_grids_divide_their_grid() -> None:
    shapes = {grid.code: grid.shape for community in DEMO.communities for grid in community.grids}
    micro = [code for code in shapes if len(code) == 17]
    assert len(micro) == 7
    for grid in {code[:15] for code in micro}:
        parts = shapely.union_all([shapes[code] for code in micro if code.startswith(grid)])
        assert area_m2(parts.symmetric_difference(shapes[grid])) < 0.01


def test_drawing_is_the_same_every_time_and_quick() -> None:
    started = time.perf_counter()
    again = draw_communities(read_toml("layout.toml"))
    assert time.perf_counter() - started < 5
    assert [(grid.code, grid.shape.wkt) for community in again for grid in community.grids] == [
        (grid.code, grid.shape.wkt) for community in DEMO.communities for grid in community.grids
    ]


def test_another_seed_draws_another_town_with_the_same_counts() -> None:
    other = draw_communities({**read_toml("layout.toml"), "seed": 7})
    assert [grid.code for community in other for grid in community.grids if grid.kind != Kind.MICRO] == [
        grid.code for grid in GRIDS
    ]
    assert other[0].outline.wkt != DEMO.communities[0].outline.wkt


def test_every_area_has_a_name_in_both_languages() -> None:
    for area in DEMO.areas:
        assert area.name
        assert area.name_en
        assert area.name_en.isascii()
    english = {area.code: area.name_en for area in DEMO.areas}
    assert english["230700"] == "Yichun"
    assert english["230717001"] == "Chaoyang Subdistrict"
    assert english["230717001001"] == "Yonghong Community"
    assert english["230718100003"] == "Bao'an Community"
    assert english["230717001001003"] == "Grid 03"
    assert english["230717001001801"] == "Yonghong Primary School Grid"


@pytest.mark.parametrize(
    ("published", "short"),
    [
        ("永红社区居委会", "永红社区"),
        ("东升村村委会", "东升村"),
        ("青松村委会", "青松村"),
        ("锦山村村民委员会", "锦山村"),
        ("幸福社区", "幸福社区"),
        ("青山村", "青山村"),
    ],
)
def test_a_committee_is_called_by_its_place(published: str, short: str) -> None:
    assert short_name(published, read_toml("names.toml")) == short


def test_the_gazetteer_is_of_a_useful_size_and_every_place_lies_in_its_area() -> None:
    assert 500 <= len(DEMO.places) <= 650
    assert {place.kind for place in DEMO.places} == set(PlaceKind)
    shapes = {grid.code: grid.shape for grid in GRIDS}
    outlines = {community.code: community.outline for community in DEMO.communities}
    for place in DEMO.places:
        assert place.area_code in shapes or place.area_code in outlines
        if place.lon is not None:
            assert shapes[place.area_code].contains(shapely.Point(place.lon, place.lat))
    keys = [(place.area_code, place.name) for place in DEMO.places]
    assert len(set(keys)) == len(keys)


def test_within_a_district_an_estate_stands_in_one_place_or_over_two_neighbouring_grids() -> None:
    where: dict[tuple[str, str], list[str]] = {}
    for place in DEMO.places:
        if place.kind == PlaceKind.ESTATE:
            for name in (place.name, *place.aliases):
                where.setdefault((place.area_code[:6], name), []).append(place.area_code)
    shapes = {grid.code: grid.shape for grid in GRIDS}
    for codes in where.values():
        assert len(codes) <= 2
        assert len(codes) == 1 or shapes[codes[0]].intersection(shapes[codes[1]]).length > 0


@pytest.fixture
def seeded(db: None) -> None:
    forget()
    seed_territory(at=AT)


def test_seeding_writes_it_all_and_a_second_time_nothing(seeded: None) -> None:
    assert Area.objects.count() == len(DEMO.areas)
    assert GridDetail.objects.count() == len(GRIDS)
    assert GridBorder.objects.count() == len(GRIDS) + 7
    assert PlaceName.objects.count() == len(DEMO.places)
    lines = Line.objects.count()
    again = seed_territory(at=AT)
    assert (again.areas, again.places) == (0, 0)
    assert Line.objects.count() == lines


def test_only_what_is_invented_is_marked_as_demo(seeded: None) -> None:
    real = Area.objects.filter(is_demo=False)
    assert {area.level for area in real} == {"city", "district", "town_unit", "community"}
    assert not Area.objects.filter(is_demo=True).exclude(level__in=["grid", "micro_grid"]).exists()
    assert not PlaceName.objects.filter(is_demo=False).exists()
    phones = set(GridDetail.objects.values_list("supervision_phone", flat=True))
    assert all(phone.startswith("0458-100") and len(phone) == 12 for phone in phones)


def test_the_seeded_journal_holds_good(seeded: None) -> None:
    assert verify_journal().sound
    assert Line.objects.filter(act="grid.added").count() == len(GRIDS)
    assert Line.objects.filter(act="place.added").count() == len(DEMO.places)
    assert set(Line.objects.values_list("actor_kind", "actor_id").distinct()) == {("system", "demo")}


def test_every_estate_is_found_on_the_map_and_by_its_name(seeded: None) -> None:
    for place in DEMO.places:
        if place.lon is not None and place.lat is not None:
            hit = grid_at(place.lon, place.lat)
            assert hit is not None
            assert hit.grid_code == place.area_code
        found = place_candidates(place.name, within=place.area_code[:12])
        assert place.area_code in {hit.area_code for hit in found}


def test_the_index_answers_as_a_search_of_every_border_would(seeded: None) -> None:
    chance = random.Random(5)
    west, south, east, north = shapely.total_bounds(
        [grid.shape for grid in GRIDS if grid.code.startswith("230719")]
    )
    found = set()
    for _point in range(400):
        lon, lat = chance.uniform(west, east), chance.uniform(south, north)
        held = [grid.code for grid in GRIDS if grid.shape.covers(shapely.Point(lon, lat))]
        hit = grid_at(lon, lat)
        assert (hit.grid_code if hit else None) == (min(held) if held else None)
        found.update(held)
    assert len(found) > 30


def test_the_whole_path_of_a_demo_grid_is_told(seeded: None) -> None:
    assert path_label("230717001001003") == "伊美区 / 朝阳街道 / 永红社区 / 03网格"
