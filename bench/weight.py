"""What the main job weighs on an empty and on a full database: acts through HTTP, lists, search, one case.

    .venv/bin/python bench/weight.py [CASES]

Web server, worker and PostgreSQL are real processes; figures are their CPU, the client's own apart. One JSON
line a figure, each with the rows that were in the database and the seconds it took; nothing is extrapolated.
"""

from __future__ import annotations

import json
import logging
import os
import random
import re
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wangge.config.test_settings")
os.environ["WANGGE_TEST_DATABASE"] = "wangge_bench"
for _limit in ("LOGIN", "INTAKE", "UPLOAD", "LOOKUP"):
    os.environ[f"WANGGE_RATE_{_limit}"] = "100000000"

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]

import django  # noqa: E402

django.setup()

import httpx  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from database import pointing_at  # noqa: E402
from many_cases import Made, database_of  # noqa: E402
from serving import Serving  # noqa: E402
from wangge.cases.models import Case  # noqa: E402
from wangge.demo.accounts import PASSWORD  # noqa: E402
from wangge.foundation.accounts.models import User  # noqa: E402
from wangge.foundation.journal.models import Wakeup  # noqa: E402
from wangge.foundation.privacy.keys import create_keys  # noqa: E402
from wangge.organisations.models import Organisation  # noqa: E402
from wangge.territory.models import Area  # noqa: E402

MANY = 1_000_000
LIFECYCLES, CLIENTS = 200, 4
LOOKS, BARE = 60, 500
TICKS = os.sysconf("SC_CLK_TCK")
NUMBER = re.compile(r"230717-\d{8}-\d{5,}")


def main() -> None:
    many = int(sys.argv[1]) if len(sys.argv) > 1 else MANY
    logging.getLogger("httpx").setLevel(logging.WARNING)
    create_keys(exist_ok=True)
    for count in (0, many):
        made = database_of(count)
        print_line("filling", made, seconds=made.seconds)
        with pointing_at(made.name):
            measure(made)


def measure(made: Made) -> None:
    # Personal data of all these databases is sealed with the same keys.
    keys = settings.TESTS_DIR.parent / made.name / settings.KEYS_FILE.name
    keys.parent.mkdir(parents=True, exist_ok=True)
    if not keys.exists():
        shutil.copy(settings.KEYS_FILE, keys)
    serving = Serving(database=made.name)
    serving.start_web()
    serving.start_worker()
    try:
        lifecycle(made, serving)
        if made.rows["cases_case"]:
            looks(made, serving)
    finally:
        serving.stop()


def print_line(bench: str, made: Made, **figures: Any) -> None:
    print(json.dumps({"bench": bench, **figures, "rows": made.rows}), flush=True)


# --- acts -----------------------------------------------------------------------------------------


class Clerk:
    """Somebody signed in, as a program: what a page would send."""

    def __init__(self, url: str, username: str) -> None:
        self.client = httpx.Client(base_url=url, trust_env=False, timeout=60)
        self.client.get("/login")
        answer = self.post("/login", username=username, password=PASSWORD)
        assert answer.status_code == 302, answer.status_code

    def post(self, path: str, **told: str) -> httpx.Response:
        token = {"X-CSRFToken": self.client.cookies.get("csrftoken") or ""}
        return self.client.post(path, data=told, headers=token)

    def act(self, number: str, act: str, version: int, **told: str) -> None:
        answer = self.post(f"/desk/cases/{number}/{act}", seen_version=str(version), **told)
        assert answer.status_code == 302, f"{act}: {answer.status_code}"


def lifecycle(made: Made, serving: Serving) -> None:
    """Register, take up, classify, dispatch, sign, feed back: six acts, and all that reacts to them."""
    unit = str(Organisation.objects.get(code="230717.urban_management").pk)
    grids = list(Area.objects.filter(code__startswith="230717", level="grid").values_list("code", flat=True))

    def one(desk: Clerk, officer: Clerk, chance: random.Random, took: dict[str, list[float]]) -> None:
        def timed(name: str, work: Callable[[], Any]) -> Any:
            began = time.perf_counter()
            done = work()
            took.setdefault(name, []).append(time.perf_counter() - began)
            return done

        answer = timed(
            "register",
            lambda: desk.post(
                "/desk/register", client_key=f"bench-{chance.getrandbits(60):x}", channel="hotline_12345",
                text="林都花园3号楼前的路灯不亮，晚上出门看不清路。", request_type="help", priority="normal",
                area=chance.choice(grids), who="named", name="林秀英", phone="10000001001",
            ),
        )  # fmt: skip
        found = NUMBER.search(answer.text)
        assert answer.status_code == 201, answer.status_code
        assert found
        number = found.group()
        timed("start_screening", lambda: desk.act(number, "start_screening", 1))
        timed("classify", lambda: desk.act(number, "classify", 2, matter="ROAD-05"))
        timed("dispatch", lambda: desk.act(number, "dispatch", 3, unit=unit, reason="路灯归城管局管。"))
        timed("sign", lambda: officer.act(number, "sign", 4))
        timed("feed_back", lambda: officer.act(number, "feed_back", 5, text="已更换灯泡，今晚恢复照明。"))

    def client(part: int, cases: int, took: dict[str, list[float]]) -> None:
        chance = random.Random(f"{part}/{time.time()}")
        desk, officer = Clerk(serving.url, "center_intake"), Clerk(serving.url, "department_handler")
        ready.wait()
        for _case in range(cases):
            one(desk, officer, chance, took)
        finished.append(part)

    for cases in (CLIENTS * 5, LIFECYCLES):  # the first to warm up
        ready = threading.Barrier(CLIENTS + 1)
        took: dict[str, list[float]] = {}
        finished: list[int] = []
        threads = [
            threading.Thread(target=client, args=(part, cases // CLIENTS, took)) for part in range(CLIENTS)
        ]
        for thread in threads:
            thread.start()
        ready.wait()
        before, began, own = cpu(serving), time.perf_counter(), time.process_time()
        for thread in threads:
            thread.join()
        acted = time.perf_counter() - began
        assert len(finished) == CLIENTS, "a client met an error; it is printed above"
        while Wakeup.objects.exists():
            time.sleep(0.1)
        spent, seconds, own = cpu(serving), time.perf_counter() - began, time.process_time() - own
    done = LIFECYCLES // CLIENTS * CLIENTS
    bare = bare_answer(serving)
    parts = {name: round(1000 * (spent[name] - before[name]) / done, 1) for name in spent}
    print_line(
        "lifecycle", made, lifecycles=done, acts=6, clients=CLIENTS, seconds=round(seconds, 1),
        cpu_ms_a_lifecycle=round(sum(parts.values()), 1), cpu_ms_by_part=parts,
        ratio_to_six_bare_answers=round(sum(parts.values()) / (6 * bare), 1),
        client_cpu_ms_a_lifecycle=round(1000 * own / done, 1), lifecycles_a_second=round(done / acted, 1),
        # As if the client's own work had been done elsewhere, on the cores it left.
        lifecycles_a_second_less_client=round(done / max(acted - own / (os.cpu_count() or 1), 0.001), 1),
        median_ms_by_act={name: median(values) for name, values in took.items()},
    )  # fmt: skip


def bare_answer(serving: Serving) -> float:
    """The baseline: CPU milliseconds of an answer that asks the database nothing."""
    before = cpu(serving)
    with httpx.Client(base_url=serving.url, trust_env=False) as client:
        for _turn in range(BARE):
            client.get("/healthz")
    after = cpu(serving)
    return 1000 * (after["serve"] - before["serve"]) / BARE


# --- CPU ------------------------------------------------------------------------------------------


def cpu(serving: Serving) -> dict[str, float]:
    """CPU seconds so far of the web server's tree, the worker's, and all of PostgreSQL."""
    postmaster = int((settings.DATA_DIR / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
    roots = {name: process.pid for name, process in serving.processes.items()} | {"postgres": postmaster}
    stats = dict(_stats())
    children: dict[int, list[int]] = {}
    for pid, (parent, _seconds) in stats.items():
        children.setdefault(parent, []).append(pid)

    def total(pid: int) -> float:
        return stats[pid][1] + sum(total(child) for child in children.get(pid, ()))

    return {name: total(pid) for name, pid in roots.items()}


def _stats() -> Iterator[tuple[int, tuple[int, float]]]:
    """Parent and CPU seconds of every process, with those of children that have ended."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            yield int(folder.name), (int(fields[1]), sum(map(int, fields[11:15])) / TICKS)


# --- pages ----------------------------------------------------------------------------------------


def looks(made: Made, serving: Serving) -> None:
    """p95 of pages as a clerk of the centre asks for them, and the statements each takes."""
    clerk = Clerk(serving.url, "center_intake")
    ids = list(
        Case.objects.filter(district="230717").order_by("-pk").values_list("pk", flat=True)[: 2500 * 20 + 1]
    )
    chance = random.Random(7)
    some = list(Case.objects.filter(pk__in=chance.sample(ids, min(LOOKS, len(ids)))))
    last = ids[min(2499 * 20, len(ids) - 21)]
    pages: dict[str, Callable[[int], str]] = {
        "queue": lambda _turn: "/desk/queue",
        "list, page 1": lambda _turn: "/desk/cases",
        "list, page 2,500": lambda _turn: f"/desk/cases?before={last}",
        "filter by state": lambda _turn: "/desk/cases?state=in_progress",
        "filter overdue": lambda _turn: "/desk/cases?overdue=on",
        "search, common words": lambda _turn: "/desk/cases?words=路灯",
        "search, rare words": lambda turn: f"/desk/cases?words={some[turn % len(some)].place or '路灯 井盖'}",
        "search by number": lambda turn: f"/desk/cases?words={some[turn % len(some)].number}",
        "one case": lambda turn: f"/desk/cases/{some[turn % len(some)].number}",
    }
    inside = Client(headers={"host": "127.0.0.1"})
    inside.force_login(
        User.objects.get(username="center_intake"), backend="django.contrib.auth.backends.ModelBackend"
    )
    for name, path in pages.items():
        took = []
        began = time.perf_counter()
        for turn in range(LOOKS):
            start = time.perf_counter()
            answer = clerk.client.get(path(turn), follow_redirects=True)
            took.append(time.perf_counter() - start)
            assert answer.status_code == 200, (name, answer.status_code)
        inside.get(path(0), follow=True)
        with CaptureQueriesContext(connection) as captured:
            inside.get(path(0), follow=True)
        print_line(
            "page", made, page=name, median_ms=median(took), p95_ms=quantile(took, 0.95),
            statements=len(captured), looks=LOOKS, seconds=round(time.perf_counter() - began, 1),
        )  # fmt: skip


def median(values: list[float]) -> float:
    return quantile(values, 0.5)


def quantile(values: list[float], share: float) -> float:
    """In milliseconds."""
    return round(1000 * sorted(values)[min(int(share * len(values)), len(values) - 1)], 1)


if __name__ == "__main__":
    main()
