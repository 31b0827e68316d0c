"""What tells who somebody is, is found in free text; ordinary numbers are left alone."""

import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wangge.foundation.privacy.identity_numbers import check_character
from wangge.foundation.privacy.screening import Kind, find_identifiers, mask_text

ID_NUMBER = "23071719900101123" + check_character("23071719900101123")


@pytest.mark.parametrize(
    "written",
    [
        "13812345678",
        "１３８１２３４５６７８",
        "138 1234 5678",
        "138-1234-5678",
        "138－1234－5678",
        "138.1234.5678",
        "138 123 45678",
        "1381234 5678",
        "+86 138 1234 5678",
        "+8613812345678",
        "008613812345678",
        "86-13812345678",
        "013812345678",
        "1 3 8 1 2 3 4 5 6 7 8",
        "1-3-8-1-2-3-4-5-6-7-8",
        "幺三八一二三四五六七八",
        "138一二三四5678",
        "10012345678",  # not assigned to anybody, and masked all the same
    ],
)
def test_a_mobile_number_is_found_however_it_is_written(written):
    text = f"楼上漏水，我电话{written}，请尽快。"
    (finding,) = find_identifiers(text)
    assert finding.kind == Kind.PHONE
    assert text[finding.start : finding.end] == written
    start = "100" if written.startswith("100") else "138"
    assert mask_text(text) == f"楼上漏水，我电话{start}****5678，请尽快。"


@pytest.mark.parametrize("around", ["tel{}abc", "微信同号{}", "{}/{}", "{} {}", "（{}）", "{}。", "\n{}\n"])
def test_what_stands_next_to_a_number_does_not_hide_it(around):
    masked = mask_text(around.replace("{}", "13812345678"))
    assert masked == around.replace("{}", "138****5678")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("家里座机0458-3612345", "家里座机****2345"),
        ("（0458）3612345", "****2345"),
        ("0458 3612345转801", "****2345转801"),
        ("010-65123456", "****3456"),
        ("联系电话：3612345", "联系电话：****5"),
        ("电话3612345家里", "电话****5家里"),
        ("对岸亲戚 +7 914 123-45-67", "对岸亲戚 ****4567"),
    ],
)
def test_fixed_lines_and_numbers_from_abroad_are_found(text, masked):
    assert mask_text(text) == masked
    assert {finding.kind for finding in find_identifiers(text)} == {Kind.PHONE}


@pytest.mark.parametrize(
    "written",
    [
        ID_NUMBER,
        ID_NUMBER.translate(str.maketrans(string.digits, "０１２３４５６７８９")),
        "23071719900307301X",
        "23071719900307301x",
        ID_NUMBER[:17] + str((int(ID_NUMBER[17]) + 1) % 10),  # a slip of the last digit
        "230717900101123",  # the older form of fifteen digits
        f"{ID_NUMBER[:6]} {ID_NUMBER[6:14]} {ID_NUMBER[14:]}",
        f"{ID_NUMBER[:6]}-{ID_NUMBER[6:14]}-{ID_NUMBER[14:]}",
    ],
)
def test_an_identity_number_is_found(written):
    text = f"身份证{written}，请核实"
    (finding,) = find_identifiers(text)
    assert finding.kind == Kind.ID_NUMBER
    assert text[finding.start : finding.end] == written
    assert "900101" not in mask_text(text)


def test_the_check_character_follows_the_standard():
    # The worked example of GB 11643-1999, annex A.
    assert check_character("11010519491231002") == "X"
    assert check_character("44052418800101001") == "4"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("邮箱zhang.san@example.com", "邮箱***@example.com"),
        ("12345678@qq.com", "***@qq.com"),
        ("车牌黑F12345堵住消防通道", "车牌黑****5堵住消防通道"),
        ("黑F·D1234挂", "黑****挂"),
        ("黑FD12345", "黑****5"),
        ("黑f12345", "黑****5"),
    ],
)
def test_mail_addresses_and_plates_are_found(text, masked):
    assert mask_text(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "案件230717-20260306-00017已派单",
        "案件230717-20260306-100017已派单",
        "网格230717001001003第3网格",
        "230717001001 230718100200001 230719003001801",
        "单元网格23071700100103，微网格23071910020100205",
        "部件2307170102000123",
        "2026-03-06 08:15:30",
        "2026年3月6日14时30分到16时20分",
        "20260306071000",
        "时间戳1772783400000",
        "室温14℃，面积89.50平方米，取暖费2345.60元",
        "合同金额12,345,678.90元",
        "12345热线、95598、110、119",
        "400-800-8123",
        "1 2 3 4 5 6 7 8 9 10 11",
        "一二三四五六七八九十",
        "从三号楼到十二号楼一共八百二十七户",
        "坐标128.9071234,47.7271234",
        "版本1.38.1234",
        "文号伊政发〔2026〕12号",
        "digest 9b1381234567812345e41f09d2c7aa01b1381234567812345e41f09d2c7aa01b1",
        "550e8400-e29b-41d4-a716-138123456789",
        "云A4打印纸5包",
        "@example.com",
        "",
    ],
)
def test_ordinary_numbers_stay(text):
    assert find_identifiers(text) == []
    assert mask_text(text) == text


def test_findings_come_in_order_and_do_not_overlap():
    text = f"张三 13812345678 {ID_NUMBER} zs13812345678@example.com 黑F12345"
    kinds = [finding.kind for finding in find_identifiers(text)]
    assert kinds == [Kind.PHONE, Kind.ID_NUMBER, Kind.EMAIL, Kind.PLATE]


def test_a_caller_may_leave_plates_to_whoever_tows_the_car():
    text = "黑F12345，电话13812345678"
    assert mask_text(text, {Kind.PHONE, Kind.ID_NUMBER}) == "黑F12345，电话138****5678"


mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
id_numbers = st.builds(
    lambda born, order: (first := f"230717{born:%Y%m%d}{order:03}") + check_character(first),
    st.dates(min_value=date(1920, 1, 1), max_value=date(2026, 12, 31)),
    st.integers(0, 999),
)
words = st.text(alphabet=st.sampled_from("楼上漏水请尽快处理电话号是，。 -/（）\n"), max_size=10)


@given(st.lists(st.tuples(words, st.one_of(mobiles, id_numbers)), min_size=1, max_size=4))
def test_no_number_survives_masking(parts):
    text = "。".join(word + number for word, number in parts)
    masked = mask_text(text)
    for _, number in parts:
        assert number not in masked
    assert find_identifiers(masked) == []


@given(st.text(alphabet=st.sampled_from("0123456789Xx138 -.·+@aF黑电话幺三八零（）。"), max_size=60))
def test_masking_twice_is_masking_once(text):
    masked = mask_text(text)
    assert mask_text(masked) == masked
    assert find_identifiers(masked) == []


@given(st.text(max_size=80))
def test_every_finding_lies_in_the_text(text):
    for finding in find_identifiers(text):
        assert 0 <= finding.start < finding.end <= len(text)
        assert finding.masked
