"""Answers of real servers, where they lie beside the checkout: Washington DC, San Francisco, Boston."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

import town as places
from doors.open311.real_answers import OPEN311, names_in
from doors.open311.senders import Sender
from makers import make_case
from town import Town, recently
from wangge.cases.models import Case
from wangge.cases.states import State
from wangge.doors.open311 import reading
from wangge.doors.open311.cli import open311
from wangge.doors.open311.reading import UnableToReadAnswer, read_answer
from wangge.foundation.worktime.workcalendar import SHANGHAI


def read(content: bytes) -> reading.Answer:
    return read_answer(content, time_zone=SHANGHAI)


def real(*path: str) -> bytes:
    return OPEN311.joinpath(*path).read_bytes()


def test_services_of_washington_and_san_francisco() -> None:
    washington = read(real("dc_boston", "dc-services.xml"))
    assert len(washington.services) == 86
    first = washington.services[0]
    assert (first.code, first.name, first.group) == (
        "CSRREPIS", "311 Online Reported Issues", "311 - Call Center",
    )  # fmt: skip
    assert first.keywords == ("311", "Online", "Reported", "Issues")
    assert first.asks_more
    francisco = read(real("sf", "services.xml"))
    assert len(francisco.services) == 36
    assert francisco.services[0].keywords == ()
    assert francisco.services[0].description.endswith("Violators will be cited.")


@pytest.mark.parametrize(
    "path", [("sf", "service_requests.xml"), ("dc_boston", "service-requests.xml")], ids=["sf", "dc"]
)
def test_requests_of_real_servers(path: tuple[str, ...]) -> None:
    answer = read(real(*path))
    assert not answer.faults
    assert not answer.remarks
    closed, open_ = (request for _position, request in answer.requests)
    assert (closed.number, closed.status, closed.notes) == ("638344", "closed", "Duplicate request.")
    assert closed.requested_at == datetime(2010, 4, 14, 14, 37, 38, tzinfo=UTC)
    assert (closed.lat, closed.lon) == (37.762221815, -122.4651145)
    assert closed.media_url.endswith(("638344.rss", "638344.jpg"))
    assert (open_.number, open_.status, open_.description, open_.agency) == ("638349", "open", "", "")


def test_single_requests_and_an_empty_list() -> None:
    assert len(read(real("sf", "get_service_request.xml")).requests) == 1
    assert len(read(real("dc_boston", "service-request.xml")).requests) == 1
    empty = read(real("sf", "service_requests_empty.xml"))
    assert not empty.requests
    assert not empty.faults


def test_a_token_stands_where_a_number_should_be() -> None:
    [fault] = read(real("dc_boston", "boston-submitrequest-token.xml")).faults
    assert "503fc045901932078800163c" in fault.sentence
    [(_position, answered)] = read(real("sf", "request_id_from_token.xml")).requests
    assert answered.number == "638344"
    [(_position, posted)] = read(real("sf", "post_service_request.xml")).requests
    assert (posted.number, posted.requested_at, posted.lat) == ("293944", None, None)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (
            ("dc_boston", "boston-err-submitrequest-base_is_duplicate.xml"),
            "400 Invalid service request: base",
        ),
        (("sf", "get_service_request_not_found.xml"), "404 Service request not found"),
        (("sf", "403.xml"), "Invalid api_key received"),
    ],
)
def test_errors_of_real_servers_are_told(path: tuple[str, ...], told: str) -> None:
    with pytest.raises(UnableToReadAnswer, match=told) as refused:
        read(real(*path))
    assert refused.value.code == "errors"


@pytest.mark.parametrize(
    "path", [("dc_boston", "discovery-boston.json"), ("dc_boston", "discovery-dc.xml"),
             ("dc_boston", "dc-services-S0301.xml"), ("sf", "service_definition.xml")]
)  # fmt: skip
def test_what_is_no_list_is_not_taken_for_one(path: tuple[str, ...]) -> None:
    with pytest.raises(UnableToReadAnswer) as refused:
        read(real(*path))
    assert refused.value.code == "no_answer"


def test_our_xml_has_the_elements_real_answers_have(anybody: Sender, town: Town) -> None:
    make_case(town, State.CLOSED, at=recently(20))
    anybody.form = "xml"
    requests = anybody.read("requests")
    assert requests.tag == "service_requests"
    ours = {child.tag for child in requests.find("request")}
    for file in (OPEN311 / "sf" / "service_requests.xml", OPEN311 / "dc_boston" / "service-requests.xml"):
        assert ours == names_in(file, "request")
    services = anybody.read("services")
    for file in (OPEN311 / "sf" / "services.xml", OPEN311 / "dc_boston" / "dc-services.xml"):
        assert {child.tag for child in services.find("service")} == names_in(file, "service")
    definition = anybody.read("services/ROAD-05")
    theirs = OPEN311 / "dc_boston" / "dc-services-S0301.xml"
    for path in ("attributes/attribute", "attributes/attribute/values/value"):
        assert {child.tag for child in definition.find(path)} == names_in(theirs, path)
    assert anybody.read("discovery").tag == "discovery"
    ours = {child.tag for child in anybody.read("discovery").find("endpoints/endpoint")}
    assert ours == names_in(OPEN311 / "dc_boston" / "discovery-dc.xml", "endpoints/endpoint")


def test_real_requests_are_taken_in(town: Town) -> None:
    file = str(OPEN311 / "sf" / "service_requests.xml")
    told = CliRunner().invoke(open311, ["pull", file, "--jurisdiction", places.DISTRICT, "--system", "sf311"])
    assert told.exit_code == 0, told.output
    closed = Case.objects.get(source_system="sf311", external_no="638344")
    assert (closed.text, closed.place) == ("Sidewalk and Curb Issues", "8TH AVE and JUDAH ST")
    assert (closed.area_code, closed.state) == (places.DISTRICT, State.ARCHIVED)
