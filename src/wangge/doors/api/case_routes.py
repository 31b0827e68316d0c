"""Cases: register, list, one with its timeline, clocks and moves."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema, Status
from pydantic import Field

from wangge.cases import queries
from wangge.cases.access import case_for, cases_for
from wangge.cases.intake import Contact, Place, Registered, place_at, register_case
from wangge.cases.models import Case
from wangge.cases.moves import UnableToRead
from wangge.cases.states import State
from wangge.cases.words import Channel, RequestType
from wangge.doors.api import case_schemas as schemas
from wangge.doors.api import case_views as views
from wangge.doors.api.bearer import ApiRequest, Bearer
from wangge.doors.api.keeping import one_content
from wangge.doors.api.looking_up import MOST_PHOTOS, photos_of
from wangge.doors.api.scopes import Scope
from wangge.doors.api.words import (
    LARGEST_ID,
    AreaCode,
    Body,
    Degree,
    Digest,
    IdempotencyKey,
    Moment,
    NumberInPath,
    Text,
    Yes,
)
from wangge.duties.models import Priority
from wangge.organisations.posts import PostHolder

router = Router(tags=["cases"])
MOST_ROWS = 100

ShortText = Annotated[str, Field(strict=True, max_length=200)]


class ContactBody(Body):
    """Who asks, in clear, sealed on arrival. It is never told again, only masked."""

    name: Annotated[str, Field(strict=True, max_length=80)] = ""
    phone: Annotated[str, Field(strict=True, max_length=40)] = ""
    address: ShortText = ""


class PlaceBody(Body):
    """An area, a point (CGCS2000 degrees), or both, which must agree; and the words used."""

    area_code: AreaCode | None = None
    words: ShortText = ""
    lon: Annotated[Degree, Field(ge=-180, le=180)] | None = None
    lat: Annotated[Degree, Field(ge=-90, le=90)] | None = None


class RegisterBody(Body):
    text: Text
    place: PlaceBody
    channel: Channel
    request_type: RequestType = RequestType.HELP
    title: Annotated[str, Field(strict=True, max_length=120)] = ""
    contact: ContactBody | None = None
    anonymous: Yes = False
    confidential: Yes = False
    priority: Priority = Priority.NORMAL
    photos: Annotated[list[Digest], Field(max_length=MOST_PHOTOS)] = []
    source_system: Annotated[str, Field(strict=True, max_length=40)] = ""
    external_no: Annotated[str, Field(strict=True, max_length=80)] = ""
    external_due_at: Moment | None = None


@router.post(
    "/cases",
    response={200: schemas.Registered, 201: schemas.Registered},
    auth=Bearer(Scope.CASES_REGISTER),
    operation_id="register_case",
)
def register(
    request: ApiRequest, body: RegisterBody, response: HttpResponse, idempotency_key: IdempotencyKey = None
) -> Status[schemas.Registered]:
    """Take a request in. 201 the first time; 200 with the same case for the same Idempotency-Key, or the same
    number of the same other system."""
    caller = request.auth
    with one_content(request, idempotency_key) as client_key:
        registered = register_case(
            by=caller.by,
            at=request.at,
            text=body.text,
            place=_place(body.place, caller.by),
            channel=body.channel,
            request_type=body.request_type,
            title=body.title,
            contact=Contact(body.contact.name, body.contact.phone, body.contact.address)
            if body.contact
            else None,
            anonymous=body.anonymous,
            confidential=body.confidential,
            priority=body.priority,
            photos=photos_of(caller, body.photos),
            client_key=client_key,
            source_system=body.source_system,
            external_no=body.external_no,
            external_due_at=body.external_due_at,
        )
    response.headers["Location"] = views.case_url(registered.case.number)
    return Status(201 if registered.created else 200, _receipt(registered, client_key))


def _place(told: PlaceBody, by: PostHolder) -> Place:
    if (told.lon is None) != (told.lat is None):
        raise UnableToRead("half_a_point", _("Give both lon and lat, or neither."), field="place")
    area = told.area_code or (by.area_prefix if told.lon is not None else "")
    place = place_at(words=told.words, lon=told.lon, lat=told.lat, area_code=area)
    if told.area_code and not place.area_code.startswith(told.area_code):
        raise UnableToRead(
            "two_places", _("The point lies outside the area that was named. Correct one of the two."),
            field="place",
        )  # fmt: skip
    return place


def _receipt(registered: Registered, client_key: str | None) -> schemas.Registered:
    """The secret only for whoever brought the request in: not where another registered the same number."""
    case = registered.case
    mine = registered.created or (client_key is not None and case.client_key == client_key)
    return schemas.Registered(
        number=case.number,
        secret=case.lookup_secret.unseal() if mine and case.lookup_secret else None,
        created=registered.created,
        state=State(case.state),
        version=case.version,
        due_at=case.due_at,
        url=views.case_url(case.number),
    )


class CaseFilters(Schema):
    """What the list is narrowed to."""

    state: list[State] = []
    channel: Channel | None = None
    category: Annotated[str, Field(max_length=40)] = ""
    priority: Priority | None = None
    area: Annotated[str, Field(pattern="^([0-9]{4,17})?$")] = ""
    unit: Annotated[str, Field(max_length=60)] = ""
    words: Annotated[str, Field(max_length=100)] = ""
    overdue: bool = False
    open: bool = False
    queue: bool = Field(False, description="Only what waits for this post, as in its queue at the desk.")
    limit: Annotated[int, Field(ge=1, le=MOST_ROWS)] = 20
    before: Annotated[int, Field(ge=1, le=LARGEST_ID)] | None = Field(
        None, description="From `next` of the page before."
    )


@router.get("/cases", response=schemas.CasePage, auth=Bearer(Scope.CASES_READ), operation_id="list_cases")
def list_cases(request: ApiRequest, filters: Query[CaseFilters]) -> schemas.CasePage:
    """The cases this post may open, newest first."""
    by = request.auth.by
    narrowed = queries.filtered(
        queries.queue_for(by) if filters.queue else cases_for(by),
        queries.Filters(
            states=tuple(filters.state),
            channel=filters.channel or "",
            category=filters.category,
            priority=filters.priority or "",
            area=filters.area,
            unit=filters.unit,
            words=filters.words,
            overdue=filters.overdue,
            open_only=filters.open,
        ),
        request.at,
    )
    page = queries.page_of(narrowed.select_related("leg"), size=filters.limit, before=filters.before)
    following = None
    if page.older_than is not None:
        told = {**filters.model_dump(mode="json", exclude_defaults=True), "before": page.older_than}
        following = f"{views.ROOT}/cases?{urlencode(told, doseq=True)}"
    return schemas.CasePage.model_construct(
        items=[views.row_of(case, by, request.at) for case in page.cases], next=following
    )


@router.get(
    "/cases/{number}", response=schemas.CaseDetail, auth=Bearer(Scope.CASES_READ), operation_id="get_case"
)
def get_case(request: ApiRequest, number: NumberInPath, response: HttpResponse) -> schemas.CaseDetail:
    """One case, as far as this post sees it. Its ETag says which version that was."""
    case = case_for(request.auth.by, number)
    response.headers["ETag"] = etag_of(case.version)
    return views.detail_of(case, request.auth.by, request.at)


@router.get(
    "/cases/{number}/timeline",
    response=schemas.Timeline,
    auth=Bearer(Scope.CASES_READ),
    operation_id="get_timeline",
)
def get_timeline(request: ApiRequest, number: NumberInPath) -> schemas.Timeline:
    """What happened, oldest first; texts as far as this post reads them."""
    return views.timeline_of(_case(request, number), request.auth.by)


@router.get(
    "/cases/{number}/clocks",
    response=schemas.Clocks,
    auth=Bearer(Scope.CASES_READ),
    operation_id="get_clocks",
)
def get_clocks(request: ApiRequest, number: NumberInPath) -> schemas.Clocks:
    """Every deadline, and how it was counted."""
    return views.clocks_of(_case(request, number), request.auth.by, request.at)


@router.get(
    "/cases/{number}/moves", response=schemas.Moves, auth=Bearer(Scope.CASES_READ), operation_id="get_moves"
)
def get_moves(request: ApiRequest, number: NumberInPath) -> schemas.Moves:
    """The acts of this post: which may be done now, and why not the others."""
    return views.moves_of(_case(request, number), request.auth.by, request.at)


def _case(request: ApiRequest, number: str) -> Case:
    return case_for(request.auth.by, number)


def etag_of(version: int) -> str:
    return f'"{version}"'
