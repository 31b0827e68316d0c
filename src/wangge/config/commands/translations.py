"""`wangge translations`: the Chinese catalogues of all rooms at once."""

from __future__ import annotations

import click

from wangge.config import catalogues


@click.group()
def translations() -> None:
    """Check, update or compile the Chinese catalogues (src/wangge/<room>/locale)."""


@translations.command()
def check() -> None:
    """Every sentence in code has one good Chinese answer, and no answer is left over."""
    found = catalogues.faults()
    for fault in found:
        click.echo(fault)
    if found:
        raise click.ClickException(
            f"{len(found)} faults. `wangge translations update` adds what is missing, for you to fill in."
        )
    click.echo("The catalogues are complete.")


@translations.command()
def update() -> None:
    """Add empty entries for new sentences, drop those said nowhere."""
    for path in catalogues.update():
        click.echo(f"written: {path.relative_to(catalogues.PACKAGE_DIR)}")


@translations.command(name="compile")
def compile_() -> None:
    """Write the .mo files Django reads."""
    click.echo(f"{len(catalogues.compile_all())} catalogues compiled.")
