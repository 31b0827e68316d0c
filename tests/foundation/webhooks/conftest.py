"""A receiver on loopback, which the settings of these tests list as a network inside."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from foundation.webhooks.receiving import Receiver, receiving


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    settings.WEBHOOK_LIMITS = {"connect_seconds": 2, "answer_seconds": 0.5}
    with receiving() as receiver:
        yield receiver
