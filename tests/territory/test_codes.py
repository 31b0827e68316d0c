"""Area codes: what is read, what is refused, and in which words."""

from __future__ import annotations

import re

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from wangge.territory.codes import (
    Kind,
    Level,
    UnableToReadCode,
    format_code,
    grid_code,
    micro_grid_code,
    parse_code,
    unit_grid_code,
)
from wangge.territory.models import _CODE_PATTERNS

READINGS = [
    ("230700", Level.CITY, Kind.CITY, "230000"),
    ("230717", Level.DISTRICT, Kind.DISTRICT, "230700"),
    ("230722", Level.DISTRICT, Kind.COUNTY, "230700"),
    ("230781", Level.DISTRICT, Kind.COUNTY_CITY, "230700"),
    ("230717001", Level.TOWN_UNIT, Kind.SUBDISTRICT, "230717"),
    ("230718100", Level.TOWN_UNIT, Kind.TOWN, "230718"),
    ("230722200", Level.TOWN_UNIT, Kind.TOWNSHIP, "230722"),
    ("230722400", Level.TOWN_UNIT, Kind.ENTERPRISE_TOWN, "230722"),
    ("230717001001", Level.COMMUNITY, Kind.COMMUNITY, "230717001"),
    ("230718100200", Level.COMMUNITY, Kind.VILLAGE, "230718100"),
    ("230722400500", Level.COMMUNITY, Kind.COMMITTEE_LIKE, "230722400"),
    ("230717001001003", Level.GRID, Kind.BASIC, "230717001001"),
    ("23071700100103", Level.UNIT_GRID, Kind.UNIT, "230717001001"),
    ("230718100001012", Level.GRID, Kind.BASIC, "230718100001"),
    ("230718100200001", Level.GRID, Kind.RURAL, "230718100200"),
    ("230719003001801", Level.GRID, Kind.DEDICATED, "230719003001"),
    ("23071910020100205", Level.MICRO_GRID, Kind.MICRO, "230719100201002"),
]


@pytest.mark.parametrize(("code", "level", "kind", "parent"), READINGS)
def test_a_code_is_read_by_its_digits(code: str, level: Level, kind: Kind, parent: str) -> None:
    parsed = parse_code(code)
    assert (parsed.level, parsed.kind, parsed.parent) == (level, kind, parent)


def test_a_city_holds_all_codes_that_share_its_first_four_digits() -> None:
    assert parse_code("230700").prefix == "2307"
    assert parse_code("230717001").prefix == "230717001"


def test_ancestors_run_from_the_province_down() -> None:
    expected = ["230000", "230700", "230719", "230719100", "230719100201", "230719100201002"]
    assert parse_code("23071910020100205").ancestors == expected


def test_a_grid_knows_the_areas_above_it() -> None:
    grid = parse_code("230717001001003")
    assert (grid.district, grid.town_unit, grid.community, grid.grid) == (
        "230717",
        "230717001",
        "230717001001",
        "230717001001003",
    )
    assert grid.sequence == 3
    assert parse_code("230717").town_unit is None
    assert parse_code("230700").district is None


def test_a_village_may_have_basic_grids_but_a_dedicated_grid_is_dedicated() -> None:
    assert parse_code("230718100200001").possible_kinds == (Kind.BASIC, Kind.RURAL)
    assert parse_code("230719003001801").possible_kinds == (Kind.DEDICATED,)


def test_spaces_and_full_width_digits_are_forgiven() -> None:
    assert parse_code(" 230717 001 001 ００３ ").code == "230717001001003"


def test_a_code_is_written_in_groups() -> None:
    assert format_code("230717001001003") == "230717 001 001 003"
    assert format_code("23071700100103") == "230717 001 001 03"
    assert format_code("230717") == "230717"


REFUSALS = [
    ("230717600001001", "town_segment", "600", "400–599"),
    ("230717000001001", "town_segment", "000", "001–099"),
    ("230717001600", "committee_segment", "600", "200–399"),
    ("230717001000", "committee_segment", "000", "001–199"),
    ("230719003001000", "grid_sequence", "000", "001–799"),
    ("230719003001800", "grid_sequence", "800", "801–999"),
    ("23071910020100200", "micro_sequence", "00", "01–99"),
    ("23071700100100", "unit_sequence", "00", "01–99"),
    ("990717", "province", "99", "GB/T 2260"),
    ("230017", "city", "00", "01–99"),
    ("230700001", "county", "00", "01–99"),
]


@pytest.mark.parametrize(("code", "error", "digits", "right"), REFUSALS)
def test_a_wrong_segment_is_named_with_the_right_range(
    code: str, error: str, digits: str, right: str
) -> None:
    with translation.override("en"), pytest.raises(UnableToReadCode) as refused:
        parse_code(code)
    assert refused.value.code == error
    first, last = map(int, re.findall(r"Digits (\d+)–(\d+)", str(refused.value))[0])
    assert code[first - 1 : last] == digits
    assert right in str(refused.value)


def test_a_wrong_length_is_refused_with_the_lengths_there_are() -> None:
    with translation.override("en"), pytest.raises(UnableToReadCode, match="has 8 digits"):
        parse_code("23071700")


@pytest.mark.parametrize("text", ["", "朝阳街道", "23071A", "-230717", "２３０７１七"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(UnableToReadCode) as refused:
        parse_code(text)
    assert refused.value.code == "not_digits"


def test_a_grid_hangs_from_a_community_only() -> None:
    with pytest.raises(UnableToReadCode) as refused:
        grid_code("230717001", 3)
    assert refused.value.code == "wrong_level"


@pytest.mark.parametrize("sequence", [0, 800, 1000, -1])
def test_a_grid_sequence_out_of_range_is_refused(sequence: int) -> None:
    with pytest.raises(UnableToReadCode):
        grid_code("230717001001", sequence)


def segments(low: int, high: int) -> st.SearchStrategy[str]:
    return st.integers(low, high).map(lambda number: f"{number:03d}")


counties = st.tuples(st.sampled_from(["11", "23", "54", "65"]), st.integers(1, 99), st.integers(1, 99)).map(
    lambda parts: f"{parts[0]}{parts[1]:02d}{parts[2]:02d}"
)
communities = st.tuples(counties, segments(1, 599), segments(1, 599)).map("".join)
sequences = st.one_of(st.integers(1, 799), st.integers(801, 999))
pairs = st.integers(1, 99)


@given(communities, sequences, pairs)
def test_every_code_survives_the_round_trip(community: str, sequence: int, micro: int) -> None:
    grid = grid_code(community, sequence)
    cell = micro_grid_code(grid, micro)
    for code in (community[:6], community[:9], community, grid, cell, unit_grid_code(community, micro)):
        parsed = parse_code(code)
        assert parse_code(format_code(code)) == parsed
        assert str(parsed) == code
    assert parse_code(cell).parent == grid
    assert parse_code(grid).parent == community
    assert parse_code(grid).sequence == sequence


@given(st.tuples(communities, sequences, pairs), st.tuples(communities, sequences, pairs))
def test_no_two_areas_share_a_code(one: tuple[str, int, int], other: tuple[str, int, int]) -> None:
    def codes(community: str, sequence: int, micro: int) -> list[str]:
        grid = grid_code(community, sequence)
        return [grid, micro_grid_code(grid, micro), unit_grid_code(community, micro)]

    assert len(set(codes(*one))) == 3
    if one != other:
        assert codes(*one) != codes(*other)
    if one[:2] != other[:2]:
        assert codes(*one)[0] != codes(*other)[0]


@given(st.from_regex(r"\A[0-9]{6}([0-9]{3}){0,3}([0-9]{2})?\Z"))
def test_whatever_the_digits_a_code_is_read_or_refused_and_the_database_agrees(text: str) -> None:
    try:
        parsed = parse_code(text)
    except UnableToReadCode:
        return
    pattern = _CODE_PATTERNS.get(parsed.level)
    assert pattern is None or re.search(pattern, parsed.code)
