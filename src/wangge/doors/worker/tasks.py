"""Slow work as jobs in the database (procrastinate). Each bears being run twice."""

from __future__ import annotations

import logging

from django.contrib.sessions.backends.db import SessionStore
from procrastinate import JobContext
from procrastinate.contrib.django import app

from wangge.cases import due
from wangge.foundation.files.actions import sweep_strays, sweep_unclaimed
from wangge.foundation.journal.sealing import seal_heads
from wangge.foundation.privacy.actions import forget_old_looks
from wangge.foundation.webhooks.actions import sweep as sweep_events
from wangge.foundation.worktime.clock import now

logger = logging.getLogger(__name__)

#: A worker says every few seconds that it lives; one that was silent for this long is dead.
SILENT_SECONDS = 60
#: How long a finished job is kept to be looked at.
KEPT_HOURS = 24


@app.task(name="seal_journal", retry=3)
def seal_journal() -> None:
    checkpoint = seal_heads(at=now())
    logger.info("checkpoint %s: %s heads sealed", checkpoint.number, checkpoint.sealed_count)


@app.task(name="archive_ended", retry=3)
def archive_ended() -> None:
    due.archive_ended(now())


@app.task(name="erase_identities", retry=3)
def erase_identities() -> None:
    due.erase_identities(now())
    forget_old_looks(at=now())


@app.task(name="sweep_photos", retry=3)
def sweep_photos() -> None:
    sweep_unclaimed(at=now())
    sweep_strays(at=now())


@app.task(name="clear_sessions", retry=3)
def clear_sessions() -> None:
    """Sessions that have run out hold sealed drafts of reports: they go."""
    SessionStore.clear_expired()


@app.task(name="sweep_events", retry=3)
def sweep_sent_events() -> None:
    sweep_events(at=now())


@app.task(name="rescue_stalled_jobs", pass_context=True)
async def rescue_stalled_jobs(context: JobContext) -> None:
    """Queue again what a killed worker left half done; nothing else would."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=SILENT_SECONDS):
        logger.warning("job %s (%s) was left by a dead worker; queued again", job.id, job.task_name)
        await manager.retry_job(job)


@app.task(name="remove_finished_jobs", pass_context=True)
async def remove_finished_jobs(context: JobContext) -> None:
    await context.app.job_manager.delete_old_jobs(nb_hours=KEPT_HOURS, include_failed=False)
