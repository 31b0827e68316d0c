"""From feedback to the end: check, callback, the requester's word, redo, reopening, archive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from wangge.cases.deadlines import recount
from wangge.cases.models import CallbackAnswer, Case, CaseNote
from wangge.cases.moves import (
    Step,
    UnableToAct,
    UnableToRead,
    as_journalled,
    attach,
    begin,
    end_turns,
    required,
)
from wangge.cases.screening import desk_limit
from wangge.cases.states import State
from wangge.cases.words import CallbackChannel, NoteKind, Outcome, Satisfaction, Solved
from wangge.duties.models import Priority
from wangge.foundation.files.models import StoredFile
from wangge.foundation.journal.actors import Actor
from wangge.foundation.privacy.actions import erase_identity
from wangge.foundation.worktime.calendars import current_calendar
from wangge.foundation.worktime.counting import deadline
from wangge.foundation.worktime.workcalendar import SHANGHAI

OUTCOME_OF = {
    Solved.SOLVED: Outcome.SOLVED,
    Solved.PARTLY: Outcome.PARTLY,
    Solved.NOT_SOLVED: Outcome.UNSOLVED,
}


@transaction.atomic
def ask_verification(*, by: Actor, case: Case, at: datetime, seen_version: int, ask: str = "") -> Case:
    """Have somebody outside the unit look at the place before it goes to callback (核查)."""
    step = begin(case=case, act="verify", by=by, at=at, seen_version=seen_version)
    return step.done(facts={"grid": step.case.grid or None}, note=step.note(NoteKind.CHECK, ask))


@transaction.atomic
def pass_case(
    *,
    by: Actor,
    case: Case,
    at: datetime,
    seen_version: int | None,
    finding: str = "",
    photos: Sequence[StoredFile] = (),
) -> Case:
    """The check found it done, or none is needed: on to the requester's own word."""
    step = begin(case=case, act="pass", by=by, at=at, seen_version=seen_version)
    checked = step.case.state == State.VERIFYING
    if checked:
        finding = required(finding, _("Write what was found at the place."), "finding")
    step.case.verified = step.case.verified or checked
    note = step.note(NoteKind.CHECK, finding)
    digests = attach(case=step.case, photos=photos, note=note, at=at)
    return step.done(facts={"checked": checked, "photos": digests}, note=note)


@transaction.atomic
def reject_feedback(
    *,
    by: Actor,
    case: Case,
    at: datetime,
    seen_version: int,
    finding: str,
    photos: Sequence[StoredFile] = (),
) -> Case:
    """Not done: back to the unit (返工). The clock is where it was."""
    step = begin(case=case, act="reject_feedback", by=by, at=at, seen_version=seen_version)
    finding = required(finding, _("Write what is still to be done."), "finding")
    step.case.reworks += 1
    step.case.feedback_at = None
    if step.case.leg is not None:
        step.case.leg.feedback_at = None
        step.case.leg.save(update_fields=["feedback_at"])
    note = step.note(NoteKind.CHECK, finding)
    digests = attach(case=step.case, photos=photos, note=note, at=at)
    return step.done(facts={"reworks": step.case.reworks, "photos": digests}, note=note)


@transaction.atomic
def rate_case(
    *,
    by: Actor,
    case: Case,
    at: datetime,
    seen_version: int,
    contacted: bool,
    solved: str,
    satisfaction: str = Satisfaction.NO_ANSWER,
    comment: str = "",
) -> Case:
    """The requester answers for themself, once a round. Contacted and solved closes the case; anything
    else goes to the callback agent, who judges whether it is done again."""
    step = begin(case=case, act="rate", by=by, at=at, seen_version=seen_version)
    answer = _answer(step, CallbackChannel.APP, contacted, solved, satisfaction, by_requester=True)
    note = step.note(NoteKind.REQUESTER, comment)
    facts = _told(answer)
    if not _undone(answer) and answer.solved == Solved.SOLVED:
        return _close(step, Outcome.SOLVED, facts, note)
    return step.done(to=State.CALLBACK_DUE, facts=facts, note=note)


@transaction.atomic
def call_back(
    *,
    by: Actor,
    case: Case,
    at: datetime,
    seen_version: int,
    reached: bool,
    channel: str = CallbackChannel.PHONE,
    contacted: bool | None = None,
    solved: str = "",
    satisfaction: str = Satisfaction.NO_ANSWER,
    within_duty: bool = True,
    comment: str = "",
) -> Case:
    """One try to hear from the requester.

    Reached and solved, partly solved or beyond anybody's duty: closed. Not solved (or never contacted)
    and within the unit's duty: done again, at most twice. Not reached: tried again on another day; the
    third time closes it as unreachable. Where the requester has answered in the app already, that
    answer stands and only `within_duty` is asked.
    """
    step = begin(case=case, act="call_back", by=by, at=at, seen_version=seen_version)
    if channel not in CallbackChannel.values:
        raise UnableToRead("unknown_word", _("Choose how the requester was called."), field="channel")
    answer = CallbackAnswer.objects.filter(case=step.case, round=_round(step.case), reached=True).first()
    if answer is None and not reached:
        return _not_reached(step, channel, comment)
    if answer is None:
        if contacted is None:
            raise UnableToRead(
                "required", _("Say whether somebody got in touch within the time."), field="contacted"
            )
        answer = _answer(step, channel, contacted, solved, satisfaction, by_requester=False)
    note = step.note(NoteKind.CALLBACK, comment)
    facts = {**_told(answer), "within_duty": within_duty}
    # What the district has decided cannot be done is not handed back to a unit.
    decided = step.case.outcome == Outcome.EXPLAINED
    if not _undone(answer) or not within_duty or decided:
        # Beyond anybody's duty and not solved: it was explained, and that is what it is called.
        explained = not within_duty and answer.solved == Solved.NOT_SOLVED
        outcome = Outcome.EXPLAINED if explained else OUTCOME_OF[Solved(answer.solved)]
        return _close(step, outcome, facts, note)
    if step.case.redos >= step.configuration.max_redos:
        # Done over twice and still not right: the joint meeting takes it up (domain notes §4).
        step.case.meeting_due = answer.solved == Solved.NOT_SOLVED
        facts["meeting"] = step.case.meeting_due
        return _close(step, OUTCOME_OF[Solved(answer.solved)], facts, note)
    return _redo(step, facts, note)


@transaction.atomic
def reopen_case(*, by: Actor, case: Case, at: datetime, seen_version: int, words: str) -> Case:
    """还没解决: the requester opens a closed case again, once, within fifteen days."""
    step = begin(case=case, act="reopen", by=by, at=at, seen_version=seen_version)
    words = required(words, _("Say in a sentence what is still wrong."), "words")
    case = step.case
    case.reopenings += 1
    case.outcome = ""
    case.ended_at = case.feedback_at = case.feedback_due_at = None
    return recount(step.done(facts=desk_limit(step), note=step.note(NoteKind.REQUESTER, words)))


@transaction.atomic
def archive_case(*, by: Actor, case: Case, at: datetime) -> Case:
    """Thirty days after the end nothing about the case changes any more."""
    return begin(case=case, act="archive", by=by, at=at, seen_version=None).done()


@transaction.atomic
def withdraw_case(*, by: Actor, case: Case, at: datetime, seen_version: int, words: str = "") -> Case:
    """The requester takes the request back. A danger to the public is handled all the same: then only
    the requester leaves, with everything that tells who they are."""
    step = begin(case=case, act="withdraw", by=by, at=at, seen_version=seen_version)
    case = step.case
    note = step.note(NoteKind.REQUESTER, words)
    if case.priority == Priority.EMERGENCY or case.category in step.configuration.public_safety:
        case.lookup_secret = ""
        step.written("case.requester_left", {"note": note.pk, "digest": note.digest} if note else {})
        return forget_requester(by=as_journalled(case, by), case=case, at=at)
    end_turns(step)
    case.ended_at = at
    return recount(step.done(note=note))


@transaction.atomic
def forget_requester(*, by: Actor, case: Case, at: datetime) -> Case:
    """Nothing tells any more who asked: the identity is erased, the account is no longer named. Not a
    move of the case; who looked at the data remains answerable."""
    if case.requester_user_id is not None:
        case.requester_user = None
        case.save(update_fields=["requester_user"])
    if case.requester is not None:
        erase_identity(identity=case.requester, by=by, about=case.subject, at=at)
    return case


# --- the pieces ---


def _round(case: Case) -> int:
    """Each redo and each reopening asks the requester anew."""
    return 1 + case.redos + case.reopenings


def _answer(
    step: Step, channel: str, contacted: bool, solved: str, satisfaction: str, *, by_requester: bool
) -> CallbackAnswer:
    if solved not in Solved.values:
        raise UnableToRead("required", _("Say whether the problem is solved."), field="solved")
    if satisfaction not in Satisfaction.values:
        raise UnableToRead(
            "required", _("Say how satisfied you are, or choose “no answer”."), field="satisfaction"
        )
    if CallbackAnswer.objects.filter(case=step.case, round=_round(step.case), reached=True).exists():
        raise UnableToAct("one_answer", _("This request has already been answered; thank you."))
    return CallbackAnswer.objects.create(
        case=step.case, round=_round(step.case), channel=channel, at=step.at, by_requester=by_requester,
        reached=True, contacted=contacted, solved=solved, satisfaction=satisfaction,
    )  # fmt: skip


def _told(answer: CallbackAnswer) -> dict[str, object]:
    return {
        "answer": answer.pk,
        "round": answer.round,
        "channel": answer.channel,
        "reached": answer.reached,
        "requester_contacted": answer.contacted,
        "solved": answer.solved or None,
        "satisfaction": answer.satisfaction or None,
    }


def _not_reached(step: Step, channel: str, comment: str) -> Case:
    tries = CallbackAnswer.objects.filter(case=step.case, round=_round(step.case), reached=False)
    today = step.at.astimezone(SHANGHAI).date()
    days = {attempt.at.astimezone(SHANGHAI).date() for attempt in tries}
    if today in days:
        raise UnableToAct(
            "tried_today", _("The requester was already tried today; try again on another day.")
        )
    attempt = CallbackAnswer.objects.create(
        case=step.case, round=_round(step.case), channel=channel, at=step.at, reached=False
    )
    note = step.note(NoteKind.CALLBACK, comment)
    facts = {**_told(attempt), "attempt": len(days) + 1}
    if len(days) + 1 >= step.configuration.callback_attempts:
        return _close(step, Outcome.UNREACHABLE, facts, note)
    return step.done(to=State.CALLBACK_DUE, facts=facts, note=note)


def _undone(answer: CallbackAnswer) -> bool:
    """Nobody got in touch, or it is not solved: ground for doing it again."""
    return answer.solved == Solved.NOT_SOLVED or answer.contacted is False


def _close(step: Step, outcome: Outcome, facts: dict[str, object], note: CaseNote | None) -> Case:
    if outcome != Outcome.UNREACHABLE and step.case.outcome == Outcome.EXPLAINED:
        # The district ended its shelving: explained, whatever was answered; never counted as solved.
        outcome = Outcome.EXPLAINED
    step.case.outcome = outcome
    step.case.ended_at = step.at
    end_turns(step)
    return step.done(
        to=State.CLOSED,
        facts={**facts, "outcome": outcome.value},
        note=note,
    )


def _redo(step: Step, facts: dict[str, object], note: CaseNote | None) -> Case:
    """重办: back to the same unit with a new promise to the requester."""
    case = step.case
    case.redos += 1
    case.feedback_at = None
    case.verified = False
    calendar = current_calendar()
    limit = step.configuration.limit(case.priority, "feedback")
    case.feedback_due_at = deadline(step.at, limit, calendar).due_at
    if case.leg is not None:
        case.leg.feedback_at = None
        case.leg.feedback_due_at = deadline(step.at, limit, calendar).known_due_at
        case.leg.save(update_fields=["feedback_at", "feedback_due_at"])
    return step.done(
        to=State.IN_PROGRESS,
        facts={**facts, "feedback_limit": str(limit), "calendar": calendar.version, "redos": case.redos},
        note=note,
    )
