"""The demo in databases of its own: the town without cases, and the whole demo, each made once a session."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.db import transaction
from pytest_django import DjangoDbBlocker

from database import drop_database, make_database, pointing_at
from wangge.demo.seed import seed, seed_town

#: When the demo of the tests was started: Friday 2026-11-20, 11:10.
AT = datetime(2026, 11, 20, 3, 10, tzinfo=UTC)
#: Fewer earlier cases than people get, made in the same way.
EARLIER = 400


def silent(_line: str) -> None:
    """What the seeding says is of no interest here."""


@pytest.fixture(scope="session")
def town_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The name of a database with land, bodies, matters and accounts, and no case; to be copied."""
    name = f"{settings.TEST_DATABASE}_town"
    with django_db_blocker.unblock():
        make_database(name)
        with pointing_at(name):
            seed_town(at=AT, say=silent)
    yield name
    drop_database(name)


@pytest.fixture(scope="session")
def demo_database(town_database: str, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The name of a database with the whole demo."""
    name = f"{settings.TEST_DATABASE}_demo"
    # A server on this database reads its keys from the folder that bears its name.
    folder = settings.TESTS_DIR.with_name(name)
    folder.mkdir(exist_ok=True)
    shutil.copy(settings.KEYS_FILE, folder / settings.KEYS_FILE.name)
    with django_db_blocker.unblock():
        make_database(name, copy_of=town_database)
        with pointing_at(name):
            seed(at=AT, say=silent, earlier=EARLIER)
    yield name
    drop_database(name)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def demo(demo_database: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Queries go to the demo. A test that writes takes `undone`."""
    with django_db_blocker.unblock(), pointing_at(demo_database):
        yield


@pytest.fixture
def undone(demo: None) -> Iterator[None]:
    """What the test writes into the demo is rolled back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def town_copy(town_database: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Queries go to a copy of the town without cases that the module may fill."""
    name = f"{settings.TEST_DATABASE}_copy"
    with django_db_blocker.unblock():
        make_database(name, copy_of=town_database)
        with pointing_at(name):
            yield
        drop_database(name)
