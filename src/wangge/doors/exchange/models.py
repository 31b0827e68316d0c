"""Imports: one row for each file taken in, one for each thing that was wrong in it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from wangge.cases.words import Channel
from wangge.doors.exchange.problems import Fault, mend, what
from wangge.foundation.journal.actors import Subject


class RunState(models.TextChoices):
    DRAFT = "draft", _("Waiting for your word")
    WAITING = "waiting", _("Waiting for its turn")
    RUNNING = "running", _("Being taken in")
    DONE = "done", _("Finished")
    FAILED = "failed", _("Broken off")
    DROPPED = "dropped", _("Given up")


#: Nothing happens any more; the file that was uploaded is gone.
OVER = frozenset({RunState.DONE, RunState.FAILED, RunState.DROPPED})


class ImportRun(models.Model):
    """One file on its way in. `position` moves in the transaction that writes the rows up to it, so that a
    killed run goes on exactly where it was."""

    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.RUNNING)
    door = models.CharField(max_length=10)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    post_id = models.CharField(max_length=60, blank=True, db_collation="C")
    district = models.CharField(max_length=6, blank=True, db_collation="C")
    channel = models.CharField(max_length=16, choices=Channel.choices)
    source_system = models.CharField(max_length=40, db_collation="C")
    language = models.CharField(max_length=10, default="zh-hans")

    file_name = models.CharField(max_length=120)
    file_digest = models.CharField(max_length=64, db_collation="C")
    file_form = models.CharField(max_length=60, blank=True)
    upload = models.CharField(max_length=60, blank=True, db_collation="C")
    mapping = models.TextField()
    mapping_name = models.CharField(max_length=80, blank=True)
    mapping_digest = models.CharField(max_length=64, db_collation="C")
    time_zone = models.CharField(max_length=60, blank=True)
    columns = models.JSONField(default=dict)
    """What is not read: {"unknown": […], "left_out": [[title, why]…], "unused": […], "sheets": […]}."""

    rows_expected = models.IntegerField(default=0)
    position = models.IntegerField(default=0)
    rows = models.IntegerField(default=0)
    taken = models.IntegerField(default=0)
    known = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    remarks = models.IntegerField(default=0)

    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["district", "-id"], name="import_district")]
        constraints = [
            models.UniqueConstraint(
                fields=["file_digest", "mapping_digest", "channel", "district"],
                condition=models.Q(state="running"),
                name="one_run_of_a_file_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(rows=models.F("taken") + models.F("known") + models.F("refused")),
                name="every_row_has_its_fate",
            ),
        ]

    @property
    def subject(self) -> Subject:
        return Subject("import", str(self.pk))

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def percent(self) -> int:
        if self.state == RunState.DONE:
            return 100
        return min(99, 100 * self.position // self.rows_expected) if self.rows_expected else 0

    def __str__(self) -> str:
        return f"import {self.pk}"


class ImportFault(models.Model):
    """One thing that was wrong in one row. Values are masked, and none says who somebody is."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="faults")
    row = models.IntegerField()
    external_no = models.CharField(max_length=80, blank=True)
    column = models.CharField(max_length=200, blank=True)
    value = models.CharField(max_length=60, blank=True)
    code = models.CharField(max_length=30, db_collation="C")
    params = models.JSONField(default=dict)
    refuses = models.BooleanField()

    class Meta:
        indexes = [models.Index(fields=["run", "row"], name="import_fault_row")]

    @classmethod
    def of(cls, run_id: int, row: int, external_no: str, fault: Fault) -> ImportFault:
        return cls(
            run_id=run_id,
            row=row,
            external_no=external_no[:80],
            column=fault.column[:200],
            value=fault.value[:60],
            code=fault.code,
            params=fault.params,
            refuses=fault.refuses,
        )

    @property
    def what(self) -> str:
        return what(self.code, self.params)

    @property
    def mend(self) -> str:
        return mend(self.code, self.params)

    def __str__(self) -> str:
        return f"{self.run_id} row {self.row} {self.code}"
