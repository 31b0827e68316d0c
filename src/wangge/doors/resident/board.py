"""The public board: how requests of an area stand, without anybody in them.

No text of a requester, no name, no point on a map; confidential reports and what was not taken up are left
out altogether. The answer of a unit is shown after it was cleaned (`public_text`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from wangge.cases.models import Case, CaseNote, Shelving
from wangge.cases.queries import CasePage, Filters, filtered, page_of
from wangge.cases.states import State
from wangge.cases.words import NoteKind
from wangge.doors.resident.phases import SHELVING_REASONS, Phase, Words, phase_of, public_label
from wangge.doors.resident.public_text import PERSONAL_CATEGORIES, public_text
from wangge.territory.queries import path_label

#: What has been taken up. Withdrawn and merged requests, questions answered at once, and what went another
#: way are nobody's news.
SHOWN = (
    State.TO_DISPATCH,
    State.DISPATCHED,
    State.OBJECTION_REVIEW,
    State.IN_PROGRESS,
    State.PAUSED,
    State.SHELVED,
    State.FEEDBACK_GIVEN,
    State.VERIFYING,
    State.CALLBACK_DUE,
    State.CLOSED,
    State.ARCHIVED,
)
ENDED = frozenset({State.CLOSED, State.ARCHIVED})


@dataclass(frozen=True)
class BoardLine:
    """One request as everybody may see it."""

    what: str
    category: str
    place: str
    phase: Phase
    label: Words
    unit: str
    registered_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    late: bool
    reason: Words
    result: str


@dataclass(frozen=True)
class BoardPage:
    lines: list[BoardLine]
    page: CasePage


def public_cases() -> QuerySet[Case]:
    """Every case the board may speak of."""
    return Case.objects.defer("search", "text", "title", "place").filter(
        # Unsorted, nobody can say whether it is a matter of a person's own life.
        ~Q(category=""),
        confidential=False,
        state__in=[state.value for state in SHOWN],
    )


def board_page(
    *,
    area: str,
    category: str,
    categories: Mapping[str, str],
    at: datetime,
    size: int,
    before: int | None,
    after: int | None,
) -> BoardPage:
    """One page of the board, newest first; three statements. `categories` are their labels by code."""
    cases = filtered(public_cases(), Filters(area=area, category=category), at)
    page = page_of(cases, size=size, before=before, after=after)
    results = _results(page.cases)
    shelved = _shelving_reasons(page.cases)
    return BoardPage([_line(case, at, categories, results, shelved) for case in page.cases], page)


def _line(
    case: Case, at: datetime, categories: Mapping[str, str], results: dict[int, str], shelved: dict[int, str]
) -> BoardLine:
    category = categories.get(case.category, "")
    personal = case.category in PERSONAL_CATEGORIES
    named = case.matter is not None and not personal
    phase = phase_of(case.state, case.outcome)
    return BoardLine(
        what=case.matter.label if case.matter is not None and named else category,
        category=category,
        place=_below_district(case.area_code[:12] if personal else case.area_code[:15]),
        phase=phase,
        label=public_label(phase),
        unit=case.lead_unit.label if case.lead_unit is not None else "",
        registered_at=case.registered_at,
        due_at=case.due_at if case.state != State.PAUSED else None,
        ended_at=case.ended_at,
        late=case.is_overdue(at),
        reason=SHELVING_REASONS.get(shelved.get(case.pk, ""), ""),
        result="" if personal else public_text(results.get(case.pk, "")),
    )


def _below_district(code: str) -> str:
    """The names from the town down; of what is known no nearer, the district's."""
    names = path_label(code).split(" / ")
    return " / ".join(names[1:] or names)


def _results(cases: Iterable[Case]) -> dict[int, str]:
    """The last answer of the unit, for cases that have ended with one."""
    ended = [case.pk for case in cases if case.state in ENDED and case.category not in PERSONAL_CATEGORIES]
    notes = CaseNote.objects.filter(case_id__in=ended, kind=NoteKind.FEEDBACK).order_by("at", "pk")
    return dict(notes.values_list("case_id", "text"))


def _shelving_reasons(cases: Iterable[Case]) -> dict[int, str]:
    shelved = [case.pk for case in cases if case.state == State.SHELVED]
    if not shelved:
        return {}
    return dict(Shelving.objects.filter(case_id__in=shelved, to_at=None).values_list("case_id", "reason"))
