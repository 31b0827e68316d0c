"""Real processes: they answer, they end when told, and a kill -9 leaves nothing behind that listens."""

from __future__ import annotations

import os
import signal
import socket
import time
import urllib.error
import urllib.request

import pytest


def get(address: str) -> tuple[int, str]:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return answer.status, answer.read().decode()


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def soon(ready, seconds=10):
    until = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < until, f"waited {seconds} seconds in vain"
        time.sleep(0.05)


def test_the_server_answers_and_ends_when_told(serving):
    serving.start_web()
    assert get(f"{serving.url}/healthz")[0] == 200
    assert get(f"{serving.url}/readyz")[0] == 200, "it reaches the database of the tests"
    serving.stop()
    soon(lambda: port_is_free(serving.port))


def test_scripts_and_styles_are_served(serving):
    serving.start_web()
    status, text = get(f"{serving.url}/static/wangge/wangge.css")
    assert status == 200
    assert "{" in text


def test_after_kill_9_of_the_parent_alone_nobody_listens_any_more(serving):
    """A worker that outlived its parent would answer with old code for ever."""
    serving.start_web()
    process = serving.processes.pop("serve")
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    soon(lambda: port_is_free(serving.port))
    serving.start_web()
    assert get(f"{serving.url}/healthz")[0] == 200


def test_after_kill_9_of_all_it_starts_again(serving):
    serving.start_web()
    serving.kill("serve")
    soon(lambda: port_is_free(serving.port))
    serving.start_web()
    assert get(f"{serving.url}/healthz")[0] == 200


def test_pages_come_back_after_the_database_was_killed(house):
    serving = house.serving()
    try:
        serving.start_web()
        assert get(f"{serving.url}/readyz")[0] == 200
        house.kill_database()
        assert get(f"{serving.url}/healthz")[0] == 200, "the process itself is well"
        with pytest.raises(urllib.error.HTTPError) as refused:
            get(f"{serving.url}/readyz")
        assert refused.value.code == 503
        house.start_database()
        assert get(f"{serving.url}/readyz")[0] == 200
    finally:
        serving.stop()
