"""A sender with a key for Lin's district, and somebody without one."""

from __future__ import annotations

import pytest

from doors.open311.senders import Sender, make_key
from town import Town


@pytest.fixture
def sender(town: Town) -> Sender:
    _key, text = make_key(town)
    return Sender(text)


@pytest.fixture
def anybody(town: Town) -> Sender:
    return Sender()
