"""What a district offers to other programs, in both notations."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

import town as places
from doors.open311.senders import ROOT, Sender, refused
from town import FOUNDER, Town
from wangge.duties.actions import end_rule
from wangge.duties.models import DispatchRule
from wangge.foundation.worktime import clock
from wangge.foundation.worktime.workcalendar import SHANGHAI


def codes(sender: Sender) -> set[str]:
    return {service["service_code"] for service in sender.read("services")}


def test_services_are_the_matters_in_force_by_their_category(anybody: Sender, town: Town) -> None:
    services = {service["service_code"]: service for service in anybody.read("services")}
    assert set(services) == {matter.code for matter in town.matters.values()}
    assert services["ROAD-05"] == {
        "service_code": "ROAD-05",
        "service_name": "路灯不亮",
        "description": "道路、井盖、路灯：路灯不亮",
        "metadata": True,
        "type": "realtime",
        "keywords": "路灯",
        "group": "道路、井盖、路灯",
    }


def test_a_matter_nobody_owes_in_the_district_is_not_offered(anybody: Sender, town: Town) -> None:
    today = clock.now().astimezone(SHANGHAI).date()
    rule = DispatchRule.objects.get(matter=town.matters["lamp"])
    end_rule(by=FOUNDER, at=clock.now(), rule=rule, day=today)
    assert "ROAD-05" not in codes(anybody)
    assert codes(Sender(district=places.OTHER_DISTRICT)) == set()
    refused(anybody.get("services/ROAD-05"), 404)


def test_a_definition_asks_what_kind_of_request_it_is(anybody: Sender) -> None:
    told = anybody.read("services/ROAD-05")
    assert told["service_code"] == "ROAD-05"
    [question] = told["attributes"]
    assert (question["code"], question["required"]) == ("request_type", False)
    assert [value["key"] for value in question["values"]] == ["help", "complaint", "report"]
    assert anybody.read("services/ASSIST-01") == {"service_code": "ASSIST-01", "attributes": []}


def test_names_come_in_the_language_asked_for(town: Town) -> None:
    asked = {"jurisdiction_id": places.DISTRICT}
    answer = Client().get(f"{ROOT}/services.json", asked, headers={"Accept-Language": "en"})
    names = {service["service_code"]: service["service_name"] for service in json.loads(answer.content)}
    assert names["ROAD-05"] == "Street lamp out"
    assert answer.headers["Content-Language"] == "en"


@pytest.mark.parametrize("form", ["json", "xml"])
def test_a_district_must_be_named_where_there_are_several(town: Town, form: str) -> None:
    for asked, status in (("", 400), ("230799", 404), (places.STREET, 404), ("\x00", 404), ("x" * 9000, 404)):
        answer = Client().get(f"{ROOT}/services.{form}", {"jurisdiction_id": asked})
        assert refused(answer, status)


def test_a_district_may_have_names_of_its_own(anybody: Sender, settings: Settings) -> None:
    settings.OPEN311_JURISDICTIONS = {"yimei.example.cn": places.DISTRICT}
    anybody.district = "yimei.example.cn"
    assert "ROAD-05" in codes(anybody)


@pytest.mark.parametrize("code", ["NONE", "\x00", "%00", "ROAD-05.json"])
def test_unknown_services_are_not_found(anybody: Sender, code: str) -> None:
    refused(anybody.get(f"services/{code}"), 404)


@pytest.mark.parametrize("form", ["json", "xml"])
def test_the_discovery_says_where_the_calls_are(town: Town, form: str) -> None:
    sender = Sender(form=form)
    told = sender.read("discovery")
    if form == "json":
        [endpoint] = told["endpoints"]
        assert endpoint["url"] == "http://testserver/open311/v2"
        assert endpoint["formats"] == ["text/xml", "application/json"]
    else:
        assert told.findtext("endpoints/endpoint/url") == "http://testserver/open311/v2"
        assert [found.text for found in told.iterfind("endpoints/endpoint/formats/format")] == [
            "text/xml", "application/json",
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("nothing.json", "application/json"), ("nothing.xml", "text/xml"), ("services", "text/xml"),
        ("services.yaml", "text/xml"), ("requests/a/b.json", "application/json"),
    ],
)  # fmt: skip
def test_what_is_no_address_is_said_in_its_notation(db: None, address: str, kind: str) -> None:
    for method in ("get", "post"):
        answer = getattr(Client(enforce_csrf_checks=True), method)(f"{ROOT}/{address}")
        refused(answer, 404)
        assert answer.headers["Content-Type"].startswith(kind)


def test_methods_that_an_address_does_not_take(anybody: Sender) -> None:
    for method, address in (("post", "services.json"), ("delete", "requests.json"), ("put", "requests.xml")):
        answer = getattr(anybody.client, method)(f"{ROOT}/{address}")
        refused(answer, 405)
        assert "GET" in answer.headers["Allow"]


def test_reading_has_its_rate(anybody: Sender, settings: Settings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "open311": (2, 600)}
    anybody.read("services")
    anybody.read("services")
    answer = anybody.get("services")
    refused(answer, 429)
    assert int(answer.headers["Retry-After"]) <= 600


def test_pages_of_others_may_read_and_no_cookie_counts(anybody: Sender, town: Town) -> None:
    answer = anybody.get("services")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in answer.headers
    assert not answer.cookies
