"""`wangge migrate`: tables, privileges, reference data."""

from __future__ import annotations

import os

import click
import django

from wangge.config.schema import bring_up_to_date


@click.command()
def migrate() -> None:
    """Bring tables, privileges and reference data up to date. Bears being repeated."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wangge.config.settings")
    django.setup()
    try:
        bring_up_to_date(say=click.echo)
    except RuntimeError as error:
        raise click.ClickException(str(error)) from None
