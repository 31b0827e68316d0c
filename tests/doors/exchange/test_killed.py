"""kill -9 in the middle of an import, as a real process, and the same command again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

from doors.exchange.files import csv_bytes, orders, written
from serving import Serving
from town import DISTRICT, Town
from wangge.cases.models import Case, ForeignRecord
from wangge.doors.exchange.models import ImportFault, ImportRun, RunState
from wangge.foundation.journal.models import Line, Wakeup
from wangge.foundation.journal.verifying import verify_journal
from wangge.foundation.privacy.models import Identity

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = 4000
EVERY = 100  # of so many rows one is bad
PATIENCE = 180


def command(path: Path) -> list[str]:
    return [
        sys.executable, "-m", "wangge", "cases", "import", str(path), "--channel", "hotline_12345",
        "--district", DISTRICT,
    ]  # fmt: skip


def environment() -> dict[str, str]:
    return Serving().environment


def file_of(folder: Path) -> Path:
    rows = orders(ROWS)
    for bad in rows[::EVERY]:
        bad["受理时间"] = "?"
    return written(folder, csv_bytes(rows))


def position() -> int:
    connection.close()  # what another process committed
    return ImportRun.objects.values_list("position", flat=True).first() or 0


def killed_behind(path: Path, row: int) -> None:
    """Start the command and kill it once it has passed this row."""
    process = subprocess.Popen(
        command(path), env=environment(), stderr=subprocess.DEVNULL, start_new_session=True
    )
    until = time.monotonic() + PATIENCE
    while position() <= row:
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < until, "it never came so far"
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    _wait_for_sessions_to_end()


def _wait_for_sessions_to_end() -> None:
    """The server notices a client's death when it next writes to it."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2")
            if cursor.fetchone()[0] == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the killed process still holds its lock")


def test_a_killed_import_goes_on_without_loss_or_double(town: Town, tmp_path: Path) -> None:
    path = file_of(tmp_path)
    killed_behind(path, 0)
    first = position()
    assert 0 < first < ROWS
    assert Case.objects.count() == ForeignRecord.objects.count() == ImportRun.objects.get().taken
    killed_behind(path, first)
    done = subprocess.run(command(path), env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr[-2000:]
    assert "Going on behind row" in done.stderr
    run = ImportRun.objects.get()
    bad = ROWS // EVERY
    assert (run.state, run.rows, run.taken, run.refused, run.known) == (
        RunState.DONE,
        ROWS,
        ROWS - bad,
        bad,
        0,
    )
    assert Case.objects.count() == ROWS - bad
    assert Case.objects.values("external_no").distinct().count() == ROWS - bad
    assert Identity.objects.count() == ForeignRecord.objects.count() == ROWS - bad
    assert ImportFault.objects.count() == bad
    followed_up = Line.objects.filter(pk__in=Wakeup.objects.values("line_id"), subject_kind="case")
    numbers = Case.objects.order_by("number").values_list("number", flat=True)
    assert list(followed_up.order_by("subject_id").values_list("subject_id", flat=True)) == list(numbers)
    assert Wakeup.objects.count() == len(numbers) + 2, "and the import's beginning and end"
    assert verify_journal().sound


def test_two_at_once_take_one_file_in_once(town: Town, tmp_path: Path) -> None:
    path = file_of(tmp_path)
    both = [
        subprocess.Popen(command(path), env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for _number in range(2)
    ]
    said = [process.communicate(timeout=PATIENCE)[1].decode() for process in both]
    codes = sorted(process.returncode for process in both)
    assert codes in ([1, 2], [1, 1]), said
    assert Case.objects.count() == ROWS - ROWS // EVERY
    assert verify_journal().sound
