"""What the hour brings: one page that says what is done by the clock, how often, and by which act.

Short work on due rows is done here, in batches; slow work is handed to a job (`tasks.py`). Several
workers may run: an entry's row is locked with SKIP LOCKED, so one of them does it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from wangge.cases import due
from wangge.doors.worker.models import TimetableRun
from wangge.foundation.accounts.rate_limits import sweep
from wangge.foundation.notices.actions import deliver_due

logger = logging.getLogger(__name__)

Work = Callable[[datetime], int]


@dataclass(frozen=True)
class TimetableEntry:
    """Run `work` when `every` has passed since it last ran; it returns how many things it did."""

    name: str
    every: timedelta
    work: Work


def _job(name: str) -> Work:
    def hand_over(at: datetime) -> int:
        try:
            # Of its own: one that is still waiting is refused by the database, and that ends a transaction.
            with transaction.atomic():
                app.configure_task(name, queueing_lock=name).defer()
        except AlreadyEnqueued:
            return 0
        return 1

    return hand_over


def _sweep_rate_limits(at: datetime) -> int:
    return sweep(at=at)


ENTRIES: tuple[TimetableEntry, ...] = (
    # A case cannot be parked by not signing it.
    TimetableEntry("sign unsigned cases", timedelta(seconds=20), due.sign_unsigned),
    # Standing still ends when it was planned to end.
    TimetableEntry("resume paused cases", timedelta(seconds=60), due.resume_paused),
    TimetableEntry("take up shelved cases", timedelta(minutes=10), due.take_up_shelved),
    # Feedback that nobody has to check does not wait for somebody to press a button.
    TimetableEntry("pass unchecked feedback", timedelta(minutes=5), due.pass_unchecked),
    # Quiet hours are over.
    TimetableEntry("deliver notices", timedelta(seconds=5), lambda at: deliver_due(at=at, batch=200)),
    TimetableEntry("sweep rate limits", timedelta(hours=1), _sweep_rate_limits),
    # Slow work.
    TimetableEntry(
        "seal the journal", timedelta(minutes=settings.JOURNAL_SEAL_MINUTES), _job("seal_journal")
    ),
    TimetableEntry("archive ended cases", timedelta(hours=6), _job("archive_ended")),
    TimetableEntry("erase old identities", timedelta(hours=6), _job("erase_identities")),
    TimetableEntry("clear old sessions", timedelta(hours=6), _job("clear_sessions")),
    TimetableEntry("sweep exports", timedelta(hours=1), _job("sweep_exports")),
    TimetableEntry("tidy imports", timedelta(hours=1), _job("tidy_imports")),
    TimetableEntry("sweep unclaimed photos", timedelta(hours=6), _job("sweep_photos")),
    TimetableEntry("sweep events of programs", timedelta(hours=1), _job("sweep_events")),
    # Defined beside the tokens, in doors/api/tasks.py.
    TimetableEntry("sweep answers of the API", timedelta(hours=1), _job("sweep_api_answers")),
    TimetableEntry(
        "end subscriptions of spent tokens", timedelta(minutes=5), _job("end_spent_subscriptions")
    ),
    TimetableEntry("rescue stalled jobs", timedelta(minutes=1), _job("rescue_stalled_jobs")),
    TimetableEntry("remove finished jobs", timedelta(hours=1), _job("remove_finished_jobs")),
)


def tick(at: datetime, entries: Sequence[TimetableEntry] = ENTRIES) -> list[str]:
    """Run every entry that is due; returns the names of those that ran here."""
    last = dict(TimetableRun.objects.values_list("name", "last_run_at"))
    ran = []
    for entry in entries:
        before = last.get(entry.name)
        if before is not None and at - before < entry.every:
            continue
        if entry.name not in last:
            TimetableRun.objects.bulk_create([TimetableRun(name=entry.name)], ignore_conflicts=True)
        if _run(entry, at):
            ran.append(entry.name)
    return ran


def _run(entry: TimetableEntry, at: datetime) -> bool:
    with transaction.atomic():
        row = TimetableRun.objects.select_for_update(skip_locked=True).filter(name=entry.name).first()
        if row is None or (row.last_run_at is not None and at - row.last_run_at < entry.every):
            return False  # another worker is at it, or has just been
        row.last_run_at = at
        row.last_failure = ""
        try:
            with transaction.atomic():
                row.last_count = entry.work(at)
        except Exception as error:
            # One entry that fails must not keep the others from their hour; `doctor` shows it.
            row.last_failure = type(error).__name__
            logger.exception("timetable entry failed: %s", entry.name)
        row.save()
    return True
