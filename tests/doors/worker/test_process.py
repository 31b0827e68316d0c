"""The worker as a real process: it answers, runs jobs, stops when told, and may be killed at any moment."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

import town as places
from makers import make_case
from serving import Serving
from town import Town, recently
from wangge.cases.intake import Place, register_case
from wangge.cases.models import Case
from wangge.cases.states import State
from wangge.foundation.journal.models import Checkpoint, Wakeup
from wangge.foundation.notices.models import Notice
from wangge.foundation.worktime.clock import now

PATIENCE = 60.0


def soon(what: Callable[[], bool], said: str, worker: Serving) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if what():
            return
        time.sleep(0.05)
    raise AssertionError(f"{said} did not happen:\n{worker.log()[-3000:]}")


def stalled_job(task: str) -> int:
    """A job that a worker took and did not live to finish."""
    job = app.configure_task(task).defer()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s) RETURNING id",
            [now() - timedelta(minutes=10)],
        )
        (worker,) = cursor.fetchone()
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s, attempts = 1 WHERE id = %s",
            [worker, job],
        )
    return job


@pytest.mark.django_db(transaction=True)
def test_it_answers_keeps_the_timetable_runs_jobs_and_stops_when_told(town: Town, serving: Serving) -> None:
    late = make_case(town, State.DISPATCHED, at=now() - timedelta(days=20), by=town.lin.holder, channel="app")
    dead = stalled_job("sweep_photos")
    serving.start_worker()

    soon(lambda: not Wakeup.objects.exists(), "answering every wake-up", serving)
    assert Notice.objects.filter(template="case.received", about_id=late.number).count() == 2
    soon(lambda: Case.objects.get(pk=late.pk).state == State.IN_PROGRESS, "signing by the clock", serving)
    soon(Checkpoint.objects.exists, "sealing the journal", serving)
    soon(
        lambda: ProcrastinateJob.objects.get(pk=dead).status == "succeeded",
        "taking up the stalled job",
        serving,
    )
    process = serving.processes["worker"]
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0, serving.log()
    assert "worker is down" in serving.log()
    assert "Traceback" not in serving.log()


@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_it_leaves_all_that_was_not_answered_to_the_next(
    town: Town, serving: Serving
) -> None:
    count = 80
    at = recently()
    for n in range(count):
        register_case(
            by=town.lin.holder, at=at, text=f"第{n}盏路灯不亮。", place=Place(places.GRID), channel="app"
        )
    serving.start_worker()
    soon(Notice.objects.exists, "the first notice", serving)
    serving.kill("worker")
    with connection.cursor() as cursor:  # in one statement: a commit on its way may still arrive
        cursor.execute(
            "SELECT (SELECT count(*) FROM journal_wakeup)"
            " + (SELECT count(*) FROM notices_notice WHERE recipient_kind = 'user')"
        )
        assert cursor.fetchone() == (count,)  # answered and gone, or not answered at all

    serving.start_worker()
    soon(lambda: not Wakeup.objects.exists(), "answering what was left", serving)
    for kind in ("user", "requester"):
        assert Notice.objects.filter(recipient_kind=kind, template="case.received").count() == count
    assert not Wakeup.objects.filter(attempts__gt=0).exists()
