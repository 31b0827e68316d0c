"""`wangge journal verify` and `wangge journal seal`."""

from __future__ import annotations

from pathlib import Path

import click

from wangge.foundation.journal.seal_files import UnableToReadSealFile
from wangge.foundation.journal.sealing import seal_heads
from wangge.foundation.journal.verifying import verify_journal
from wangge.foundation.worktime.clock import now


@click.group()
def journal() -> None:
    """Seal the journal, or read it again and name what does not fit."""


@journal.command()
@click.option(
    "--since",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A seal file kept outside the database; the journal is held against it.",
)
def verify(since: Path | None) -> None:
    """Read every chain and checkpoint; exit 1 and name each line that was changed, removed or moved."""
    try:
        verdict = verify_journal(since=since)
    except UnableToReadSealFile as error:
        raise click.UsageError(str(error)) from error
    for finding in verdict.findings:
        click.echo(str(finding))
    click.echo(
        f"{verdict.lines} lines, {verdict.subjects} subjects, {verdict.checkpoints} checkpoints: "
        + ("sound" if verdict.sound else f"{len(verdict.findings)} findings")
    )
    if not verdict.sound:
        raise SystemExit(1)


@journal.command()
def seal() -> None:
    """Seal every chain that moved since the last checkpoint and write its file to the seals folder."""
    checkpoint = seal_heads(at=now())
    click.echo(f"checkpoint {checkpoint.number}: {checkpoint.sealed_count} heads sealed")
