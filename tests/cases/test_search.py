"""Search: every part of two characters finds its text; nothing that is typed disturbs the database."""

from __future__ import annotations

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from makers import make_case
from town import MORNING, Town
from wangge.cases.intake import search_vector
from wangge.cases.models import Case
from wangge.cases.queries import Filters, filtered
from wangge.cases.search import query_of, words_of

SETTINGS = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
TEXT = "林都花园3号楼前的路灯三天没亮了，晚上老人下楼看不清路。WiFi箱旁边，ＡＢ座。"


def found(words: str) -> set[str]:
    return set(filtered(Case.objects.all(), Filters(words=words), MORNING).values_list("number", flat=True))


def test_words_are_pairs_of_characters_and_whole_numbers() -> None:
    assert words_of("路灯不亮") == ["路灯", "灯不", "不亮", "亮"]
    assert words_of("ＡＢ座 12号") == ["ab", "座", "12", "号"]
    assert words_of("，。！") == words_of("") == []
    assert query_of("路灯不亮") == "'路灯' & '灯不' & '不亮'"
    assert query_of("灯") == "'灯':*"
    assert query_of("!") == ""


def test_every_part_finds_its_text(town: Town) -> None:
    case = make_case(town, text=TEXT)
    for words in [
        "路灯", "灯三", "林都花园", "园3", "3号", "3号楼", "号楼前", "路灯 老人", "老人 路灯", "wifi",
        "WIFI箱", "wi", "ab座", "ＡＢ", "座", "清路。", "路", "  路灯  ",
    ]:  # fmt: skip
        assert found(words) == {case.number}, words


def test_what_is_not_there_is_not_found(town: Town) -> None:
    make_case(town, text=TEXT)
    for words in ["路牌", "灯亮", "楼林", "4号楼", "路灯 井盖", "fi", "b座"]:
        assert found(words) == set(), words


def test_numbers_are_found_by_their_beginning_and_their_parts(town: Town) -> None:
    one = make_case(town, external_no="SX20260306-0123")
    two = make_case(town)
    assert one.number == "230717-20260306-00001"
    for words in ("230717", "230717-", "230717-2026", "20260306", "20260306-0000"):
        assert found(words) == {one.number, two.number}, words
    for words in (
        "230717-20260306-00001",
        "00001",
        "20260306-00001",
        "SX20260306",
        "sx20260306-0123",
        "0123",
    ):
        assert found(words) == {one.number}, words
    assert found("230717-20260306-00009") == set()


def test_the_place_is_found_too(town: Town) -> None:
    case = make_case(town, text="灯坏了，请修。", place_words="松涛家园北门")
    assert found("松涛") == found("北门") == {case.number}


OTHERS = "3aAⅣ㎡"


@SETTINGS
@given(
    text=st.text(st.sampled_from("路灯不亮小区𠮷 。，-'\"\\&|!:*()<>" + OTHERS), min_size=2, max_size=30),
    place=st.data(),
)
def test_any_two_characters_in_a_row_find_the_text_they_are_of(
    town: Town, text: str, place: st.DataObject
) -> None:
    at = place.draw(st.integers(0, len(text) - 2))
    part = text[at : at + 2]
    # Words of other scripts and numbers are found by their beginning, not from their middle.
    assume(not (part[0] in OTHERS and at > 0 and text[at - 1] in OTHERS))
    assume(query_of(part))
    case = kept(town)
    Case.objects.filter(pk=case.pk).update(search=search_vector(text))
    assert found(part) == {case.number}


@SETTINGS
@given(words=st.text(max_size=60))
def test_nothing_that_is_typed_disturbs_the_database(town: Town, words: str) -> None:
    assert found(words) <= {kept(town).number}


def test_operators_are_read_as_words_or_not_at_all(town: Town) -> None:
    case = make_case(town, text="这件事和搜索的词没有关系。")
    for words in [
        "' OR 1=1 --", "'; DROP TABLE cases_case; --", "路灯' | '井盖", "路灯 & !路灯", "<->", ":*", "a:*b",
        "\\", "\\'", "%", "_", "(", "''", '"', "\x00", "路灯\x00", "!!", "&&&", "|", "* * *", "\u202e", "🚰",
    ]:  # fmt: skip
        assert found(words) == set(), words
    assert found("搜索") == {case.number}


@SETTINGS
@given(text=st.text(max_size=2000))
def test_any_text_can_be_kept_for_searching(town: Town, text: str) -> None:
    case = kept(town)
    Case.objects.filter(pk=case.pk).update(search=search_vector(text))
    assert all(words_of(text))


def kept(town: Town) -> Case:
    return Case.objects.first() or make_case(town)
