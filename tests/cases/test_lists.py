"""Lists: pages that lose and double nothing, filters, queues, the timeline, the moves one may make."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import town as places
from cases.acts import after, attempt, case_in, perform
from makers import make_case
from town import MORNING, Town
from wangge.cases.access import cases_for, requester_of, visibility
from wangge.cases.models import Case
from wangge.cases.queries import (
    Filters,
    answered,
    counts_by_state,
    due_soonest,
    filtered,
    moves_for,
    page_of,
    queue_for,
    timeline,
)
from wangge.cases.states import MOVES, State
from wangge.foundation.journal.actors import Actor

COUNT = 23


def many(town: Town, count: int = COUNT) -> None:
    """Rows to page through; a list cares for nothing but that they are there."""
    Case.objects.bulk_create(
        Case(
            number=f"230717-20260306-{n:05d}", salt="x", request_type="help", channel="app", title=str(n),
            text=str(n), area_code=places.GRID, district=places.DISTRICT, state=State.REGISTERED,
            registered_at=MORNING, dispatch_due_at=MORNING,
        )
        for n in range(1, count + 1)
    )  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(size=st.integers(1, COUNT + 2), keep=st.sets(st.integers(1, COUNT)))
def test_pages_forwards_and_back_are_the_whole_list(town: Town, size: int, keep: set[int]) -> None:
    if not Case.objects.exists():
        many(town)
    cases = Case.objects.filter(title__in=[str(n) for n in keep])
    whole = list(cases.order_by("-pk"))
    pages = [page_of(cases, size=size)]
    assert pages[0].newer_than is None
    while pages[-1].older_than is not None:
        pages.append(page_of(cases, size=size, before=pages[-1].older_than))
        assert len(pages) <= COUNT + 1
    assert [case for page in pages for case in page.cases] == whole
    assert all(len(page.cases) == size for page in pages[:-1])

    back = [pages[-1]]
    while back[-1].newer_than is not None:
        back.append(page_of(cases, size=size, after=back[-1].newer_than))
        assert len(back) <= COUNT + 1
    assert [case for page in reversed(back) for case in page.cases] == whole
    assert back[-1].newer_than is None


def test_a_page_past_either_end_is_empty_and_leads_nowhere(town: Town) -> None:
    many(town, 3)
    first, last = Case.objects.order_by("pk").first(), Case.objects.order_by("pk").last()
    assert first is not None
    assert last is not None
    below = page_of(Case.objects.all(), before=first.pk)
    above = page_of(Case.objects.all(), after=last.pk)
    for page in (below, above):
        assert (page.cases, page.older_than, page.newer_than) == ([], None, None)


# --- filters ---


def test_lists_are_narrowed_to_what_is_asked_for(town: Town) -> None:
    lamp = make_case(town, State.IN_PROGRESS)
    pipe = make_case(town, State.TO_DISPATCH, matter="pipe", priority="urgent", area_code=places.NEXT_GRID)
    app = make_case(town, by=town.lin.holder, channel="app")
    closed = make_case(town, State.CLOSED)

    def found(**told: Any) -> set[Case]:
        return set(filtered(Case.objects.all(), Filters(**told), MORNING))

    assert found() == {lamp, pipe, app, closed}
    assert found(states=("in_progress", "to_dispatch")) == {lamp, pipe}
    assert found(open_only=True) == {lamp, pipe, app}
    assert found(channel="app") == {app}
    assert found(category="water_sewer") == {pipe}
    assert found(priority="urgent") == {pipe}
    assert found(unit="230717.urban_management") == {lamp, closed}
    assert found(area=places.DISTRICT) == {lamp, pipe, app, closed}
    assert (
        found(area=places.NEXT_STREET)
        == found(area=places.NEXT_COMMUNITY)
        == found(area=places.NEXT_GRID)
        == {pipe}
    )
    assert found(area="2307") == set()
    assert found(channel="app", priority="urgent") == set()


def test_overdue_is_a_deadline_that_has_passed_and_still_runs(town: Town) -> None:
    cases = {
        state: make_case(town, state)
        for state in (
            State.SCREENING, State.IN_PROGRESS, State.PAUSED, State.SHELVED, State.FEEDBACK_GIVEN,
            State.CLOSED,
        )
    }  # fmt: skip
    later = MORNING + timedelta(days=400)
    listed = set(filtered(Case.objects.all(), Filters(overdue=True), later))
    assert listed == {cases[State.SCREENING], cases[State.IN_PROGRESS]}
    assert {case for case in cases.values() if case.is_overdue(later)} == listed
    assert not filtered(Case.objects.all(), Filters(overdue=True), after(cases[State.CLOSED])).exists()


def test_no_filter_disturbs_the_database(town: Town) -> None:
    make_case(town)
    for field in ("states", "channel", "category", "priority", "area", "unit", "words"):
        for value in ("\x00", "'", "\\", "%", "_", "\ud7ff", "x" * 5000, "1\x00"):
            told: dict[str, Any] = {field: (value,) if field == "states" else value}
            assert not filtered(Case.objects.all(), Filters(**told), MORNING).exists(), told


def test_cases_with_no_date_come_last_where_the_soonest_are_first(town: Town) -> None:
    fresh, running = make_case(town), make_case(town, State.IN_PROGRESS)
    urgent = make_case(town, State.IN_PROGRESS, matter="pipe", priority="urgent")
    assert list(due_soonest(Case.objects.all())) == [urgent, running, fresh]
    assert counts_by_state(Case.objects.all()) == {"registered": 1, "in_progress": 2}


# --- queues ---


def test_a_queue_holds_what_waits_for_the_post(town: Town) -> None:
    for state in State:
        make_case(town, state)

    def waits(name: str) -> set[str]:
        return set(queue_for(town.people[name].holder).values_list("state", flat=True))

    desk = {"registered", "screening", "to_dispatch"}
    assert waits("chen") == desk | {"feedback_given", "verifying"}
    assert waits("tang") == {"objection_review", "feedback_given", "verifying", "paused"}
    assert waits("fang") == {"callback_due"}
    assert waits("xu") == desk | {"dispatched", "in_progress"}
    assert waits("wu") == {"dispatched", "in_progress", "objection_review"}
    assert waits("zhou") == {"verifying"}
    assert waits("he") == set()  # nothing here is led by the committee
    assert waits("lei") == waits("bai") == set()


def test_a_unit_asked_to_assist_finds_it_in_its_queue_until_it_is_done(town: Town) -> None:
    case = make_case(town, State.IN_PROGRESS)
    case = perform(town, case, "assign_assist", by=town.wu.holder, at=after(case))
    assert list(queue_for(town.lu_civil.holder)) == [case]
    perform(town, case, "assist", by=town.lu_civil.holder, at=after(case))
    assert not queue_for(town.lu_civil.holder).exists()


# --- the timeline ---


def test_a_timeline_takes_four_statements_however_long_it_is(town: Town) -> None:
    short, long = make_case(town, State.SCREENING), make_case(town, State.ARCHIVED)
    counts = []
    for case in (short, long):
        with CaptureQueriesContext(connection) as asked:
            entries = timeline(case, visibility(town.chen.holder, case), by=town.chen.holder)
            for entry in entries:
                assert entry.label
                assert entry.who
        counts.append(len(asked))
    assert counts == [4, 4]


def test_a_timeline_tells_body_and_role_and_never_a_person(town: Town) -> None:
    case = make_case(town, State.CLOSED)
    entries = timeline(case, visibility(town.chen.holder, case), by=town.chen.holder)
    assert [entry.act for entry in entries][:3] == [
        "case.registered",
        "case.screening_started",
        "case.classified",
    ]
    names = {person.username for person in town.people.values()}
    assert not any(name in entry.who for entry in entries for name in names)
    assert any("伊美区城市管理综合执法局" in entry.who or "Urban" in entry.who for entry in entries)


# --- moves ---


def offered(case: Case, by: Actor) -> dict[str, str]:
    """act: "" if it may be made now, else why not."""
    return {option.act: option.verdict.code for option in moves_for(case, by, after(case))}


def test_a_clerk_is_offered_the_moves_of_the_post_and_told_why_some_cannot_be_made(town: Town) -> None:
    case = make_case(town, State.SCREENING)
    moves = offered(case, town.chen.holder)
    assert moves["classify"] == moves["inform"] == ""
    assert moves["dispatch"] == "wrong_state"
    assert "sign" not in moves
    assert "archive" not in moves
    assert list(moves) == [act for act in MOVES if act in moves]
    assert all(
        str(option.verdict.reason)
        for option in moves_for(case, town.chen.holder, after(case))
        if option.verdict.code
    )


def test_moves_and_acts_give_the_same_answer(town: Town) -> None:
    for state in (State.IN_PROGRESS, State.CALLBACK_DUE):
        case = case_in(town, state, by=town.lin.holder, channel="app")
        for name in ("lin", "zhou", "he", "xu", "zhao", "wu", "feng", "chen", "tang", "fang", "bai"):
            by = town.people[name].holder
            for act, code in offered(case, by).items():
                assert attempt(town, case, act, by=by, at=after(case)) == code, (name, act)


def test_a_requester_is_offered_what_is_theirs(town: Town) -> None:
    case = make_case(town, State.CALLBACK_DUE, by=town.lin.holder, channel="app")
    for by in (town.lin.holder, requester_of(case)):
        moves = offered(case, by)
        assert set(moves) == {"ask_review", "rate", "reopen", "withdraw"}
        assert moves["rate"] == moves["withdraw"] == ""
    case = perform(town, case, "rate", by=town.lin.holder, at=after(case), solved="partly")
    assert answered(case)
    assert offered(case, town.lin.holder)["rate"] == "one_answer"
    assert offered(case, town.qin.holder)["rate"] == "not_requester"


def test_pages_list_what_the_post_may_see_at_a_fixed_price(town: Town) -> None:
    many(town)
    with CaptureQueriesContext(connection) as asked:
        page = page_of(cases_for(town.chen.holder), size=10)
        assert [case.lead_unit for case in page.cases] == [None] * 10
    assert len(asked) == 1
