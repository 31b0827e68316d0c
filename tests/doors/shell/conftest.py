from __future__ import annotations

import pytest
from django.test import Client


@pytest.fixture
def pages(settings):
    """The pages of `pages.py` instead of the doors' own."""
    settings.ROOT_URLCONF = "doors.shell.pages"
    return Client(raise_request_exception=False)
