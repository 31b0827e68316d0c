"""`wangge django …`: Django's own management commands, under our settings."""

from __future__ import annotations

import os
import warnings

import click
from django.core.management import execute_from_command_line

# These look at code and files only: let them run where there is no database and no secret yet.
WITHOUT_DATABASE = {"makemigrations", "collectstatic", "findstatic"}


@click.command(
    add_help_option=False, context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False}
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def django(arguments: tuple[str, ...]) -> None:
    """Run one of Django's management commands: `wangge django makemigrations cases -n purpose`."""
    offline = bool(arguments) and arguments[0] in WITHOUT_DATABASE
    # makemigrations would like to compare with a database; without one it says so each time.
    warnings.filterwarnings("ignore", message="Got an error checking a consistent migration history")
    os.environ.setdefault(
        "DJANGO_SETTINGS_MODULE", "wangge.config.offline_settings" if offline else "wangge.config.settings"
    )
    execute_from_command_line(["wangge django", *arguments])
