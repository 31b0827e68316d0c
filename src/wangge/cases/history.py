"""A case's history as values: what the pure rules and clocks read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wangge.cases.states import State, state_after
from wangge.foundation.journal.models import Line


@dataclass(frozen=True)
class Event:
    """One journal line of a case, without who wrote it."""

    act: str
    at: datetime
    facts: dict[str, Any]
    seq: int = 0


def events_of(lines: Iterable[Line]) -> list[Event]:
    return [Event(line.act, line.at, line.facts, line.seq) for line in lines]


def replay(history: Sequence[Event]) -> State:
    """The state that a history leads to; UnableToFollow where it breaks the table, ValueError if empty."""
    state: State | None = None
    for event in history:
        state = state_after(state, event.act, event.facts.get("to"))
    if state is None:
        raise ValueError("A case without a history has no state.")
    return state


def moment(value: Any) -> datetime:
    """A moment as facts hold it (ISO with zone)."""
    return datetime.fromisoformat(str(value))
