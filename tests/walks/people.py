"""People of the town before their browsers: how they sign in, find a case and make an act."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from playwright.sync_api import Locator, Page, expect

from town import PASSWORD, Town

#: What no page may show: eleven digits that begin like a mobile number, or the pattern of the tests.
A_PHONE = re.compile(r"(?<!\d)1\d{10}(?!\d)")
Value = str | bool | Path


#: How much wider than the screen a page is; anything but nothing has to be pushed sideways.
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Clerk:
    """Somebody who works here, before a browser of their own."""

    def __init__(self, page: Page, town: Town, name: str, *, url: str, signs_in: bool) -> None:
        """Already signed in this morning, or through the page everybody signs in by."""
        self.page, self.name = page, name
        if signs_in:
            page.goto("/login")
            page.locator("[name=username]").fill(town.people[name].username)
            page.locator("[name=password]").fill(PASSWORD)
            page.locator("form.form .button-primary").click()
            expect(page.locator("html")).to_have_attribute("data-look", re.compile("desk|field"))
        else:
            session = town.client(name).cookies[settings.SESSION_COOKIE_NAME].value
            page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": url}])

    def register(self, grid: str, **filled: Value) -> None:
        """Type a request in and send it; the words for its place are enough to find the grid."""
        self.page.goto("/desk/register")
        form = self.page.locator("form.form-wide")
        fill(form, **filled)
        expect(form.locator(f"[name=candidate][value='{grid}']")).to_be_checked()
        with self.page.expect_navigation():
            form.locator(".button-primary").click()

    def case(self, number: str) -> None:
        self.page.goto(f"/desk/cases/{number}")
        expect(self.page.locator("h1")).to_be_visible()

    def may(self, act: str) -> bool:
        return self.page.locator(f"#moves li[id={act}]").count() == 1

    def do(self, act: str, **filled: Value) -> None:
        """Fill the form of an act on the open case and press its button; the page says that it is done."""
        self._send(act, filled)
        expect(self.page.locator(".messages .notice-good")).to_be_visible()

    def is_refused(self, act: str, because: str, **filled: Value) -> None:
        """The same, and the page says why it is not done."""
        self._send(act, filled)
        expect(self.page.get_by_text(because).first).to_be_visible()
        expect(self.page.locator(".messages .notice-good")).to_have_count(0)

    def look_at_contact(self, purpose: str) -> None:
        """Open who asked, saying what for; the page shows it this once."""
        contact = self.page.locator("#contact")
        unfold(contact.locator("[name=purpose]"))
        fill(contact, purpose=purpose)
        with self.page.expect_navigation():
            contact.locator("form button").last.click()

    def sees_no_phone(self) -> None:
        assert_no_phone(self.page)

    def _send(self, act: str, filled: dict[str, Value]) -> None:
        move = self.page.locator(f"#moves li[id={act}]")
        button = move.locator("form button.button-primary").last
        unfold(button)
        fill(move, **filled)
        with self.page.expect_navigation():
            button.click()


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


def assert_fits(page: Page) -> None:
    """Nothing reaches over the edge of the phone."""
    assert page.evaluate(SIDEWAYS) == 0, f"{page.url} is wider than the phone"


def until(page: Page, seen: Callable[[], bool], seconds: float = 60) -> None:
    """Reload until the worker, a process of its own, has done what is waited for."""
    last = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < last, f"{page.url} did not come to show it"
        page.wait_for_timeout(200)
        page.reload()
