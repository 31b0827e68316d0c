"""What the worktime tests share: moments written as people write them, and calendars to count in."""

from __future__ import annotations

from datetime import UTC, datetime

from wangge.foundation.worktime.announced import built_in_calendar
from wangge.foundation.worktime.counting import Pause, Reckoning, deadline
from wangge.foundation.worktime.limits import Limit
from wangge.foundation.worktime.workcalendar import SHANGHAI

CALENDAR = built_in_calendar()


def at(written: str) -> datetime:
    """`2026-03-06 16:00` in Shanghai, as the moment in UTC that the product stores."""
    return datetime.fromisoformat(written).replace(tzinfo=SHANGHAI).astimezone(UTC)


def local(moment: datetime) -> str:
    """`Fri 2026-03-06 16:00` in Shanghai."""
    return f"{moment.astimezone(SHANGHAI):%a %Y-%m-%d %H:%M}"


def pause(begins: str, ends: str | None = None) -> Pause:
    return Pause(at(begins), at(ends) if ends else None)


def reckon(start: str, limit: str, *pauses: Pause, extend: tuple[str, ...] = ()) -> Reckoning:
    return deadline(
        at(start),
        Limit.parse(limit),
        CALENDAR,
        pauses=pauses,
        extensions=[Limit.parse(more) for more in extend],
    )


def due(start: str, limit: str, *pauses: Pause, extend: tuple[str, ...] = ()) -> str:
    return local(reckon(start, limit, *pauses, extend=extend).known_due_at)
