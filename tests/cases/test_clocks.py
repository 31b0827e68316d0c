"""Both clocks are functions of the journal alone; the columns of a case are what they say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from cases.acts import TIMETABLE, actor_for, after, attempt, last_line, perform
from cases.soundness import assert_columns_fit
from makers import make_case
from town import MORNING, Town
from wangge.cases.access import requester_of
from wangge.cases.clocks import CaseClock, case_clock, leg_clock
from wangge.cases.history import Event, events_of
from wangge.cases.limits import forget_configuration
from wangge.cases.models import Case, StageLimit
from wangge.cases.queries import clocks_of
from wangge.cases.states import State
from wangge.foundation.journal.canonical import iso_utc
from wangge.foundation.journal.queries import lines_of
from wangge.foundation.worktime import calendars
from wangge.foundation.worktime.actions import import_days
from wangge.foundation.worktime.calendars import current_calendar
from wangge.foundation.worktime.counting import deadline
from wangge.foundation.worktime.limits import Limit
from wangge.foundation.worktime.workcalendar import SHANGHAI, Day, DayKind


def local(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


@pytest.fixture
def limits() -> Iterator[Any]:
    """`limits(feedback="4wh")`: other limits for cases of normal priority."""

    def change(priority: str = "normal", **told: str) -> None:
        for stage, limit in told.items():
            StageLimit.objects.filter(priority=priority, stage=stage).update(limit=limit)
        forget_configuration()

    yield change
    forget_configuration()


def dispatched(town: Town, at: datetime, **asked: Any) -> Case:
    """A case dispatched at this very moment and signed for ten minutes later."""
    case = make_case(town, State.TO_DISPATCH, at=at - timedelta(hours=1), **asked)
    case = perform(town, case, "dispatch", by=town.chen.holder, at=at)
    return perform(town, case, "sign", by=actor_for(town, case, "sign"), at=at + timedelta(minutes=10))


# --- the worked examples of clock rule 8, through the acts ---


@pytest.mark.parametrize(
    ("limit", "start", "due"),
    [
        ("4wh", local(2026, 3, 6, 16), local(2026, 3, 9, 11)),
        ("5wd", local(2026, 3, 6, 16), local(2026, 3, 13, 17, 30)),
        ("7nd", local(2026, 3, 7, 10), local(2026, 3, 16, 17, 30)),
        ("3wd", local(2026, 3, 9, 9), local(2026, 3, 12, 17, 30)),
    ],
)
def test_the_worked_examples(town: Town, limits: Any, limit: str, start: datetime, due: datetime) -> None:
    limits(feedback=limit)
    case = dispatched(town, start)
    assert case.feedback_due_at == due
    clocks = clocks_of(case)
    assert clocks.case.feedback is not None
    assert clocks.leg is not None
    assert clocks.case.feedback.due_at == clocks.leg.feedback.due_at == due


def test_the_worked_example_with_a_pause(town: Town, limits: Any) -> None:
    limits(feedback="3wd")
    case = dispatched(town, local(2026, 3, 9, 9))
    case = perform(
        town, case, "pause", by=town.tang.holder, at=local(2026, 3, 10, 10),
        planned_end_at=local(2026, 3, 13, 10),
    )  # fmt: skip
    clock = clocks_of(case)
    assert clock.case.feedback is not None
    assert clock.leg is not None
    assert clock.case.feedback.due_at is clock.leg.feedback.due_at is None
    assert not case.is_overdue(local(2026, 5, 1))
    case = perform(town, case, "resume", by=town.tang.holder, at=local(2026, 3, 12, 10))
    case.leg.refresh_from_db()
    assert case.feedback_due_at == case.leg.feedback_due_at == local(2026, 3, 16, 17, 30)


# --- the columns are what the clocks say ---


@pytest.mark.parametrize("state", list(State))
def test_in_every_state_the_columns_are_what_the_journal_says(town: Town, state: State) -> None:
    assert_columns_fit(make_case(town, state))
    assert_columns_fit(make_case(town, state, priority="urgent", matter="pipe", step=timedelta(minutes=1)))


def test_through_a_long_life_the_columns_stay_what_the_journal_says(town: Town) -> None:
    """Classified up, objected, reassigned, paused, extended, shelved, redone, opened again."""
    case = make_case(town, priority="complex")
    wu, feng, tang = town.wu.holder, town.feng.holder, town.tang.holder
    life: list[tuple[str, Any, dict[str, Any]]] = [
        ("start_screening", town.chen.holder, {}),
        ("inform", town.chen.holder, {}),
        ("ask_review", requester_of(case), {}),
        ("classify", town.chen.holder, {"priority": "normal"}),
        ("dispatch", town.chen.holder, {}),
        ("object", wu, {}),
        ("reassign", tang, {}),
        ("sign", feng, {}),
        ("pause", tang, {}),
        ("resume", tang, {}),
        ("extend", town.zhao.holder, {"limit": "5nd"}),
        ("shelve", tang, {}),
        ("reactivate", tang, {}),
        ("feed_back", feng, {}),
        ("reject_feedback", town.chen.holder, {}),
        ("extend", tang, {"limit": "5wd"}),
        ("feed_back", feng, {}),
        ("pass", town.chen.holder, {}),
        ("call_back", town.fang.holder, {"solved": "not_solved"}),
        ("pause", tang, {}),
        ("resume", tang, {}),
        ("feed_back", feng, {}),
        ("pass", town.chen.holder, {}),
        ("call_back", town.fang.holder, {"solved": "solved"}),
        ("reopen", requester_of(case), {}),
        ("classify", town.chen.holder, {"priority": "urgent"}),
        ("dispatch", town.chen.holder, {}),
        ("sign", wu, {}),
        ("feed_back", wu, {}),
    ]
    for act, by, told in life:
        case = perform(town, case, act, by=by, at=after(case, minutes=90), **told)
        assert_columns_fit(case)
    clock = clocks_of(case).case
    assert len(clock.dispatches) == 3
    assert len(clock.rounds) == 3


# --- the promise of an owner ---


def test_a_higher_priority_shortens_the_promise_and_a_lower_one_never_lengthens_it(town: Town) -> None:
    case = make_case(town, State.SCREENING)
    chen, at = town.chen.holder, after(case)
    urgent = perform(town, case, "classify", by=chen, at=at, priority="urgent")
    assert urgent.dispatch_due_at == MORNING + timedelta(hours=2)
    case = make_case(town, State.SCREENING, priority="emergency")
    calm = perform(town, case, "classify", by=chen, at=after(case), priority="normal")
    assert calm.dispatch_due_at == MORNING + timedelta(hours=1)


@pytest.mark.parametrize(("state", "act"), [(State.INFORMED, "ask_review"), (State.CLOSED, "reopen")])
def test_a_review_or_reopening_gives_the_desk_its_time_anew(town: Town, state: State, act: str) -> None:
    case = make_case(town, state)
    at = after(case, days=3)
    case = perform(town, case, act, by=requester_of(case), at=at)
    assert case.dispatch_due_at == at + timedelta(hours=24)
    # Classifying again counts from there, not from the day it was registered.
    case = perform(town, case, "classify", by=town.chen.holder, at=at + timedelta(minutes=5))
    assert case.dispatch_due_at == at + timedelta(hours=24)
    assert not case.is_overdue(at + timedelta(hours=23))
    first = clocks_of(case).case.dispatches[0]
    assert (first.began_at, first.is_late(at)) == (MORNING, False)


# --- the promise of an answer ---


def test_reassignment_never_moves_the_promise_but_gives_the_new_unit_its_full_limit(town: Town) -> None:
    case = make_case(town, State.OBJECTION_REVIEW)
    promised = case.feedback_due_at
    at = local(2026, 3, 9, 10)
    case = perform(town, case, "reassign", by=town.tang.holder, at=at)
    assert case.feedback_due_at == promised
    limit, calendar = Limit.parse("7nd"), current_calendar()
    assert case.leg.feedback_due_at == deadline(at, limit, calendar).due_at
    assert case.leg.feedback_due_at > promised
    assert_columns_fit(case)
    # The unit that objected owes nothing any more, and was not late.
    history = events_of(lines_of(case.subject))
    former = leg_clock(history, 1, calendars.calendar_version)
    assert (former.unit, former.feedback.met_at) == ("230717.urban_management", at)
    assert not former.feedback.is_late(at + timedelta(days=90))


def test_an_objection_and_its_review_stop_no_clock(town: Town) -> None:
    case = make_case(town, State.OBJECTION_REVIEW)
    promised = case.feedback_due_at
    case = perform(town, case, "uphold", by=town.tang.holder, at=after(case, days=1))
    case.leg.refresh_from_db()
    assert case.feedback_due_at == case.leg.feedback_due_at == promised


def test_a_pause_is_added_to_both_clocks_in_the_unit_of_the_limit(town: Town) -> None:
    case = make_case(town, State.IN_PROGRESS, matter="pipe", priority="urgent", step=timedelta(minutes=5))
    promised = case.feedback_due_at  # twenty-four clock hours
    case = perform(town, case, "pause", by=town.tang.holder, at=after(case))
    case = perform(town, case, "resume", by=town.tang.holder, at=after(case, hours=3))
    case.leg.refresh_from_db()
    assert case.feedback_due_at == case.leg.feedback_due_at == promised + timedelta(hours=3)


def test_a_pause_that_ran_over_is_added_as_approved(town: Town) -> None:
    case = make_case(town, State.IN_PROGRESS, matter="pipe", priority="urgent", step=timedelta(minutes=5))
    promised, at = case.feedback_due_at, after(case)
    case = perform(town, case, "pause", by=town.tang.holder, at=at, planned_end_at=at + timedelta(hours=2))
    case = perform(town, case, "resume", by=TIMETABLE, at=at + timedelta(hours=9), seen_version=None)
    assert case.feedback_due_at == promised + timedelta(hours=2)
    assert_columns_fit(case)


def test_shelving_stops_the_clocks_until_the_case_is_taken_up(town: Town) -> None:
    case = make_case(town, State.SHELVED)
    assert case.due_at is None
    clock = clocks_of(case).case
    assert clock.feedback is not None
    assert not clock.feedback.is_late(local(2030, 1, 1))
    case = perform(town, case, "reactivate", by=TIMETABLE, at=local(2026, 5, 8, 9), seen_version=None)
    assert case.feedback_due_at > local(2026, 5, 8)
    assert_columns_fit(case)


def test_an_extension_counts_on_from_the_deadline(town: Town) -> None:
    case = dispatched(town, local(2026, 3, 7, 10))  # until Monday the 16th, 17:30
    case = perform(town, case, "extend", by=town.zhao.holder, at=after(case), limit="3wd")
    case.leg.refresh_from_db()
    assert case.feedback_due_at == case.leg.feedback_due_at == local(2026, 3, 19, 17, 30)


def test_a_redo_is_a_new_promise_and_the_kept_one_stays_kept(town: Town) -> None:
    case = make_case(town, State.CALLBACK_DUE)
    first = clocks_of(case).case.feedback
    at = after(case, days=2)
    case = perform(town, case, "call_back", by=town.fang.holder, at=at, solved="not_solved")
    case.leg.refresh_from_db()
    due = deadline(at, Limit.parse("7nd"), current_calendar()).due_at
    assert case.feedback_due_at == case.leg.feedback_due_at == due
    clocks = clocks_of(case)
    assert clocks.case.rounds[0] == first
    assert clocks.leg is not None
    assert [promise.began_at for promise in clocks.leg.rounds] == [case.leg.dispatched_at, at]
    assert clocks.leg.rounds[0].met_at is not None
    assert clocks.leg.feedback.met_at is None


def test_feedback_sent_back_was_no_answer(town: Town) -> None:
    case = make_case(town, State.FEEDBACK_GIVEN)
    case = perform(town, case, "reject_feedback", by=town.chen.holder, at=after(case))
    clocks = clocks_of(case)
    assert clocks.case.feedback is not None
    assert clocks.leg is not None
    assert clocks.case.feedback.met_at is clocks.leg.feedback.met_at is None
    late = case.feedback_due_at + timedelta(seconds=1)
    assert clocks.case.feedback.is_late(late)
    assert case.is_overdue(late)


def test_the_first_contact_is_whoever_speaks_to_the_requester_first(town: Town) -> None:
    case = make_case(town, State.IN_PROGRESS)
    case = perform(town, case, "handle", by=town.wu.holder, at=after(case))
    leg = clocks_of(case).leg
    assert leg is not None
    assert leg.contact.met_at is None
    case = perform(town, case, "handle", by=town.wu.holder, at=after(case), contacted=True)
    at = last_line(case).at
    case = perform(town, case, "feed_back", by=town.wu.holder, at=after(case))
    leg = clocks_of(case).leg
    case.leg.refresh_from_db()
    assert leg is not None
    assert leg.contact.met_at == case.leg.contacted_at == at


# --- a deadline that came with the case ---


def external(town: Town, due: datetime, **asked: Any) -> Case:
    return make_case(town, State.IN_PROGRESS, external_no="12345-20260306-1", external_due_at=due, **asked)


def test_the_hotlines_own_deadline_counts_if_it_is_earlier(town: Town) -> None:
    early = MORNING + timedelta(days=2)
    case = external(town, early)
    assert case.feedback_due_at == early
    assert_columns_fit(case)
    clock = clocks_of(case).case.feedback
    assert clock is not None
    assert clock.due_at == clock.external_due_at == early
    late = make_case(
        town, State.IN_PROGRESS, external_no="12345-20260306-2", external_due_at=MORNING + timedelta(days=60)
    )
    assert (
        late.feedback_due_at
        == deadline(late.first_dispatched_at, Limit.parse("7nd"), current_calendar()).due_at
    )


def test_the_hotlines_deadline_is_for_the_first_answer_only(town: Town) -> None:
    case = external(town, MORNING + timedelta(days=2))
    case = perform(town, case, "feed_back", by=town.wu.holder, at=after(case))
    case = perform(town, case, "pass", by=town.chen.holder, at=after(case))
    case = perform(town, case, "call_back", by=town.fang.holder, at=after(case), solved="not_solved")
    assert case.feedback_due_at > MORNING + timedelta(days=6)
    assert_columns_fit(case)


# --- pinned: the same question years later ---


@pytest.fixture
def newer_calendar() -> Iterator[Any]:
    """`newer_calendar(day, …)` publishes a version in which these days are off."""

    def publish(*days: date) -> int:
        version = import_days(
            days={day: Day(DayKind.HOLIDAY, "临时放假", "Extra day off") for day in days},
            source="测试通知", at=MORNING,
        )  # fmt: skip
        calendars.forget_calendars()
        return version.number

    yield publish
    calendars.forget_calendars()


def test_a_deadline_counted_before_a_holiday_was_announced_stays(town: Town, newer_calendar: Any) -> None:
    """Invariant 17: the version of the calendar is pinned to the leg."""
    case = dispatched(town, local(2026, 3, 7, 10))
    before = clocks_of(case)
    assert case.feedback_due_at == local(2026, 3, 16, 17, 30)
    pinned = current_calendar().version
    newer = newer_calendar(date(2026, 3, 16), date(2026, 3, 17))
    assert newer != pinned
    assert clocks_of(case) == before
    # What is counted for the first time now follows the new one.
    other = dispatched(town, local(2026, 3, 7, 10))
    assert other.feedback_due_at == local(2026, 3, 18, 17, 30)
    assert last_line(other).act == "case.signed"
    # A pause of the older case is counted in its own version too.
    case = perform(town, case, "pause", by=town.tang.holder, at=local(2026, 3, 9, 10))
    case = perform(town, case, "resume", by=town.tang.holder, at=local(2026, 3, 9, 11))
    assert case.feedback_due_at.astimezone(SHANGHAI).date() == date(2026, 3, 16)
    assert_columns_fit(case)
    # A new turn, by reassignment or redo, begins in the new one.
    case = perform(town, case, "object", by=town.wu.holder, at=local(2026, 3, 9, 12))
    case = perform(town, case, "reassign", by=town.tang.holder, at=local(2026, 3, 9, 13))
    assert last_line(case).facts["calendar"] == newer
    assert_columns_fit(case)


def test_a_limit_changed_by_the_district_changes_no_promise_that_was_made(town: Town, limits: Any) -> None:
    case = dispatched(town, local(2026, 3, 9, 9))
    before = clocks_of(case)
    limits(feedback="1wd", dispatch="1ch", sign="10min")
    assert clocks_of(case) == before
    assert attempt(town, case, "extend", by=town.zhao.holder, at=after(case), limit="7nd") == ""


# --- pure, without a case ---


def event(act: str, at: datetime, **facts: Any) -> Event:
    return Event(f"case.{act}", at, facts)


def counted(*history: Event) -> CaseClock:
    calendar = current_calendar()
    return case_clock(history, lambda number: calendar)


def test_clocks_need_nothing_but_a_history_and_calendars(db: None) -> None:
    start = local(2026, 3, 9, 9)
    hand_over = {
        "leg": 1, "unit": "x", "calendar": 1, "sign_limit": "1wd", "contact_limit": "24ch",
        "feedback_limit": "3wd",
    }  # fmt: skip
    told = [
        event(
            "registered", start, dispatch_limit="24ch", calendar=1, external_due=iso_utc(local(2026, 3, 11))
        ),
        event("classified", start + timedelta(minutes=5), dispatch_limit="2ch"),
        event("dispatched", start + timedelta(minutes=30), **hand_over),
    ]
    clock = counted(*told)
    assert clock.dispatch.due_at == start + timedelta(hours=2)
    assert clock.dispatch.met_at == start + timedelta(minutes=30)
    assert clock.feedback is not None
    assert clock.feedback.due_at == local(2026, 3, 11)
    assert clock.feedback.reckoning.due_at == local(2026, 3, 12, 17, 30)
    with pytest.raises(ValueError, match="no leg 2"):
        leg_clock(told, 2, lambda number: current_calendar())


def test_a_withdrawn_or_merged_case_owes_nothing_more(db: None) -> None:
    start = local(2026, 3, 9, 9)
    for end in ("withdrawn", "merged"):
        clock = counted(
            event("registered", start, dispatch_limit="24ch", calendar=1),
            event(end, start + timedelta(hours=1)),
        )
        assert clock.feedback is None
        assert not clock.dispatch.is_late(start + timedelta(days=30))
