"""`wangge cases import`: take in a file of another system's requests."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click
from django.utils import translation

from wangge.cases.words import Channel
from wangge.doors.exchange.mapping import built_in, read_mapping
from wangge.doors.exchange.models import ImportRun
from wangge.doors.exchange.reading import Table, open_table
from wangge.doors.exchange.reports import FORMS, write_report
from wangge.doors.exchange.running import Tried, begin_run, take_file_in, try_file
from wangge.foundation.journal.actors import Actor
from wangge.foundation.refusals import Refusal
from wangge.foundation.worktime.clock import now
from wangge.territory.codes import Level
from wangge.territory.memory import snapshot

SOME_REFUSED, NOTHING = 1, 2
_SAY_EVERY_SECONDS = 1.0


@click.group()
def cases() -> None:
    """Requests: take in what another system has recorded."""


@cases.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--channel", required=True, type=click.Choice(Channel.values), help="How the requests came in.")
@click.option("--district", default="", help="Code of the district that the file is for, such as 230717.")
@click.option(
    "--mapping",
    "mapping_path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Which column is which field (TOML); without it the one built in for the channel.",
)
@click.option("--timezone", "time_zone", default="", help="Where the file's clock hangs, if not as mapped.")
@click.option("--dry-run", is_flag=True, help="Say what would happen; write nothing.")
@click.option(
    "--report",
    "report_path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the rows with problems go, .csv or .xlsx; FILE.problems.csv without it.",
)
@click.option("--language", type=click.Choice(["zh-hans", "en"]), default="zh-hans", help="Of the report.")
def import_(
    file: Path,
    channel: str,
    district: str,
    mapping_path: Path | None,
    time_zone: str,
    dry_run: bool,
    report_path: Path | None,
    language: str,
) -> None:
    """Take in FILE, CSV or Excel (.xlsx): good rows go in, bad ones come back with what to mend.

    Ends with 0 if all rows are in, 1 if some were refused, 2 if nothing could be read. The same file again
    takes in nothing twice; broken off, it goes on where it was. See docs/how-to/import-cases.md.
    """
    report_path = report_path or file.with_name(f"{file.name}.problems.csv")
    with translation.override(language):
        try:
            if report_path.suffix not in FORMS:
                raise click.UsageError("The report ends in .csv or .xlsx.")
            _check_district(district)
            sys.exit(_import(file, channel, district, mapping_path, time_zone, dry_run, report_path))
        except Refusal as refusal:
            click.echo(f"Error: {refusal}", err=True)
            sys.exit(NOTHING)


def _import(
    file: Path,
    channel: str,
    district: str,
    mapping_path: Path | None,
    time_zone: str,
    dry_run: bool,
    report_path: Path,
) -> int:
    text = mapping_path.read_bytes() if mapping_path else built_in(channel)
    mapping = read_mapping(text, time_zone=time_zone)
    by = Actor.system("command")
    with file.open("rb") as content:
        table = open_table(content, mapping)
        _say_columns(table)
        progress = _Progress(table.source.rows_expected)
        if dry_run:
            result: Tried | ImportRun = try_file(
                table=table, mapping=mapping, by=by, channel=channel, district=district, at=now(),
                say=progress.say,
            )  # fmt: skip
        else:
            run = begin_run(
                table=table, mapping=mapping, mapping_text=text.decode("utf-8-sig"), channel=channel,
                district=district, file_name=file.name, by=by, at=now(), door="command",
            )  # fmt: skip
            if run.position:
                click.echo(f"Going on behind row {run.position}, where this file was broken off.", err=True)
            result = take_file_in(run, table=table, mapping=mapping, by=by, clock=now, say=progress.say)
        progress.end()
        return _told(result, table, report_path, dry_run)


def _told(result: Tried | ImportRun, table: Table, report_path: Path, dry_run: bool) -> int:
    """The summary, the report if there is anything to report, and the exit code."""
    faults = result.faults if isinstance(result, Tried) else result.faults.order_by("row", "pk").iterator()
    would = "would be " if dry_run else ""
    click.echo(
        f"{result.rows} rows: {result.taken} {would}taken in, {result.known} in already, "
        f"{result.refused} refused, {result.remarks} remarks."
    )
    if result.refused or result.remarks:
        write_report(report_path, faults, table=table)
        click.echo(f"What is wrong, row by row: {report_path}")
    if not result.rows or (result.refused == result.rows):
        return NOTHING
    return SOME_REFUSED if result.refused else 0


def _check_district(district: str) -> None:
    if district:
        area = snapshot().tree.areas.get(district)
        if area is None or not (area.level == Level.DISTRICT or len(district) == 6) or not area.active:
            raise click.UsageError(
                f"{district} is no district of this installation; load it first: "
                f"wangge territory load-divisions … --district {district}"
            )


def _say_columns(table: Table) -> None:
    header = table.header
    click.echo(f"{table.form}; titles in row {header.row}, {len(header.fields)} fields found.", err=True)
    for title in header.unknown:
        click.echo(f"Column “{title}”: not in the mapping, not read.", err=True)
    for title in header.unused:
        click.echo(f"Column “{title}”: another column fills its field, not read.", err=True)
    for title, why in header.left_out:
        click.echo(f"Column “{title}”: left out by the mapping ({why}).", err=True)
    for sheet in table.other_sheets:
        click.echo(f"Sheet “{sheet}”: not read.", err=True)


class _Progress:
    """A line on stderr, renewed every second: on a terminal in place, in a log one after another."""

    def __init__(self, expected: int) -> None:
        self.expected = expected
        self.began = self.said = time.monotonic()
        self.in_place = sys.stderr.isatty()

    def say(self, result: Tried | ImportRun) -> None:
        clock = time.monotonic()
        if clock - self.said >= _SAY_EVERY_SECONDS:
            self.said = clock
            rate = result.rows / max(clock - self.began, 0.001)
            line = (
                f"{result.rows} of about {self.expected} rows, {result.taken} taken in, "
                f"{result.refused} refused, {rate:.0f} rows a second"
            )
            click.echo(f"\r{line}" if self.in_place else line, err=True, nl=not self.in_place)

    def end(self) -> None:
        if self.in_place:
            click.echo(err=True)
