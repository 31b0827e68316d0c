"""What is taken out of a text before everybody may read it, and what stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wangge.cases.public_text import public_text


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("已为林都花园3号楼2单元501室恢复供暖", "已为林都花园*号楼*单元*室恢复供暖"),
        ("三号楼一单元门禁已修", "*号楼*单元门禁已修"),
        ("5#301漏水已处理", "*漏水已处理"),
        ("3-2-501已通水", "*已通水"),
        ("已向王秀英女士说明", "已向*女士说明"),
        ("欧阳先生表示满意", "*先生表示满意"),
        ("张大爷的灯修好了", "*大爷的灯修好了"),
        ("请致电13812345678", "请致电138****5678"),
    ],
)
def test_doors_people_and_numbers_go(written, shown):
    assert public_text(written) == shown


@pytest.mark.parametrize(
    "written",
    [
        "已更换灯泡和线路，今晚恢复照明。",
        "3月15日前完成，第2网格已排查。",
        "3号网格的井盖已更换，费用1200元。",
        "请拨打12345咨询。",
        "5号线公交站牌已扶正。",
    ],
)
def test_the_work_and_the_place_stay(written):
    assert public_text(written) == written


def test_a_long_answer_is_cut():
    shown = public_text("好" * 500)
    assert len(shown) == 200
    assert shown.endswith("…")


@given(st.text(alphabet="林都花园3号楼2单元501室-#王女士先生大爷修好了，。 \n", max_size=80))
def test_cleaning_twice_is_cleaning_once(written):
    once = public_text(written)
    assert public_text(once) == once


@given(st.integers(1, 99), st.integers(1, 9), st.integers(101, 3302))
def test_no_door_survives(building, unit, room):
    shown = public_text(f"林都花园{building}号楼{unit}单元{room}室暖气不热已处理")
    assert not any(mark.isdigit() for mark in shown)
