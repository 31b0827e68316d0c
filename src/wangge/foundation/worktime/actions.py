"""Publishing a new version of a calendar.

These functions write no journal line: the journal stands on this room, not under it. The door that calls
them journals the act, with the number of the version that came out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from django.db import connection, transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from wangge.foundation.refusals import Refusal
from wangge.foundation.worktime import calendars, day_lists
from wangge.foundation.worktime.models import CalendarDay, CalendarVersion
from wangge.foundation.worktime.workcalendar import Day, OfficeHours, WorkCalendar


class UnableToImportDays(Refusal):
    """The days do not make up a notice; nothing was written."""


@transaction.atomic
def import_days(
    *, days: Mapping[date, Day], source: str, at: datetime, region: str = "CN"
) -> CalendarVersion:
    """Take in the days off and exchanged days of a notice as a new version of the calendar.

    A year whose National Day is among them is replaced as a whole; single days of years already announced
    are amended. `source` names the notice, for instance 国办发明电〔2025〕7号. Days that change nothing lead
    to no new version: the present one is returned. Deadlines counted before keep the version they name.
    """
    if not days:
        raise UnableToImportDays("notice_empty", _("The list has no days. Write one line for each day."))
    if not source.strip():
        raise UnableToImportDays("source_missing", _("Name the notice that the days are taken from."))
    wait_for_other_publishers()
    present = calendars.latest_version(region)
    before = calendars.calendar_of(present)
    announced = before.announced_years | day_lists.years_announced_by(days)
    unannounced = sorted({day.year for day in days} - announced)
    if unannounced:
        raise UnableToImportDays(
            "notice_incomplete",
            format_lazy(
                _(
                    "The list does not hold the whole notice for {years}: National Day, 1 October, is "
                    "missing among its days off. Add all days off and exchanged days of the year."
                ),
                years=", ".join(map(str, unannounced)),
            ),
        )
    return publish(day_lists.amended(before, days), source=source, at=at, present=present)


@transaction.atomic
def set_office_hours(*, hours: OfficeHours, source: str, at: datetime, region: str = "CN") -> CalendarVersion:
    """Let the offices of a region keep other hours from now on; deadlines counted before keep theirs."""
    wait_for_other_publishers()
    present = calendars.latest_version(region)
    changed = calendars.calendar_of(present).with_office_hours(hours)
    return publish(changed, source=source, at=at, present=present)


def wait_for_other_publishers() -> None:
    """One at a time to the end of the transaction, so that no version is built on an outdated one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('worktime calendar'))")


def publish(
    calendar: WorkCalendar, *, source: str, at: datetime, present: CalendarVersion | None = None
) -> CalendarVersion:
    """Write the calendar as the newest version, unless `present` already says the same."""
    if present is not None and calendars.calendar_of(present) == replace(calendar, version=present.number):
        return present
    version = CalendarVersion.objects.create(
        region=calendar.region,
        created_at=at,
        source=source,
        office_hours=calendar.office_hours.written(),
        announced_years=sorted(calendar.announced_years),
    )
    CalendarDay.objects.bulk_create(
        CalendarDay(
            version=version,
            date=day,
            is_workday=named.kind.worked,
            kind=named.kind.value,
            name=named.name,
            name_en=named.name_en,
        )
        for day, named in sorted(calendar.days.items())
    )
    transaction.on_commit(calendars.forget_calendars)
    return version
