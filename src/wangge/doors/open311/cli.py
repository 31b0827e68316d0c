"""`wangge open311`: keys of programs that send requests, and pulling requests from another server."""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
from django.utils import translation

from wangge.cases.words import Channel
from wangge.doors.open311.errors import GeoReportError
from wangge.doors.open311.jurisdictions import district
from wangge.doors.open311.keys import create_key, revoke_key
from wangge.doors.open311.models import Open311Key
from wangge.doors.open311.pulling import fetch, pull
from wangge.doors.open311.reading import MOST_BYTES, Answer, read_answer
from wangge.foundation.journal.actors import Actor
from wangge.foundation.refusals import Refusal
from wangge.foundation.worktime.clock import now
from wangge.territory.queries import area

COMMAND = Actor.system("command")
SOME_REFUSED, NOTHING = 1, 2


@click.group()
def open311() -> None:
    """Exchange requests with other programs by Open311 GeoReport v2 (docs/open311.md)."""


@open311.group()
def keys() -> None:
    """Make, revoke and list the keys with which programs send requests."""


@keys.command()
@click.argument("sender")
@click.option("--name", required=True, help="Which program it is for, and whose.")
@click.option("--jurisdiction", required=True, help="Code of the district, or its configured name.")
def create(sender: str, name: str, jurisdiction: str) -> None:
    """Make a key for the program SENDER and print it, this once.

    A second key of the same SENDER finds the requests of the first: make the new one, hand it over, revoke
    the old one.
    """
    code = district_code(jurisdiction)
    with translation.override("en"):
        try:
            key, text = create_key(by=COMMAND, at=now(), sender=sender, name=name, jurisdiction=area(code))
        except Refusal as refusal:
            raise click.UsageError(str(refusal)) from None
    click.echo(f"{key.prefix}… sends to {code} as {sender}.", err=True)
    click.echo(text)


@keys.command()
@click.argument("prefix")
def revoke(prefix: str) -> None:
    """Take back the key that begins with PREFIX, as `list` shows it."""
    key = Open311Key.objects.filter(prefix=prefix.rstrip("…")).first()
    if key is None:
        raise click.UsageError(f"No key begins with {prefix}.")
    revoke_key(by=COMMAND, at=now(), key=key)
    click.echo(f"{key.prefix}… is revoked.")


@keys.command("list")
@click.option("--jurisdiction", default="", help="Only of this district.")
def list_(jurisdiction: str) -> None:
    """Every key that was made, newest first: never the key itself."""
    found = Open311Key.objects.select_related("jurisdiction").order_by("-pk")
    if jurisdiction:
        found = found.filter(jurisdiction__code=district_code(jurisdiction))
    for key in found:
        state = "revoked" if key.revoked_at else "valid"
        used = key.last_used_date.isoformat() if key.last_used_date else "never"
        click.echo(
            f"{key.prefix}…  {state:8}  used {used:10}  {key.jurisdiction.code}  {key.sender}  {key.name}"
        )


@open311.command("pull")
@click.argument("source")
@click.option("--jurisdiction", required=True, help="The district that takes the requests in.")
@click.option("--system", "source_system", default="", help="What the other system is called here; its host.")
@click.option("--channel", type=click.Choice(Channel.values), default=Channel.APP.value, show_default=True)
@click.option("--timezone", "zone", default="Asia/Shanghai", show_default=True, help="Of clocks without one.")
@click.option("--dry-run", is_flag=True, help="Say what would happen; write nothing.")
def pull_(source: str, jurisdiction: str, source_system: str, channel: str, zone: str, dry_run: bool) -> None:
    """Take in the requests of SOURCE: the address of a requests.json or .xml, or a file with its answer.

    An answer that lists services is shown. Ends with 0 if all requests are in, 1 if some were refused, 2 if
    nothing could be read.
    """
    code = district_code(jurisdiction)
    by_address = source.startswith(("http://", "https://"))
    host = (urlsplit(source).hostname or "") if by_address else ""
    if not (source_system or host):
        raise click.UsageError("Say with --system what the system behind this file is called.")
    with translation.override("en"):
        try:
            content = fetch(source) if by_address else _content(Path(source))
            answer = read_answer(content, time_zone=_zone(zone))
            sys.exit(_pull(answer, code, channel, source_system or host[:40], dry_run))
        except Refusal as refusal:
            click.echo(f"Error: {refusal}", err=True)
            sys.exit(NOTHING)


def _pull(answer: Answer, district: str, channel: str, source_system: str, dry_run: bool) -> int:
    for service in answer.services:
        click.echo(f"{service.code}  {service.group}  {service.name}")
    if answer.services:
        return 0
    pulled = pull(
        answer, by=COMMAND, at=now(), district=district, channel=channel, source_system=source_system,
        dry_run=dry_run,
    )  # fmt: skip
    for fault in [*pulled.faults, *answer.remarks]:
        click.echo(f"Request {fault.position} {fault.number}: {fault.sentence}", err=True)
    would = "would be " if dry_run else ""
    click.echo(
        f"{len(answer.requests) + len(answer.faults)} requests: {pulled.taken} {would}taken in, "
        f"{pulled.known} in already, {pulled.refused} refused, {len(answer.remarks)} remarks."
    )
    if pulled.refused:
        return SOME_REFUSED if pulled.taken or pulled.known else NOTHING
    return 0


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise click.UsageError(f"{path} cannot be read: {error.strerror}.") from None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise click.UsageError(f"{name} is no time zone; write one like Europe/Helsinki.") from None


def district_code(asked: str) -> str:
    with translation.override("en"):
        try:
            return district(asked).code
        except GeoReportError as error:
            raise click.UsageError(" ".join(error.descriptions)) from None
