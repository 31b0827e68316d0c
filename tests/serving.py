"""Real web and worker processes on the test database, to be looked at from outside and to be killed."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings

from wangge.config import data_folder, embedded

READY_SECONDS = 30


class Serving:
    """Starts `wangge serve` and `wangge worker` with the settings of the tests, on a free loopback port."""

    def __init__(self, *, data_dir: Path | None = None, database: str = "", **environment: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.log_path: Path = settings.TESTS_DIR / f"serving-{self.port}.log"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "wangge.config.test_settings",
            "WANGGE_TEST_DATABASE": database or settings.TEST_DATABASE,
            "WANGGE_TEST_DATA_DIR": str(data_dir or settings.DATA_DIR),
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "WANGGE_WEB_THREADS": "4",
            **environment,
        }
        # The name of the database is whole already.
        self.environment.pop("PYTEST_XDIST_WORKER", None)

    def start_web(self) -> None:
        self._start("serve")
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=5):
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                if self.processes["serve"].poll() is not None:
                    break
                time.sleep(0.05)
        raise AssertionError(f"wangge serve did not come up:\n{self.log()[-3000:]}")

    def start_worker(self) -> None:
        self._start("worker")

    def kill(self, name: str) -> None:
        """kill -9 of the whole tree at once: nothing gets a chance to tidy up."""
        process = self.processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.processes.clear()

    def log(self) -> str:
        return self.log_path.read_text(errors="replace")

    def _start(self, name: str) -> None:
        assert name not in self.processes, f"{name} is running already"
        with self.log_path.open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", "wangge", name],
                env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip


class House:
    """A data folder with a PostgreSQL of its own, whose server may be killed without harm to other tests."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._closing = ExitStack()

    def __enter__(self) -> House:
        self._closing.enter_context(embedded.held(self.folder))
        self._closing.callback(lambda: embedded.start(self.folder))  # the last to leave finds it to stop
        self.wangge("migrate")
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()
        shutil.rmtree(data_folder.short_place(self.folder), ignore_errors=True)

    def serving(self, **environment: str) -> Serving:
        return Serving(data_dir=self.folder, database=embedded.DATABASE, **environment)

    def wangge(self, *arguments: str, standard_input: str = "") -> str:
        """Run a `wangge` command in this house; what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "wangge", *arguments], env=self.serving().environment,
            input=standard_input, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def refused(self, *arguments: str) -> str:
        """Run a `wangge` command that must fail with a message, not with a traceback; what it said."""
        done = subprocess.run(
            [sys.executable, "-m", "wangge", *arguments], env=self.serving().environment,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 1, (done.returncode, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr, done.stderr
        return done.stderr

    def python(self, script: Path, *arguments: str) -> str:
        """Run one of the tests' own programs in this house; what it printed."""
        environment = {**self.serving().environment, "PYTHONPATH": str(Path(__file__).parent)}
        done = subprocess.run(
            [sys.executable, str(script), *arguments],
            env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-4000:]
        return done.stdout

    def connect(self, login: str = "owner") -> psycopg.Connection[Any]:
        return psycopg.connect(embedded.connection_urls(self.folder)[login], autocommit=True)

    def kill_database(self) -> None:
        """kill -9 of the postmaster; its other processes end by themselves."""
        pid = embedded.status(self.folder).pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)

    def start_database(self) -> None:
        embedded.start(self.folder)
