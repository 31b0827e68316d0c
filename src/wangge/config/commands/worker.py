"""`wangge worker`: reactions, jobs and the timetable."""

from __future__ import annotations

import importlib
import os

import click
import django


@click.command()
def worker() -> None:
    """Do what follows from acts, slow work, and what the hour asks for, until told to stop."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wangge.config.settings")
    django.setup()
    importlib.import_module("wangge.doors.worker.run").main()
