"""When a notice may be delivered: at once, or when the quiet hours are over."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def deliver_at(at: datetime, *, starts: time, ends: time, urgent: bool) -> datetime:
    """The first moment from `at` on that lies outside the quiet hours; an urgent notice does not wait.

    Quiet from `starts` (inclusive) to `ends` (exclusive), Shanghai time, over midnight if `starts` is
    the later one; none if they are equal.
    """
    if urgent or starts == ends:
        return at
    local = at.astimezone(SHANGHAI)
    clock = local.time()
    over_midnight = starts > ends
    quiet = (clock >= starts or clock < ends) if over_midnight else (starts <= clock < ends)
    if not quiet:
        return at
    day = local.date() + timedelta(days=1) if over_midnight and clock >= starts else local.date()
    return datetime.combine(day, ends, SHANGHAI).astimezone(at.tzinfo)
