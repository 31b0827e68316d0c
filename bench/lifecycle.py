"""What one case costs from registration to its end, through the acts, on a scratch database.

    .venv/bin/python bench/lifecycle.py

Prints one JSON line: milliseconds of wall and of this process's CPU per case, statements per act, and as a
ratio to the baseline run beside it: a bare INSERT of one journal-sized row per act, committed each time.
The database's own CPU is not in these figures.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wangge.config.test_settings")
os.environ["WANGGE_TEST_DATABASE"] = "wangge_bench"

import sys

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import django

django.setup()

from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from database import drop_test_database, make_test_database  # noqa: E402
from makers import make_case  # noqa: E402
from town import build_town  # noqa: E402
from wangge.cases.states import State  # noqa: E402
from wangge.foundation.privacy.keys import create_keys  # noqa: E402

CASES = 100
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
    with database():
        town = build_town()
        make_case(town, State.CLOSED, at=START)  # warms caches
        with CaptureQueriesContext(connection) as captured:
            make_case(town, State.CLOSED, at=START + timedelta(days=1))
        wall, cpu = time.perf_counter(), time.process_time()
        for number in range(CASES):
            make_case(town, State.CLOSED, at=START + timedelta(minutes=number))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        baseline = bare_inserts(CASES * 9)
    print(
        json.dumps(
            {
                "bench": "lifecycle",
                "cases": CASES,
                "wall_ms_a_case": round(1000 * wall / CASES, 1),
                "client_cpu_ms_a_case": round(1000 * cpu / CASES, 1),
                "statements_a_case": len(captured),
                "ratio_to_bare_inserts": round(wall / baseline, 1),
            }
        )
    )


def bare_inserts(count: int) -> float:
    """Seconds for as many single-row commits as the cases made acts."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE bare (id bigint GENERATED ALWAYS AS IDENTITY, line text)")
        started = time.perf_counter()
        for _number in range(count):
            cursor.execute("INSERT INTO bare (line) VALUES (%s)", ("x" * 600,))
        return time.perf_counter() - started


if __name__ == "__main__":
    main()
