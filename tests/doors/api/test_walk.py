"""One request from the hotline's program to its close, through real servers: every step a program's call,
every step heard of by another program; and a sender that is killed on the way."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from doors.api.programs import REPORT, ROOT, token_for
from foundation.webhooks.receiving import Receiver, receiving
from makers import make_photo
from serving import Serving
from town import Town
from wangge.foundation.journal.verifying import verify_journal
from wangge.foundation.webhooks.models import Delivery, Subscription
from wangge.foundation.worktime import clock

PATIENCE = 60


class Program:
    def __init__(self, url: str, token: str) -> None:
        self.http = httpx.Client(
            base_url=url + ROOT, headers={"Authorization": f"Bearer {token}"}, timeout=30
        )

    def get(self, path: str) -> Any:
        answer = self.http.get(path.removeprefix(ROOT))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any, status: int = 200, **headers: str) -> Any:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.http.post(path, json=body, headers=told)
        assert answer.status_code == status, answer.text
        return answer.json()

    def act(self, number: str, act: str, **told: Any) -> int:
        """Read the case, act on what was seen, as any careful program does."""
        etag = self.http.get(f"/cases/{number}").headers["ETag"]
        done = self.post(
            f"/cases/{number}/acts/{act}", told, If_Match=etag, Idempotency_Key=f"{number}-{act}"
        )
        return done["version"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def programs(town: Town, serving: Serving) -> Callable[[str], Program]:
    serving.environment["WANGGE_WEBHOOK_NETWORKS"] = "127.0.0.0/8"
    tokens = {name: token_for(town, name)[1] for name in ("chen", "wu", "fang", "zhou")}
    serving.start_web()
    return lambda name: Program(serving.url, tokens[name])


@pytest.mark.django_db(transaction=True)
def test_a_lamp_from_the_hotline_to_the_callback(
    programs: Callable[[str], Program], serving: Serving, receiver: Receiver
) -> None:
    chen, wu, fang, zhou = (programs(name) for name in ("chen", "wu", "fang", "zhou"))
    # Another program of the centre wants to hear of everything.
    hook = chen.post("/webhooks", {"url": receiver.url}, 201, Idempotency_Key="hook")
    serving.start_worker()

    # The hotline's program registers a work order, and sends it again because the line broke.
    order = {**REPORT, "external_no": "SX20261123-7", "contact": {"name": "林秀英", "phone": "10000001001"}}
    receipt = chen.post("/cases", order, 201, Idempotency_Key="SX20261123-7")
    assert chen.post("/cases", order, 200, Idempotency_Key="SX20261123-7")["number"] == receipt["number"]
    number = receipt["number"]

    # It is screened, classified, and the catalogue says who leads.
    chen.act(number, "start_screening")
    chen.act(number, "classify", matter="ROAD-01", priority="urgent")
    lead = chen.get("/matters/ROAD-01/lead?area=230717001001001")
    assert lead["lead"] == "230717.urban_management"
    chen.act(number, "dispatch")

    # The unit's own program finds it in its queue, signs, works, sends a photo, and says it is done.
    assert [row["number"] for row in wu.get("/cases?queue=true")["items"]] == [number]
    wu.act(number, "sign")
    sent = wu.http.post("/photos", files={"photo": ("cover.jpg", make_photo().read(), "image/jpeg")})
    assert sent.status_code == 201
    wu.act(number, "handle", text="已到现场，井盖破损。", contacted=True, photos=[sent.json()["digest"]])
    wu.act(number, "feed_back", text="已更换井盖。")

    # The grid worker's program checks, the callback agent's writes down the call.
    chen.act(number, "verify")
    zhou.act(number, "pass", finding="井盖完好。")
    fang.act(number, "call_back", reached=True, contacted=True, solved="solved", satisfaction="satisfied")

    told = chen.get(f"/cases/{number}")
    assert (told["state"], told["outcome"], told["requester"]["phone_masked"]) == (
        "closed",
        "solved",
        "100****1001",
    )
    acts = [entry["act"] for entry in chen.get(f"/cases/{number}/timeline")["items"]]
    assert acts == [
        "case.registered", "case.screening_started", "case.classified", "case.dispatched", "case.signed",
        "case.handled", "case.fed_back", "case.verification_asked", "case.passed", "case.called_back",
    ]  # fmt: skip
    clocks = chen.get(f"/cases/{number}/clocks")
    assert [clock["stage"] for clock in clocks["unit"]] == ["sign", "contact", "feedback"]

    # The other program heard of every step, in order.
    _until(lambda: len(set(receiver.ids)) >= len(acts))
    events = {event["id"]: event for message in receiver.heard for event in message.events}
    heard = sorted(events.values(), key=lambda event: event["subject"]["seq"])
    assert [event["type"] for event in heard] == acts
    assert chen.get(f"/webhooks/{hook['id']}")["failures"] == 0
    assert verify_journal().sound


@pytest.mark.django_db(transaction=True)
def test_a_sender_killed_in_the_middle_loses_nothing(
    programs: Callable[[str], Program], serving: Serving, receiver: Receiver
) -> None:
    chen = programs("chen")
    hook = chen.post("/webhooks", {"url": receiver.url}, 201)
    numbers = [chen.post("/cases", REPORT, 201)["number"] for _ in range(5)]
    receiver.delay = 3.0
    serving.start_worker()
    _until(lambda: bool(receiver.heard))
    serving.kill("worker")
    receiver.delay = 0.0
    assert not Delivery.objects.filter(status="sent").exists(), "killed before the answer was written down"
    # The next sender goes on when the dead one's lease is over; here it is made to be.
    Subscription.objects.filter(pk=hook["id"]).update(next_at=clock.now() - timedelta(seconds=1))
    serving.start_worker()
    _until(lambda: Delivery.objects.filter(status="sent").count() == len(numbers))
    heard = {event["subject"]["id"] for message in receiver.heard for event in message.events}
    assert heard == set(numbers)
    doubled = [one for one in receiver.ids if receiver.ids.count(one) > 1]
    assert doubled, "what was under way came twice, with the same id: a receiver drops the second"
    assert len(set(receiver.ids)) == len(numbers)


def _until(done: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < until, "it did not come"
        time.sleep(0.1)
