"""Killing web, worker and database of a house at seeded moments, and bringing each up again."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from kills.clerks import Clerk
from kills.record import Acknowledged, Kept
from serving import House, Serving

HERE = Path(__file__).resolve().parent
CLERKS = 4
#: Of twenty kills eleven meet a web server, six the worker, three the database.
SHARES = ["web"] * 11 + ["worker"] * 6 + ["database"] * 3
#: So many acknowledgements lie between two kills at least: each falls into work that is under way.
WORK_BETWEEN = 3
UP_SECONDS = 240
#: Everything a clerk sends comes from one address; the limits against strangers are no part of this.
NO_LIMITS = {"WANGGE_RATE_LOGIN": "1000000", "WANGGE_RATE_INTAKE": "1000000", "WANGGE_RATE_UPLOAD": "1000000"}


def plan(kills: int, seed: str) -> list[str]:
    """What is killed, in which order."""
    shuffled = (SHARES * (kills // len(SHARES) + 1))[:kills]
    random.Random(f"{seed}/plan").shuffle(shuffled)
    return shuffled


class Target:
    """A process of the house that may be killed, and comes back in the background."""

    def __init__(self, start: Callable[[], None], kill: Callable[[], None]) -> None:
        self._start, self._kill = start, kill
        self._up = threading.Event()
        self.trouble: Exception | None = None
        self._starting = threading.Thread()

    def start(self) -> None:
        self._starting = threading.Thread(target=self._bring_up, daemon=True)
        self._starting.start()

    def kill(self) -> None:
        self._up.clear()
        self._kill()
        self.start()

    def wait_until_up(self) -> None:
        if not self._up.wait(UP_SECONDS) or self.trouble:
            raise AssertionError(f"it did not come up again: {self.trouble}")

    @property
    def is_up(self) -> bool:
        return self._up.is_set()

    def _bring_up(self) -> None:
        try:
            self._start()
        except Exception as trouble:
            self.trouble = trouble
        self._up.set()


class BusyTown:
    """A house with two web servers, a worker and clerks at work, while its processes are killed."""

    def __init__(self, house: House, seed: str) -> None:
        self.house = house
        self.seed = seed
        self.chance = random.Random(f"{seed}/moments")
        self.told = Acknowledged()
        self.killed: Counter[str] = Counter()
        self.webs = [house.serving(**NO_LIMITS) for _number in range(2)]
        self.worker = house.serving(**NO_LIMITS)
        self.clerks = [
            Clerk(f"clerk{number}", [web.url for web in self.webs], seed, self.told)
            for number in range(CLERKS)
        ]
        self.targets = {
            "web": [Target(web.start_web, _killing(web, "serve")) for web in self.webs],
            "worker": [Target(self._start_worker, _killing(self.worker, "worker"))],
            "database": [Target(house.start_database, house.kill_database)],
        }

    def __enter__(self) -> BusyTown:
        self._closing = ExitStack()
        for serving in (*self.webs, self.worker):
            self._closing.callback(serving.stop)
        inside(self.house, "found")
        for kind in ("web", "worker"):
            for target in self.targets[kind]:
                target.start()
        self.targets["database"][0]._up.set()
        self._all_up()
        for clerk in self.clerks:
            clerk.start()
        return self

    def __exit__(self, *_: object) -> None:
        for clerk in self.clerks:
            clerk.enough.set()
        self._all_settled()
        self._closing.close()

    def kill(self, kind: str) -> None:
        """One kill at a random moment while work is under way."""
        self._work(WORK_BETWEEN)
        target = self._one_that_is_up(kind)
        time.sleep(self.chance.uniform(0, 0.3))
        target.kill()
        self.killed[kind] += 1

    def come_to_rest(self) -> Kept:
        """Nobody is killed any more: work is finished, wake-ups are answered, all is read."""
        self._all_up()
        self._work(WORK_BETWEEN)
        for clerk in self.clerks:
            clerk.enough.set()
        for clerk in self.clerks:
            clerk.join(UP_SECONDS)
            assert not clerk.is_alive(), f"{clerk.name} never came to an end"
            assert clerk.trouble is None, f"{clerk.name}: {clerk.trouble!r}"
        self._wait(lambda: self._wakeups() == 0, "wake-ups are not answered")
        return Kept.from_json(json.loads(inside(self.house, "read")))

    def _work(self, acknowledgements: int) -> None:
        wanted = self.told.count + acknowledgements
        self._wait(lambda: self.told.count >= wanted, "no work is done any more")

    def _one_that_is_up(self, kind: str) -> Target:
        targets = list(self.targets[kind])
        self.chance.shuffle(targets)
        for target in targets:
            if target.is_up:
                target.wait_until_up()
                return target
        targets[0].wait_until_up()
        return targets[0]

    def _all_up(self) -> None:
        for targets in self.targets.values():
            for target in targets:
                target.wait_until_up()

    def _all_settled(self) -> None:
        for targets in self.targets.values():
            for target in targets:
                target._up.wait(UP_SECONDS)

    def _wait(self, ready: Callable[[], bool], otherwise: str) -> None:
        until = time.monotonic() + UP_SECONDS
        while not ready():
            for clerk in self.clerks:
                assert clerk.trouble is None, f"{clerk.name}: {clerk.trouble!r}\n{self._logs()}"
            assert time.monotonic() < until, f"{otherwise}\n{self._logs()}"
            time.sleep(0.01)

    def _logs(self) -> str:
        servings = (*self.webs, self.worker)
        return "\n".join(f"--- {serving.log_path.name}\n{serving.log()[-4000:]}" for serving in servings)

    def _start_worker(self) -> None:
        """A worker counts as up once it has said so: before that a kill would meet nothing."""
        said = self.worker.log().count("worker is up") if self.worker.log_path.exists() else 0
        self.worker.start_worker()
        until = time.monotonic() + UP_SECONDS
        while self.worker.log().count("worker is up") <= said:
            assert time.monotonic() < until, self.worker.log()[-3000:]
            time.sleep(0.02)

    def _wakeups(self) -> int:
        with self.house.connect() as connection:
            row = connection.execute("SELECT count(*) FROM journal_wakeup").fetchone()
        assert row is not None
        return int(row[0])


def _killing(serving: Serving, name: str) -> Callable[[], None]:
    return lambda: serving.kill(name)


def inside(house: House, what: str) -> str:
    """Run `house_side.py` in the house; what it printed."""
    environment = {**house.serving().environment, "PYTHONPATH": str(HERE.parent)}
    done = subprocess.run(
        [sys.executable, str(HERE / "house_side.py"), what],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout
