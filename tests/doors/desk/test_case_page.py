"""The page of a case: what each role sees of it, why each unit had it, how each deadline was counted."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.urls import reverse

import makers
from doors.desk.reading import text_of
from makers import LIN, make_photo
from town import Town, recently
from wangge.cases.models import Case
from wangge.cases.states import PAST, State
from wangge.doors.desk.timeline_words import HAPPENINGS
from wangge.foundation.files.actions import store_photo
from wangge.foundation.journal.queries import lines_of
from wangge.foundation.privacy.models import Look

WORDS = "三单元张家门口的路灯坏了，晚上看不见路。"


def at_page(case: Case) -> str:
    return reverse("desk:case", args=[case.number])


def a_case(town: Town, state: State, at: datetime | None = None, **asked: object) -> Case:
    photo = store_photo(make_photo(), at=recently())
    return makers.make_case(town, state, at=at or recently(6), text=WORDS, photos=[photo], **asked)  # type: ignore[arg-type]


# --- the field matrix (domain notes §2) --------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "state", "sees"),
    [
        # name, in state, what of: text, contact masked, may look, rating, notes among colleagues
        ("chen", State.CLOSED, {"text", "contact", "look", "rating", "notes"}),
        ("xu", State.CLOSED, {"text", "contact", "look", "rating", "notes"}),
        ("he", State.CLOSED, {"text", "contact", "rating", "notes"}),
        ("he", State.IN_PROGRESS, {"text", "contact", "notes"}),
        ("wu", State.DISPATCHED, {"text", "contact", "notes"}),
        ("wu", State.IN_PROGRESS, {"text", "contact", "look", "notes"}),
        ("wu", State.CLOSED, {"text", "contact", "rating", "notes"}),
        ("fang", State.CALLBACK_DUE, {"text", "contact", "look"}),
        ("fang", State.CLOSED, {"text", "contact", "look", "rating"}),
        ("zhao", State.CLOSED, {"notes"}),
        ("song", State.CLOSED, {"notes"}),
        ("han", State.CLOSED, {"notes"}),
        ("cai", State.CLOSED, {"rating", "notes"}),
    ],
)
def test_each_role_sees_its_row_of_the_matrix(
    town: Town, desk, name: str, state: State, sees: set[str]
) -> None:
    case = a_case(town, state)
    response = desk(town.people[name]).get(at_page(case))
    page, source = text_of(response), response.content.decode()
    shown = {
        "text": WORDS in page and "/photos/" in source,
        "contact": "100****1001" in page,
        "look": reverse("desk:contact", args=[case.number]) in source,
        "rating": "What the requester said" in page,
        "notes": "Units, and why these" in page,
    }
    assert {what for what, is_shown in shown.items() if is_shown} == sees


@pytest.mark.parametrize("name", ["chen", "xu", "he", "wu", "fang", "zhao", "song", "cai"])
def test_nobody_reads_name_or_number_on_the_page(town: Town, desk, name: str) -> None:
    case = a_case(town, State.IN_PROGRESS)
    source = desk(town.people[name]).get(at_page(case)).content.decode()
    for plain in (LIN.name, LIN.phone, LIN.address):
        assert plain not in source


def test_a_confidential_report_hides_who_made_it_from_all_but_intake_and_callback(town: Town, desk) -> None:
    case = a_case(town, State.IN_PROGRESS, confidential=True)
    for name, sees in {
        "chen": True,
        "fang": True,
        "wu": False,
        "xu": False,
        "he": False,
        "tang": False,
    }.items():
        client = desk(town.people[name])
        page = text_of(client.get(at_page(case)))
        assert ("100****1001" in page) is sees, name
        look = client.post(reverse("desk:contact", args=[case.number]), {"purpose": "contact"})
        assert (LIN.phone in look.content.decode()) is sees, name


def test_who_calls_back_reads_what_the_requester_was_told(town: Town, desk) -> None:
    case = a_case(town, State.CALLBACK_DUE)
    assert "已更换灯泡和线路，今晚恢复照明。" in text_of(desk(town.fang).get(at_page(case)))


def test_a_unit_reads_its_own_turns_and_not_another_units_notes(town: Town, desk) -> None:
    case = a_case(town, State.OBJECTION_REVIEW)
    desk(town.tang).post(
        reverse("desk:reassign", args=[case.number]),
        {"seen_version": case.version, "unit": town.bodies["water"].pk, "reason": "管线归供水公司。"},
    )
    before, after = (text_of(desk(town.people[name]).get(at_page(case))) for name in ("wu", "feng"))
    assert "见移交清单第3条" in before
    assert "见移交清单第3条" not in after
    assert "管线归供水公司。" in after


@pytest.mark.parametrize("name", ["qian", "lei", "feng", "bai", "mu", "yu"])
def test_strangers_meet_nothing(town: Town, desk, name: str) -> None:
    case = a_case(town, State.IN_PROGRESS)
    answer = desk(town.people[name]).get(at_page(case))
    # A grid worker has no desk at all; for the others there is no such case.
    assert answer.status_code == (403 if name == "yu" else 404)
    assert WORDS not in answer.content.decode()


def test_a_number_that_nobody_gave_is_not_found(town: Town, desk) -> None:
    assert desk(town.chen).get(reverse("desk:case", args=["230717-20200101-00001"])).status_code == 404


# --- looking at the contact --------------------------------------------------------------------------


def test_a_look_shows_the_contact_once_and_leaves_its_trace(town: Town, desk) -> None:
    case = a_case(town, State.IN_PROGRESS)
    client = desk(town.wu)
    answer = client.post(reverse("desk:contact", args=[case.number]), {"purpose": "contact"})
    assert answer.status_code == 200
    assert LIN.name in answer.content.decode()
    assert LIN.phone in answer.content.decode()
    assert LIN.address not in answer.content.decode()
    assert answer.headers["Cache-Control"] == "no-store"
    look = Look.objects.get()
    assert (look.purpose, look.about_id, look.fields) == ("contact", case.number, ["name", "phone"])
    assert lines_of(case.subject).filter(act="identity.revealed").count() == 1
    assert LIN.phone not in client.get(at_page(case)).content.decode()


def test_the_address_is_shown_only_when_asked_for(town: Town, desk) -> None:
    case = a_case(town, State.IN_PROGRESS)
    answer = desk(town.wu).post(
        reverse("desk:contact", args=[case.number]), {"purpose": "visit", "address": "on"}
    )
    assert LIN.address in answer.content.decode()


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, "Choose what you need the personal data for."),
        ({"purpose": "own"}, "Choose what you need the personal data for."),
        ({"purpose": "emergency"}, "Write in a few words why you need it."),
    ],
)
def test_no_look_without_a_purpose_or_its_reason(town: Town, desk, sent: dict[str, str], said: str) -> None:
    case = a_case(town, State.IN_PROGRESS)
    answer = desk(town.chen).post(reverse("desk:contact", args=[case.number]), sent)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert LIN.phone not in answer.content.decode()
    assert not Look.objects.exists()


def test_before_it_has_signed_the_unit_may_not_look(town: Town, desk) -> None:
    case = a_case(town, State.DISPATCHED)
    answer = desk(town.wu).post(reverse("desk:contact", args=[case.number]), {"purpose": "contact"})
    assert answer.status_code == 403
    assert not Look.objects.exists()


@pytest.mark.parametrize("name", ["song", "cai", "zhao"])
def test_leaders_and_auditors_may_never_look(town: Town, desk, name: str) -> None:
    case = a_case(town, State.IN_PROGRESS)
    answer = desk(town.people[name]).post(
        reverse("desk:contact", args=[case.number]), {"purpose": "supervision", "reason": "督办需要"}
    )
    assert answer.status_code == 403


def test_a_look_is_never_taken_by_following_a_link(town: Town, desk) -> None:
    case = a_case(town, State.IN_PROGRESS)
    assert desk(town.chen).get(reverse("desk:contact", args=[case.number])).status_code == 405


def test_who_looked_stands_on_the_auditors_page_alone(town: Town, desk) -> None:
    case = a_case(town, State.IN_PROGRESS)
    desk(town.wu).post(reverse("desk:contact", args=[case.number]), {"purpose": "contact"})
    assert "The requester's contact was looked at" in text_of(desk(town.cai).get(at_page(case)))
    for name in ("chen", "wu", "song"):
        assert "The requester's contact was looked at" not in text_of(
            desk(town.people[name]).get(at_page(case))
        )


# --- deadlines, units, place -------------------------------------------------------------------------


def test_both_clocks_are_explained_step_by_step(town: Town, desk) -> None:
    case = a_case(town, State.IN_PROGRESS, at=town.at)
    page = text_of(desk(town.chen).get(at_page(case)))
    assert "Promised to the requester" in page
    assert "The unit's own" in page
    for stage in ("To have a responsible unit", "The unit signs for it", "The unit gets in touch"):
        assert stage in page
    assert "The requester has an answer 7 natural days" in page
    # Dispatched Friday 6 March 2026; the seventh natural day is Friday 13 March, at close of business.
    assert "Deadline: Fri 13 March 2026, 17:30, close of business." in page


def test_a_hotline_deadline_that_is_earlier_counts_and_says_so(town: Town, desk) -> None:
    began = recently(6)
    case = a_case(
        town, State.IN_PROGRESS, at=began, external_no="HL-3", external_due_at=began + timedelta(hours=30)
    )
    assert "The hotline's own deadline is earlier and counts." in text_of(desk(town.chen).get(at_page(case)))


def test_the_page_says_why_each_unit_had_the_case(town: Town, desk) -> None:
    case = a_case(town, State.DISPATCHED, matter="noise")
    page = text_of(desk(town.chen).get(at_page(case)))
    assert "The dispatch catalogue names it." in page
    assert "伊美区派单目录（演示）" in page
    assert "Admission 社区依法自治事项清单（试行）：调解邻里纠纷" in page


def test_an_objection_and_its_ruling_stand_with_the_unit(town: Town, desk) -> None:
    case = a_case(town, State.OBJECTION_REVIEW)
    assert "The place is outside our area · under review" in text_of(desk(town.tang).get(at_page(case)))
    desk(town.tang).post(
        reverse("desk:uphold", args=[case.number]), {"seen_version": case.version, "ruling": "在辖区内。"}
    )
    assert "not accepted" in text_of(desk(town.tang).get(at_page(case)))


def test_moves_not_open_now_are_shown_with_the_reason(town: Town, desk) -> None:
    case = a_case(town, State.REGISTERED)
    page = text_of(desk(town.chen).get(at_page(case)))
    assert "Classify · Answer directly · Inform, do not dispatch · Dispatch" in page
    assert "This cannot be done while the case is “Registered”." in page


def test_the_acts_of_the_coordination_room_have_no_form_yet(town: Town, desk) -> None:
    case = a_case(town, State.IN_PROGRESS)
    page = text_of(desk(town.tang).get(at_page(case)))
    for later in ("Extend the deadline", "Pause the clock", "Shelve", "Merge"):
        assert later not in page


def test_the_timeline_tells_who_did_what_by_post_never_by_name(town: Town, desk) -> None:
    case = a_case(town, State.CLOSED)
    page = text_of(desk(town.chen).get(at_page(case)))
    assert "Signed for" in page
    assert "Yimei Urban Management Bureau · Department handler" in page
    for person in town.people.values():
        if person != town.chen:  # the bar shows one's own account
            assert person.username not in page


def test_the_map_gets_the_grids_of_the_community(town: Town, desk) -> None:
    case = a_case(town, State.IN_PROGRESS)
    source = desk(town.chen).get(at_page(case)).content.decode()
    assert f"{reverse('desk:grid_map')}?within=230717001001" in source


@pytest.mark.parametrize("state", list(State))
def test_the_page_stands_in_every_state(town: Town, desk, state: State) -> None:
    case = makers.make_case(town, state, at=recently(50))
    assert desk(town.chen).get(at_page(case)).status_code == 200


def test_every_act_has_a_sentence_on_the_timeline() -> None:
    assert {f"case.{past}" for past in PAST.values()} <= set(HAPPENINGS)
