"""Areas of every level, the borders of grids through time, and the names people call places by.

A code is given once and for ever: areas are never deleted and their codes never changed (triggers in
the database see to it), a moved border is a new version of the same grid, and merging or splitting
gives new codes, linked by `GridSuccession`.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Concat, Left
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from wangge.territory.codes import Kind, Level

LEVELS = [choice for choice in Level.choices if choice[0] not in (Level.PROVINCE, Level.UNIT_GRID)]
KINDS = [choice for choice in Kind.choices if choice[0] not in (Kind.PROVINCE, Kind.UNIT)]

#: What a code must look like at each level; `codes.py` says the same with better words.
_CODE_PATTERNS = {
    Level.CITY: "^[0-9]{4}00$",
    Level.DISTRICT: "^[0-9]{6}(?<!00)$",
    Level.TOWN_UNIT: "^[0-9]{6}(?!000)[0-5][0-9]{2}$",
    Level.COMMUNITY: "^[0-9]{9}(?!000)[0-5][0-9]{2}$",
    Level.GRID: "^[0-9]{12}(?!000|800)[0-9]{3}$",
    Level.MICRO_GRID: "^[0-9]{15}(?!00)[0-9]{2}$",
}
_PARENT_DIGITS = {Level.TOWN_UNIT: 6, Level.COMMUNITY: 9, Level.GRID: 12, Level.MICRO_GRID: 15}


def _any(conditions: list[Q]) -> Q:
    found = Q()
    for condition in conditions:
        found |= condition
    return found


def _code_field(**options: Any) -> models.CharField[str, str]:
    # Collation C makes a range of codes a range of the btree index, whatever the database's own collation is.
    return models.CharField(max_length=17, db_collation="C", **options)


class Area(models.Model):
    """One area of the tree: city, district, town unit, community or village, grid, micro grid."""

    code = _code_field()
    prefix = _code_field(editable=False)
    """What all codes within start with: "2307" for the city 230700, the code itself elsewhere."""
    level = models.CharField(max_length=12, choices=LEVELS)
    kind = models.CharField(max_length=20, choices=KINDS)
    name = models.CharField(max_length=80)
    name_en = models.CharField(max_length=120, blank=True)
    parent = models.ForeignKey(
        "self",
        to_field="code",
        db_column="parent_code",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
        db_index=False,
    )
    active = models.BooleanField(default=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    external_codes = models.JSONField(default=list, blank=True)
    """Codes other systems use: a list of {"scheme": ..., "code": ...}."""
    is_demo = models.BooleanField(default=False)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="one_area_a_code"),
            models.CheckConstraint(
                condition=_any([Q(level=level, code__regex=it) for level, it in _CODE_PATTERNS.items()]),
                name="area_code_fits_level",
            ),
            models.CheckConstraint(
                condition=Q(level=Level.CITY, prefix=Left("code", 4))
                | Q(~Q(level=Level.CITY), prefix=F("code")),
                name="area_prefix_fits_code",
            ),
            models.CheckConstraint(
                condition=Q(level=Level.CITY, parent=None)
                | Q(level=Level.DISTRICT, parent=None)
                | Q(level=Level.DISTRICT, parent=Concat(Left("code", 4), Value("00")))
                | _any(
                    [
                        Q(level=level, parent__isnull=False, parent=Left("code", digits))
                        for level, digits in _PARENT_DIGITS.items()
                    ]
                ),
                name="area_parent_fits_code",
            ),
            models.CheckConstraint(
                condition=~Q(level=Level.GRID)
                | Q(kind__in=[Kind.BASIC, Kind.RURAL], code__regex="^[0-9]{12}[0-7]")
                | Q(kind=Kind.DEDICATED, code__regex="^[0-9]{12}[89]"),
                name="grid_kind_fits_code",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")), name="area_ends_after_it_starts"
            ),
        ]
        indexes = [models.Index(fields=["parent", "code"], name="area_children")]

    def __str__(self) -> str:
        return self.code

    @property
    def label(self) -> str:
        """The name in the language of the page."""
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name


class GridStatus(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("grid", "Draft")
    ACTIVE = "active", pgettext_lazy("grid", "In use")
    RETIRED = "retired", pgettext_lazy("grid", "Retired")


class GridDetail(models.Model):
    """What only grids have. Households are a count per grid; nobody's household is recorded anywhere."""

    area = models.OneToOneField(
        Area,
        to_field="code",
        db_column="area_code",
        on_delete=models.PROTECT,
        related_name="grid",
        db_index=False,
    )
    status = models.CharField(max_length=10, choices=GridStatus.choices, default=GridStatus.ACTIVE)
    households_count = models.PositiveIntegerField(default=0)
    area_m2 = models.PositiveIntegerField(null=True, blank=True)
    supervision_phone = models.CharField(max_length=30, blank=True)

    def __str__(self) -> str:
        return self.area_id

    @property
    def kind(self) -> Kind:
        return Kind(self.area.kind)


class GridBorder(models.Model):
    """One version of the border of a grid or micro grid, in force on its days. Never redrawn in place."""

    CRS = "CGCS2000"

    area = models.ForeignKey(
        Area,
        to_field="code",
        db_column="area_code",
        on_delete=models.PROTECT,
        related_name="borders",
        db_index=False,
    )
    version = models.PositiveSmallIntegerField()
    geometry = models.JSONField()
    """GeoJSON Polygon or MultiPolygon, decimal degrees lon/lat."""
    crs = models.CharField(max_length=20, default=CRS, editable=False)
    west = models.FloatField()
    south = models.FloatField()
    east = models.FloatField()
    north = models.FloatField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["area", "version"]
        constraints = [
            models.UniqueConstraint(fields=["area", "version"], name="one_border_a_version"),
            models.CheckConstraint(condition=Q(crs="CGCS2000"), name="border_in_cgcs2000"),
            models.CheckConstraint(
                condition=Q(west__gte=-180, south__gte=-90, east__lte=180, north__lte=90)
                & Q(west__lt=F("east"), south__lt=F("north")),
                name="border_box_on_earth",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")),
                name="border_ends_after_it_starts",
            ),
            ExclusionConstraint(
                name="one_border_a_day",
                expressions=[
                    ("area", RangeOperators.EQUAL),
                    (
                        Func("valid_from", "valid_to", function="daterange", output_field=DateRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area_id} v{self.version}"


class GridSuccession(models.Model):
    """After a merge or split: the new code `successor` took over land of the retired `predecessor`."""

    predecessor = models.ForeignKey(
        Area,
        to_field="code",
        db_column="predecessor_code",
        on_delete=models.PROTECT,
        related_name="succeeded_by",
        db_index=False,
    )
    successor = models.ForeignKey(
        Area,
        to_field="code",
        db_column="successor_code",
        on_delete=models.PROTECT,
        related_name="follows",
        db_index=False,
    )
    effective_date = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["predecessor", "successor"], name="one_succession_a_pair"),
            models.CheckConstraint(condition=~Q(predecessor=F("successor")), name="no_grid_succeeds_itself"),
        ]
        indexes = [models.Index(fields=["successor"], name="succession_successor")]

    def __str__(self) -> str:
        return f"{self.predecessor_id} -> {self.successor_id}"


class PlaceKind(models.TextChoices):
    ESTATE = "estate", _("Housing estate")
    BUILDING = "building", _("Building")
    ROAD = "road", _("Road")
    SCHOOL = "school", _("School")
    LANDMARK = "landmark", _("Landmark")
    UNIT = "unit", _("Agency or enterprise")


class PlaceName(models.Model):
    """A name people use for a place, and the area it lies in: a grid where that is known, else above.

    A road through several grids has one row per grid.
    """

    name = models.CharField(max_length=60)
    aliases = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    kind = models.CharField(max_length=10, choices=PlaceKind.choices)
    area = models.ForeignKey(
        Area,
        to_field="code",
        db_column="area_code",
        on_delete=models.PROTECT,
        related_name="places",
        db_index=False,
    )
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)

    class Meta:
        ordering = ["area", "name"]
        constraints = [
            models.UniqueConstraint(fields=["area", "name"], name="one_place_a_name_and_area"),
            models.CheckConstraint(
                condition=Q(lon=None, lat=None)
                | Q(
                    lon__gte=-180,
                    lon__lte=180,
                    lat__gte=-90,
                    lat__lte=90,
                    lon__isnull=False,
                    lat__isnull=False,
                ),
                name="place_point_on_earth",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TerritoryRevision(models.Model):
    """One row, moved by every act of this room, so that indexes in memory know when they are old.

    `stamp` is random: a number alone could be given twice, once in a transaction that was rolled back.
    """

    number = models.BigIntegerField()
    stamp = models.UUIDField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_territory_revision")]

    def __str__(self) -> str:
        return str(self.number)
