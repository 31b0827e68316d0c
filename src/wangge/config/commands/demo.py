"""`wangge demo`: everything at once, from an empty folder to a town one can click through."""

from __future__ import annotations

import contextlib
import fcntl
import importlib
import os
import shutil
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import click
import django
from django.conf import settings
from django.db import connections

from wangge.config import data_folder, embedded
from wangge.config.processes import Child
from wangge.config.schema import bring_up_to_date

MARK = "Wangge demo"  # a comment on a table: a backup and a copy of the database keep it
READY_SECONDS = 60


@click.command()
@click.option(
    "--messages",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Replay this CSV (text[,time,channel,place,external_no]) instead of the demo's own messages.",
)
@click.option("--reset", is_flag=True, help="Begin anew: throw away what the demo holds.")
@click.option("--host", envvar="HOST", default="127.0.0.1", show_default=True)
@click.option("--port", envvar="PORT", type=click.IntRange(1, 65535), default=8000, show_default=True)
def demo(messages: Path | None, reset: bool, host: str, port: int) -> None:
    """Seed the demo town and serve it. Ctrl-C stops all it started; the data stays."""
    os.environ["WANGGE_DEMO"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wangge.config.settings")
    for told in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(told, _stop)
    folder = data_folder.data_dir()
    try:
        with _only_one(folder), _database(folder, reset):
            _port_is_free(host, port)
            django.setup()
            bring_up_to_date()
            _claim()
            importlib.import_module("wangge.demo.seed").main(messages=messages, say=click.echo)
            connections.close_all()
            _serve(host, port)
    except KeyboardInterrupt:
        click.echo("\nThe demo was stopped. Its data stays; `make demo` goes on with it.")


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextlib.contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """One demo per data folder. The lock ends with its process, however that ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "demo.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise click.ClickException(
                f"A demo is running from this folder already. To stop it:  kill {lock.read().strip()}"
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


@contextlib.contextmanager
def _database(folder: Path, reset: bool) -> Iterator[None]:
    if os.environ.get("DATABASE_URL"):
        if reset:
            raise click.ClickException(
                "DATABASE_URL is set: only the embedded database is thrown away by this command. "
                "Drop and create yours by hand, or unset DATABASE_URL."
            )
        yield
        return
    with embedded.held(folder):
        if reset:
            django.setup()
            if not _is_demo() and _holds_people():
                raise click.ClickException(
                    f"The database in {folder} is no demo; it is not thrown away. If that is what you want, "
                    f"stop it and remove the folder by hand."
                )
            connections.close_all()
            embedded.recreate_database(folder)
            for kept in (settings.FILES_DIR, settings.SEALS_DIR):
                if kept.is_relative_to(folder):
                    shutil.rmtree(kept, ignore_errors=True)
        yield


def _claim() -> None:
    """Mark the database as a demo, unless it holds data that is none."""
    if _is_demo():
        return
    if _holds_people():
        raise click.ClickException(
            "This database holds accounts and is no demo. Demo accounts have published passwords and are not "
            "put into it. Use another folder:  export WANGGE_DATA_DIR=~/wangge-demo"
        )
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"COMMENT ON TABLE django_migrations IS '{MARK}'")


def _is_demo() -> bool:
    return _ask("SELECT obj_description(to_regclass('django_migrations'), 'pg_class')") == MARK


def _holds_people() -> bool:
    if _ask("SELECT to_regclass('accounts_user')::text") is None:
        return False
    return bool(_ask("SELECT EXISTS (SELECT FROM accounts_user)"))


def _ask(query: str) -> object:
    with connections["owner"].cursor() as cursor:
        cursor.execute(query)
        row = cursor.fetchone()
    return row[0] if row else None


def _port_is_free(host: str, port: int) -> None:
    """A server that is just being stopped gets a moment to let go of it."""
    for patience in (0.5, 1, 2, 0):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                if not patience:
                    raise click.ClickException(
                        f"Port {port} of {host} cannot be used ({error.strerror}). "
                        f"Choose another:  PORT={port + 1} make demo"
                    ) from None
            else:
                return
        time.sleep(patience)


def _serve(host: str, port: int) -> None:
    children: list[Child] = []
    commands = {"web": ["serve", "--host", host, "--port", str(port)], "worker": ["worker"]}
    try:
        children = [Child(name, arguments) for name, arguments in commands.items()]
        address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        _wait_until_ready(address, children)
        click.echo(importlib.import_module("wangge.demo.accounts").sheet(address))
        while True:
            time.sleep(1)
            for child in [child for child in children if child.ended]:
                click.echo(f"The {child.name} process ended ({child.process.returncode}); starting it again.")
                children[children.index(child)] = Child(child.name, commands[child.name])
    finally:
        # A second Ctrl-C must not leave half of them running.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for child in children:
            child.tell_to_stop()
        for child in children:
            child.stop()


def _wait_until_ready(address: str, children: list[Child]) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        for child in children:
            if child.ended:
                raise click.ClickException(f"The {child.name} process ended at once; see its words above.")
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=5):  # noqa: S310 - our own address
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise click.ClickException(f"{address} did not answer within {READY_SECONDS} seconds.")
