"""A report from the street: one form, one case, however often the phone sends it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from PIL import Image

from makers import make_photo
from town import GRID, OTHER_GRID, SECOND_GRID, Town, point_in
from wangge.cases.models import Attachment, Case
from wangge.cases.words import Channel
from wangge.duties.models import Priority
from wangge.foundation.files.disk import open_photo
from wangge.foundation.files.models import StoredFile
from wangge.foundation.journal.queries import lines_of
from wangge.organisations.models import Appointment

TEXT = "三号楼东侧的井盖翘起来了，晚上容易绊倒人。"


def report(client: Client, **changed: Any) -> HttpResponse:
    sent = {"client_key": "key-1", "kind": "component", "text": TEXT, "place": "三号楼东侧", **changed}
    return client.post("/field/report", {name: value for name, value in sent.items() if value is not None})


@pytest.fixture
def zhou(town: Town) -> Client:
    return town.client("zhou")


def test_a_report_becomes_a_case_in_my_grid(town: Town, zhou: Client):
    response = report(zhou, photos=[make_photo()])
    case = Case.objects.get()
    assert response.status_code == 302
    assert response.headers["Location"] == f"/field/cases/{case.number}"
    assert (case.channel, case.area_code, case.text, case.place) == (
        Channel.GRID_PATROL, GRID, TEXT, "三号楼东侧",
    )  # fmt: skip
    assert (case.requester, case.anonymous, case.priority) == (None, False, Priority.NORMAL)
    assert case.registered_unit == town.bodies["committee"]
    assert Attachment.objects.filter(case=case).count() == 1
    line = lines_of(case.subject).get()
    assert (line.act, line.actor_id) == ("case.registered", town.zhou.holder.id)


def test_the_next_page_names_the_number_and_shows_what_was_written(zhou: Client):
    page = zhou.get(report(zhou).headers["Location"])
    number = Case.objects.get().number
    assert f"已上报，编号 {number}" in page.content.decode()
    assert TEXT in page.content.decode()


def test_sent_twice_under_one_key_it_is_one_case(zhou: Client):
    first, second = report(zhou), report(zhou)
    assert first.headers["Location"] == second.headers["Location"]
    assert Case.objects.count() == 1
    assert "没有重复登记" in zhou.get(second.headers["Location"]).content.decode()


def test_with_photos_too(zhou: Client):
    content = make_photo().read()
    for _time in range(2):
        photo = SimpleUploadedFile("p.jpg", content, content_type="image/jpeg")
        assert report(zhou, photos=[photo]).status_code == 302
    assert Case.objects.count() == Attachment.objects.count() == 1


def test_other_words_under_a_used_key_come_back_under_a_new_one(zhou: Client):
    report(zhou)
    response = report(zhou, text="另一件事：路灯不亮。")
    assert response.status_code == 409
    form = response.context["form"]
    assert form["text"].value() == "另一件事：路灯不亮。"
    assert form["client_key"].value() not in ("key-1", "")
    assert Case.objects.count() == 1
    assert report(zhou, text="另一件事：路灯不亮。", client_key=form["client_key"].value()).status_code == 302
    assert Case.objects.count() == 2


def test_a_point_chosen_on_the_map_is_the_place(zhou: Client):
    lon, lat = point_in(GRID)
    report(zhou, lon=lon, lat=lat)
    case = Case.objects.get()
    assert (case.lon, case.lat, case.grid, case.place_confidence) == (lon, lat, GRID, 1.0)


@pytest.mark.parametrize("grid", [SECOND_GRID, OTHER_GRID])
def test_a_point_in_another_grid_is_refused_with_words(zhou: Client, grid: str):
    lon, lat = point_in(grid)
    response = report(zhou, lon=lon, lat=lat)
    assert response.status_code == 422
    assert "不在您的网格内" in response.content.decode()
    assert response.context["form"]["text"].value() == TEXT
    assert not Case.objects.exists()


def test_a_point_in_no_grid_is_refused_too(zhou: Client):
    response = report(zhou, lon=0.5, lat=0.5)
    assert response.status_code == 422
    assert "不在任何网格内" in response.content.decode()


def test_danger_makes_it_an_emergency_and_the_page_says_whom_to_call_first(zhou: Client):
    said = zhou.get("/field/report").content.decode()
    assert all(f'href="tel:{line}"' in said for line in (110, 119, 120))
    report(zhou, danger="on")
    assert Case.objects.get().priority == Priority.EMERGENCY


def test_a_resident_who_wants_to_hear_is_kept_sealed(zhou: Client):
    report(zhou, name="林秀英", phone="10000001001")
    case = Case.objects.get()
    assert case.requester is not None
    assert case.requester.phone.unseal() == "10000001001"
    page = zhou.get(f"/field/cases/{case.number}").content.decode()
    assert "林秀英" not in page
    assert "10000001001" not in page


def test_a_name_without_a_number_helps_nobody(zhou: Client):
    response = report(zhou, name="林秀英")
    assert response.status_code == 422
    assert "没有电话就无法告诉居民结果" in response.content.decode()


def test_a_number_that_is_none_is_refused_at_its_field(zhou: Client):
    response = report(zhou, phone="12")
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {"phone"}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "   "}, "text"),
        ({"text": "长" * 4001}, "text"),
        ({"kind": None}, "kind"),
        ({"kind": "complaint"}, "kind"),
        ({"place": "长" * 201}, "place"),
        ({"client_key": ""}, "client_key"),
    ],
)
def test_what_is_missing_or_too_much_is_said_at_its_field(zhou: Client, changed: dict[str, Any], field: str):
    response = report(zhou, **changed)
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {field}
    assert not Case.objects.exists()


def test_what_is_no_photo_is_refused_and_the_words_stay(zhou: Client):
    bad = SimpleUploadedFile("p.jpg", b"MZ this is a program", content_type="image/jpeg")
    response = report(zhou, photos=[bad])
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {"photos"}
    assert response.context["form"]["text"].value() == TEXT
    assert not Case.objects.exists()


def test_three_photos_are_the_most(zhou: Client):
    photos = [make_photo(colour) for colour in ("red", "green", "blue", "gold")]
    response = report(zhou, photos=photos)
    assert response.status_code == 422
    assert "最多 3 张照片" in response.content.decode()


def test_photos_are_not_taken_twice_because_something_else_was_missing(zhou: Client):
    back = report(zhou, text="", photos=[make_photo("red"), make_photo("green")])
    assert back.status_code == 422
    assert "已存 2 张照片" in back.content.decode()
    kept = back.context["form"]["kept"].value()
    assert report(zhou, kept=kept, photos=[make_photo("blue")]).status_code == 302
    assert Attachment.objects.count() == 3


def test_kept_photos_may_be_left_out(zhou: Client):
    kept = report(zhou, text="", photos=[make_photo("red")]).context["form"]["kept"].value()
    assert report(zhou, kept=kept, drop_kept="on").status_code == 302
    assert not Attachment.objects.exists()


def test_nobody_sends_photos_another_person_kept(town: Town, zhou: Client):
    kept = report(zhou, text="", photos=[make_photo("red")]).context["form"]["kept"].value()
    response = report(town.client("ma"), kept=kept)
    assert response.status_code == 422
    assert "请重新添加照片" in response.content.decode()


def test_a_photo_keeps_nothing_but_its_picture(zhou: Client):
    picture = Image.new("RGB", (400, 300), "steelblue")
    exif = picture.getexif()
    exif[0x010F] = "PHONE OF ZHOU"
    exif.get_ifd(0x8825)[2] = (47.0, 43.0, 19.0)
    content = io.BytesIO()
    picture.save(content, "JPEG", exif=exif)
    report(zhou, photos=[SimpleUploadedFile("zhou-10000001001.jpg", content.getvalue())])
    with open_photo(StoredFile.objects.get()) as kept:
        stored = kept.read()
    assert b"ZHOU" not in stored
    assert not Image.open(io.BytesIO(stored)).getexif()


def test_a_part_time_worker_reports_as_well(town: Town):
    assert report(town.client("ma")).status_code == 302
    assert Case.objects.get().area_code == GRID


def test_a_worker_whose_post_ended_reports_nothing(town: Town, zhou: Client):
    Appointment.objects.filter(user=town.zhou.user).update(valid_to=town.at)
    assert report(zhou).status_code == 403
    assert not Case.objects.exists()


def test_the_same_address_answers_a_script_with_the_next_page(zhou: Client):
    """As `islands/drafts.ts` sends: no redirect is followed, so the sentence is not used up unseen."""
    sent = {"client_key": "key-1", "kind": "component", "text": TEXT}
    response = zhou.post("/field/report", sent, headers={"HX-Request": "true"})
    number = Case.objects.get().number
    assert (response.status_code, response.headers["HX-Redirect"]) == (204, f"/field/cases/{number}")
    assert f"编号 {number}" in zhou.get(f"/field/cases/{number}").content.decode()
