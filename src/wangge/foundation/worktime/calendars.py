"""Calendars out of the tables, as values. Versions never change, so each is read once per process."""

from __future__ import annotations

from time import monotonic

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from wangge.foundation.refusals import Refusal
from wangge.foundation.worktime.models import CalendarDay, CalendarVersion
from wangge.foundation.worktime.workcalendar import Day, DayKind, OfficeHours, WorkCalendar

# How long a process may go on with the version it knows after another process has published a newer one.
SECONDS_BETWEEN_LOOKS = 5.0

_versions: dict[int, WorkCalendar] = {}
_latest: dict[str, tuple[int, float]] = {}


class UnableToFindCalendar(Refusal):
    """There is no such calendar; the message says how to get one."""


def current_calendar(region: str = "CN") -> WorkCalendar:
    """The newest version for a region; at most `SECONDS_BETWEEN_LOOKS` behind other processes."""
    known = _latest.get(region)
    if known and monotonic() - known[1] < SECONDS_BETWEEN_LOOKS:
        return calendar_version(known[0])
    looked_at = monotonic()
    version = latest_version(region)
    if version.number not in _versions:
        _versions[version.number] = calendar_of(version)
    _latest[region] = (version.number, looked_at)
    return _versions[version.number]


def calendar_version(number: int) -> WorkCalendar:
    """The version a deadline was counted with."""
    calendar = _versions.get(number)
    if calendar is None:
        try:
            version = CalendarVersion.objects.get(number=number)
        except CalendarVersion.DoesNotExist:
            raise UnableToFindCalendar(
                "calendar_version_unknown",
                format_lazy(_("There is no working calendar of version {number}."), number=number),
            ) from None
        calendar = _versions[number] = calendar_of(version)
    return calendar


def latest_version(region: str) -> CalendarVersion:
    version = CalendarVersion.objects.filter(region=region).order_by("-number").first()
    if version is None:
        raise UnableToFindCalendar(
            "calendar_missing",
            format_lazy(
                _("There is no working calendar for {region}. Run “wangge migrate” to load it."),
                region=region,
            ),
        )
    return version


def calendar_of(version: CalendarVersion) -> WorkCalendar:
    rows = CalendarDay.objects.filter(version=version).values_list("date", "kind", "name", "name_en")
    return WorkCalendar(
        version=version.number,
        region=version.region,
        office_hours=OfficeHours.parse(version.office_hours),
        days={day: Day(DayKind(kind), name, name_en) for day, kind, name, name_en in rows},
        announced_years=frozenset(version.announced_years),
    )


def forget_calendars() -> None:
    """Look anew at the next question: after publishing a version, and where tests roll one back."""
    _latest.clear()
    _versions.clear()
