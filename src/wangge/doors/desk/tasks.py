"""What the worker does for the desk. Jobs carry ids alone; each bears being run twice."""

from __future__ import annotations

from procrastinate.contrib.django import app

from wangge.cases.exports import expire_exports
from wangge.doors.desk import exporting
from wangge.foundation.worktime.clock import now


@app.task(name="write_export", retry=3)
def write_export(export_id: int) -> None:
    exporting.write_export(export_id, now)


@app.task(name="sweep_exports", retry=3)
def sweep_exports() -> None:
    exporting.sweep_files(now())
    expire_exports(now())
