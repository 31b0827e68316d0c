"""What a test client cannot send: bodies in pieces, broken off, mislabelled, for another host; to the real
server, which goes on serving."""

from __future__ import annotations

import json
import socket

import httpx
import pytest

from doors.api.programs import PROBLEM, REPORT, ROOT, token_for
from serving import Serving
from town import Town
from wangge.cases.models import Case


@pytest.fixture
def wire(town: Town, serving: Serving) -> tuple[Serving, str]:
    token = token_for(town, "chen")[1]
    serving.start_web()
    return serving, token


def raw(serving: Serving, sent: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", serving.port), timeout=10) as line:
        line.sendall(sent)
        line.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := line.recv(65536):
            answer += piece
    return answer


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


@pytest.mark.django_db(transaction=True)
def test_the_server_outlives_what_is_sent_over_the_wire(wire: tuple[Serving, str]) -> None:
    serving, token = wire
    http = httpx.Client(base_url=serving.url + ROOT, headers={"Authorization": f"Bearer {token}"}, timeout=30)
    body = json.dumps(REPORT).encode()
    kind = {"Content-Type": "application/json"}

    # In pieces, without a length: nobody reads what may never end.
    pieces = http.post("/cases", content=iter([body[:20], body[20:]]), headers=kind)
    assert (pieces.status_code, pieces.headers["content-type"]) == (400, PROBLEM)
    assert pieces.json()["code"] == "no_length"

    # Larger than anything honest.
    large = http.post("/cases", content=body + b" " * 3_000_000, headers=kind)
    assert (large.status_code, large.json()["code"]) == (413, "too_large")

    # For a host we are not: a problem as well, below /api/.
    other = http.get("/me", headers={"Host": "elsewhere.example"})
    assert (other.status_code, other.headers["content-type"]) == (400, PROBLEM)

    start = f"POST {ROOT}/cases HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n".encode()
    json_start = start + b"Content-Type: application/json\r\n"
    for what, sent in {
        "broken off": json_start + b"Content-Length: 5000\r\n\r\n" + body[:50],
        "no length": json_start + b"\r\n" + body,
        "a length that is none": json_start + b"Content-Length: many\r\n\r\n" + body,
        "a negative length": json_start + b"Content-Length: -5\r\n\r\n" + body,
        "two lengths": json_start + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n" + body,
        "both kinds of length": json_start
        + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "a bad piece": json_start + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        "a header without end": start + b"X-Long: " + b"x" * 100_000,
        "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        "a method of its own": b"BREW /api/v1/cases HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n",
        "an address with a line feed": b"GET /api/v1/cases\nX: y HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    }.items():
        answered = status_of(raw(serving, sent))
        assert answered in {0, 400, 401, 404, 405, 408, 411, 413, 422, 431, 501}, f"{what}: {answered}"
    assert not Case.objects.exists()

    # And the next good one goes in.
    assert http.post("/cases", json=REPORT).status_code == 201
    assert "API fault" not in serving.log()
