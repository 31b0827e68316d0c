"""What the hour brings: each entry when it is due, by one worker, whatever its neighbours do."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from makers import make_case
from town import MORNING, Town
from wangge.cases.models import Case
from wangge.cases.states import State
from wangge.doors.worker.models import TimetableRun
from wangge.doors.worker.reactions import react
from wangge.doors.worker.timetable import ENTRIES, TimetableEntry, tick
from wangge.foundation.journal.wakeups import drain
from wangge.foundation.notices.models import Notice

MINUTE = timedelta(minutes=1)


def counting(name: str = "count", every: timedelta = MINUTE) -> tuple[TimetableEntry, list[datetime]]:
    ran: list[datetime] = []

    def work(at: datetime) -> int:
        ran.append(at)
        return 7

    return TimetableEntry(name, every, work), ran


def test_an_entry_runs_when_its_time_has_passed(db: None) -> None:
    entry, ran = counting()
    assert tick(MORNING, [entry]) == ["count"]
    assert tick(MORNING + MINUTE - timedelta(seconds=1), [entry]) == []
    assert tick(MORNING + MINUTE, [entry]) == ["count"]
    assert ran == [MORNING, MORNING + MINUTE]
    row = TimetableRun.objects.get(name="count")
    assert (row.last_run_at, row.last_count, row.last_failure) == (MORNING + MINUTE, 7, "")


def test_an_entry_that_fails_keeps_no_other_from_its_hour(db: None) -> None:
    def fails(at: datetime) -> int:
        TimetableRun.objects.create(name="half done")
        raise ValueError("secret words")

    entry, ran = counting()
    assert tick(MORNING, [TimetableEntry("fails", MINUTE, fails), entry]) == ["fails", "count"]
    assert ran == [MORNING]
    assert not TimetableRun.objects.filter(name="half done").exists()
    assert TimetableRun.objects.get(name="fails").last_failure == "ValueError"
    # Its next try is its next hour; when it is well again, the failure is forgotten.
    well, _ran = counting("fails")
    assert tick(MORNING + MINUTE, [well]) == ["fails"]
    assert TimetableRun.objects.get(name="fails").last_failure == ""


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_one_runs_an_entry() -> None:
    gate, ran = threading.Barrier(2), []

    def slow(at: datetime) -> int:
        ran.append(at)
        threading.Event().wait(0.3)
        return 1

    entry = TimetableEntry("slow", MINUTE, slow)

    def ticker(_number: int) -> list[str]:
        try:
            connection.ensure_connection()
            gate.wait(20)
            return tick(MORNING, [entry])
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(ticker, range(2))) == [[], ["slow"]]
    assert ran == [MORNING]
    assert tick(MORNING, [entry]) == []


def test_every_entry_of_the_timetable_runs(town: Town) -> None:
    assert set(tick(MORNING)) == {entry.name for entry in ENTRIES}
    assert len({entry.name for entry in ENTRIES}) == len(ENTRIES)
    assert not TimetableRun.objects.exclude(last_failure="").exists()
    assert tick(MORNING) == []


def test_slow_work_is_handed_over_once_until_it_is_done(db: None) -> None:
    names = {
        "seal_journal", "archive_ended", "erase_identities", "clear_sessions", "sweep_exports",
        "tidy_imports", "sweep_photos", "sweep_events", "sweep_api_answers", "end_spent_subscriptions",
        "rescue_stalled_jobs", "remove_finished_jobs",
    }  # fmt: skip
    for days in range(3):
        tick(MORNING + timedelta(days=days))
    assert sorted(ProcrastinateJob.objects.values_list("task_name", flat=True)) == sorted(names)
    assert not TimetableRun.objects.exclude(last_failure="").exists()


def test_what_is_due_is_done_at_a_tick(town: Town) -> None:
    unsigned, paused = make_case(town, State.DISPATCHED), make_case(town, State.PAUSED)
    at = MORNING + timedelta(days=5)
    drain(react, at=at)
    tick(at)
    assert set(Case.objects.filter(pk__in=[unsigned.pk, paused.pk]).values_list("state", flat=True)) == {
        "in_progress"
    }
    assert Notice.objects.exists()
    assert not Notice.objects.filter(delivered_at=None, deliver_at__lte=at).exists()
