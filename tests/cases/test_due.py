"""What falls due by the clock: done once however often it is asked for, and not a moment early."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from cases.acts import TIMETABLE, after, last_line, perform
from makers import LIN, make_case
from town import Town
from wangge.cases import due
from wangge.cases.access import requester_of
from wangge.cases.models import Case, Leg, Pause, Shelving
from wangge.cases.states import State
from wangge.foundation.journal.models import Line
from wangge.foundation.privacy.models import Look
from wangge.foundation.worktime.workcalendar import SHANGHAI

Work = Callable[[datetime], int]


def done_once(work: Work, at: datetime, cases: list[Case]) -> None:
    """Nothing a second before; all of them at the moment; nothing when it runs again."""
    assert work(at - timedelta(seconds=1)) == 0
    assert work(at) == len(cases)
    lines = Line.objects.count()
    assert work(at) == 0
    assert work(at + timedelta(minutes=5)) == 0
    assert Line.objects.count() == lines


def states(cases: list[Case]) -> set[str]:
    return set(Case.objects.filter(pk__in=[case.pk for case in cases]).values_list("state", flat=True))


def test_the_clock_signs_what_nobody_signed(town: Town) -> None:
    cases = [make_case(town, State.DISPATCHED) for _n in range(3)]
    others = [
        make_case(town, state) for state in (State.IN_PROGRESS, State.OBJECTION_REVIEW, State.TO_DISPATCH)
    ]
    before = states(others)
    done_once(due.sign_unsigned, max(case.leg.sign_due_at for case in cases), cases)
    assert states(cases) == {"in_progress"}
    assert states(others) == before
    line = last_line(cases[0])
    assert (line.act, line.actor_kind, line.actor_id) == ("case.auto_signed", "system", "timetable")


def test_a_pause_ends_when_it_was_planned_to_end(town: Town) -> None:
    cases = [make_case(town, State.PAUSED) for _n in range(2)]
    done_once(due.resume_paused, Pause.objects.latest("planned_end_at").planned_end_at, cases)
    assert states(cases) == {"in_progress"}
    assert not Pause.objects.filter(to_at=None).exists()


def test_a_shelved_case_is_taken_up_on_its_day(town: Town) -> None:
    case = make_case(town, State.SHELVED)
    forever = make_case(town, State.IN_PROGRESS)
    forever = perform(town, forever, "shelve", by=town.tang.holder, at=after(forever), resume_after_date=None)
    day = Shelving.objects.get(case=case).resume_after_date
    assert day == date(2026, 5, 5)
    midnight = datetime(2026, 5, 5, tzinfo=SHANGHAI)
    done_once(due.take_up_shelved, midnight, [case])
    assert states([case, forever]) == {"in_progress", "shelved"}


def test_feedback_nobody_must_check_passes_after_a_day(town: Town) -> None:
    plain = make_case(town, State.FEEDBACK_GIVEN)
    checked = make_case(town, State.FEEDBACK_GIVEN, matter="manhole", step=timedelta(minutes=1))
    sent = make_case(town, State.VERIFYING)
    done_once(due.pass_unchecked, plain.feedback_at + timedelta(hours=24), [plain])
    assert states([plain]) == {"callback_due"}
    assert states([checked, sent]) == {"feedback_given", "verifying"}


def test_what_ended_is_archived_after_thirty_days(town: Town) -> None:
    ended = [make_case(town, state) for state in (State.CLOSED, State.INFORMED, State.ANSWERED)]
    others = [make_case(town, state) for state in (State.WITHDRAWN, State.MERGED, State.IN_PROGRESS)]
    before = states(others)
    first = min(case.ended_at for case in ended)
    assert due.archive_ended(first + timedelta(days=30) - timedelta(seconds=1)) == 0
    last = max(case.ended_at for case in ended) + timedelta(days=30)
    assert due.archive_ended(last) == 3
    assert due.archive_ended(last) == 0
    assert states(ended) == {"archived"}
    assert states(others) == before


def test_a_case_reopened_in_time_is_not_archived(town: Town) -> None:
    case = make_case(town, State.CLOSED)
    perform(town, case, "reopen", by=requester_of(case), at=after(case, days=14))
    assert due.archive_ended(after(case, days=60)) == 0


def test_two_years_after_the_end_nobody_knows_who_asked(town: Town) -> None:
    case = make_case(town, State.CLOSED, by=town.lin.holder, channel="app")
    withdrawn = make_case(town, State.WITHDRAWN)
    running = make_case(town, State.IN_PROGRESS)
    anonymous = make_case(town, State.CLOSED, anonymous=True)
    at = max(one.ended_at for one in (case, withdrawn)) + timedelta(days=730)
    assert due.erase_identities(case.ended_at + timedelta(days=729)) == 0
    assert due.erase_identities(at) == 2
    assert due.erase_identities(at) == 0
    for one in (case, withdrawn):
        one.refresh_from_db()
        assert one.requester.erased_at == at
        assert not one.requester.name.unseal()
        assert one.requester.phone_masked == ""
        assert one.requester_user is None
        assert last_line(one).act == "identity.erased"
    running.refresh_from_db()
    assert running.requester.phone.unseal() == LIN.phone
    assert Case.objects.filter(pk=anonymous.pk, text=anonymous.text).exists()
    # Who had looked remains answerable.
    assert not Look.objects.exclude(reason="").exists()


@pytest.mark.parametrize("work", [due.archive_ended, due.erase_identities])
def test_long_queues_are_worked_off_to_the_end(town: Town, work: Callable[..., int]) -> None:
    cases = [make_case(town, State.INFORMED) for _n in range(5)]
    assert work(cases[-1].ended_at + timedelta(days=1000), batch=2) == 5


def test_short_work_is_done_batch_by_batch(town: Town) -> None:
    cases = [make_case(town, State.DISPATCHED) for _n in range(3)]
    at = max(case.leg.sign_due_at for case in cases)
    assert [due.sign_unsigned(at, batch=2) for _tick in range(3)] == [2, 1, 0]


def test_a_case_that_is_broken_does_not_keep_its_neighbours(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    broken, sound = make_case(town, State.PAUSED), make_case(town, State.PAUSED)
    # A row that lost its history: its clock cannot be counted.
    Case.objects.filter(pk=broken.pk).update(number="230717-20260306-99999")
    at = Pause.objects.latest("planned_end_at").planned_end_at
    with caplog.at_level(logging.ERROR, "wangge.cases.due"):
        assert due.resume_paused(at) == 1
    assert states([sound]) == {"in_progress"}
    assert states([broken]) == {"paused"}
    assert "230717-20260306-99999" in caplog.text


def test_what_somebody_moved_in_the_meantime_is_left_alone(town: Town) -> None:
    case = make_case(town, State.DISPATCHED)
    at = case.leg.sign_due_at
    seen = Case.objects.get(pk=case.pk)
    perform(town, case, "sign", by=town.wu.holder, at=at)
    assert due._each([seen], lambda one: due.auto_sign_case(by=TIMETABLE, case=one, at=at)) == 0
    assert Leg.objects.get(case=case).auto_signed is False
