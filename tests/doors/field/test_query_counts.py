"""Each page takes as many statements with much behind it as with little, and as many as agreed."""

from __future__ import annotations

from django.urls import reverse

from doors.field.inbox import told
from makers import make_case, make_photo
from query_counts import assert_baseline, statements
from town import Town, recently
from wangge.cases.states import State
from wangge.cases.words import Channel
from wangge.foundation.files.actions import store_photo

LISTS = ("field:home", "field:report", "field:reports", "field:checks", "field:notices")


def fill(town: Town, count: int) -> dict[str, str]:
    """Cases to check, reports and notices; the number of a case of each kind."""
    at = recently()
    photos = [store_photo(make_photo(colour), at=at) for colour in ("red", "green", "blue")]
    for key in range(count):
        told(town, "zhou", f"230717-20260306-{key:05}", key=f"{count}-{key}")
    checking = [make_case(town, State.VERIFYING, at=at, photos=photos) for _count in range(count)]
    reported = [
        make_case(town, state, at=at, by=town.zhou.holder, channel=Channel.GRID_PATROL, contact=None)
        for state in (State.REGISTERED, State.DISPATCHED, State.CLOSED)
    ]
    return {"to check": checking[0].number, "reported": reported[1].number}


def measure(town: Town, cases: dict[str, str]) -> dict[str, int]:
    zhou = town.client("zhou")
    found = {page: statements(zhou, reverse(page)) for page in LISTS}
    for kind, number in cases.items():
        found[f"field:case ({kind})"] = statements(zhou, reverse("field:case", args=[number]))
    return found


def test_pages_take_as_many_statements_as_agreed_however_much_lies_behind_them(town: Town):
    few = measure(town, fill(town, 2))
    many = measure(town, fill(town, 12))
    assert few == many
    for page, count in many.items():
        assert_baseline(page, count)
