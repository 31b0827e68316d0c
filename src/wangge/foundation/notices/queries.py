"""What is in somebody's inbox."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from wangge.foundation.journal.actors import Subject
from wangge.foundation.notices.models import Notice, Recipient


def inbox(*recipients: Recipient) -> QuerySet[Notice]:
    """What was delivered to these (an account and the posts it holds), newest first."""
    return addressed_to(recipients).filter(delivered_at__isnull=False).order_by("-deliver_at", "-id")


def unread_count(*recipients: Recipient) -> int:
    return inbox(*recipients).filter(read_at=None).order_by().count()


def notices_about(subject: Subject) -> QuerySet[Notice]:
    """Everything sent about a thing, in the order it was sent."""
    return Notice.objects.filter(about_kind=subject.kind, about_id=subject.id).order_by("created_at", "id")


def addressed_to(recipients: Iterable[Recipient]) -> QuerySet[Notice]:
    anyone = Q(pk__in=[])
    for recipient in recipients:
        anyone |= Q(recipient_kind=recipient.kind, recipient_id=recipient.id)
    return Notice.objects.filter(anyone)
