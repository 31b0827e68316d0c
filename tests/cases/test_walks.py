"""No sequence of acts, by whomever and whenever, leads a case astray.

Random walks through the real acts on the real database: mostly what could be done next, now and then what
could not. After each step everything that must always hold is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

from cases.acts import ACTS, TIMETABLE, actor_for, filled_in, last_line, written
from cases.soundness import assert_sound
from cases.test_table import BY_HAND
from makers import make_case
from town import Town
from wangge.cases.clocks import CaseClock
from wangge.cases.models import CallbackAnswer, Case
from wangge.cases.queries import clocks_of
from wangge.cases.states import State
from wangge.foundation.journal.actors import Actor
from wangge.foundation.refusals import Refusal


@dataclass(frozen=True)
class Step:
    """One try: which of the acts (the legal ones first), by whom, how much later, and how answered."""

    pick: int
    minutes: int
    stray: bool
    person: int
    solved: str
    told: int


MINUTES = st.sampled_from([1, 20, 90, 60 * 9, 60 * 26, 60 * 24 * 8, 60 * 24 * 40])
STEPS = st.builds(
    Step,
    pick=st.integers(0, 1008).map(lambda n: n * 613 % 1009),  # small numbers come too often
    minutes=MINUTES,
    stray=st.integers(0, 6).map(lambda n: n == 0),
    person=st.integers(0, 1000),
    solved=st.sampled_from(["solved", "not_solved", "not_solved", "partly", ""]),
    told=st.integers(0, 3),
)
BEGINNINGS = st.fixed_dictionaries(
    {
        "state": st.sampled_from([State.REGISTERED, State.IN_PROGRESS, State.CALLBACK_DUE]),
        "matter": st.sampled_from(["lamp", "noise", "manhole", "pipe"]),
        "anonymous": st.booleans(),
        "confidential": st.booleans(),
        "request_type": st.sampled_from(["consult", "help", "component"]),
    }
)
SETTINGS: dict[str, Any] = {
    "deadline": None,
    # Every step is a walk to the database; making a failing walk shorter would take minutes.
    "phases": [Phase.explicit, Phase.generate],
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
}


@settings(max_examples=20, **SETTINGS)
@hypothesis_given(beginning=BEGINNINGS, steps=st.lists(STEPS, min_size=8, max_size=25))
def test_no_walk_leads_astray(town: Town, beginning: dict[str, Any], steps: list[Step]) -> None:
    walk(town, beginning, steps)


@pytest.mark.long
@settings(max_examples=400, **SETTINGS)
@hypothesis_given(beginning=BEGINNINGS, steps=st.lists(STEPS, min_size=8, max_size=60))
def test_no_long_walk_leads_astray(town: Town, beginning: dict[str, Any], steps: list[Step]) -> None:
    walk(town, beginning, steps)


def walk(town: Town, beginning: dict[str, Any], steps: list[Step]) -> None:
    with transaction.atomic():
        case = make_case(town, **beginning, step=timedelta(minutes=1))
        for step in steps:
            case = go(town, case, step)
        transaction.set_rollback(True)


def go(town: Town, case: Case, step: Step) -> Case:
    act, by = chosen(town, case, step)
    at = last_line(case).at + timedelta(minutes=step.minutes)
    given = filled_in(town, case, act, at, words(step, act))
    before, clock, answers = written(case), clocks_of(case).case, answers_of(case)
    stable = (case.channel, case.first_unit_id, case.registered_at)
    note(f"{case.state}: {act} by {by.post_label or by.kind} at {at}")
    try:
        case = ACTS[act][0](by=by, case=case, at=at, **given)
    except Refusal:
        assert written(case) == before
        return case
    assert case.state in expected_targets(act, step, case)
    assert_sound(case)
    assert_monotone(clock, clocks_of(case).case, act)
    assert (case.channel, stable[1] and case.first_unit_id, case.registered_at) == stable
    assert answers_of(case)[: len(answers)] == answers
    return Case.objects.select_related("leg__unit", "lead_unit").get(pk=case.pk)


def chosen(town: Town, case: Case, step: Step) -> tuple[str, Actor]:
    legal = [act for act, (sources, _targets) in BY_HAND.items() if case.state in sources.split()]
    # The acts that end everything are taken seldom, or no walk would come far.
    legal = [act for act in legal if act not in {"merge", "withdraw"} or step.pick % 10 == 7] or legal
    acts = list(ACTS) if step.stray or not legal else legal
    act = acts[step.pick % len(acts)]
    if not step.stray:
        return act, actor_for(town, case, act)
    people: list[Actor] = [person.holder for person in town.people.values()]
    people += [TIMETABLE, actor_for(town, case, act)]
    return act, people[step.person % len(people)]


def words(step: Step, act: str) -> dict[str, Any]:
    """What is answered, where the answer decides."""
    if act == "call_back":
        reached = step.told > 0
        return {
            "reached": reached, "contacted": step.told != 2, "solved": step.solved if reached else "",
            "within_duty": step.told != 3,
        }  # fmt: skip
    if act == "rate":
        return {"contacted": step.told != 2, "solved": step.solved}
    if act == "extend":
        return {"limit": ["1ch", "2nd", "3wd", "30nd"][step.told]}
    if act == "assist":
        return {"finished": step.told == 0}
    return {}


def expected_targets(act: str, step: Step, case: Case) -> set[str]:
    targets = BY_HAND[act][1]
    if act == "withdraw" and case.requester_left:
        return set(BY_HAND["withdraw"][0].split())  # the danger is handled on
    return {case.state} if targets == "=" else set(targets.split())


def answers_of(case: Case) -> list[tuple[Any, ...]]:
    return list(CallbackAnswer.objects.filter(case=case).order_by("pk").values_list())


def assert_monotone(before: CaseClock, after: CaseClock, act: str) -> None:
    """Invariant 2: what was promised does not move back in time, and reassignment moves nothing."""
    kept = zip(before.rounds, after.rounds, strict=False)
    for earlier, later in kept:
        assert later.began_at == earlier.began_at
        assert later.limit == earlier.limit
        if earlier.due_at is not None and later.due_at is not None:
            assert later.due_at >= earlier.due_at
            if act in {"reassign", "object", "uphold", "assign_assist", "handle"}:
                assert later.due_at == earlier.due_at
    assert len(after.rounds) >= len(before.rounds)
    # The promise of an owner may only be made shorter, by finding out that it is urgent.
    for was, now in zip(before.dispatches, after.dispatches, strict=False):
        assert known(now.due_at) <= known(was.due_at)


def known(moment: datetime | None) -> datetime:
    assert moment is not None
    return moment
