"""What a program reads of a case."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import Field

from wangge.cases.states import State
from wangge.cases.words import Channel, Outcome, RequestType
from wangge.duties.models import Priority


class CaseRow(Schema):
    """A case in a list."""

    number: str
    version: int
    title: str = Field(description="The request's first sentence; its matter where the post reads no texts.")
    state: State
    priority: Priority
    channel: Channel
    request_type: RequestType
    area_code: str
    matter: str | None
    lead_unit: str | None
    registered_at: datetime
    due_at: datetime | None = Field(description="The promise that runs now, if one does.")
    overdue: bool
    paused: bool
    confidential: bool
    url: str


class CasePage(Schema):
    """Newest first. `next` is the address of the page after this one."""

    items: list[CaseRow]
    next: str | None


class Requester(Schema):
    """Who asked, masked. Null members were not given."""

    anonymous: bool
    name_masked: str | None
    phone_masked: str | None
    address_masked: str | None


class PhotoLink(Schema):
    digest: str
    url: str


class CaseDetail(CaseRow):
    """A case, as far as the post sees it; what it does not see is null."""

    text: str | None
    place: str | None
    place_path: str
    lon: float | None
    lat: float | None
    place_confidence: float
    requester: Requester | None
    photos: list[PhotoLink]
    source_system: str | None
    external_no: str | None
    external_due_at: datetime | None
    category: str | None
    first_unit: str | None
    outcome: Outcome | None
    inform_reason: str | None
    verification_required: bool
    verified: bool
    merged_into: str | None
    reassignments: int
    extensions: int
    redos: int
    reopenings: int
    accepted_at: datetime | None
    first_dispatched_at: datetime | None
    feedback_at: datetime | None
    ended_at: datetime | None


class TimelineEntry(Schema):
    """One act on the case, oldest first."""

    at: datetime
    act: str
    label: str
    who: str
    text: str | None
    photos: list[PhotoLink]
    facts: dict[str, Any] = Field(description="Codes, numbers and moments of the act.")


class Timeline(Schema):
    items: list[TimelineEntry]


class ClockStep(Schema):
    code: str
    at: datetime
    text: str


class Clock(Schema):
    """One deadline with every step of the counting."""

    stage: str
    limit: str = Field(description="As counted: 4wh is four working hours, 5wd five working days.")
    began_at: datetime
    due_at: datetime | None
    met_at: datetime | None
    late: bool
    paused: bool
    external: bool
    steps: list[ClockStep]


class Clocks(Schema):
    """The promises to the requester, and those of the unit that has the case now."""

    case: list[Clock]
    unit: list[Clock]


class Move(Schema):
    """An act of this post, and why not if it cannot be done now."""

    act: str
    label: str
    allowed: bool
    code: str | None
    reason: str | None
    url: str


class Moves(Schema):
    version: int
    items: list[Move]


class Registered(Schema):
    """The receipt. Who asked follows the request with number and secret."""

    number: str
    secret: str | None
    created: bool
    state: State
    version: int
    due_at: datetime | None
    url: str


class Acted(Schema):
    """What an act led to."""

    number: str
    act: str
    state: State
    version: int
    at: datetime
    url: str
