"""Walk A, the cold flat: a hotline order in the early morning, a warm room the next day.

The story is told through the pages, by everybody's own browser, with web and worker as real processes. The
pages go by the real clock; what the story says of hours is held as what comes before what.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from makers import make_photo
from town import Town
from walks.conftest import COLD_GRID
from walks.people import Clerk, assert_no_phone, fill, until
from wangge.cases.models import Case
from wangge.cases.queries import clocks_of
from wangge.foundation.journal.queries import lines_of
from wangge.foundation.privacy.models import Look

pytestmark = pytest.mark.browser

TEXT = "家里从昨晚开始不热，客厅14度，孩子才四个月，请尽快派人来看。"
ORDER = "HL-20261123-0710"
NAME, PHONE = "林秀英", "10000001001"
ANSWER = "您家立管在楼上住户家里漏水，已换下漏的一段，复测客厅20度。照片是换下来的管子。"


def test_a_cold_flat_is_warm_the_next_day(
    street: Town, clerk: Callable[..., Clerk], phone: Callable[[], Page], tmp_path: Path
):
    """Domain notes §13 A."""

    # 07:10. The hotline's order reaches the centre, and Chen types it in under the hotline's own number:
    # 14 degrees, the third grid. The words for the place are enough to find the grid. She gets a number
    # and a secret to read out on the phone.
    chen = clerk("chen", signs_in=True)
    chen.register(
        COLD_GRID, channel="hotline_12345", external_no=ORDER, text=TEXT, request_type="help",
        place="松林小区3号楼", name=NAME, phone=PHONE,
    )  # fmt: skip
    number = chen.page.locator(".receipt-number").inner_text()
    secret = chen.page.locator(".receipt-secret").inner_text()
    case = Case.objects.get(number=number)
    assert case.grid == COLD_GRID
    assert (case.channel, case.external_no) == ("hotline_12345", ORDER)

    # The same order typed in a second time, by a colleague or after a doubt, is the same case.
    chen.register(
        COLD_GRID, channel="hotline_12345", external_no=ORDER, text="还是那户，家里不热。",
        place="松林小区3号楼", name=NAME, phone=PHONE,
    )  # fmt: skip
    expect(chen.page.get_by_role("heading", name="此前已登记")).to_be_visible()
    expect(chen.page.get_by_text(number).first).to_be_visible()
    assert Case.objects.count() == 1

    # 07:40. She takes it up, finds it to be a cold home, which is urgent, and dispatches it: the catalogue
    # names the heating company as lead and says that street and community usually help.
    chen.case(number)
    chen.do("start_screening")
    chen.do("classify", matter="HEAT-01")
    expect(chen.page.locator("#dispatch")).to_contain_text("伊美区供热公司")
    expect(chen.page.locator("#dispatch")).to_contain_text("朝阳街道办事处")
    chen.do("dispatch")
    case.refresh_from_db()
    assert case.priority == "urgent"
    assert case.lead_unit == street.bodies["heating"]
    chen.sees_no_phone()

    # The street has its copy: dispatcher Xu finds the case among those of the street, and may not sign it.
    xu = clerk("xu")
    xu.case(number)
    assert not xu.may("sign")
    xu.sees_no_phone()

    # 08:05. Luo of the heating company signs. To call he looks at the phone number, says what for, and is
    # told that the look is written down. 08:40: he has spoken to the family.
    luo = clerk("luo")
    luo.page.goto("/desk/queue")
    expect(luo.page.get_by_text(number)).to_be_visible()
    luo.sees_no_phone()
    luo.case(number)
    luo.do("sign")
    luo.sees_no_phone()
    luo.look_at_contact("contact")
    expect(luo.page.get_by_text(PHONE)).to_be_visible()
    luo.page.get_by_role("link", name="返回").click()
    luo.do("handle", text="已电话联系，上午十点上门测温。", contacted=True)

    # The leak is in a shared riser, inside a neighbour's flat. Asking the community to help with access is
    # admitted, so it may be asked; the company stays the lead. He of the community does it.
    luo.do("assign_assist", unit=str(street.bodies["committee"].pk), ask="请协助联系楼上住户，约定入户时间。")
    he = clerk("he")
    he.case(number)
    he.sees_no_phone()
    he.do("assist", text="已联系上楼上住户，下午一点在家。", finished=True)
    case.refresh_from_db()
    assert case.lead_unit == street.bodies["heating"]

    # 16:20. The answer says what it was, with a photo of the pipe, not of anybody's room.
    pipe = tmp_path / "pipe.jpg"
    pipe.write_bytes(make_photo("peru").read())
    luo.case(number)
    luo.do("feed_back", text=ANSWER, photos=pipe)
    assert not luo.may("pass"), "a unit does not close its own work"
    chen.case(number)
    chen.do("pass")

    # The next day Fang, of no unit, calls: somebody got in touch in time, it is solved, they are satisfied.
    # (No rule makes her wait for the day; the pages know only today.)
    fang = clerk("fang")
    fang.case(number)
    fang.do(
        "call_back", channel="phone", reached="yes", contacted="yes", solved="solved",
        satisfaction="satisfied", comment="来得快，当天就热了，谢谢。", within_duty="yes",
    )  # fmt: skip
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("closed", "solved")

    # The family followed it with number and secret: a message at each turn, the answer with its photo, the
    # company's work line, and nobody's phone number in clear, their own no more than anybody's.
    own = phone()
    own.goto("/follow")
    fill(own.locator("form.form"), number=number, secret=secret)
    own.locator("form.form .button-primary").click()
    messages = own.locator("section[aria-labelledby=messages-to-you] li")
    until(own, lambda: messages.count() >= 5)
    told = "\n".join(messages.all_inner_texts())
    for words in ("已登记", "已交给伊美区供热公司", "伊美区供热公司已答复", "问题解决了吗", "已办结"):
        assert words in told, told
    expect(own.locator("#result")).to_be_visible()
    expect(own.get_by_text(ANSWER).first).to_be_visible()
    own.locator("section[aria-labelledby=result] img").first.scroll_into_view_if_needed()
    expect(own.get_by_text("0458-3600001").first).to_be_visible()
    assert_no_phone(own)

    # They can see who opened their number: the company's handler, to handle it, once.
    own.get_by_role("link", name=re.compile("谁看过")).click()
    expect(own.locator("section[aria-labelledby=looks] tbody tr")).to_have_count(1)
    expect(own.get_by_text("伊美区供热公司")).to_be_visible()
    assert_no_phone(own)
    assert Look.objects.count() == 1

    # What the journal kept of the day: who, in which order, and both promises kept.
    acts = [line.act.removeprefix("case.") for line in lines_of(case.subject)]
    assert acts == [
        "registered", "screening_started", "classified", "dispatched", "signed", "identity.revealed",
        "handled", "assist_asked", "assisted", "fed_back", "passed", "called_back",
    ]  # fmt: skip
    clocks = clocks_of(case)
    assert clocks.case.feedback is not None
    assert clocks.leg is not None
    assert clocks.case.feedback.due_at == clocks.leg.feedback.due_at
    assert clocks.case.feedback.reckoning.due_at is not None
    assert clocks.case.feedback.reckoning.due_at - clocks.case.feedback.began_at == timedelta(hours=24)
    assert not clocks.case.dispatch.is_late(case.ended_at)
    assert not clocks.case.feedback.is_late(case.ended_at)
    assert not clocks.leg.contact.is_late(case.ended_at)
