"""What can wait, waits for the morning."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wangge.foundation.notices.rules import SHANGHAI, deliver_at

STARTS, ENDS = time(20), time(7, 30)


def shanghai(*moment):
    return datetime(*moment, tzinfo=SHANGHAI)


def due(at, starts=STARTS, ends=ENDS, urgent=False):
    return deliver_at(at, starts=starts, ends=ends, urgent=urgent)


@pytest.mark.parametrize(
    ("at", "delivered"),
    [
        ((2026, 3, 6, 7, 30), (2026, 3, 6, 7, 30)),
        ((2026, 3, 6, 19, 59, 59), (2026, 3, 6, 19, 59, 59)),
        ((2026, 3, 6, 20, 0), (2026, 3, 7, 7, 30)),
        ((2026, 3, 6, 23, 59), (2026, 3, 7, 7, 30)),
        ((2026, 3, 7, 0, 0), (2026, 3, 7, 7, 30)),
        ((2026, 3, 7, 7, 29, 59), (2026, 3, 7, 7, 30)),
        ((2026, 12, 31, 22, 0), (2027, 1, 1, 7, 30)),
        ((2028, 2, 28, 22, 0), (2028, 2, 29, 7, 30)),
    ],
)
def test_from_eight_in_the_evening_to_half_past_seven_it_is_quiet(at, delivered):
    assert due(shanghai(*at)) == shanghai(*delivered)


def test_the_hours_are_those_of_shanghai_wherever_the_clock_counts():
    assert due(datetime(2026, 3, 6, 13, 0, tzinfo=UTC)) == datetime(2026, 3, 6, 23, 30, tzinfo=UTC)
    assert due(datetime(2026, 3, 6, 13, 0, tzinfo=UTC)).tzinfo is UTC


def test_what_is_urgent_does_not_wait():
    assert due(shanghai(2026, 3, 6, 23), urgent=True) == shanghai(2026, 3, 6, 23)


def test_quiet_hours_may_lie_within_a_day_or_not_be_there():
    assert due(shanghai(2026, 3, 6, 13), time(12), time(14)) == shanghai(2026, 3, 6, 14)
    assert due(shanghai(2026, 3, 6, 23), time(12), time(14)) == shanghai(2026, 3, 6, 23)
    assert due(shanghai(2026, 3, 6, 23), time(12), time(12)) == shanghai(2026, 3, 6, 23)


moments = st.integers(1_600_000_000, 2_200_000_000).map(lambda s: datetime.fromtimestamp(s, UTC))
times = st.times(min_value=time(0), max_value=time(23, 59, 59))


@given(moments, times, times)
def test_delivery_is_never_early_never_quiet_and_within_a_day(at, starts, ends):
    delivered = due(at, starts, ends)
    assert at <= delivered < at + timedelta(days=1)
    assert due(delivered, starts, ends) == delivered
