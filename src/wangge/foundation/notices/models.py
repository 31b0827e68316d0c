"""Messages to somebody, when they are due, and the record that they left."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models

from wangge.foundation.journal.actors import Subject
from wangge.foundation.notices.templates import compose


@dataclass(frozen=True)
class Recipient:
    """Whom a notice is for: an account, whoever holds a post, or the requester of a case.

    `id` is a user's id, a post's id, or the number of the case the requester follows.
    """

    kind: str
    id: str


class RecipientKind(models.TextChoices):
    USER = "user"
    POST = "post"
    REQUESTER = "requester"


class Channel(models.TextChoices):
    INBOX = "inbox"


class Notice(models.Model):
    """One message: a template's code and its values. Holds no identity and no sentence.

    `key` makes sending it twice the same as sending it once.
    """

    recipient_kind = models.CharField(max_length=20, choices=RecipientKind.choices, db_collation="C")
    recipient_id = models.CharField(max_length=60, db_collation="C")
    key = models.CharField(max_length=120, db_collation="C")
    template = models.CharField(max_length=60)
    params = models.JSONField()
    about_kind = models.CharField(max_length=40)
    about_id = models.CharField(max_length=80)
    urgent = models.BooleanField(default=False)
    channel = models.CharField(max_length=20, choices=Channel.choices, default=Channel.INBOX)
    created_at = models.DateTimeField()
    deliver_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["recipient_kind", "recipient_id", "key"], name="one_notice_a_key"
            ),
            models.CheckConstraint(
                name="notice_recipient_kind", condition=models.Q(recipient_kind__in=RecipientKind.values)
            ),
            models.CheckConstraint(
                name="notice_read_after_delivery",
                condition=models.Q(read_at=None) | models.Q(delivered_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["recipient_kind", "recipient_id", "-deliver_at"], name="notice_inbox"),
            models.Index(fields=["deliver_at"], name="notice_due", condition=models.Q(delivered_at=None)),
            models.Index(fields=["about_kind", "about_id"], name="notice_about"),
        ]

    def __str__(self) -> str:
        return f"notice {self.pk} {self.template}"

    @property
    def recipient(self) -> Recipient:
        return Recipient(self.recipient_kind, self.recipient_id)

    @property
    def about(self) -> Subject:
        return Subject(self.about_kind, self.about_id)

    @property
    def text(self) -> str:
        """The sentence, in the language in use now."""
        return compose(self.template, self.params, written_at=self.created_at)


class DeliveryRecord(models.Model):
    """That a notice left, by which channel, and what came of it."""

    append_only = True

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.CharField(max_length=20)
    outcome = models.CharField(max_length=40)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"delivery of notice {self.notice_id}: {self.outcome}"


class QuietHours(models.Model):
    """When no prompt that can wait is delivered; one row, first as in `defaults/quiet_hours.toml`."""

    starts = models.TimeField()
    ends = models.TimeField()

    class Meta:
        verbose_name_plural = "quiet hours"
        constraints = [
            models.CheckConstraint(name="one_row_of_quiet_hours", condition=models.Q(id=1)),
        ]
