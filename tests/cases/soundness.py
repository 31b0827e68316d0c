"""What holds of every case at every moment (domain notes §14, as far as it touches cases)."""

from __future__ import annotations

from datetime import datetime

from wangge.cases.history import events_of, replay
from wangge.cases.models import CallbackAnswer, Case, CaseNote, Leg
from wangge.cases.queries import clocks_of
from wangge.cases.states import AT_DESK, STANDING, WITH_UNIT, State
from wangge.foundation.journal.hashing import salted_digest
from wangge.foundation.journal.models import Line
from wangge.foundation.journal.queries import lines_of

HAS_LEAD = WITH_UNIT | {State.FEEDBACK_GIVEN, State.VERIFYING, State.CALLBACK_DUE}


def assert_sound(case: Case) -> None:
    case = Case.objects.select_related("leg__unit", "lead_unit").get(pk=case.pk)
    lines = list(lines_of(case.subject))
    assert_history_tells_the_state(case, lines)
    assert_one_lead(case, lines)
    assert_closed_by_others(case, lines)
    assert_shelved_is_not_solved(case, lines)
    assert_notes_unchanged(case, lines)
    assert_columns_fit(case)


def stood_since(case: Case) -> datetime:
    stands = case.pauses if case.state == State.PAUSED else case.shelvings
    return stands.get(to_at=None).from_at


def assert_columns_fit(case: Case) -> None:
    case = Case.objects.select_related("leg__unit").get(pk=case.pk)
    clocks = clocks_of(case)
    assert case.dispatch_due_at == clocks.case.dispatch.due_at
    feedback = clocks.case.feedback
    if case.leg is None:
        assert feedback is None
        assert case.feedback_due_at is None
    if case.leg is not None:
        leg = clocks.leg
        assert leg is not None
        assert leg.unit == case.leg.unit.code
        assert case.leg.sign_due_at == leg.sign.due_at
        assert case.leg.contact_due_at == leg.contact.due_at
        if case.state in WITH_UNIT:
            assert feedback is not None
            if case.state not in STANDING:
                assert feedback.due_at is not None
            elif feedback.due_at is not None:
                # It was late already: no pause brings back what had run out.
                assert feedback.due_at <= stood_since(case)
        if case.state not in STANDING:
            assert case.leg.feedback_due_at == leg.feedback.due_at
            assert case.feedback_due_at in (None, feedback and feedback.due_at)
        if case.leg.feedback_at is not None:
            assert leg.feedback.met_at == case.leg.feedback_at
    if case.state in AT_DESK:
        assert case.due_at == clocks.case.dispatch.due_at
        assert clocks.case.dispatch.met_at is None
    else:
        assert clocks.case.dispatch.met_at is not None


def assert_history_tells_the_state(case: Case, lines: list[Line]) -> None:
    assert replay(events_of(lines)) == case.state
    assert [line.seq for line in lines] == list(range(1, len(lines) + 1))
    assert case.version == sum(line.act.startswith("case.") for line in lines)


def assert_one_lead(case: Case, lines: list[Line]) -> None:
    """Invariant 1: exactly one lead while a unit has the case, and none is left over when none has."""
    under_way = list(Leg.objects.filter(case=case, ended_at=None).select_related("unit"))
    if case.state in HAS_LEAD:
        assert [leg.unit for leg in under_way] == [case.lead_unit]
        assert case.leg in under_way
    else:
        assert not under_way
    handed = [line.facts["unit"] for line in lines if line.act in {"case.dispatched", "case.reassigned"}]
    assert (case.lead_unit.code if case.lead_unit else None) == (handed[-1] if handed else None)
    assert (case.first_unit.code if case.first_unit else None) == (handed[0] if handed else None)


def assert_closed_by_others(case: Case, lines: list[Line]) -> None:
    """Invariants 3 and 4: no end without asking, and nobody of a unit that had a part does the asking."""
    codes = set(Leg.objects.filter(case=case).values_list("unit__code", flat=True))
    codes |= set(case.assists.values_list("unit__code", flat=True))
    for line in lines:
        if line.act == "case.called_back":
            assert line.post_label.split("/")[0] not in codes
        if line.facts.get("to") == State.CLOSED:
            assert line.act in {"case.called_back", "case.rated"}
    if case.state in {State.CLOSED} or (case.state == State.ARCHIVED and case.outcome):
        answers = CallbackAnswer.objects.filter(case=case, round=1 + case.redos + case.reopenings)
        assert answers.filter(reached=True).exists() or answers.dates("at", "day").count() >= 3
        assert (case.outcome == "unreachable") == (not answers.filter(reached=True).exists())


def assert_shelved_is_not_solved(case: Case, lines: list[Line]) -> None:
    """Invariant 7."""
    words = [line.act for line in lines]
    given_up = "case.shelving_ended" in words and "case.reopened" not in words
    if case.state == State.SHELVED:
        assert not case.outcome
        assert case.ended_at is None
    if given_up:
        assert case.outcome in {"explained", "unreachable"} or case.state == State.WITHDRAWN


def assert_notes_unchanged(case: Case, lines: list[Line]) -> None:
    """Every note of a line is there as it was written: the journal holds its digest."""
    digests = {line.facts["note"]: line.facts["digest"] for line in lines if line.facts.get("note")}
    for note in CaseNote.objects.filter(case=case):
        assert note.digest == salted_digest(note.text, note.salt) == digests[note.pk]
