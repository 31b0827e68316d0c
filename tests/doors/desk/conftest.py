"""A browser for anybody of the town, with pages in English so that tests can read them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from town import Person, Town

Desk = Callable[[Person], Client]


@pytest.fixture
def desk(town: Town) -> Desk:
    def signed_in(person: Person) -> Client:
        client = town.client(person)
        client.cookies["wangge_language"] = "en"
        return client

    return signed_in
