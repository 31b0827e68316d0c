"""Bodies that are broken on purpose: each gets a declared problem, nothing is half written, and the next
good one goes in."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from PIL import Image
from pytest_django import Settings

from access.visits import written
from doors.api.programs import REPORT, ROOT, Program, problem_of, program_of
from makers import make_case, make_photo
from town import Town, recently
from wangge.cases.models import Case
from wangge.cases.states import State
from wangge.doors.api.models import KeptAnswer, TokenPhoto
from wangge.foundation.journal.verifying import verify_journal
from wangge.foundation.webhooks.models import Subscription
from wangge.foundation.worktime import clock

Json = dict[str, Any]


@dataclass
class Call:
    """A good call, to be spoilt."""

    who: str
    path: str
    body: Json
    case: Case | None = None
    program: Program = field(default_factory=Program)

    def send(self, content: bytes, kind: str = "application/json", **headers: str) -> Any:
        told = {"Authorization": f"Bearer {self.program.token}", **headers}
        return self.program.client.generic("POST", ROOT + self.path, content, content_type=kind, headers=told)


CALLS: dict[str, tuple[str, State | None, Callable[[], Json]]] = {
    "register": ("chen", None, lambda: {**REPORT, "contact": {"name": "林秀英", "phone": "10000001001"}}),
    "classify": ("chen", State.SCREENING, lambda: {"matter": "ROAD-05", "priority": "urgent", "note": "急"}),
    "handle": ("wu", State.IN_PROGRESS, lambda: {"text": "已到现场。", "contacted": True, "photos": []}),
    "pause": (
        "tang",
        State.IN_PROGRESS,
        lambda: {
            "reason": "force_majeure",
            "planned_end_at": (clock.now() + timedelta(days=1)).isoformat(),
            "note": "暴雪。",
        },
    ),
    "call_back": (
        "fang",
        State.CALLBACK_DUE,
        lambda: {"reached": True, "channel": "phone", "contacted": True, "solved": "solved"},
    ),
    "webhooks": ("wu", None, lambda: {"url": "https://127.0.0.1:9/", "acts": ["case.signed"]}),
}


def call_of(town: Town, name: str) -> Call:
    who, state, body = CALLS[name]
    told = body()
    if state is None:
        return Call(who, "/cases" if name == "register" else f"/{name}", told, None, program_of(town, who))
    case = make_case(town, state, at=recently(4))
    told = {"seen_version": case.version, **told}
    return Call(who, f"/cases/{case.number}/acts/{name}", told, case, program_of(town, who))


# --- the whole body -------------------------------------------------------------------------------

#: A good body, spoilt as a whole; every one of these must be refused.
SPOILT: dict[str, Callable[[bytes], bytes]] = {
    **{f"cut off after {part}/8": lambda b, p=part: b[: len(b) * p // 8] for part in range(1, 8)},
    "cut off before its end": lambda b: b[:-1],
    "cut off inside a character": lambda b: b[: b.find(b"\xe6") + 1] if b"\xe6" in b else b[:-1],
    "nothing": lambda b: b"",
    "only blanks": lambda b: b"   \n",
    "a byte order mark": lambda b: b"\xef\xbb\xbf" + b,
    "in UTF-16": lambda b: b.decode().encode("utf-16"),
    "in UTF-32": lambda b: b.decode().encode("utf-32"),
    "in GBK": lambda b: (b.decode()[:-1] + ',"x":"路灯"}').encode("gbk"),
    "two encodings": lambda b: b[:-1] + ',"x":"路"}'.encode("gbk"),
    "a byte that is no UTF-8": lambda b: b.replace(b'"', b'"\xff', 3),
    "overlong UTF-8": lambda b: b[:-1] + b',"x":"\xc0\xaf"}',
    "a NUL in between": lambda b: b[:5] + b"\x00" + b[5:],
    "a NUL behind": lambda b: b + b"\x00",
    "a control character in a text": lambda b: b[:-1] + b',"x":"\x07"}',
    "twice": lambda b: b + b,
    "something behind": lambda b: b + b" true",
    "a comma too many": lambda b: b[:-1] + b",}",
    "a comment": lambda b: b[:-1] + b"/* */}",
    "single quotes": lambda b: b.replace(b'"', b"'"),
    "names without quotes": lambda b: b.replace(b'"', b"", 2),
    "a member twice": lambda b: b[:-1] + b"," + b[1:],
    "one member twice": lambda b: b[:-1] + b',"seen_version":1,"seen_version":1}',
    "an unknown member": lambda b: b[:-1] + b',"is_admin":true}',
    "the prototype": lambda b: b[:-1] + b',"__proto__":{"admin":true}}',
    "not a number": lambda b: b[:-1] + b',"seen_version":NaN}',
    "infinity": lambda b: b[:-1] + b',"seen_version":-Infinity}',
    "beyond all numbers": lambda b: b[:-1] + b',"x":1e999}',
    "a number of 5,000 digits": lambda b: b[:-1] + b',"x":' + b"9" * 5000 + b"}",
    "half a character": lambda b: b[:-1] + b',"x":"\\ud83d"}',
    "half a character as a name": lambda b: b[:-1] + b',"\\udc00":1}',
    "a bad escape": lambda b: b[:-1] + b',"x":"\\u12"}',
    "17 lists deep": lambda b: b[:-1] + b',"x":' + b"[" * 17 + b"]" * 17 + b"}",
    "500 lists deep": lambda b: b[:-1] + b',"x":' + b"[" * 500 + b"]" * 500 + b"}",
    "100,000 lists deep": lambda b: b"[" * 100_000 + b"]" * 100_000,
    "100,000 lists that never end": lambda b: b"[" * 100_000,
    "50,000 objects deep": lambda b: b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "100,000 members": lambda b: json.dumps({f"m{n}": n for n in range(100_000)}).encode(),
    "a list": lambda b: b"[" + b + b"]",
    "a text": lambda b: json.dumps(b.decode()).encode(),
    "a number": lambda b: b"42",
    "null": lambda b: b"null",
    "true": lambda b: b"true",
    "an empty list": lambda b: b"[]",
    "too large": lambda b: b[:-1] + b" " * django_settings.DATA_UPLOAD_MAX_MEMORY_SIZE + b"}",
    "compressed": gzip.compress,
    "a zip": lambda b: _zipped(b),
    "XML": lambda b: b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
    "a form": lambda b: b"text=x&channel=app",
    "a picture": lambda b: make_photo().read(),
}  # fmt: skip

#: Kinds of content a good body does not have.
KINDS = (
    "text/plain", "text/html", "application/xml", "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x", "application/octet-stream", "application/json5", "text/json",
    "image/png", "application/problem+json", "application",
)  # fmt: skip


def _zipped(body: bytes) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("body.json", body)
    return kept.getvalue()


# --- one member -----------------------------------------------------------------------------------

#: What is put in a member's place. A text may take some of them; no member takes them all.
STRANGE: dict[str, Any] = {
    "null": None, "true": True, "zero": 0, "minus one": -1, "2^31": 2**31, "2^63": 2**63, "10^40": 10**40,
    "a fraction": 1.5, "an empty text": "", "blanks": "  ", "a NUL": "\x00", "a NUL inside": "a\x00b",
    "a list": [], "a list of a text": ["x"], "a list of null": [None], "an object": {},
    "a full object": {"a": 1},
    "a list of lists": [[["x"]]], "10,000 things": ["x"] * 10_000, "100,000 characters": "灯" * 100_000,
    "a number as text": "1", "SQL": "x'); DROP TABLE cases_case; --", "a path": "../../../../etc/passwd",
    "a format": "{0.__class__} %s %(x)s ${jndi:ldap://x}", "a tag": "<script>alert(1)</script>",
    "line feeds": "a\r\nSet-Cookie: x=1", "a direction mark": "\u202egnp.exe", "emoji": "👨‍👩‍👧‍👦" * 50,
    "combining": "e" + "\u0301" * 3000, "a moment without a zone": "2026-03-06T09:00:00",
    "the year 9999": "9999-12-31T23:59:59Z", "the year 1": "0001-01-01T00:00:00+14:00",
    "a leap second": "2026-06-30T23:59:60Z", "a date": "2026-02-30",
}  # fmt: skip


def spoilt_members(body: Json) -> Iterator[tuple[str, Json]]:
    """The body with each of its members, also of the objects in it, left out or made strange."""
    for name, value in body.items():
        yield f"{name} left out", {other: told for other, told in body.items() if other != name}
        for what, strange in STRANGE.items():
            yield f"{name}: {what}", {**body, name: strange}
        if isinstance(value, dict):
            for what, inner in spoilt_members(value):
                yield f"{name}/{what}", {**body, name: inner}


def state_of_things() -> tuple[Any, ...]:
    return (
        *written(), Case.objects.count(), KeptAnswer.objects.count(), Subscription.objects.count(),
    )  # fmt: skip


@pytest.fixture
def quick(settings: Settings) -> None:
    """Nobody waits here for the rate of a minute, nor calls receivers."""
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "api": (10**9, 60)}


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("name", CALLS)
def test_a_spoilt_body_is_refused_and_writes_nothing(town: Town, name: str) -> None:
    call = call_of(town, name)
    good = json.dumps(call.body, ensure_ascii=False).encode()
    before, wrong = state_of_things(), []
    for what, spoil in SPOILT.items():
        answer = call.send(spoil(good), Idempotency_Key="the-same")
        told = problem_of(answer)
        if answer.status_code not in {400, 413, 422, 428}:
            wrong.append(f"{what}: {answer.status_code} {told['code']}")
    for kind in KINDS:
        answer = call.send(good, kind)
        problem_of(answer)
        if answer.status_code != 415:
            wrong.append(f"{kind}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert state_of_things() == before
    _good_goes_in(call, good)


#: Tried in every run; the other calls in the long one.
QUICK = {"register", "pause", "call_back"}


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.long) for name in CALLS]
)
def test_a_strange_member_is_taken_whole_or_refused_whole(town: Town, name: str) -> None:
    call = call_of(town, name)
    before, count, taken = state_of_things(), 0, set()
    for what, body in spoilt_members(call.body):
        count += 1
        answer = call.send(json.dumps(body).encode())
        if answer.status_code < 300:
            taken.add(what)
            before = state_of_things()
            if call.case is not None:
                call = call_of(town, name)
                before = state_of_things()
            continue
        problem_of(answer)
        assert answer.status_code in {400, 403, 404, 409, 413, 422, 428}, f"{what}: {answer.status_code}"
        assert state_of_things() == before, what
    assert count > 60
    assert not {what for what in taken if not _may_be_taken(what)}
    assert verify_journal().sound


#: Members that take any text, and what else is sound though it looks strange.
TEXTS = {"text", "words", "title", "note", "phone", "name", "address", "comment"}
SOUND = {"a list", "null", "true", "an object"}


def _may_be_taken(what: str) -> bool:
    member, _colon, strange = what.rpartition("/")[2].partition(": ")
    return not strange or member in TEXTS or strange in SOUND


def _good_goes_in(call: Call, good: bytes) -> None:
    answer = call.send(good)
    if "webhooks" in call.path:
        assert problem_of(answer)["code"] == "inside"  # as far as the town goes: its receiver is on loopback
        return
    assert answer.status_code in {200, 201}, answer.content
    assert verify_journal().sound


def test_a_body_of_unknown_length_is_not_read(intake: Program) -> None:
    answer = intake.client.generic(
        "POST", f"{ROOT}/cases", b"", content_type="application/json",
        headers={"Authorization": f"Bearer {intake.token}", "Transfer-Encoding": "chunked"},
    )  # fmt: skip
    assert problem_of(answer)["code"] in {"no_length", "invalid"}
    answer = intake.client.generic(
        "POST", f"{ROOT}/cases", b"{}", content_type="application/json", CONTENT_LENGTH="many"
    )
    assert problem_of(answer)["code"] in {"no_length", "no_token"}


# --- photos ---------------------------------------------------------------------------------------


def _bomb() -> bytes:
    kept = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(kept, "PNG")
    return kept.getvalue()


PICTURES: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "a text": lambda: "路灯".encode(),
    "a cut photo": lambda: make_photo(size=(2000, 1500)).read()[:900],
    "a header alone": lambda: b"\xff\xd8\xff\xe0",
    "a bomb of pixels": _bomb,
    "SVG": lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "a zip": lambda: _zipped(b"x" * 1_000_000),
    "HTML behind a GIF": lambda: b"GIF89a/*<script>alert(1)</script>*/",
    "a PDF": lambda: b"%PDF-1.7\n%%EOF",
}
NAMES = ("../../../../etc/passwd", "..\\..\\x.jpg", "a\x00.jpg", "x" * 400 + ".jpg", "照片.php", "")


@pytest.mark.parametrize("what", PICTURES)
def test_what_is_no_photo_is_refused_and_kept_nowhere(intake: Program, what: str) -> None:
    content = io.BytesIO(PICTURES[what]())
    content.name = "photo.jpg"
    answer = intake.send_photo(content)
    assert answer.status_code in {413, 422}
    assert not photos_kept()


def test_a_photo_over_ten_megabytes_is_not_read(intake: Program) -> None:
    content = io.BytesIO(b"\xff\xd8" + b"0" * 10_600_000)
    content.name = "photo.jpg"
    assert intake.send_photo(content).status_code == 413


@pytest.mark.parametrize("name", NAMES)
def test_a_photos_name_leads_nowhere(intake: Program, name: str) -> None:
    content = io.BytesIO(make_photo().read())
    content.name = name
    answer = intake.send_photo(content)
    assert answer.status_code in {201, 400, 422}
    if answer.status_code == 201:
        assert len(answer.json()["digest"]) == 64


@pytest.mark.parametrize(
    "body",
    [b"", b"--x", b"--x\r\n", b"--x--\r\n", b"\x00" * 1000, b"--x\r\nContent-Disposition: form-data\r\n\r\n"],
)
def test_a_broken_multipart_body_is_refused(intake: Program, body: bytes) -> None:
    for kind in ("multipart/form-data; boundary=x", "multipart/form-data", "multipart/form-data; boundary="):
        answer = intake.client.generic(
            "POST", f"{ROOT}/photos", body, content_type=kind,
            headers={"Authorization": f"Bearer {intake.token}"},
        )  # fmt: skip
        problem_of(answer)
        assert answer.status_code in {400, 415, 422}


def photos_kept() -> list[TokenPhoto]:
    return list(TokenPhoto.objects.all())


# --- addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "/api", "/api/", "/api/v1", "/api/v1/", "/api/v2/cases", "/api/v1/cases/", "/api/v1/nothing",
        "/api/v1/../../etc/passwd", "/api/v1/cases/%00", "/api/v1/cases/%ff%fe", "/api/v1/cases/..%2f..",
        "/api/v1/cases/" + "9" * 5000, "/api/v1/cases/230717-20260306-00001%0a", "/api/v1/areas/%E8%B7%AF",
        "/api/v1/webhooks/99999999999999999999999", "/api/v1/webhooks/-1", "/api/v1/webhooks/1e5",
        "/api/v1/organisations/%27%20OR%201=1", "/api/v1/docs",
        "/api/v1/cases/230717-20260306-00001/acts/rate",
        "/api/v1/cases/230717-20260306-00001/acts/archive",
    ],
)  # fmt: skip
def test_an_address_that_leads_nowhere_says_so(intake: Program, address: str) -> None:
    for client in (intake, Program()):
        answer = client.client.get(address, headers={"Authorization": f"Bearer {client.token}"})
        if address in {"/api", "/api/v1", "/api/v1/cases/"} and answer.status_code in {301, 404}:
            continue
        assert answer.status_code in {401, 404, 405}, address
        problem_of(answer)


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=101", "limit=x", "before=0", "before=99999999999999999999", "before=-1", "state=",
        "state=closed&state=nothing", "channel=%00", "area=%27", "area=abc", "overdue=perhaps",
        "words=" + "x" * 101,
    ],
)  # fmt: skip
def test_a_filter_that_can_be_none_is_refused(intake: Program, query: str) -> None:
    assert intake.get(f"/cases?{query}").status_code == 422


@pytest.mark.parametrize(
    "query", ["words=%00", "category=%00", "unit=%00", "words=%E8%B7", "words=%27%22%3B--"]
)
def test_a_filter_nothing_fits_finds_nothing(intake: Program, query: str) -> None:
    assert intake.get(f"/cases?{query}").json()["items"] == []


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW"])
def test_another_method_is_told_which_are_taken(method: str) -> None:
    answer = Client().generic(method, f"{ROOT}/photos")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"
    if method != "HEAD":
        problem_of(answer)


@pytest.mark.parametrize(
    "value",
    ["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "bearer x", "Bearer wangge_", "Bearer " + "x" * 7000,
     "Bearer wangge_\x00", "Bearer wangge_' OR 1=1 --", "Bearer 令牌", "Token wangge_x", "Bearer wangge_a b"],
)  # fmt: skip
@pytest.mark.django_db
def test_what_is_no_token_opens_nothing(value: str) -> None:
    answer = Client().get(f"{ROOT}/me", headers={"Authorization": value})
    assert problem_of(answer)["code"] == "no_token"
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("key", ["", " ", "a b", "键", "x" * 256, "a\x7f"])
def test_a_key_that_is_none_is_refused(intake: Program, key: str) -> None:
    answer = intake.post("/cases", REPORT, Idempotency_Key=key)
    assert answer.status_code == 422
    assert not Case.objects.exists()
