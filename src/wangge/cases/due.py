"""What falls due by the clock: the timetable's reads, each followed by the act of that name.

Every act runs in its own savepoint and looks at the locked row again, so a case that somebody moved in
the meantime is left alone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from wangge.cases.closing import archive_case, pass_case
from wangge.cases.dispatch import auto_sign_case
from wangge.cases.handling import reactivate_case, resume_case
from wangge.cases.limits import configuration
from wangge.cases.models import Case
from wangge.cases.states import State
from wangge.foundation.journal.actors import Actor
from wangge.foundation.privacy.actions import erase_identity
from wangge.foundation.refusals import Refusal
from wangge.foundation.worktime.workcalendar import SHANGHAI

logger = logging.getLogger(__name__)

TIMETABLE = Actor.system("timetable")
BATCH = 200


def sign_unsigned(at: datetime) -> int:
    """Sign for units that let the limit pass."""
    cases = _rows().filter(state=State.DISPATCHED, leg__sign_due_at__lte=at).order_by("leg__sign_due_at")
    return _each(cases[:BATCH], lambda case: auto_sign_case(by=TIMETABLE, case=case, at=at))


def resume_paused(at: datetime) -> int:
    """Let clocks run again whose pause was planned to end by now."""
    cases = _rows().filter(state=State.PAUSED, pauses__to_at__isnull=True, pauses__planned_end_at__lte=at)
    return _each(cases[:BATCH], lambda case: resume_case(by=TIMETABLE, case=case, at=at, seen_version=None))


def take_up_shelved(at: datetime) -> int:
    """Take up shelved cases whose day has come."""
    today = at.astimezone(SHANGHAI).date()
    cases = _rows().filter(
        state=State.SHELVED, shelvings__to_at__isnull=True, shelvings__resume_after_date__lte=today
    )
    return _each(
        cases[:BATCH], lambda case: reactivate_case(by=TIMETABLE, case=case, at=at, seen_version=None)
    )


def pass_unchecked(at: datetime) -> int:
    """Pass on feedback that needs no check once the desk has had its time to look."""
    before = at - timedelta(hours=configuration().feedback_pass_hours)
    cases = _rows().filter(state=State.FEEDBACK_GIVEN, verification_required=False, feedback_at__lte=before)
    return _each(cases[:BATCH], lambda case: pass_case(by=TIMETABLE, case=case, at=at, seen_version=None))


def archive_ended(at: datetime) -> int:
    """Archive what ended long enough ago."""
    before = at - timedelta(days=configuration().archive_days)
    done = 0
    while True:
        cases = _rows().filter(state__in=[State.CLOSED, State.INFORMED, State.ANSWERED], ended_at__lte=before)
        batch = _each(cases[:BATCH], lambda case: archive_case(by=TIMETABLE, case=case, at=at))
        done += batch
        if not batch:
            return done


def erase_identities(at: datetime) -> int:
    """Make contacts unreadable whose case ended longer ago than the retention time."""
    before = at - timedelta(days=365 * configuration().identity_years)
    done = 0
    ended = _rows().filter(ended_at__lte=before, requester__isnull=False, requester__erased_at__isnull=True)
    for case in ended.select_related("requester")[:BATCH]:
        if case.requester is not None:
            erase_identity(identity=case.requester, by=TIMETABLE, about=case.subject, at=at)
            done += 1
    return done


def _rows() -> QuerySet[Case]:
    return Case.objects.defer("search")


def _each(cases: Iterable[Case], act: Callable[[Case], object]) -> int:
    done = 0
    for case in cases:
        try:
            with transaction.atomic():
                act(case)
        except Refusal as refusal:
            logger.info("left alone: %s (%s)", case.number, refusal.code)
        else:
            done += 1
    return done
