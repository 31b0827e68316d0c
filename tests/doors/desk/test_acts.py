"""Every act that has a form: it works; it is refused in words; nobody acts on what a colleague has moved.

One row of `ACTS` an act: who does it, from which state, what they fill in, where it leads.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

import makers
from doors.desk.reading import text_of
from makers import make_photo
from town import Town, recently
from wangge.cases.models import Attachment, Case
from wangge.cases.states import State
from wangge.cases.words import RequestType
from wangge.doors.desk.case_pages import FORMS
from wangge.foundation.journal.queries import lines_of


@dataclass(frozen=True)
class Act:
    who: str
    source: State
    filled: dict[str, Any]
    target: State
    #: Somebody whose post has no such duty; a colleague of the same duty, elsewhere.
    not_their_duty: str = "fang"
    elsewhere: str = "bai"
    made: dict[str, Any] = field(default_factory=dict)
    #: What is left out to be refused, and what the page says then.
    without: str = ""
    refusal: str = ""


ACTS = {
    "start_screening": Act("chen", State.REGISTERED, {}, State.SCREENING),
    "inform": Act(
        "chen", State.SCREENING, {"reason": "out_of_scope", "advice": "请联系供货商。"}, State.INFORMED,
        without="advice", refusal="Write what the requester can do instead.",
    ),
    "answer": Act(
        "chen", State.SCREENING, {"answer": "带身份证到社区窗口办理。"}, State.ANSWERED,
        made={"request_type": RequestType.CONSULT}, without="answer",
        refusal="Write the answer the requester will read.",
    ),
    "classify": Act(
        "chen", State.SCREENING, {"matter": "ROAD-05", "priority": "urgent", "note": "先派城管。"},
        State.TO_DISPATCH, without="matter", refusal="This field is required.",
    ),
    "dispatch": Act("chen", State.TO_DISPATCH, {}, State.DISPATCHED),
    "sign": Act("wu", State.DISPATCHED, {}, State.IN_PROGRESS, elsewhere="feng"),
    "object": Act(
        "wu", State.DISPATCHED, {"ground": "not_our_area", "explanation": "见移交清单第3条。"},
        State.OBJECTION_REVIEW, elsewhere="feng", without="explanation",
        refusal="Give the clause or the map evidence the objection rests on.",
    ),
    "uphold": Act(
        "tang", State.OBJECTION_REVIEW, {"ruling": "网格编码在你局辖区内。"}, State.IN_PROGRESS,
        without="ruling", refusal="Write the ground of the ruling; the unit will read it.",
    ),
    "reassign": Act(
        "tang", State.OBJECTION_REVIEW, {"unit": "water", "reason": "属于供水公司管线。"}, State.DISPATCHED,
        without="reason", refusal="Write why another unit is to lead.",
    ),
    "handle": Act(
        "wu", State.IN_PROGRESS, {"text": "已到现场。", "contacted": "on"}, State.IN_PROGRESS,
        elsewhere="feng", without="text", refusal="Write what was done.",
    ),
    "assign_assist": Act(
        "wu", State.IN_PROGRESS, {"unit": "water", "ask": "请协助关闭阀门。"}, State.IN_PROGRESS,
        elsewhere="feng", without="ask", refusal="Write what the other unit is asked to do.",
    ),
    "assist": Act(
        "feng", State.IN_PROGRESS, {"text": "阀门已关。", "finished": "on"}, State.IN_PROGRESS,
        elsewhere="lu_civil", without="text", refusal="Write what was done.",
    ),
    "feed_back": Act(
        "wu", State.IN_PROGRESS, {"text": "路灯已修好。"}, State.FEEDBACK_GIVEN, elsewhere="feng",
        without="text", refusal="Write what the requester will read: what was done and what follows.",
    ),
    "verify": Act("chen", State.FEEDBACK_GIVEN, {"ask": "看看灯亮不亮。"}, State.VERIFYING),
    "pass": Act(
        "chen", State.VERIFYING, {"finding": "灯亮了。"}, State.CALLBACK_DUE, without="finding",
        refusal="Write what was found at the place.",
    ),
    "reject_feedback": Act(
        "chen", State.VERIFYING, {"finding": "还有一盏不亮。"}, State.IN_PROGRESS, without="finding",
        refusal="Write what is still to be done.",
    ),
    "call_back": Act(
        "fang", State.CALLBACK_DUE,
        {"channel": "phone", "reached": "yes", "contacted": "yes", "solved": "solved",
         "satisfaction": "satisfied", "within_duty": "yes", "comment": "谢谢。"},
        State.CLOSED, not_their_duty="chen", elsewhere="mu", without="solved",
        refusal="Say whether the problem is solved.",
    ),
}  # fmt: skip


def made_for(town: Town, act: str) -> Case:
    row = ACTS[act]
    case = makers.make_case(town, row.source, at=recently(4), **row.made)
    if act == "assist":
        town.client("wu").post(
            address("assign_assist", case), sent(town, "assign_assist", case), follow=False
        )
        case = makers.reloaded(case)
    return case


def address(act: str, case: Case) -> str:
    return reverse(f"desk:{act}", args=[case.number])


def sent(town: Town, act: str, case: Case, **changed: Any) -> dict[str, Any]:
    """What the form of the act sends when it is filled in well."""
    filled = {**ACTS[act].filled, "seen_version": case.version, **changed}
    if filled.get("unit") in town.bodies:
        filled["unit"] = town.bodies[filled["unit"]].pk
    return {name: value for name, value in filled.items() if value is not None}


def test_every_form_has_a_row_here() -> None:
    assert set(ACTS) == set(FORMS)


@pytest.mark.parametrize("act", ACTS)
def test_the_page_offers_the_form_and_the_act_works(town: Town, desk, act: str) -> None:
    row, case = ACTS[act], made_for(town, act)
    client = desk(town.people[row.who])
    page = client.get(reverse("desk:case", args=[case.number])).content.decode()
    assert f'action="{address(act, case)}' in page
    answer = client.post(address(act, case), sent(town, act, case), follow=True)
    assert answer.status_code == 200
    with translation.override("en"):
        assert str(FORMS[act].done) in text_of(answer)
    after = makers.reloaded(case)
    assert (after.state, after.version) == (row.target, case.version + 1)


@pytest.mark.parametrize("act", [act for act, row in ACTS.items() if row.without])
def test_what_is_missing_is_said_beside_the_field_and_nothing_is_written(town: Town, desk, act: str) -> None:
    row, case = ACTS[act], made_for(town, act)
    answer = desk(town.people[row.who]).post(address(act, case), sent(town, act, case, **{row.without: None}))
    assert answer.status_code == 422
    assert row.refusal in text_of(answer)
    # The form is open again, and the rest of what was typed still stands in it.
    assert f'<li id="{act}">' in answer.content.decode()
    for value in row.filled.values():
        if len(str(value)) > 6 and value != row.filled[row.without]:
            assert str(value) in answer.content.decode()
    assert makers.reloaded(case).version == case.version


@pytest.mark.parametrize("act", ACTS)
def test_nobody_acts_on_what_a_colleague_has_moved(town: Town, desk, act: str) -> None:
    row, case = ACTS[act], made_for(town, act)
    lines = lines_of(case.subject).count()
    answer = desk(town.people[row.who]).post(
        address(act, case), sent(town, act, case, seen_version=case.version + 1)
    )
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "A colleague has acted on this case since you opened it" in text_of(answer)
    assert lines_of(case.subject).count() == lines
    # Nothing typed is lost, and the form now carries the version that is true.
    for name, value in row.filled.items():
        if name not in {"unit", "contacted", "finished"}:
            assert str(value) in page
    assert f'name="seen_version" value="{case.version}"' in page


@pytest.mark.parametrize("act", ACTS)
def test_a_post_without_that_duty_may_not(town: Town, desk, act: str) -> None:
    case = made_for(town, act)
    answer = desk(town.people[ACTS[act].not_their_duty]).post(address(act, case), sent(town, act, case))
    assert answer.status_code == 403
    assert makers.reloaded(case).version == case.version


@pytest.mark.parametrize("act", ACTS)
def test_a_colleague_elsewhere_finds_no_such_case(town: Town, desk, act: str) -> None:
    case = made_for(town, act)
    answer = desk(town.people[ACTS[act].elsewhere]).post(address(act, case), sent(town, act, case))
    assert answer.status_code == 404
    assert makers.reloaded(case).version == case.version


@pytest.mark.parametrize("act", ACTS)
def test_without_a_version_nothing_is_done(town: Town, desk, act: str) -> None:
    case = made_for(town, act)
    answer = desk(town.people[ACTS[act].who]).post(
        address(act, case), sent(town, act, case, seen_version=None)
    )
    assert answer.status_code == 422
    assert "Reload the page and try again." in text_of(answer)
    assert makers.reloaded(case).version == case.version


@pytest.mark.parametrize("act", ACTS)
def test_the_address_of_a_form_leads_to_the_case_with_it_open(town: Town, desk, act: str) -> None:
    case = made_for(town, act)
    client = desk(town.people[ACTS[act].who])
    answer = client.get(address(act, case))
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/desk/cases/{case.number}?open={act}#{act}"


# --- what only some acts have ------------------------------------------------------------------------


def test_two_clerks_at_once_make_one_act_and_what_the_second_typed_is_kept(town: Town, desk) -> None:
    case = makers.make_case(town, State.SCREENING, at=recently())
    typed = "先派给城管，注意是主干道。"
    desk(town.chen).post(address("classify", case), sent(town, "classify", case))
    answer = desk(town.xu).post(address("classify", case), sent(town, "classify", case, note=typed))
    assert answer.status_code == 409
    assert "Last: Classified" in text_of(answer)
    # Classifying is over; the note is shown to be copied.
    assert "What you had typed" in text_of(answer)
    assert typed in answer.content.decode()


def test_a_move_of_another_time_says_why_not(town: Town, desk) -> None:
    case = makers.make_case(town, State.CLOSED, at=recently(5))
    answer = desk(town.chen).post(address("classify", case), sent(town, "classify", case))
    assert answer.status_code == 409
    assert "This cannot be done while the case is “Closed”." in text_of(answer)


def test_another_unit_that_sees_the_case_may_not_sign_for_it(town: Town, desk) -> None:
    case = made_for(town, "assist")
    answer = desk(town.feng).post(address("handle", case), sent(town, "handle", case))
    assert answer.status_code == 403
    assert "Another unit leads this case." in text_of(answer)


def test_a_unit_may_not_check_its_own_work(town: Town, desk) -> None:
    """The street leads by the desk's choice; its dispatcher has the duty to check, but not this."""
    case = makers.make_case(town, State.TO_DISPATCH, at=recently(4))
    desk(town.chen).post(
        address("dispatch", case),
        {"seen_version": case.version, "unit": town.bodies["street"].pk, "reason": "街道自行处理。"},
    )
    for act, filled in (("sign", {}), ("feed_back", {"text": "已处理。"})):
        case = makers.reloaded(case)
        desk(town.xu).post(address(act, case), {"seen_version": case.version, **filled})
    case = makers.reloaded(case)
    assert case.state == State.FEEDBACK_GIVEN
    answer = desk(town.xu).post(address("verify", case), {"seen_version": case.version})
    assert answer.status_code == 403
    assert "A unit may not check or call back on its own work." in text_of(answer)


def test_a_complaint_is_not_answered_at_once(town: Town, desk) -> None:
    case = makers.make_case(town, State.SCREENING, at=recently(), request_type=RequestType.COMPLAINT)
    answer = desk(town.chen).post(address("answer", case), sent(town, "answer", case))
    assert answer.status_code == 409
    assert "Only questions are answered at once; classify this request." in text_of(answer)
    assert "带身份证到社区窗口办理" in answer.content.decode()


def test_dispatch_shows_whom_the_catalogue_names_and_on_what_basis(town: Town, desk) -> None:
    case = makers.make_case(town, State.TO_DISPATCH, at=recently())
    page = text_of(desk(town.chen).get(reverse("desk:case", args=[case.number])))
    assert "The dispatch catalogue names: Yimei Urban Management Bureau" in page
    assert "Basis: 伊美区派单目录（演示）" in page


def test_another_unit_needs_a_written_reason(town: Town, desk) -> None:
    case = makers.make_case(town, State.TO_DISPATCH, at=recently())
    client, water = desk(town.chen), town.bodies["water"].pk
    refused = client.post(address("dispatch", case), {"seen_version": case.version, "unit": water})
    assert refused.status_code == 422
    assert "The catalogue names another unit. Write why this one is to lead." in text_of(refused)
    client.post(
        address("dispatch", case), {"seen_version": case.version, "unit": water, "reason": "管线归供水公司。"}
    )
    after = makers.reloaded(case)
    assert after.lead_unit == town.bodies["water"]
    page = text_of(client.get(reverse("desk:case", args=[case.number])))
    assert "The desk's own choice." in page
    assert "管线归供水公司。" in page


def test_a_matter_no_community_has_admitted_is_not_handed_to_one(town: Town, desk) -> None:
    case = makers.make_case(town, State.TO_DISPATCH, at=recently(), matter="forms")
    client = desk(town.chen)
    page = text_of(client.get(reverse("desk:case", args=[case.number])))
    assert "“Collecting forms from door to door” is not admitted for communities here today" in page
    answer = client.post(address("dispatch", case), {"seen_version": case.version})
    assert answer.status_code == 422
    assert makers.reloaded(case).state == State.TO_DISPATCH


def test_units_that_do_not_answer_for_the_place_are_not_offered(town: Town, desk) -> None:
    case = makers.make_case(town, State.TO_DISPATCH, at=recently())
    page = desk(town.chen).get(reverse("desk:case", args=[case.number])).content.decode()
    assert f'<option value="{town.bodies["committee"].pk}"' in page
    for body in ("next_committee", "next_street", "centre", "other_centre"):
        assert f'<option value="{town.bodies[body].pk}"' not in page
    answer = desk(town.chen).post(
        address("dispatch", case),
        {"seen_version": case.version, "unit": town.bodies["next_street"].pk, "reason": "试试。"},
    )
    assert answer.status_code == 422


def test_matters_are_grouped_and_found_by_what_people_say(town: Town, desk) -> None:
    case = makers.make_case(town, State.SCREENING, at=recently())
    client = desk(town.chen)
    page = client.get(reverse("desk:case", args=[case.number]), {"open": "classify", "find": "井盖"})
    chosen = page.content.decode().split('name="matter"')[1].split("</select>")[0]
    assert "ROAD-01" in chosen
    assert "WATER-01" not in chosen
    piece = client.get(reverse("desk:matter_choices"), {"find": "低保", "matter": "ROAD-05"}).content.decode()
    assert 'id="classify-matter"' in piece
    assert "ASSIST-01" in piece
    assert 'value="ROAD-05" selected' in piece
    assert "ROAD-01" not in piece


def test_a_clerk_may_correct_the_place_but_not_to_another_district(town: Town, desk) -> None:
    case = makers.make_case(town, State.SCREENING, at=recently())
    client = desk(town.chen)
    refused = client.post(
        address("classify", case), sent(town, "classify", case, area_code="230718100001001")
    )
    assert refused.status_code == 422
    client.post(address("classify", case), sent(town, "classify", case, area_code="230717002001001"))
    assert makers.reloaded(case).grid == "230717002001001"


def test_who_moves_a_case_out_of_their_area_is_led_home(town: Town, desk) -> None:
    """A street's dispatcher is not offered the next street; the command centre's clerk corrects it."""
    case = makers.make_case(town, State.SCREENING, at=recently())
    page = desk(town.xu).get(reverse("desk:case", args=[case.number])).content.decode()
    assert 'value="230717002001001"' not in page


def test_work_is_logged_with_photos_that_only_those_who_may_see_get(town: Town, desk) -> None:
    case = makers.make_case(town, State.IN_PROGRESS, at=recently())
    client = desk(town.wu)
    client.post(
        address("handle", case), {**sent(town, "handle", case), "photos": [make_photo(), make_photo("olive")]}
    )
    found = list(Attachment.objects.filter(case=case).select_related("file"))
    assert len(found) == 2
    photo = reverse("desk:photo", args=[case.number, found[0].file.digest])
    answer = client.get(photo)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert b"".join(answer.streaming_content).startswith(b"\xff\xd8")
    assert client.get(photo, {"small": ""}).status_code == 200
    for stranger in (town.qian, town.feng, town.bai, town.song, town.cai):
        assert desk(stranger).get(photo).status_code == 404
    other = makers.make_case(town, State.IN_PROGRESS, at=recently())
    assert client.get(reverse("desk:photo", args=[other.number, found[0].file.digest])).status_code == 404


def test_what_is_no_photo_is_refused_beside_the_field(town: Town, desk) -> None:
    case = makers.make_case(town, State.IN_PROGRESS, at=recently())
    fake = make_photo()
    fake.file.truncate(0)
    fake.file.write(b"not a picture at all")
    answer = desk(town.wu).post(address("handle", case), {**sent(town, "handle", case), "photos": [fake]})
    assert answer.status_code == 422
    assert 'id="handle-photos_error"' in answer.content.decode()
    assert makers.reloaded(case).version == case.version


def test_more_than_three_photos_are_refused(town: Town, desk) -> None:
    case = makers.make_case(town, State.IN_PROGRESS, at=recently())
    photos = [make_photo(colour) for colour in ("red", "green", "blue", "black")]
    answer = desk(town.wu).post(
        address("feed_back", case), {**sent(town, "feed_back", case), "photos": photos}
    )
    assert answer.status_code == 422
    assert "At most 3 photos." in text_of(answer)


def test_a_second_objection_is_greyed_with_the_reason(town: Town, desk) -> None:
    case = makers.make_case(town, State.OBJECTION_REVIEW, at=recently())
    desk(town.tang).post(address("uphold", case), sent(town, "uphold", case))
    page = desk(town.wu).get(reverse("desk:case", args=[case.number]))
    assert f'action="{address("object", case)}' not in page.content.decode()
    assert "Your unit has already objected to this dispatch once; the ruling stands." in text_of(page)


def test_a_requester_not_reached_is_tried_again_another_day(town: Town, desk) -> None:
    case = makers.make_case(town, State.CALLBACK_DUE, at=recently(5))
    client = desk(town.fang)
    missed = {"channel": "phone", "reached": "no", "within_duty": "yes", "seen_version": case.version}
    client.post(address("call_back", case), missed)
    case = makers.reloaded(case)
    assert case.state == State.CALLBACK_DUE
    page = text_of(client.get(reverse("desk:case", args=[case.number])))
    assert "not reached, attempt 1" in page
    again = client.post(address("call_back", case), {**missed, "seen_version": case.version})
    assert again.status_code == 409
    assert "The requester was already tried today; try again on another day." in text_of(again)


def test_not_solved_and_within_duty_goes_back_to_be_done_again(town: Town, desk) -> None:
    case = makers.make_case(town, State.CALLBACK_DUE, at=recently(5))
    answer = desk(town.fang).post(
        address("call_back", case), sent(town, "call_back", case, solved="not_solved"), follow=True
    )
    assert makers.reloaded(case).state == State.IN_PROGRESS
    assert "to be done again" in text_of(answer)


def test_no_act_is_done_by_following_a_link(town: Town, desk) -> None:
    case = makers.make_case(town, State.DISPATCHED, at=recently())
    desk(town.wu).get(address("sign", case))
    assert makers.reloaded(case).state == State.DISPATCHED
