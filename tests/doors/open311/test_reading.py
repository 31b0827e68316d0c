"""What programs read of requests: what may be known, as the standard writes it, and nothing of a person."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from pytest_django import DjangoAssertNumQueries

import town as places
from doors.open311.real_answers import validator
from doors.open311.senders import LAMP, ROOT, Sender, make_key, refused
from makers import LIN, PATHS, TEXT, make_case
from town import Town, point_in, recently
from wangge.cases.handling import give_feedback
from wangge.cases.models import Case
from wangge.cases.public import SHOWN
from wangge.cases.states import ENDED, State
from wangge.config import environment
from wangge.foundation.worktime import clock

#: What may be reported about everywhere, in the order of the standard's own table.
FIELDS = [
    "service_request_id", "status", "status_notes", "service_name", "service_code", "description",
    "agency_responsible", "service_notice", "requested_datetime", "updated_datetime", "expected_datetime",
    "address", "address_id", "zipcode", "lat", "long", "media_url",
]  # fmt: skip


def numbers(sender: Sender, **asked: Any) -> list[str]:
    return [row["service_request_id"] for row in sender.read("requests", **asked)]


# --- what is said --------------------------------------------------------------------------------


def test_a_request_is_told_by_service_unit_dates_and_grid(anybody: Sender, town: Town) -> None:
    lon, lat = point_in(places.GRID)
    case = make_case(town, State.IN_PROGRESS, at=recently(20), point=(lon + 0.0011, lat - 0.0007))
    [row] = anybody.read("requests")
    assert list(row) == FIELDS
    assert row["service_request_id"] == case.number
    assert (row["service_code"], row["service_name"]) == ("ROAD-05", "路灯不亮")
    assert (row["status"], row["status_notes"]) == ("open", "办理中")
    assert row["agency_responsible"] == town.bodies["urban"].name
    assert (row["address"], row["address_id"]) == ("朝阳街道 / 永红社区 / 第一网格", places.GRID)
    assert (row["lat"], row["long"]) == pytest.approx((lat, lon), abs=1e-4), "the grid's own mark"
    assert case.due_at is not None
    assert row["expected_datetime"][:10] == f"{case.due_at + timedelta(hours=8):%Y-%m-%d}"
    assert row["requested_datetime"].endswith("+08:00")
    assert row["updated_datetime"] > row["requested_datetime"]


def test_nothing_of_a_person_is_ever_told(anybody: Sender, sender: Sender, town: Town) -> None:
    """Whatever was written; a text without anybody in it does come out, so the search can find."""
    case = make_case(
        town,
        State.IN_PROGRESS,
        at=recently(20),
        text=f"路灯不亮，{LIN.phone}",
        place_words=f"三号楼{LIN.name}",
    )
    case = give_feedback(
        by=town.wu.holder, case=case, at=recently(3), seen_version=case.version,
        text=f"已联系林女士（{LIN.phone}），林都花园3号楼2单元501室门前路灯修好。",
    )  # fmt: skip
    Case.objects.filter(pk=case.pk).update(state=State.CLOSED, ended_at=recently(1), outcome="solved")
    own = sender.send()
    for program in (anybody, sender):
        for form in ("json", "xml"):
            program.form = form
            told = "".join(
                program.get(address).content.decode()
                for address in ("requests", f"requests/{case.number}", f"requests/{own}", f"tokens/{own}")
            )
            assert "门前路灯修好" in told
            for secret in (
                LIN.name, LIN.phone, "501", "2单元", "3号楼", "三号楼", "林女士", LAMP["description"],
                LAMP["phone"], LAMP["email"], LAMP["address_string"], TEXT,
            ):  # fmt: skip
                assert secret not in told


@pytest.mark.parametrize("state", list(PATHS))
def test_every_state_is_open_or_closed_and_says_its_phase(anybody: Sender, town: Town, state: State) -> None:
    case = make_case(town, state, at=recently(20) if state != State.ARCHIVED else recently(24 * 40))
    if state not in SHOWN:
        refused(anybody.get(f"requests/{case.number}"), 404)
        assert case.number not in numbers(anybody)
        return
    [row] = anybody.read(f"requests/{case.number}")
    assert row["status"] == ("closed" if state in ENDED else "open")
    assert row["status_notes"]
    assert numbers(anybody, status=row["status"]) == [case.number]
    other = {"open": "closed", "closed": "open"}[row["status"]]
    assert numbers(anybody, status=other) == []
    assert numbers(anybody, status="open,closed") == [case.number]


def test_confidential_and_personal_matters_are_nobodys_news(anybody: Sender, town: Town) -> None:
    hidden = [
        make_case(town, State.IN_PROGRESS, at=recently(9), confidential=True, request_type="report"),
        make_case(town, State.IN_PROGRESS, at=recently(9), matter="noise"),
    ]  # fmt: skip
    assert numbers(anybody) == []
    for case in hidden:
        refused(anybody.get(f"requests/{case.number}"), 404)
        refused(anybody.get(f"tokens/{case.number}"), 404)
    assert numbers(anybody, service_request_id=",".join(case.number for case in hidden)) == []


def test_a_sender_finds_its_own_from_the_first_moment_and_nobody_else_does(
    sender: Sender, anybody: Sender, town: Town
) -> None:
    number = sender.send(client_reference="4711")
    _key, text = make_key(town, sender="other-app")
    for stranger in (anybody, Sender(text)):
        refused(stranger.get(f"requests/{number}"), 404)
        refused(stranger.get("tokens/4711"), 404)
        assert numbers(stranger) == []
    [row] = sender.read(f"requests/{number}")
    assert (row["service_code"], row["status"], row["status_notes"]) == ("ROAD-05", "open", "已收到")
    assert numbers(sender) == numbers(sender, service_code="ROAD-05") == [number]
    assert numbers(sender, service_code="WATER-01") == []
    assert sender.read("tokens/4711") == [{"service_request_id": number, "token": "4711"}]
    assert sender.read(f"tokens/{number}") == [{"service_request_id": number, "token": number}]


# --- which are asked for -------------------------------------------------------------------------


def test_filters_of_the_standard(anybody: Sender, town: Town) -> None:
    old = make_case(town, State.IN_PROGRESS, at=recently(24 * 40))
    pipe = make_case(town, State.IN_PROGRESS, at=recently(30), matter="pipe")
    lamp = make_case(town, State.CLOSED, at=recently(8))
    assert numbers(anybody) == [lamp.number, pipe.number, old.number], "the newest first"
    assert numbers(anybody, service_code="WATER-01") == [pipe.number]
    assert numbers(anybody, service_code="WATER-01,ROAD-05", status="open") == [pipe.number, old.number]
    assert numbers(anybody, service_request_id=f"{old.number},{lamp.number},nobody") == [
        lamp.number, old.number,
    ]  # fmt: skip
    day = (clock.now() - timedelta(days=10)).isoformat()
    assert numbers(anybody, start_date=day) == [lamp.number, pipe.number]
    assert numbers(anybody, end_date=day) == [old.number]
    # Numbers override every other filter.
    assert numbers(anybody, service_request_id=old.number, status="closed", start_date=day) == [old.number]


def test_the_last_ninety_days_unless_others_are_asked_for(anybody: Sender, town: Town) -> None:
    case = make_case(town, State.IN_PROGRESS, at=clock.now() - timedelta(days=100))
    assert numbers(anybody) == []
    around = {
        "start_date": (case.registered_at - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "end_date": (case.registered_at + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    assert numbers(anybody, **around) == [case.number]
    around["end_date"] = (case.registered_at - timedelta(milliseconds=500)).isoformat()
    assert numbers(anybody, **around) == []


def test_pages_follow_one_another(anybody: Sender, sender: Sender, town: Town) -> None:
    made = [make_case(town, State.TO_DISPATCH, at=recently(9)).number for _one in range(5)]
    seen: list[str] = []
    address = f"{ROOT}/requests.json?jurisdiction_id={places.DISTRICT}&page_size=2&api_key={sender.key}"
    while address:
        answer = Client().get(address)
        seen += [row["service_request_id"] for row in json.loads(answer.content)]
        link = answer.headers.get("Link", "")
        assert sender.key not in link
        address = link.partition(">")[0].removeprefix("<http://testserver")
    assert seen == made[::-1]


@pytest.mark.parametrize(
    "asked",
    [
        {"status": "pending"}, {"page": "0"}, {"page": "-1"}, {"page": "9" * 30}, {"page": "①"},
        {"page_size": "501"}, {"page_size": "x"}, {"start_date": "yesterday"}, {"start_date": "2026-03-06"},
        {"start_date": "2026-03-06T09:00:00"}, {"start_date": "2026-13-06T09:00:00Z"},
        {"start_date": "0001-01-01T00:00:00+14:00"}, {"end_date": "0001-01-02T00:00:00Z"},
        {"start_date": "9999-12-31T23:59:59Z"}, {"end_date": "\x00"}, {"start_date": "1" * 5000},
        {"start_date": "2026-03-06T09:00:00Z", "end_date": "2026-03-05T09:00:00Z"},
        {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-06-01T00:00:00Z"},
        {"service_request_id": ",".join(map(str, range(101)))},
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["json", "xml"])
def test_what_cannot_be_asked_for_is_said(anybody: Sender, asked: dict[str, str], form: str) -> None:
    anybody.form = form
    [sentence] = refused(anybody.get("requests", **asked), 400)
    assert sentence.split(":")[0] in {*asked, "end_date", "start_date"}


@pytest.mark.parametrize(
    "asked",
    [
        {"service_code": "\x00"}, {"service_code": "'; DROP TABLE x; --"}, {"service_code": "长" * 3000},
        {"service_request_id": "\x00,%"}, {"service_request_id": "'"}, {"status": ",,,"},
        {"start_date": "2026-03-06T09:00:00 08:00"}, {"nonsense": "<x>"}, {"page": "10000"},
    ],
)  # fmt: skip
def test_odd_values_find_nothing_and_break_nothing(anybody: Sender, asked: dict[str, str]) -> None:
    assert numbers(anybody, **asked) == []


@pytest.mark.parametrize(
    "number", ["1", "230717-20260306-99999", "\x00", "'", "长" * 500, "230717%00", "../x"]
)
def test_numbers_nobody_has_are_not_found(anybody: Sender, number: str) -> None:
    refused(anybody.get(f"requests/{number}"), 404)
    refused(anybody.get(f"tokens/{number}"), 404)


def test_a_number_says_its_district_by_itself(anybody: Sender, town: Town) -> None:
    case = make_case(town, State.IN_PROGRESS, at=recently(9))
    anybody.district = ""
    assert anybody.read(f"requests/{case.number}")[0]["service_request_id"] == case.number
    refused(Sender(district=places.OTHER_DISTRICT).get(f"requests/{case.number}"), 404)


def test_a_list_asks_as_much_of_the_database_however_long_it_is(
    anybody: Sender, town: Town, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for state in (State.CLOSED, State.IN_PROGRESS, State.SHELVED, State.CALLBACK_DUE, State.CLOSED):
        make_case(town, state, at=recently(20))
    anybody.read("services")
    with django_assert_max_num_queries(4):  # the rate, the requests, their results, their last moves
        assert len(anybody.read("requests")) == 5


# --- as the standard writes it ---------------------------------------------------------------------


def test_our_json_fits_the_schemas_of_the_standard(anybody: Sender, sender: Sender, town: Town) -> None:
    for state in SHOWN:
        make_case(town, state, at=recently(20))
    sender.send(lat="", long="", address_id=places.STREET)
    for program in (anybody, sender):
        assert not list(validator("services").iter_errors(program.read("services")))
        requests = program.read("requests")
        assert len(requests) >= len(SHOWN) - 1
        assert not list(validator("requests").iter_errors(requests))
    for matter in town.matters.values():
        told = anybody.read(f"services/{matter.code}")
        assert not list(validator("service-definition").iter_errors(told))
    assert list(validator("requests").iter_errors([{"status": "odd"}])), "the schema does refuse"


def test_our_xml_has_the_elements_of_the_standard(anybody: Sender, town: Town) -> None:
    make_case(town, State.CLOSED, at=recently(20))
    anybody.form = "xml"
    requests = anybody.read("requests")
    assert requests.tag == "service_requests"
    assert [child.tag for child in requests.find("request")] == FIELDS
    assert requests.find("request/description").text is None
    assert anybody.read("services").tag == "services"
    definition = anybody.read("services/ROAD-05")
    assert definition.findtext("attributes/attribute/values/value/key") == "help"
    assert definition.findtext("attributes/attribute/required") == "false"


def test_what_xml_cannot_hold_is_left_out_of_it(anybody: Sender, town: Town) -> None:
    case = make_case(town, State.IN_PROGRESS, at=recently(20))
    give_feedback(
        by=town.wu.holder, case=case, at=recently(3), seen_version=case.version,
        text="已修\x08好\ufffe <b>&amp;</b> ]]>",
    )  # fmt: skip
    Case.objects.filter(pk=case.pk).update(state=State.CLOSED, ended_at=recently(1), outcome="solved")
    anybody.form = "xml"
    assert "修好 <b>&amp;</b> ]]>" in anybody.read("requests").findtext("request/status_notes")


# --- names of districts ----------------------------------------------------------------------------


def test_names_of_districts_are_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAMES", "yimei.example.cn=230717, wucui = 230718")
    assert environment.pairs("NAMES") == {"yimei.example.cn": "230717", "wucui": "230718"}
    monkeypatch.setenv("NAMES", "yimei")
    with pytest.raises(ImproperlyConfigured, match="yimei"):
        environment.pairs("NAMES")
