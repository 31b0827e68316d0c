"""The phone in the street: a real browser, 390 px wide, with and without a line.

`open_page` fails a test by itself when a page throws, breaks the security policy or asks another host.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

import makers
from doors.field.inbox import told
from makers import make_case, make_photo
from serving import Serving
from town import GRID, SECOND_GRID, Town, point_in, recently
from wangge.cases.models import Attachment, Case, CaseNote
from wangge.cases.states import State
from wangge.cases.words import Channel, NoteKind

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
OpenPage = Callable[..., Page]


@pytest.fixture
def at_once(transactional_db: None) -> None:
    """The server in the other thread sees what the test writes."""


def signed_in(page: Page, town: Town, name: str, url: str, language: str = "") -> Page:
    cookies = {"wangge_session": town.client(name).cookies["wangge_session"].value}
    if language:
        cookies["wangge_language"] = language
    page.context.add_cookies([{"name": key, "value": value, "url": url} for key, value in cookies.items()])
    return page


@pytest.fixture
def phone(at_once: None, town: Town, open_page: OpenPage, live_server: LiveServer) -> Page:
    """Zhou's phone, on the report page."""
    page = signed_in(open_page(live_server.url, viewport=PHONE), town, "zhou", live_server.url)
    page.goto("/field/report")
    awake(page)
    return page


def awake(page: Page) -> None:
    page.wait_for_selector("[data-island=drafts][data-awake=yes]", state="attached")


def upload(colour: str = "green") -> dict[str, Any]:
    return {"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": make_photo(colour).read()}


def write(page: Page, text: str, photo: dict[str, Any] | None = None) -> None:
    page.get_by_text("设施坏了或缺了").click()
    page.get_by_label("看到了什么").fill(text)
    if photo is not None:
        page.wait_for_selector("[data-island=photo-pick][data-awake=yes]")
        page.locator("input[type=file]").set_input_files([photo])
        expect(page.locator(".photo-picks img")).to_have_count(1)
    page.get_by_role("button", name="上报", exact=True).click()


def line(page: Page) -> Any:
    return expect(page.locator(".drafts-line"))


# --- reporting with a line --------------------------------------------------------------------------


def test_a_report_is_written_sent_and_shown_with_its_number(phone: Page):
    write(phone, "三号楼东侧井盖翘起来了。", upload())
    expect(phone.locator(".notice-good")).to_contain_text("已上报，编号")
    case = Case.objects.get()
    assert phone.url.endswith(f"/field/cases/{case.number}")
    assert Attachment.objects.filter(case=case).count() == 1
    expect(phone.locator(".photos img")).to_have_count(1)
    assert phone.locator(".photos img").evaluate("image => image.decode().then(() => image.naturalWidth > 0)")


def test_what_is_missing_is_said_by_the_page_and_nothing_typed_is_lost(phone: Page):
    phone.get_by_label("看到了什么").fill("路灯不亮。")
    phone.get_by_role("button", name="上报", exact=True).click()
    expect(phone.locator("#error-summary")).to_contain_text("请选择一项")
    expect(phone.get_by_label("看到了什么")).to_have_value("路灯不亮。")
    line(phone).to_be_hidden()
    write(phone, "路灯不亮。")
    expect(phone.locator(".notice-good")).to_contain_text("已上报")
    assert Case.objects.count() == 1


def test_the_place_is_a_point_chosen_on_the_map_of_the_own_grid(phone: Page):
    loaded = "performance.getEntriesByType('resource').filter(one => one.name.includes('map_ground')).length"
    assert phone.evaluate(loaded) == 0, "no map is fetched before it is asked for"
    phone.get_by_text("在地图上选点").click()
    phone.wait_for_selector("[data-island=grid-picker][data-map=idle]", timeout=30_000)
    phone.locator("[data-island=grid-picker] canvas").click()
    expect(phone.locator(".map-says")).to_have_text("已选：第一网格")
    write(phone, "路面塌了一块。")
    expect(phone.locator(".notice-good")).to_contain_text("已上报")
    case = Case.objects.get()
    assert (case.grid, case.lon is not None) == (GRID, True)


# --- reporting without one --------------------------------------------------------------------------


def test_a_report_written_without_a_line_waits_with_its_photo_and_is_one_case(phone: Page):
    phone.context.set_offline(True)
    line(phone).to_contain_text("没有网络")
    write(phone, "六号楼后面积水。", upload("red"))
    line(phone).to_contain_text("本机有 1 条待联网发送")
    line(phone).to_be_in_viewport()
    expect(phone.get_by_label("看到了什么")).to_have_value("")
    expect(phone.locator(".photo-picks img")).to_have_count(0)
    write(phone, "六号楼路灯不亮。")
    line(phone).to_contain_text("本机有 2 条待联网发送")
    assert not Case.objects.exists()

    phone.context.set_offline(False)
    line(phone).to_contain_text("已发送 2 条")
    first, second = Case.objects.order_by("pk")
    assert (first.text, second.text) == ("六号楼后面积水。", "六号楼路灯不亮。")
    assert Attachment.objects.filter(case=first).count() == 1
    assert Attachment.objects.filter(case=second).count() == 0
    phone.reload()
    awake(phone)
    line(phone).to_be_hidden()
    assert Case.objects.count() == 2
    assert phone.evaluate("localStorage.getItem('wangge-drafts')") is None


def test_a_form_that_had_come_back_is_empty_for_the_next_report(phone: Page):
    write(phone, "", upload("red"))
    expect(phone.locator("#error-summary")).to_be_visible()
    expect(phone.locator("form.form")).to_contain_text("已存 1 张照片")
    phone.context.set_offline(True)
    write(phone, "第一件事，有照片。")
    line(phone).to_contain_text("本机有 1 条")
    expect(phone.locator("#error-summary")).to_have_count(0)
    expect(phone.locator("form.form")).not_to_contain_text("已存")
    write(phone, "第二件事，没有照片。")
    line(phone).to_contain_text("本机有 2 条")
    phone.context.set_offline(False)
    line(phone).to_contain_text("已发送 2 条")
    assert dict(Case.objects.values_list("text", "attachments__file__size").order_by("pk")) == {
        "第一件事，有照片。": Attachment.objects.get().file.size,
        "第二件事，没有照片。": None,
    }
    phone.goto("/field/")
    expect(phone.locator("#messages")).to_be_empty()


def test_an_answer_lost_on_the_way_makes_no_second_case(
    at_once: None, town: Town, open_page: OpenPage, live_server: LiveServer
):
    page = open_page(live_server.url, viewport=PHONE, service_workers="block")
    signed_in(page, town, "zhou", live_server.url).goto("/field/report")
    awake(page)
    lost: list[int] = []

    def lose_the_first(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    page.route("**/field/report", lose_the_first)
    write(page, "垃圾桶满了三天。", upload())
    line(page).to_contain_text("本机有 1 条待联网发送")
    assert lost == [204]
    assert Case.objects.count() == 1, "it had arrived, but the phone does not know"
    page.reload()
    line(page).to_contain_text("已发送 1 条")
    assert Case.objects.count() == 1
    assert Attachment.objects.count() == 1


def test_a_session_that_ended_loses_nothing(phone: Page, town: Town, live_server: LiveServer):
    phone.context.clear_cookies()
    write(phone, "井盖响，晚上吵人。", upload())
    phone.wait_for_url("**/login?next=*")
    assert not Case.objects.exists()
    signed_in(phone, town, "zhou", live_server.url).goto("/field/")
    line(phone).to_contain_text("已发送 1 条")
    assert Case.objects.get().text == "井盖响，晚上吵人。"
    phone.get_by_role("link", name="查看").click()
    expect(phone.locator("h1")).to_contain_text("井盖响")


def test_a_colleague_on_the_same_phone_never_sends_it(phone: Page, town: Town, live_server: LiveServer):
    phone.context.set_offline(True)
    write(phone, "电线垂下来了。")
    line(phone).to_contain_text("本机有 1 条")
    phone.context.set_offline(False)
    line(phone).to_contain_text("已发送")
    phone.context.set_offline(True)
    write(phone, "电线还垂着。")
    line(phone).to_contain_text("本机有 1 条")
    phone.context.clear_cookies()
    signed_in(phone, town, "ma", live_server.url)
    phone.context.set_offline(False)
    phone.goto("/field/")
    awake(phone)
    line(phone).to_be_hidden()
    assert Case.objects.count() == 1


def kept_by_the_phone(page: Page) -> list[str]:
    return page.evaluate(
        """async () => {
            const found = [];
            for (const name of await caches.keys()) {
                const kept = await caches.open(name);
                for (const request of await kept.keys()) found.push(new URL(request.url).pathname);
            }
            return found;
        }"""
    )


def controlled(page: Page) -> None:
    """Until the service worker has kept what it is to keep and stands before the page."""
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    assert page.evaluate("navigator.serviceWorker.controller !== null")


def test_the_phone_opens_a_report_page_where_there_is_no_connection_at_all(
    serving: Serving, town: Town, open_page: OpenPage
):
    case = make_case(town, State.VERIFYING, at=recently())
    serving.start_web()
    page = signed_in(open_page(serving.url, viewport=PHONE), town, "zhou", serving.url)
    for address in ("/field/", f"/field/cases/{case.number}", "/field/notices"):
        page.goto(address)
    controlled(page)
    kept = kept_by_the_phone(page)
    assert set(kept) - {"/field/language"} == {
        address for address in kept if address.startswith(("/field/offline/", "/static/wangge/"))
    }, "nobody's page is ever kept"
    assert {"/field/offline/zh-hans", "/field/offline/en"} <= set(kept)

    serving.kill("serve")
    page.goto("/field/report")
    expect(page.locator("h1")).to_have_text("没有网络")
    awake(page)
    write(page, "桥下台阶松了。", upload("blue"))
    line(page).to_contain_text("本机有 1 条")
    page.goto("/field/cases/" + case.number)
    expect(page.locator("h1")).to_have_text("没有网络")
    assert case.text not in page.content()
    awake(page)
    write(page, "桥上护栏也松了。")
    line(page).to_contain_text("本机有 2 条")

    serving.start_web()
    page.get_by_role("link", name="重新连接").click()
    line(page).to_contain_text("已发送 2 条")
    texts = set(Case.objects.exclude(pk=case.pk).values_list("text", flat=True))
    assert texts == {"桥下台阶松了。", "桥上护栏也松了。"}
    assert Attachment.objects.exclude(case=case).count() == 1


def test_without_a_connection_it_speaks_the_language_that_was_chosen(
    serving: Serving, town: Town, open_page: OpenPage
):
    serving.start_web()
    page = signed_in(open_page(serving.url, viewport=PHONE), town, "zhou", serving.url, "en")
    page.goto("/field/")
    controlled(page)
    page.goto("/field/notices")
    serving.kill("serve")
    page.goto("/field/")
    expect(page.locator("h1")).to_have_text("No connection")


# --- checking ---------------------------------------------------------------------------------------


def to_check(town: Town) -> Case:
    return make_case(town, State.VERIFYING, at=recently(), point=point_in(GRID))


def test_a_check_on_site_with_a_photo(
    at_once: None, town: Town, open_page: OpenPage, live_server: LiveServer
):
    case = to_check(town)
    told(town, "zhou", case.number)
    page = signed_in(open_page(live_server.url, viewport=PHONE), town, "zhou", live_server.url)
    page.goto("/field/")
    page.get_by_role("link", name="1 条未读消息").click()
    page.get_by_role("button", name="打开工单").click()
    expect(page.locator("#case-body")).to_contain_text("已更换灯泡和线路")
    expect(page.locator("#contact")).to_contain_text("100****1001")
    page.wait_for_selector("[data-island=case-map][data-map=idle]", timeout=30_000)

    page.get_by_label("现场看到了什么").fill("灯都亮了。")
    page.get_by_role("button", name="提交核查结果").click()
    expect(page.locator("#error-summary")).to_contain_text("请选择一项")
    expect(page.get_by_label("现场看到了什么")).to_have_value("灯都亮了。")

    page.get_by_text("办好了", exact=True).click()
    page.wait_for_selector("#check [data-island=photo-pick][data-awake=yes]")
    page.locator("#check input[type=file]").set_input_files([upload("gold")])
    expect(page.locator(".photo-picks img")).to_have_count(1)
    page.get_by_role("button", name="提交核查结果").click()
    page.wait_for_url("**/field/checks")
    expect(page.locator(".notice-good")).to_contain_text("接下来回访诉求人")
    assert makers.reloaded(case).state == State.CALLBACK_DUE
    assert CaseNote.objects.get(case=case, kind=NoteKind.CHECK).photos.count() == 1


def test_a_line_lost_in_the_middle_of_a_check_keeps_what_was_typed(
    at_once: None, town: Town, open_page: OpenPage, live_server: LiveServer
):
    case = to_check(town)
    page = signed_in(open_page(live_server.url, viewport=PHONE), town, "zhou", live_server.url)
    page.goto(f"/field/cases/{case.number}")
    page.get_by_text("没办好，或只办了一部分").click()
    page.get_by_label("现场看到了什么").fill("还有一盏不亮。")
    page.context.set_offline(True)
    page.get_by_role("button", name="提交核查结果").click()
    expect(page.locator(".toast")).to_contain_text("网络连接失败")
    expect(page.get_by_label("现场看到了什么")).to_have_value("还有一盏不亮。")
    page.context.set_offline(False)
    page.get_by_role("button", name="提交核查结果").click()
    page.wait_for_url("**/field/checks")
    assert makers.reloaded(case).state == State.IN_PROGRESS


def test_a_colleague_was_quicker_and_the_page_says_so_in_place(
    at_once: None, town: Town, open_page: OpenPage, live_server: LiveServer
):
    case = to_check(town)
    page = signed_in(open_page(live_server.url, viewport=PHONE), town, "zhou", live_server.url)
    page.goto(f"/field/cases/{case.number}")
    Case.objects.filter(pk=case.pk).update(version=case.version + 1)
    page.get_by_text("办好了", exact=True).click()
    page.get_by_label("现场看到了什么").fill("灯都亮了。")
    page.get_by_role("button", name="提交核查结果").click()
    expect(page.locator("#case-body > .notice-bad")).to_be_visible()
    expect(page.get_by_label("现场看到了什么")).to_have_value("灯都亮了。")
    page.get_by_role("button", name="提交核查结果").click()
    page.wait_for_url("**/field/checks")


def test_the_contact_is_asked_for_twice_and_shown_once(
    at_once: None, town: Town, open_page: OpenPage, live_server: LiveServer
):
    case = to_check(town)
    page = signed_in(open_page(live_server.url, viewport=PHONE), town, "zhou", live_server.url)
    page.goto(f"/field/cases/{case.number}")
    page.get_by_role("button", name="查看姓名和电话").click()
    page.get_by_role("dialog").get_by_role("button", name="查看姓名和电话").click()
    expect(page.locator("main")).to_contain_text("10000001001")
    page.get_by_role("link", name="返回工单").click()
    expect(page.locator("#contact")).not_to_contain_text("10000001001")


# --- the size of a hand -----------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_fits_a_small_phone_and_a_thumb(
    at_once: None, town: Town, open_page: OpenPage, live_server: LiveServer, language: str
):
    at = recently()
    checking = to_check(town)
    own_unit = make_case(town, State.VERIFYING, at=at, matter="noise")
    patrol = {"at": at, "by": town.zhou.holder, "channel": Channel.GRID_PATROL, "contact": None}
    reported = make_case(town, State.CLOSED, text="二号楼的井盖裂了一道缝，" * 20, **patrol)
    make_case(town, State.REGISTERED, text="x" * 200, **patrol)
    make_case(town, State.VERIFYING, at=at, area_code=SECOND_GRID)
    for count in range(3):
        told(town, "zhou", checking.number, key=str(count))
    page = open_page(live_server.url, viewport={"width": 360, "height": 740})
    signed_in(page, town, "zhou", live_server.url, language)
    addresses = [f"/field/cases/{case.number}" for case in (checking, own_unit, reported)]
    for address in (
        "/field/", "/field/report", "/field/reports", "/field/checks", "/field/notices",
        f"/field/offline/{language}", *addresses,
    ):  # fmt: skip
        page.goto(address)
        for details in page.locator("main details").all():
            details.evaluate("element => element.open = true")
        assert page.evaluate(SIDEWAYS) == 0, address
        assert too_small(page) == [], address


def too_small(page: Page) -> list[str]:
    """What is to be pressed and less than 44 CSS pixels high."""
    pressed = "main :is(button, .button, .choice, summary, input:not([type=hidden]), textarea), .thumb-bar a"
    script = """elements => elements
        .filter(e => e.offsetParent && !e.closest('.choice') || e.matches('.choice'))
        .filter(e => e.offsetParent && e.getBoundingClientRect().height < 43.5)
        .map(e => `${e.tagName} ${e.textContent.trim()}: ${e.getBoundingClientRect().height}`)"""
    return list(page.locator(pressed).evaluate_all(script))


def test_the_report_page_works_without_script(
    at_once: None, town: Town, open_page: OpenPage, live_server: LiveServer
):
    page = open_page(live_server.url, viewport=PHONE, java_script_enabled=False)
    signed_in(page, town, "zhou", live_server.url).goto("/field/report")
    page.get_by_text("设施坏了或缺了").click()
    page.get_by_label("看到了什么").fill("井盖没了。")
    page.get_by_role("button", name="上报", exact=True).click()
    expect(page.locator(".notice-good")).to_contain_text("已上报")
    assert Case.objects.count() == 1
