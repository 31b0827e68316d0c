"""A backup is a folder: the database as one dump, photos and seals beside it, and a list of what is whole.

The keys that open sealed names and phones are left out on purpose: a backup that somebody takes away must
not open itself. They are copied by hand, to another place (`docs/how-to/back-up.md`).
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypedDict

from django.conf import settings
from django.db import connections

from wangge.config import postgres_server
from wangge.config.schema import bring_up_to_date
from wangge.foundation.journal.verifying import Verdict, verify_journal

MANIFEST, DUMP, FILES, SEALS = "manifest.json", "database.dump", "files.tar", "seals.tar"
Say = Callable[[str], None]


class UnableToBackUp(Exception):
    """The backup was not made, or not put back; says why and what to do."""


class Manifest(TypedDict):
    """What `manifest.json` holds. `digests` are SHA-256 of the other files of the folder."""

    made_at: str
    version: str
    postgresql: str
    lines: int
    cases: int
    digests: dict[str, str]


# --- making one -----------------------------------------------------------------------------------


def back_up(into: Path, *, at: datetime, say: Say) -> Path:
    """Write a backup below `into` while everything runs; returns its folder, which is whole or not there.

    The database is one consistent moment. Photos are copied after it: they are named by their content and
    never changed, so none that the dump knows is missing. Raises UnableToBackUp.
    """
    folder = into / f"wangge-{at:%Y%m%dT%H%M%SZ}"
    if folder.exists():
        raise UnableToBackUp(f"{folder} is there already. Wait a second, or name another folder.")
    draft = folder.with_name(folder.name + ".part")
    try:
        draft.mkdir(parents=True, mode=0o700)
    except OSError as error:
        raise UnableToBackUp(f"{draft} cannot be made: {error.strerror}. Name another folder.") from None
    try:
        with connections["owner"].cursor() as cursor:
            cursor.execute("SELECT (SELECT count(*) FROM journal_line), (SELECT count(*) FROM cases_case)")
            lines, cases = cursor.fetchone()
            cursor.execute("SHOW server_version")
            (postgresql,) = cursor.fetchone()
        say("Dumping the database …")
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={draft / DUMP}")
        for name, source in ((FILES, settings.FILES_DIR), (SEALS, settings.SEALS_DIR)):
            say(f"Copying {source} …")
            with tarfile.open(draft / name, "w") as tar:
                if source.is_dir():
                    tar.add(source, arcname=".")
        manifest = Manifest(
            made_at=at.isoformat(),
            version=importlib.metadata.version("wangge"),
            postgresql=str(postgresql),
            lines=lines,
            cases=cases,
            digests={name: _digest(draft / name) for name in (DUMP, FILES, SEALS)},
        )
        (draft / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        draft.rename(folder)
    except OSError as error:
        raise UnableToBackUp(f"The backup stopped: {error}. Nothing of it was kept.") from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder


# --- putting one back -----------------------------------------------------------------------------


def restore(folder: Path, *, replace: bool, say: Say) -> Verdict:
    """Put a backup back, then verify its journal. Web and worker must be stopped.

    The folder is checked against its manifest before anything is touched. A database that holds cases is
    refused unless `replace` says that it may go. The dump goes in whole or not at all. Raises UnableToBackUp.
    """
    manifest = _checked(folder)
    if _cases() and not replace:
        raise UnableToBackUp(
            "This database holds cases. To throw them away and put the backup in their place, say --replace."
        )
    others = _others_connected()
    if others:
        raise UnableToBackUp(
            f"{others} other connections use this database. Stop `wangge serve` and `wangge worker` first."
        )
    say("Putting the database back …")
    _clear()
    try:
        _run(
            "pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction",
            "--dbname=", str(folder / DUMP),
        )  # fmt: skip
    finally:
        connections.close_all()
    for name, target in ((FILES, settings.FILES_DIR), (SEALS, settings.SEALS_DIR)):
        say(f"Putting {target} back …")
        target.mkdir(parents=True, exist_ok=True)
        with tarfile.open(folder / name) as tar:
            tar.extractall(target, filter="data")
    bring_up_to_date(say)
    verdict = verify_journal()
    if verdict.lines < manifest["lines"]:
        raise UnableToBackUp(
            f"The backup says {manifest['lines']} journal lines, {verdict.lines} came back. Keep both apart "
            "and look into it before anybody works with this."
        )
    return verdict


def _checked(folder: Path) -> Manifest:
    try:
        manifest: Manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        digests = dict(manifest["digests"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnableToBackUp(
            f"{folder} is no backup: its {MANIFEST} cannot be read ({error}). "
            "Name a folder that `wangge backup` made."
        ) from None
    for name in (DUMP, FILES, SEALS):
        path = folder / name
        if not path.is_file() or _digest(path) != digests.get(name):
            raise UnableToBackUp(
                f"{path} is missing or was changed since the backup was made. Use another backup."
            )
    return manifest


def _cases() -> int:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT to_regclass('public.cases_case') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute("SELECT count(*) FROM cases_case")
        return int(cursor.fetchone()[0])


def _others_connected() -> int:
    connections["default"].close()
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            # Of other logins' sessions only the name is shown; the server's own have none.
            " AND usename IS NOT NULL AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


def _clear() -> None:
    """Everything of ours goes; the database itself, its settings and its logins stay."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")
        cursor.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")
    connections["owner"].close()


# --- small things ---------------------------------------------------------------------------------


def owner_environment() -> dict[str, str]:
    """The owner's login as libpq's variables: a password has no place among a command's arguments."""
    if "owner" not in connections:
        raise UnableToBackUp(
            "DATABASE_OWNER_URL is not set. The whole database is read and written by its owner: set it to "
            "the login wangge_owner for this command."
        )
    told: dict[str, Any] = connections["owner"].get_connection_params()
    return {
        f"PG{name.upper().replace('DBNAME', 'DATABASE')}": str(told[name])
        for name in ("host", "port", "user", "password", "dbname", "sslmode", "sslrootcert")
        if told.get(name) not in (None, "")
    }


def _run(tool: str, *arguments: str) -> None:
    done = subprocess.run(
        [str(postgres_server.client_tool(tool)), *arguments],
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", **owner_environment()},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise UnableToBackUp(f"{tool} failed: {done.stderr.strip()[-2000:]}")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
