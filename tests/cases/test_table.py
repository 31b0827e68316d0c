"""The table of moves, written down by hand from the domain notes (§4, "Legal transitions")."""

from __future__ import annotations

import pytest

from cases.acts import ACTS, TIMETABLE, actor_for, after, attempt, case_in, perform
from town import Town
from wangge.cases.history import events_of, replay
from wangge.cases.models import Assist, Case
from wangge.cases.states import ENDED, MOVE_OF, MOVES, OPEN, PAST, State, UnableToFollow, state_after
from wangge.foundation.journal.queries import lines_of

#: act: (states it starts in, states it may lead to); "=" stays where it is.
BY_HAND: dict[str, tuple[str, str]] = {
    "register": ("", "registered"),
    "start_screening": ("registered", "screening"),
    "inform": ("screening", "informed"),
    "ask_review": ("informed", "screening"),
    "answer": ("screening", "answered"),
    "classify": ("screening", "to_dispatch"),
    "merge": ("screening to_dispatch in_progress", "merged"),
    "dispatch": ("to_dispatch", "dispatched"),
    "sign": ("dispatched", "in_progress"),
    "auto_sign": ("dispatched", "in_progress"),
    "object": ("dispatched in_progress", "objection_review"),
    "uphold": ("objection_review", "in_progress"),
    "reassign": ("objection_review", "dispatched"),
    "handle": ("in_progress", "="),
    "assign_assist": ("in_progress", "="),
    # The notes name no state for assistance: whoever was asked may answer while the unit has the case.
    "assist": ("in_progress paused objection_review", "="),
    "pause": ("in_progress", "paused"),
    "resume": ("paused", "in_progress"),
    "extend": ("in_progress", "="),
    "shelve": ("in_progress", "shelved"),
    "reactivate": ("shelved", "in_progress"),
    "end_shelving": ("shelved", "callback_due"),
    "feed_back": ("in_progress", "feedback_given"),
    "verify": ("feedback_given", "verifying"),
    "pass": ("feedback_given verifying", "callback_due"),
    "reject_feedback": ("feedback_given verifying", "in_progress"),
    "rate": ("callback_due", "closed callback_due"),
    "call_back": ("callback_due", "closed in_progress callback_due"),
    "reopen": ("closed", "screening"),
    "archive": ("closed informed answered", "archived"),
    # Not in the notes: a record of another system that was over when it came in (tests/cases/test_taking_in).
    "end_elsewhere": ("registered", "archived"),
    "withdraw": (
        "registered screening to_dispatch dispatched objection_review in_progress paused shelved"
        " feedback_given verifying callback_due",
        "withdrawn",
    ),
}


def test_the_table_in_code_is_the_table_of_the_notes() -> None:
    assert {act: (set(move.sources), set(move.targets) or {"="}) for act, move in MOVES.items()} == {
        act: (set(sources.split()), set(targets.split())) for act, (sources, targets) in BY_HAND.items()
    }


def test_every_act_has_a_word_of_its_own_in_the_journal() -> None:
    assert PAST.keys() == MOVES.keys()
    assert len(set(PAST.values())) == len(PAST)


def test_every_act_of_the_table_can_be_performed() -> None:
    assert ACTS.keys() | {"register"} == MOVES.keys()


def test_ended_cases_are_not_open() -> None:
    assert {"informed", "answered", "closed", "archived", "withdrawn", "merged"} == ENDED
    assert set(State) == ENDED | OPEN
    assert not ENDED & OPEN


@pytest.mark.parametrize("state", list(State))
def test_in_each_state_exactly_the_acts_of_the_table_are_possible(town: Town, state: State) -> None:
    case = case_in(town, state)
    Assist.objects.create(case=case, unit=town.bodies["street"], asked_at=case.registered_at)
    outcome = {}
    for act in ACTS:
        at = after(case)
        if act == "auto_sign" and state == State.DISPATCHED:
            at = case.leg.sign_due_at
        if act == "archive":
            at = after(case, days=31)
        outcome[act] = attempt(town, case, act, by=actor_for(town, case, act), at=at)
    allowed = {act for act, code in outcome.items() if not code}
    expected = {act for act, (sources, _targets) in BY_HAND.items() if state in sources.split()}
    if state == State.FEEDBACK_GIVEN:
        assert not case.verification_required
    assert allowed == expected
    refused = {act: code for act, code in outcome.items() if code}
    # Before a unit has the case there is none for it to be wrong about.
    acceptable = {"wrong_state", "wrong_unit"} if case.lead_unit is None else {"wrong_state"}
    assert set(refused.values()) <= acceptable, refused


@pytest.mark.parametrize("act", [act for act in BY_HAND if act != "register"])
def test_an_act_leads_where_the_table_says_and_the_journal_says_so_too(town: Town, act: str) -> None:
    sources, targets = BY_HAND[act]
    for source in sources.split():
        case = case_in(town, source)
        if act == "assist":
            Assist.objects.create(case=case, unit=town.bodies["street"], asked_at=case.registered_at)
        at = {
            "auto_sign": lambda case=case: case.leg.sign_due_at,
            "archive": lambda case=case: after(case, days=31),
        }.get(act, lambda case=case: after(case))()
        version = case.version
        done = perform(town, case, act, by=actor_for(town, case, act), at=at)
        done.refresh_from_db()
        assert done.state in (set(targets.split()) if targets != "=" else {source})
        assert done.version == version + 1
        lines = list(lines_of(case.subject))
        assert lines[-1].act == f"case.{PAST[act]}"
        assert lines[-1].at == at
        assert replay(events_of(lines)) == done.state


def test_registering_is_the_first_act_and_happens_once() -> None:
    assert state_after(None, "case.registered", "registered") == State.REGISTERED
    with pytest.raises(UnableToFollow):
        state_after(State.REGISTERED, "case.registered", "registered")
    with pytest.raises(UnableToFollow):
        state_after(None, "case.signed", "in_progress")
    with pytest.raises(UnableToFollow):
        state_after(None, "identity.revealed", None)


@pytest.mark.parametrize("state", list(State))
def test_a_history_that_leaves_the_table_is_found(state: State) -> None:
    for word, act in MOVE_OF.items():
        if act == "register":
            continue
        sources, targets = BY_HAND[act]
        for target in State:
            fits = state in sources.split() and (targets == "=" or target in targets.split())
            if fits:
                assert state_after(state, word, target) == (state if targets == "=" else target)
            elif targets != "=":
                with pytest.raises(UnableToFollow):
                    state_after(state, word, target)


def test_where_an_act_may_lead_to_several_states_the_line_must_say_which() -> None:
    for word in ("case.rated", "case.called_back"):
        with pytest.raises(UnableToFollow):
            state_after(State.CALLBACK_DUE, word, None)
    assert state_after(State.DISPATCHED, "case.signed", None) == State.IN_PROGRESS


def test_words_that_are_no_moves_change_nothing() -> None:
    assert state_after(State.PAUSED, "identity.revealed", None) == State.PAUSED
    assert state_after(State.PAUSED, "case.requester_left", None) == State.PAUSED


def test_an_archived_case_changes_no_more(town: Town) -> None:
    case = case_in(town, State.ARCHIVED)
    for act in ACTS:
        for by in (actor_for(town, case, act), TIMETABLE, town.tang.holder):
            assert attempt(town, case, act, by=by, at=after(case, days=400)), act
    assert Case.objects.get(pk=case.pk).version == case.version
