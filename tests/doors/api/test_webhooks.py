"""Subscribing through the API: within what the post finds, the secret told once, somebody told of silence."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

import town as places
from doors.api.programs import Program, problem_of, program_of
from foundation.webhooks.receiving import Receiver, receiving
from makers import make_case
from town import Town, recently
from wangge.cases.states import State
from wangge.doors.worker.reactions import react
from wangge.doors.worker.webhooks import tell_of_silence
from wangge.foundation.journal.models import Line
from wangge.foundation.notices.models import Notice
from wangge.foundation.webhooks.models import Delivery, Subscription
from wangge.foundation.webhooks.sending import send_due
from wangge.foundation.worktime import clock


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    with receiving() as receiver:
        yield receiver


def answered(case_number: str | None = None) -> None:
    """The worker answers what has been journalled of cases."""
    lines = Line.objects.filter(subject_kind="case").order_by("pk")
    for line in lines.filter(subject_id=case_number) if case_number else lines:
        react(line)


def test_a_subscriber_hears_what_happens_in_codes_alone(
    town: Town, receiver: Receiver, intake: Program
) -> None:
    made = intake.post("/webhooks", {"url": receiver.url, "acts": ["case.registered", "case.signed"]})
    assert made.status_code == 201
    assert made.json()["secret"].startswith("whsec_")
    assert made.json()["area_prefix"] == places.DISTRICT
    case = make_case(town, State.IN_PROGRESS, at=recently(3))
    answered()
    answered()
    while send_due(at=clock.now()):
        pass
    events = [event for message in receiver.heard for event in message.events]
    assert [event["type"] for event in events] == ["case.registered", "case.signed"]
    assert events[1]["data"] == {
        "number": case.number, "state": "in_progress", "area": places.GRID, "unit": "230717.urban_management",
    }  # fmt: skip
    told = b"".join(message.body for message in receiver.heard).decode()
    assert not [word for word in ("林", "路灯", "10000001001", "user") if word in told]
    webhook = intake.get(f"/webhooks/{made.json()['id']}").json()
    assert "secret" not in webhook
    assert (webhook["failures"], webhook["last_code"]) == (0, 204)
    deliveries = intake.get(f"/webhooks/{made.json()['id']}/deliveries").json()["items"]
    assert [row["status"] for row in deliveries] == ["sent", "sent"]


def test_a_department_hears_of_its_own_unit_alone(town: Town, receiver: Receiver) -> None:
    wu = program_of(town, "wu")
    assert wu.post("/webhooks", {"url": receiver.url}).json()["organisation"] == "230717.urban_management"
    mine = make_case(town, State.DISPATCHED, at=recently(3))
    theirs = make_case(town, State.DISPATCHED, at=recently(3), matter="pipe")
    answered()
    numbers = {delivery.event["subject"]["id"] for delivery in Delivery.objects.all()}
    assert mine.number in numbers
    assert theirs.number not in numbers


@pytest.mark.parametrize(
    ("who", "body", "status", "code"),
    [
        ("wu", {"organisation": "230717.water_company"}, 422, "wrong_unit"),
        ("he", {"area_prefix": places.NEXT_COMMUNITY}, 403, "wrong_area"),
        ("chen", {"area_prefix": places.OTHER_DISTRICT}, 403, "wrong_area"),
        ("cao", {}, 403, "wrong_role"),
        ("chen", {"url": "http://10.1.2.3/"}, 422, "inside"),
        ("chen", {"url": "https://user:word@8.8.8.8/"}, 422, "bad_url"),
        ("chen", {"acts": ["case.everything"]}, 422, "invalid"),
        ("chen", {"acts": ["identity.revealed"]}, 422, "invalid"),
    ],
)
def test_a_subscription_beyond_the_post_is_refused(
    town: Town, receiver: Receiver, who: str, body: dict[str, object], status: int, code: str
) -> None:
    refusal = program_of(town, who).post("/webhooks", {"url": receiver.url, **body})
    assert (refusal.status_code, problem_of(refusal)["code"]) == (status, code)
    assert not Subscription.objects.exists()


def test_a_token_finds_its_own_subscriptions_only(town: Town, receiver: Receiver, intake: Program) -> None:
    made = intake.post("/webhooks", {"url": receiver.url}).json()
    other = program_of(town, "chen")
    for answer in (
        other.get(f"/webhooks/{made['id']}"), other.get(f"/webhooks/{made['id']}/deliveries"),
        other.delete(f"/webhooks/{made['id']}"), other.post(f"/webhooks/{made['id']}/resume"),
    ):  # fmt: skip
        assert answer.status_code == 404
    assert other.get("/webhooks").json()["items"] == []
    assert [one["id"] for one in intake.get("/webhooks").json()["items"]] == [made["id"]]
    assert intake.delete(f"/webhooks/{made['id']}").status_code == 204
    assert intake.get(f"/webhooks/{made['id']}").status_code == 404


def test_the_post_is_told_of_a_receiver_that_fell_silent_and_resumes_it(
    town: Town, receiver: Receiver, intake: Program
) -> None:
    made = intake.post("/webhooks", {"url": receiver.url}).json()
    make_case(town, at=recently(1))
    answered()
    receiver.answers = lambda heard: 410
    send_due(at=clock.now())
    assert tell_of_silence(clock.now()) == 1
    assert tell_of_silence(clock.now()) == 0
    notice = Notice.objects.get(template="webhook.paused")
    assert (notice.recipient_kind, notice.recipient_id) == ("post", town.chen.holder.post_id)
    assert str(made["id"]) in notice.text
    assert intake.get(f"/webhooks/{made['id']}").json()["state"] == "paused"
    receiver.answers = lambda heard: 200
    assert intake.post(f"/webhooks/{made['id']}/resume").json()["state"] == "active"
    send_due(at=clock.now())
    assert set(Delivery.objects.values_list("status", flat=True)) == {"sent"}
