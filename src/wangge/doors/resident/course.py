"""What happened to a request, line by line, in words for the person who made it.

Bodies are named, people never. What is said inside the administration (work logs, objections, notes) is
told in one line each, without its text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wangge.cases.models import Attachment
from wangge.cases.queries import Entry
from wangge.foundation.privacy.screening import mask_text
from wangge.foundation.worktime.explaining import describe_limit
from wangge.foundation.worktime.limits import Limit

Words = str | Promise


@dataclass(frozen=True)
class Happening:
    """One line of the course, ready for the page."""

    at: datetime
    what: Words
    icon: str
    tone: str
    text: str
    photos: tuple[Attachment, ...]


def course_of(entries: Iterable[Entry]) -> list[Happening]:
    """Newest first; what is nobody's news is left out."""
    told = [
        Happening(
            entry.at,
            words(entry.facts) if callable(words) else words,
            icon,
            tone,
            mask_text(entry.note.text) if entry.note is not None else "",
            # What came with the request stands with its text.
            entry.photos if entry.act != "case.registered" else (),
        )
        for entry in entries
        if entry.act in _TOLD
        for words, icon, tone in [_TOLD[entry.act]]
    ]
    return told[::-1]


def latest_text(entries: Iterable[Entry], *acts: str) -> Entry | None:
    """The last entry of these acts that carries a text for the requester."""
    return next((entry for entry in reversed(list(entries)) if entry.act in acts and entry.note), None)


# --- words ----------------------------------------------------------------------------------------


def _dispatched(facts: dict[str, Any]) -> str:
    return _("Given to %(unit)s") % {"unit": facts.get("unit_label", "")}


def _reassigned(facts: dict[str, Any]) -> str:
    return _("Now %(unit)s handles it") % {"unit": facts.get("unit_label", "")}


def _handled(facts: dict[str, Any]) -> str:
    return _("The unit got in touch with you") if facts.get("contacted") else _("The unit is working on it")


def _assist(facts: dict[str, Any]) -> str:
    return _("%(unit)s was asked to help") % {"unit": facts.get("unit_label", "")}


def _assisted(facts: dict[str, Any]) -> str:
    return _("%(unit)s helped") % {"unit": facts.get("unit_label", "")}


def _extended(facts: dict[str, Any]) -> str:
    return _("More time was granted: %(limit)s") % {"limit": describe_limit(Limit.parse(str(facts["limit"])))}


def _passed(facts: dict[str, Any]) -> str:
    return _("Checked and found done; you are asked") if facts.get("checked") else _("You are asked")


def _called(facts: dict[str, Any]) -> str:
    if not facts.get("reached"):
        return _("We tried to reach you")
    if facts.get("to") == "in_progress":
        return _("After asking you: it is done again")
    return _("After asking you: closed")


def _rated(facts: dict[str, Any]) -> str:
    if facts.get("to") == "closed":
        return _("You said it is solved; closed")
    return _("You answered; we look into it")


_TOLD: dict[str, tuple[Words | Callable[[dict[str, Any]], str], str, str]] = {
    "case.registered": (gettext_lazy("Received"), "inbox", ""),
    "case.screening_started": (gettext_lazy("Being looked at"), "scan-search", ""),
    "case.classified": (gettext_lazy("Taken up"), "clipboard-list", ""),
    "case.informed": (gettext_lazy("Goes another way"), "info", "warn"),
    "case.review_asked": (gettext_lazy("You asked for a second look"), "repeat", ""),
    "case.answered": (gettext_lazy("Answered"), "message-square-text", "good"),
    "case.merged": (gettext_lazy("Handled together with the same request of others"), "git-merge", ""),
    "case.dispatched": (_dispatched, "send", "info"),
    "case.signed": (gettext_lazy("The unit has confirmed it"), "check", ""),
    "case.auto_signed": (
        gettext_lazy("Counted as confirmed: the time for it was over"),
        "clock",
        "warn",
    ),
    "case.objected": (
        gettext_lazy("The unit names another body for it; being decided"),
        "scale",
        "warn",
    ),
    "case.upheld": (gettext_lazy("Decided: the unit stays the one to handle it"), "scale", ""),
    "case.reassigned": (_reassigned, "route", "info"),
    "case.handled": (_handled, "pencil", ""),
    "case.assist_asked": (_assist, "users", ""),
    "case.assisted": (_assisted, "users", ""),
    "case.paused": (gettext_lazy("The clock was stopped"), "circle-pause", "wait"),
    "case.resumed": (gettext_lazy("The clock runs again"), "play", ""),
    "case.extended": (_extended, "calendar-clock", "warn"),
    "case.shelved": (gettext_lazy("Put off, because it cannot be done for now"), "archive", "wait"),
    "case.reactivated": (gettext_lazy("Taken up again"), "play", "info"),
    "case.shelving_ended": (gettext_lazy("Decided that it cannot be done"), "scroll-text", "warn"),
    "case.fed_back": (gettext_lazy("The unit has answered"), "message-circle", "good"),
    "case.verification_asked": (gettext_lazy("Being checked at the place"), "clipboard-check", ""),
    "case.passed": (_passed, "clipboard-check", ""),
    "case.feedback_rejected": (gettext_lazy("Checked and sent back as not done"), "corner-up-left", "warn"),
    "case.rated": (_rated, "star", ""),
    "case.called_back": (_called, "phone-call", ""),
    "case.reopened": (gettext_lazy("You said it is not solved; taken up again"), "rotate-ccw", "warn"),
    "case.archived": (gettext_lazy("Filed"), "archive", ""),
    "case.withdrawn": (gettext_lazy("You took it back"), "undo-2", ""),
    "case.requester_left": (gettext_lazy("You left the case; the danger is still dealt with"), "log-out", ""),
}
