"""A program sends a request: once, placed, with its contact sealed; what is wrong is said."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django.fixtures import Settings

import town as places
from doors.open311.senders import LAMP, ROOT, Sender, make_key, refused
from makers import make_photo
from town import FOUNDER, Town
from wangge.cases.models import Attachment, Case
from wangge.cases.states import State
from wangge.doors.open311.keys import revoke_key
from wangge.doors.open311.models import AskedService, Open311Key
from wangge.foundation.journal.queries import lines_of
from wangge.foundation.worktime import clock

PHONE = LAMP["phone"]


def case_of(number: str) -> Case:
    return Case.objects.get(number=number)


def test_a_request_arrives_with_place_kind_and_sealed_contact(sender: Sender, town: Town) -> None:
    case = case_of(sender.send())
    assert (case.state, case.channel, case.request_type) == (State.REGISTERED, "app", "help")
    assert (case.area_code, case.place) == (places.GRID, LAMP["address_string"])
    assert (case.title, case.text) == ("路灯不亮", LAMP["description"])
    assert case.source_system == "open311:fixmystreet"
    assert case.requester is not None
    assert (case.requester.name.unseal(), case.requester.phone.unseal()) == ("林秀英", PHONE)
    assert AskedService.objects.get(case=case).matter == town.matters["lamp"]
    [line] = lines_of(case.subject)
    assert (line.act, line.actor_kind) == ("case.registered", "public")


def test_the_answer_is_as_the_standard_has_it(sender: Sender) -> None:
    [told] = sender.parsed(sender.post(**LAMP))
    assert set(told) == {"service_request_id", "service_notice", "account_id"}
    sender.form = "xml"
    root = sender.parsed(sender.post(**LAMP))
    assert root.tag == "service_requests"
    assert [child.tag for child in root[0]] == ["service_request_id", "service_notice", "account_id"]
    assert root.findtext("request/service_request_id") == Case.objects.latest("pk").number


@pytest.mark.parametrize("name", ["attribute[fixmystreet_id]", "client_reference", "attribute[external_id]"])
def test_the_same_reference_is_the_same_request(sender: Sender, town: Town, name: str) -> None:
    first = sender.send(**{name: "4711"})
    assert sender.send(**{name: "4711"}) == first
    assert sender.send(**{name: "4712"}) != first
    _key, text = make_key(town, sender="other-app")
    assert Sender(text).send(**{name: "4711"}) != first
    assert Case.objects.count() == 3


def test_a_new_key_of_the_same_sender_finds_its_requests(sender: Sender, town: Town) -> None:
    number = sender.send(client_reference="4711")
    _key, text = make_key(town)
    revoke_key(by=FOUNDER, at=clock.now(), key=Open311Key.objects.earliest("pk"))
    refused(sender.post(**LAMP), 403)
    renewed = Sender(text)
    assert renewed.send(client_reference="4711") == number
    assert renewed.read(f"requests/{number}")[0]["service_request_id"] == number


def test_an_idempotency_key_holds_for_the_same_words_only(sender: Sender) -> None:
    first = json.loads(sender.post("k1", **LAMP).content)
    assert json.loads(sender.post("k1", **LAMP).content) == first
    refused(sender.post("k1", **{**LAMP, "description": "另一件事。"}), 400)
    assert Case.objects.count() == 1


def test_without_a_reference_everything_sent_is_a_request_of_its_own(sender: Sender) -> None:
    assert sender.send() != sender.send()


def test_a_place_may_be_words_an_area_or_a_point(sender: Sender) -> None:
    def area(**where: str) -> str:
        return case_of(sender.send(**{"lat": "", "long": "", "address_string": "", **where})).area_code

    lon, lat = places.point_in(places.SECOND_GRID)
    assert area(long=str(lon), lat=str(lat)) == places.SECOND_GRID
    assert area(address_string="河畔小区门口") == places.SECOND_GRID
    assert area(address_string="某个没人知道的地方") == places.DISTRICT
    assert area(address_id=places.COMMUNITY) == places.COMMUNITY
    assert area(long="128.95", lat="47.8", address_id=places.STREET) == places.STREET


@pytest.mark.parametrize(
    ("given", "about"),
    [
        ({"service_code": ""}, "service_code"),
        ({"lat": "", "long": "", "address_string": ""}, "address_string"),
        ({"lat": ""}, "lat, long"),
        ({"lat": "north"}, "lat"),
        ({"lat": "nan"}, "lat"),
        ({"long": "inf"}, "long"),
        ({"long": "1_2"}, "long"),
        ({"lat": "91"}, "lat"),
        ({"lat": LAMP["long"][:4], "long": LAMP["lat"]}, "lat"),
        ({"lat": "47.72", "long": "18.9"}, "lat, long"),
        ({"lat": "47.722", "long": "128.662"}, "lat, long"),  # the other district
        ({"address_id": "230718100"}, "address_id"),
        ({"address_id": "\x00"}, "address_id"),
        ({"address_string": "长" * 201}, "address_string"),
        ({"media_url": "file:///etc/passwd"}, "media_url"),
        ({"media_url": "javascript:alert(1)"}, "media_url"),
        ({"attribute[request_type]": "component"}, "request_type"),
        ({"description": "长" * 4001}, "4000"),
        ({"phone": "not a number"}, ""),
        ({"client_reference": "10000001001"}, ""),
        ({"client_reference": "9" * 81}, "80"),
    ],
)
@pytest.mark.parametrize("form", ["json", "xml"])
def test_what_does_not_fit_is_said_and_nothing_is_written(
    sender: Sender, given: dict[str, str], about: str, form: str
) -> None:
    sender.form = form
    [sentence] = refused(sender.post(**{**LAMP, **given}), 400)
    assert about in sentence
    assert not Case.objects.exists()


def test_a_service_nobody_offers_is_not_found(sender: Sender) -> None:
    refused(sender.post(**{**LAMP, "service_code": "NONE-99"}), 404)


def test_sending_needs_a_key_of_the_district(sender: Sender, anybody: Sender, town: Town) -> None:
    refused(anybody.post(**LAMP), 403)
    refused(Sender("open311_" + "x" * 43).post(**LAMP), 403)
    refused(Sender("x" * 5000).post(**LAMP), 403)
    _key, elsewhere = make_key(town, sender="wucui", district=places.OTHER_DISTRICT)
    refused(Sender(elsewhere).post(**LAMP), 403)
    refused(Sender(elsewhere).get("requests"), 403)
    assert not Case.objects.exists()


def test_wrong_keys_and_many_requests_have_their_rate(sender: Sender, settings: Settings) -> None:
    settings.RATE_LIMITS = {
        **settings.RATE_LIMITS, "open311_post": (1, 600), "open311_knock": (1, 600),
    }  # fmt: skip
    sender.send()
    refused(sender.post(**LAMP), 429)
    stranger = Sender("open311_wrong")
    refused(stranger.post(**LAMP), 403)
    refused(stranger.post(**LAMP), 429)


def test_a_browsers_session_opens_nothing(town: Town) -> None:
    client = town.client("chen")
    refused(client.post(f"{ROOT}/requests.json", {**LAMP, "jurisdiction_id": places.DISTRICT}), 403)


def test_photos_travel_along_and_addresses_of_photos_are_only_words(sender: Sender) -> None:
    url = "http://127.0.0.1:1/secret.jpg"
    case = case_of(sender.send(media=make_photo(), media_url=url))
    assert Attachment.objects.filter(case=case).count() == 1
    assert case.text.endswith(f"[media_url] {url}")


@pytest.mark.parametrize(
    "media",
    [
        SimpleUploadedFile("a.jpg", b"\xff\xd8\xff no photo", content_type="image/jpeg"),
        SimpleUploadedFile(
            "a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", content_type="image/svg+xml"
        ),
        [make_photo("red"), make_photo("blue"), make_photo("green"), make_photo("white")],
    ],
    ids=["broken", "svg", "four"],
)
def test_what_is_no_photo_is_refused(sender: Sender, media: Any) -> None:
    [sentence] = refused(sender.post(**{**LAMP, "media": media}), 400)
    assert sentence.startswith("media")
    assert not Case.objects.exists()


def test_bodies_that_are_no_forms_are_refused_unread(sender: Sender) -> None:
    address = f"{ROOT}/requests.json?jurisdiction_id={places.DISTRICT}"
    post = sender.client.post
    refused(post(address, {"service_code": "ROAD-05"}, content_type="application/json"), 400)
    refused(post(address, b"--x\r\nbroken", content_type="multipart/form-data; boundary=y"), 403)
    refused(post(address, b"broken", content_type="multipart/form-data"), 400)
    refused(
        post(
            address, "a=1", content_type="application/x-www-form-urlencoded", headers={"Content-Length": "x"}
        ),
        400,
    )
    large = b"a=" + b"x" * (3 * 1024 * 1024)
    refused(post(address, large, content_type="application/x-www-form-urlencoded"), 413)
    many = "&".join(f"a{number}=1" for number in range(500))
    refused(post(address, many, content_type="application/x-www-form-urlencoded"), 400)


def test_a_chinese_and_a_foreign_name_are_put_together_as_people_write_them(sender: Sender) -> None:
    for first, last, name in (("秀英", "林", "林秀英"), ("Ann", "Lee", "Ann Lee"), ("", "欧阳", "欧阳")):
        case = case_of(sender.send(first_name=first, last_name=last))
        assert case.requester is not None
        assert case.requester.name.unseal() == name


def test_no_mail_address_account_or_device_is_kept(sender: Sender) -> None:
    case = case_of(
        sender.send(account_id="a-77812", device_id="d-99127", first_name="", last_name="", phone="")
    )
    assert case.requester is None
    kept = [str(value) for value in Case.objects.values_list().get(pk=case.pk)]
    assert not [value for value in kept if "77812" in value or "99127" in value or "example.com" in value]


def test_posting_asks_for_no_form_token(sender: Sender) -> None:
    sender.client = Client(enforce_csrf_checks=True)
    assert sender.send()
