"""The embedded server comes up, survives what happens to laptops, and lets nobody in without a password."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from wangge.config import data_folder, embedded, postgres_server


@contextlib.contextmanager
def data_folder_in(place: Path):
    """A data folder; in the end its server is stopped and what it kept elsewhere removed."""
    try:
        yield place / "data"
    finally:
        embedded.stop(place / "data")
        shutil.rmtree(data_folder.short_place(place / "data"), ignore_errors=True)


@pytest.fixture
def folder(tmp_path):
    """A data folder nobody used yet."""
    with data_folder_in(tmp_path) as folder:
        yield folder


@pytest.fixture(scope="module")
def _shared(tmp_path_factory):
    with data_folder_in(tmp_path_factory.mktemp("shared")) as folder:
        yield folder


@pytest.fixture
def used(_shared):
    """A data folder with a cluster, the server stopped: what a second run finds."""
    embedded.start(_shared)
    embedded.keep(_shared, kept=False)
    embedded.stop(_shared)
    return _shared


def connect(folder, login):
    return psycopg.connect(embedded.connection_urls(folder)[login], autocommit=True)


def postmaster(folder):
    pid = embedded.status(folder).pid
    assert pid
    return pid


def wait_until(ready):
    for _ in range(200):
        if ready():
            return
        time.sleep(0.05)
    raise AssertionError("waited ten seconds in vain")


def test_a_new_folder_gets_a_cluster_fit_for_chinese_text(folder):
    assert embedded.connection_urls(folder) == {}
    assert embedded.status(folder).cluster is None
    assert embedded.start(folder) is True
    with connect(folder, "app") as connection:
        found = connection.execute(
            "SELECT pg_encoding_to_char(encoding), datlocprovider::text, datlocale, current_user::text,"
            " current_setting('data_checksums'), current_setting('listen_addresses')"
            " FROM pg_database WHERE datname = current_database()"
        ).fetchone()
        assert found == ("UTF8", "b", "C.UTF-8", "wangge_app", "on", "")
        assert connection.execute("SELECT lower('ÄÖ'), upper('straße')").fetchone()[0] == "äö"

    assert embedded.start(folder) is False, "a running server is adopted"
    assert embedded.stop(folder) is True
    assert embedded.stop(folder) is False
    assert embedded.status(folder).pid is None


def test_the_app_owns_nothing_and_the_owner_may_make_databases(used):
    embedded.start(used)
    with connect(used, "owner") as owner, connect(used, "app") as app:
        owner.execute("CREATE TABLE things (name text)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("SELECT * FROM things")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("CREATE TABLE mine (name text)")
        owner.execute("CREATE DATABASE another")
        owner.execute("DROP DATABASE another")
        rights = owner.execute(
            "SELECT rolname::text, rolsuper, rolcreatedb FROM pg_roles"
            " WHERE rolname LIKE 'wangge%' ORDER BY 1"
        ).fetchall()
        assert rights == [("wangge_app", False, False), ("wangge_owner", False, True)]


def test_nobody_enters_without_the_password(used):
    embedded.start(used)
    with connect(used, "app") as connection:
        socket_dir = connection.info.host
    for user in ("postgres", "wangge_owner", "wangge_app"):
        for password in ("", "guessed"):
            with pytest.raises(psycopg.OperationalError, match="password"):
                psycopg.connect(host=socket_dir, user=user, password=password, dbname="wangge")
    assert stat.S_IMODE((used / "database.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(os.stat(socket_dir).st_mode) == 0o700


def test_a_server_killed_in_the_middle_is_started_again_with_what_was_committed(used):
    embedded.start(used)
    with connect(used, "owner") as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept SELECT generate_series(1, 1000)")
        os.kill(postmaster(used), signal.SIGKILL)
    assert embedded.start(used) is True
    with connect(used, "owner") as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1000,)


def test_a_pid_file_that_names_a_stranger_harms_neither(used):
    embedded.start(used)
    cluster = embedded.status(used).cluster
    os.kill(postmaster(used), signal.SIGKILL)
    wait_until(lambda: postgres_server.processes_in(cluster) == [])
    pid_file = cluster / "postmaster.pid"
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        lines = pid_file.read_text().split("\n")
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]))
        assert embedded.status(used).pid is None
        assert embedded.stop(used) is False
        assert stranger.poll() is None, "the stranger was left alone"
        assert embedded.start(used) is True
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_first_start_cut_short_is_repeated(folder):
    embedded.start(folder)
    cluster = embedded.status(folder).cluster
    embedded.stop(folder)
    cluster.rename(cluster.with_name("data.new"))  # as a kill in the middle of initdb leaves it
    assert embedded.start(folder) is True
    assert embedded.status(folder).answers


def test_two_starts_at_once_make_one_server(folder):
    program = "import sys; from pathlib import Path; from wangge.config import embedded; " \
              "print(embedded.start(Path(sys.argv[1])))"  # fmt: skip
    runs = [
        subprocess.Popen([sys.executable, "-c", program, str(folder)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = sorted(run.communicate(timeout=60)[0].strip() for run in runs)
    assert said == ["False", "False", "True"]


def test_the_last_one_to_need_the_server_stops_it(used):
    with embedded.held(used):
        with embedded.held(used):
            assert embedded.status(used).answers
        assert embedded.status(used).answers, "the outer block still needs it"
    assert embedded.status(used).pid is None


def test_a_server_that_was_asked_to_stay_outlives_its_users(used):
    embedded.start(used)
    embedded.keep(used, kept=True)
    with embedded.held(used):
        pass
    assert embedded.status(used).answers


def test_a_folder_behind_a_closed_door_is_left_closed(tmp_path):
    """As root the server runs as somebody who cannot enter; the door stays, another place is found."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with data_folder_in(closed) as folder:
        embedded.start(folder)
        status = embedded.status(folder)
        assert status.answers
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        root = os.geteuid() == 0
        assert status.cluster.is_relative_to(data_folder.short_place(folder) if root else folder)
        assert (status.cluster.stat().st_uid == os.geteuid()) is not root


def test_a_long_path_gets_a_short_socket(tmp_path):
    long = tmp_path / ("d" * 60) / ("e" * 60)
    long.mkdir(parents=True)
    with data_folder_in(long) as folder:
        embedded.start(folder)
        with connect(folder, "app") as connection:
            assert len(connection.info.host) < 80


def test_data_of_another_version_is_refused_with_the_way_out(used):
    embedded.start(used)
    cluster = embedded.status(used).cluster
    embedded.stop(used)
    (cluster / "PG_VERSION").write_text("12\n")
    with pytest.raises(embedded.EmbeddedDatabaseError, match=r"PostgreSQL 12.*make demo-reset"):
        embedded.start(used)
    (cluster / "PG_VERSION").write_text("17\n")


def test_a_user_that_does_not_exist_is_named(folder, monkeypatch):
    monkeypatch.setenv("WANGGE_POSTGRES_USER", "no-such-user")
    if os.geteuid() == 0:
        with pytest.raises(embedded.EmbeddedDatabaseError, match=r"no user no-such-user.*export"):
            embedded.start(folder)
    else:  # only root has the choice
        assert embedded.start(folder) is True


def test_statements_with_names_in_them_do_not_reach_the_log(used):
    embedded.start(used)
    cluster = embedded.status(used).cluster
    with connect(used, "owner") as connection:
        connection.execute("CREATE TABLE people (name text UNIQUE)")
        connection.execute("INSERT INTO people VALUES ('王小明')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO people VALUES ('王小明')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO people VALUES (%s)", ["王小明"])
    log = (cluster.parent / "server.log").read_text()
    assert "duplicate key" in log
    assert "王小明" not in log


@pytest.fixture
def under(monkeypatch):
    def set_folder(path: Path) -> None:
        monkeypatch.setenv("WANGGE_DATA_DIR", str(path))

    return set_folder


def test_the_command_starts_shows_and_stops(used, under):
    from click.testing import CliRunner

    from wangge.config.commands.database import database

    under(used)
    run = CliRunner().invoke
    assert run(database, ["status"]).exit_code == 3
    assert "was started" in run(database, ["start"]).output
    assert "is running" in run(database, ["start"]).output
    assert run(database, ["status"]).exit_code == 0
    assert "was stopped" in run(database, ["stop"]).output
    assert "No database was running" in run(database, ["stop"]).output
