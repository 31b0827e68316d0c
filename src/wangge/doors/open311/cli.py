"""`wangge open311`: keys of programs that send requests, and pulling requests from another server."""

from __future__ import annotations

import click
from django.utils import translation

from wangge.doors.open311.errors import GeoReportError
from wangge.doors.open311.jurisdictions import district
from wangge.doors.open311.keys import create_key, revoke_key
from wangge.doors.open311.models import Open311Key
from wangge.foundation.journal.actors import Actor
from wangge.foundation.refusals import Refusal
from wangge.foundation.worktime.clock import now
from wangge.territory.queries import area

COMMAND = Actor.system("command")


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


def district_code(asked: str) -> str:
    with translation.override("en"):
        try:
            return district(asked).code
        except GeoReportError as error:
            raise click.UsageError(" ".join(error.descriptions)) from None
