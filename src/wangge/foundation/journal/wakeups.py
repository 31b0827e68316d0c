"""The outbox: handing each line to the worker exactly as often as it takes to answer it once.

A wake-up is locked with SKIP LOCKED, answered and deleted in one transaction. A worker killed in
between leaves it as it was, so its line is answered again: answers bear being given twice.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from wangge.foundation.journal.models import Line, Wakeup

logger = logging.getLogger(__name__)

#: Waits before the next try of an answer that failed; the last one repeats.
RETRY_AFTER = (timedelta(seconds=2), timedelta(seconds=15), timedelta(minutes=2), timedelta(minutes=15))


@dataclass(frozen=True)
class Drained:
    answered: int
    failed: int


def drain(answer: Callable[[Line], None], *, at: datetime, batch: int = 50) -> Drained:
    """Answer up to `batch` wake-ups that are due; 0 answered and 0 failed means there was nothing.

    Each answer runs in its own savepoint: one that fails is put off (`RETRY_AFTER`) with the name of
    its error, and its neighbours go on.
    """
    answered = failed = 0
    with transaction.atomic():
        due = list(
            Wakeup.objects.select_for_update(skip_locked=True)
            .filter(not_before__lte=at)
            .order_by("not_before", "id")[:batch]
        )
        lines = Line.objects.in_bulk([wakeup.line_id for wakeup in due])
        done: list[int] = []
        for wakeup in due:
            try:
                with transaction.atomic():
                    answer(lines[wakeup.line_id])
            except Exception as error:
                failed += 1
                _put_off(wakeup, error, at)
                logger.error(
                    "wake-up failed: line %s, attempt %s, %s\n%s",
                    wakeup.line_id, wakeup.attempts, type(error).__name__, _places_of(error),
                )  # fmt: skip
            else:
                answered += 1
                done.append(wakeup.pk)
        Wakeup.objects.filter(pk__in=done).delete()
    return Drained(answered, failed)


def _places_of(error: BaseException) -> str:
    """Where it failed, without what was said: an error's text may quote what a resident wrote."""
    return "".join(traceback.format_tb(error.__traceback__))


def _put_off(wakeup: Wakeup, error: Exception, at: datetime) -> None:
    wait = RETRY_AFTER[min(wakeup.attempts, len(RETRY_AFTER) - 1)]
    wakeup.attempts += 1
    wakeup.not_before = at + wait
    wakeup.failure = type(error).__name__[:120]
    wakeup.save(update_fields=["attempts", "not_before", "failure"])
