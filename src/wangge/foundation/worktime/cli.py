"""`wangge clock`: work out a deadline and show every step of it.

Needs no database and none of the product's settings: the calendar is the one that comes with the product.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import click
from django.apps import apps
from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from wangge.foundation.refusals import Refusal
from wangge.foundation.worktime.announced import built_in_calendar
from wangge.foundation.worktime.counting import Pause, Reckoning, deadline
from wangge.foundation.worktime.day_lists import amended, read_day_file
from wangge.foundation.worktime.limits import Limit
from wangge.foundation.worktime.workcalendar import SHANGHAI, OfficeHours, WorkCalendar

LANGUAGES = {"zh": "zh-hans", "en": "en"}


class UnableToReadMoment(Refusal):
    """A moment on the command line is not written as one."""


@click.command()
@click.option("--from", "start", metavar="MOMENT", required=True, help='Start, such as "2026-09-30 16:00".')
@click.option("--limit", metavar="LIMIT", required=True, help="Such as 30min, 24ch, 4wh, 7nd or 3wd.")
@click.option(
    "--pause", "pauses", metavar="FROM..TO", multiple=True, help="May be repeated; FROM.. still lasts."
)
@click.option(
    "--extend", "extensions", metavar="LIMIT", multiple=True, help="Counted on from the deadline; repeatable."
)
@click.option(
    "--calendar",
    "calendar_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="CSV with the columns date,kind,name; goes before the calendar that comes with the product.",
)
@click.option("--office-hours", metavar="HOURS", help="Such as 08:30-11:30,13:30-17:30.")
@click.option("--language", type=click.Choice(list(LANGUAGES)), default="zh", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One line of JSON instead of sentences.")
def clock(
    start: str,
    limit: str,
    pauses: tuple[str, ...],
    extensions: tuple[str, ...],
    calendar_file: Path | None,
    office_hours: str | None,
    language: str,
    as_json: bool,
) -> None:
    """Work out a deadline: every step, and on the last line the deadline in ISO 8601 with its zone.

    Units: min minutes, ch clock hours, wh working hours, nd natural days, wd working days.
    Moments without a zone are in Asia/Shanghai. While a pause lasts, the last line is "paused".
    """
    _speak_without_settings()
    with override(LANGUAGES[language]):
        try:
            reckoning = deadline(
                _read_moment(start),
                Limit.parse(limit),
                _read_calendar(calendar_file, office_hours),
                pauses=[_read_pause(pause) for pause in pauses],
                extensions=[Limit.parse(extension) for extension in extensions],
            )
        except Refusal as refusal:
            raise click.UsageError(str(refusal)) from None
        click.echo(_as_json(reckoning) if as_json else _as_text(reckoning))


def _speak_without_settings() -> None:
    """Let gettext work on this room's own catalogue, unless the product's settings are loaded already."""
    if not settings.configured:
        settings.configure(LANGUAGE_CODE="zh-hans", LOCALE_PATHS=[Path(__file__).parent / "locale"])
        apps.populate([])


def _read_moment(written: str) -> datetime:
    try:
        moment = datetime.fromisoformat(written.strip())
        if len(written.strip()) <= len("2026-09-30"):  # a day alone would silently mean midnight
            raise ValueError
    except ValueError:
        raise UnableToReadMoment(
            "moment_unreadable",
            format_lazy(
                _("“{written}” is not a moment. Write the day and the time, such as 2026-09-30 16:00."),
                written=written,
            ),
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def _read_pause(written: str) -> Pause:
    begins, dots, ends = written.partition("..")
    if not dots or not begins.strip():
        raise UnableToReadMoment(
            "pause_unreadable",
            format_lazy(
                _(
                    "“{written}” is not a pause. Write two moments with two dots between them, such as "
                    "2026-03-10 10:00..2026-03-12 10:00, and leave out the second while the pause lasts."
                ),
                written=written,
            ),
        )
    return Pause(_read_moment(begins), _read_moment(ends) if ends.strip() else None)


def _read_calendar(file: Path | None, office_hours: str | None) -> WorkCalendar:
    calendar = built_in_calendar()
    if file is not None:
        calendar = amended(calendar, read_day_file(file))
    if office_hours is not None:
        calendar = calendar.with_office_hours(OfficeHours.parse(office_hours.split(",")))
    return calendar


def _due_line(reckoning: Reckoning) -> str:
    return reckoning.due_at.astimezone(SHANGHAI).isoformat() if reckoning.due_at else "paused"


def _as_text(reckoning: Reckoning) -> str:
    lines = [f"{number:2}. {step.text}" for number, step in enumerate(reckoning.steps, 1)]
    return "\n".join([*lines, _due_line(reckoning)])


def _as_json(reckoning: Reckoning) -> str:
    return json.dumps(
        {
            "due_at": reckoning.due_at and _due_line(reckoning),
            "paused": reckoning.paused,
            "provisional": reckoning.provisional,
            "steps": [
                {
                    "code": step.code,
                    "at": step.at.astimezone(SHANGHAI).isoformat(),
                    "params": dict(step.params),
                    "text": step.text,
                }
                for step in reckoning.steps
            ],
        },
        ensure_ascii=False,
    )
