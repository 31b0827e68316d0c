"""The first page: my grid, what waits for me, what became of what was reported."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from wangge.cases.access import cases_for
from wangge.cases.states import State
from wangge.doors.field.case_sheet import rows_of
from wangge.doors.field.notice_pages import readers_of
from wangge.doors.field.report_pages import patrol_reports
from wangge.doors.shell.fragments import show
from wangge.doors.shell.guards import holder_of, role_required
from wangge.doors.shell.standing import StandingRequest
from wangge.foundation.journal.queries import lines_of
from wangge.foundation.notices.queries import unread_count
from wangge.organisations.roles import FIELD
from wangge.territory.actions import subject_of
from wangge.territory.models import GridDetail
from wangge.territory.queries import label, path_label

#: How many lines of each list the first page shows; the rest is one press away.
FIRST = 5


@dataclass(frozen=True)
class MyArea:
    """The area of the post; `households` only where it is a grid that says so."""

    code: str
    name: str
    path: str
    households: int | None
    updated_at: datetime | None


@role_required(*FIELD)
@require_safe
def home(request: StandingRequest) -> HttpResponseBase:
    by = holder_of(request)
    loaded = ("matter", "lead_unit", "leg")
    waiting = list(
        cases_for(by)
        .filter(state=State.VERIFYING)
        .select_related(*loaded)
        .order_by("feedback_at", "pk")[: FIRST + 1]
    )
    reported = patrol_reports(by).select_related(*loaded).order_by("-pk")[:FIRST]
    context = {
        "area": _area(by.area_prefix),
        "waiting": rows_of(waiting[:FIRST], by),
        "more_wait": len(waiting) > FIRST,
        "reported": rows_of(reported, by),
        "unread": unread_count(*readers_of(by)),
    }
    return show(request, "field/home.html", context)


def _area(code: str) -> MyArea:
    detail = GridDetail.objects.filter(area__code=code).first()
    last = lines_of(subject_of(code)).last()
    return MyArea(
        code=code,
        name=label(code),
        path=path_label(code[:12]),
        households=detail.households_count if detail else None,
        updated_at=last.at if last else None,
    )
