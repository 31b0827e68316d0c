"""Clerks at their browsers while servers are killed under them: they send again until they are answered.

Loopback only, bounded in requests and time.
"""

from __future__ import annotations

import io
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import httpx
from PIL import Image

import town as places
from kills.record import Acknowledged

PATIENCE_SECONDS = 240
MOST_REQUESTS = 50_000
#: What Django says when the database goes away between an act and the writing of the session.
INTERRUPTED = 400
NUMBER = re.compile(r"230717-\d{8}-\d{5,}")
#: The desk's way to a unit's hands: act, who does it, what is filled in, the word in the journal.
WAY: tuple[tuple[str, str, dict[str, str], str], ...] = (
    ("start_screening", "chen", {}, "case.screening_started"),
    ("classify", "chen", {"matter": "ROAD-05"}, "case.classified"),
    ("dispatch", "chen", {}, "case.dispatched"),
    ("sign", "wu", {}, "case.signed"),
)  # fmt: skip
ACCOUNTS = {"chen": "chen.center_intake", "wu": "wu.department_handler"}


class OutOfPatience(Exception):
    """Nobody answered for too long, or something was answered that no honest server answers."""


class Browser:
    """One signed-in person who asks one server, and the other when it does not answer."""

    def __init__(self, username: str, urls: Sequence[str], chance: random.Random, told: Acknowledged) -> None:
        self.username = username
        self.urls = urls
        self.chance = chance
        self.told = told
        self.requests = 0
        self.client = httpx.Client(timeout=20, trust_env=False)
        self.signed_in = False

    def send(self, path: str, data: dict[str, Any], photo: bytes = b"") -> tuple[httpx.Response, bool]:
        """The first answer that is none of a dying server's; and whether an earlier try may have worked."""
        until = time.monotonic() + PATIENCE_SECONDS
        uncertain = False
        met: Counter[str] = Counter()
        while time.monotonic() < until and self.requests < MOST_REQUESTS:
            if not self.signed_in:
                met[f"sign in: {self._sign_in()}"] += 1
                if not self.signed_in:
                    self._wait()
                    continue
            answer, said = self._try(path, data, photo)
            met[said] += 1
            if answer is not None and answer.status_code < 500 and answer.status_code != INTERRUPTED:
                if not answer.headers.get("Location", "").startswith("/login"):
                    return answer, uncertain
                self.signed_in = False  # the guard turned us away before anything was done
                continue
            uncertain = True
            self.told.again()
            self._wait()
        raise OutOfPatience(f"{path}: no answer for {PATIENCE_SECONDS} seconds, only {dict(met)}")

    def _try(self, path: str, data: dict[str, Any], photo: bytes = b"") -> tuple[httpx.Response | None, str]:
        try:
            answer = self._post(path, data, photo)
        except httpx.TransportError as error:
            return None, type(error).__name__
        return answer, str(answer.status_code)

    def _post(self, path: str, data: dict[str, Any], photo: bytes = b"") -> httpx.Response:
        self.requests += 1
        files = {"photos": ("photo.jpg", photo, "image/jpeg")} if photo else None
        token = {"X-CSRFToken": self.client.cookies.get("csrftoken") or ""}
        return self.client.post(self.chance.choice(self.urls) + path, data=data, files=files, headers=token)

    def _sign_in(self) -> str:
        try:
            self.client.cookies.clear()
            self.client.get(self.chance.choice(self.urls) + "/login")
        except httpx.TransportError as error:
            return type(error).__name__
        answer, said = self._try("/login", {"username": self.username, "password": places.PASSWORD})
        self.signed_in = answer is not None and answer.status_code == 302
        return said

    def _wait(self) -> None:
        time.sleep(self.chance.uniform(0.02, 0.25))


class Clerk(threading.Thread):
    """Takes requests in and brings each to the unit that signs for it, until told to stop."""

    def __init__(self, name: str, urls: Sequence[str], seed: str, told: Acknowledged) -> None:
        super().__init__(name=name, daemon=True)
        self.chance = random.Random(f"{seed}/{name}")
        self.told = told
        self.enough = threading.Event()
        self.trouble: Exception | None = None
        self.browsers = {
            short: Browser(username, urls, self.chance, told) for short, username in ACCOUNTS.items()
        }

    def run(self) -> None:
        serial = 0
        try:
            while not self.enough.is_set():
                serial += 1
                number = self._take_in(f"{self.name}-{serial}")
                for version, (act, who, filled_in, word) in enumerate(WAY, 1):
                    self._do(number, version, act, who, filled_in, word)
        except Exception as trouble:
            self.trouble = trouble

    def _take_in(self, key: str) -> str:
        """Register under the key; now and then once more, as after an answer that got lost on the way."""
        told = {
            "client_key": key, "channel": "hotline_12345", "text": f"林都花园3号楼前的路灯不亮，{key}。",
            "request_type": "help", "priority": "normal", "area": places.GRID, "who": "named",
            "name": "林秀英", "phone": "10000001001",
        }  # fmt: skip
        photo = self._photo() if self.chance.random() < 0.25 else b""
        number = ""
        for _time in range(2 if self.chance.random() < 0.2 else 1):
            self.told.sending(key)
            answer, _uncertain = self.browsers["chen"].send("/desk/register", told, photo)
            found = NUMBER.search(answer.text)
            if answer.status_code not in {200, 201} or found is None:
                raise OutOfPatience(f"{key} was answered with {answer.status_code}")
            number = found.group()
            self.told.case(key, number, with_photo=bool(photo))
        return number

    def _do(
        self, number: str, version: int, act: str, who: str, filled_in: dict[str, str], word: str
    ) -> None:
        told = {"seen_version": str(version), **filled_in}
        answer, uncertain = self.browsers[who].send(f"/desk/cases/{number}/{act}", told)
        done = answer.status_code == 302 and answer.headers["Location"].startswith("/desk/")
        # "Somebody has acted since": after a try without an answer that somebody was we.
        if not done and not (uncertain and answer.status_code == 409):
            raise OutOfPatience(f"{act} of {number} was answered with {answer.status_code}")
        self.told.act(number, word)

    def _photo(self) -> bytes:
        """No two alike."""
        content = io.BytesIO()
        colour = tuple(self.chance.randrange(256) for _band in range(3))
        Image.new("RGB", (64, 48), colour).save(content, "JPEG")
        return content.getvalue()
