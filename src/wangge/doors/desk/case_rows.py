"""A line of a list of cases, ready for the template."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from wangge.cases.access import Sight, visibility
from wangge.cases.models import Case
from wangge.cases.states import State
from wangge.organisations.posts import PostHolder
from wangge.territory import queries as territory


@dataclass(frozen=True)
class Row:
    number: str
    title: str
    state: str
    priority: str
    due_at: datetime | None
    overdue: bool
    paused: bool
    place: str
    unit: str
    registered_at: datetime
    confidential: bool
    reopened: bool


def rows_of(cases: Iterable[Case], by: PostHolder, at: datetime) -> list[Row]:
    """Needs `lead_unit`, `matter` and `leg` loaded; asks the database nothing."""
    return [_row(case, by, at) for case in cases]


def _row(case: Case, by: PostHolder, at: datetime) -> Row:
    return Row(
        number=case.number,
        title=shown_title(case, visibility(by, case).text),
        state=case.state,
        priority=case.priority,
        due_at=case.due_at,
        overdue=case.is_overdue(at),
        paused=case.state == State.PAUSED,
        place=short_place(case.area_code, by),
        unit=case.lead_unit.label if case.lead_unit else "",
        registered_at=case.registered_at,
        confidential=case.confidential,
        reopened=case.reopenings > 0,
    )


def shown_title(case: Case, sight: Sight) -> str:
    """The request's own first sentence; for those who see the text masked, what kind of matter it is."""
    if sight >= Sight.FULL:
        return case.title
    if case.matter is not None:
        return case.matter.label
    return _("%(type)s, not classified yet") % {"type": case.get_request_type_display()}


def short_place(area_code: str, by: PostHolder) -> str:
    """Town / community / grid, without the part the post itself stands for."""
    parts = [
        territory.label(area_code[:length])
        for length in (6, 9, 12, 15)
        if len(area_code) >= length > min(len(by.area_prefix), len(area_code) - 1)
    ]
    return " / ".join(parts)
