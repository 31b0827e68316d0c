"""What the database itself holds fast, and what stands in notes and lines."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from cases.acts import after, last_line, perform
from makers import LIN, make_case
from town import Town
from wangge.cases.models import Case, CaseNote, Leg
from wangge.cases.moves import Step, begin
from wangge.cases.states import State
from wangge.foundation.journal.models import Line
from wangge.foundation.journal.verifying import verify_journal

# --- rows no act would write, and the database refuses ---


@pytest.mark.parametrize(
    ("state", "change"),
    [
        (State.IN_PROGRESS, {"lead_unit": None}),
        (State.CALLBACK_DUE, {"leg": None}),
        (State.REGISTERED, {"state": State.DISPATCHED}),
        (State.REGISTERED, {"state": "lost"}),
        (State.IN_PROGRESS, {"state": State.WITHDRAWN}),
        (State.CLOSED, {"ended_at": None}),
        (State.CLOSED, {"outcome": ""}),
        (State.IN_PROGRESS, {"state": State.MERGED}),
        (State.MERGED, {"merged_into": None}),
        (State.REGISTERED, {"anonymous": True}),
    ],
)
def test_the_database_keeps_no_case_that_could_not_be(
    town: Town, state: State, change: dict[str, Any]
) -> None:
    case = make_case(town, state)
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(**change)


def test_no_case_is_merged_into_itself_and_no_two_have_one_number(town: Town) -> None:
    case, other = make_case(town, State.MERGED), make_case(town)
    for change in ({"merged_into": case}, {"number": other.number}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Case.objects.filter(pk=case.pk).update(**change)


def test_a_case_has_one_turn_one_pause_one_answer_at_a_time(town: Town) -> None:
    case = make_case(town, State.PAUSED)
    leg = case.leg
    leg.pk, leg.number = None, 2
    with pytest.raises(IntegrityError), transaction.atomic():
        leg.save()
    pause = case.pauses.get()
    pause.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        pause.save()
    answer = make_case(town, State.CLOSED).answers.get()
    answer.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        answer.save()
    assert Leg.objects.filter(case=case).count() == 1


def test_nobody_changes_or_removes_a_rating(town: Town) -> None:
    case = make_case(town, State.CLOSED)
    for statement in (
        "UPDATE cases_callbackanswer SET satisfaction = 'very_satisfied'",
        "DELETE FROM cases_callbackanswer",
    ):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert case.answers.get().satisfaction == "satisfied"


# --- notes ---


def test_phones_and_id_numbers_are_masked_in_notes_too(town: Town) -> None:
    case = make_case(town, State.IN_PROGRESS)
    case = perform(
        town, case, "handle", by=town.wu.holder, at=after(case),
        text="与林女士13800001234通话，身份证230702199001011239，邻居一三八零零零零五六七八也在。",
    )  # fmt: skip
    note = case.notes.get()
    assert note.text.startswith("与林女士138****1234通话")
    for secret in ("13800001234", "230702199001011239", "一三八零零零零五六七八"):
        assert secret not in note.text
    # Blanks and the one character the database cannot hold are left out, too long a text is refused.
    case = perform(town, case, "handle", by=town.wu.holder, at=after(case), text="  完\x00工 ")
    assert case.notes.latest("pk").text == "完工"


def test_the_phone_of_an_office_stays_where_the_requester_is_to_call_it(town: Town) -> None:
    advice = "请拨打区法院0458-3612345，或者找王法官13800001234、一三八零零零零五六七八。"
    case = make_case(town, State.SCREENING)
    case = perform(town, case, "inform", by=town.chen.holder, at=after(case), advice=advice)
    assert case.notes.get().text == "请拨打区法院0458-3612345，或者找王法官138****1234、138****5678。"
    case = make_case(town, State.SCREENING)
    case = perform(town, case, "classify", by=town.chen.holder, at=after(case), note=advice)
    assert "3612345" not in case.notes.get().text


def test_a_blank_remark_is_no_note(town: Town) -> None:
    case = make_case(town, State.SCREENING)
    case = perform(town, case, "classify", by=town.chen.holder, at=after(case), note="  ")
    assert not case.notes.exists()
    assert "note" not in last_line(case).facts


def test_no_free_text_and_no_identity_stands_in_any_line(town: Town) -> None:
    case = make_case(town, State.ARCHIVED, by=town.lin.holder, channel="app")
    notes = list(CaseNote.objects.filter(case=case).values_list("text", flat=True))
    assert len(notes) >= 2
    said = "".join(bytes(line.canonical).decode() for line in Line.objects.filter(subject_id=case.number))
    for secret in (*notes, case.text, case.title, case.place, LIN.name, LIN.phone, LIN.address):
        assert secret not in said
    assert verify_journal().sound


# --- acts ---


def test_an_act_writes_what_it_changed_and_nothing_else(town: Town) -> None:
    """Whatever else is put right in the row meanwhile, keys resealed for one, is not undone."""
    case = make_case(town, State.IN_PROGRESS)
    stale = Case.objects.get(pk=case.pk)
    Case.objects.filter(pk=case.pk).update(title="改过的标题")
    perform(town, stale, "handle", by=town.wu.holder, at=after(case))
    assert Case.objects.get(pk=case.pk).title == "改过的标题"


def test_an_act_leads_only_where_its_row_of_the_table_leads(town: Town) -> None:
    case = make_case(town, State.IN_PROGRESS)
    with transaction.atomic():
        step = begin(case=case, act="feed_back", by=town.wu.holder, at=after(case), seen_version=case.version)
        assert isinstance(step, Step)
        with pytest.raises(ValueError, match="does not lead"):
            step.done(to=State.CLOSED)
        transaction.set_rollback(True)
