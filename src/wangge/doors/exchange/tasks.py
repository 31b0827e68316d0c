"""What the worker does for this door. Jobs carry ids alone; each bears being run twice."""

from __future__ import annotations

from procrastinate.contrib.django import app

from wangge.doors.exchange.desk_runs import tidy, work_off
from wangge.foundation.worktime.clock import now


@app.task(name="run_import", retry=3)
def run_import(run_id: int) -> None:
    work_off(run_id, now)


@app.task(name="tidy_imports", retry=3)
def tidy_imports() -> None:
    tidy(now())
