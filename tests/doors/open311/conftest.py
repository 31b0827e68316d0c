"""A sender with a key for Lin's district, and somebody without one."""

from __future__ import annotations

import pytest

from doors.open311.real_answers import OPEN311
from doors.open311.senders import Sender, make_key
from town import Town

#: Answers of real servers are no part of this repository; where they do not lie, there is nothing to read.
collect_ignore = [] if OPEN311.is_dir() else ["test_real_servers.py"]


@pytest.fixture
def sender(town: Town) -> Sender:
    _key, text = make_key(town)
    return Sender(text)


@pytest.fixture
def anybody(town: Town) -> Sender:
    return Sender()
