"""The areas of a post, from its district down to single grids; read-only, and the map the islands draw."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.http import Http404, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.urls import reverse

from wangge.doors.desk.roles import DESK
from wangge.doors.shell.fragments import show
from wangge.doors.shell.guards import holder_of, role_required
from wangge.doors.shell.standing import StandingRequest
from wangge.foundation.refusals import Refusal
from wangge.organisations.queries import organisations
from wangge.territory import queries as territory
from wangge.territory.codes import Level
from wangge.territory.models import Area, GridDetail


@dataclass(frozen=True)
class AreaLine:
    """An area below the one shown: how many grids and households it holds."""

    code: str
    label: str
    kind: str
    grids: int
    households: int


@role_required(*DESK)
def area(request: StandingRequest, code: str = "") -> HttpResponseBase:
    """One area of the post's scope and what lies in it; without a code, the scope itself."""
    scope = holder_of(request).area_prefix
    code = code or scope
    if not scope or not code.startswith(scope):
        raise Http404
    try:
        found = territory.area(code)
    except Refusal:
        raise Http404 from None
    context = {
        "area": found,
        "path": [one for one in territory.ancestors(found.code) if one.code.startswith(scope)],
        "lines": _lines(found),
        "grid": GridDetail.objects.filter(area=found).first() if found.level == Level.GRID else None,
        # A district's own bodies have a page of their own.
        "bodies": [
            body
            for body in organisations(found.prefix)
            if body.area_id == found.pk and found.level != Level.DISTRICT
        ],
        "grids_url": map_address(found.prefix),
    }
    return show(request, "desk/area.html", context)


def map_address(area_code: str) -> str:
    """Where the map of a place finds its grids: those of its community, or of the larger area it names."""
    return f"{reverse('desk:grid_map')}?within={area_code[:12]}"


def _lines(found: Area) -> list[AreaLine]:
    below = list(territory.children(found.code))
    grids: Counter[str] = Counter()
    households: Counter[str] = Counter()
    details = GridDetail.objects.filter(area__in=territory.areas_within(found.prefix, Level.GRID))
    for code, count in details.values_list("area__code", "households_count"):
        for one in below:
            if code.startswith(one.code):
                grids[one.code] += 1
                households[one.code] += count
    return [
        AreaLine(one.code, one.label, one.get_kind_display(), grids[one.code], households[one.code])
        for one in below
    ]


@role_required(*DESK)
def grid_map(request: StandingRequest) -> HttpResponseBase:
    """GeoJSON of the grids within `?within=`, as far as that lies in the post's district."""
    holder = holder_of(request)
    within = request.GET.get("within", "") or holder.area_prefix
    if not within.isdecimal() or not within.startswith(holder.district):
        raise Http404
    stamp = f'"{territory.territory_stamp()}-{within}"'
    if request.headers.get("If-None-Match") == stamp:
        return HttpResponseNotModified()
    answer = HttpResponse(territory.grids_geojson(within), content_type="application/geo+json")
    answer.headers["ETag"] = stamp
    # Borders are public; the browser asks each time whether they have moved.
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer
