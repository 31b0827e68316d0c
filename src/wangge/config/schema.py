"""Bring a database up to date: tables by the owner, privileges by the owner, reference data by the app."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable

from django.apps import apps
from django.core.management import call_command
from django.db import connections

from wangge.config.grants import grant_to_app


def bring_up_to_date(say: Callable[[str], None] = lambda line: None) -> None:
    """Run what is missing; running it again changes nothing.

    Raises RuntimeError if the owner's login is not configured.
    """
    if "owner" not in connections:
        raise RuntimeError(
            "DATABASE_OWNER_URL is not set. Tables are made by their owner, not by the login of the pages: "
            "set it to the login wangge_owner for this command."
        )
    # Checks would load every door's addresses; tables need none of them.
    call_command("migrate", database="owner", interactive=False, verbosity=0, skip_checks=True)
    say("Tables are up to date.")
    grant_to_app()
    say("Privileges of the app's login are set.")
    for label, load in default_loaders():
        load()
        say(f"Reference data of {label} is loaded.")


def default_loaders() -> list[tuple[str, Callable[[], object]]]:
    """`load_defaults` of every room that has a `defaults` module, in the order rooms are installed."""
    found = []
    for app in apps.get_app_configs():
        has_tables = importlib.util.find_spec(f"{app.name}.migrations") is not None
        if app.name.startswith("wangge.") and has_tables and importlib.util.find_spec(f"{app.name}.defaults"):
            load = getattr(importlib.import_module(f"{app.name}.defaults"), "load_defaults", None)
            if load is not None:
                found.append((app.label, load))
    return found
