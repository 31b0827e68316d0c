"""How many rows of a hotline's file are taken in a second, and in how much memory, on a scratch database.

    .venv/bin/python bench/import_rows.py

Prints one JSON line for a CSV and for a workbook of the same work orders, each taken in by `wangge cases
import` in a process of its own: wall seconds, rows a second, that process's CPU and the most memory it held.
The baseline is the same number of single `register_case`, counted over `SINGLE` of them. The database's own
CPU is not in these figures. A number as argument changes how many rows.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wangge.config.test_settings")
os.environ.setdefault("WANGGE_TEST_DATABASE", "wangge_bench")

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import django

django.setup()

from django.db import connection  # noqa: E402

from database import drop_test_database, make_test_database  # noqa: E402
from doors.exchange.files import csv_bytes, orders, xlsx_bytes  # noqa: E402
from town import DISTRICT, Town, build_town  # noqa: E402
from wangge.cases.intake import Contact, Place, register_case  # noqa: E402
from wangge.cases.models import Case  # noqa: E402
from wangge.foundation.privacy.keys import create_keys  # noqa: E402

ROWS = int(sys.argv[1]) if sys.argv[1:] and sys.argv[1].isdigit() else 100_000
SINGLE = 300
START = datetime(2026, 3, 6, 1, 0, tzinfo=UTC)


@contextmanager
def database() -> Iterator[None]:
    make_test_database()
    create_keys(exist_ok=True)
    try:
        yield
    finally:
        connection.close()
        drop_test_database()


def main() -> None:
    with database(), tempfile.TemporaryDirectory() as folder:
        single = one_by_one(build_town())
        connection.close()
        figures = {
            form: taken_in(Path(folder) / f"orders.{form}", content)
            for form, content in (
                ("csv", csv_bytes(orders(ROWS))),
                ("xlsx", xlsx_bytes([{**row, "工单编号": f"X{row['工单编号']}"} for row in orders(ROWS)])),
            )
        }
        assert Case.objects.count() == 2 * ROWS + SINGLE
    print(
        json.dumps(
            {
                "bench": "import_rows",
                "rows": ROWS,
                **{f"{form}_{name}": value for form, told in figures.items() for name, value in told.items()},
                "single_per_second": round(SINGLE / single, 1),
                "ratio_to_single": round(figures["csv"]["per_second"] * single / SINGLE, 1),
            }
        )
    )


def taken_in(path: Path, content: bytes) -> dict[str, Any]:
    """The command in a process of its own, measured from outside."""
    path.write_bytes(content)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    command = [sys.executable, __file__, "child", str(path)]
    done = subprocess.run(command, env=os.environ, stdout=subprocess.PIPE, text=True, check=True)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "seconds": round(wall, 1),
        "per_second": round(ROWS / wall),
        "client_cpu_seconds": round(cpu, 1),
        "peak_mb": round(int(done.stdout.split()[-1]) / 1024),
    }


def child(path: str) -> None:
    """`wangge cases import`, and then the most memory this process ever held, in KB."""
    from wangge.doors.exchange.cli import cases

    try:
        cases(["import", path, "--channel", "hotline_12345", "--district", DISTRICT])
    except SystemExit as ended:
        if ended.code:
            raise
    # Not ru_maxrss: that one also counts the process this one was forked from.
    status = Path("/proc/self/status").read_text()
    print(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))


def one_by_one(town: Town) -> float:
    """Seconds for `SINGLE` registrations by the act that takes one."""
    started = time.perf_counter()
    for number in range(SINGLE):
        register_case(
            by=town.chen.holder, at=START, text=f"林都花园{number}号楼前的路灯不亮。",
            place=Place(DISTRICT), channel="hotline_12345", contact=Contact("林秀英", f"1{number:010d}"),
            external_no=f"S{number}",
        )  # fmt: skip
    return time.perf_counter() - started


if __name__ == "__main__":
    if sys.argv[1:2] == ["child"]:
        child(sys.argv[2])
    else:
        main()
