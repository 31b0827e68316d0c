"""A mask lets people recognise their own data, and tells nobody else enough to use it."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wangge.foundation.privacy.masks import mask_address, mask_email, mask_id_number, mask_name, mask_phone
from wangge.foundation.privacy.words import BUILDING_WORDS, COMPOUND_SURNAMES, PLACE_WORDS

chinese = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张三", "张*"),
        ("张三丰", "张*"),
        ("欧阳锋", "欧阳*"),
        ("诸葛孔明", "诸葛*"),
        ("欧阳", "欧*"),  # two characters: a surname and one given name, so the second stays hidden
        ("张", "*"),
        (" 王　芳 ", "王*"),
        ("阿依古丽·买买提", "阿*"),
        ("John Smith", "J*"),
        ("王女士", "王*"),
        ("", ""),
        ("   ", ""),
    ],
)
def test_of_a_name_the_surname_is_left(name, masked):
    assert mask_name(name) == masked


@given(st.text(chinese, min_size=1, max_size=8))
def test_of_no_name_more_than_a_surname_shows(name):
    masked = mask_name(name)
    assert masked.endswith("*")
    shown = masked[:-1]
    assert len(shown) <= (2 if name[:2] in COMPOUND_SURNAMES else 1)
    assert name.startswith(shown)
    assert shown != name


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13812341234", "138****1234"),
        ("１３８１２３４１２３４", "138****1234"),
        ("+86 138-1234-1234", "138****1234"),
        ("0458-3612345", "****2345"),
        ("3612345", "****5"),
        ("+7 914 123 45 67", "****4567"),
        ("110", "****"),
        ("unknown", "****"),
        ("", ""),
    ],
)
def test_of_a_phone_number_the_ends_are_left(phone, masked):
    assert mask_phone(phone) == masked


@given(st.text(string.digits, min_size=1, max_size=20))
def test_at_least_four_digits_of_any_number_stay_hidden(number):
    shown = mask_phone(number).replace("*", "")
    assert len(shown) <= max(0, len(number) - 4)
    assert len(shown) <= 7


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("230717199001011238", "2****************8"),
        ("23071719900101123x", "2****************x"),
        ("230717900101123", "2*************3"),
        ("E12345678", "E****"),
        ("123", "****"),
        ("", ""),
    ],
)
def test_of_an_identity_number_first_and_last_are_left(number, masked):
    assert mask_id_number(number) == masked


@given(st.text(string.digits, min_size=1, max_size=20))
def test_never_more_than_two_characters_of_an_identity_number(number):
    assert len(mask_id_number(number).replace("*", "")) <= 2


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("幸福小区3栋", "幸福小区*栋"),
        ("伊美区朝阳街道幸福小区3栋2单元501室", "伊美区朝阳街道幸福小区*栋"),
        ("幸福小区三号楼", "幸福小区*号楼"),
        ("幸福家园B座501", "幸福家园*座"),
        ("七一小区12-3-401", "七一小区*"),
        ("文化路88号", "文化路*号"),
        ("文化路８８号", "文化路*号"),
        ("翠峦镇向阳村张三家", "翠峦镇向阳村*"),
        ("翠峦镇向阳村张三家3号", "翠峦镇向阳村*"),
        ("老王家对面", "*"),
        ("3栋", "*栋"),
        ("No. 3 Xingfu Road", "*"),
        ("", ""),
    ],
)
def test_of_an_address_the_place_without_its_numbers_is_left(address, masked):
    assert mask_address(address) == masked


words = st.sampled_from([*PLACE_WORDS, *BUILDING_WORDS, "幸福", "张三家", "单元", "室", "2单元", "B2", "#"])
addresses = st.lists(st.one_of(words, st.text(string.digits + "一二三十-", max_size=4)), max_size=8)


@given(addresses.map("".join))
def test_no_number_of_an_address_shows(address):
    masked = mask_address(address)
    assert not re.search(r"[0-9]", masked)
    assert masked == "" or "*" in masked
    assert len(masked) <= len(address) + 1
    assert address.startswith(masked.partition("*")[0])


def test_of_an_email_address_the_host_is_left():
    assert mask_email("zhang.san@example.com") == "***@example.com"
