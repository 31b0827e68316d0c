"""What happened to a case, in words: a past sentence, a sign and a detail for each line of its timeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wangge.cases.access import Sight, Visibility
from wangge.cases.queries import Entry
from wangge.cases.states import State
from wangge.cases.words import (
    CallbackChannel,
    InformReason,
    ObjectionGround,
    Outcome,
    PauseReason,
    Satisfaction,
    ShelvingReason,
    Solved,
)
from wangge.duties.models import Priority


@dataclass(frozen=True)
class Happening:
    """How one act is told: `tone` is "", "good", "warn" or "bad", as the design system has dots."""

    words: str | Promise
    icon: str
    tone: str = ""


HAPPENINGS: dict[str, Happening] = {
    "case.registered": Happening(gettext_lazy("Registered"), "square-pen"),
    "case.screening_started": Happening(gettext_lazy("Taken up for screening"), "scan-search"),
    "case.informed": Happening(gettext_lazy("Not dispatched; the requester was told why"), "info"),
    "case.review_asked": Happening(gettext_lazy("The requester asked for a review"), "undo-2", "warn"),
    "case.answered": Happening(gettext_lazy("Answered directly"), "message-square-text", "good"),
    "case.classified": Happening(gettext_lazy("Classified"), "tag"),
    "case.ended_elsewhere": Happening(gettext_lazy("Had ended in the system it came from"), "archive"),
    "case.merged": Happening(gettext_lazy("Merged into another case"), "git-merge"),
    "case.dispatched": Happening(gettext_lazy("Dispatched"), "send"),
    "case.signed": Happening(gettext_lazy("Signed for"), "circle-dot"),
    "case.auto_signed": Happening(gettext_lazy("Signed by the clock"), "clock", "warn"),
    "case.objected": Happening(gettext_lazy("The unit objected to the dispatch"), "scale", "warn"),
    "case.upheld": Happening(gettext_lazy("The dispatch was upheld"), "scale"),
    "case.reassigned": Happening(gettext_lazy("Reassigned"), "repeat", "warn"),
    "case.handled": Happening(gettext_lazy("Work logged"), "clipboard-list"),
    "case.assist_asked": Happening(gettext_lazy("Assistance asked for"), "users"),
    "case.assisted": Happening(gettext_lazy("Assistance reported"), "users"),
    "case.paused": Happening(gettext_lazy("The clock was paused"), "circle-pause", "warn"),
    "case.resumed": Happening(gettext_lazy("The clock runs again"), "play"),
    "case.extended": Happening(gettext_lazy("The deadline was extended"), "calendar-clock", "warn"),
    "case.shelved": Happening(gettext_lazy("Shelved"), "archive", "warn"),
    "case.reactivated": Happening(gettext_lazy("Taken up again"), "play"),
    "case.shelving_ended": Happening(gettext_lazy("The shelving was ended"), "archive"),
    "case.fed_back": Happening(gettext_lazy("Feedback given to the requester"), "message-circle"),
    "case.verification_asked": Happening(gettext_lazy("A check on site was asked for"), "clipboard-check"),
    "case.passed": Happening(gettext_lazy("Passed to callback"), "check"),
    "case.feedback_rejected": Happening(gettext_lazy("Sent back as not done"), "corner-up-left", "bad"),
    "case.rated": Happening(gettext_lazy("The requester answered"), "star"),
    "case.called_back": Happening(gettext_lazy("Called back"), "phone-call"),
    "case.reopened": Happening(gettext_lazy("Opened again by the requester"), "rotate-ccw", "bad"),
    "case.archived": Happening(gettext_lazy("Archived"), "archive"),
    "case.withdrawn": Happening(gettext_lazy("Withdrawn by the requester"), "undo-2"),
    "case.requester_left": Happening(gettext_lazy("The requester withdrew; the danger is handled"), "undo-2"),
    "identity.revealed": Happening(gettext_lazy("The requester's contact was looked at"), "eye"),
    "identity.erased": Happening(gettext_lazy("The requester's contact was erased"), "eye-off"),
}


def happening(act: str) -> Happening:
    return HAPPENINGS.get(act) or Happening(act, "circle")


def detail_of(entry: Entry, seen: Visibility) -> str:
    """What the facts of a line add to its words, as far as this person sees the field they belong to."""
    facts = entry.facts
    match entry.act:
        case "case.dispatched" | "case.reassigned" | "case.assist_asked" | "case.assisted":
            return str(facts.get("unit_label", ""))
        case "case.informed":
            return _word(InformReason, facts.get("reason"))
        case "case.classified":
            return _word(Priority, facts.get("priority"))
        case "case.objected" if seen.internal >= Sight.FULL:
            return _word(ObjectionGround, facts.get("ground"))
        case "case.paused":
            return _word(PauseReason, facts.get("reason"))
        case "case.shelved":
            return _word(ShelvingReason, facts.get("reason"))
        case "case.handled" if facts.get("contacted"):
            return _("The requester was spoken to.")
        case "case.rated" | "case.called_back":
            return _answer(facts, seen)
        case _:
            return ""


def _answer(facts: Mapping[str, Any], seen: Visibility) -> str:
    """What the requester said, for those who see ratings; what came of it, for all."""
    told: list[str] = []
    if not facts.get("reached"):
        told.append(_("not reached, attempt %(count)s") % {"count": facts.get("attempt", 1)})
    elif seen.rating >= Sight.FULL:
        told += [_word(Solved, facts.get("solved")), _word(Satisfaction, facts.get("satisfaction"))]
        told.append(_word(CallbackChannel, facts.get("channel")))
    if facts.get("outcome"):
        told.append(_("closed: %(outcome)s") % {"outcome": _word(Outcome, facts["outcome"])})
    elif facts.get("to") == State.IN_PROGRESS:
        told.append(_("to be done again"))
    return " · ".join(filter(None, told))


def _word(words: Any, value: Any) -> str:
    return str(words(value).label) if value in words.values else ""
