"""Programs on the other side: a key, calls in either notation, and a point to report."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

from defusedxml.ElementTree import fromstring
from django.test import Client

import town as places
from town import FOUNDER, Town
from wangge.doors.open311.keys import create_key
from wangge.doors.open311.models import Open311Key
from wangge.foundation.worktime import clock

ROOT = "/open311/v2"
LON, LAT = places.point_in(places.GRID)
LAMP = {
    "service_code": "ROAD-05",
    "lat": str(LAT),
    "long": str(LON),
    "address_string": "林都花园3号楼前",
    "description": "路灯三天没亮了，晚上看不清路。",
    "first_name": "秀英",
    "last_name": "林",
    "phone": "10000001001",
    "email": "xiuying.lin@example.com",
}


def make_key(
    town: Town, sender: str = "fixmystreet", district: str = places.DISTRICT
) -> tuple[Open311Key, str]:
    return create_key(
        by=FOUNDER, at=clock.now(), sender=sender, name="街道报修", jurisdiction=town.areas[district]
    )


class Sender:
    """A civic program: speaks one notation, holds perhaps a key, asks for one district."""

    def __init__(self, key: str = "", form: str = "json", district: str = places.DISTRICT) -> None:
        self.client = Client()
        self.key, self.form, self.district = key, form, district

    def get(self, address: str, **asked: Any) -> Any:
        """The response; `api_key` goes along where there is one."""
        return self.client.get(f"{ROOT}/{address}.{self.form}", self._with_self(asked))

    def read(self, address: str, **asked: Any) -> Any:
        response = self.get(address, **asked)
        assert response.status_code == 200, response.content.decode()
        return self.parsed(response)

    def post(self, idempotency_key: str = "", **given: Any) -> Any:
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        return self.client.post(f"{ROOT}/requests.{self.form}", self._with_self(given), headers=headers)

    def send(self, **given: Any) -> str:
        """Post and return the number given."""
        response = self.post(**{**LAMP, **given})
        assert response.status_code == 200, response.content.decode()
        [told] = json.loads(response.content)
        return str(told["service_request_id"])

    def parsed(self, response: Any) -> Any:
        if self.form == "json":
            assert response.headers["Content-Type"] == "application/json; charset=utf-8"
            return json.loads(response.content)
        assert response.headers["Content-Type"] == "text/xml; charset=utf-8"
        return fromstring(response.content)

    def _with_self(self, given: dict[str, Any]) -> dict[str, Any]:
        known = {"jurisdiction_id": self.district, "api_key": self.key}
        return {**{name: value for name, value in known.items() if value}, **given}


def refused(response: Any, status: int) -> list[str]:
    """The sentences of an error answer, in whichever notation; each names the status as its code."""
    assert response.status_code == status, response.content.decode()
    if response.headers["Content-Type"].startswith("application/json"):
        errors = json.loads(response.content)
        assert all(error["code"] == str(status) for error in errors)
        return [error["description"] for error in errors]
    root: ET.Element = fromstring(response.content)
    assert root.tag == "errors"
    assert [code.text for code in root.iterfind("error/code")] == [str(status)] * len(root)
    return [found.text or "" for found in root.iterfind("error/description")]
