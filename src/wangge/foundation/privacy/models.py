"""Who people are, sealed, and who looked at it. Everything here can be erased; the journal holds ids only."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from wangge.foundation.privacy.fields import SealedTextField
from wangge.foundation.privacy.phones import normal_phone
from wangge.foundation.privacy.sealing import index_of

PHONE_INDEX = "privacy.identity.phone_index"
ID_INDEX = "privacy.identity.id_index"


class Purpose(models.TextChoices):
    """Why personal data is opened. The list is closed: what is not on it is no reason to look."""

    INTAKE = "intake", _("Checking a request at intake")
    CONTACT = "contact", _("Contacting the requester to handle the request")
    VISIT = "visit", _("Visiting the place of the request")
    CALLBACK = "callback", _("Calling back after handling")
    SERVICE = "service", _("Delivering a service that was ordered")
    SUPERVISION = "supervision", _("Checking how a request was handled")
    EMERGENCY = "emergency", _("Danger to life or property")
    DATA_RIGHTS = "data_rights", _("Answering a request about personal data")
    LEGAL_DUTY = "legal_duty", _("A legal duty to provide the data")
    OWN = "own", _("Shown to the person concerned")


class Identity(models.Model):
    """Name, phone, address and identity number of somebody, as far as they gave them.

    Lists show the masks. Plain values come from `actions.reveal` and `actions.show_to_owner` alone.
    """

    name = SealedTextField()
    phone = SealedTextField()
    address = SealedTextField()
    id_number = SealedTextField()
    phone_index = models.BinaryField(null=True, db_index=True)
    id_index = models.BinaryField(null=True, db_index=True)
    name_masked = models.CharField(max_length=40, blank=True)
    phone_masked = models.CharField(max_length=20, blank=True)
    address_masked = models.CharField(max_length=200, blank=True)
    id_masked = models.CharField(max_length=20, blank=True)
    # Whistle-blowers: opened only to whom the room's own rule clears (domain notes §2).
    confidential = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    SEALED: ClassVar[tuple[str, ...]] = ("name", "phone", "address", "id_number")
    INDEXES: ClassVar[tuple[str, ...]] = ("phone_index", "id_index")

    class Meta:
        verbose_name_plural = "identities"
        constraints = [
            models.CheckConstraint(
                name="erased_identity_is_empty",
                condition=models.Q(erased_at=None)
                | models.Q(
                    phone_index=None,
                    id_index=None,
                    name_masked="",
                    phone_masked="",
                    address_masked="",
                    id_masked="",
                ),
            )
        ]

    def __str__(self) -> str:
        return f"identity {self.pk}"

    def reindex(self) -> None:
        """Work out the indexes anew, under the key that is current now."""
        phone = normal_phone(self.phone.unseal())
        number = self.id_number.unseal()
        self.phone_index = index_of(phone, PHONE_INDEX) if phone else None
        self.id_index = index_of(number, ID_INDEX) if number else None


class Look(models.Model):
    """Somebody opened plain values. The person concerned sees role, purpose and time (`queries.looks_at`).

    `reason` is free text and stays out of the journal, which holds its digest under `reason_salt`.
    """

    identity = models.ForeignKey(Identity, on_delete=models.PROTECT, related_name="looks")
    fields = models.JSONField()
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    reason = models.CharField(max_length=200, blank=True)
    reason_salt = models.CharField(max_length=32, blank=True)
    actor_kind = models.CharField(max_length=20)
    actor_id = models.CharField(max_length=60)
    post_kind = models.CharField(max_length=20, blank=True)
    post_id = models.CharField(max_length=60, blank=True)
    role_label = models.CharField(max_length=120, blank=True)
    about_kind = models.CharField(max_length=40)
    about_id = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["identity", "-at"], name="look_by_identity")]

    def __str__(self) -> str:
        return f"look {self.pk} at identity {self.identity_id}"


class RetentionPeriod(models.Model):
    """For how many days a kind of data may be kept; first as in `defaults/retention.toml`."""

    code = models.CharField(max_length=40, primary_key=True)
    days = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.code}: {self.days} d"
