"""A case in the words of the person who waits for it: a few phases instead of many states, one sentence on
how it stands, and what comes next by when.

Pure: a case and what hangs from it in, words out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from wangge.cases import public
from wangge.cases.limits import CaseConfiguration
from wangge.cases.models import Case, Pause, Shelving
from wangge.cases.states import AT_DESK, State
from wangge.cases.words import InformReason, Outcome, PauseReason, ShelvingReason
from wangge.doors.shell.moments import day_text, moment_text
from wangge.foundation.worktime.workcalendar import SHANGHAI

Words = str | Promise


@dataclass(frozen=True)
class Phase:
    """One of the few things a resident needs to tell apart. `step` is its place on the way, from 1;
    0 for what ends beside it."""

    label: Words
    tone: str
    icon: str
    step: int


RECEIVED = Phase(public.Phase.RECEIVED.label, "neutral", "inbox", 1)
ARRANGING = Phase(public.Phase.ARRANGING.label, "info", "route", 2)
HANDLED = Phase(public.Phase.HANDLED.label, "info", "circle-dot", 3)
PAUSED = Phase(public.Phase.PAUSED.label, "wait", "circle-pause", 3)
SHELVED = Phase(public.Phase.SHELVED.label, "wait", "archive", 3)
CHECKED = Phase(public.Phase.CHECKED.label, "info", "clipboard-check", 3)
YOURS = Phase(pgettext_lazy("request", "Waiting for your word"), "warn", "message-circle", 4)
ANSWERED = Phase(public.Phase.ANSWERED.label, "good", "message-square-text", 0)
INFORMED = Phase(public.Phase.INFORMED.label, "neutral", "info", 0)
DONE = Phase(public.Phase.DONE.label, "good", "circle-check", 5)
UNDONE = Phase(public.Phase.UNDONE.label, "warn", "circle-alert", 5)
WITHDRAWN = Phase(public.Phase.WITHDRAWN.label, "neutral", "undo-2", 0)
MERGED = Phase(public.Phase.MERGED.label, "neutral", "git-merge", 0)

#: How many steps the way of an ordinary request has.
STEPS = 5

PHASES: dict[public.Phase, Phase] = {
    public.Phase.RECEIVED: RECEIVED,
    public.Phase.ARRANGING: ARRANGING,
    public.Phase.HANDLED: HANDLED,
    public.Phase.PAUSED: PAUSED,
    public.Phase.SHELVED: SHELVED,
    public.Phase.CHECKED: CHECKED,
    public.Phase.ASKED: YOURS,
    public.Phase.ANSWERED: ANSWERED,
    public.Phase.INFORMED: INFORMED,
    public.Phase.DONE: DONE,
    public.Phase.UNDONE: UNDONE,
    public.Phase.WITHDRAWN: WITHDRAWN,
    public.Phase.MERGED: MERGED,
}

OUTCOMES: dict[str, Words] = {
    Outcome.SOLVED: gettext_lazy("Closed: the problem is solved."),
    Outcome.PARTLY: gettext_lazy("Closed: the problem is partly solved."),
    Outcome.EXPLAINED: gettext_lazy("Closed: it could not be done, and we have told you why."),
    Outcome.UNSOLVED: gettext_lazy("Closed, but not solved."),
    Outcome.UNREACHABLE: gettext_lazy("Closed: we tried several times and could not reach you."),
}

INFORM_REASONS: dict[str, Words] = {
    InformReason.EMERGENCY_LINE: gettext_lazy("An emergency line must handle this (110, 119, 120 or 122)."),
    InformReason.STATUTORY_CHANNEL: gettext_lazy(
        "The law has another way for this, such as a court or an arbitration body."
    ),
    InformReason.DUPLICATE_NO_NEW_FACT: gettext_lazy(
        "The same matter is already being handled, and nothing new was said."
    ),
    InformReason.SECRET_OR_PRIVACY: gettext_lazy("It concerns a secret or somebody's privacy."),
    InformReason.OUT_OF_SCOPE: gettext_lazy("It is not among the duties of public bodies."),
    InformReason.UNLAWFUL_OR_IMPROPER: gettext_lazy("The law does not allow what was asked."),
}

PAUSE_REASONS: dict[str, Words] = {
    PauseReason.WAITING_FOR_REQUESTER: gettext_lazy("We need something more from you."),
    PauseReason.STATUTORY_PROCEDURE: gettext_lazy("A court or another legal procedure must end first."),
    PauseReason.FORCE_MAJEURE: gettext_lazy("Something nobody could foresee stands in the way."),
}

SHELVING_REASONS: dict[str, Words] = {
    ShelvingReason.OWNERSHIP: gettext_lazy("it is not settled whom the thing belongs to"),
    ShelvingReason.FUNDING: gettext_lazy("there is no money for it yet"),
    ShelvingReason.SEASON: gettext_lazy("the season does not allow it"),
    ShelvingReason.POLICY: gettext_lazy("the rules for it are still being made"),
}


@dataclass(frozen=True)
class Stand:
    """How a case stands: the phase, a sentence, what follows, and whether a promise is broken."""

    phase: Phase
    sentence: str
    following: str = ""
    late: bool = False

    @property
    def text(self) -> str:
        """Both sentences after one another, as the language sets them."""
        space = " " if (get_language() or "").startswith("en") else ""
        return space.join(filter(None, [self.sentence, self.following]))


def phase_of(state: str, outcome: str = "") -> Phase:
    return PHASES[public.phase_of(state, outcome)]


def public_label(phase: Phase) -> Words:
    """The phase as others read it: nobody on the board is "you"."""
    return public.Phase.ASKED.label if phase is YOURS else phase.label


def by_when(due_at: datetime, at: datetime) -> str:
    """A deadline as one says it: with the hour when it is near, else the day alone."""
    if abs(due_at - at) < timedelta(hours=36):
        said = moment_text(due_at, at)
        # Within a sentence: "by tomorrow 09:30".
        return said[:1].lower() + said[1:]
    today = at.astimezone(SHANGHAI).date()
    return day_text(due_at.astimezone(SHANGHAI).date(), today)


def stand_of(
    case: Case,
    at: datetime,
    settings: CaseConfiguration,
    *,
    answered: bool = False,
    pause: Pause | None = None,
    shelving: Shelving | None = None,
) -> Stand:
    """How the case stands at a moment. `answered`: its requester has rated this round already; `pause`
    and `shelving` are the open ones, if the clock stands still."""
    state = State(case.state)
    phase = phase_of(state, case.outcome)
    if state in AT_DESK:
        return _at_desk(case, phase, at)
    if state in {State.DISPATCHED, State.IN_PROGRESS, State.OBJECTION_REVIEW}:
        return _with_unit(case, phase, at)
    if state == State.PAUSED:
        return _paused(case, phase, at, pause)
    if state == State.SHELVED:
        return _shelved(phase, at, shelving)
    if state in {State.FEEDBACK_GIVEN, State.VERIFYING}:
        said = _("%(unit)s has given an answer.") % {"unit": _unit(case)}
        if state == State.VERIFYING:
            return Stand(phase, said, _("Somebody else is looking at the place. Then we ask you."))
        return Stand(phase, said, _("We check it first. Then we ask you whether it is solved."))
    if state == State.CALLBACK_DUE:
        if answered:
            said = _("Thank you, we have your answer.")
            return Stand(HANDLED, said, _("We look into what you said. What can be mended is done again."))
        ask = _("Please tell us: is the problem solved?")
        if case.requester_id is None:
            return Stand(phase, ask, _("You left no phone number, so we can only ask you here."))
        return Stand(phase, ask, _("If you do not answer here, we call you."))
    if state in {State.CLOSED, State.ARCHIVED}:
        return Stand(
            phase,
            str(OUTCOMES.get(case.outcome, OUTCOMES[Outcome.EXPLAINED])),
            _reopening(case, at, settings),
        )
    return Stand(phase, *_ended(case, state))


def _ended(case: Case, state: State) -> tuple[str, str]:
    if state == State.INFORMED:
        reason = str(INFORM_REASONS.get(case.inform_reason, ""))
        return _("This goes another way. %(reason)s") % {"reason": reason}, _("Below we say what you can do.")
    if state == State.ANSWERED:
        return _("We have answered you. The answer stands below."), ""
    if state == State.WITHDRAWN:
        return _("You took this request back."), _("Nothing more happens with it.")
    return (
        _("Several people reported the same thing. It is handled as one."),
        _("What comes of it is done for you as well."),
    )


def _at_desk(case: Case, phase: Phase, at: datetime) -> Stand:
    if case.reopenings:
        said = _("You said it is not solved. We look at it again.")
    elif case.reviews:
        said = _("You asked us to look at the decision again. We are doing so.")
    else:
        said = _("We have your request.")
    due_at = case.dispatch_due_at
    if due_at is None:
        return Stand(phase, said)
    if at > due_at:
        late = _("We should have told you by %(when)s who handles it. We are late, and sorry for it.")
        return Stand(phase, said, late % {"when": by_when(due_at, at)}, late=True)
    return Stand(phase, said, _("By %(when)s we tell you who handles it.") % {"when": by_when(due_at, at)})


def _with_unit(case: Case, phase: Phase, at: datetime) -> Stand:
    names: Mapping[str, str] = {"unit": _unit(case)}
    if case.state == State.OBJECTION_REVIEW:
        said = _("We are making sure which body has to handle it.")
    elif case.redos or case.reworks:
        said = _("%(unit)s is doing it again, because it was not right.") % names
    elif case.state == State.DISPATCHED:
        said = _("It was given to %(unit)s.") % names
    else:
        said = _("%(unit)s is handling it.") % names
    due_at = case.feedback_due_at
    if due_at is None:
        return Stand(phase, said)
    if at > due_at:
        late = _("The answer was due by %(when)s and is late. We are sorry. Call 12345 to hurry it on.")
        return Stand(phase, said, late % {"when": by_when(due_at, at)}, late=True)
    if case.state == State.OBJECTION_REVIEW:
        stays = _("The date for your answer stays: %(when)s.")
        return Stand(phase, said, stays % {"when": by_when(due_at, at)})
    return Stand(phase, said, _("Expect an answer by %(when)s.") % {"when": by_when(due_at, at)})


def _paused(case: Case, phase: Phase, at: datetime, pause: Pause | None) -> Stand:
    if pause is None:
        return Stand(phase, _("The clock stands still for now."))
    said = str(PAUSE_REASONS.get(pause.reason, ""))
    when = {"when": by_when(pause.planned_end_at, at)}
    return Stand(phase, said, _("The clock stands still until %(when)s at the latest.") % when)


def _shelved(phase: Phase, at: datetime, shelving: Shelving | None) -> Stand:
    if shelving is None:
        return Stand(phase, _("This cannot be done for now."))
    said = _("This cannot be done for now: %(reason)s.") % {
        "reason": SHELVING_REASONS.get(shelving.reason, shelving.reason)
    }
    today = at.astimezone(SHANGHAI).date()
    when = day_text(shelving.review_date, today)
    if shelving.resume_after_date is None:
        return Stand(phase, said, _("On %(when)s we tell you how it stands.") % {"when": when})
    following = _("On %(when)s we tell you how it stands. It is planned to go on after %(later)s.")
    later = day_text(shelving.resume_after_date, today)
    return Stand(phase, said, following % {"when": when, "later": later})


def _reopening(case: Case, at: datetime, settings: CaseConfiguration) -> str:
    """What somebody who disagrees with the end may still do."""
    if case.state == State.ARCHIVED or case.ended_at is None or case.reopenings:
        return ""
    last = case.ended_at.astimezone(SHANGHAI).date() + timedelta(days=settings.reopen_days)
    today = at.astimezone(SHANGHAI).date()
    if today > last:
        return ""
    said = _("If it is not solved, you may say so up to %(when)s. Then it is handled again.")
    return said % {"when": day_text(last, today)}


def _unit(case: Case) -> str:
    return case.lead_unit.label if case.lead_unit is not None else _("The unit")
