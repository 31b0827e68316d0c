"""When each entry of the timetable last ran; its row is also the lock that lets one worker run it."""

from __future__ import annotations

from django.db import models


class TimetableRun(models.Model):
    name = models.CharField(max_length=60, unique=True, db_collation="C")
    last_run_at = models.DateTimeField(null=True)
    last_count = models.IntegerField(default=0)
    last_failure = models.CharField(max_length=120, blank=True)

    def __str__(self) -> str:
        return self.name
