"""People of the town before their browsers: how they sign in, find a case and make an act."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from town import PASSWORD, Town

#: What no page may show: eleven digits that begin like a mobile number, or the pattern of the tests.
A_PHONE = re.compile(r"(?<!\d)1\d{10}(?!\d)")
Value = str | bool | Path


class Clerk:
    """Somebody who works here, signed in through the page everybody signs in by."""

    def __init__(self, page: Page, town: Town, name: str) -> None:
        self.page, self.name = page, name
        page.goto("/login")
        page.locator("[name=username]").fill(town.people[name].username)
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("form.form .button-primary").click()
        expect(page.locator("html")).to_have_attribute("data-look", re.compile("desk|field"))

    def case(self, number: str) -> None:
        self.page.goto(f"/desk/cases/{number}")
        expect(self.page.locator("h1")).to_be_visible()

    def may(self, act: str) -> bool:
        return self.page.locator(f"#moves li[id={act}]").count() == 1

    def do(self, act: str, **filled: Value) -> None:
        """Fill the form of an act on the open case and press its button; the page says that it is done."""
        move = self.page.locator(f"#moves li[id={act}]")
        button = move.locator("form button.button-primary").last
        unfold(button)
        fill(move, **filled)
        button.click()
        expect(self.page.locator(".messages .notice-good, .notice-good").first).to_be_visible()

    def sees_no_phone(self) -> None:
        assert_no_phone(self.page)


def fill(where: Locator, **filled: Value) -> None:
    """Fill fields by their names, each in the way of its kind."""
    for name, value in filled.items():
        fields = where.locator(f"[name={name}]")
        unfold(fields.first)
        kind = fields.first.evaluate("e => e.type || e.tagName.toLowerCase()")
        if kind == "radio":
            where.locator(f"[name={name}][value='{value}']").check()
        elif kind == "checkbox":
            fields.set_checked(bool(value))
        elif kind.startswith("select"):
            fields.select_option(str(value))
        elif kind == "file":
            fields.set_input_files(str(value))
        else:
            fields.fill(str(value))


def unfold(field: Locator) -> None:
    """Open what it is folded away in, from the outside in, as a person would."""
    for summary in field.locator("xpath=ancestor::details[not(@open)]/summary").all():
        summary.click()


def assert_no_phone(page: Page) -> None:
    found = A_PHONE.search(page.locator("body").inner_text())
    assert found is None, f"{page.url} shows a phone number"


def until(page: Page, seen: Callable[[], bool], seconds: float = 60) -> None:
    """Reload until the worker, a process of its own, has done what is waited for."""
    last = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < last, f"{page.url} did not come to show it"
        time.sleep(0.2)
        page.reload()
