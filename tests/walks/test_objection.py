"""Walk C, the objection: a bureau says that the lamp is not in its area, and the dispatch stands.

The story is told through the pages, by everybody's own browser, with web and worker as real processes.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

import town as places
from town import Town
from walks.people import Clerk, fill, unfold, until
from wangge.cases.limits import configuration
from wangge.cases.models import Case, Leg, Objection
from wangge.cases.queries import clocks_of
from wangge.foundation.journal.queries import lines_of
from wangge.foundation.worktime.calendars import current_calendar
from wangge.foundation.worktime.counting import deadline

pytestmark = pytest.mark.browser

TEXT = "林都花园3号楼前的路灯三天没亮了，晚上老人下楼看不清路。"
EVIDENCE = "该路段在移交图第3幅的红线以外，由公路部门养护。"
RULING = f"案发地在网格{places.GRID}内，移交图第3幅所示红线在其北侧，维持派单。"
AGAIN = "红线以地籍图为准，仍请改派。"


def test_a_unit_objects_once_and_the_dispatch_stands(
    street: Town, clerk: Callable[..., Clerk], phone: Callable[[], Page]
):
    """Domain notes §13 C."""

    # Lin comes to the counter; Chen registers the dark lamp, and the catalogue names the bureau.
    chen = clerk("chen")
    chen.register(
        places.GRID, channel="walk_in", text=TEXT, request_type="help", place="林都花园3号楼前",
        name="林秀英", phone="10000001001",
    )  # fmt: skip
    number = chen.page.locator(".receipt-number").inner_text()
    secret = chen.page.locator(".receipt-secret").inner_text()
    chen.case(number)
    chen.do("start_screening")
    chen.do("classify", matter="ROAD-05")
    chen.do("dispatch")

    # A company that has nothing to do with it does not find the case.
    feng = clerk("feng")
    answer = feng.page.goto(f"/desk/cases/{number}")
    assert answer is not None
    assert answer.status == 404

    # Wu has the case open in two tabs. An objection without evidence is refused; with a line on the map it
    # goes to the centre, and the page says that the clock keeps running.
    wu = clerk("wu")
    wu.case(number)
    assert not wu.may("uphold")
    promised = deadlines(wu.page)
    assert promised
    other_tab = wu.page.context.new_page()
    other_tab.goto(f"/desk/cases/{number}")
    wu.is_refused("object", "请写明异议依据的条款或者地图证据。", ground="not_our_area")
    assert not Objection.objects.exists()
    wu.do("object", ground="not_our_area", explanation=EVIDENCE)
    expect(wu.page.get_by_text("异议已交指挥中心审核，审核期间照常计时。")).to_be_visible()
    assert deadlines(wu.page) == promised
    for act in ("sign", "object", "handle", "feed_back"):
        assert not wu.may(act), act

    # Lin, following it, reads that it is being looked into and that the date stays; not what Wu wrote.
    lin = phone()
    lin.goto("/follow")
    fill(lin.locator("form.form"), number=number, secret=secret)
    lin.locator("form.form .button-primary").click()
    expect(lin.get_by_text("正在核实由哪个单位办理。")).to_be_visible()
    expect(lin.get_by_text("答复您的时间不变")).to_be_visible()
    expect(lin.get_by_text(EVIDENCE)).to_have_count(0)

    # The street has the case in view, and it is not the street's to rule.
    xu = clerk("xu")
    xu.case(number)
    assert not xu.may("uphold")
    assert not xu.may("reassign")

    # Tang of the centre is told of it. A ruling without its ground is refused; hers names the grid.
    tang = clerk("tang")
    tang.page.goto("/desk/notices")
    told = tang.page.get_by_role("button", name=f"对{number}的派单提出异议")
    until(tang.page, lambda: told.count() == 1)
    told.click()
    expect(tang.page.get_by_text(EVIDENCE)).to_be_visible()
    tang.is_refused("uphold", "请写明裁定理由，承办单位会看到。")
    tang.do("uphold", ruling=RULING)

    # In the tab that Wu left open the form still stands. Sent once more, it is refused as overtaken, and
    # what was typed is given back; the page of now offers no second objection and says why.
    unfold(other_tab.locator("#object [name=explanation]"))
    fill(other_tab.locator("#object"), ground="not_our_area", explanation=AGAIN)
    with other_tab.expect_navigation():
        other_tab.locator("#object form .button-primary").click()
    expect(other_tab.locator("#trouble")).to_be_visible()
    expect(other_tab.locator("textarea[readonly]")).to_have_value(AGAIN)
    expect(other_tab.locator("#moves li[id=object]")).to_have_count(0)
    once = "你单位对这次派单已经提过一次异议，以裁定为准。"
    expect(other_tab.get_by_text(once)).to_be_visible()
    assert Objection.objects.count() == 1

    # Wu reads the ruling. The dates are those of the dispatch, and the work is the bureau's.
    wu.case(number)
    expect(wu.page.get_by_text(RULING)).to_be_visible()
    assert deadlines(wu.page) == promised
    wu.do("feed_back", text="已更换灯泡和线路，今晚恢复照明。")
    chen.case(number)
    chen.do("pass")
    fang = clerk("fang")
    fang.case(number)
    fang.do(
        "call_back", channel="phone", reached="yes", contacted="yes", solved="solved",
        satisfaction="satisfied",
    )  # fmt: skip

    # One turn of one unit, one objection that did not hold; on time by the clock of the first dispatch.
    case = Case.objects.get(number=number)
    assert (case.state, case.outcome, case.reassignments) == ("closed", "solved", 0)
    leg = Leg.objects.get()
    assert leg.unit == street.bodies["urban"]
    assert Objection.objects.get().accepted is False
    clock = clocks_of(case).leg
    assert clock is not None
    limit = configuration().limit("normal", "feedback")
    assert clock.feedback.began_at == leg.dispatched_at
    assert clock.feedback.due_at == deadline(leg.dispatched_at, limit, current_calendar()).due_at
    assert case.feedback_due_at == clock.feedback.due_at
    assert not clock.feedback.is_late(case.ended_at)
    acts = [line.act.removeprefix("case.") for line in lines_of(case.subject)]
    assert acts == [
        "registered", "screening_started", "classified", "dispatched", "objected", "upheld", "fed_back",
        "passed", "called_back",
    ]  # fmt: skip

    # Cai of the audit reads the same nine lines.
    cai = clerk("cai")
    cai.page.goto(f"/desk/cases/{number}/journal")
    expect(cai.page.locator("tbody code.muted")).to_have_text([f"case.{act}" for act in acts])


def deadlines(page: Page) -> list[str]:
    """The moments of all deadlines on the page of a case, as the page states them."""
    clocks = page.locator("section[aria-labelledby=clocks-heading] .clock-panel time")
    return [str(one.get_attribute("datetime")) for one in clocks.all()]
