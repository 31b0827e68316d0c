"""How an area stands: cases by state and by the areas below it. Counts only, no case and no person."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from wangge.cases.access import cases_for
from wangge.cases.models import Case
from wangge.cases.queries import Filters, filtered
from wangge.cases.states import OPEN, State
from wangge.doors.desk.case_rows import rows_of
from wangge.doors.desk.roles import OVERVIEW
from wangge.doors.shell.fragments import show
from wangge.doors.shell.guards import holder_of, role_required
from wangge.doors.shell.standing import StandingRequest
from wangge.organisations.posts import PostHolder
from wangge.organisations.roles import Role
from wangge.territory import queries as territory

#: Under each level of scope, the column of the case that names the areas below.
_BELOW = {4: "district", 6: "town", 9: "community", 12: "grid", 15: "grid"}


@dataclass(frozen=True)
class StateLine:
    """One state: how many cases in each area, in the order of the table's columns, and in all."""

    state: str
    counts: list[tuple[str, int]]
    total: int


@role_required(*OVERVIEW)
def overview(request: StandingRequest) -> HttpResponseBase:
    by = holder_of(request)
    cases = cases_for(by)
    column = _BELOW[len(by.area_prefix)]
    counted: dict[str, Counter[str]] = {}
    for area, state, count in cases.order_by().values_list(column, "state").annotate(count=Count("pk")):
        counted.setdefault(state, Counter())[area] += count
    overdue = _overdue(cases, column, request.at)
    areas = sorted(
        {area for counts in counted.values() for area in counts}, key=lambda code: (not code, code)
    )
    lines = [
        StateLine(state.value, [(area, counted[state][area]) for area in areas], counted[state].total())
        for state in State
        if state in counted
    ]
    context = {
        "areas": [(code, territory.label(code) if code else _("Not located further")) for code in areas],
        "lines": lines,
        "overdue": [(area, overdue[area]) for area in areas],
        "overdue_total": overdue.total(),
        "open_total": sum(line.total for line in lines if line.state in OPEN),
        "undispatched": sum(
            line.total
            for line in lines
            if line.state in {State.REGISTERED, State.SCREENING, State.TO_DISPATCH}
        ),
        "callback": sum(line.total for line in lines if line.state == State.CALLBACK_DUE),
        "scope": territory.label(by.area_prefix),
        "meeting": rows_of(_for_the_meeting(cases), by, request.at) if _prepares_meetings(by) else None,
    }
    return show(request, "desk/overview.html", context)


def _overdue(cases: QuerySet[Case], column: str, at: datetime) -> Counter[str]:
    late = filtered(cases, Filters(overdue=True), at).order_by()
    return Counter(dict(late.values_list(column).annotate(count=Count("pk"))))


def _prepares_meetings(by: PostHolder) -> bool:
    return by.role == Role.JOINT_MEETING_OFFICE


def _for_the_meeting(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Done over twice and still not right: the joint meeting takes these up (domain notes §4)."""
    return cases.filter(meeting_due=True).select_related("lead_unit", "matter", "leg").order_by("-pk")[:50]
