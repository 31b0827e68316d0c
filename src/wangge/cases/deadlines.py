"""The deadlines that a case and its leg keep as columns, brought up to what the history now says."""

from __future__ import annotations

from wangge.cases.clocks import case_clock, leg_clock
from wangge.cases.history import events_of
from wangge.cases.models import Case
from wangge.foundation.journal.queries import lines_of
from wangge.foundation.worktime.calendars import calendar_version


def recount(case: Case) -> Case:
    """Count both clocks anew after an act that moved them. While a clock stands still its column stays
    as it was: nobody knows the new deadline yet."""
    history = events_of(lines_of(case.subject))
    clock = case_clock(history, calendar_version)
    case.dispatch_due_at = clock.dispatch.due_at
    if case.feedback_due_at is not None and clock.feedback is not None:
        case.feedback_due_at = clock.feedback.due_at or case.feedback_due_at
    case.save(update_fields=["dispatch_due_at", "feedback_due_at"])
    if case.leg is not None:
        own = leg_clock(history, case.leg.number, calendar_version).feedback
        case.leg.feedback_due_at = own.due_at or case.leg.feedback_due_at
        case.leg.save(update_fields=["feedback_due_at"])
    return case
