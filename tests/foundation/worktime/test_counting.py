"""Deadlines: the worked examples of the rules, then each rule by itself, then what is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from foundation.worktime.almanac import CALENDAR, at, due, local, pause, reckon
from wangge.foundation.worktime.counting import Pause, deadline, elapsed_share, working_minutes
from wangge.foundation.worktime.limits import Limit
from wangge.foundation.worktime.workcalendar import UnableToReckon

# --- the worked examples ---


def test_four_working_hours_from_a_friday_afternoon_end_on_monday_morning() -> None:
    assert due("2026-03-06 16:00", "4wh") == "Mon 2026-03-09 11:00"


def test_five_working_days_from_a_friday_end_on_the_next_friday_evening() -> None:
    assert due("2026-03-06 16:00", "5wd") == "Fri 2026-03-13 17:30"


def test_seven_natural_days_that_end_on_a_saturday_end_on_the_monday_after() -> None:
    assert due("2026-03-07 10:00", "7nd") == "Mon 2026-03-16 17:30"


def test_three_working_days_from_a_monday_morning_end_on_thursday_evening() -> None:
    assert due("2026-03-09 09:00", "3wd") == "Thu 2026-03-12 17:30"


def test_fourteen_paused_working_hours_move_thursday_evening_to_monday_evening() -> None:
    assert (
        due("2026-03-09 09:00", "3wd", pause("2026-03-10 10:00", "2026-03-12 10:00"))
        == "Mon 2026-03-16 17:30"
    )


def test_three_working_days_across_the_national_holiday_end_on_the_saturday_worked_in_exchange() -> None:
    assert due("2026-09-30 16:00", "3wd") == "Sat 2026-10-10 17:30"


# --- clock hours and minutes ---


def test_clock_hours_run_through_the_night_and_the_holiday() -> None:
    assert due("2026-10-01 22:00", "24ch") == "Fri 2026-10-02 22:00"
    assert due("2026-10-03 23:45", "30min") == "Sun 2026-10-04 00:15"
    assert due("2026-03-06 16:00", "0.5ch") == "Fri 2026-03-06 16:30"


# --- working hours ---


def test_the_noon_break_is_no_working_time() -> None:
    assert due("2026-03-09 11:00", "1wh") == "Mon 2026-03-09 14:00"


def test_a_working_hour_that_ends_at_closing_time_ends_there_and_not_at_the_next_opening() -> None:
    assert due("2026-03-09 10:30", "1wh") == "Mon 2026-03-09 11:30"
    assert due("2026-03-09 16:30", "1wh") == "Mon 2026-03-09 17:30"


@pytest.mark.parametrize(
    "start", ["2026-03-06 17:30", "2026-03-06 23:59", "2026-03-08 12:00", "2026-03-09 03:00"]
)
def test_a_start_outside_office_hours_waits_for_the_next_opening(start: str) -> None:
    assert due(start, "1wh") == "Mon 2026-03-09 09:30"


def test_a_start_in_the_noon_break_waits_for_the_afternoon() -> None:
    assert due("2026-03-09 12:00", "1wh") == "Mon 2026-03-09 14:30"


def test_seconds_are_counted_as_they_are() -> None:
    reckoning = deadline(at("2026-03-06 16:00:23"), Limit.parse("4wh"), CALENDAR)
    assert reckoning.due_at == at("2026-03-09 11:00:23")


# --- days ---


def test_the_day_of_the_start_is_left_out_at_whatever_hour() -> None:
    assert due("2026-03-09 00:00", "1wd") == due("2026-03-09 23:59", "1wd") == "Tue 2026-03-10 17:30"


def test_working_days_from_a_day_off_begin_with_the_next_working_day() -> None:
    assert due("2026-03-07 10:00", "1wd") == "Mon 2026-03-09 17:30"


def test_natural_days_include_days_off_unless_the_last_one_is() -> None:
    assert due("2026-03-06 16:00", "4nd") == "Tue 2026-03-10 17:30"
    assert due("2026-09-24 16:00", "7nd") == "Thu 2026-10-08 17:30"


def test_a_last_natural_day_on_a_saturday_worked_in_exchange_stays() -> None:
    assert due("2026-10-03 16:00", "7nd") == "Sat 2026-10-10 17:30"


# --- pauses ---


def test_paused_office_time_is_added_to_working_hours() -> None:
    assert (
        due("2026-03-09 09:00", "4wh", pause("2026-03-09 10:00", "2026-03-09 11:00"))
        == "Mon 2026-03-09 16:00"
    )


def test_a_pause_at_night_takes_nothing_from_a_limit_in_working_time() -> None:
    night = pause("2026-03-09 18:00", "2026-03-10 08:00")
    assert due("2026-03-09 09:00", "10wh", night) == due("2026-03-09 09:00", "10wh")
    assert due("2026-03-09 09:00", "3wd", night) == due("2026-03-09 09:00", "3wd")


def test_two_paused_hours_of_a_limit_in_working_days_end_within_the_next_day() -> None:
    assert (
        due("2026-03-09 09:00", "3wd", pause("2026-03-10 14:00", "2026-03-10 16:00"))
        == "Fri 2026-03-13 10:30"
    )


def test_elapsed_time_is_added_to_natural_days() -> None:
    assert (
        due("2026-03-06 16:00", "4nd", pause("2026-03-07 10:00", "2026-03-08 10:00"))
        == "Wed 2026-03-11 17:30"
    )


def test_natural_days_that_reach_a_day_off_by_a_pause_move_again() -> None:
    assert (
        due("2026-03-06 16:00", "7nd", pause("2026-03-10 10:00", "2026-03-11 10:00"))
        == "Mon 2026-03-16 17:30"
    )


def test_natural_days_that_reach_the_small_hours_by_a_pause_end_that_evening() -> None:
    assert (
        due("2026-03-09 09:00", "2nd", pause("2026-03-09 10:00", "2026-03-09 20:00"))
        == "Thu 2026-03-12 17:30"
    )


def test_natural_days_that_reach_the_evening_by_a_pause_end_in_the_evening() -> None:
    assert (
        due("2026-03-09 09:00", "2nd", pause("2026-03-09 10:00", "2026-03-09 15:00"))
        == "Wed 2026-03-11 22:30"
    )


def test_elapsed_time_is_added_to_clock_hours_and_no_day_off_moves_them() -> None:
    assert (
        due("2026-03-06 16:00", "24ch", pause("2026-03-06 18:00", "2026-03-06 20:00"))
        == "Sat 2026-03-07 18:00"
    )


def test_pauses_that_overlap_count_once() -> None:
    overlapping = pause("2026-03-10 10:00", "2026-03-11 10:00"), pause("2026-03-10 16:00", "2026-03-12 10:00")
    assert due("2026-03-09 09:00", "3wd", *reversed(overlapping)) == "Mon 2026-03-16 17:30"


def test_a_pause_counts_from_the_start_of_the_clock() -> None:
    assert (
        due("2026-03-09 10:00", "1wh", pause("2026-03-06 08:30", "2026-03-09 10:30"))
        == "Mon 2026-03-09 11:30"
    )


def test_pauses_before_the_start_and_after_the_deadline_change_nothing() -> None:
    outside = pause("2026-03-01 10:00", "2026-03-02 10:00"), pause("2026-03-09 17:30", "2026-03-20 10:00")
    assert due("2026-03-09 08:30", "7wh", *outside) == "Mon 2026-03-09 17:30"


def test_a_pause_that_a_former_pause_brought_before_the_deadline_counts() -> None:
    first = pause("2026-03-09 09:00", "2026-03-09 11:00")
    second = pause("2026-03-09 14:00", "2026-03-09 15:00")
    assert due("2026-03-09 08:30", "3wh", first) == "Mon 2026-03-09 15:30"
    assert due("2026-03-09 08:30", "3wh", first, second) == "Mon 2026-03-09 16:30"


def test_while_a_pause_lasts_there_is_no_deadline() -> None:
    reckoning = reckon("2026-03-09 09:00", "3wd", pause("2026-03-10 10:00"))
    assert reckoning.paused
    assert reckoning.due_at is None
    assert [step.code for step in reckoning.steps] == ["started", "working_days", "paused_open"]
    with pytest.raises(ValueError, match="paused"):
        _ = reckoning.known_due_at


def test_a_lasting_pause_swallows_the_pauses_after_it() -> None:
    assert reckon(
        "2026-03-09 09:00", "3wd", pause("2026-03-10 10:00"), pause("2026-03-10 11:00", "2026-03-10 12:00")
    ).paused


def test_a_lasting_pause_that_begins_after_the_deadline_leaves_it_alone() -> None:
    reckoning = reckon("2026-03-09 09:00", "1wh", pause("2026-03-09 10:00"))
    assert not reckoning.paused
    assert local(reckoning.known_due_at) == "Mon 2026-03-09 10:00"


# --- extensions ---


def test_an_extension_is_counted_on_from_the_deadline() -> None:
    assert due("2026-03-09 09:00", "3wd", extend=("2wd",)) == "Mon 2026-03-16 17:30"
    assert due("2026-03-06 16:00", "7nd", extend=("7nd",)) == "Fri 2026-03-20 17:30"
    assert due("2026-03-09 09:00", "3wd", extend=("2wd", "4wh")) == "Tue 2026-03-17 14:30"


def test_a_pause_during_an_extension_counts_in_the_unit_of_the_extension() -> None:
    weekend = pause("2026-03-14 10:00", "2026-03-15 10:00")
    assert due("2026-03-09 09:00", "3wd", weekend, extend=("4nd",)) == "Tue 2026-03-17 17:30"
    assert due("2026-03-09 09:00", "3wd", weekend, extend=("2wd",)) == "Mon 2026-03-16 17:30"


def test_an_extension_is_not_reached_while_a_pause_lasts() -> None:
    reckoning = reckon("2026-03-09 09:00", "3wd", pause("2026-03-10 10:00"), extend=("2wd",))
    assert reckoning.paused
    assert "extended" not in [step.code for step in reckoning.steps]


# --- years without a notice ---


def test_a_year_without_a_notice_is_counted_by_weekends_and_marked_provisional() -> None:
    reckoning = reckon("2026-12-31 16:00", "3wd")
    assert local(reckoning.known_due_at) == "Tue 2027-01-05 17:30"
    assert reckoning.provisional
    assert "provisional" in [step.code for step in reckoning.steps]


def test_what_does_not_lean_on_such_a_year_is_not_provisional() -> None:
    assert not reckon("2026-12-30 16:00", "1wd").provisional
    assert not reckon("2026-12-31 16:00", "24ch").provisional
    assert not reckon("2026-12-24 10:00", "7nd").provisional


def test_natural_days_lean_on_the_last_day_alone() -> None:
    assert reckon("2026-12-25 10:00", "7nd").provisional


def test_an_old_year_is_counted_by_its_own_notice() -> None:
    # In 2015 the notice gave 3 September off, for once, and had 6 September worked in exchange.
    assert due("2015-09-02 10:00", "1wd") == "Sun 2015-09-06 17:30"


# --- how much is gone ---


def test_the_share_of_working_hours_stands_still_overnight() -> None:
    limit, begins = Limit.parse("4wh"), at("2026-03-06 16:00")
    ends = at("2026-03-09 11:00")
    shares = [
        elapsed_share(begins, ends, at(moment), limit, CALENDAR)
        for moment in (
            "2026-03-06 17:00",
            "2026-03-06 17:30",
            "2026-03-08 12:00",
            "2026-03-09 11:00",
            "2026-03-09 14:00",
        )
    ]
    assert shares == [0.25, 0.375, 0.375, 1.0, 1.25]


def test_the_share_of_clock_hours_and_natural_days_is_elapsed_time() -> None:
    begins = at("2026-03-06 16:00")
    assert (
        elapsed_share(begins, at("2026-03-07 16:00"), at("2026-03-07 04:00"), Limit.parse("24ch"), CALENDAR)
        == 0.5
    )
    half = elapsed_share(begins, at("2026-03-10 17:30"), at("2026-03-08 16:45"), Limit.parse("4nd"), CALENDAR)
    assert half == 0.5


def test_one_and_a_half_of_a_limit_can_be_gone() -> None:
    assert elapsed_share(
        at("2026-03-06 16:00"), at("2026-03-06 18:00"), at("2026-03-06 19:00"), Limit.parse("2ch"), CALENDAR
    ) == pytest.approx(1.5)


def test_nothing_is_gone_before_the_start() -> None:
    assert (
        elapsed_share(
            at("2026-03-06 16:00"),
            at("2026-03-06 18:00"),
            at("2026-03-06 15:00"),
            Limit.parse("2ch"),
            CALENDAR,
        )
        == 0.0
    )


def test_nothing_is_gone_during_a_pause() -> None:
    stood = [pause("2026-03-09 10:00", "2026-03-09 11:00")]
    begins, ends, limit = at("2026-03-09 09:00"), at("2026-03-09 12:00"), Limit.parse("2ch")
    shares = [
        elapsed_share(begins, ends, at(moment), limit, CALENDAR, pauses=stood)
        for moment in ("2026-03-09 10:00", "2026-03-09 10:40", "2026-03-09 11:00", "2026-03-09 12:00")
    ]
    assert shares == [0.5, 0.5, 0.5, 1.0]


def test_working_minutes_between_two_moments() -> None:
    friday, monday = at("2026-03-06 16:00"), at("2026-03-09 09:00")
    assert working_minutes(friday, monday, CALENDAR) == 120
    assert working_minutes(monday, friday, CALENDAR) == -120
    assert working_minutes(at("2026-10-01 08:30"), at("2026-10-07 17:30"), CALENDAR) == 0


# --- refusals ---


@pytest.mark.parametrize("start", ["2003-12-31 23:59", "1988-07-01 10:00", "2200-01-01 00:00"])
def test_a_moment_outside_the_calendar_is_refused_with_its_bounds(start: str) -> None:
    with pytest.raises(UnableToReckon) as refusal:
        reckon(start, "1wd")
    assert refusal.value.code == "moment_out_of_reach"
    assert "2004-01-01" in str(refusal.value)


def test_the_end_of_time_is_refused_as_well() -> None:
    with pytest.raises(UnableToReckon):
        deadline(datetime.max.replace(tzinfo=UTC), Limit.parse("1wd"), CALENDAR)


def test_a_pause_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(UnableToReckon) as refusal:
        reckon("2026-03-09 09:00", "3wd", pause("2026-03-10 10:00", "2026-03-10 09:00"))
    assert refusal.value.code == "pause_backwards"
    assert "2026-03-10 10:00" in str(refusal.value)


def test_a_moment_without_a_zone_is_a_mistake_of_the_program() -> None:
    naive = datetime(2026, 3, 9, 9)  # noqa: DTZ001
    with pytest.raises(ValueError, match="time zone"):
        deadline(naive, Limit.parse("1wd"), CALENDAR)
    with pytest.raises(ValueError, match="time zone"):
        deadline(at("2026-03-09 09:00"), Limit.parse("1wd"), CALENDAR, pauses=[Pause(naive)])
