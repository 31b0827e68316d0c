"""The unit's work (处置): log, help from others, standing still with permission, and feedback."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from wangge.cases.clocks import case_clock
from wangge.cases.deadlines import recount
from wangge.cases.history import events_of
from wangge.cases.models import Assist, Case, Pause, Shelving
from wangge.cases.moves import Step, UnableToRead, attach, begin, required
from wangge.cases.words import NoteKind, Outcome, PauseReason, ShelvingReason
from wangge.duties.queries import check_admission
from wangge.foundation.files.models import StoredFile
from wangge.foundation.journal.actors import Actor
from wangge.foundation.journal.canonical import iso_utc
from wangge.foundation.journal.queries import lines_of
from wangge.foundation.worktime.calendars import calendar_version, current_calendar
from wangge.foundation.worktime.counting import deadline
from wangge.foundation.worktime.explaining import describe_limit
from wangge.foundation.worktime.limits import Limit, UnableToReadLimit, Unit
from wangge.foundation.worktime.workcalendar import SHANGHAI
from wangge.organisations.models import Organisation


@transaction.atomic
def log_work(
    *,
    by: Actor,
    case: Case,
    at: datetime,
    seen_version: int,
    text: str,
    contacted: bool = False,
    photos: Sequence[StoredFile] = (),
) -> Case:
    """Write down what was done; `contacted` says that the requester was spoken to."""
    step = begin(case=case, act="handle", by=by, at=at, seen_version=seen_version)
    note = step.note(NoteKind.WORK, required(text, _("Write what was done.")))
    leg = step.leg
    if contacted and leg.contacted_at is None:
        leg.contacted_at = at
        leg.save(update_fields=["contacted_at"])
    digests = attach(case=step.case, photos=photos, note=note, at=at)
    return step.done(facts={"leg": leg.number, "contacted": contacted, "photos": digests}, note=note)


@transaction.atomic
def ask_assistance(
    *, by: Actor, case: Case, at: datetime, seen_version: int, unit: Organisation, ask: str
) -> Case:
    """Ask another unit to help; the lead stays where it is (首接负责).

    A community helps only in what was admitted there (UnableToNameLead `not_admitted`).
    """
    step = begin(case=case, act="assign_assist", by=by, at=at, seen_version=seen_version)
    ask = required(ask, _("Write what the other unit is asked to do."), "ask")
    if unit.pk == step.case.lead_unit_id:
        raise UnableToRead("same_unit", _("This unit leads the case already."), field="unit")
    if not unit.active or not step.case.area_code.startswith(unit.area.prefix):
        raise UnableToRead(
            "unit_elsewhere", _("This unit does not answer for the place of the case."), field="unit"
        )
    if step.case.matter is not None:
        check_admission(
            organisation=unit,
            matter=step.case.matter,
            area_code=step.case.area_code,
            day=at.astimezone(SHANGHAI).date(),
        )
    if Assist.objects.filter(case=step.case, unit=unit, ended_at__isnull=True).exists():
        raise UnableToRead("already_asked", _("This unit has already been asked to assist."), field="unit")
    Assist.objects.create(case=step.case, unit=unit, asked_at=at)
    return step.done(facts={"unit": unit.code}, note=step.note(NoteKind.ASSIST, ask))


@transaction.atomic
def report_assistance(
    *,
    by: Actor,
    case: Case,
    at: datetime,
    seen_version: int,
    text: str,
    finished: bool = True,
    photos: Sequence[StoredFile] = (),
) -> Case:
    """The assisting unit says what it did; with `finished` its part is over."""
    step = begin(case=case, act="assist", by=by, at=at, seen_version=seen_version)
    note = step.note(NoteKind.ASSIST, required(text, _("Write what was done.")))
    unit_id = getattr(by, "organisation_id", 0)
    assist = Assist.objects.select_related("unit").get(case=step.case, unit_id=unit_id, ended_at__isnull=True)
    assist.answered_at = at
    if finished:
        assist.ended_at = at
    assist.save(update_fields=["answered_at", "ended_at"])
    digests = attach(case=step.case, photos=photos, note=note, at=at)
    return step.done(facts={"unit": assist.unit.code, "finished": finished, "photos": digests}, note=note)


@transaction.atomic
def give_feedback(
    *,
    by: Actor,
    case: Case,
    at: datetime,
    seen_version: int,
    text: str,
    photos: Sequence[StoredFile] = (),
) -> Case:
    """The unit says it is done and tells the requester; somebody else decides whether it is."""
    step = begin(case=case, act="feed_back", by=by, at=at, seen_version=seen_version)
    text = required(text, _("Write what the requester will read: what was done and what follows."))
    note = step.note(NoteKind.FEEDBACK, text)
    leg = step.leg
    leg.feedback_at = at
    leg.contacted_at = leg.contacted_at or at
    leg.save(update_fields=["feedback_at", "contacted_at"])
    step.case.feedback_at = at
    digests = attach(case=step.case, photos=photos, note=note, at=at)
    return step.done(facts={"leg": leg.number, "photos": digests}, note=note)


# --- standing still, and more time ---


@transaction.atomic
def pause_case(
    *,
    by: Actor,
    case: Case,
    at: datetime,
    seen_version: int,
    reason: str,
    planned_end_at: datetime,
    note: str,
) -> Case:
    """Stop the clocks on one of the three grounds, up to a planned end; the requester is told.

    Waiting for the requester may take five working days in all (configuration `pause_for_requester`).
    """
    step = begin(case=case, act="pause", by=by, at=at, seen_version=seen_version)
    if reason not in PauseReason.values:
        raise UnableToRead("required", _("Choose why the clock is to stand still."), field="reason")
    if planned_end_at <= at:
        raise UnableToRead("ends_before_start", _("The pause must end after now."), field="planned_end_at")
    if reason == PauseReason.WAITING_FOR_REQUESTER:
        _check_waiting(step, planned_end_at)
    text = required(note, _("Write why the clock is to stand still; the requester will be told."), "note")
    Pause.objects.create(case=step.case, reason=reason, from_at=at, planned_end_at=planned_end_at)
    return step.done(
        facts={"reason": reason, "planned_end": iso_utc(planned_end_at)},
        note=step.note(NoteKind.EXPLANATION, text),
    )


@transaction.atomic
def resume_case(*, by: Actor, case: Case, at: datetime, seen_version: int | None) -> Case:
    """The clocks run again; the time they stood is added to both, but not beyond the approved end."""
    step = begin(case=case, act="resume", by=by, at=at, seen_version=seen_version)
    pause = Pause.objects.get(case=step.case, to_at__isnull=True)
    pause.to_at = min(at, pause.planned_end_at)
    pause.save(update_fields=["to_at"])
    return recount(step.done(facts={"until": iso_utc(pause.to_at)}))


@transaction.atomic
def extend_case(*, by: Actor, case: Case, at: datetime, seen_version: int, limit: str, reason: str) -> Case:
    """A later deadline, asked for before the old one: the town's leader approves the first, the centre the
    second; the first not longer than the original limit, both together at most 30 natural days."""
    step = begin(case=case, act="extend", by=by, at=at, seen_version=seen_version)
    text = required(reason, _("Write why more time is needed; the requester will be told."), "reason")
    try:
        more = Limit.parse(limit)
    except UnableToReadLimit as error:
        raise UnableToRead(error.code, error.message, field="limit") from error
    days = _checked_extension(step, more)
    step.case.extensions += 1
    return recount(
        step.done(
            facts={"limit": str(more), "count": step.case.extensions, "days": days},
            note=step.note(NoteKind.EXPLANATION, text),
        )
    )


@transaction.atomic
def shelve_case(
    *,
    by: Actor,
    case: Case,
    at: datetime,
    seen_version: int,
    reason: str,
    plan: str,
    resume_after_date: date | None = None,
) -> Case:
    """挂账: for an objective constraint only, with a plan and a review; never counted as solved."""
    step = begin(case=case, act="shelve", by=by, at=at, seen_version=seen_version)
    if reason not in ShelvingReason.values:
        raise UnableToRead("required", _("Choose the constraint that stands in the way."), field="reason")
    text = required(plan, _("Write the plan: what must happen, and who sees to it."), "plan")
    today = at.astimezone(SHANGHAI).date()
    if resume_after_date is not None:
        longest = today + timedelta(days=step.configuration.shelving_max_days)
        if not today < resume_after_date <= longest:
            raise UnableToRead(
                "bad_date",
                _("Choose a day after today and not later than %(day)s.") % {"day": longest.isoformat()},
                field="resume_after_date",
            )
    review = today + timedelta(days=step.configuration.shelving_review_days)
    Shelving.objects.create(
        case=step.case, reason=reason, from_at=at, review_date=review, resume_after_date=resume_after_date
    )
    return step.done(
        facts={
            "reason": reason,
            "review": review.isoformat(),
            "resume_after": resume_after_date.isoformat() if resume_after_date else None,
        },
        note=step.note(NoteKind.REASON, text),
    )


@transaction.atomic
def reactivate_case(*, by: Actor, case: Case, at: datetime, seen_version: int | None) -> Case:
    """The constraint is gone, or the day in `resume_after_date` has come."""
    step = begin(case=case, act="reactivate", by=by, at=at, seen_version=seen_version)
    Shelving.objects.filter(case=step.case, to_at__isnull=True).update(to_at=at)
    return recount(step.done())


@transaction.atomic
def end_shelving(*, by: Actor, case: Case, at: datetime, seen_version: int, reason: str) -> Case:
    """The district decides that it cannot be done; explained to the requester, who is still called."""
    step = begin(case=case, act="end_shelving", by=by, at=at, seen_version=seen_version)
    text = required(reason, _("Write the decision as the requester will read it."), "reason")
    Shelving.objects.filter(case=step.case, to_at__isnull=True).update(to_at=at)
    step.case.feedback_at = at
    step.case.outcome = Outcome.EXPLAINED
    return recount(
        step.done(facts={"outcome": Outcome.EXPLAINED.value}, note=step.note(NoteKind.FEEDBACK, text))
    )


# --- the pieces ---


def _check_waiting(step: Step, planned_end_at: datetime) -> None:
    """Waiting for the requester: with the pauses before, at most the configured working time."""
    calendar = current_calendar()
    allowed = step.configuration.pause_for_requester
    whole = allowed.days * calendar.day_length if allowed.unit.in_days else allowed.duration
    waits = [
        (pause.from_at, pause.to_at or step.at)
        for pause in Pause.objects.filter(case=step.case, reason=PauseReason.WAITING_FOR_REQUESTER)
    ]
    spent = sum((calendar.working_time(a, b) for a, b in [*waits, (step.at, planned_end_at)]), timedelta())
    if spent > whole:
        raise UnableToRead(
            "too_long",
            _("Waiting for the requester may take %(limit)s in all; choose an earlier end.")
            % {"limit": describe_limit(allowed)},
            field="planned_end_at",
        )


def _checked_extension(step: Step, more: Limit) -> int:
    """How many natural days `more` is. The first is at most as long as the original limit, and all
    together are at most as many natural days as configured; UnableToRead otherwise."""
    history = events_of(lines_of(step.case.subject))
    running = case_clock(history, calendar_version).feedback
    if running is None or running.reckoning.due_at is None:
        raise RuntimeError(f"{step.case.number} is in progress without a promise that runs")
    due_at, calendar = running.reckoning.due_at, current_calendar()
    reached = deadline(due_at, more, calendar).known_due_at
    if step.case.extensions == 0 and reached > deadline(due_at, running.limit, calendar).known_due_at:
        raise UnableToRead(
            "too_long",
            _("The first extension may not be longer than the original limit (%(limit)s).")
            % {"limit": describe_limit(running.limit)},
            field="limit",
        )
    # Natural days count as written, though the last one may move to a working day; other units by the
    # days on which the deadline moves on.
    moved = reached.astimezone(SHANGHAI).date() - due_at.astimezone(SHANGHAI).date()
    days = more.days if more.unit is Unit.NATURAL_DAY else moved.days
    granted = sum(int(event.facts["days"]) for event in history if event.act == "case.extended")
    if granted + days > step.configuration.extension_total_days:
        raise UnableToRead(
            "too_long",
            _("All extensions together may not be longer than %(days)s natural days.")
            % {"days": step.configuration.extension_total_days},
            field="limit",
        )
    return days
