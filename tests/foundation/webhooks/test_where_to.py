"""Where messages may go: outside over TLS, inside only where the deployment says so."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from pytest_django import Settings

from foundation.webhooks.makers import AT, happen, make_subscription
from foundation.webhooks.receiving import Receiver
from wangge.foundation.webhooks.actions import UnableToSubscribe
from wangge.foundation.webhooks.addresses import UnableToReach, target_of
from wangge.foundation.webhooks.models import Subscription
from wangge.foundation.webhooks.sending import send_due


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f.0.0.1/",
        "https://localhost/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://0.0.0.0/",
        "https://10.0.0.1/", "https://172.16.3.4/", "https://192.168.1.1/", "https://169.254.169.254/latest",
        "https://[fe80::1]/", "https://[fd00::1]/", "https://100.64.0.1/", "https://224.0.0.1/",
        "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://198.18.0.1/",
        "https://255.255.255.255/",
    ],
)  # fmt: skip
def test_addresses_inside_are_refused(url: str) -> None:
    with pytest.raises(UnableToReach) as refusal:
        target_of(url)
    assert refusal.value.code == "inside"


@pytest.mark.parametrize(
    "url",
    [
        "", "nonsense", "ftp://example.cn/", "file:///etc/passwd", "https://", "https:///path",
        "https://user:word@8.8.8.8/", "https://@8.8.8.8/", "https://8.8.8.8/#part", "https://8.8.8.8:99999/",
        "https://8.8.8.8:0/", "https://8.8.8.8/a b", "https://8.8.8.8/\r\nhost: x", "https://网格.cn/",
        "https://8.8.8.8\\@127.0.0.1/", "https://[::1/", "gopher://8.8.8.8/", "https://8.8.8.8/" + "a" * 500,
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(UnableToReach) as refusal:
        target_of(url)
    assert refusal.value.code == "bad_url"


def test_a_name_nobody_knows_is_refused() -> None:
    with pytest.raises(UnableToReach) as refusal:
        target_of("https://nobody.invalid/")
    assert refusal.value.code == "unknown_host"


def test_outside_a_message_travels_over_tls_only() -> None:
    with pytest.raises(UnableToReach) as refusal:
        target_of("http://8.8.8.8/")
    assert refusal.value.code == "no_tls"
    assert target_of("https://8.8.8.8:8443/hook?x=1").host_header == "8.8.8.8:8443"


def test_a_listed_network_may_be_told_without_tls(settings: Settings) -> None:
    settings.WEBHOOK_NETWORKS = ["10.20.0.0/16", "fd12::/16"]
    assert target_of("http://10.20.3.4/events").address == "10.20.3.4"
    assert target_of("http://[fd12::1]:8080/").host_header == "[fd12::1]:8080"
    with pytest.raises(UnableToReach):
        target_of("http://10.21.3.4/events")


def test_a_name_that_leads_outside_and_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def both(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, 1, 6, "", ("8.8.8.8", port)), (socket.AF_INET, 1, 6, "", ("10.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    with pytest.raises(UnableToReach) as refusal:
        target_of("https://two-faced.example/")
    assert refusal.value.code == "inside"


@pytest.mark.django_db
def test_a_name_that_leads_inside_only_later_is_not_called(receiver: Receiver, settings: Settings) -> None:
    """Looked up anew before each message, and only the address that was checked is called."""
    make_subscription(receiver.url)
    happen()
    settings.WEBHOOK_NETWORKS = []
    send_due(at=AT)
    assert receiver.heard == []
    assert Subscription.objects.get().failures == 1


@pytest.mark.django_db
def test_an_owner_has_so_many_subscriptions_and_no_more(receiver: Receiver, settings: Settings) -> None:
    settings.WEBHOOK_LIMITS = {**settings.WEBHOOK_LIMITS, "most_per_owner": 2}
    make_subscription(receiver.url)
    make_subscription(receiver.url)
    with pytest.raises(UnableToSubscribe) as refusal:
        make_subscription(receiver.url)
    assert refusal.value.code == "too_many"


@pytest.mark.django_db
def test_the_secret_is_sealed_in_the_database(receiver: Receiver) -> None:
    subscription = make_subscription(receiver.url)
    stored = bytes(Subscription.objects.get().secret.sealed())
    assert subscription.secret.unseal().encode() not in stored
    assert subscription.secret.unseal().startswith("whsec_")
