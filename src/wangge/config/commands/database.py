"""`wangge database`: the embedded PostgreSQL by hand. Needs neither Django nor settings."""

from __future__ import annotations

import click

from wangge.config import data_folder, embedded


@click.group()
def database() -> None:
    """Start, stop or show the embedded PostgreSQL of this data folder."""


@database.command()
def start() -> None:
    """Start the server and leave it running."""
    folder = data_folder.data_dir()
    try:
        started = embedded.start(folder)
    except embedded.EmbeddedDatabaseError as error:
        raise click.ClickException(str(error)) from None
    embedded.keep(folder, kept=True)
    click.echo(
        f"The database {'was started' if started else 'is running'}: {embedded.status(folder).cluster}"
    )


@database.command()
def stop() -> None:
    """Stop the server."""
    folder = data_folder.data_dir()
    embedded.keep(folder, kept=False)
    try:
        stopped = embedded.stop(folder)
    except embedded.EmbeddedDatabaseError as error:
        raise click.ClickException(str(error)) from None
    click.echo("The database was stopped." if stopped else "No database was running.")


@database.command()
@click.pass_context
def status(ctx: click.Context) -> None:
    """Say whether the server runs; exit code 0 if it does and answers, else 3."""
    try:
        found = embedded.status(data_folder.data_dir())
    except embedded.EmbeddedDatabaseError as error:
        raise click.ClickException(str(error)) from None
    if found.cluster is None:
        click.echo("There is no embedded database in this data folder. To make one:  wangge database start")
    elif found.pid is None:
        click.echo(f"Not running: {found.cluster}. To start it:  wangge database start")
    elif not found.answers:
        click.echo(f"Process {found.pid} runs and does not answer: {found.cluster}")
    else:
        click.echo(f"Running as process {found.pid}: {found.cluster}")
    if not found.answers:
        ctx.exit(3)
