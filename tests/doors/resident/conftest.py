from __future__ import annotations

import pytest
from django.test import Client

from town import Town
from wangge.cases.models import Case


@pytest.fixture
def visitor(town: Town) -> Client:
    """Somebody with a browser and no account, in our town."""
    return Client()


@pytest.fixture
def lin(town: Town) -> Client:
    """Lin, signed in."""
    return town.client("lin")


def look_up(case: Case) -> Client:
    """A browser in which the receipt of a case has just been shown."""
    client = Client()
    response = client.post("/follow", {"number": case.number, "secret": case.lookup_secret.unseal()})
    assert response.status_code == 302, response.content.decode()
    return client
