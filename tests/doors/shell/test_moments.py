"""Moments and spans read the way people say them, in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from wangge.doors.shell.moments import ago_text, day_text, full_text, moment_text, span_text

AT = datetime(2026, 3, 6, 1, 30, tzinfo=UTC)  # 09:30 in Shanghai


@pytest.fixture(params=["zh-hans", "en"])
def language(request):
    with translation.override(request.param):
        yield request.param


@pytest.mark.parametrize(
    ("moment", "zh", "en"),
    [
        (AT, "今天 09:30", "Today 09:30"),
        (AT - timedelta(hours=12), "昨天 21:30", "Yesterday 21:30"),
        (AT + timedelta(hours=15), "明天 00:30", "Tomorrow 00:30"),
        (AT - timedelta(days=5), "3月1日 09:30", "1 Mar 09:30"),
        (AT - timedelta(days=90), "2025年12月6日 09:30", "6 Dec 2025 09:30"),
    ],
)
def test_a_moment_is_told_from_where_the_reader_stands(language, moment, zh, en):
    assert moment_text(moment, AT) == (zh if language == "zh-hans" else en)


def test_the_day_changes_at_local_midnight():
    with translation.override("en"):
        just_before = datetime(2026, 3, 5, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
        assert moment_text(just_before, AT) == "Yesterday 23:59"
        assert moment_text(just_before + timedelta(minutes=1), AT) == "Today 00:00"


def test_without_a_standpoint_the_year_is_told():
    with translation.override("zh-hans"):
        assert day_text(date(2026, 3, 6)) == "2026年3月6日"
        assert full_text(AT) == "2026-03-06 09:30"


@pytest.mark.parametrize(
    ("span", "zh", "en"),
    [
        (timedelta(seconds=20), "不到 1 分钟", "less than a minute"),
        (timedelta(minutes=1), "1 分钟", "1 minute"),
        (timedelta(hours=3, minutes=20), "3 小时 20 分钟", "3 hours 20 minutes"),
        (timedelta(days=3, hours=4, minutes=9), "3 天 4 小时", "3 days 4 hours"),
        (timedelta(hours=-2), "2 小时", "2 hours"),
    ],
)
def test_a_span_is_told_in_its_two_largest_units(language, span, zh, en):
    assert span_text(span) == (zh if language == "zh-hans" else en)


@pytest.mark.parametrize(
    ("before", "zh"),
    [
        (timedelta(seconds=5), "刚刚"),
        (timedelta(minutes=20), "20 分钟前"),
        (timedelta(hours=3, minutes=50), "3 小时前"),
        (timedelta(days=2), "2 天前"),
        (timedelta(days=8), "2月26日 09:30"),
    ],
)
def test_how_long_ago(before, zh):
    with translation.override("zh-hans"):
        assert ago_text(AT - before, AT) == zh


def test_what_lies_ahead_is_never_ago():
    with translation.override("zh-hans"):
        assert ago_text(AT + timedelta(hours=2), AT) == "今天 11:30"


@given(st.timedeltas(min_value=timedelta(), max_value=timedelta(days=400)))
def test_a_longer_span_never_reads_as_nothing(span):
    with translation.override("en"):
        text = span_text(span)
    assert text == "less than a minute" if span < timedelta(minutes=1) else text[0].isdigit()
