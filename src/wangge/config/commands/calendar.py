"""`wangge calendar`: take in the yearly notice of days off, or other office hours."""

from __future__ import annotations

from pathlib import Path

import click
from django.conf import settings
from django.db import transaction

from wangge.foundation.journal.actions import append
from wangge.foundation.journal.actors import Actor, Subject
from wangge.foundation.refusals import Refusal
from wangge.foundation.worktime import calendars
from wangge.foundation.worktime.actions import import_days, set_office_hours
from wangge.foundation.worktime.clock import now
from wangge.foundation.worktime.day_lists import read_day_file
from wangge.foundation.worktime.models import CalendarVersion
from wangge.foundation.worktime.workcalendar import OfficeHours

region_option = click.option("--region", default=lambda: settings.WORK_REGION, help="Whose calendar.")
source_option = click.option("--source", required=True, help="The notice or decision it is taken from.")


@click.group()
def calendar() -> None:
    """Publish a new version of the working calendar; deadlines counted before keep theirs."""


@calendar.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@source_option
@region_option
def import_(file: Path, source: str, region: str) -> None:
    """Take in FILE, a CSV with the columns date,kind,name of a yearly notice (see docs/worktime.md)."""
    try:
        with transaction.atomic():
            before = calendars.latest_version(region)
            version = import_days(days=read_day_file(file), source=source, at=now(), region=region)
            _journal(before, version)
    except Refusal as refusal:
        raise click.UsageError(str(refusal)) from None
    _say(before, version)


@calendar.command("hours")
@click.argument("hours")
@source_option
@region_option
def hours_(hours: str, source: str, region: str) -> None:
    """Let offices keep HOURS, such as 08:30-11:30,13:30-17:30."""
    try:
        with transaction.atomic():
            before = calendars.latest_version(region)
            version = set_office_hours(
                hours=OfficeHours.parse(hours.split(",")), source=source, at=now(), region=region
            )
            _journal(before, version)
    except Refusal as refusal:
        raise click.UsageError(str(refusal)) from None
    _say(before, version)


def _journal(before: CalendarVersion, version: CalendarVersion) -> None:
    if version.number != before.number:
        append(
            act="calendar.published",
            subject=Subject("calendar", version.region),
            by=Actor.system("command"),
            facts={
                "version": version.number,
                "previous": before.number,
                "office_hours": version.office_hours,
                "announced_years": version.announced_years,
            },
            at=version.created_at,
        )


def _say(before: CalendarVersion, version: CalendarVersion) -> None:
    if version.number == before.number:
        click.echo(f"Nothing new: version {version.number} says the same.")
    else:
        click.echo(
            f"Version {version.number} of the calendar of {version.region} is in force: "
            f"notices up to {max(version.announced_years)}, office hours {', '.join(version.office_hours)}."
        )
