"""Every address, opened by everybody, near and far: the matrix holds, and nothing stands outside it."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.urls import reverse

from access.addresses import NAMES, address_of
from access.matrix import HOMES, PAGES, rows, those_who_try
from access.visits import Visitor, World
from makers import reloaded
from town import Town
from wangge.cases.models import Case
from wangge.doors.desk import case_pages
from wangge.organisations.roles import Role

ROWS = rows(PAGES)
DOORS = ["shell", "metrics", "resident", "field", "desk", "tokens", "exchange", "open311"]
STATUSES = {"o": 200, "x": 403, ".": 404, "P": 405, ">": 302, "L": 302, "?": 302}


@pytest.mark.parametrize("door", DOORS)
def test_every_page_opens_to_whom_the_matrix_says_and_to_nobody_else(town: Town, door: str) -> None:
    world = World(town)
    wrong = []
    for name, stands, cells in ROWS:
        if not name.startswith(f"{door}:"):
            continue
        for column in those_who_try(ROWS, name, stands):
            seen = _open(world, world.visitors[column], name, stands)
            if seen != cells[column]:
                wrong.append(f"{name} {stands} {column}: {seen}, the matrix says {cells[column]}")
    assert not wrong, "\n".join(wrong)


def test_every_address_has_its_row_and_every_row_its_address() -> None:
    named = {name for name, _stands, _cells in ROWS}
    there = set(NAMES)
    assert there - named == set(), "addresses without a row: somebody reads domain notes §2 and adds it"
    assert named - there == set(), "rows of addresses that are gone"


def test_an_address_of_one_thing_is_visited_near_and_far() -> None:
    """A number, a code or a digest in an address is what somebody may try to guess."""
    public = {
        # of these the notation alone is a parameter, or the catalogue's code
        "open311:discovery", "open311:services", "open311:service", "open311:requests", "open311:updates",
        "resident:grid", "resident:grid_code", "resident:report_what", "resident:report_where",
        "resident:report_contact", "resident:report_check", "field:offline",
        "desk:duty",  # the catalogue is one for all districts; its rules are narrowed on the page
    }  # fmt: skip
    stands: dict[str, set[str]] = {}
    for name, stand, cells in ROWS:
        stands.setdefault(name, set()).add("form" if "P" in cells.values() else stand)
    lonely = {
        name
        for name, params in NAMES.items()
        if params and stands.get(name) not in ({"near", "far"}, {"form"}) and name not in public
    }
    assert not lonely, "without a `far` row nobody has tried the door of a stranger's thing"


def test_everybody_begins_their_day_at_their_own_first_page(town: Town) -> None:
    for visitor in World(town).visitors.values():
        response = visitor.client.get(reverse("shell:home"), follow=True)
        assert response.redirect_chain[-1][0] == reverse(HOMES[visitor.column]), visitor.column


def test_a_door_left_open_on_purpose_is_noticed(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(town)
    lead = world.visitors[Role.TOWN_DISPATCHER]
    assert _open(world, lead, "desk:case", "far") == "."
    monkeypatch.setattr(case_pages, "case_for", lambda by, number: reloaded(Case(number=number)))
    assert _open(world, lead, "desk:case", "far") == "o"


def _open(world: World, visitor: Visitor, name: str, stands: str) -> str:
    """The letter of what comes back."""
    response = visitor.client.get(address_of(world, visitor, name, stands))
    if response.streaming:
        assert b"".join(response.streaming_content), f"{name} gives {visitor.column} an empty file"
    letter = next((letter for letter, status in STATUSES.items() if status == response.status_code), "")
    if response.status_code != 302:
        return letter or str(response.status_code)
    goes_to = response.headers["Location"]
    if goes_to.startswith(reverse(settings.LOGIN_URL)):
        return "L"
    if goes_to.startswith(f"{reverse('resident:follow')}?number="):
        return "?"
    assert goes_to.startswith("/"), f"{name} sends {visitor.column} off the site: {goes_to}"
    return ">"
