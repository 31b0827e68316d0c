"""A resident on a phone: the dark lamp reported, not solved, done again, solved, dark again, and closed.

The story is told through the pages, by everybody's own browser, with web and worker as real processes; no
page that Lin or the grid worker sees on the way reaches over the edge of the phone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import town as places
from makers import make_photo
from town import Town
from walks.conftest import PHONE
from walks.people import Clerk, Value, assert_fits, assert_no_phone, fill
from wangge.cases.models import Case
from wangge.foundation.journal.queries import lines_of
from wangge.foundation.privacy.models import Look

pytestmark = pytest.mark.browser

TEXT = "楼前的路灯三天没亮了，晚上老人下楼看不清路。"
NAME, NUMBER = "林秀英", "10000001001"


def test_a_lamp_is_reported_followed_and_rated_on_a_phone(
    street: Town, clerk: Callable[..., Clerk], phone: Callable[[], Page], tmp_path: Path
):
    # What, with a photo: nothing said is refused, and the photo need not be chosen again.
    lamp = tmp_path / "lamp.jpg"
    lamp.write_bytes(make_photo("midnightblue", (1200, 900)).read())
    lin = Resident(phone())
    lin.page.goto("/")
    lin.stands_at(None)
    lin.page.locator("a.door-primary").click()
    lin.stands_at("请说说是什么事")
    lin.fill(kind="help", photos=lamp)
    lin.go_on()
    lin.is_told("请用一句话说明是什么事。")
    expect(lin.page.locator(".photos img")).to_have_count(1)
    lin.fill(text=TEXT)
    lin.go_on()

    # Where: the road runs through two grids, so the page asks which.
    lin.stands_at("在哪里？")
    lin.fill(words="新兴路")
    lin.page.locator("[name=words]").press("Tab")
    lin.page.get_by_role("radio", name=re.compile("第一网格")).check()
    assert_fits(lin.page)
    lin.go_on()

    # Who: a number nobody can read is refused. Then a last look at everything, and off it goes.
    lin.stands_at("怎么联系您？")
    lin.fill(mode="named", name=NAME, phone="很多很多")
    lin.go_on()
    lin.is_told("这个电话号码看不懂")
    lin.fill(phone=NUMBER)
    lin.go_on()
    lin.stands_at("请核对一遍")
    expect(lin.page.get_by_text(TEXT)).to_be_visible()
    expect(lin.page.locator(".photos img")).to_have_count(1)
    lin.go_on()
    lin.stands_at("已经收到您的诉求")
    number = lin.page.locator(".receipt-number").inner_text()
    secret = lin.page.locator(".receipt-secret").inner_text()
    case = Case.objects.get()
    assert (case.number, case.grid, case.channel) == (number, places.GRID, "app")

    # Somebody else's phone shows nothing of it, and a guessed secret opens nothing.
    other = Resident(phone())
    other.page.goto(f"/requests/{number}")
    other.stands_at("我的事办到哪一步了？")
    other.fill(number=number, secret="AAAAAA")
    other.go_on()
    other.stands_at("我的事办到哪一步了？")
    expect(other.page.get_by_text(TEXT)).to_have_count(0)

    # The desk takes it up with its photo. The bureau signs, looks whom to call, works and answers.
    chen, wu, fang = clerk("chen"), clerk("wu"), clerk("fang")
    chen.case(number)
    expect(chen.page.locator(f"img[src*='/desk/cases/{number}/photos/']").first).to_be_attached()
    chen.do("start_screening")
    chen.do("classify", matter="ROAD-05")
    chen.do("dispatch")
    wu.case(number)
    wu.do("sign")
    wu.look_at_contact("contact")
    expect(wu.page.get_by_text(NUMBER)).to_be_visible()
    wu.case(number)
    wu.do("handle", text="已电话联系，傍晚去换灯泡。", contacted=True)
    wu.do("feed_back", text="灯泡已更换。")
    chen.case(number)
    chen.do("pass")

    # Lin says that it is not solved, once; Fang judges that the bureau can do it, and it goes back there.
    lin.opens(number)
    lin.rates(contacted="yes", solved="not_solved", satisfaction="dissatisfied", comment="今晚还是不亮。")
    lin.is_told("能办的会重新办理")
    expect(lin.page.locator("a[href$='/rate']")).to_have_count(0)
    lin.page.goto(f"/requests/{number}/rate")
    lin.stands_at("现在不能这样操作")
    wu.case(number)
    assert not wu.may("call_back"), "a unit does not judge its own work"
    fang.case(number)
    expect(fang.page.get_by_text("诉求人已在手机上作答")).to_be_visible()
    fang.do("call_back", within_duty="yes")

    # This time the desk has it looked at. Zhou stands before the lamp with a phone, sees who handled it but
    # not who asked, and writes down what is there.
    wu.case(number)
    wu.do("feed_back", text="线路接头已重做，灯已亮。")
    chen.case(number)
    chen.do("verify", ask="晚上看看灯亮不亮。")
    zhou = clerk("zhou", **PHONE).page
    zhou.goto("/field/checks")
    zhou.locator(".card-title a").click()
    expect(zhou.get_by_text("晚上看看灯亮不亮。")).to_be_visible()
    assert_no_phone(zhou)
    assert_fits(zhou)
    fill(zhou.locator("#check"), found="done", finding="灯亮着，楼前看得清。", photos=lamp)
    zhou.locator("#check .button-primary").click()
    expect(zhou.get_by_text("已记录，接下来回访诉求人。")).to_be_visible()
    assert_fits(zhou)

    # Solved: Lin's own word closes it.
    lin.opens(number)
    lin.rates(contacted="yes", solved="solved", satisfaction="satisfied", comment="")
    case.refresh_from_db()
    assert (case.state, case.outcome, case.redos) == ("closed", "solved", 1)

    # The lamp is dark again, and another phone will do with number and secret. 还没解决 opens the case
    # again, with a sentence on what is wrong, and it goes the whole way once more.
    lin = Resident(phone())
    lin.page.goto("/follow")
    lin.fill(number=number, secret=secret.lower())
    lin.go_on()
    lin.stands_at(None)
    lin.page.get_by_role("link", name="还没解决").click()
    lin.stands_at("还没解决")
    lin.go_on()
    lin.is_told("请用一句话说说哪里还没解决。")
    lin.fill(words="只亮了一晚，又不亮了。")
    lin.go_on()
    lin.is_told("已经为您重新办理。")
    chen.case(number)
    expect(chen.page.get_by_text("只亮了一晚，又不亮了。")).to_be_visible()
    chen.do("classify", matter="ROAD-05")
    chen.do("dispatch")
    wu.case(number)
    wu.do("sign")
    wu.do("feed_back", text="整根电缆已更换。")
    chen.case(number)
    chen.do("pass")
    lin.opens(number)
    lin.rates(contacted="yes", solved="solved", satisfaction="very_satisfied", comment="这回真亮了。")
    case.refresh_from_db()
    assert (case.state, case.outcome, case.reopenings) == ("closed", "solved", 1)

    # Once is once: the button is gone, and its address says where to turn.
    expect(lin.page.get_by_role("link", name="还没解决")).to_have_count(0)
    lin.page.goto(f"/requests/{number}/reopen")
    lin.is_told("这件事已经重新办理过一次")

    # Who looked: the bureau's handler, to handle it, and nobody else.
    lin.opens(number)
    lin.page.get_by_role("link", name="谁看过我的信息").click()
    lin.stands_at("谁看过我的信息")
    looks = lin.page.locator("section[aria-labelledby=looks] tbody tr")
    expect(looks).to_have_count(1)
    expect(looks).to_contain_text("伊美区城市管理综合执法局")
    expect(looks).to_contain_text("为办理诉求联系诉求人")
    assert_no_phone(lin.page)
    assert Look.objects.count() == 1

    acts = [line.act.removeprefix("case.") for line in lines_of(case.subject)]
    assert acts == [
        "registered", "screening_started", "classified", "dispatched", "signed", "identity.revealed",
        "handled", "fed_back", "passed", "rated", "called_back", "fed_back", "verification_asked", "passed",
        "rated", "reopened", "classified", "dispatched", "signed", "fed_back", "passed", "rated",
    ]  # fmt: skip


class Resident:
    """Somebody with a phone; every page they come to fits it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def stands_at(self, heading: str | None) -> None:
        shown = self.page.get_by_role("heading", level=1)
        if heading is None:
            expect(shown).to_be_visible()
        else:
            expect(shown).to_have_text(heading)
        assert_fits(self.page)

    def fill(self, **filled: Value) -> None:
        fill(self.page.locator("form.form"), **filled)

    def go_on(self) -> None:
        with self.page.expect_navigation():
            self.page.locator("form.form .button-primary").click()

    def is_told(self, words: str) -> None:
        expect(self.page.get_by_text(words).first).to_be_visible()
        assert_fits(self.page)

    def opens(self, number: str) -> None:
        self.page.goto(f"/requests/{number}")
        self.stands_at(None)

    def rates(self, **filled: Value) -> None:
        self.page.locator("a.button-primary[href$='/rate']").click()
        self.stands_at("解决了吗？")
        self.fill(**filled)
        self.go_on()
        self.is_told("谢谢您，评价已经收到。")
