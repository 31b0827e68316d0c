"""Registering for somebody: every channel staff write down, the place found from words, map or tree, once."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.urls import reverse

import makers
import town as places
from doors.desk.reading import text_of
from makers import make_photo
from town import Town, recently
from wangge.cases.models import Attachment, Case
from wangge.cases.words import Channel
from wangge.doors.desk.intake_form import STAFF_CHANNELS
from wangge.foundation.worktime.workcalendar import SHANGHAI
from wangge.organisations.roles import Role

REGISTER = reverse("desk:register")
TEXT = "林都花园3号楼前的路灯三天没亮了。"


def filled(**changed: Any) -> dict[str, Any]:
    """The form as a clerk of the centre fills it in; None leaves a field out."""
    sent = {
        "client_key": str(uuid.uuid4()),
        "channel": "hotline_12345",
        "text": TEXT,
        "request_type": "help",
        "priority": "normal",
        "place": "林都花园3号楼",
        "candidate": places.GRID,
        "who": "named",
        "name": "林秀英",
        "phone": "10000001001",
        **changed,
    }
    return {name: value for name, value in sent.items() if value is not None}


def test_a_request_is_registered_and_the_receipt_shown_once(town: Town, desk) -> None:
    client = desk(town.chen)
    answer = client.post(REGISTER, filled())
    assert answer.status_code == 201
    case = Case.objects.get()
    assert (case.text, case.area_code, case.channel) == (TEXT, places.GRID, "hotline_12345")
    assert case.registered_unit == town.bodies["centre"]
    page = text_of(answer)
    assert case.number in page
    assert case.lookup_secret.unseal() in page
    later = text_of(client.get(reverse("desk:case", args=[case.number])))
    assert case.lookup_secret.unseal() not in later


@pytest.mark.parametrize("channel", [choice[0] for choice in STAFF_CHANNELS])
def test_every_channel_that_staff_write_down(town: Town, desk, channel: str) -> None:
    assert desk(town.chen).post(REGISTER, filled(channel=channel)).status_code == 201
    assert Case.objects.get().channel == channel


def test_what_people_send_themselves_is_no_channel_of_the_desk(town: Town, desk) -> None:
    answer = desk(town.chen).post(REGISTER, filled(channel=Channel.APP))
    assert answer.status_code == 422
    assert not Case.objects.exists()


def test_a_work_order_brings_its_number_and_deadline(town: Town, desk) -> None:
    desk(town.chen).post(REGISTER, filled(external_no="HL-2026-1", external_due_at="2026-12-01T17:00"))
    case = Case.objects.get()
    assert (case.source_system, case.external_no) == ("hotline_12345", "HL-2026-1")
    assert case.external_due_at is not None
    assert case.external_due_at.astimezone(SHANGHAI).isoformat() == "2026-12-01T17:00:00+08:00"


def test_sending_twice_makes_one_case_and_shows_the_same_receipt(town: Town, desk) -> None:
    client, form = desk(town.chen), filled()
    first, second = client.post(REGISTER, form), client.post(REGISTER, form)
    assert (first.status_code, second.status_code) == (201, 200)
    case = Case.objects.get()
    assert case.lookup_secret.unseal() in text_of(second)


def test_the_same_form_with_other_words_is_a_conflict_and_keeps_what_was_typed(town: Town, desk) -> None:
    client, form = desk(town.chen), filled()
    client.post(REGISTER, form)
    answer = client.post(REGISTER, {**form, "text": "另一件事：井盖坏了。"})
    assert answer.status_code == 409
    assert "This form was already sent with other content" in text_of(answer)
    page = answer.content.decode()
    assert "另一件事：井盖坏了。" in page
    key = re.search(r'name="client_key" value="([^"]+)"', page)
    assert key is not None
    assert key.group(1) != form["client_key"]
    assert Case.objects.count() == 1


def test_a_work_order_somebody_entered_before_is_not_entered_again(town: Town, desk) -> None:
    earlier = makers.make_case(town, at=recently(), external_no="HL-9")
    answer = desk(town.chen).post(REGISTER, filled(external_no="HL-9"))
    assert answer.status_code == 200
    assert f"already belongs to {earlier.number}" in text_of(answer)
    assert earlier.lookup_secret.unseal() not in text_of(answer)
    assert Case.objects.count() == 1


# --- where -------------------------------------------------------------------------------------------


def test_words_are_answered_with_candidates_how_sure_and_why(town: Town, desk) -> None:
    piece = desk(town.chen).post(reverse("desk:places"), {"place": "林都花园3号楼"})
    page = text_of(piece)
    assert "Yimei District / Chaoyang Subdistrict / Yonghong Community / Grid 1" in page
    assert re.search(r"\d+% sure", page)
    assert "林都花园" in page
    assert f'value="{places.GRID}"' in piece.content.decode()


def test_a_road_through_two_grids_leaves_the_choice_to_the_clerk(town: Town, desk) -> None:
    piece = desk(town.chen).post(reverse("desk:places"), {"place": "新兴路"}).content.decode()
    assert piece.count('type="radio"') == 2
    assert "checked" not in piece


def test_words_nobody_knows_say_what_else_helps(town: Town, desk) -> None:
    piece = desk(town.chen).post(reverse("desk:places"), {"place": "说不清的地方"})
    assert "These words name no place we know here." in text_of(piece)


def test_places_outside_the_post_are_no_candidates(town: Town, desk) -> None:
    piece = desk(town.he).post(reverse("desk:places"), {"place": "松涛家园"})
    assert 'type="radio"' not in piece.content.decode()


def test_without_script_a_button_looks_the_place_up_and_keeps_the_form(town: Town, desk) -> None:
    answer = desk(town.chen).post(REGISTER, filled(look="1", candidate=None))
    assert answer.status_code == 200
    page = answer.content.decode()
    assert TEXT in page
    assert f'value="{places.GRID}"' in page
    assert not Case.objects.exists()


def test_a_point_on_the_map_finds_the_grid_under_it(town: Town, desk) -> None:
    lon, lat = places.point_in(places.SECOND_GRID)
    desk(town.chen).post(REGISTER, filled(place="", candidate=None, lon=lon, lat=lat))
    case = Case.objects.get()
    assert (case.grid, case.lon, case.lat) == (places.SECOND_GRID, lon, lat)


def test_an_area_chosen_from_the_tree_counts_before_the_words(town: Town, desk) -> None:
    desk(town.chen).post(REGISTER, filled(area=places.SECOND_COMMUNITY))
    assert Case.objects.get().area_code == places.SECOND_COMMUNITY


def test_a_point_and_an_area_that_contradict_each_other_are_sent_back(town: Town, desk) -> None:
    lon, lat = places.point_in(places.GRID)
    answer = desk(town.chen).post(REGISTER, filled(area=places.SECOND_COMMUNITY, lon=lon, lat=lat))
    assert answer.status_code == 422
    assert "The point on the map lies in another area. Correct one of the two." in text_of(answer)


def test_a_place_must_be_given(town: Town, desk) -> None:
    answer = desk(town.chen).post(REGISTER, filled(candidate=None))
    assert answer.status_code == 422
    assert "Choose what the words mean, a point on the map, or the area." in text_of(answer)
    assert TEXT in answer.content.decode()


def test_a_candidate_nobody_offered_is_not_taken(town: Town, desk) -> None:
    assert desk(town.chen).post(REGISTER, filled(candidate=places.NEXT_GRID)).status_code == 422


def test_a_place_outside_the_area_of_the_post_is_refused(town: Town, desk) -> None:
    lon, lat = places.point_in(places.NEXT_GRID)
    answer = desk(town.he).post(
        REGISTER, filled(channel="walk_in", place="", candidate=None, lon=lon, lat=lat)
    )
    assert answer.status_code == 422
    assert "This place lies outside the area of your post." in text_of(answer)
    assert not Case.objects.exists()


# --- who ---------------------------------------------------------------------------------------------


def test_the_contact_is_sealed_and_shown_masked(town: Town, desk) -> None:
    client = desk(town.chen)
    client.post(REGISTER, filled(address="林都花园3号楼2单元501室"))
    page = text_of(client.get(reverse("desk:case", args=[Case.objects.get().number])))
    assert "林*" in page
    assert "100****1001" in page
    assert "林秀英" not in page
    assert "10000001001" not in page


def test_anonymous_keeps_no_contact_whatever_was_typed(town: Town, desk) -> None:
    desk(town.chen).post(REGISTER, filled(who="anonymous"))
    case = Case.objects.get()
    assert case.anonymous
    assert case.requester is None


def test_confidential_is_kept(town: Town, desk) -> None:
    desk(town.chen).post(REGISTER, filled(confidential="on", request_type="report"))
    assert Case.objects.get().confidential


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"text": ""}, "This field is required."),
        ({"text": "很" * 4001}, "Ensure this value has at most 4000 characters"),
        ({"phone": "没有电话"}, "phone number"),
        ({"client_key": None}, "This field is required."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_kept(town: Town, desk, changed: dict[str, Any], said: str) -> None:
    answer = desk(town.chen).post(REGISTER, filled(**changed))
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert not Case.objects.exists()


def test_photos_come_along(town: Town, desk) -> None:
    desk(town.chen).post(REGISTER, {**filled(), "photos": [make_photo(), make_photo("olive")]})
    assert Attachment.objects.filter(case=Case.objects.get()).count() == 2


@pytest.mark.parametrize("name", ["chen", "xu", "he", "sun", "gao"])
def test_who_takes_requests_in(town: Town, desk, name: str) -> None:
    client = desk(town.people[name])
    assert client.get(REGISTER).status_code == 200
    assert client.post(REGISTER, filled(channel="walk_in")).status_code == 201


@pytest.mark.parametrize(
    "role",
    [
        Role.DEPARTMENT_HANDLER,
        Role.CALLBACK_AGENT,
        Role.CENTER_SUPERVISOR,
        Role.AUDITOR,
        Role.DISTRICT_LEADER,
    ],
)
def test_who_does_not(town: Town, desk, role: Role) -> None:
    client = desk(town.with_role(role))
    assert client.get(REGISTER).status_code == 403
    assert client.post(REGISTER, filled()).status_code == 403
    assert client.post(reverse("desk:places"), {"place": "林都花园"}).status_code == 403


def test_every_form_has_a_key_of_its_own(town: Town, desk) -> None:
    client = desk(town.chen)
    keys = [
        re.search(r'name="client_key" value="([^"]+)"', client.get(REGISTER).content.decode()) for _ in "ab"
    ]
    assert len({key.group(1) for key in keys if key}) == 2
