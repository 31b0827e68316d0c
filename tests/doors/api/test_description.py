"""The description keeps its word: whatever is sent, every answer is one it declares, and none a fault."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pytest_django import Settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from doors.api.programs import token_for
from makers import make_case
from town import Town, recently
from wangge.cases.models import Case
from wangge.cases.states import MOVES, Stand, State
from wangge.cases.words import RequestType
from wangge.doors.api.act_bodies import BODIES
from wangge.doors.api.api import api
from wangge.foundation.journal.verifying import verify_journal

DESCRIPTION: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema()))
OPERATIONS = [(method.upper(), path) for path, methods in DESCRIPTION["paths"].items() for method in methods]
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance, allow_header_conformance,
]  # fmt: skip
#: Posts that between them may do everything.
POSTS = ("chen", "tang", "wu", "fang", "xu", "song", "zhao", "zhou")


def test_it_is_open_api_3_1_and_needs_no_token() -> None:
    response = Client().get("/api/v1/openapi.json")
    assert response.status_code == 200
    assert response.json() == DESCRIPTION
    assert DESCRIPTION["openapi"] == "3.1.0"
    for schema in DESCRIPTION["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_operation_declares_every_problem_with_its_kind_of_content() -> None:
    always = {"400", "401", "403", "404", "405", "413", "415", "422", "429", "500"}
    components = DESCRIPTION["components"]["responses"]
    for path, methods in DESCRIPTION["paths"].items():
        for method, operation in methods.items():
            declared = operation["responses"]
            wanted = set(always)
            if method != "get":
                wanted.add("409")
            if "/acts/" in path:
                wanted |= {"412", "428"}
            assert wanted <= set(declared), f"{method} {path}"
            for status in wanted:
                response = components[declared[status]["$ref"].rpartition("/")[2]]
                assert list(response["content"]) == ["application/problem+json"]
            assert operation["security"][0].keys() == {"Bearer"}


def test_every_act_a_post_can_make_has_an_address() -> None:
    by_posts = {
        act for act, move in MOVES.items()
        if act != "register" and move.stands - {Stand.REQUESTER, Stand.SYSTEM}
    }  # fmt: skip
    assert {body.act for body in BODIES} == by_posts
    assert {path.rpartition("/")[2] for _method, path in OPERATIONS if "/acts/" in path} == by_posts


# --- whatever is sent -----------------------------------------------------------------------------


class Caller:
    """Sends what schemathesis thinks up, for real posts and about real cases half of the time."""

    def __init__(self, town: Town) -> None:
        at = recently(4)
        self.tokens = [token_for(town, name)[1] for name in POSTS]
        self.cases = [
            make_case(town, state, at=at, request_type=RequestType.CONSULT)
            for state in (State.REGISTERED, State.SCREENING, State.DISPATCHED, State.IN_PROGRESS)
        ]
        self.schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())

    def send(self, case: Any, token: str, number: str | None, *, negative: bool) -> None:
        if number is not None and "number" in case.path_parameters:
            case.path_parameters["number"] = number
            if isinstance(case.body, dict) and not negative:
                case.body["seen_version"] = Case.objects.get(number=number).version
        case.headers = {
            name: value for name, value in (case.headers or {}).items() if name.lower() != "authorization"
        }
        checks = [*CHECKS, negative_data_rejection] if negative and _invalid(case) else CHECKS
        case.call_and_validate(checks=checks, headers={"Authorization": f"Bearer {token}"})


def _invalid(case: Any) -> bool:
    """Is it the body or the query that breaks the description, rather than what we replaced?"""
    broken = {location for location, info in case.meta.components.items() if info.mode.is_negative}
    return bool(broken) and broken <= {ParameterLocation.BODY, ParameterLocation.QUERY}


@pytest.fixture
def caller(town: Town, settings: Settings) -> Iterator[Caller]:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "api": (10**9, 60), "api_knock": (10**9, 600)}
    # As Django's own test client does: the connection holds the test's transaction.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield Caller(town)
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)
    assert verify_journal().sound


def explore(caller: Caller, method: str, path: str, examples: int) -> None:
    operation = caller.schema[path][method]
    modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
    for mode in modes:
        if mode is GenerationMode.NEGATIVE and not (
            operation.path_parameters or operation.query or operation.body
        ):
            continue

        @settings(
            max_examples=examples, phases=[Phase.generate], deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(
            case=operation.as_strategy(generation_mode=mode),
            token=st.sampled_from(caller.tokens),
            number=st.sampled_from([None, *(case.number for case in caller.cases)]),
        )
        def sent(negative: bool, case: Any, token: str, number: str | None) -> None:
            caller.send(case, token, number, negative=negative)

        sent(mode is GenerationMode.NEGATIVE)


def test_whatever_is_sent_the_answer_is_declared(caller: Caller, subtests: pytest.Subtests) -> None:
    for method, path in OPERATIONS:
        with subtests.test(method=method, path=path):
            explore(caller, method, path, examples=4)


@pytest.mark.long
@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=lambda one: str(one))
def test_whatever_is_sent_the_answer_is_declared_however_long_one_tries(
    caller: Caller, method: str, path: str
) -> None:
    explore(caller, method, path, examples=100)
