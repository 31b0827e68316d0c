"""Addresses and queries that nobody types: answered calmly, never with a broken page."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from town import Town

STRANGE = ["\0", "%00", "x\0y", "'; --", "../../etc/passwd", "９９９", "9" * 200, "\n", "{{ 7 }}"]


@pytest.mark.parametrize("strange", STRANGE)
@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("chen", "/desk/cases/{}"), ("chen", "/desk/cases/{}/classify"), ("cai", "/desk/cases/{}/journal"),
        ("chen", "/desk/cases/230717-20260306-00001/photos/{}"), ("chen", "/desk/areas/{}"),
        ("chen", "/desk/duties/{}"), ("chen", "/desk/organisations/{}"),
    ],
)  # fmt: skip
def test_what_can_be_no_address_is_not_found(town: Town, desk, name: str, path: str, strange: str) -> None:
    assert desk(town.people[name]).get(path.format(quote(strange, safe=""))).status_code == 404


@pytest.mark.parametrize("strange", STRANGE)
@pytest.mark.parametrize(
    ("name", "page", "fields"),
    [
        ("chen", "/desk/queue", ["state", "after", "before"]),
        ("chen", "/desk/cases", ["words", "state", "area", "unit", "before", "after"]),
        ("chen", "/desk/duties", ["words", "category"]),
        ("chen", "/desk/matter-choices", ["find", "matter"]),
        ("chen", "/desk/notices", ["before"]),
        ("cai", "/desk/journal", ["number"]),
        ("peng", "/desk/looks", ["purpose", "before"]),
        ("lu", "/desk/accounts", ["name", "role", "after"]),
    ],
)
def test_a_query_nobody_can_mean_shows_the_page(
    town: Town, desk, name: str, page: str, fields: list[str], strange: str
) -> None:
    assert desk(town.people[name]).get(page, dict.fromkeys(fields, strange)).status_code == 200


@pytest.mark.parametrize("strange", STRANGE)
def test_a_form_filled_in_strangely_is_sent_back(town: Town, desk, strange: str) -> None:
    client = desk(town.chen)
    fields = ["client_key", "channel", "text", "place", "candidate", "area", "lon", "lat", "who", "phone"]
    assert client.post("/desk/register", dict.fromkeys(fields, strange)).status_code == 422
    assert client.post("/desk/register/places", {"place": strange}).status_code == 200


def test_a_notice_of_an_endless_number_is_not_found(town: Town, desk) -> None:
    assert desk(town.chen).post(f"/desk/notices/{'9' * 40}").status_code == 404
