from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from wangge.doors.shell import menu


@pytest.fixture
def our_pages(settings) -> Iterator[None]:
    """The pages of `pages.py` instead of the doors' own, and none of the doors' menus."""
    settings.ROOT_URLCONF = "doors.shell.pages"
    settings.DEMO = True
    offered = menu.offered()
    for look in offered:
        menu.offer(look, [])
    yield
    for look, items in offered.items():
        menu.offer(look, items)


@pytest.fixture
def pages(our_pages: None) -> Client:
    return Client(raise_request_exception=False)
