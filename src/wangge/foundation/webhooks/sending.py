"""Taking what waits to its receivers: claimed for a while, posted, written down.

A claim is a lease, not an open transaction: no lock is held while a receiver thinks. A sender that is
killed leaves what it had claimed as it was, and another goes on when the lease is over. A receiver may
therefore get an event twice, always with the same id, and never misses one.
"""

from __future__ import annotations

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import urllib3
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from urllib3.exceptions import HTTPError

from wangge.foundation.journal.actions import append
from wangge.foundation.journal.actors import Actor
from wangge.foundation.journal.canonical import iso_utc
from wangge.foundation.privacy.sealing import UnableToUnseal
from wangge.foundation.refusals import Refusal
from wangge.foundation.webhooks.addresses import Target, target_of
from wangge.foundation.webhooks.limits import WebhookLimits, webhook_limits
from wangge.foundation.webhooks.models import Delivery, DeliveryStatus, Subscription, SubscriptionState
from wangge.foundation.webhooks.signing import headers

logger = logging.getLogger(__name__)

SENDER = Actor.system("webhooks")
#: No answer at all: not reached, not in time, or an address that may not be called.
NO_ANSWER = 0
GONE = 410


@dataclass(frozen=True)
class Message:
    """What one receiver is to be told in one POST."""

    subscription: Subscription
    deliveries: tuple[Delivery, ...]
    leased_until: datetime

    @property
    def id(self) -> str:
        first, last = self.deliveries[0].line_id, self.deliveries[-1].line_id
        return f"msg_{self.subscription.pk}_{first}_{last}_{len(self.deliveries)}"

    def body(self, at: datetime) -> bytes:
        told: dict[str, Any] = {
            "type": "wangge.events",
            "timestamp": iso_utc(at),
            "data": {"events": [delivery.event for delivery in self.deliveries]},
        }
        return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def send_due(*, at: datetime) -> int:
    """Tell up to `posts_at_once` receivers what waits for them; how many messages were tried."""
    limits = webhook_limits()
    messages = _claim(at, limits)
    if not messages:
        return 0
    with ThreadPoolExecutor(len(messages)) as pool:
        codes = list(pool.map(lambda message: _post(message, at, limits), messages))
    for message, code in zip(messages, codes, strict=True):
        _write_down(message, code, at, limits)
    return len(messages)


def wait_after(failures: int, limits: WebhookLimits) -> timedelta:
    """How long to wait after that many failures in a row."""
    return timedelta(seconds=limits.waits[min(failures, len(limits.waits)) - 1])


# --- claiming ---


def _claim(at: datetime, limits: WebhookLimits) -> list[Message]:
    waiting = Delivery.objects.filter(subscription=OuterRef("pk"), status=DeliveryStatus.WAITING)
    until = at + timedelta(seconds=limits.lease_seconds)
    with transaction.atomic():
        due = list(
            Subscription.objects.select_for_update(skip_locked=True)
            .filter(Q(next_at=None) | Q(next_at__lte=at), Exists(waiting), state=SubscriptionState.ACTIVE)
            .order_by(F("next_at").asc(nulls_first=True), "pk")[: limits.posts_at_once]
        )
        messages = []
        for subscription in due:
            # After a failure one at a time, so that one event a receiver chokes on holds back no other.
            most = 1 if subscription.failures else limits.events_per_post
            deliveries = subscription.deliveries.filter(status=DeliveryStatus.WAITING).order_by("line_id")
            messages.append(Message(subscription, tuple(deliveries[:most]), until))
        Subscription.objects.filter(pk__in=[one.pk for one in due]).update(next_at=until)
    return messages


# --- posting ---


def _post(message: Message, at: datetime, limits: WebhookLimits) -> int:
    """The receiver's answer as a number. Touches no table: it runs beside others."""
    try:
        target = target_of(message.subscription.url)
        body = message.body(at)
        signed = headers(message.subscription.secret.unseal(), message.id, at, body)
        return _answer(target, body, {**signed, "host": target.host_header}, limits)
    except (Refusal, UnableToUnseal, HTTPError, OSError) as error:
        logger.info("webhook %s: %s", message.subscription.pk, type(error).__name__)
        return NO_ANSWER


def _answer(target: Target, body: bytes, told: dict[str, str], limits: WebhookLimits) -> int:
    timeout = urllib3.Timeout(connect=limits.connect_seconds, read=limits.answer_seconds)
    pool: urllib3.HTTPConnectionPool
    if target.scheme == "https":
        # The address that was checked is called; the name in the certificate is the one that was given.
        pool = urllib3.HTTPSConnectionPool(
            target.address, target.port, timeout=timeout, cert_reqs="CERT_REQUIRED",
            assert_hostname=target.host, server_hostname=target.host,
        )  # fmt: skip
    else:
        pool = urllib3.HTTPConnectionPool(target.address, target.port, timeout=timeout)
    try:
        # A receiver that moved says so to its administrators; a message does not follow it elsewhere.
        answer = pool.urlopen(
            "POST", target.path, body=body, headers=told, retries=False, redirect=False,
            preload_content=False,
        )  # fmt: skip
        answer.close()
        return int(answer.status)
    finally:
        pool.close()


# --- writing down ---


@transaction.atomic
def _write_down(message: Message, code: int, at: datetime, limits: WebhookLimits) -> None:
    subscription = Subscription.objects.select_for_update().get(pk=message.subscription.pk)
    mine = subscription.deliveries.filter(
        pk__in=[delivery.pk for delivery in message.deliveries], status=DeliveryStatus.WAITING
    )
    if 200 <= code < 300:
        mine.update(status=DeliveryStatus.SENT, attempts=F("attempts") + 1, last_code=code, done_at=at)
        subscription.last_sent_at = at
    else:
        mine.update(attempts=F("attempts") + 1, last_code=code)
        mine.filter(attempts__gte=limits.attempts).update(status=DeliveryStatus.GIVEN_UP, done_at=at)
    if subscription.next_at != message.leased_until:
        return  # somebody resumed or ended it meanwhile, or the lease was over
    subscription.last_code = code
    if 200 <= code < 300:
        subscription.failures = 0
        subscription.failing_since = subscription.next_at = None
    else:
        subscription.failures += 1
        subscription.failing_since = subscription.failing_since or at
        subscription.next_at = at + wait_after(subscription.failures, limits)
        _pause_if_hopeless(subscription, code, at, limits)
    subscription.save()


def _pause_if_hopeless(subscription: Subscription, code: int, at: datetime, limits: WebhookLimits) -> None:
    """A receiver that says it is gone, or that failed for days, is left alone until somebody resumes it."""
    since = subscription.failing_since or at
    if code != GONE and at - since < timedelta(hours=limits.pause_after_hours):
        return
    subscription.state = SubscriptionState.PAUSED
    subscription.paused_at = at
    append(
        act="webhook.paused",
        subject=subscription.subject,
        by=SENDER,
        at=at,
        facts={"code": code, "failing_since": iso_utc(since)},
    )
