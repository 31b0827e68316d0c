"""The frame and the islands in a real browser, under the real content security policy.

`open_page` fails a test by itself when the page throws, breaks the policy or asks another host.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from doors.shell import pages as tried
from makers import make_photo
from town import Town

pytestmark = pytest.mark.browser

SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(autouse=True)
def nothing_arrived(our_pages: None, transactional_db: None) -> Iterator[None]:
    tried.arrived.clear()
    yield
    tried.arrived.clear()


def signed_in(page: Page, town: Town, name: str, base_url: str) -> Page:
    cookie = town.client(name).cookies["wangge_session"]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": base_url}])
    return page


def too_small(page: Page, selector: str, height: int) -> list[str]:
    """What is shown of `selector` and less than `height` CSS pixels high."""
    script = """(elements, height) => elements
        .filter(e => e.offsetParent && e.getBoundingClientRect().height < height - 0.5)
        .map(e => `${e.className} ${e.textContent.trim()}: ${e.getBoundingClientRect().height}`)"""
    return list(page.locator(selector).evaluate_all(script, height))


# --- the design system ------------------------------------------------------------------------------


@pytest.mark.parametrize("look", ["desk", "resident", "field"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_part_reaches_over_the_edge_of_a_small_phone(
    open_page: Callable[..., Page], live_server, look: str, language: str
):
    page = open_page(live_server.url, viewport={"width": 360, "height": 740})
    page.context.add_cookies([{"name": "wangge_language", "value": language, "url": live_server.url}])
    page.goto(f"/style-guide?look={look}")
    assert page.evaluate(SIDEWAYS) == 0


@pytest.mark.parametrize(("size", "pixels"), [(1, 24), (2, 28), (4, 40)])
def test_elder_mode_is_as_large_as_the_guide_asks_and_fits_a_phone(
    open_page: Callable[..., Page], live_server, size: int, pixels: int
):
    page = open_page(live_server.url, viewport={"width": 360, "height": 740})
    page.context.add_cookies([{"name": "wangge_elder", "value": str(size), "url": live_server.url}])
    page.goto("/style-guide?look=resident")
    style = "e => [parseFloat(getComputedStyle(e).fontSize), parseFloat(getComputedStyle(e).lineHeight)]"
    font, line = page.locator(".panel-body p").nth(1).evaluate(style)
    assert font == pixels
    assert line / font >= 1.3
    assert too_small(page, "main .button:not(.button-small), .choice, .door", 60) == []
    assert page.evaluate(SIDEWAYS) == 0


def test_what_residents_press_is_large_enough_for_a_thumb(open_page: Callable[..., Page], live_server):
    page = open_page(live_server.url, viewport={"width": 360, "height": 740})
    page.goto("/style-guide?look=resident")
    pressed = "button, .button, .choice, .door, .chip, .tabs a, summary, select, .foot a"
    assert too_small(page, pressed, 44) == []


def test_without_script_the_page_reads_and_its_forms_work(open_page: Callable[..., Page], live_server):
    page = open_page(live_server.url, java_script_enabled=False)
    page.goto("/style-guide?look=resident")
    expect(page.locator("h1")).to_have_text("样式手册")
    expect(page.locator("[data-island=grid-picker]")).to_be_hidden()
    page.get_by_role("button", name="长辈版大字").click()
    expect(page.locator("html")).to_have_attribute("data-elder", "1")
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_have_text("Style guide")


# --- keys, dialogs, forms ---------------------------------------------------------------------------


def test_keys_find_search_and_list_themselves(page: Page):
    page.goto("/tried")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("?/g q")
    expect(page.locator("#q")).to_have_value("?/g q")
    page.locator("h1").click()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Find a case")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.keyboard.press("g")
    page.keyboard.press("q")
    page.wait_for_url("**/public")


def test_keys_can_be_turned_off(page: Page):
    page.goto("/tried")
    page.keyboard.press("?")
    page.get_by_role("button", name="停用快捷键").click()
    page.keyboard.press("/")
    expect(page.locator("#q")).not_to_be_focused()


def test_an_act_that_cannot_be_taken_back_asks_first(page: Page):
    page.goto("/tried")
    page.locator("#withdraw").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Really?")
    dialog.get_by_role("button", name="返回").click()
    expect(dialog).to_have_count(0)
    assert tried.arrived == []
    page.locator("#withdraw").click()
    with page.expect_navigation():
        page.get_by_role("dialog").get_by_role("button", name="Withdraw").click()
    assert len(tried.arrived) == 1


def test_pressing_twice_sends_once(page: Page):
    page.goto("/tried")
    with page.expect_navigation():
        page.locator("#twice").dblclick()
    page.wait_for_load_state("networkidle")
    assert len(tried.arrived) == 1


# --- htmx -------------------------------------------------------------------------------------------


def test_a_closed_door_is_told_in_the_messages_and_the_list_stays(page: Page, town: Town, live_server):
    signed_in(page, town, "wu", live_server.url).goto("/tried")
    page.locator("#closed").click()
    expect(page.locator("#messages")).to_contain_text("您当前的岗位不能打开这一页")
    expect(page.locator("#list")).to_be_empty()


def test_a_session_that_ended_leads_to_sign_in_not_into_a_corner(page: Page):
    page.goto("/tried")
    page.locator("#closed").click()
    page.wait_for_url(re.compile(r"/login\?next=%2Ftried"))


def test_a_lost_line_is_told(page: Page, town: Town, live_server):
    signed_in(page, town, "chen", live_server.url).goto("/tried")
    page.context.set_offline(True)
    page.locator("#closed").click()
    expect(page.locator(".toast")).to_contain_text("网络连接失败")


def test_code_in_attributes_is_refused_before_the_policy_has_to(page: Page):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/tried")
    page.locator("#sly").click()
    page.locator("#closed").click()  # an honest one, sent after it
    page.wait_for_url("**/login?next=*")
    assert not [address for address in asked if address.endswith("/public")]


# --- islands ----------------------------------------------------------------------------------------


def picker(page: Page) -> None:
    page.goto("/style-guide?look=resident")
    page.wait_for_selector("[data-island=grid-picker][data-map=idle]", timeout=30_000)


def test_a_place_is_chosen_on_the_map_by_pressing(page: Page):
    picker(page)
    page.locator("[data-island=grid-picker] canvas").click()
    expect(page.locator("#sg-grid")).to_have_value("230717001001005")
    assert float(page.locator("#sg-lon").input_value()) == pytest.approx(128.915, abs=0.002)
    assert float(page.locator("#sg-lat").input_value()) == pytest.approx(47.732, abs=0.002)
    expect(page.locator("[data-island=grid-picker] .map-says")).to_have_text("已选：第 5 网格")


def test_a_place_is_chosen_with_the_keyboard_alone(page: Page):
    picker(page)
    page.locator("[data-island=grid-picker] canvas").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#sg-grid")).to_have_value("230717001001005")


def test_the_position_of_the_phone_is_taken_only_when_asked(open_page: Callable[..., Page], live_server):
    page = open_page(
        live_server.url,
        geolocation={"longitude": 128.905, "latitude": 47.724},
        permissions=["geolocation"],
    )
    picker(page)
    expect(page.locator("#sg-lon")).to_have_value("")
    page.get_by_role("button", name="使用我现在的位置").click()
    expect(page.locator("#sg-grid")).to_have_value("230717001001001")


def test_a_photo_is_shown_small_and_travels_without_its_data(page: Page):
    page.goto("/style-guide?look=field")
    page.wait_for_selector("[data-island=photo-pick][data-awake=yes]")
    large = make_photo(size=(3000, 1500))
    page.locator("#sg-photo").set_input_files(
        [{"name": "IMG_1.png", "mimeType": "image/png", "buffer": large.read()}]
    )
    expect(page.locator(".photo-picks img")).to_have_count(1)
    taken = page.locator("#sg-photo").evaluate(
        "async input => { const bitmap = await createImageBitmap(input.files[0]);"
        " return [input.files[0].name, input.files[0].type, bitmap.width, bitmap.height]; }"
    )
    assert taken == ["IMG_1.jpg", "image/jpeg", 1600, 800]
    page.get_by_role("button", name="移除").click()
    assert page.locator("#sg-photo").evaluate("input => input.files.length") == 0


def test_the_number_of_a_receipt_is_copied(open_page: Callable[..., Page], live_server):
    page = open_page(live_server.url, permissions=["clipboard-read", "clipboard-write"])
    page.goto("/style-guide?look=resident")
    page.get_by_role("button", name="复制").click()
    expect(page.locator(".toast")).to_contain_text("230717-20260306-00017")
    assert page.evaluate("navigator.clipboard.readText()") == "230717-20260306-00017"


# --- drafts -----------------------------------------------------------------------------------------


def write(page: Page, text: str) -> None:
    page.locator("#text").fill(text)
    page.locator("#report button").click()


def test_a_report_written_without_a_line_waits_and_is_sent_once(page: Page):
    page.goto("/tried")
    page.wait_for_selector("[data-island=drafts][data-awake=yes]")
    page.context.set_offline(True)
    write(page, "井盖没了")
    expect(page.locator(".drafts-line")).to_contain_text("本机有 1 条待联网发送")
    expect(page.locator("#text")).to_have_value("")
    write(page, "路灯也坏了")
    expect(page.locator(".drafts-line")).to_contain_text("本机有 2 条待联网发送")
    assert tried.arrived == []
    page.context.set_offline(False)
    expect(page.locator(".drafts-line")).to_contain_text("已发送 2 条")
    assert [report["text"] for report in tried.arrived] == ["井盖没了", "路灯也坏了"]
    keys = [report["client_key"] for report in tried.arrived]
    assert keys[0] == "key-1"
    assert keys[1] not in {"key-1", ""}, "another report, another key"
    page.reload()
    assert len(tried.arrived) == 2
    assert page.evaluate("localStorage.getItem('wangge-drafts')") is None


def test_a_refused_draft_comes_back_to_be_mended(page: Page):
    page.goto("/tried")
    page.wait_for_selector("[data-island=drafts][data-awake=yes]")
    page.context.set_offline(True)
    write(page, "")
    expect(page.locator(".drafts-line")).to_contain_text("1 条")
    page.context.set_offline(False)
    expect(page.locator(".drafts-line")).to_contain_text("没有被接收")
    page.get_by_role("button", name="打开").click()
    write(page, "补上了")
    page.wait_for_url("**/public")
    assert [report["client_key"] for report in tried.arrived] == ["key-1", "key-1"]


def test_nobody_sends_the_drafts_of_another_person(page: Page):
    page.goto("/tried")
    others = '[{"key":"k","owner":"8","action":"/reports","fields":[["text","x"]],"savedAt":"2026-03-06"}]'
    page.evaluate("drafts => localStorage.setItem('wangge-drafts', drafts)", others)
    page.reload()
    page.wait_for_selector("[data-island=drafts][data-awake=yes]")
    page.wait_for_timeout(200)
    assert tried.arrived == []


# --- idle staff -------------------------------------------------------------------------------------


def test_staff_are_warned_before_they_are_signed_out_and_may_stay(page: Page, town: Town, live_server):
    page.clock.install()
    signed_in(page, town, "chen", live_server.url).goto("/tried")
    page.wait_for_selector("[data-island=idle][data-awake=yes]", state="attached")
    page.clock.fast_forward("13:20")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("大约两分钟后将自动退出登录")
    with page.expect_response("**/stay") as stayed:
        dialog.get_by_role("button", name="继续使用").click()
    assert stayed.value.status == 204
    page.clock.fast_forward("12:00")
    expect(dialog).to_have_count(0)


def test_who_does_not_answer_is_led_to_sign_in(page: Page, town: Town, live_server):
    page.clock.install()
    signed_in(page, town, "chen", live_server.url).goto("/tried")
    page.wait_for_selector("[data-island=idle][data-awake=yes]", state="attached")
    Session.objects.all().delete()  # the server's own quarter of an hour
    page.clock.fast_forward("15:40")
    page.wait_for_url(re.compile(r"/login\?next=%2Ftried"))


def test_residents_are_not_watched(page: Page, town: Town, live_server):
    signed_in(page, town, "lin", live_server.url).goto("/tried")
    expect(page.locator("[data-island=idle]")).to_have_count(0)
