"""Matters (事项), the dispatch catalogue (派单目录), and what communities were asked to admit."""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import Func, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from wangge.territory.models import Area


class Priority(models.TextChoices):
    """How fast; the limits of each stand in the cases room's configuration (DB11/T 2021—2022)."""

    EMERGENCY = "emergency", _("Emergency")
    URGENT = "urgent", _("Urgent")
    NORMAL = "normal", _("Normal")
    COMPLEX = "complex", _("Complex")
    CONSULT = "consult", _("Question")
    SUGGEST = "suggest", _("Suggestion")


def _period() -> Func:
    """Closed below, open above, null = no end."""
    return Func("valid_from", "valid_to", function="daterange", output_field=DateRangeField())


def _in_english() -> bool:
    return (get_language() or "").startswith("en")


class Category(models.Model):
    """A family of matters, e.g. heating (供热)."""

    code = models.CharField(max_length=40, unique=True, db_collation="C")
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60)
    position = models.SmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "code"]
        verbose_name_plural = "categories"

    @property
    def label(self) -> str:
        return self.name_en if _in_english() else self.name

    def __str__(self) -> str:
        return self.code


class Matter(models.Model):
    """A type of work that a body owes, as opposed to one case of it."""

    code = models.CharField(max_length=40, unique=True, db_collation="C")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="matters")
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160)
    priority = models.CharField(max_length=12, choices=Priority.choices)
    request_types = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    keywords = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    verification_required = models.BooleanField(default=False)
    external_code = models.CharField(max_length=40, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    is_demo = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=models.F("valid_from")),
                name="matter_ends_after_it_starts",
            ),
        ]

    @property
    def label(self) -> str:
        return self.name_en if _in_english() else self.name

    def in_force_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    def __str__(self) -> str:
        return self.code


class DispatchRule(models.Model):
    """In this area, from this day, a matter is led by the body of this kind that answers for the place.

    `lead_kind` names a kind of organisation; which one is found from the place, so that one rule for a
    district serves all its committees. The most specific area's rule wins. Two rules for the same
    matter and area never overlap in time: the database refuses them.
    """

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="rules")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    lead_kind = models.CharField(max_length=40, db_collation="C")
    assist_kinds = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    basis = models.CharField(max_length=300)
    basis_as_of_date = models.DateField(null=True, blank=True)
    basis_verified = models.BooleanField(default=False)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=models.F("valid_from")),
                name="rule_ends_after_it_starts",
            ),
            models.CheckConstraint(condition=~Q(basis=""), name="rule_has_a_basis"),
            ExclusionConstraint(
                name="one_rule_a_matter_area_and_day",
                expressions=[
                    ("matter", RangeOperators.EQUAL),
                    ("area", RangeOperators.EQUAL),
                    (_period(), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.matter_id}@{self.area_id}"


class Catalogue(models.TextChoices):
    """The community's lists of what it does by itself and what it helps with (domain notes §7)."""

    SELF_GOVERNANCE = "self_governance", _("Self-governance by law")
    ASSIST_GOVERNMENT = "assist_government", _("Assisting the government by law")


class CommunityAdmission(models.Model):
    """A matter that communities of an area may be asked to lead or to assist with.

    No admission, no matter (事无准入不得进).
    """

    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="admissions")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    catalogue = models.CharField(
        max_length=20, choices=Catalogue.choices, default=Catalogue.ASSIST_GOVERNMENT, db_collation="C"
    )
    basis = models.CharField(max_length=300)
    valid_from = models.DateField()
    valid_to = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__gt=models.F("valid_from")), name="admission_ends_after_it_starts"
            ),
            models.CheckConstraint(condition=~Q(basis=""), name="admission_has_a_basis"),
            ExclusionConstraint(
                name="one_admission_a_matter_area_and_day",
                expressions=[
                    ("matter", RangeOperators.EQUAL),
                    ("area", RangeOperators.EQUAL),
                    (_period(), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.matter_id}@{self.area_id}"
