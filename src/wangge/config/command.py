"""The `wangge` command. A sub-command's module is loaded when it is called, not before.

`wangge clock` and `wangge database` therefore start without Django, settings or a database.
"""

from __future__ import annotations

import importlib
import os
import sys

import click
import django
from django.core.exceptions import ImproperlyConfigured

# name: (where it is, what `wangge --help` says of it)
SUBCOMMANDS = {
    "backup": ("wangge.config.commands.backup:backup", "Write everything but the keys into a folder."),
    "calendar": (
        "wangge.config.commands.calendar:calendar",
        "Take in the yearly notice of days off, or other office hours.",
    ),
    "cases": ("wangge.doors.exchange.cli:cases", "Take in what another system has recorded."),
    "clock": ("wangge.foundation.worktime.cli:clock", "Work out a deadline and show every step of it."),
    "database": ("wangge.config.commands.database:database", "Start, stop or show the embedded PostgreSQL."),
    "demo": ("wangge.config.commands.demo:demo", "Seed the demo town and serve it."),
    "django": ("wangge.config.commands.django:django", "Run one of Django's management commands."),
    "doctor": ("wangge.config.commands.doctor:doctor", "Check this installation and say what to mend."),
    "journal": ("wangge.foundation.journal.cli:journal", "Verify or seal the journal."),
    "keys": ("wangge.foundation.privacy.cli:keys", "Make, add and show the keys that seal personal data."),
    "migrate": (
        "wangge.config.commands.migrate:migrate",
        "Bring tables and privileges up to date.",
    ),
    "open311": (
        "wangge.doors.open311.cli:open311",
        "Keys of civic programs that speak Open311, and pulling from another server.",
    ),
    "restore": ("wangge.config.commands.backup:restore", "Put a backup back and verify it."),
    "serve": ("wangge.config.commands.serve:serve", "Serve the pages."),
    "tokens": ("wangge.doors.api.cli:tokens", "Make, revoke and list the tokens of programs."),
    "territory": ("wangge.territory.cli:territory", "Load the areas of a district."),
    "translations": (
        "wangge.config.commands.translations:translations",
        "Check or compile catalogues.",
    ),
    "worker": (
        "wangge.config.commands.worker:worker",
        "Do what follows from acts, on time.",
    ),
}


# Sub-commands that belong to a room import its tables, so the rooms must stand before they are loaded.
OF_ROOMS = {"backup", "calendar", "cases", "journal", "keys", "open311", "restore", "territory", "tokens"}


class LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in SUBCOMMANDS:
            return None
        if cmd_name in OF_ROOMS:
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wangge.config.settings")
            django.setup()
        module, _, name = SUBCOMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the sub-commands without loading any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, SUBCOMMANDS[name][1]) for name in self.list_commands(ctx)])


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="wangge", message="%(version)s")
def wangge() -> None:
    """Everyday governance of a Chinese district, from its smallest unit: the grid (网格)."""


def main() -> None:
    try:
        wangge(prog_name="wangge")
    except ImproperlyConfigured as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
