"""A resident reports in three steps; each step can go wrong, and nothing typed is ever lost."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

import town as places
from doors.resident import reporting as steps
from makers import make_photo
from wangge.cases.models import Attachment, Case
from wangge.foundation.accounts.models import SpendingWindow
from wangge.foundation.files.models import StoredFile


def test_three_steps_make_a_case(visitor):
    key = steps.fill(visitor, photos=[make_photo()])
    case = Case.objects.get(number=steps.number_in(steps.send(visitor, key)))
    assert (case.state, case.channel, case.request_type) == ("registered", "app", "help")
    assert (case.text, case.place) == (steps.TEXT, "林都花园3号楼前")
    assert case.grid == places.GRID
    assert case.requester.phone.unseal() == steps.PHONE
    assert case.requester_user_id is None
    assert Attachment.objects.filter(case=case, note=None).count() == 1


def test_a_signed_in_residents_request_is_theirs(lin, town):
    number = steps.number_in(steps.send(lin, steps.fill(lin)))
    assert Case.objects.get(number=number).requester_user_id == town.lin.user.pk
    assert number in steps.page(lin.get("/requests"))


def test_a_clerk_reports_as_a_resident_like_everybody(town):
    """What somebody reports at home has nothing to do with their post."""
    client = town.client("wu")
    case = Case.objects.get(number=steps.number_in(steps.send(client, steps.fill(client))))
    assert (case.channel, case.registered_unit_id) == ("app", None)
    assert case.requester_user_id == town.wu.user.pk


def test_an_anonymous_report_keeps_nobody_even_when_a_name_was_typed(lin):
    key = steps.fill(lin)
    assert steps.say_who(lin, key, "anonymous", name=steps.NAME, phone=steps.PHONE).status_code == 302
    case = Case.objects.get(number=steps.number_in(steps.send(lin, key)))
    assert case.anonymous
    assert (case.requester, case.requester_user) == (None, None)


def test_a_confidential_report_is_marked_as_such(visitor):
    key = steps.fill(visitor, kind="report", mode="confidential")
    case = Case.objects.get(number=steps.number_in(steps.send(visitor, key)))
    assert case.confidential
    assert case.requester.confidential


def test_confidentiality_is_for_reports_and_complaints(visitor):
    key = steps.begin(visitor)
    steps.say_what(visitor, key, kind="help")
    steps.say_where(visitor, key)
    assert "confidential" not in steps.page(visitor.get(f"/report/{key}/contact"))
    assert steps.say_who(visitor, key, "confidential").status_code == 422


def test_whoever_turns_a_report_into_a_question_is_asked_for_contact_again(visitor):
    key = steps.fill(visitor, kind="report", mode="confidential")
    steps.say_what(visitor, key, kind="consult")
    assert steps.send(visitor, key)["Location"] == f"/report/{key}/contact"


def test_the_sign_of_a_grid_proposes_its_place(visitor):
    key = steps.begin(visitor, places.SECOND_GRID)
    text = "楼道里堆了杂物"
    steps.say_what(visitor, key, text, grid=places.SECOND_GRID)
    page = visitor.get(f"/report/{key}/where")
    assert page.context["chosen"].area_code == places.SECOND_GRID
    asked = page.context["candidates"].asked
    steps.say_where(visitor, key, "", asked=asked, choice=places.SECOND_GRID)
    steps.say_who(visitor, key)
    case = Case.objects.get(number=steps.number_in(steps.send(visitor, key)))
    assert (case.grid, case.channel) == (places.SECOND_GRID, "qr")


def test_a_made_up_grid_is_ignored(visitor):
    assert visitor.get("/report", {"grid": "230717001001999"})["Location"].endswith("/what")
    assert visitor.get("/report", {"grid": "<b>"})["Location"].endswith("/what")


# --- what can be wrong ------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "code"), [("  ", "required"), ("长" * 4001, "max_length")])
def test_an_empty_or_endless_text_is_refused_at_its_field(visitor, text, code):
    key = steps.begin(visitor)
    response = steps.say_what(visitor, key, text)
    assert response.status_code == 422
    [error] = response.context["form"].errors.as_data()["text"]
    assert error.code == code
    assert text.strip() in steps.page(response)


def test_a_kind_must_be_chosen(visitor):
    key = steps.begin(visitor)
    response = steps.say_what(visitor, key, kind="other")
    assert "kind" in response.context["form"].errors
    assert steps.TEXT in steps.page(response)


def test_what_is_no_photo_says_so_and_the_others_stay(visitor):
    key = steps.begin(visitor)
    letter = SimpleUploadedFile("photo.jpg", b"%PDF-1.7 not a photo", content_type="image/jpeg")
    response = steps.say_what(visitor, key, photos=[make_photo("orange"), letter])
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["photos"]
    assert len(response.context["draft"].photos) == 1
    assert steps.say_what(visitor, key).status_code == 302
    assert len(visitor.get(f"/report/{key}/check", follow=True).context["draft"].photos) == 1


def test_photos_stay_when_the_text_is_wrong(visitor):
    key = steps.begin(visitor)
    response = steps.say_what(visitor, key, "", photos=[make_photo("orange")])
    assert response.status_code == 422
    [digest] = response.context["draft"].photos
    assert visitor.get(f"/report/{key}/photos/{digest}")["Content-Type"] == "image/jpeg"


def test_there_are_at_most_three_photos(visitor):
    key = steps.begin(visitor)
    colours = ["red", "green", "blue", "black"]
    response = steps.say_what(visitor, key, photos=[make_photo(colour) for colour in colours])
    assert "photos" in response.context["form"].errors
    assert len(response.context["draft"].photos) == 3


def test_a_photo_can_be_left_out_again(visitor):
    key = steps.begin(visitor)
    steps.say_what(visitor, key, photos=[make_photo("red"), make_photo("green")])
    first, second = visitor.get(f"/report/{key}/what").context["draft"].photos
    steps.say_what(visitor, key, drop=[first])
    assert visitor.get(f"/report/{key}/what").context["draft"].photos == [second]


def test_a_strangers_photo_is_not_found(visitor):
    key = steps.begin(visitor)
    steps.say_what(visitor, key, photos=[make_photo("red")])
    [digest] = visitor.get(f"/report/{key}/what").context["draft"].photos
    assert Client().get(f"/report/{key}/photos/{digest}").status_code == 404


def test_a_place_nobody_knows_needs_an_area(visitor):
    key = steps.begin(visitor)
    steps.say_what(visitor, key, "井盖坏了")
    response = steps.say_where(visitor, key, "那个地方")
    assert response.status_code == 422
    assert "named_area" in response.context["form"].errors
    assert steps.say_where(visitor, key, "那个地方", named_area=places.STREET).status_code == 302
    assert visitor.get(f"/report/{key}/check", follow=True).context["draft"].area == places.STREET


def test_words_with_several_meanings_are_asked_about(visitor):
    key = steps.begin(visitor)
    steps.say_what(visitor, key, "路面坏了")
    response = steps.say_where(visitor, key, "新兴路")
    assert response.status_code == 422
    assert "choice" in response.context["form"].errors
    meanings = {one.area_code for one in response.context["candidates"].all}
    assert meanings == {places.GRID, places.SECOND_GRID}
    asked = response.context["candidates"].asked
    assert steps.say_where(visitor, key, "新兴路", asked=asked, choice=places.SECOND_GRID).status_code == 302
    steps.say_who(visitor, key)
    case = Case.objects.get(number=steps.number_in(steps.send(visitor, key)))
    assert case.grid == places.SECOND_GRID
    assert case.place_confidence < 1


def test_none_of_these_needs_an_area(visitor):
    key = steps.begin(visitor)
    steps.say_what(visitor, key, "路面坏了")
    asked = steps.say_where(visitor, key, "新兴路").context["candidates"].asked
    response = steps.say_where(visitor, key, "新兴路", asked=asked, choice="none")
    assert "named_area" in response.context["form"].errors


def test_a_point_on_the_map_is_used_and_no_other(visitor):
    key = steps.begin(visitor)
    steps.say_what(visitor, key, "路面坏了")
    lon, lat = places.point_in(places.THIRD_GRID)
    assert steps.say_where(visitor, key, "", lon=lon, lat=lat).status_code == 302
    steps.say_who(visitor, key)
    case = Case.objects.get(number=steps.number_in(steps.send(visitor, key)))
    assert (case.grid, case.lon, case.lat) == (places.THIRD_GRID, lon, lat)


def test_a_point_outside_all_grids_needs_an_area(visitor):
    key = steps.begin(visitor)
    steps.say_what(visitor, key, "路面坏了")
    assert "named_area" in steps.say_where(visitor, key, "", lon=100, lat=30).context["form"].errors
    assert steps.say_where(visitor, key, "", lon=100, lat=30, named_area=places.DISTRICT).status_code == 302


@pytest.mark.parametrize(
    ("given", "field"),
    [({"name": ""}, "name"), ({"phone": ""}, "phone"), ({"phone": "隔壁老王家"}, "phone")],
)
def test_somebody_to_be_called_leaves_a_name_and_a_number(visitor, given, field):
    key = steps.fill(visitor)
    response = steps.say_who(visitor, key, **given)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]


def test_no_step_is_jumped_over(visitor):
    key = steps.begin(visitor)
    for later in ("where", "contact", "check"):
        assert visitor.get(f"/report/{key}/{later}")["Location"] == f"/report/{key}/what"
    steps.say_what(visitor, key)
    assert visitor.get(f"/report/{key}/check")["Location"] == f"/report/{key}/where"
    assert steps.send(visitor, key)["Location"] == f"/report/{key}/where"
    assert Case.objects.count() == 0


def test_a_made_up_key_is_not_found(visitor):
    assert visitor.get("/report/short/what").status_code == 404
    assert visitor.post("/report/short/renew").status_code == 404
    assert visitor.get("/report/short/photos/abc").status_code == 404


# --- nothing is lost, nothing is kept ---------------------------------------------------------------


def test_going_back_finds_everything_as_it_was_typed(visitor):
    key = steps.fill(visitor)
    assert steps.TEXT in steps.page(visitor.get(f"/report/{key}/what"))
    assert "林都花园3号楼前" in steps.page(visitor.get(f"/report/{key}/where"))
    assert steps.PHONE in steps.page(visitor.get(f"/report/{key}/contact"))


def test_the_back_button_keeps_what_is_only_half_right(visitor):
    key = steps.begin(visitor)
    steps.say_what(visitor, key)
    response = steps.say_where(visitor, key, "说不清的地方", back="1")
    assert response["Location"] == f"/report/{key}/what"
    assert "说不清的地方" in steps.page(visitor.get(f"/report/{key}/where"))
    steps.say_where(visitor, key)
    response = steps.say_who(visitor, key, phone="12", back="1")
    assert response["Location"] == f"/report/{key}/where"
    assert 'value="12"' in steps.page(visitor.get(f"/report/{key}/contact"))


def test_two_tabs_are_two_reports(visitor):
    first, second = steps.fill(visitor, "路灯不亮"), steps.fill(visitor, "井盖坏了")
    numbers = {steps.number_in(steps.send(visitor, key)) for key in (first, second)}
    assert {case.text for case in Case.objects.filter(number__in=numbers)} == {"路灯不亮", "井盖坏了"}


def test_a_phone_number_in_the_text_is_masked_and_the_resident_told(visitor):
    key = steps.fill(visitor, f"路灯不亮，我的电话{steps.PHONE}")
    page = visitor.get(f"/report/{key}/check")
    assert [one.shown for one in page.context["masked"]] == ["100****1001"]
    assert steps.PHONE not in page.context["text"]
    case = Case.objects.get(number=steps.number_in(steps.send(visitor, key)))
    assert steps.PHONE not in case.text + case.title


def test_a_draft_lies_sealed_in_the_session_and_is_gone_once_sent(visitor):
    key = steps.fill(visitor)
    kept = Session.objects.get().get_decoded()
    assert steps.PHONE not in str(kept)
    assert steps.NAME not in str(kept)
    assert key in kept["report_drafts"]
    steps.send(visitor, key)
    assert not Session.objects.get().get_decoded()["report_drafts"]


def test_reading_a_page_leaves_no_session(visitor):
    for address in ("/", "/report", "/board", "/follow", "/your-data"):
        visitor.get(address, follow=True)
    assert Session.objects.count() == 0


# --- too often --------------------------------------------------------------------------------------


def test_too_many_reports_are_put_off_politely_and_nothing_is_lost(visitor, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "intake": (1, 600)}
    steps.send(visitor, steps.fill(visitor))
    key = steps.fill(visitor, "井盖坏了")
    response = steps.send(visitor, key)
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 600
    assert "12345" in steps.page(response)
    assert Case.objects.count() == 1
    SpendingWindow.objects.all().delete()  # the window is over
    assert steps.send(visitor, key).status_code == 302
    assert Case.objects.count() == 2


def test_too_many_photos_in_a_short_time_are_put_off(visitor, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "upload": (1, 600)}
    key = steps.begin(visitor)
    steps.say_what(visitor, key, photos=[make_photo("red")])
    response = steps.say_what(visitor, key, "井盖坏了", photos=[make_photo("green")])
    assert response.status_code == 429
    assert "井盖坏了" in steps.page(visitor.get(f"/report/{key}/what"))
    assert StoredFile.objects.count() == 1
