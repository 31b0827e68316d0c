"""How the requests of one sender moved on: the extension by which FixMyStreet polls.

`servicerequestupdates` is not part of GeoReport v2 itself; programs of the FixMyStreet family ask for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from wangge.cases.models import Case
from wangge.cases.public import WITH_RESULT, Phase, phase_of, public_results
from wangge.cases.states import OPEN, State
from wangge.doors.open311.asking import Window
from wangge.doors.open311.models import Open311Key
from wangge.doors.open311.showing import notes, stamp, status_of
from wangge.foundation.journal.models import Line
from wangge.foundation.journal.queries import lines_of_many

#: A program that was away for long asks again from the last one it got.
MOST_UPDATES = 1000


@dataclass(frozen=True)
class Turn:
    """A line of the journal after which people outside read something else than before."""

    number: str
    seq: int
    at: datetime
    state: State
    outcome: str


def update_rows(key: Open311Key, window: Window) -> list[dict[str, Any]]:
    """The oldest first, at most `MOST_UPDATES`."""
    cases = Case.objects.filter(
        Q(state__in=sorted(OPEN)) | Q(ended_at__gte=window.start),
        source_system=key.source_system,
        district=key.jurisdiction.code,
        confidential=False,
        registered_at__lt=window.end,
    ).only("pk", "number", "state", "category")
    by_number = {case.number: case for case in cases}
    turns = [
        turn for turn in _turns(lines_of_many("case", by_number)) if window.start <= turn.at < window.end
    ]
    turns = sorted(turns, key=lambda turn: (turn.at, turn.number, turn.seq))[:MOST_UPDATES]
    ended = {turn.number for turn in turns if turn.state in WITH_RESULT}
    results = public_results(by_number[number] for number in ended)
    return [_row(turn, results.get(by_number[turn.number].pk, "")) for turn in turns]


def _row(turn: Turn, result: str) -> dict[str, Any]:
    ended = turn.state in WITH_RESULT
    return {
        "update_id": f"{turn.number}.{turn.seq}",
        "service_request_id": turn.number,
        "status": status_of(turn.state),
        "updated_datetime": stamp(turn.at),
        "description": notes(turn.state, turn.outcome, result if ended else ""),
        "media_url": None,
    }


def _turns(lines: Iterable[Line]) -> Iterable[Turn]:
    """Of each request the lines that changed its phase, in order; being registered is no update."""
    phase: Phase | None = None
    number = outcome = ""
    for line in lines:
        if line.subject_id != number:
            number, phase = line.subject_id, None
        if not (to := line.facts.get("to")):
            continue
        # Put into the archive, it ended as it had ended.
        kept = outcome if to == State.ARCHIVED else ""
        outcome = str(line.facts.get("outcome") or kept)
        now = phase_of(to, outcome)
        if phase is not None and now != phase:
            yield Turn(number, line.seq, line.at, State(to), outcome)
        phase = now
