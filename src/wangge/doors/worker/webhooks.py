"""Taking events to the programs that subscribed, and telling somebody of a program that fell silent."""

from __future__ import annotations

import logging
import threading
from datetime import datetime

from django.db import DatabaseError, InterfaceError, close_old_connections

from wangge.foundation.notices.actions import send
from wangge.foundation.notices.models import Recipient, RecipientKind
from wangge.foundation.webhooks.models import Subscription
from wangge.foundation.webhooks.queries import fallen_silent
from wangge.foundation.webhooks.sending import send_due
from wangge.foundation.worktime.clock import now

logger = logging.getLogger(__name__)

IDLE_SECONDS = 1.0


def send_webhooks(stop: threading.Event) -> None:
    """Send what waits until told to stop. Killed at any moment it loses nothing: see `sending.py`."""
    while not stop.is_set():
        sent = 0
        try:
            close_old_connections()
            sent = send_due(at=now())
            tell_of_silence(now())
        except (DatabaseError, InterfaceError) as error:
            logger.warning("database does not answer (%s); trying again", type(error).__name__)
            stop.wait(2.0)
        except Exception as error:
            logger.error("events could not be sent (%s)", type(error).__name__)
            stop.wait(2.0)
        if not sent:
            stop.wait(IDLE_SECONDS)
    close_old_connections()


def tell_of_silence(at: datetime) -> int:
    """Tell whoever answers for a subscription that it was paused; how many were told of."""
    told = 0
    for subscription in fallen_silent():
        if subscription.contact_kind in RecipientKind.values:
            send(
                to=Recipient(subscription.contact_kind, subscription.contact_id),
                template="webhook.paused",
                params={"no": subscription.pk},
                about=subscription.subject,
                at=at,
                key=f"paused:{subscription.pk}:{subscription.paused_at:%Y%m%d%H%M%S}",
            )
        Subscription.objects.filter(pk=subscription.pk).update(told_at=at)
        told += 1
    return told
