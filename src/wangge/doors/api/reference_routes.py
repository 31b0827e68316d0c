"""Whose token it is; areas, grids, matters and organisations of its district."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from django.http import Http404
from ninja import Query, Router, Schema
from pydantic import Field

from wangge.doors.api.bearer import ApiRequest, Bearer
from wangge.doors.api.scopes import Scope
from wangge.doors.api.words import AREA, AreaInPath, CodeInPath
from wangge.duties.models import Matter as MatterRow
from wangge.duties.models import Priority
from wangge.duties.queries import matters_in_force, who_leads
from wangge.foundation.worktime.workcalendar import SHANGHAI
from wangge.organisations.models import Organisation as OrganisationRow
from wangge.organisations.queries import organisations
from wangge.organisations.roles import Role
from wangge.territory import queries as territory
from wangge.territory.codes import Level
from wangge.territory.models import Area as AreaRow

router = Router()
MOST_AREAS = 500


class Post(Schema):
    role: Role
    role_label: str
    organisation: str
    organisation_label: str
    area_prefix: str


class Me(Schema):
    """The token that asks, and the post it acts from."""

    token: str = Field(description="The visible beginning of the token.")
    name: str
    scopes: list[Scope]
    expires_at: datetime
    post: Post


@router.get("/me", response=Me, auth=Bearer(), operation_id="get_me", tags=["token"])
def get_me(request: ApiRequest) -> Me:
    """Whose token this is, and what it may be used for."""
    token, by = request.auth.token, request.auth.by
    return Me(
        token=token.prefix,
        name=token.name,
        scopes=[Scope(scope) for scope in token.scopes],
        expires_at=token.expires_at,
        post=Post(
            role=by.role,
            role_label=str(by.role.label),
            organisation=by.organisation_code,
            organisation_label=token.appointment.post.organisation.label,
            area_prefix=by.area_prefix,
        ),
    )


# --- territory ---


class Area(Schema):
    code: str
    name: str
    name_en: str | None
    level: Level
    path: str


class Areas(Schema):
    items: list[Area]
    next: str | None


class AreaFilters(Schema):
    within: Annotated[str, Field(pattern="^([0-9]{4,17})?$")] = Field(
        "", description="Areas at and below this code; the whole district by itself."
    )
    level: Level | None = None
    limit: Annotated[int, Field(ge=1, le=MOST_AREAS)] = 200
    after: Annotated[str, Field(pattern="^([0-9]{4,17})?$")] = Field(
        "", description="The code the page before ended with."
    )


def _area(row: AreaRow) -> Area:
    return Area(
        code=row.code,
        name=row.name,
        name_en=row.name_en or None,
        level=Level(row.level),
        path=territory.path_label(row.code),
    )


@router.get(
    "/areas", response=Areas, auth=Bearer(Scope.TERRITORY_READ), operation_id="list_areas", tags=["territory"]
)
def list_areas(request: ApiRequest, filters: Query[AreaFilters]) -> Areas:
    """Areas in use of the token's district, in order of code."""
    district = request.auth.by.district
    within = filters.within if filters.within.startswith(district) else district
    if filters.within and within != filters.within and not district.startswith(filters.within):
        raise Http404
    rows = territory.areas_within(within, filters.level)
    found = list(rows.filter(code__gt=filters.after)[: filters.limit + 1])
    page = found[: filters.limit]
    following = None
    if len(found) > len(page):
        level = f"&level={filters.level.value}" if filters.level else ""
        following = f"/api/v1/areas?within={within}&limit={filters.limit}&after={page[-1].code}{level}"
    return Areas(items=[_area(row) for row in page], next=following)


@router.get(
    "/areas/{code}",
    response=Area,
    auth=Bearer(Scope.TERRITORY_READ),
    operation_id="get_area",
    tags=["territory"],
)
def get_area(request: ApiRequest, code: AreaInPath) -> Area:
    """One area of the token's district, in use or not."""
    row = AreaRow.objects.filter(code=code).first()
    if row is None or not row.code.startswith(request.auth.by.district):
        raise Http404
    return _area(row)


class GridAt(Schema):
    grid_code: str
    community_code: str
    name: str
    path: str
    confidence: float


class Point(Schema):
    """Degrees of CGCS2000."""

    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]


@router.get(
    "/grid_at", response=GridAt, auth=Bearer(Scope.TERRITORY_READ), operation_id="grid_at", tags=["territory"]
)
def grid_at(request: ApiRequest, point: Query[Point]) -> GridAt:
    """The grid of the token's district that holds a point; 404 outside all of them."""
    hit = territory.grid_at(point.lon, point.lat)
    if hit is None or not hit.grid_code.startswith(request.auth.by.district):
        raise Http404
    return GridAt(
        grid_code=hit.grid_code,
        community_code=hit.community_code,
        name=hit.name,
        path=territory.path_label(hit.grid_code),
        confidence=hit.confidence,
    )


# --- duties and organisations ---


class Matter(Schema):
    code: str
    category: str
    name: str
    name_en: str
    priority: Priority
    request_types: list[str]
    verification_required: bool


class Matters(Schema):
    items: list[Matter]


def _matter(row: MatterRow) -> Matter:
    return Matter(
        code=row.code,
        category=row.category.code,
        name=row.name,
        name_en=row.name_en,
        priority=Priority(row.priority),
        request_types=row.request_types,
        verification_required=row.verification_required,
    )


def _today(request: ApiRequest) -> date:
    return request.at.astimezone(SHANGHAI).date()


@router.get(
    "/matters", response=Matters, auth=Bearer(Scope.DUTIES_READ), operation_id="list_matters", tags=["duties"]
)
def list_matters(request: ApiRequest) -> Matters:
    """The matters in force today."""
    return Matters(items=[_matter(row) for row in matters_in_force(_today(request))])


@router.get(
    "/matters/{code}",
    response=Matter,
    auth=Bearer(Scope.DUTIES_READ),
    operation_id="get_matter",
    tags=["duties"],
)
def get_matter(request: ApiRequest, code: CodeInPath) -> Matter:
    """One matter, in force or not."""
    return _matter(_matter_row(code))


class Lead(Schema):
    """Exactly one lead, who assists, and the rule that says so."""

    lead: str
    lead_label: str
    assists: list[str]
    not_admitted: list[str]
    basis: str


@router.get(
    "/matters/{code}/lead",
    response=Lead,
    auth=Bearer(Scope.DUTIES_READ),
    operation_id="who_leads",
    tags=["duties"],
)
def lead(
    request: ApiRequest,
    code: CodeInPath,
    area: Annotated[str, Query(pattern=AREA)],
    day: date | None = None,
) -> Lead:
    """Who leads a matter at a place, today or on another day. 422 where the catalogue names nobody."""
    if not area.startswith(request.auth.by.district):
        raise Http404
    found = who_leads(matter=_matter_row(code), area_code=area, day=day or _today(request))
    return Lead(
        lead=found.organisation.code,
        lead_label=found.organisation.label,
        assists=[body.code for body in found.assists],
        not_admitted=[body.code for body in found.not_admitted],
        basis=found.rule.basis,
    )


def _matter_row(code: str) -> MatterRow:
    row = MatterRow.objects.select_related("category").filter(code=code).first()
    if row is None:
        raise Http404
    return row


class Organisation(Schema):
    code: str
    kind: str
    type: str
    name: str
    name_en: str | None
    area_code: str
    work_phone: str | None


class Organisations(Schema):
    items: list[Organisation]
    next: str | None


class OrganisationFilters(Schema):
    limit: Annotated[int, Field(ge=1, le=MOST_AREAS)] = 200
    after: Annotated[str, Field(pattern="^([A-Za-z0-9_.-]{1,60})?$")] = ""


def _organisation(row: OrganisationRow) -> Organisation:
    return Organisation(
        code=row.code,
        kind=row.kind,
        type=row.type,
        name=row.name,
        name_en=row.name_en or None,
        area_code=row.area.code,
        work_phone=row.work_phone or None,
    )


@router.get(
    "/organisations",
    response=Organisations,
    auth=Bearer(Scope.DUTIES_READ),
    operation_id="list_organisations",
    tags=["organisations"],
)
def list_organisations(request: ApiRequest, filters: Query[OrganisationFilters]) -> Organisations:
    """The active bodies of the token's district, in order of code."""
    rows = organisations(request.auth.by.district).select_related("area").filter(code__gt=filters.after)
    found = list(rows[: filters.limit + 1])
    page = found[: filters.limit]
    more = len(found) > len(page)
    following = f"/api/v1/organisations?limit={filters.limit}&after={page[-1].code}" if more else None
    return Organisations(items=[_organisation(row) for row in page], next=following)


@router.get(
    "/organisations/{code}",
    response=Organisation,
    auth=Bearer(Scope.DUTIES_READ),
    operation_id="get_organisation",
    tags=["organisations"],
)
def get_organisation(request: ApiRequest, code: CodeInPath) -> Organisation:
    """One active body of the token's district."""
    row = organisations(request.auth.by.district).select_related("area").filter(code=code).first()
    if row is None:
        raise Http404
    return _organisation(row)
