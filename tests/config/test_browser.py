"""The browser of the tests shows Chinese, and a page that misbehaves fails its test."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

import browser as chromium

pytestmark = pytest.mark.browser


def test_chinese_is_drawn_with_a_real_font(browser):
    """Without a font every character is drawn as the same box."""
    page = browser.new_page()
    page.set_content("<p style='font: 40px sans-serif'>网</p>")
    one = page.screenshot()
    page.set_content("<p style='font: 40px sans-serif'>格</p>")
    assert page.screenshot() != one
    page.close()


@pytest.fixture
def fresh_machine(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    monkeypatch.delenv("WANGGE_CHROMIUM", raising=False)
    monkeypatch.setattr(chromium, "NPM_FOLDER", tmp_path)


def test_without_any_chromium_the_commands_to_type_are_named(fresh_machine):
    with pytest.raises(RuntimeError, match=r"apt-get install chromium"):
        chromium.found()


def test_a_named_chromium_goes_before_any_other(fresh_machine, monkeypatch):
    monkeypatch.setenv("WANGGE_CHROMIUM", "/opt/mine/chromium")
    assert str(chromium.found().path) == "/opt/mine/chromium"


def test_pages_open_at_the_live_server(page: Page):
    answer = page.goto("/healthz")
    assert answer is not None
    assert answer.status == 200
