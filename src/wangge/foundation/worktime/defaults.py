"""Reference data of this room, loaded by `wangge migrate`."""

from __future__ import annotations

from django.db import transaction

from wangge.foundation.worktime import actions, announced, calendars, clock, day_lists


@transaction.atomic
def load_defaults() -> None:
    """Give every default region its first calendar, and later the years that the package has learnt since.

    Office hours and years that are in the tables already are left as they are: somebody may have changed
    them. Running it again changes nothing.
    """
    actions.wait_for_other_publishers()
    at = clock.now()
    for default in announced.default_calendars():
        built_in = announced.built_in_calendar(default.region)
        try:
            present = calendars.latest_version(default.region)
        except calendars.UnableToFindCalendar:
            actions.publish(built_in, source=announced.SOURCE, at=at)
            continue
        before = calendars.calendar_of(present)
        learnt = announced.announced_days(built_in.announced_years - before.announced_years)
        actions.publish(day_lists.amended(before, learnt), source=announced.SOURCE, at=at, present=present)
