"""What a subscriber hears: signed, in batches, again after a failure, and nothing is lost."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from pytest_django import Settings

from foundation.webhooks.makers import AT, CLERK, happen, make_subscription
from foundation.webhooks.receiving import Receiver
from wangge.foundation.journal.queries import lines_of
from wangge.foundation.webhooks.actions import end, enqueue, event_of, resume, sweep
from wangge.foundation.webhooks.limits import webhook_limits
from wangge.foundation.webhooks.models import Delivery, Subscription
from wangge.foundation.webhooks.queries import fallen_silent, wanting
from wangge.foundation.webhooks.sending import _claim, send_due, wait_after

pytestmark = pytest.mark.django_db


def verified(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """As docs/api.md tells a receiver to do it, with nothing of ours."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return headers["webhook-signature"] == f"v1,{expected}"


def test_an_event_arrives_signed_with_codes_and_moments_alone(receiver: Receiver) -> None:
    subscription = make_subscription(receiver.url)
    line = happen()
    assert send_due(at=AT) == 1
    (message,) = receiver.heard
    assert verified(subscription.secret.unseal(), message.headers, message.body)
    assert not verified(subscription.secret.unseal(), message.headers, message.body + b" ")
    assert message.headers["webhook-timestamp"] == str(int(AT.timestamp()))
    assert message.headers["content-type"] == "application/json"
    assert json.loads(message.body) == {
        "type": "wangge.events",
        "timestamp": "2026-03-06T01:00:00.000000Z",
        "data": {
            "events": [
                {
                    "id": f"evt_{line.pk}",
                    "type": "case.signed",
                    "timestamp": "2026-03-06T01:00:00.000000Z",
                    "subject": {"kind": "case", "id": "230717-20260306-00001", "seq": 1},
                    "data": {"area": "230717001001"},
                }
            ]
        },
    }
    assert send_due(at=AT) == 0


def test_many_events_travel_in_few_messages_and_in_order(receiver: Receiver, settings: Settings) -> None:
    settings.WEBHOOK_LIMITS = {**settings.WEBHOOK_LIMITS, "events_per_post": 4}
    make_subscription(receiver.url)
    lines = [happen(number=number) for number in range(1, 11)]
    while send_due(at=AT):
        pass
    assert [len(message.events) for message in receiver.heard] == [4, 4, 2]
    assert receiver.ids == [f"evt_{line.pk}" for line in lines]


def test_only_what_was_asked_for_is_told(receiver: Receiver) -> None:
    make_subscription(f"{receiver.url}/acts", acts=["case.closed"])
    make_subscription(f"{receiver.url}/area", area_prefix="230717002")
    make_subscription(f"{receiver.url}/unit", organisation="230717.water_company")
    closed = happen("case.closed")
    there = happen(area="230717002001", number=2)
    water = happen(unit="230717.water_company", number=3)
    send_due(at=AT)
    told = {message.path.rpartition("/")[2]: message.ids for message in receiver.heard}
    assert told == {"acts": [f"evt_{closed.pk}"], "area": [f"evt_{there.pk}"], "unit": [f"evt_{water.pk}"]}


def test_a_line_answered_twice_is_one_event(receiver: Receiver) -> None:
    make_subscription(receiver.url)
    line = happen()
    enqueue(line=line, to=wanting(line.act), area_code="230717001001")
    assert Delivery.objects.count() == 1


def test_free_text_never_leaves(receiver: Receiver) -> None:
    with pytest.raises(ValueError, match="free text"):
        event_of(happen(), {"text": "林都花园3号楼前的路灯"})


# --- receivers that fail ---


def test_a_failure_is_tried_again_later_with_the_same_ids(receiver: Receiver) -> None:
    subscription = make_subscription(receiver.url)
    happen()
    receiver.answers = lambda heard: 503
    assert send_due(at=AT) == 1
    assert send_due(at=AT) == 0, "it waits first"
    receiver.answers = lambda heard: 200
    assert send_due(at=AT + timedelta(seconds=11)) == 1
    first, second = receiver.heard
    assert first.ids == second.ids
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"], "the moment is signed"
    assert verified(subscription.secret.unseal(), second.headers, second.body)
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.attempts, delivery.last_code) == ("sent", 2, 200)


def test_waits_grow_and_then_repeat() -> None:
    limits = webhook_limits()
    waits = [wait_after(failures, limits) for failures in range(1, 15)]
    assert waits == sorted(waits)
    assert waits[0] == timedelta(seconds=10)
    assert waits[-1] == waits[-2] == timedelta(hours=4)


@pytest.mark.parametrize("trouble", ["delay", "hang_up", "gone away"])
def test_no_answer_counts_as_a_failure(receiver: Receiver, trouble: str) -> None:
    url = receiver.url
    if trouble == "delay":
        receiver.delay = 1.0
    elif trouble == "hang_up":
        receiver.hang_up = True
    else:
        url = "http://127.0.0.1:9/"
    make_subscription(url)
    happen()
    send_due(at=AT)
    subscription, delivery = Subscription.objects.get(), Delivery.objects.get()
    assert (subscription.failures, subscription.last_code) == (1, 0)
    assert (delivery.status, delivery.attempts) == ("waiting", 1)


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    receiver.answers = lambda heard: 302
    receiver.location = receiver.url.replace("/events", "/elsewhere")
    make_subscription(receiver.url)
    happen()
    send_due(at=AT)
    assert [message.path for message in receiver.heard] == ["/events"]
    assert Subscription.objects.get().last_code == 302


def test_a_slow_receiver_does_not_keep_others_from_hearing(receiver: Receiver) -> None:
    make_subscription("http://127.0.0.1:9/")
    make_subscription(receiver.url)
    happen()
    send_due(at=AT)
    assert len(receiver.heard) == 1


def test_one_event_a_receiver_chokes_on_holds_back_no_other_for_ever(
    receiver: Receiver, settings: Settings
) -> None:
    settings.WEBHOOK_LIMITS = {**settings.WEBHOOK_LIMITS, "attempts": 3}
    make_subscription(receiver.url)
    bad, *good = [happen(number=number) for number in range(1, 5)]
    receiver.answers = lambda heard: 400 if f"evt_{bad.pk}" in heard.ids else 200
    at = AT
    for _try in range(8):
        at += timedelta(minutes=30)
        send_due(at=at)
    assert Delivery.objects.get(line_id=bad.pk).status == "given_up"
    assert set(Delivery.objects.exclude(line_id=bad.pk).values_list("status", flat=True)) == {"sent"}
    taken = [one for message in receiver.heard if f"evt_{bad.pk}" not in message.ids for one in message.ids]
    assert taken == [f"evt_{line.pk}" for line in good]


def test_a_receiver_that_failed_for_days_is_paused_and_hears_everything_once_resumed(
    receiver: Receiver,
) -> None:
    subscription = make_subscription(receiver.url)
    first = happen()
    receiver.answers = lambda heard: 500
    send_due(at=AT)
    send_due(at=AT + timedelta(hours=73))
    assert [one.pk for one in fallen_silent()] == [subscription.pk]
    assert lines_of(subscription.subject).last().act == "webhook.paused"
    second = happen(number=2)
    later = AT + timedelta(hours=80)
    assert send_due(at=later) == 0, "paused"
    receiver.answers = lambda heard: 200
    receiver.heard.clear()
    resume(by=CLERK, at=later, subscription=subscription)
    assert send_due(at=later) == 1
    assert receiver.ids == [f"evt_{first.pk}", f"evt_{second.pk}"]


def test_a_receiver_that_is_gone_is_paused_at_once(receiver: Receiver) -> None:
    make_subscription(receiver.url)
    happen()
    receiver.answers = lambda heard: 410
    send_due(at=AT)
    assert Subscription.objects.get().state == "paused"


def test_an_ended_subscription_hears_nothing_and_forgets_its_secret(receiver: Receiver) -> None:
    subscription = make_subscription(receiver.url)
    happen()
    end(by=CLERK, at=AT, subscription=subscription)
    happen(number=2)
    assert send_due(at=AT) == 0
    subscription.refresh_from_db()
    assert (subscription.url, bool(subscription.secret)) == ("", False)
    assert not Delivery.objects.exists()


# --- a sender that dies ---


def test_what_a_dead_sender_had_claimed_is_sent_by_the_next(receiver: Receiver) -> None:
    """The claim of a sender that never wrote down an answer: nobody else sends, until the lease is over."""
    make_subscription(receiver.url)
    lines = [happen(number=number) for number in range(1, 4)]
    assert len(_claim(AT, webhook_limits())) == 1
    assert send_due(at=AT + timedelta(seconds=60)) == 0
    assert send_due(at=AT + timedelta(seconds=121)) == 1
    assert receiver.ids == [f"evt_{line.pk}" for line in lines]


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_tell_each_receiver_once(receiver: Receiver) -> None:
    receiver.delay = 0.2
    for number in range(6):
        make_subscription(f"{receiver.url}/{number}")
    lines = [happen(number=number) for number in range(1, 4)]

    def sender() -> int:
        try:
            return send_due(at=AT)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        sent = [one.result() for one in [pool.submit(sender) for _ in range(4)]]
    assert sum(sent) == 6
    assert len(receiver.heard) == 6
    assert receiver.ids.count(f"evt_{lines[0].pk}") == 6
    assert set(Delivery.objects.values_list("status", flat=True)) == {"sent"}


def test_old_deliveries_are_forgotten(receiver: Receiver) -> None:
    make_subscription(receiver.url)
    happen()
    send_due(at=AT)
    assert sweep(at=AT + timedelta(days=2)) == 0
    assert sweep(at=AT + timedelta(days=4)) == 1
    assert not Delivery.objects.exists()
