"""Keys of programs that send requests, and which service each request was sent for."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from wangge.cases.models import Case
from wangge.duties.models import Matter
from wangge.foundation.journal.actors import Subject
from wangge.territory.models import Area


class Open311Key(models.Model):
    """What a sending program shows as `api_key`. Only its digest is kept.

    `sender` is the program behind it: a new key of the same sender finds the requests of the old one.
    """

    sender = models.CharField(max_length=30, db_collation="C")
    name = models.CharField(max_length=80)
    jurisdiction = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    prefix = models.CharField(max_length=16, unique=True, db_collation="C")
    digest = models.CharField(max_length=64, unique=True, db_collation="C")
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    #: The day is enough to find keys nobody uses any more.
    last_used_date = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(sender=""), name="key_has_a_sender")]

    @property
    def subject(self) -> Subject:
        return Subject("open311_key", str(self.pk))

    @property
    def source_system(self) -> str:
        """Under which name the sender's requests stand among the cases."""
        return f"open311:{self.sender}"

    def __str__(self) -> str:
        return self.prefix


class AskedService(models.Model):
    """The service a request was sent for. What it is in truth the desk decides: the case's own matter."""

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="asked_service")
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.case_id} {self.matter_id}"
