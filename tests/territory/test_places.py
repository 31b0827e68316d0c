"""What people write about a place, and how sure we are which area they mean."""

from __future__ import annotations

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from wangge.territory.codes import parse_code
from wangge.territory.gazetteer import Gazetteer, NamedPlace
from wangge.territory.spelling import normalised
from wangge.territory.tree import AreaFacts, Tree

YONGHONG, CHAOYANG = "230717001001", "230717001002"
QIANJIN_STREET, QIANJIN = "230717002", "230717005002"


def fact(code: str, name: str, name_en: str = "", active: bool = True) -> AreaFacts:
    parsed = parse_code(code)
    return AreaFacts(code, parsed.prefix, parsed.level, parsed.kind, name, name_en, active)


def grids_of(community: str, *sequences: int) -> list[AreaFacts]:
    return [fact(f"{community}{number:03d}", f"{number:02d}网格") for number in sequences]


TREE = Tree(
    [
        fact("230700", "伊春市"),
        fact("230717", "伊美区", "Yimei District"),
        fact("230717001", "朝阳街道"),
        fact(YONGHONG, "永红社区", "Yonghong Community"),
        *grids_of(YONGHONG, 1, 2, 3),
        fact(YONGHONG + "004", "04网格", active=False),
        fact(YONGHONG + "801", "永红小学"),
        fact(CHAOYANG, "朝阳社区"),
        *grids_of(CHAOYANG, 1, 2, 3),
        fact(QIANJIN_STREET, "前进街道"),
        fact("230717005", "新欣街道"),
        fact(QIANJIN, "前进社区"),
        *grids_of(QIANJIN, 1, 2),
        fact("230719", "友好区"),
        fact("230719003", "友好街道"),
        fact("230719003003", "前进社区"),
        *grids_of("230719003003", 1, 2, 3),
        fact("230719100201", "青山村"),
        *grids_of("230719100201", 1),
    ]
)
GAZETTEER = Gazetteer(
    TREE,
    [
        NamedPlace("林都花园", ("林都小区",), "estate", YONGHONG + "001"),
        NamedPlace("翠湖家园", (), "estate", YONGHONG + "002"),
        NamedPlace("翠湖家园", (), "estate", YONGHONG + "003"),
        NamedPlace("翠湖家园1号楼", (), "building", YONGHONG + "002"),
        NamedPlace("翠湖家园8号楼", (), "building", YONGHONG + "003"),
        NamedPlace("红松路", (), "road", YONGHONG + "001"),
        NamedPlace("红松路", (), "road", YONGHONG + "002"),
        NamedPlace("红松路", (), "road", CHAOYANG + "001"),
        NamedPlace("新兴街", (), "road", YONGHONG + "002"),
        NamedPlace("新兴街", (), "road", CHAOYANG + "003"),
        NamedPlace("阳光小区", (), "estate", CHAOYANG + "002"),
        NamedPlace("阳光小区", (), "estate", "230719003003001"),
        NamedPlace("中心市场", ("大市场",), "landmark", CHAOYANG + "001"),
    ],
)


def found(text: str, within: str = "") -> list[tuple[str, float]]:
    return [(hit.area_code, hit.confidence) for hit in GAZETTEER.candidates(text, within)]


def test_an_estate_names_its_grid() -> None:
    assert found("林都花园楼下路灯不亮") == [(YONGHONG + "001", 0.9)]


def test_an_alias_is_a_little_less_sure() -> None:
    assert found("林都小区停水") == [(YONGHONG + "001", 0.85)]


def test_text_without_a_known_name_has_no_candidate() -> None:
    assert found("楼上太吵了，请管一管") == []
    assert found("") == []


@pytest.mark.parametrize(
    "text", ["永红社区3号网格", "永红社区03网格", "永红社区第三网格", "永红居委会 三网格", "永红社区３号网格"]
)
def test_a_grid_number_counts_within_the_community_that_is_named(text: str) -> None:
    assert found(text) == [(YONGHONG + "003", 0.95)]


def test_a_grid_number_alone_says_nothing_unless_the_community_is_given() -> None:
    assert found("3号网格") == []
    assert found("3号网格", within=YONGHONG) == [(YONGHONG + "003", 0.95)]


def test_a_grid_that_is_retired_or_was_never_there_leaves_the_community() -> None:
    for number in (4, 77):
        assert found(f"永红社区{number}号网格") == [(YONGHONG, 0.9)]


def test_the_code_itself_is_surest() -> None:
    assert found(f"工单 {YONGHONG}002 井盖松动") == [(YONGHONG + "002", 0.99)]
    assert found("230717001001555") == []


@pytest.mark.parametrize(
    "text", ["翠湖家园8号楼", "翠湖家园八号楼", "翠湖家园8栋", "翠湖家园 8# 楼道", "翠湖家园８幢"]
)
def test_a_building_decides_between_the_grids_of_a_large_estate(text: str) -> None:
    assert found(text) == [(YONGHONG + "003", 0.95)]


def test_a_large_estate_without_a_building_may_be_either_grid() -> None:
    assert found("翠湖家园") == [(YONGHONG + "002", 0.45), (YONGHONG + "003", 0.45)]


def test_a_building_nobody_listed_lowers_the_confidence_where_buildings_are_listed() -> None:
    assert found("翠湖家园30号楼") == [(YONGHONG + "002", 0.36), (YONGHONG + "003", 0.36)]
    assert found("林都花园30号楼") == [(YONGHONG + "001", 0.9)]


def test_a_name_that_repeats_gives_several_candidates_with_shared_confidence() -> None:
    assert found("前进社区停电") == [(QIANJIN, 0.45), ("230719003003", 0.45)]


def test_the_district_decides_between_communities_of_one_name() -> None:
    assert found("友好区前进社区停电") == [("230719003003", 0.9)]
    assert found("前进社区停电", within="230719") == [("230719003003", 0.9)]


def test_a_community_under_another_town_than_the_one_named_is_in_doubt() -> None:
    """前进社区 lies under 新欣街道; people who live there often say 前进街道."""
    hits = dict(found("前进街道前进社区", within="230717"))
    assert hits[QIANJIN] < 0.9
    assert hits[QIANJIN_STREET] < 0.9


def test_of_several_meanings_the_one_in_the_district_of_the_other_names_is_likelier() -> None:
    assert found("前进街道前进社区") == [(QIANJIN, 0.54), (QIANJIN_STREET, 0.54)]


def test_a_grid_found_by_its_number_is_called_by_its_name() -> None:
    assert GAZETTEER.candidates("永红社区3号网格")[0].place == "03网格"


def test_a_community_decides_between_the_grids_of_a_road() -> None:
    assert found("红松路路面塌陷") == [
        (YONGHONG + "001", 0.2),
        (YONGHONG + "002", 0.2),
        (CHAOYANG + "001", 0.2),
    ]
    assert found("朝阳社区红松路路面塌陷") == [(CHAOYANG + "001", 0.6)]


def test_two_roads_meet_in_one_grid() -> None:
    assert found("红松路和新兴街路口积水") == [(YONGHONG + "002", 0.8)]


def test_near_is_less_sure_than_in() -> None:
    assert found("林都花园附近有人烧垃圾")[0][1] < found("林都花园里有人烧垃圾")[0][1]


def test_the_longest_name_wins() -> None:
    assert found("永红小学门口") == [(YONGHONG + "801", 0.85)]
    assert found("永红社区门口") == [(YONGHONG, 0.9)]


def test_two_places_far_apart_are_both_offered_with_doubt() -> None:
    hits = dict(found("从林都花园到中心市场的路"))
    assert set(hits) == {YONGHONG + "001", CHAOYANG + "001"}
    assert max(hits.values()) < 0.6


def test_nothing_outside_the_scope_is_offered() -> None:
    assert found("阳光小区", within="230719") == [("230719003003001", 0.9)]
    assert found("林都花园", within="230719") == []
    assert found("友好区林都花园") != [(YONGHONG + "001", 0.9)]


def test_a_narrow_scope_still_hears_the_town_named_in_the_text() -> None:
    assert found("伊美区朝阳街道林都花园", within=YONGHONG) == [(YONGHONG + "001", 0.9)]


def test_the_most_likely_come_first_and_no_more_than_asked() -> None:
    hits = GAZETTEER.candidates("红松路，阳光小区，前进社区", limit=3)
    assert len(hits) == 3
    assert [hit.confidence for hit in hits] == sorted((hit.confidence for hit in hits), reverse=True)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("林都花园", "“林都花园” lies here."),
        ("永红社区3号网格", "The text names grid 3 of 永红社区."),
        ("永红社区", "The text names 永红社区."),
        ("阳光小区", "“阳光小区” may be any of 2 areas; this is one."),
        ("伊美区阳光小区", "“阳光小区” lies here. “伊美区” in the text fits."),
        ("林都花园对面", "“林都花园” lies here. The text says near it, not in it."),
        (YONGHONG + "002", "The text gives this code."),
    ],
)
def test_every_candidate_says_why(text: str, reason: str) -> None:
    with translation.override("en"):
        assert GAZETTEER.candidates(text)[0].reason == reason


@given(st.text(max_size=200), st.sampled_from(["", "2307", "230719", YONGHONG]))
def test_whatever_is_written_the_answer_is_within_scope_and_never_certain(text: str, within: str) -> None:
    for hit in GAZETTEER.candidates(text, within):
        assert hit.area_code.startswith(within)
        assert 0 < hit.confidence < 1


ALPHABET = st.sampled_from("一二三十零五红松路林都花园永社区前进号楼网格栋第#3 8附近")


@given(st.text(ALPHABET, max_size=60))
def test_any_mixture_of_place_words_is_read_without_fail(text: str) -> None:
    GAZETTEER.candidates(text)
    assert normalised(normalised(text)) == normalised(text)
