"""`wangge backup` and `wangge restore`."""

from __future__ import annotations

from pathlib import Path

import click
from django.conf import settings

from wangge.config import backups
from wangge.foundation.worktime.clock import now


@click.command()
@click.argument("into", type=click.Path(file_okay=False, path_type=Path))
def backup(into: Path) -> None:
    """Write database, photos and seals into a new folder below INTO, while everything runs.

    The keys of sealed names and phones are not in it: copy that file by hand, to another place.
    """
    try:
        folder = backups.back_up(into, at=now(), say=click.echo)
    except backups.UnableToBackUp as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"The keys are not in it. Keep {settings.KEYS_FILE} in another place.")
    click.echo(f"{folder}")


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Throw away the cases that are there.")
def restore(folder: Path, replace: bool) -> None:
    """Put a backup back, and verify its journal. Stop `wangge serve` and `wangge worker` first."""
    try:
        verdict = backups.restore(folder, replace=replace, say=click.echo)
    except backups.UnableToBackUp as error:
        raise click.ClickException(str(error)) from None
    if not verdict.sound:
        raise click.ClickException(
            f"The backup is back, but its journal is not sound: {len(verdict.findings)} findings. "
            "See them:  wangge journal verify"
        )
    click.echo(f"The backup is back. Its journal is sound: {verdict.lines} lines.")
