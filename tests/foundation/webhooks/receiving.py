"""A program on loopback that is told of events: it answers, fails, delays, or cuts off, as a test asks."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Heard:
    """One message as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def events(self) -> list[dict[str, Any]]:
        return json.loads(self.body)["data"]["events"]

    @property
    def ids(self) -> list[str]:
        return [event["id"] for event in self.events]


@dataclass
class Receiver:
    url: str = ""
    heard: list[Heard] = field(default_factory=list)
    #: What to answer to a message; seconds to wait before; whether to hang up instead.
    answers: Callable[[Heard], int] = lambda heard: 204
    delay: float = 0.0
    hang_up: bool = False
    location: str = ""

    @property
    def ids(self) -> list[str]:
        """Every event that was taken or refused, in the order it came."""
        return [one for message in self.heard for one in message.ids]


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            told = Heard(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            receiver.heard.append(told)
            time.sleep(receiver.delay)
            if receiver.hang_up:
                self.connection.close()
                return
            self.send_response(receiver.answers(told))
            if receiver.location:
                self.send_header("location", receiver.location)
            self.send_header("content-length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            receiver.heard.append(Heard(self.path, {}, b'{"data":{"events":[]}}'))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_port}/events"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
