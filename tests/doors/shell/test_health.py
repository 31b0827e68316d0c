"""What the machines are told: alive, ready, and how far the worker is behind."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client

from database import as_owner
from town import Town
from wangge.doors.shell import health
from wangge.foundation.journal.models import Line, Wakeup
from wangge.foundation.worktime import clock


def test_a_living_process_says_so_without_asking_the_database(pages: Client, django_assert_num_queries):
    answer = pages.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_a_migrated_database_and_a_quiet_worker_are_ready(town: Town, pages: Client):
    told = pages.get("/readyz")
    assert told.status_code == 200
    assert told.json()["migrations"] == "ok"
    assert told.json()["worker"] == {"status": "ok", "waiting": 0, "stuck": 0, "oldest_seconds": 0}


@pytest.mark.parametrize(("minutes", "status"), [(1, "ok"), (6, "behind")])
def test_a_worker_that_is_behind_is_told_and_does_not_close_the_pages(
    town: Town, pages: Client, minutes: int, status: str
):
    line = Line.objects.first()
    assert line is not None
    Wakeup.objects.create(line=line, not_before=clock.now() - timedelta(minutes=minutes))
    told = pages.get("/readyz")
    assert told.status_code == 200
    assert told.json()["worker"]["status"] == status
    assert told.json()["worker"]["waiting"] == 1


def test_tables_of_another_version_are_not_ready(transactional_db, pages: Client, monkeypatch):
    monkeypatch.setattr(health, "_migrated", False)  # as in a process that has just started
    with as_owner(settings.TEST_DATABASE) as owner:
        (gone,) = owner.execute(
            "DELETE FROM django_migrations WHERE app = 'sessions' RETURNING app, name, applied"
        ).fetchall()
        try:
            told = pages.get("/readyz")
        finally:
            owner.execute("INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)", gone)
    assert (told.status_code, told.json()["migrations"]) == (503, "behind")
    assert pages.get("/readyz").status_code == 200
