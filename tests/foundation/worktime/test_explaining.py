"""The steps of a reckoning, read by a resident in Chinese and in English."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils.translation import override

from foundation.worktime.almanac import at, pause, reckon
from wangge.foundation.worktime.counting import Reckoning
from wangge.foundation.worktime.explaining import SENTENCES, describe_duration, describe_moment


def told(reckoning: Reckoning, language: str) -> list[str]:
    with override(language):
        return [step.text for step in reckoning.steps]


def test_working_hours_over_a_weekend_in_chinese() -> None:
    assert told(reckon("2026-03-06 16:00", "4wh"), "zh-hans") == [
        "2026年3月6日（周五）16:00 开始计时，时限4个工作小时。",
        "3月6日（周五）：计入上班时间1小时30分钟，累计1小时30分钟。",
        "3月7日（周六）至3月8日（周日）：周末，不计入。",
        "3月9日（周一）：计入上班时间2小时30分钟，累计4小时。",
        "截止时间：2026年3月9日（周一）11:00。",
    ]


def test_working_days_across_the_national_holiday_in_both_languages() -> None:
    reckoning = reckon("2026-09-30 16:00", "3wd")
    assert told(reckoning, "zh-hans") == [
        "2026年9月30日（周三）16:00 开始计时，时限3个工作日；当天不计入。",
        "10月1日（周四）至10月7日（周三）：国庆节假期，不计入。",
        "10月8日（周四）至10月9日（周五）：第1至2个工作日。",
        "10月10日（周六），调休上班：第3个工作日。",
        "截止时间：2026年10月10日（周六）17:30（下班时）。",
    ]
    assert told(reckoning, "en") == [
        "Wed 30 September 2026, 16:00: the clock starts, for 3 working days; this day itself does not count.",
        "Thu 1 October to Wed 7 October: National Day holiday, not counted.",
        "Thu 8 October to Fri 9 October: working days 1 to 2.",
        "Sat 10 October (worked in exchange for a day off): working day 3.",
        "Deadline: Sat 10 October 2026, 17:30, close of business.",
    ]


def test_a_last_day_that_moves() -> None:
    assert told(reckon("2026-03-07 10:00", "7nd"), "zh-hans")[1:] == [
        "从次日起数7个自然日，最后一天是3月14日（周六）。",
        "3月14日（周六）至3月15日（周日）是周末，最后一天顺延到下一个工作日：3月16日（周一）。",
        "截止时间：2026年3月16日（周一）17:30（下班时）。",
    ]


def test_a_start_at_night() -> None:
    assert told(reckon("2026-03-06 20:00", "1wh"), "zh-hans")[1:3] == [
        "此时不在上班时间，从上班时起算：3月9日（周一）08:30。",
        "3月9日（周一）：计入上班时间1小时，累计1小时。",
    ]


def test_clock_hours() -> None:
    assert (
        told(reckon("2026-10-01 08:00", "24ch"), "zh-hans")[1] == "连续计算24小时，夜间、周末和节假日都计入。"
    )


def test_pauses() -> None:
    two_days = pause("2026-03-10 10:00", "2026-03-12 10:00")
    assert told(reckon("2026-03-09 09:00", "3wd", two_days), "zh-hans")[2] == (
        "3月10日（周二）10:00至3月12日（周四）10:00 暂停计时，"
        "补回上班时间14小时，顺延到3月16日（周一）17:30。"
    )
    night = pause("2026-03-10 18:00", "2026-03-11 08:00")
    assert told(reckon("2026-03-09 09:00", "3wd", night), "zh-hans")[2] == (
        "3月10日（周二）18:00至3月11日（周三）08:00 暂停计时，期间没有上班时间，截止时间不变。"
    )
    assert told(reckon("2026-03-09 09:00", "3wd", pause("2026-03-10 10:00")), "zh-hans")[-1] == (
        "3月10日（周二）10:00 起暂停计时，恢复后重新计算截止时间。"
    )
    assert told(reckon("2026-03-09 09:00", "2nd", pause("2026-03-09 10:00", "2026-03-09 20:00")), "zh-hans")[
        2:
    ] == [
        "3月9日（周一）10:00至3月9日（周一）20:00 暂停计时，补回10小时，顺延到3月12日（周四）03:30。",
        "按天计算的时限，到最后一天下班时为止：3月12日（周四）17:30。",
        "截止时间：2026年3月12日（周四）17:30（下班时）。",
    ]


def test_an_extension() -> None:
    assert told(reckon("2026-03-09 09:00", "3wd", extend=("2wd",)), "zh-hans")[2] == (
        "延期2个工作日，从3月12日（周四）17:30 接着计算。"
    )


def test_another_year_is_named_and_said_to_be_provisional() -> None:
    assert told(reckon("2026-12-31 16:00", "3wd"), "zh-hans")[2:] == [
        "2027年1月2日（周六）至1月3日（周日）：周末，不计入。",
        "2027年1月4日（周一）至1月5日（周二）：第2至3个工作日。",
        "2027年的放假安排还没有公布，暂按周末休息推算。",
        "截止时间：2027年1月5日（周二）17:30（下班时）。",
    ]


def test_steps_are_fit_for_json_and_in_english_hold_no_chinese() -> None:
    reckonings = [
        reckon(
            "2026-09-24 20:00", "40wh", pause("2026-09-28 10:00", "2026-09-28 11:00"), extend=("7nd", "30min")
        ),
        reckon("2026-09-24 20:00", "9nd", pause("2026-09-25 10:00", "2026-09-25 23:00"), extend=("9wd",)),
        reckon("2026-12-30 10:00", "3wd", pause("2026-12-31 10:00")),
        reckon("2026-12-30 10:00", "3wd"),
    ]
    steps = [step for reckoning in reckonings for step in reckoning.steps]
    assert {step.code for step in steps} == set(SENTENCES)
    for step in steps:
        assert json.loads(json.dumps(step.params)) == step.params
        with override("en"):
            assert not any(letter >= "\u3000" for letter in step.text), step.text


@pytest.mark.parametrize(
    ("seconds", "chinese", "english"),
    [
        (0, "0分钟", "0 minutes"),
        (60, "1分钟", "1 minute"),
        (5400, "1小时30分钟", "1 hour 30 minutes"),
        (7201, "2小时1秒", "2 hours 1 second"),
        (3723, "1小时2分钟3秒", "1 hour 2 minutes 3 seconds"),
    ],
)
def test_lengths_of_time(seconds: int, chinese: str, english: str) -> None:
    with override("zh-hans"):
        assert describe_duration(timedelta(seconds=seconds)) == chinese
    with override("en"):
        assert describe_duration(timedelta(seconds=seconds)) == english


def test_moments_are_told_in_shanghai_and_with_seconds_if_they_have_any() -> None:
    with override("zh-hans"):
        assert describe_moment(at("2026-03-06 00:05")) == "2026年3月6日（周五）00:05"
        assert describe_moment(at("2026-03-06 00:05:09"), unsaid_year=2026) == "3月6日（周五）00:05:09"
