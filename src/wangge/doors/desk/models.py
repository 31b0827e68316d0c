"""What the desk keeps of its own: lists being written to files. Who may read them is in `exporting.py`."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from wangge.foundation.privacy.fields import SealedTextField


class ExportStage(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    WRITING = "writing", _("Being written")
    DONE = "done", _("Ready")
    FAILED = "failed", _("Failed")
    GONE = "gone", _("Swept away")


class LargeExport(models.Model):
    """A list too long to wait for, written by the worker: without identities, kept for a day."""

    what = models.CharField(max_length=20, db_collation="C")
    form = models.CharField(max_length=4, db_collation="C")
    narrowing = SealedTextField(purpose="export.narrowing")
    """JSON; sealed, for somebody may have searched for words that name a person."""
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    post_id = models.CharField(max_length=60, db_collation="C")
    language = models.CharField(max_length=10)
    stage = models.CharField(max_length=8, choices=ExportStage.choices, default=ExportStage.WAITING)
    expected = models.IntegerField()
    rows = models.IntegerField(default=0)
    token = models.CharField(max_length=32, blank=True, db_collation="C")
    asked_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["user", "post_id", "-id"], name="large_export_by_user")]

    def __str__(self) -> str:
        return f"{self.what} {self.form} {self.stage}"
