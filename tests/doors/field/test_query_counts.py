"""How many statements each page asks, however much lies behind it. To change a number is a decision."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from doors.field.inbox import told
from makers import make_case, make_photo
from town import Town, recently
from wangge.cases.states import State
from wangge.cases.words import Channel
from wangge.foundation.files.actions import store_photo

#: Three of each are for who asks: session, account, posts.
BASELINE = {
    "/field/": 8,
    "/field/report": 3,
    "/field/reports": 4,
    "/field/checks": 4,
    "/field/notices": 5,
    "/field/cases/{checking}": 7,
    "/field/cases/{reported}": 5,
}


@pytest.fixture
def cases(town: Town) -> dict[str, str]:
    at = recently()
    for count in range(4):
        told(town, "zhou", f"230717-20260306-0000{count}", key=str(count))
    photos = [store_photo(make_photo(colour), at=at) for colour in ("red", "green", "blue")]
    checking = [make_case(town, State.VERIFYING, at=at, photos=photos) for _count in range(4)]
    reported = [
        make_case(town, state, at=at, by=town.zhou.holder, channel=Channel.GRID_PATROL, contact=None)
        for state in (State.REGISTERED, State.DISPATCHED, State.CLOSED)
    ]
    return {"checking": checking[0].number, "reported": reported[1].number}


@pytest.mark.parametrize("address", BASELINE)
def test_a_page_asks_as_often_as_agreed(town: Town, cases: dict[str, str], address: str):
    client = town.client("zhou")
    client.get("/field/notices")  # the session remembers the body's name and that somebody is there
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(address.format(**cases)).status_code == 200
    told_by = "\n".join(query["sql"][:150] for query in asked)
    assert len(asked) == BASELINE[address], told_by
