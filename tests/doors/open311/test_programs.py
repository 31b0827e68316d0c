"""Real programs against the running server: the client `georeport`, and a sender as FixMyStreet is one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen
from xml.etree import ElementTree as ET

import pytest
import requests
from defusedxml.ElementTree import fromstring
from django.utils import timezone
from georeport import GeoReport

import town as places
from doors.open311.senders import LAMP, make_key
from makers import PATHS, _Walk, make_case, reloaded
from serving import Serving
from town import Town, build_town, recently
from wangge.cases.models import Case
from wangge.cases.states import State


@pytest.fixture
def built(serving: Serving) -> Town:
    """The town where the other process sees it too."""
    town = build_town()
    serving.start_web()
    return town


@pytest.mark.parametrize("form", ["json", "xml"])
def test_the_client_from_pypi_reads_everything(serving: Serving, built: Town, form: str) -> None:
    cases = [
        make_case(built, State.CLOSED, at=recently(30)),
        make_case(built, State.IN_PROGRESS, at=recently(20), matter="pipe"),
    ]
    client = GeoReport(f"{serving.url}/open311/v2/", jurisdiction=places.DISTRICT, output_format=form)
    services = client.get_service_list()
    assert {service["service_code"] for service in services} == {
        matter.code for matter in built.matters.values()
    }
    definition = client.get_service_definition("ROAD-05")
    assert definition["service_code"] == "ROAD-05"
    assert definition["attributes"]
    found = client.get_service_requests()
    assert [row["service_request_id"] for row in found] == [cases[1].number, cases[0].number]
    ids = ",".join(case.number for case in cases)
    assert len(client.get_service_requests(service_request_id=ids)) == 2
    both = client.get_service_requests(service_code="ROAD-05,WATER-01", status="open,closed")
    assert len(both) == 2
    since = (timezone.now() - timedelta(days=3)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert len(client.get_service_requests(start_date=since)) == 2
    one = client.get_service_request(cases[0].number)
    assert (one["service_request_id"], one["status"]) == (cases[0].number, "closed")
    with pytest.raises(requests.HTTPError, match="404"):
        client.get_service_request("230717-20260101-99999")
    with pytest.raises(requests.HTTPError, match="404"):
        client.get_service_definition("NONE")


@dataclass
class FixMyStreet:
    """Sends and polls as mySociety's `Open311.pm` does: forms out, XML in, its own id as an attribute."""

    endpoint: str
    api_key: str
    jurisdiction: str = places.DISTRICT
    reports: dict[str, str] = field(default_factory=dict)
    comments: dict[str, tuple[str, str]] = field(default_factory=dict)
    last_polled: str = ""

    def send(self, report: str) -> str:
        told = {
            "jurisdiction_id": self.jurisdiction, "api_key": self.api_key, "lat": LAMP["lat"],
            "long": LAMP["long"], "email": LAMP["email"], "service_code": "ROAD-05",
            "description": f"title: 路灯不亮\n\ndetail: 三天没亮了\n\nurl: https://fix.example/{report}\n\n"
            "Submitted via FixMyStreet\n",
            "first_name": "Ann", "last_name": "Lee", "phone": LAMP["phone"],
            "media_url": f"https://fix.example/{report}.jpg", "attribute[fixmystreet_id]": report,
            "attribute[title]": "路灯不亮", "attribute[easting]": "533000",
        }  # fmt: skip
        answer = urlopen(Request(f"{self.endpoint}requests.xml", urlencode(told).encode()))
        root = fromstring(answer.read())
        number = root.findtext("request/service_request_id")
        assert number
        self.reports[number] = "confirmed"
        return str(number)

    def poll(self) -> list[str]:
        """Fetch what is new and put it beside the reports, each update once; returns the new statuses."""
        asked = {"jurisdiction_id": self.jurisdiction, "api_key": self.api_key}
        if self.last_polled:
            asked |= {"start_date": self.last_polled, "end_date": _w3c(timezone.now() + timedelta(minutes=1))}
        fresh = []
        for update in self._get("servicerequestupdates.xml", asked).iterfind("request_update"):
            values = {child.tag: child.text or "" for child in update}
            if values["update_id"] not in self.comments:
                self.comments[values["update_id"]] = (values["service_request_id"], values["description"])
                self.reports[values["service_request_id"]] = values["status"]
                fresh.append(values["description"])
                self.last_polled = values["updated_datetime"]
        return fresh

    def look(self, *numbers: str) -> dict[str, str]:
        asked = {
            "jurisdiction_id": self.jurisdiction, "api_key": self.api_key,
            "service_request_id": ",".join(numbers),
        }  # fmt: skip
        found = self._get("requests.xml", asked).iterfind("request")
        return {str(one.findtext("service_request_id")): str(one.findtext("status")) for one in found}

    def _get(self, address: str, asked: dict[str, Any]) -> ET.Element:
        return fromstring(urlopen(f"{self.endpoint}{address}?{urlencode(asked)}").read())


def _w3c(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def test_a_sender_posts_and_polls_until_it_is_closed(serving: Serving, built: Town) -> None:
    _key, text = make_key(built)
    sender = FixMyStreet(f"{serving.url}/open311/v2/", text)
    number = sender.send("101")
    assert sender.send("101") == number, "sent again after a lost answer"
    assert sender.poll() == []
    walk = _Walk(built, reloaded(Case.objects.get(number=number)), timezone.now(), "lamp", timedelta(0))
    told = []
    for act in PATHS[State.CLOSED]:
        walk.at = timezone.now()
        walk.case = act(walk)
        told += sender.poll()
    assert told == [
        "正在安排", "办理中", "正在核对结果", "等居民确认", "已办结：已更换灯泡和线路，今晚恢复照明。",
    ]  # fmt: skip
    assert sender.reports == {number: "closed"}
    assert sender.look(number) == {number: "closed"}
    assert sender.poll() == []
    assert Case.objects.count() == 1
