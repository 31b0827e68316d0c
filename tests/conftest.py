"""The harness: a migrated database of its own, every test under the login of the app."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker

from database import Clearing, drop_test_database, make_test_database
from wangge.config import embedded
from wangge.config.grants import login_of
from wangge.foundation.privacy.keys import create_keys


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Takes the place of pytest-django's: the app's login could not create a table."""
    with django_db_blocker.unblock():
        make_test_database()
        assert login_of("default") == embedded.APP_ROLE, "the tests must run under the app's login"
        clearing = Clearing()
    original = TransactionTestCase._fixture_teardown
    # Django would `flush` here, which the app's login may not: the owner clears instead.
    TransactionTestCase._fixture_teardown = lambda self: clearing.clear()  # type: ignore[method-assign]
    try:
        yield
    finally:
        TransactionTestCase._fixture_teardown = original  # type: ignore[method-assign]
        with django_db_blocker.unblock():
            drop_test_database()


@pytest.fixture(autouse=True, scope="session")
def folders_of_the_tests() -> None:
    for folder in (settings.FILES_DIR, settings.SEALS_DIR, settings.STATIC_ROOT):
        folder.mkdir(parents=True, exist_ok=True)
    # Outside a demo keys are made on purpose, never on first use.
    create_keys(exist_ok=True)
