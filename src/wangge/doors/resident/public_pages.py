"""What everybody may read: the first page, the board, a grid and its sign, how data are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

import segno
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from wangge.cases.limits import configuration
from wangge.doors.resident.board import BoardPage, board_page
from wangge.doors.resident.person import in_hand, resident_of
from wangge.doors.resident.places import area_choices, branches
from wangge.doors.shell.fragments import show
from wangge.doors.shell.standing import StandingRequest
from wangge.duties.models import Category
from wangge.foundation.journal.queries import lines_of
from wangge.organisations.models import Organisation, OrganisationType
from wangge.organisations.queries import holders_over
from wangge.organisations.roles import FIELD, Role
from wangge.territory.actions import subject_of
from wangge.territory.codes import Level
from wangge.territory.models import Area, GridDetail, GridStatus
from wangge.territory.queries import areas_within, grids_geojson, path_label, territory_stamp

BOARD_SIZE = 20
NOT_FOUND = 404
GONE = 410
#: Public and the same for everybody, but borders move: an hour is soon enough.
KEPT_SECONDS = 3600


@require_safe
def home(request: StandingRequest) -> HttpResponseBase:
    context = {"resident": resident_of(request), "in_hand": list(in_hand(request))}
    return show(request, "resident/home.html", context)


@require_safe
def privacy(request: StandingRequest) -> HttpResponseBase:
    """What is stored, who sees it, how long, and what one may ask for."""
    return show(request, "resident/privacy.html", {"kept": configuration()})


# --- the board ------------------------------------------------------------------------------------


@require_safe
def board(request: StandingRequest) -> HttpResponseBase:
    asked = request.GET
    area = _area_code(asked.get("community") or asked.get("area") or "")
    if asked.get("community") and not area.startswith(asked.get("area", "")):
        area = _area_code(asked.get("area", ""))  # another town was chosen: its old community is left behind
    category = asked.get("category", "")
    categories = list(Category.objects.all())
    if category not in {one.code for one in categories}:
        category = ""
    found = board_page(
        area=area,
        category=category,
        categories={one.code: one.label for one in categories},
        at=request.at,
        size=BOARD_SIZE,
        before=_id(asked.get("before", "")),
        after=_id(asked.get("after", "")),
    )
    town = area[:9] if len(area) >= 9 else ""
    context = {
        "lines": found.lines,
        "page": found.page,
        "area": area,
        "town": town,
        "category": category,
        "categories": categories,
        "areas": area_choices(branches()),
        "communities": list(areas_within(town, Level.COMMUNITY)) if town else [],
        **_turns(area, category, found),
    }
    return show(request, "resident/board.html", context)


def _turns(area: str, category: str, found: BoardPage) -> dict[str, str]:
    """Addresses of the newer and the older page under the same filters."""
    kept = {"area": area[:9], "community": area if len(area) >= 12 else "", "category": category}

    def address(way: str, place: int | None) -> str:
        if place is None:
            return ""
        asked = {**{name: value for name, value in kept.items() if value}, way: str(place)}
        return f"{reverse('resident:board')}?{urlencode(asked)}"

    return {
        "newer_url": address("after", found.page.newer_than),
        "older_url": address("before", found.page.older_than),
    }


def _area_code(code: str) -> str:
    return code if code.isascii() and code.isdecimal() and len(code) in (6, 9, 12, 15) else ""


def _id(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 19 else None


# --- grids ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Worker:
    """Who works in a grid: a post of a body, and the body's work phone. Never a person."""

    role: str
    body: str
    phone: str


@require_safe
def grid(request: StandingRequest, code: str) -> HttpResponseBase:
    """What the sign at the door leads to: the grid, who works there, and a way to report."""
    detail = _grid(code)
    if detail is None:
        return show(request, "resident/grid_unknown.html", {"code": code[:20]}, status=NOT_FOUND)
    if detail.status == GridStatus.RETIRED or not detail.area.active:
        successors = Area.objects.filter(follows__predecessor=detail.area, active=True).order_by("code")
        context = {"detail": detail, "path": path_label(code), "successors": successors}
        return show(request, "resident/grid_retired.html", context, status=GONE)
    context = {
        "detail": detail,
        "path": path_label(code[:12]),
        "workers": _workers(code, request.at),
        "committee": Organisation.objects.filter(
            type=OrganisationType.COMMITTEE, area__code=code[:12], active=True
        ).first(),
        "updated_at": _updated_at(code),
        "grids_url": f"{reverse('resident:grids')}?within={code[:12]}",
        "address": request.build_absolute_uri(reverse("resident:grid", args=[code])),
    }
    return show(request, "resident/grid.html", context)


@require_safe
def grid_code(request: StandingRequest, code: str) -> HttpResponse:
    """The QR code of a grid's sign as SVG: the address of its page and nothing else."""
    detail = _grid(code)
    if detail is None or detail.status == GridStatus.RETIRED:
        raise Http404
    address = request.build_absolute_uri(reverse("resident:grid", args=[code]))
    drawn = BytesIO()
    segno.make(address, error="q").save(drawn, kind="svg", scale=8, border=4, light="white")
    response = HttpResponse(drawn.getvalue(), content_type="image/svg+xml")
    response.headers["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
    return response


@require_safe
def grids(request: StandingRequest) -> HttpResponse:
    """Borders and names of grids for the maps, as GeoJSON."""
    prefix = request.GET.get("within", "")
    if prefix and not (prefix.isascii() and prefix.isdecimal() and 4 <= len(prefix) <= 15):
        raise Http404
    tag = f'"{territory_stamp()}-{prefix}"'
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(grids_geojson(prefix), content_type="application/geo+json")
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "public, max-age=60"
    return response


def _grid(code: str) -> GridDetail | None:
    if not (code.isascii() and code.isdecimal() and len(code) == 15):
        return None
    return (
        GridDetail.objects.select_related("area")
        .filter(area__code=code, area__level=Level.GRID)
        .exclude(status=GridStatus.DRAFT)
        .first()
    )


def _workers(code: str, at: datetime) -> list[Worker]:
    """The posts over this very grid that are held now."""
    holders = [
        holder for holder in holders_over(code, FIELD | {Role.GRID_LEAD}, at) if holder.area_prefix == code
    ]
    bodies = Organisation.objects.in_bulk({holder.organisation_id for holder in holders})
    workers = []
    for holder in holders:
        body = bodies[holder.organisation_id]
        workers.append(Worker(str(holder.role.label), body.label, body.work_phone))
    return list(dict.fromkeys(workers))


def _updated_at(code: str) -> datetime | None:
    line = lines_of(subject_of(code)).last()
    return line.at if line is not None else None
