"""The `wangge` command as it is typed."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from wangge.config import data_folder
from wangge.config.command import SUBCOMMANDS

NOWHERE = "postgresql://wangge_app@127.0.0.1:1/wangge"


def wangge(*arguments, **environment):
    """Run the command as somebody would, in an empty environment of its own."""
    keep = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "wangge", *arguments], env={**keep, **environment},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def test_help_names_every_sub_command():
    said = wangge("--help").stdout
    for name in SUBCOMMANDS:
        assert re.search(rf"^  {name} ", said, flags=re.MULTILINE), name


@pytest.mark.parametrize("name", sorted(set(SUBCOMMANDS) - {"django"}))
def test_every_sub_command_is_there_and_explains_itself(name):
    done = wangge(name, "--help", WANGGE_SECRET_KEY="k" * 50, DATABASE_URL=NOWHERE)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"Usage: wangge {name}")


def test_an_unknown_word_is_refused():
    done = wangge("dance")
    assert done.returncode == 2
    assert "No such command 'dance'" in done.stderr


def test_the_clock_needs_neither_django_nor_a_database(tmp_path):
    """It must answer at once, anywhere."""
    program = (
        "import sys; sys.argv = ['wangge', 'clock', '--from', '2026-09-30 16:00', '--limit', '3wd']\n"
        "from wangge.config.command import main\n"
        "try:\n    main()\n"
        "finally:\n    heavy = {'django.db', 'psycopg', 'wangge.config.settings'}\n"
        "    print(heavy & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "WANGGE_DATA_DIR": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "set()"
    assert "2026-10-10T17:00:00+08:00" in done.stdout or "2026-10-10T17:30:00+08:00" in done.stdout


def test_without_a_database_the_next_step_is_named(tmp_path):
    done = wangge("migrate", WANGGE_DATA_DIR=str(tmp_path), WANGGE_SECRET_KEY="k" * 50)
    assert done.returncode == 1
    assert "wangge database start" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_secret_key_only_the_demo_runs(tmp_path):
    done = wangge("doctor", WANGGE_DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    assert "WANGGE_SECRET_KEY is not set" in done.stderr


def test_without_the_owners_login_migrate_says_what_to_set(tmp_path):
    done = wangge(
        "migrate", WANGGE_DATA_DIR=str(tmp_path), WANGGE_SECRET_KEY="k" * 50,
        DATABASE_URL=NOWHERE,
    )  # fmt: skip
    assert done.returncode == 1
    assert "DATABASE_OWNER_URL is not set" in done.stderr


def test_the_doctor_says_when_the_database_does_not_answer(tmp_path):
    done = wangge(
        "doctor", WANGGE_DATA_DIR=str(tmp_path), WANGGE_SECRET_KEY="short",
        DATABASE_URL=NOWHERE, WANGGE_HTTPS="0",
    )  # fmt: skip
    assert done.returncode == 1
    for complaint in (
        "The database does not answer",
        "The secret key is short",
        "names and phones stay sealed",
        "Cookies travel without TLS.",
    ):
        assert complaint in done.stdout


def test_the_makefile_explains_each_target():
    text = (data_folder.CHECKOUT / "Makefile").read_text()
    targets = re.search(r"^\.PHONY: (.*)$", text, flags=re.MULTILINE)
    for name in targets[1].split():
        assert re.search(rf"^{name}:.*## .+\.$", text, flags=re.MULTILINE), name
