"""`wangge keys create`, `add`, `reseal` and `show`."""

from __future__ import annotations

from typing import Any

import click
from django.conf import settings

from wangge.foundation.privacy.keys import add_key, create_keys, keyring
from wangge.foundation.privacy.rotation import reseal_batch, sealed_models
from wangge.foundation.worktime.clock import now


@click.group()
def keys() -> None:
    """Make, add and show the keys that seal personal data."""


@keys.command()
def create() -> None:
    """Make the file of keys of a new deployment; never touches one that is there."""
    try:
        create_keys(at=now())
    except FileExistsError:
        raise click.ClickException(
            f"{settings.KEYS_FILE} is there already. To change the key use `wangge keys add`."
        ) from None
    click.echo(f"Keys made: {settings.KEYS_FILE}. Back them up now, and apart from the database.")


@keys.command()
def add() -> None:
    """Add a key and seal new data with it; older keys still open what they sealed."""
    ring = add_key(at=now())
    click.echo(
        f"Key version {ring.current} is current. Back up {settings.KEYS_FILE}, then run `wangge keys reseal`."
    )


@keys.command()
def reseal() -> None:
    """Seal everything kept so far with the current key and cipher. May be stopped and run again."""
    for model in sealed_models():
        done: Any = 0
        batches = 0
        while (done := reseal_batch(model, after=done)) is not None:
            batches += 1
        click.echo(f"{model._meta.label}: sealed anew in {batches} batches.")


@keys.command()
def show() -> None:
    """Name the versions there are; never shows a key."""
    ring = keyring()
    click.echo(
        f"{settings.KEYS_FILE}: versions {', '.join(map(str, ring.versions()))}; current {ring.current}"
    )
