"""Several at once, on connections of their own: one request, one number, one act."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

import town as places
from cases.acts import TIMETABLE, after, perform
from makers import LIN, TEXT, make_case, make_photo
from town import MORNING, Town
from wangge.cases.intake import KeyUsedForAnother, Place, register_case
from wangge.cases.models import Case
from wangge.cases.moves import StaleCase, begin
from wangge.cases.states import State
from wangge.cases.words import Channel
from wangge.foundation.files.actions import store_photo
from wangge.foundation.journal.models import Line
from wangge.foundation.journal.queries import lines_of
from wangge.foundation.journal.verifying import verify_journal
from wangge.foundation.refusals import Refusal

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """Start all acts at the same moment, each on its own connection; their answers or refusals."""
    gate = threading.Barrier(len(acts))

    def one(act: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            gate.wait(20)
            return act()
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


def register(town: Town, **told: Any) -> Any:
    given: dict[str, Any] = {
        "by": town.lin.holder, "at": MORNING, "text": TEXT, "place": Place(places.GRID), "contact": LIN,
        "channel": Channel.APP,
    }  # fmt: skip
    return register_case(**{**given, **told})


def test_twelve_hands_on_one_button_make_one_case(town: Town) -> None:
    made = at_once([lambda: register(town, client_key="form-1")] * 12)
    assert {one.case.number for one in made} == {made[0].case.number}
    assert sorted(one.created for one in made) == [False] * 11 + [True]
    assert Case.objects.count() == 1
    assert lines_of(made[0].case.subject).count() == 1


def test_of_twelve_different_requests_with_one_key_one_is_taken(town: Town) -> None:
    acts = [lambda n=n: register(town, client_key="form-1", text=f"第{n}件事。") for n in range(12)]
    made = at_once(acts)
    assert sum(isinstance(one, KeyUsedForAnother) for one in made) == 11
    assert Case.objects.count() == Line.objects.filter(act="case.registered").count() == 1


def test_a_work_order_pushed_twelve_times_is_one_case(town: Town) -> None:
    told = {"by": town.chen.holder, "channel": Channel.HOTLINE_12345, "external_no": "SX-1"}
    made = at_once([lambda: register(town, **told)] * 12)
    assert len({one.case.pk for one in made}) == Case.objects.count() == 1


def test_numbers_given_at_once_are_all_different(town: Town) -> None:
    made = at_once([lambda: register(town)] * 12)
    numbers = {one.case.number for one in made}
    assert numbers == {f"230717-20260306-{n:05d}" for n in range(1, 13)}
    assert verify_journal().sound


def test_nobody_waits_for_a_number_until_somebody_elses_request_is_kept(town: Town) -> None:
    """The first request is held up inside its transaction; the second gets its number meanwhile."""
    writing, go_on = threading.Event(), threading.Event()

    def held_up(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if sql.startswith('INSERT INTO "cases_case"'):
            writing.set()
            assert go_on.wait(20)
        return result

    def slow() -> Any:
        with connection.execute_wrapper(held_up):
            return register(town)

    def quick() -> Any:
        assert writing.wait(20)
        try:
            return register(town)
        finally:
            go_on.set()

    first, second = at_once([slow, quick])
    assert first.case.number.endswith("00001")
    assert second.case.number.endswith("00002")
    assert second.case.pk != first.case.pk


def test_registering_takes_twelve_statements_at_most(town: Town) -> None:
    """BEGIN and COMMIT included, with a photo and a contact, once what never changes is in memory."""
    register(town)
    photo = store_photo(make_photo(), at=MORNING)
    with CaptureQueriesContext(connection) as taken:
        made = register(
            town, by=town.chen.holder, channel=Channel.HOTLINE_12345, photos=[photo], client_key="form-1",
            external_no="SX-2",
        )  # fmt: skip
    assert made.created
    statements = [query["sql"] for query in taken.captured_queries]
    assert statements.count("BEGIN") == statements.count("COMMIT") == 1
    assert len(statements) <= 12, "\n".join(statement[:100] for statement in statements)


# --- two clerks ---


def test_of_two_clerks_who_press_at_once_one_acts_and_one_is_told(town: Town) -> None:
    case = make_case(town, State.SCREENING)
    at = after(case)

    def classify(name: str) -> Callable[[], Any]:
        mine = Case.objects.get(pk=case.pk)
        by = town.people[name].holder
        return lambda: perform(town, mine, "classify", by=by, at=at)

    done = at_once([classify("chen"), classify("xu")])
    stale = [one for one in done if isinstance(one, StaleCase)]
    acted = [one for one in done if isinstance(one, Case)]
    assert len(stale) == len(acted) == 1
    assert stale[0].last_act == "case.classified"
    assert stale[0].last_at == at
    assert "To be dispatched" in str(stale[0]) or "待派单" in str(stale[0])
    assert [line.act for line in lines_of(case.subject)].count("case.classified") == 1
    assert Case.objects.get(pk=case.pk).version == case.version + 1


def test_many_clerks_at_once_make_one_dispatch(town: Town) -> None:
    case = make_case(town, State.TO_DISPATCH)
    at = after(case)
    mine = [Case.objects.get(pk=case.pk) for _clerk in range(6)]
    done = at_once(
        [lambda one=one: perform(town, one, "dispatch", by=town.chen.holder, at=at) for one in mine]
    )
    assert sum(isinstance(one, Case) for one in done) == 1
    assert sum(isinstance(one, StaleCase) for one in done) == 5
    assert case.legs.count() == 1


def test_the_clock_and_the_unit_do_not_both_sign(town: Town) -> None:
    case = make_case(town, State.DISPATCHED)
    due = case.leg.sign_due_at
    done = at_once(
        [
            lambda: perform(town, case, "auto_sign", by=TIMETABLE, at=due),
            lambda: perform(town, case, "sign", by=town.wu.holder, at=due),
        ]
    )
    assert sum(isinstance(one, Case) for one in done) == 1
    words = [line.act for line in lines_of(case.subject)]
    assert words.count("case.signed") + words.count("case.auto_signed") == 1


def test_two_clerks_who_merge_crosswise_do_not_stand_in_each_others_way(town: Town) -> None:
    one, two = make_case(town, State.SCREENING), make_case(town, State.SCREENING)
    at = after(two)
    done = at_once(
        [
            lambda: perform(town, one, "merge", by=town.chen.holder, at=at, into=two),
            lambda: perform(town, two, "merge", by=town.xu.holder, at=at, into=one),
        ]
    )
    assert sum(isinstance(each, Case) for each in done) == 1
    assert [each.code for each in done if isinstance(each, Refusal)] == ["ended"]
    assert Case.objects.filter(state=State.MERGED).count() == 1


def test_what_is_stale_writes_nothing(town: Town) -> None:
    case = make_case(town, State.IN_PROGRESS)
    seen = Case.objects.get(pk=case.pk)
    perform(town, case, "handle", by=town.wu.holder, at=after(case))
    with transaction.atomic(), pytest.raises(StaleCase) as refusal:
        perform(town, seen, "feed_back", by=town.wu.holder, at=after(case))
    assert refusal.value.case.version == seen.version + 1
    assert [note.kind for note in case.notes.all()] == ["work"]


def test_an_act_runs_inside_a_transaction_or_not_at_all(town: Town) -> None:
    case = make_case(town, State.PAUSED)
    with pytest.raises(RuntimeError, match="atomic"):
        begin(case=case, act="resume", by=town.tang.holder, at=after(case), seen_version=case.version)
