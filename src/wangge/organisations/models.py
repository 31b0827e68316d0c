"""The organisation tree, its posts, who holds them and when, and who is on duty."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Func, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from wangge.organisations.roles import Role
from wangge.territory.models import Area


def _period(start: str, end: str) -> Func:
    """Closed below, open above, null = no end."""
    return Func(start, end, function="tstzrange", output_field=DateTimeRangeField())


class OrganisationType(models.TextChoices):
    DEPARTMENT = "department", _("Department")
    UTILITY = "utility", _("Public utility")
    CENTER = "centre", _("Centre")
    OFFICE = "office", _("Office")
    TOWN_UNIT = "town_unit", _("Town or subdistrict office")
    COMMITTEE = "committee", _("Residents' or villagers' committee")
    GRID_TEAM = "grid_team", _("Grid team")


class Organisation(models.Model):
    """A body that can be made to act. `kind` is what it is everywhere ("urban_management"), `code`
    which one it is ("230717.urban_management")."""

    code = models.CharField(max_length=60, unique=True, db_collation="C")
    kind = models.CharField(max_length=40, db_collation="C")
    type = models.CharField(max_length=20, choices=OrganisationType.choices)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160, blank=True)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    work_phone = models.CharField(max_length=40, blank=True)
    active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["kind", "area"])]

    @property
    def label(self) -> str:
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name

    def __str__(self) -> str:
        return self.code


class Post(models.Model):
    """A place in an organisation, with one role over one area, whoever holds it."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="posts")
    role = models.CharField(max_length=40, choices=Role.choices, db_collation="C")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "role", "area"], name="one_post_a_role_and_area")
        ]

    @property
    def code(self) -> str:
        return f"{self.organisation.code}/{self.role}"

    def __str__(self) -> str:
        return self.code


class Appointment(models.Model):
    """A user holds a post from `valid_from` until, but not on, `valid_to`."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="appointments")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="appointments")
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=models.F("valid_from")),
                name="appointment_ends_after_it_starts",
            ),
            ExclusionConstraint(
                name="one_appointment_at_a_time",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("post", RangeOperators.EQUAL),
                    (_period("valid_from", "valid_to"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} as {self.post_id}"


class DutyShift(models.Model):
    """Who answers for an organisation between two moments, outside office hours too."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="duty_shifts")
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="duty_shifts")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=models.F("starts_at")), name="shift_ends_after_it_starts"
            ),
            ExclusionConstraint(
                name="one_shift_at_a_time",
                expressions=[
                    ("appointment", RangeOperators.EQUAL),
                    (_period("starts_at", "ends_at"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.starts_at:%Y-%m-%d %H:%M}"
