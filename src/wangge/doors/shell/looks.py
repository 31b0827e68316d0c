"""How the trade's words look: each state, priority and clock has a tone and a sign, never colour alone."""

from __future__ import annotations

from dataclasses import dataclass

from wangge.cases.states import State
from wangge.duties.models import Priority

#: Tones of the design system; each is a class suffix: `.tag-good`, `.notice-good`.
TONES = ("neutral", "info", "wait", "good", "warn", "bad", "loud")


@dataclass(frozen=True)
class Face:
    tone: str
    icon: str


STATES: dict[State, Face] = {
    State.REGISTERED: Face("neutral", "circle"),
    State.SCREENING: Face("neutral", "scan-search"),
    State.INFORMED: Face("neutral", "info"),
    State.ANSWERED: Face("good", "message-square-text"),
    State.TO_DISPATCH: Face("info", "send"),
    State.DISPATCHED: Face("info", "inbox"),
    State.OBJECTION_REVIEW: Face("warn", "scale"),
    State.IN_PROGRESS: Face("info", "circle-dot"),
    State.PAUSED: Face("wait", "circle-pause"),
    State.SHELVED: Face("wait", "archive"),
    State.FEEDBACK_GIVEN: Face("info", "message-circle"),
    State.VERIFYING: Face("info", "clipboard-check"),
    State.CALLBACK_DUE: Face("info", "phone-call"),
    State.CLOSED: Face("good", "circle-check"),
    State.ARCHIVED: Face("neutral", "archive"),
    State.WITHDRAWN: Face("neutral", "undo-2"),
    State.MERGED: Face("neutral", "git-merge"),
}

PRIORITIES: dict[Priority, Face] = {
    Priority.EMERGENCY: Face("loud", "siren"),
    Priority.URGENT: Face("bad", "chevron-up"),
    Priority.NORMAL: Face("neutral", "minus"),
    Priority.COMPLEX: Face("wait", "layers"),
    Priority.CONSULT: Face("neutral", "circle-help"),
    Priority.SUGGEST: Face("neutral", "message-circle"),
}

CLOCKS: dict[str, Face] = {
    "running": Face("running", "clock"),
    "soon": Face("soon", "timer"),
    "overdue": Face("overdue", "clock-alert"),
    "paused": Face("paused", "circle-pause"),
    "kept": Face("kept", "clock-check"),
    "missed": Face("missed", "clock-alert"),
}

MESSAGES: dict[str, Face] = {
    "debug": Face("neutral", "info"),
    "info": Face("info", "info"),
    "success": Face("good", "circle-check"),
    "warning": Face("warn", "triangle-alert"),
    "error": Face("bad", "circle-alert"),
}

PLAIN = Face("neutral", "circle")


def face_of_state(state: str) -> Face:
    return STATES.get(State(state), PLAIN) if state in State.values else PLAIN


def face_of_priority(priority: str) -> Face:
    return PRIORITIES.get(Priority(priority), PLAIN) if priority in Priority.values else PLAIN
