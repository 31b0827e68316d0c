"""How many statements each list and each long page of the resident door costs."""

from __future__ import annotations

import pytest

import town as places
from doors.resident import reporting as steps
from doors.resident.conftest import look_up
from makers import make_case
from query_counts import assert_baseline, statements
from town import recently
from wangge.cases.states import State


@pytest.fixture
def busy(town, settings):
    """A town in which a few things have happened, and a territory nobody changes."""
    settings.TERRITORY_RECHECK_SECONDS = 3600
    return [
        make_case(town, state, at=recently(20), by=steps.as_resident(town.lin), channel="app")
        for state in (State.IN_PROGRESS, State.CLOSED, State.SHELVED, State.CALLBACK_DUE)
    ]


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("resident:home", "/"),
        ("resident:board", "/board"),
        ("resident:board?area", f"/board?area={places.STREET}"),
        ("resident:grid", f"/g/{places.GRID}/"),
    ],
)
def test_public_pages(busy, visitor, page, address):
    assert_baseline(page, statements(visitor, address))


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("resident:case", "/requests/{}"),
        ("resident:receipt", "/requests/{}/receipt"),
        ("resident:my_data", "/requests/{}/my-data"),
    ],
)
def test_pages_of_ones_own_request(busy, page, address):
    case = busy[1]
    assert_baseline(page, statements(look_up(case), address.format(case.number)))


def test_my_requests(busy, lin):
    assert_baseline("resident:mine", statements(lin, "/requests"))


def test_longer_lists_cost_no_more(busy, lin, visitor, town):
    before = statements(visitor, "/board"), statements(lin, "/requests")
    for _number in range(4):
        make_case(town, State.CLOSED, at=recently(20), by=steps.as_resident(town.lin), channel="app")
    assert (statements(visitor, "/board"), statements(lin, "/requests")) == before
