"""Subscribing, and putting events on their way."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from wangge.foundation.journal.actions import append
from wangge.foundation.journal.actors import Actor
from wangge.foundation.journal.canonical import check_facts, iso_utc
from wangge.foundation.journal.models import Line
from wangge.foundation.refusals import Refusal
from wangge.foundation.webhooks.addresses import target_of
from wangge.foundation.webhooks.limits import webhook_limits
from wangge.foundation.webhooks.models import Delivery, DeliveryStatus, Subscription, SubscriptionState
from wangge.foundation.webhooks.queries import subscriptions_of
from wangge.foundation.webhooks.signing import new_secret


class UnableToSubscribe(Refusal):
    """Codes: `too_many`, `ended`."""


@dataclass(frozen=True)
class Party:
    """Somebody a door knows: on whose behalf a subscription listens, or who is told about it."""

    kind: str
    id: str


@transaction.atomic
def subscribe(
    *,
    by: Actor,
    at: datetime,
    url: str,
    owner: Party,
    contact: Party,
    acts: Sequence[str] = (),
    area_prefix: str = "",
    organisation: str = "",
) -> Subscription:
    """Tell `url` from now on. Raises UnableToReach for an address that may not be called."""
    target_of(url)
    most = webhook_limits().most_per_owner
    if subscriptions_of(owner.kind, owner.id).count() >= most:
        raise UnableToSubscribe(
            "too_many", _("There are %(most)s subscriptions already; end one of them.") % {"most": most}
        )
    subscription = Subscription.objects.create(
        url=url, secret=new_secret(), acts=sorted(set(acts)), area_prefix=area_prefix,
        organisation=organisation, owner_kind=owner.kind, owner_id=owner.id, contact_kind=contact.kind,
        contact_id=contact.id, created_at=at,
    )  # fmt: skip
    append(
        act="webhook.subscribed",
        subject=subscription.subject,
        by=by,
        at=at,
        facts={
            "owner": f"{owner.kind}:{owner.id}",
            # The address may hold a key of the receiver's.
            "url_digest": hashlib.sha256(url.encode()).hexdigest(),
            "acts": subscription.acts,
            "area": area_prefix,
            "unit": organisation,
        },
        new=True,
    )
    return subscription


@transaction.atomic
def resume(*, by: Actor, at: datetime, subscription: Subscription) -> Subscription:
    """Begin again after a pause; what waited meanwhile is sent. One that is active is tried at once."""
    locked = Subscription.objects.select_for_update().get(pk=subscription.pk)
    if locked.state == SubscriptionState.ENDED:
        raise UnableToSubscribe("ended", _("This subscription has ended. Make a new one."))
    paused = locked.state == SubscriptionState.PAUSED
    locked.state = SubscriptionState.ACTIVE
    locked.failures = 0
    locked.failing_since = locked.paused_at = locked.told_at = locked.next_at = None
    locked.save()
    if paused:
        Delivery.objects.filter(subscription=locked, status=DeliveryStatus.WAITING).update(attempts=0)
        append(act="webhook.resumed", subject=locked.subject, by=by, at=at)
    return locked


@transaction.atomic
def end(*, by: Actor, at: datetime, subscription: Subscription) -> None:
    """Tell this receiver nothing more; its address and secret are forgotten, what waited is dropped."""
    locked = Subscription.objects.select_for_update().get(pk=subscription.pk)
    if locked.state == SubscriptionState.ENDED:
        return
    locked.state = SubscriptionState.ENDED
    locked.url = ""
    locked.secret = ""
    locked.save(update_fields=["state", "url", "secret"])
    locked.deliveries.all().delete()
    append(act="webhook.ended", subject=locked.subject, by=by, at=at)


def enqueue(
    *,
    line: Line,
    to: Iterable[Subscription],
    area_code: str = "",
    unit: str = "",
    data: dict[str, Any] | None = None,
) -> int:
    """Put the event of a line on its way to those whose area and unit it concerns; how many these are.

    The same line a second time changes nothing. `data` holds codes, ids, numbers and moments, or ValueError.
    """
    concerned = [
        one for one in to if area_code.startswith(one.area_prefix) and one.organisation in {"", unit}
    ]
    if not concerned:
        return 0
    event = event_of(line, data or {})
    Delivery.objects.bulk_create(
        [Delivery(subscription=one, line_id=line.pk, event=event, created_at=line.at) for one in concerned],
        ignore_conflicts=True,
    )
    return len(concerned)


def event_of(line: Line, data: dict[str, Any]) -> dict[str, Any]:
    """What a receiver reads of a line. Its id stays the same however often it is sent."""
    check_facts(data, "data")
    return {
        "id": f"evt_{line.pk}",
        "type": line.act,
        "timestamp": iso_utc(line.at),
        "subject": {"kind": line.subject_kind, "id": line.subject_id, "seq": line.seq},
        "data": data,
    }


def sweep(*, at: datetime) -> int:
    """Forget what was told long enough ago, and give up what waited too long; how many rows went."""
    limits = webhook_limits()
    Delivery.objects.filter(
        status=DeliveryStatus.WAITING, created_at__lt=at - timedelta(days=limits.keep_waiting_days)
    ).update(status=DeliveryStatus.GIVEN_UP, done_at=at)
    gone = 0
    for status, days in (
        (DeliveryStatus.SENT, limits.keep_sent_days),
        (DeliveryStatus.GIVEN_UP, limits.keep_given_up_days),
    ):
        gone += Delivery.objects.filter(status=status, done_at__lt=at - timedelta(days=days)).delete()[0]
    return gone
