"""Jobs of this door, handed over by name from the timetable."""

from __future__ import annotations

from procrastinate.contrib.django import app

from wangge.doors.api.keeping import sweep
from wangge.doors.api.tokens import end_spent
from wangge.foundation.worktime.clock import now


@app.task(name="sweep_api_answers", retry=3)
def sweep_api_answers() -> None:
    sweep(at=now())


@app.task(name="end_spent_subscriptions", retry=3)
def end_spent_subscriptions() -> None:
    end_spent(at=now())
