"""Who wants to hear of what, what waits, and who fell silent."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from wangge.foundation.webhooks.models import Delivery, Subscription, SubscriptionState

LISTENING = (SubscriptionState.ACTIVE, SubscriptionState.PAUSED)


def subscriptions_of(owner_kind: str, owner_id: str) -> QuerySet[Subscription]:
    """What this owner listens to, oldest first; ended ones left out."""
    return Subscription.objects.filter(
        owner_kind=owner_kind, owner_id=owner_id, state__in=LISTENING
    ).order_by("pk")


def wanting(act: str) -> list[Subscription]:
    """Everybody who wants to hear of this act somewhere. A paused receiver hears of it when it is resumed."""
    return list(
        Subscription.objects.filter(Q(acts=[]) | Q(acts__contains=[act]), state__in=LISTENING).order_by("pk")
    )


def recent_deliveries(subscription: Subscription) -> QuerySet[Delivery]:
    return subscription.deliveries.order_by("-line_id")


def fallen_silent() -> QuerySet[Subscription]:
    """Paused by us, and nobody was told yet."""
    return Subscription.objects.filter(state=SubscriptionState.PAUSED, told_at=None).order_by("pk")
