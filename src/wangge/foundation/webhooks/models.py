"""Who wants to be told what, and what is still to be told to them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from wangge.foundation.journal.actors import Subject
from wangge.foundation.privacy.fields import SealedTextField


class SubscriptionState(models.TextChoices):
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class Subscription(models.Model):
    """A receiver, and which lines it wants to hear of.

    `owner_*` and `contact_*` mean something to the door that made it: on whose behalf it listens, and who
    is told when it falls silent. A receiver hears events in the order they were written down: while one
    is being tried again, those after it wait (`next_at`).
    """

    url = models.CharField(max_length=500)
    secret = SealedTextField(purpose="webhooks.secret")
    acts = ArrayField(models.CharField(max_length=60), default=list, blank=True)  # none: all
    area_prefix = models.CharField(max_length=17, blank=True, db_collation="C")
    organisation = models.CharField(max_length=60, blank=True, db_collation="C")
    owner_kind = models.CharField(max_length=20, db_collation="C")
    owner_id = models.CharField(max_length=60, db_collation="C")
    contact_kind = models.CharField(max_length=20)
    contact_id = models.CharField(max_length=60)
    state = models.CharField(
        max_length=8, choices=SubscriptionState.choices, default=SubscriptionState.ACTIVE, db_collation="C"
    )
    created_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True, blank=True)
    failures = models.IntegerField(default=0)
    failing_since = models.DateTimeField(null=True, blank=True)
    last_code = models.SmallIntegerField(null=True, blank=True)  # 0: no answer at all
    last_sent_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=SubscriptionState.values), name="subscription_is_in_a_state"
            ),
            models.CheckConstraint(
                condition=~Q(state=SubscriptionState.PAUSED) | Q(paused_at__isnull=False),
                name="a_paused_subscription_says_since_when",
            ),
        ]
        indexes = [models.Index(fields=["owner_kind", "owner_id"], name="subscription_owner")]

    @property
    def subject(self) -> Subject:
        return Subject("webhook", str(self.pk))

    def __str__(self) -> str:
        return f"webhook {self.pk}"


class DeliveryStatus(models.TextChoices):
    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given_up"


class Delivery(models.Model):
    """One event for one receiver. `line_id` is the journal's; the event's id is made of it."""

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="deliveries")
    line_id = models.BigIntegerField()
    event = models.JSONField()
    status = models.CharField(
        max_length=8, choices=DeliveryStatus.choices, default=DeliveryStatus.WAITING, db_collation="C"
    )
    attempts = models.SmallIntegerField(default=0)
    last_code = models.SmallIntegerField(null=True, blank=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["subscription", "line_id"], name="one_delivery_a_line"),
            models.CheckConstraint(
                condition=Q(status__in=DeliveryStatus.values), name="delivery_has_a_status"
            ),
        ]
        indexes = [
            models.Index(
                fields=["subscription", "line_id"],
                name="delivery_waiting",
                condition=Q(status=DeliveryStatus.WAITING),
            ),
            models.Index(fields=["done_at"], name="delivery_done", condition=Q(done_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.subscription_id} line {self.line_id}"
