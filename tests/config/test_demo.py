"""`wangge demo` from an empty folder: ready, stopped, killed, started again."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import psycopg
import pytest

from wangge.config import data_folder, embedded

pytestmark = pytest.mark.long


class Demo:
    def __init__(self, folder) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self):
        keep = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "wangge", "demo"],
            env={**keep, "WANGGE_DATA_DIR": str(self.folder), "PORT": str(self.port)},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def words_until(self, pattern, seconds):
        """What it prints up to the line that matches."""
        said, until = "", time.monotonic() + seconds
        for line in self.process.stdout:
            said += line
            if re.search(pattern, line):
                return said
            assert time.monotonic() < until, said
        raise AssertionError(said)

    def end(self, sent):
        self.process.send_signal(sent)
        rest = self.process.stdout.read()
        return self.process.wait(30), rest

    def answers(self):
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def cases(self):
        with (
            embedded.held(self.folder),
            psycopg.connect(embedded.connection_urls(self.folder)["app"]) as connection,
        ):
            return connection.execute("SELECT count(*) FROM cases_case").fetchone()[0]


def test_the_demo_comes_up_goes_down_and_comes_back(tmp_path):
    demo = Demo(tmp_path / "demo")
    try:
        demo.start()
        said = demo.words_until(r"Ctrl-C", seconds=600)
        assert f"ready:  {demo.url}" in said
        assert "demo accounts" in said.lower()
        assert demo.answers()

        second = {"WANGGE_DATA_DIR": str(demo.folder), "DJANGO_SETTINGS_MODULE": "wangge.config.settings"}
        again = subprocess.run(
            [sys.executable, "-m", "wangge", "demo"], env={**os.environ, **second},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert again.returncode == 1
        assert f"kill {demo.process.pid}" in again.stderr

        code, said = demo.end(signal.SIGINT)
        assert (code, demo.answers()) == (0, False)
        assert "Its data stays" in said
        assert embedded.status(demo.folder).pid is None, "the database was stopped with it"
        cases = demo.cases()
        assert cases > 1000

        begun = time.monotonic()
        demo.start()
        demo.words_until(r"Ctrl-C", seconds=120)
        assert time.monotonic() - begun < 60
        demo.process.kill()
        demo.process.wait()
        time.sleep(2)
        assert not demo.answers(), "nobody goes on serving after the demo was killed"

        demo.start()
        demo.words_until(r"Ctrl-C", seconds=120)
        assert demo.end(signal.SIGTERM)[0] == 0
        assert demo.cases() == cases, "the data stayed, and nothing came twice"
    finally:
        if demo.process.poll() is None:
            demo.end(signal.SIGTERM)
        embedded.stop(demo.folder)
        shutil.rmtree(data_folder.short_place(demo.folder), ignore_errors=True)


def test_demo_accounts_are_not_put_into_a_real_database(tmp_path):
    """Their passwords are published."""
    folder = tmp_path / "real"
    environment = {
        **os.environ, "WANGGE_DATA_DIR": str(folder), "WANGGE_SECRET_KEY": "k" * 50,
        "DJANGO_SETTINGS_MODULE": "wangge.config.settings",
    }  # fmt: skip
    with embedded.held(folder):
        subprocess.run([sys.executable, "-m", "wangge", "migrate"], env=environment, check=True)
        with psycopg.connect(embedded.connection_urls(folder)["owner"]) as owner:
            owner.execute(
                "INSERT INTO accounts_user (username, password, is_active, language, created_at)"
                " VALUES ('chen', '!', true, 'zh-hans', now())"
            )
        for arguments, refusal in (([], "is no demo"), (["--reset"], "is not thrown away")):
            done = subprocess.run(
                [sys.executable, "-m", "wangge", "demo", *arguments], env=environment,
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 1
            assert refusal in done.stderr
        with psycopg.connect(embedded.connection_urls(folder)["owner"]) as owner:
            assert owner.execute("SELECT username FROM accounts_user").fetchall() == [("chen",)]
    shutil.rmtree(data_folder.short_place(folder), ignore_errors=True)
