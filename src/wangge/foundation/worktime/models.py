"""The calendars in the database: versions that are added and never changed.

A deadline names the version it was counted with, and is the same whenever it is counted again.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from wangge.foundation.worktime.workcalendar import DayKind


class CalendarVersion(models.Model):
    """One state of the calendar of a region: its office hours, and the years whose notice is taken in.

    `number` comes from a sequence and is never given twice, so a value read once may be kept for good.
    """

    append_only = True

    number = models.BigAutoField(primary_key=True)
    region = models.CharField(max_length=12)
    created_at = models.DateTimeField()
    source = models.CharField(max_length=200)
    office_hours = models.JSONField()  # ["08:30-11:30", "13:30-17:30"]
    announced_years = ArrayField(models.SmallIntegerField())

    class Meta:
        indexes = [models.Index(fields=["region", "-number"], name="worktime_latest_version")]
        constraints = [
            models.CheckConstraint(condition=~models.Q(region=""), name="worktime_version_has_region"),
            models.CheckConstraint(condition=~models.Q(source=""), name="worktime_version_has_source"),
        ]

    def __str__(self) -> str:
        return f"{self.region} {self.number}"


class CalendarDay(models.Model):
    """A day that breaks the rule of the week: a day off, or a weekend day worked in exchange."""

    append_only = True

    class Kind(models.TextChoices):
        HOLIDAY = DayKind.HOLIDAY.value, _("Day off")
        ADJUSTED_WORKDAY = DayKind.ADJUSTED_WORKDAY.value, _("Worked in exchange")

    version = models.ForeignKey(CalendarVersion, on_delete=models.PROTECT, related_name="days")
    date = models.DateField()
    is_workday = models.BooleanField()
    kind = models.CharField(max_length=20, choices=Kind)
    name = models.CharField(max_length=60, blank=True)
    name_en = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "date"], name="worktime_day_once_per_version"),
            models.CheckConstraint(
                condition=models.Q(kind="holiday", is_workday=False)
                | models.Q(kind="adjusted_workday", is_workday=True),
                name="worktime_day_kind_tells_whether_worked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.kind}"
