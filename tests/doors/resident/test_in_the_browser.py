"""Lin reports the dark lamp on a small phone, by keyboard alone, and answers when it is lit again."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

import town as places
from doors.resident import reporting as steps
from makers import make_case, make_photo, reloaded
from town import Town, recently
from wangge.cases.closing import pass_case
from wangge.cases.dispatch import dispatch_case, sign_case
from wangge.cases.handling import give_feedback
from wangge.cases.models import Case
from wangge.cases.screening import classify_case, start_screening
from wangge.cases.states import State
from wangge.foundation.worktime import clock

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("transactional_db")]

PHONE = {"width": 360, "height": 740}
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
FOCUSED = "document.activeElement"


@pytest.fixture
def phone(open_page: Callable[..., Page], live_server) -> Page:
    return open_page(live_server.url, viewport=PHONE)


def tab_to(page: Page, selector: str, most: int = 60) -> None:
    """Press Tab until the keyboard stands on the first element that fits."""
    for _press in range(most):
        page.keyboard.press("Tab")
        if page.evaluate(f"{FOCUSED}.matches({selector!r})"):
            return
    raise AssertionError(f"{selector} cannot be reached by keyboard on {page.url}")


def press(page: Page, selector: str, then: str) -> None:
    """Enter on a link or button, and wait for the page with that heading."""
    tab_to(page, selector)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(then)


def handle(town: Town, case: Case) -> Case:
    """What the desk and the bureau do in between."""
    chen, wu, at = town.chen.holder, town.wu.holder, clock.now()
    case = start_screening(by=chen, case=case, at=at, seen_version=case.version)
    case = classify_case(by=chen, case=case, at=at, seen_version=case.version, matter=town.matters["lamp"])
    case = dispatch_case(by=chen, case=case, at=at, seen_version=case.version)
    case = sign_case(by=wu, case=case, at=at, seen_version=case.version)
    case = give_feedback(by=wu, case=case, at=at, seen_version=case.version, text="灯已修好，今晚会亮。")
    return pass_case(by=chen, case=case, at=at, seen_version=case.version)


def test_lin_reports_follows_and_rates_by_keyboard(phone: Page, town: Town):
    phone.goto("/")
    press(phone, "a.door-primary", "请说说是什么事")
    tab_to(phone, "[name=kind]")
    tab_to(phone, "textarea")
    phone.keyboard.type(steps.TEXT)
    press(phone, "form.form .button-primary", "在哪里？")
    tab_to(phone, "[name=words]")
    phone.keyboard.type("新兴路")
    phone.keyboard.press("Tab")
    # The words may mean two grids: the page asks which, without being sent.
    second = phone.get_by_role("radio", name=re.compile("第二网格"))
    expect(second).to_be_visible()
    tab_to(phone, "[name=choice]")
    while not second.is_checked():
        phone.keyboard.press("ArrowDown")
    press(phone, "form.form .button-primary", "怎么联系您？")
    tab_to(phone, "[name=name]")
    phone.keyboard.type(steps.NAME)
    tab_to(phone, "[name=phone]")
    phone.keyboard.type(steps.PHONE)
    press(phone, "form.form .button-primary", "请核对一遍")
    expect(phone.get_by_text("第二网格")).to_be_visible()
    press(phone, "form.form .button-primary", "已经收到您的诉求")
    case = Case.objects.get()
    assert case.grid == places.SECOND_GRID
    expect(phone.locator(".receipt-number")).to_have_text(case.number)
    secret = phone.locator(".receipt-secret").inner_text()
    assert secret == case.lookup_secret.unseal()

    handle(town, case)
    phone.context.clear_cookies()  # another day, another browser
    phone.goto("/")
    press(phone, "a.door[href='/follow']", "我的事办到哪一步了？")
    tab_to(phone, "[name=number]")
    phone.keyboard.type(case.number)
    tab_to(phone, "[name=secret]")
    phone.keyboard.type(secret.lower())
    phone.keyboard.press("Enter")
    expect(phone.get_by_text("请告诉我们：问题解决了吗？")).to_be_visible()
    expect(phone.get_by_text("灯已修好，今晚会亮。").first).to_be_visible()
    press(phone, "a.button-primary", "解决了吗？")
    for question in ("solved", "contacted", "satisfaction"):
        tab_to(phone, f"[name={question}]")
        phone.keyboard.press("Space")
    press(phone, "form.form .button-primary", case.title)
    expect(phone.get_by_text("谢谢您，评价已经收到。")).to_be_visible()
    assert reloaded(case).state == State.CLOSED


def test_the_browsers_back_button_finds_what_was_typed(phone: Page, town: Town):
    phone.goto("/report")
    phone.locator("textarea").fill(steps.TEXT)
    phone.locator("input[type=file]").set_input_files(
        {"name": "lamp.jpg", "mimeType": "image/jpeg", "buffer": make_photo("orange").read()}
    )
    expect(phone.locator(".photo-picks img")).to_have_count(1)
    phone.get_by_role("button", name="下一步").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("在哪里？")
    phone.go_back()
    expect(phone.locator("textarea")).to_have_value(steps.TEXT)
    expect(phone.locator(".photos img")).to_have_count(1)


def test_sending_with_two_quick_presses_makes_one_case(phone: Page, town: Town):
    fill_on_the_phone(phone)
    phone.get_by_role("button", name="提交").dblclick()
    expect(phone.locator(".receipt-number")).to_be_visible()
    assert Case.objects.count() == 1


def test_a_point_pressed_on_the_map_is_the_place(phone: Page, town: Town):
    phone.goto("/report")
    phone.locator("textarea").fill("朝阳街道路面坏了")
    phone.get_by_role("button", name="下一步").click()
    drawn = phone.locator("[data-island='grid-picker'][data-map='idle']")
    expect(drawn).to_be_visible(timeout=20_000)
    phone.locator(".map canvas").click()
    expect(phone.locator(".map-says")).to_contain_text("网格")
    phone.get_by_role("button", name="下一步").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("怎么联系您？")
    phone.get_by_text("不用，我匿名").click()
    phone.get_by_role("button", name="下一步").click()
    expect(phone.get_by_text("按您在地图上选的点。")).to_be_visible()


def fill_on_the_phone(page: Page) -> None:
    page.goto("/report")
    page.locator("textarea").fill(steps.TEXT)
    page.get_by_role("button", name="下一步").click()
    page.locator("[name=words]").fill("林都花园3号楼前")
    page.get_by_role("button", name="下一步").click()
    page.get_by_text("不用，我匿名").click()
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("请核对一遍")


@pytest.mark.parametrize(("language", "elder"), [("zh-hans", ""), ("en", ""), ("zh-hans", "4"), ("en", "2")])
def test_no_page_reaches_over_the_edge_of_a_small_phone(
    phone: Page, town: Town, live_server, language: str, elder: str
):
    for name, value in (("wangge_language", language), ("wangge_elder", elder)):
        phone.context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
    case = make_case(town, State.CLOSED, at=recently(30))
    phone.goto("/follow")
    phone.locator("[name=number]").fill(case.number)
    phone.locator("[name=secret]").fill(case.lookup_secret.unseal())
    phone.locator("form.form .button-primary").click()
    expect(phone.locator(".timeline")).to_be_visible()
    for address in (
        "/", "/report", "/board", f"/g/{places.GRID}/", "/your-data", "/account", "/follow",
        f"/requests/{case.number}", f"/requests/{case.number}/reopen", f"/requests/{case.number}/rate",
        f"/requests/{case.number}/my-data", f"/requests/{case.number}/receipt",
    ):  # fmt: skip
        phone.goto(address)
        assert phone.evaluate(SIDEWAYS) == 0, address
