"""The public board: how requests of an area stand, without anybody in them (`cases.public` says what may
be shown)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from wangge.cases.models import Case, Shelving
from wangge.cases.public import is_personal, public_cases, public_place, public_results
from wangge.cases.queries import CasePage, Filters, filtered, page_of
from wangge.cases.states import State
from wangge.doors.resident.phases import SHELVING_REASONS, Phase, Words, phase_of, public_label


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
    results = public_results(page.cases)
    shelved = _shelving_reasons(page.cases)
    return BoardPage([_line(case, at, categories, results, shelved) for case in page.cases], page)


def _line(
    case: Case, at: datetime, categories: Mapping[str, str], results: dict[int, str], shelved: dict[int, str]
) -> BoardLine:
    category = categories.get(case.category, "")
    named = case.matter is not None and not is_personal(case)
    phase = phase_of(case.state, case.outcome)
    return BoardLine(
        what=case.matter.label if case.matter is not None and named else category,
        category=category,
        place=public_place(case),
        phase=phase,
        label=public_label(phase),
        unit=case.lead_unit.label if case.lead_unit is not None else "",
        registered_at=case.registered_at,
        due_at=case.due_at if case.state != State.PAUSED else None,
        ended_at=case.ended_at,
        late=case.is_overdue(at),
        reason=SHELVING_REASONS.get(shelved.get(case.pk, ""), ""),
        result=results.get(case.pk, ""),
    )


def _shelving_reasons(cases: Iterable[Case]) -> dict[int, str]:
    shelved = [case.pk for case in cases if case.state == State.SHELVED]
    if not shelved:
        return {}
    return dict(Shelving.objects.filter(case_id__in=shelved, to_at=None).values_list("case_id", "reason"))
