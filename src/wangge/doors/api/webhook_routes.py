"""Subscriptions to events: a token hears of the cases its post may open, and of no others."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from ninja import Router, Schema, Status
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from wangge.cases.access import DISTRICT_WIDE, UNIT_ROLES
from wangge.cases.moves import UnableToAct, UnableToRead
from wangge.cases.rules import WRONG_AREA
from wangge.cases.states import MOVE_OF
from wangge.doors.api.bearer import ApiRequest, Bearer
from wangge.doors.api.keeping import once
from wangge.doors.api.scopes import Scope
from wangge.doors.api.tokens import owner_of
from wangge.doors.api.words import AreaCode, Body, Code, IdempotencyKey, IdInPath
from wangge.foundation.notices.models import RecipientKind
from wangge.foundation.webhooks import actions
from wangge.foundation.webhooks.actions import Party
from wangge.foundation.webhooks.addresses import LONGEST_URL
from wangge.foundation.webhooks.models import Delivery, Subscription
from wangge.foundation.webhooks.queries import recent_deliveries, subscriptions_of
from wangge.organisations.posts import PostHolder
from wangge.organisations.roles import COMMUNITY, FIELD, TOWN

router = Router(tags=["webhooks"])
EVENTS = sorted(MOVE_OF)
LAST_DELIVERIES = 100
#: Posts that find cases at all.
HEAR_OF_CASES = DISTRICT_WIDE | UNIT_ROLES | FIELD | COMMUNITY | TOWN


def _known(event: str) -> str:
    if event not in MOVE_OF:
        raise PydanticCustomError("unknown_event", "There is no such event")
    return event


EventName = Annotated[str, Field(strict=True, json_schema_extra={"enum": EVENTS}), AfterValidator(_known)]


class SubscribeBody(Body):
    url: Annotated[str, Field(strict=True, max_length=LONGEST_URL)]
    acts: Annotated[list[EventName], Field(max_length=len(EVENTS))] = Field(
        [], description="The events to hear of; none named means all."
    )
    area_prefix: AreaCode | None = Field(None, description="Within the post's area; all of it by itself.")
    organisation: Code | None = Field(
        None, description="Only cases this unit leads. Posts of a department hear of their own unit's alone."
    )


class Webhook(Schema):
    id: int
    url: str
    acts: list[str]
    area_prefix: str
    organisation: str | None
    state: str
    created_at: datetime
    failures: int
    last_code: int | None = Field(description="The receiver's last answer; 0 if there was none.")
    last_sent_at: datetime | None
    next_at: datetime | None
    paused_at: datetime | None


class NewWebhook(Webhook):
    secret: str = Field(description="Signs every message; told only now.")


class Webhooks(Schema):
    items: list[Webhook]


class DeliveryRow(Schema):
    event: str
    type: str
    status: str
    attempts: int
    last_code: int | None
    created_at: datetime
    done_at: datetime | None


class Deliveries(Schema):
    items: list[DeliveryRow]


@router.post(
    "/webhooks",
    response={201: NewWebhook},
    auth=Bearer(Scope.WEBHOOKS_MANAGE),
    operation_id="subscribe",
)
def subscribe(
    request: ApiRequest, body: SubscribeBody, idempotency_key: IdempotencyKey = None
) -> Status[NewWebhook]:
    """Have events sent to an address from now on. The answer tells the secret that signs them, once."""
    caller = request.auth

    def perform() -> dict[str, Any]:
        area, unit = _reach(body, caller.by)
        made = actions.subscribe(
            by=caller.by,
            at=request.at,
            url=body.url,
            owner=owner_of(caller.token),
            contact=Party(RecipientKind.POST, caller.by.post_id),
            acts=body.acts,
            area_prefix=area,
            organisation=unit,
        )
        return {"id": made.pk}

    webhook = _found(request, once(request, idempotency_key, perform)["id"])
    return Status(201, NewWebhook(**_told(webhook), secret=webhook.secret.unseal()))


def _reach(body: SubscribeBody, by: PostHolder) -> tuple[str, str]:
    """The area and unit to hear of: never more than the post finds at the desk."""
    if by.role not in HEAR_OF_CASES:
        raise UnableToAct("wrong_role", _("This is not among the duties of your post."))
    area, unit = body.area_prefix or by.area_prefix, body.organisation or ""
    if by.role in UNIT_ROLES:
        if unit not in {"", by.organisation_code}:
            raise UnableToRead(
                "wrong_unit", _("Your post hears of its own unit's cases."), field="organisation"
            )
        unit = by.organisation_code
    if not area.startswith(by.area_prefix):
        raise UnableToAct(WRONG_AREA.code, WRONG_AREA.reason)
    return area, unit


@router.get("/webhooks", response=Webhooks, auth=Bearer(Scope.WEBHOOKS_MANAGE), operation_id="list_webhooks")
def list_webhooks(request: ApiRequest) -> Webhooks:
    """What this token subscribed to."""
    owner = owner_of(request.auth.token)
    return Webhooks(items=[Webhook(**_told(one)) for one in subscriptions_of(owner.kind, owner.id)])


@router.get(
    "/webhooks/{webhook_id}",
    response=Webhook,
    auth=Bearer(Scope.WEBHOOKS_MANAGE),
    operation_id="get_webhook",
)
def get_webhook(request: ApiRequest, webhook_id: IdInPath) -> Webhook:
    """One subscription, and how it is faring."""
    return Webhook(**_told(_found(request, webhook_id)))


@router.get(
    "/webhooks/{webhook_id}/deliveries",
    response=Deliveries,
    auth=Bearer(Scope.WEBHOOKS_MANAGE),
    operation_id="list_deliveries",
)
def list_deliveries(request: ApiRequest, webhook_id: IdInPath) -> Deliveries:
    """The last hundred events for this receiver, newest first."""
    rows = recent_deliveries(_found(request, webhook_id))[:LAST_DELIVERIES]
    return Deliveries(items=[_delivery(row) for row in rows])


@router.post(
    "/webhooks/{webhook_id}/resume",
    response=Webhook,
    auth=Bearer(Scope.WEBHOOKS_MANAGE),
    operation_id="resume_webhook",
)
def resume(request: ApiRequest, webhook_id: IdInPath) -> Webhook:
    """Begin again after a pause, or try at once; what waited meanwhile is sent."""
    found = _found(request, webhook_id)
    return Webhook(**_told(actions.resume(by=request.auth.by, at=request.at, subscription=found)))


@router.delete(
    "/webhooks/{webhook_id}",
    response={204: None},
    auth=Bearer(Scope.WEBHOOKS_MANAGE),
    operation_id="unsubscribe",
)
def unsubscribe(request: ApiRequest, webhook_id: IdInPath) -> Status[None]:
    """Tell this receiver nothing more."""
    actions.end(by=request.auth.by, at=request.at, subscription=_found(request, webhook_id))
    return Status(204, None)


def _found(request: ApiRequest, webhook_id: int) -> Subscription:
    owner = owner_of(request.auth.token)
    found = subscriptions_of(owner.kind, owner.id).filter(pk=webhook_id).first()
    if found is None:
        raise Http404
    return found


def _told(one: Subscription) -> dict[str, Any]:
    return {
        "id": one.pk,
        "url": one.url,
        "acts": one.acts,
        "area_prefix": one.area_prefix,
        "organisation": one.organisation or None,
        "state": one.state,
        "created_at": one.created_at,
        "failures": one.failures,
        "last_code": one.last_code,
        "last_sent_at": one.last_sent_at,
        "next_at": one.next_at,
        "paused_at": one.paused_at,
    }


def _delivery(row: Delivery) -> DeliveryRow:
    return DeliveryRow(
        event=row.event["id"],
        type=row.event["type"],
        status=row.status,
        attempts=row.attempts,
        last_code=row.last_code,
        created_at=row.created_at,
        done_at=row.done_at,
    )
