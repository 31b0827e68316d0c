"""Photos on disk, known by the digest of their content."""

from __future__ import annotations

from django.db import models


class StoredFile(models.Model):
    """One photo, cleaned and stored once, however often it is sent.

    A file belongs to nothing until a room claims it; what stays unclaimed is swept away.
    """

    digest = models.CharField(max_length=64, unique=True, db_collation="C")  # SHA-256, hex
    size = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    content_type = models.CharField(max_length=40)
    # When these bytes were last sent to us: the time an unclaimed file has left counts from here.
    created_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="stored_file_digest_is_sha256", condition=models.Q(digest__regex=r"^[0-9a-f]{64}$")
            )
        ]
        indexes = [
            models.Index(
                fields=["created_at"], name="stored_file_unclaimed", condition=models.Q(claimed_at=None)
            )
        ]

    def __str__(self) -> str:
        return self.digest
