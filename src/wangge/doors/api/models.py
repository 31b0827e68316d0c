"""Tokens, the photos they sent, and what they were answered."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from wangge.foundation.files.models import StoredFile
from wangge.foundation.journal.actors import Subject
from wangge.organisations.models import Appointment


class ApiToken(models.Model):
    """A program's key. Only its digest is kept: whoever lost the token makes a new one.

    It acts as the person appointed, from the post, for as long as both the token and the appointment hold.
    """

    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=16, unique=True, db_collation="C")
    digest = models.CharField(max_length=64, unique=True, db_collation="C")
    scopes = ArrayField(models.CharField(max_length=20))
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    #: The day is enough to find tokens nobody needs; hours of work are nobody's business.
    last_used_date = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="token_ends_after_it_starts"
            ),
            models.CheckConstraint(condition=~Q(scopes=[]), name="token_is_for_something"),
        ]

    @property
    def subject(self) -> Subject:
        return Subject("token", str(self.pk))

    def __str__(self) -> str:
        return self.prefix


class TokenPhoto(models.Model):
    """A photo this token sent. It may attach these and no others: a digest alone opens nothing."""

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="photos")
    file = models.ForeignKey(StoredFile, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "file"], name="one_row_a_token_and_photo")]

    def __str__(self) -> str:
        return f"{self.token_id} {self.file_id}"


class KeptAnswer(models.Model):
    """What a call with an Idempotency-Key was answered. Ids and codes only; texts stay in their own rows.

    `digest` is of the call and its body. `answer` is empty while a registration is under way.
    """

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=64, db_collation="C")
    digest = models.CharField(max_length=64, db_collation="C")
    answer = models.JSONField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="one_answer_a_key")]
        indexes = [models.Index(fields=["at"], name="kept_answer_at")]

    def __str__(self) -> str:
        return f"{self.token_id} {self.key}"
