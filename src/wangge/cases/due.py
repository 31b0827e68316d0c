"""What falls due by the clock: the timetable's reads, each followed by the act of that name.

Every act runs in its own savepoint and looks at the locked row again, so a case that somebody moved in
the meantime is left alone, and one that is broken does not keep its neighbours from their hour. Batches
go by primary key: whoever locks several cases does it in the same order.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q, QuerySet

from wangge.cases.closing import archive_case, forget_requester, pass_case
from wangge.cases.dispatch import auto_sign_case
from wangge.cases.handling import reactivate_case, resume_case
from wangge.cases.limits import configuration
from wangge.cases.models import Case
from wangge.cases.states import State
from wangge.foundation.journal.actors import Actor
from wangge.foundation.refusals import Refusal
from wangge.foundation.worktime.workcalendar import SHANGHAI

logger = logging.getLogger(__name__)

TIMETABLE = Actor.system("timetable")
BATCH = 200


def sign_unsigned(at: datetime, *, batch: int = BATCH) -> int:
    """Sign for units that let the limit pass."""
    cases = _rows().filter(state=State.DISPATCHED, leg__sign_due_at__lte=at)
    return _each(cases[:batch], lambda case: auto_sign_case(by=TIMETABLE, case=case, at=at))


def resume_paused(at: datetime, *, batch: int = BATCH) -> int:
    """Let clocks run again whose pause was planned to end by now."""
    cases = _rows().filter(state=State.PAUSED, pauses__to_at__isnull=True, pauses__planned_end_at__lte=at)
    return _each(cases[:batch], lambda case: resume_case(by=TIMETABLE, case=case, at=at, seen_version=None))


def take_up_shelved(at: datetime, *, batch: int = BATCH) -> int:
    """Take up shelved cases whose day has come."""
    today = at.astimezone(SHANGHAI).date()
    cases = _rows().filter(
        state=State.SHELVED, shelvings__to_at__isnull=True, shelvings__resume_after_date__lte=today
    )
    return _each(
        cases[:batch], lambda case: reactivate_case(by=TIMETABLE, case=case, at=at, seen_version=None)
    )


def pass_unchecked(at: datetime, *, batch: int = BATCH) -> int:
    """Pass on feedback that needs no check once the desk has had its time to look."""
    before = at - timedelta(hours=configuration().feedback_pass_hours)
    cases = _rows().filter(state=State.FEEDBACK_GIVEN, verification_required=False, feedback_at__lte=before)
    return _each(cases[:batch], lambda case: pass_case(by=TIMETABLE, case=case, at=at, seen_version=None))


def archive_ended(at: datetime, *, batch: int = BATCH) -> int:
    """Archive what ended long enough ago."""
    before = at - timedelta(days=configuration().archive_days)
    ended = _rows().filter(state__in=[State.CLOSED, State.INFORMED, State.ANSWERED], ended_at__lte=before)
    return _all(ended, lambda case: archive_case(by=TIMETABLE, case=case, at=at), batch)


def erase_identities(at: datetime, *, batch: int = BATCH) -> int:
    """Make contacts unreadable, and forget the account, of cases that ended longer ago than the retention
    time. The case itself and its figures stay."""
    before = at - timedelta(days=365 * configuration().identity_years)
    known = Q(requester__isnull=False, requester__erased_at__isnull=True) | Q(requester_user__isnull=False)
    return _all(
        _rows().filter(known, ended_at__lte=before).select_related("requester"),
        lambda case: forget_requester(by=TIMETABLE, case=case, at=at),
        batch,
    )


def _rows() -> QuerySet[Case]:
    return Case.objects.defer("search").order_by("pk")


def _all(cases: QuerySet[Case], act: Callable[[Case], object], size: int) -> int:
    """Batch after batch; what was left alone is passed by."""
    done, last = 0, 0
    while batch := list(cases.filter(pk__gt=last)[:size]):
        done += _each(batch, act)
        last = batch[-1].pk
    return done


def _each(cases: Iterable[Case], act: Callable[[Case], object]) -> int:
    done = 0
    for case in cases:
        try:
            with transaction.atomic():
                act(case)
        except Refusal as refusal:
            logger.info("left alone: %s (%s)", case.number, refusal.code)
        except (OperationalError, InterfaceError):
            raise  # the database is away; everything is tried again
        except Exception as error:
            logger.error("failed: %s (%s)", case.number, type(error).__name__)
        else:
            done += 1
    return done
