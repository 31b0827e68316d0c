"""Requests as open data: which ones a caller may know of, and what is said of each.

Everybody may know of what stands on the public board, except matters of a person's own life: a service code
would say too much of them. A sender with its key also finds what it sent itself, from the first moment; what
is said of it is no more. The text of a requester is shown to nobody here, not even in part.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from wangge.cases.models import Case
from wangge.cases.public import PUBLIC, phase_of, public_place, public_results
from wangge.cases.public_text import PERSONAL_CATEGORIES
from wangge.cases.states import ENDED, OPEN, State
from wangge.doors.open311.asking import CLOSED, Wanted, Window
from wangge.doors.open311.models import AskedService, Open311Key
from wangge.foundation.journal.models import Line
from wangge.foundation.worktime.workcalendar import SHANGHAI
from wangge.territory.queries import grid_anchor, public_point


def visible(district: str, key: Open311Key | None) -> QuerySet[Case]:
    """The requests of a district that this caller may know of."""
    may = PUBLIC & Q(matter__isnull=False) & ~Q(category__in=sorted(PERSONAL_CATEGORIES))
    if key is not None and key.jurisdiction.code == district:
        may |= Q(source_system=key.source_system, confidential=False)
    return (
        Case.objects.defer("search", "text", "title", "place")
        .filter(may, district=district)
        .select_related("matter", "lead_unit", "asked_service__matter")
    )


def listed(cases: QuerySet[Case], district: str, wanted: Wanted) -> QuerySet[Case]:
    """Those asked for, newest first. Numbers asked for override all other filters (GeoReport v2)."""
    cases = cases.order_by("-number")
    if wanted.ids:
        return cases.filter(number__in=wanted.ids)
    cases = cases.filter(_numbers_within(district, wanted.window), _received_within(wanted.window))
    if len(wanted.statuses) == 1:
        states = ENDED if CLOSED in wanted.statuses else OPEN
        cases = cases.filter(state__in=sorted(states))
    if wanted.services:
        asked_for = AskedService.objects.filter(case=OuterRef("pk"), matter__code__in=wanted.services)
        cases = cases.filter(Q(matter__code__in=wanted.services) | Q(Exists(asked_for), matter__isnull=True))
    return cases


def _received_within(window: Window) -> Q:
    return Q(registered_at__gte=window.start, registered_at__lt=window.end)


def _numbers_within(district: str, window: Window) -> Q:
    """The same days by the numbers, which begin with district and day: the unique index answers it."""
    first = window.start.astimezone(SHANGHAI).date()
    last = window.end.astimezone(SHANGHAI).date() + timedelta(days=1)
    return Q(number__gte=f"{district}-{first:%Y%m%d}", number__lt=f"{district}-{last:%Y%m%d}")


def rows_of(cases: Iterable[Case]) -> list[dict[str, Any]]:
    """Three statements for any number of requests: themselves, their last moves, their results."""
    found = list(cases)
    results, moved = public_results(found), _last_moves(found)
    return [
        _row(case, results.get(case.pk, ""), moved.get(case.number, case.registered_at)) for case in found
    ]


def _row(case: Case, result: str, moved_at: datetime) -> dict[str, Any]:
    code, name = service_of(case)
    lat, lon = _point(case)
    return {
        "service_request_id": case.number,
        "status": status_of(case.state),
        "status_notes": notes(case.state, case.outcome, result),
        "service_name": name,
        "service_code": code,
        "description": None,
        "agency_responsible": case.lead_unit.label if case.lead_unit is not None else None,
        "service_notice": None,
        "requested_datetime": stamp(case.registered_at),
        "updated_datetime": stamp(moved_at),
        "expected_datetime": stamp(_expected(case)),
        "address": public_place(case),
        "address_id": _area(case),
        "zipcode": None,
        "lat": lat,
        "long": lon,
        "media_url": None,
    }


def status_of(state: str) -> str:
    return CLOSED if State(state) in ENDED else "open"


def notes(state: str, outcome: str, result: str) -> str:
    """What two statuses cannot carry: the phase, and at the end the answer of the unit."""
    said = str(phase_of(state, outcome).label)
    return _("%(phase)s: %(answer)s") % {"phase": said, "answer": result} if result else said


def stamp(at: datetime | None) -> str | None:
    return at.astimezone(SHANGHAI).isoformat(timespec="seconds") if at is not None else None


def service_of(case: Case) -> tuple[str, str]:
    """What the desk decided it is; before that, what its sender took it for."""
    matter = case.matter
    if matter is None:
        asked = getattr(case, "asked_service", None)
        matter = asked.matter if asked is not None else None
    return (matter.code, matter.label) if matter is not None else ("", "")


def _area(case: Case) -> str:
    return case.area_code[:12] if case.category in PERSONAL_CATEGORIES else case.area_code[:15]


def _point(case: Case) -> tuple[float | None, float | None]:
    """Latitude and longitude of the grid, never of the house."""
    if case.category in PERSONAL_CATEGORIES:
        return None, None
    if case.lon is not None and case.lat is not None:
        lon, lat = public_point(case.lon, case.lat)
        return lat, lon
    anchor = grid_anchor(case.grid) if case.grid else None
    return (anchor[1], anchor[0]) if anchor is not None else (None, None)


def _expected(case: Case) -> datetime | None:
    return case.due_at if case.state != State.PAUSED else None


def _last_moves(cases: Iterable[Case]) -> dict[str, datetime]:
    """When each came into the state it is in: the last line that moved it."""
    lines = Line.objects.filter(
        subject_kind="case", subject_id__in=[case.number for case in cases], facts__has_key="to"
    )
    last = lines.order_by("subject_id", "-seq").distinct("subject_id")
    return dict(last.values_list("subject_id", "at"))
