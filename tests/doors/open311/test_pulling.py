"""What other servers tell is read with all its quirks, and taken in once."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

import town as places
from doors.open311.senders import Sender
from makers import make_case
from town import Town, point_in, recently
from wangge.cases.models import Case, ForeignRecord
from wangge.cases.states import State
from wangge.doors.open311 import reading
from wangge.doors.open311.cli import open311
from wangge.doors.open311.reading import UnableToReadAnswer, read_answer
from wangge.foundation.journal.verifying import verify_journal

ZONE = ZoneInfo("America/New_York")
LON, LAT = point_in(places.GRID)


def read(content: bytes | str) -> reading.Answer:
    return read_answer(content.encode() if isinstance(content, str) else content, time_zone=ZONE)


def places_of(faults: list[reading.Fault]) -> list[tuple[int, str]]:
    return [(fault.position, fault.number) for fault in faults]


def xml(inner: str) -> str:
    return f'<?xml version="1.0" encoding="utf-8"?><service_requests>{inner}</service_requests>'


# --- quirks and hostility ------------------------------------------------------------------------


def test_the_same_in_json_wrapped_or_not() -> None:
    rows = [
        {"service_request_id": 17, "status": "Open", "lat": "", "long": None, "description": None},
        {"service_request_id": "18", "status": "closed", "lat": 47.7, "long": "128.9",
         "updated_datetime": "2026-03-06T09:00:00"},
        {"token": "abc"},
    ]  # fmt: skip
    for value in (rows, {"service_requests": rows}, {"service_requests": {"request": rows}}):
        answer = read("\ufeff" + json.dumps(value))
        first, second = (request for _position, request in answer.requests)
        assert (first.number, first.status, first.lat, first.description) == ("17", "open", None, "")
        assert (second.lat, second.lon) == (47.7, 128.9)
        assert second.updated_at == datetime(2026, 3, 6, 14, 0, tzinfo=UTC), "a clock of New York"
        assert [fault.position for fault in answer.faults] == [3]
    services = read('[{"service_code": "1", "service_name": "Pothole", "metadata": true}]').services
    assert (services[0].name, services[0].asks_more) == ("Pothole", True)
    with pytest.raises(UnableToReadAnswer, match="400 no key"):
        read('[{"code": 400, "description": "no key"}]')


@pytest.mark.parametrize(
    "content",
    [
        "<errors><error><code>403</code><description>no key</description></error></errors>",
        "<error>403 no key</error>",
        'HTTP/1.1 403 Forbidden\r\n\r\n<?xml version="1.0"?>\n<error>403 no key</error>',
        '[{"code": "403", "description": "no key"}]',
        '{"errors": [{"code": 403, "description": "no key"}]}',
    ],
)
def test_errors_are_told_however_they_are_wrapped(content: str) -> None:
    with pytest.raises(UnableToReadAnswer, match="403 no key") as refused:
        read(content)
    assert refused.value.code == "errors"


def test_values_that_cannot_be_read_are_named_and_left_out() -> None:
    answer = read(
        xml(
            "<request><service_request_id> 7 </service_request_id><lat>north</lat><long>1</long>"
            "<requested_datetime>yesterday</requested_datetime></request>"
            "<request><service_request_id>8</service_request_id><lat>0</lat><long>0.0</long></request>"
        )
    )
    assert [request.number for _position, request in answer.requests] == ["7", "8"]
    fields = [one.sentence.replace("：", ":").split(":")[0] for one in answer.remarks]
    assert [(*told, field) for told, field in zip(places_of(answer.remarks), fields, strict=True)] == [
        (1, "7", "lat, long"), (1, "7", "requested_datetime"), (2, "8", "lat, long"),
    ]  # fmt: skip


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]><service_requests><request><service_request_id>&j;</service_request_id></request></service_requests>"
)
HOSTILE = {
    "billion laughs": BOMB,
    "external entity": '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><service_requests>&x;</service_requests>',
    "a doctype": '<!DOCTYPE html SYSTEM "http://127.0.0.1:1/x.dtd"><html/>',
    "html": "<html><body>Service unavailable</body></html>",
    "cut off": xml("<request>")[:60],
    "two roots": "<a/><b/>",
    "wrong encoding": '<?xml version="1.0" encoding="utf-8"?><services>\udcff</services>',
    "unknown encoding": '<?xml version="1.0" encoding="x-none"?><services/>',
    "nothing": "",
    "blanks": "  \n",
    "a captured head alone": "HTTP/1.1 500 Broken\r\n\r\n",
    "a word": "null",
    "a number": "1e999",
    "text": '"services"',
    "a list of lists": "[[1]]",
    "half a list": '[{"service_request_id": "1"}, 2]',
    "deep json": "[" * 100_000,
    "deeply wrapped": '{"requests":' * 50_000 + "1" + "}" * 50_000,
    "binary": "\x00\x01\x02",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_what_is_hostile_or_broken_is_refused_in_a_sentence(content: str) -> None:
    with pytest.raises(UnableToReadAnswer) as refused:
        read(content.encode(errors="surrogateescape"))
    assert len(str(refused.value)) < 300


def test_deep_xml_and_many_elements_are_borne() -> None:
    deep = "<a>" * 50_000 + "</a>" * 50_000
    [(_position, request)] = read(
        xml(f"<request><service_request_id>1</service_request_id>{deep}</request>")
    ).requests
    assert request.number == "1"


def test_too_much_is_not_read() -> None:
    with pytest.raises(UnableToReadAnswer) as refused:
        read(b"[" + b" " * reading.MOST_BYTES)
    assert refused.value.code == "too_large"


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: xml(text).encode(errors="replace")))
def test_whatever_comes_is_read_or_refused(content: bytes) -> None:
    try:
        answer = read(content)
    except UnableToReadAnswer:
        return
    assert not answer.services


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["service_request_id", "status", "lat", "long", "requested_datetime", "token"]),
            st.none()
            | st.booleans()
            | st.integers()
            | st.floats()
            | st.text(max_size=30)
            | st.lists(st.none()),
        )
    )
)
def test_whatever_values_come_each_record_is_used_or_named(rows: list[dict[str, object]]) -> None:
    answer = read(json.dumps(rows))
    if rows and not answer.services:
        assert len(answer.requests) + len(answer.faults) == len(rows)
    for _position, request in answer.requests:
        assert request.number
        assert request.lat is None or abs(request.lat) <= 90


# --- taking in -----------------------------------------------------------------------------------

ROWS = [
    {
        "service_request_id": "A-1", "status": "open", "service_name": "Street light out",
        "description": "路灯不亮，请打10000001002。", "lat": LAT, "long": LON, "address": "林都花园门口",
        "requested_datetime": "2026-03-05T09:00:00+08:00", "expected_datetime": "2026-03-09T09:00:00+08:00",
        "agency_responsible": "Lighting",
    },
    {
        "service_request_id": "A-2", "status": "closed", "service_name": "Pothole", "description": "",
        "status_notes": "Filled.", "updated_datetime": "2026-03-05T10:00:00Z",
        "requested_datetime": "2026-03-04T10:00:00Z",
    },
    {"service_request_id": "A-3", "status": "closed", "description": "何时办结不知道"},
    {"service_request_id": "10000001003", "status": "open", "description": "编号是电话"},
    {"service_request_id": "A-4", "status": "open"},
]  # fmt: skip


@pytest.fixture
def run(town: Town, tmp_path: Path) -> Callable[..., Result]:
    def pull(*more: str, rows: object = ROWS, source: str = "") -> Result:
        file = tmp_path / "answer.json"
        file.write_text(json.dumps(rows), encoding="utf-8")
        arguments = ["pull", source or str(file), "--jurisdiction", places.DISTRICT]
        named = [] if source or "--system" in more else ["--system", "boston311"]
        return CliRunner().invoke(open311, [*arguments, *named, *more])

    return pull


def test_requests_are_taken_in_once_and_what_cannot_be_is_named(run: Callable[..., Result]) -> None:
    told = run()
    assert told.exit_code == 1, told.output
    assert "5 requests: 2 taken in, 0 in already, 3 refused, 0 remarks." in told.output
    for line in ("Request 3 A-3:", "Request 4 10000001003:", "Request 5 A-4:"):
        assert line in told.output
    first = Case.objects.get(source_system="boston311", external_no="A-1")
    assert (first.state, first.area_code, first.channel) == (State.REGISTERED, places.GRID, "app")
    assert "10000001002" not in first.text
    assert first.external_due_at == datetime(2026, 3, 9, 1, 0, tzinfo=UTC)
    ended = Case.objects.get(external_no="A-2")
    assert (ended.state, ended.text, ended.area_code) == (State.ARCHIVED, "Pothole", places.DISTRICT)
    assert ended.ended_at == datetime(2026, 3, 5, 10, 0, tzinfo=UTC)
    record = ForeignRecord.objects.get(case=ended)
    assert (record.status, record.result, record.categories) == ("closed", "Filled.", ["Pothole"])
    again = run()
    assert "0 taken in, 2 in already, 3 refused" in again.output
    assert Case.objects.count() == 2
    assert not verify_journal().findings


def test_a_dry_run_writes_nothing(run: Callable[..., Result]) -> None:
    told = run("--dry-run")
    assert "2 would be taken in" in told.output
    assert not Case.objects.exists()


def test_a_number_that_is_in_with_another_request_is_named(run: Callable[..., Result]) -> None:
    run(rows=ROWS[:1])
    told = run(rows=[{**ROWS[0], "description": "完全不同的另一件事。"}])
    assert told.exit_code == 2
    assert "1 refused" in told.output


def test_services_are_shown(run: Callable[..., Result]) -> None:
    told = run(rows=[{"service_code": "001", "service_name": "Pothole", "group": "Street"}])
    assert told.exit_code == 0
    assert told.output == "001  Street  Pothole\n"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--timezone", "Nowhere/Else"], "no time zone"),
        (["--system", ""], "--system"),
        (["--jurisdiction", "999999"], "not found"),
    ],
)
def test_a_command_that_cannot_be_meant_is_refused(
    run: Callable[..., Result], more: list[str], said: str
) -> None:
    told = run(*more)
    assert told.exit_code == 2
    assert said in told.output


# --- over the wire -------------------------------------------------------------------------------


class _Server(BaseHTTPRequestHandler):
    answers: dict[str, tuple[int, bytes]] = {}

    def do_GET(self) -> None:
        status, body = self.answers.get(self.path, (404, b""))
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/requests.json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing on the tests' output."""


@pytest.fixture
def other_server() -> Iterator[str]:
    _Server.answers = {
        "/requests.json": (200, json.dumps(ROWS[:2]).encode()),
        "/refused.xml": (
            403,
            b"<errors><error><code>403</code><description>no key</description></error></errors>",
        ),
        "/broken.xml": (500, b"<html>"),
        "/away.json": (302, b""),
    }
    server = HTTPServer(("127.0.0.1", 0), _Server)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_address_is_asked_and_what_it_says_is_told(run: Callable[..., Result], other_server: str) -> None:
    told = run(source=f"{other_server}/requests.json")
    assert told.exit_code == 0, told.output
    assert Case.objects.filter(source_system="127.0.0.1").count() == 2
    for address, said in (
        ("refused.xml", "403 no key"), ("broken.xml", "status 500"), ("away.json", "status 302"),
    ):  # fmt: skip
        told = run(source=f"{other_server}/{address}")
        assert told.exit_code == 2
        assert said in told.output
    assert "did not answer" in run(source="http://127.0.0.1:1/requests.json").output


def test_our_own_answers_can_be_pulled(run: Callable[..., Result], town: Town) -> None:
    """What this door tells, another installation of it can read."""
    case = make_case(town, State.CLOSED, at=recently(20))
    for form in ("json", "xml"):
        [(_position, request)] = read(Sender(form=form).get("requests").content).requests
        assert (request.number, request.status) == (case.number, "closed")
        assert request.notes.endswith("已更换灯泡和线路，今晚恢复照明。")
