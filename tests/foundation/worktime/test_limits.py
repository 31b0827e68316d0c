"""Limits are written like 4wh and 3wd, and a wrong one is answered with what to write instead."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from wangge.foundation.worktime.explaining import describe_limit
from wangge.foundation.worktime.limits import LONGEST, Limit, UnableToReadLimit, Unit


@pytest.mark.parametrize(
    ("written", "limit"),
    [
        ("30min", Limit(Decimal(30), Unit.MINUTE)),
        ("0.5ch", Limit(Decimal("0.5"), Unit.CLOCK_HOUR)),
        ("4wh", Limit(Decimal(4), Unit.WORKING_HOUR)),
        ("7nd", Limit(Decimal(7), Unit.NATURAL_DAY)),
        ("3wd", Limit(Decimal(3), Unit.WORKING_DAY)),
        (" 3 WD ", Limit(Decimal(3), Unit.WORKING_DAY)),
        ("３ｗｄ", Limit(Decimal(3), Unit.WORKING_DAY)),
        ("1.50wh", Limit(Decimal("1.5"), Unit.WORKING_HOUR)),
        ("2.0wd", Limit(Decimal(2), Unit.WORKING_DAY)),
    ],
)
def test_a_limit_is_a_number_and_a_unit(written: str, limit: Limit) -> None:
    assert Limit.parse(written) == limit


def test_a_limit_is_written_in_one_way_only() -> None:
    assert [str(Limit.parse(text)) for text in ("10wd", "1.50wh", "2.0wd", "0.25 CH")] == [
        "10wd",
        "1.5wh",
        "2wd",
        "0.25ch",
    ]


@given(unit=st.sampled_from(list(Unit)), data=st.data())
def test_what_is_written_is_read_again(unit: Unit, data: st.DataObject) -> None:
    if unit.in_days:
        amount = Decimal(data.draw(st.integers(1, LONGEST[unit])))
    else:
        amount = data.draw(st.decimals(Decimal("0.05"), LONGEST[unit], places=2))
        if unit is Unit.MINUTE:
            amount = amount.quantize(Decimal(1)) or Decimal(1)
    limit = Limit(amount, unit)
    assert Limit.parse(str(limit)) == limit


def test_hours_and_minutes_have_an_exact_length() -> None:
    assert Limit.parse("0.5ch").duration == timedelta(minutes=30)
    assert Limit.parse("0.33wh").duration == timedelta(minutes=19, seconds=48)
    assert Limit.parse("7nd").days == 7


def test_days_have_no_length_and_hours_no_number_of_days() -> None:
    with pytest.raises(ValueError, match="counted in days"):
        _ = Limit.parse("3wd").duration
    with pytest.raises(ValueError, match="length of time"):
        _ = Limit.parse("3wh").days


@pytest.mark.parametrize(
    "written", ["", "3", "wd", "three wd", "3 days", "3d", "1e3wd", "3wd4", "3wd 2wh", "١wd"]
)
def test_what_is_no_limit_is_refused_with_the_units_to_write(written: str) -> None:
    with pytest.raises(UnableToReadLimit) as refusal:
        Limit.parse(written)
    assert refusal.value.code == "limit_unreadable"
    assert all(unit.value in str(refusal.value) for unit in Unit)
    assert f"“{written}”" in str(refusal.value)


@pytest.mark.parametrize("written", ["0wd", "-1wh", "0.0ch"])
def test_a_limit_without_time_is_refused(written: str) -> None:
    with pytest.raises(UnableToReadLimit) as refusal:
        Limit.parse(written)
    assert refusal.value.code == "limit_not_positive"


def test_half_a_day_is_refused_with_whole_days_and_hours_to_write() -> None:
    with pytest.raises(UnableToReadLimit) as refusal:
        Limit.parse("2.5wd")
    assert refusal.value.code == "limit_not_whole_days"
    assert "3wd" in str(refusal.value)
    assert "4wh" in str(refusal.value)


def test_parts_of_a_second_are_refused() -> None:
    with pytest.raises(UnableToReadLimit) as refusal:
        Limit.parse("0.3333ch")
    assert refusal.value.code == "limit_not_whole_seconds"
    assert "0.3ch" in str(refusal.value)


@pytest.mark.parametrize("unit", list(Unit))
def test_more_than_ten_years_are_refused(unit: Unit) -> None:
    longest = Limit(Decimal(LONGEST[unit]), unit)
    with pytest.raises(UnableToReadLimit) as refusal:
        Limit(longest.amount + 1, unit)
    assert refusal.value.code == "limit_too_long"
    assert str(longest) in str(refusal.value)


def test_a_limit_is_told_in_words() -> None:
    with override("en"):
        assert [describe_limit(Limit.parse(text)) for text in ("1wd", "3wd", "0.5ch", "30min", "7nd")] == [
            "1 working day",
            "3 working days",
            "0.5 hours",
            "30 minutes",
            "7 natural days",
        ]
    with override("zh-hans"):
        assert [describe_limit(Limit.parse(text)) for text in ("3wd", "4wh", "24ch")] == [
            "3个工作日",
            "4个工作小时",
            "24小时",
        ]
