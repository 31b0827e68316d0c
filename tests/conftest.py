"""The harness: a migrated database of its own, every test under the app's login; browsers and servers."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.test import TransactionTestCase
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django import DjangoDbBlocker
from pytest_django.live_server_helper import LiveServer

import browser as chromium
from database import Clearing, drop_test_database, make_test_database
from serving import House, Serving
from town import town  # noqa: F401 - the fixture every folder asks for
from wangge.config import data_folder, embedded
from wangge.config.grants import login_of
from wangge.foundation.privacy.keys import create_keys

RESULTS = data_folder.CHECKOUT / "test-results"

# The same examples every time, so that a red run stays red; `make test-all` looks further (its profile).
# No deadline: a busy machine is no fault of the code.
hypothesis.settings.register_profile("steady", deadline=None, derandomize=True)
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=500)
hypothesis.settings.load_profile("steady")

# --- the database ---------------------------------------------------------------------------------


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
def _folders_of_the_tests() -> Iterator[None]:
    shutil.rmtree(settings.TESTS_DIR, ignore_errors=True)
    for folder in (settings.FILES_DIR, settings.SEALS_DIR, settings.STATIC_ROOT):
        folder.mkdir(parents=True, exist_ok=True)
    create_keys(exist_ok=True)  # outside a demo keys are made on purpose, never on first use
    yield
    shutil.rmtree(settings.TESTS_DIR, ignore_errors=True)


# --- real processes -------------------------------------------------------------------------------


@pytest.fixture
def serving(transactional_db: None) -> Iterator[Serving]:
    """Web and worker as real processes: `start_web()`, `start_worker()`, `kill("serve")`, `url`."""
    serving = Serving()
    try:
        yield serving
    finally:
        serving.stop()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A PostgreSQL of its own with the migrated tables: `kill_database()`, `serving()`, `connect()`."""
    with House(tmp_path / "house") as house:
        yield house


# --- figures --------------------------------------------------------------------------------------

SAID = "said"


@pytest.fixture
def say(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """`say("kills: 20")`: a figure of this test in the summary of the run, whichever process ran it."""
    return lambda line: record_property(SAID, line)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", "") == "call":
                for name, value in report.user_properties:
                    if name == SAID:
                        terminalreporter.write_line(str(value))


# --- a browser ------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread, and Django would take every query for an async one.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        launched = chromium.launch(playwright, chromium.found())
        yield launched
        launched.close()


@pytest.fixture
def open_page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """`open_page(url, **options)`: a page of a person of their own, with their own cookies.

    Fails the test if a page asks another host for anything, breaks its content security policy or throws.
    """
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def open_one(base_url: str, **options: Any) -> Page:
        options = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", **options}
        context = browser.new_context(base_url=base_url, **options)
        context.set_default_timeout(10_000)
        context.on("request", lambda asked: _stays(asked.url, base_url) or problems.append(asked.url))
        context.on("console", lambda said: _harmless(said.text) or problems.append(said.text))
        context.on("weberror", lambda thrown: problems.append(str(thrown.error)))
        contexts.append(context)
        return context.new_page()

    yield open_one
    if request.node.stash.get(FAILED, False):
        _keep_pictures(contexts, request.node.nodeid)
    for context in contexts:
        context.close()
    assert not problems, "\n".join(problems)


@pytest.fixture
def page(open_page: Callable[..., Page], live_server: LiveServer) -> Page:
    """A page on pytest-django's server in this process; addresses may be given as paths."""
    return open_page(live_server.url)


def _stays(url: str, base_url: str) -> bool:
    return url.startswith((base_url, "data:", "blob:"))


def _harmless(text: str) -> bool:
    return "Content Security Policy" not in text


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[Any]:
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


def _keep_pictures(contexts: list[BrowserContext], test: str) -> None:
    """What the browser showed when the test failed, in test-results/."""
    RESULTS.mkdir(exist_ok=True)
    name = Path(test.replace("::", "-").replace("/", "-")).name
    for number, page in enumerate([page for context in contexts for page in context.pages]):
        page.screenshot(path=RESULTS / f"{name}-{number}.png", full_page=True)
