"""Sending a notice, delivering what is due, and reading.

Sending writes no journal line: a notice follows an act that has one, and `DeliveryRecord`, to which the
app may only add, is the proof that it left.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from wangge.foundation.journal.actors import Subject
from wangge.foundation.notices.models import Channel, DeliveryRecord, Notice, QuietHours, Recipient
from wangge.foundation.notices.queries import addressed_to
from wangge.foundation.notices.rules import deliver_at
from wangge.foundation.notices.templates import Value, stored_params, template_of
from wangge.foundation.refusals import Refusal

DELIVERED = "delivered"


class UnableToRead(Refusal):
    """Codes: `not_yours`, `not_delivered`."""


def send(
    *,
    to: Recipient,
    template: str,
    params: Mapping[str, Value],
    about: Subject,
    at: datetime,
    key: str,
    urgent: bool = False,
) -> Notice:
    """Put a notice on its way; the same `key` to the same recipient a second time changes nothing.

    A reaction takes the line it answers as key, e.g. "line:4711". What is not urgent waits until the
    quiet hours are over. Values that do not fit the template raise ValueError (`templates.stored_params`).
    """
    found = template_of(template)
    quiet = QuietHours.objects.get(id=1)
    notice = Notice(
        recipient_kind=to.kind,
        recipient_id=to.id,
        key=key,
        template=template,
        params=stored_params(found, params),
        about_kind=about.kind,
        about_id=about.id,
        urgent=urgent,
        created_at=at,
        deliver_at=deliver_at(at, starts=quiet.starts, ends=quiet.ends, urgent=urgent),
    )
    Notice.objects.bulk_create([notice], ignore_conflicts=True)
    return Notice.objects.get(recipient_kind=to.kind, recipient_id=to.id, key=key)


def deliver_due(*, at: datetime, batch: int = 200) -> int:
    """Deliver up to `batch` notices whose moment has come; returns how many.

    Several workers share the work: each takes rows the others have not locked. A notice is delivered
    and recorded in one transaction, so once and no more.
    """
    with transaction.atomic():
        due = list(
            Notice.objects.select_for_update(skip_locked=True)
            .filter(delivered_at=None, deliver_at__lte=at)
            .order_by("deliver_at", "id")[:batch]
        )
        Notice.objects.filter(pk__in=[notice.pk for notice in due]).update(delivered_at=at)
        DeliveryRecord.objects.bulk_create(
            DeliveryRecord(notice=notice, channel=Channel.INBOX, outcome=DELIVERED, at=at) for notice in due
        )
    return len(due)


def mark_read(*, notice: Notice, readers: Collection[Recipient], at: datetime) -> Notice:
    """One of `readers`, the account or a post it holds now, has read it; the first time counts."""
    if notice.recipient not in readers:
        raise UnableToRead("not_yours", _("This message is for somebody else."))
    if notice.delivered_at is None:
        raise UnableToRead("not_delivered", _("This message is not delivered yet."))
    Notice.objects.filter(pk=notice.pk, read_at=None).update(read_at=at)
    notice.refresh_from_db(fields=["read_at"])
    return notice


def mark_all_read(*, readers: Collection[Recipient], at: datetime) -> int:
    """Everything delivered to `readers` so far; returns how many were new."""
    return addressed_to(readers).filter(read_at=None, delivered_at__isnull=False).update(read_at=at)
