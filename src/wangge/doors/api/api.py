"""The API put together: its routes, how refusals become answers, and its description."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.renderers import JSONRenderer

from wangge.cases.access import NoSuchCase
from wangge.cases.intake import KeyUsedForAnother
from wangge.cases.moves import StaleCase, UnableToAct
from wangge.doors.api import act_routes, case_routes, photo_routes, problems, reference_routes, webhook_routes
from wangge.doors.api.description import described
from wangge.doors.api.keeping import KeyReused
from wangge.doors.api.parsing import StrictParser, UnableToParse
from wangge.doors.api.problems import ApiProblem, FieldProblem
from wangge.doors.api.words import FAULTS, OTHER_FAULT
from wangge.foundation.files.actions import UnableToStore
from wangge.foundation.refusals import Refusal

#: Refusals that say "not you" rather than "not now".
NOT_YOURS = frozenset({"wrong_role", "wrong_area", "wrong_unit", "own_unit", "not_requester"})


_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,40}")


class Renderer(JSONRenderer):
    json_dumps_params = {"ensure_ascii": False}


class WanggeApi(NinjaAPI):
    _description: OpenAPISchema | None = None

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        if self._description is None:
            self._description = described(
                super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params), self
            )
        return self._description


api = WanggeApi(
    title="Wangge",
    version="1",
    description="Requests of residents from the first word to the callback, for programs. See docs/api.md.",
    urls_namespace="api",
    docs_url=None,
    parser=StrictParser(),
    renderer=Renderer(),
)
for _routes in (case_routes, act_routes, photo_routes, reference_routes, webhook_routes):
    api.add_router("", _routes.router)


# --- what comes of an exception ---


@api.exception_handler(ApiProblem)
def on_problem(request: HttpRequest, problem: ApiProblem) -> HttpResponse:
    return problems.answer(
        problem.status, problem.code, problem.detail, errors=problem.errors, headers=problem.headers
    )


@api.exception_handler(Refusal)
def on_refusal(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    version = refusal.case.version if isinstance(refusal, StaleCase) else None
    return problems.of_refusal(status_of(refusal, request), refusal, version=version)


def status_of(refusal: Refusal, request: HttpRequest) -> int:
    """The number for a refusal: as the desk answers it, and 412 where If-Match named the version."""
    match refusal:
        case StaleCase():
            return 412 if "If-Match" in request.headers else 409
        case NoSuchCase():
            return 404
        case UnableToAct():
            return 403 if refusal.code in NOT_YOURS else 409
        case KeyUsedForAnother() | KeyReused():
            return 409
        case UnableToStore() if refusal.code == "too_large":
            return 413
        case _:
            return 422


@api.exception_handler(ValidationError)
def on_invalid(request: HttpRequest, invalid: ValidationError) -> HttpResponse:
    if any(fault["loc"][0] == "path" for fault in invalid.errors):
        # What can be no number or code names nothing.
        return problems.answer(404, "not_found")
    errors = [
        FieldProblem(
            pointer=_pointer(fault["loc"]),
            code=fault["type"],
            detail=str(FAULTS.get(fault["type"], OTHER_FAULT)),
        )
        for fault in invalid.errors[:50]
    ]
    return problems.answer(422, "invalid", errors[0].detail if errors else "", errors=errors)


def _pointer(loc: tuple[Any, ...]) -> str:
    """`("body", "body", "place", "lon")` as `/place/lon`; a parameter by its name. A member that could be no
    name of ours is not repeated: it may be anything."""
    parts = [str(part) if isinstance(part, int) or _NAME.fullmatch(part) else "?" for part in loc]
    return "".join(f"/{part}" for part in parts[2:]) if loc[0] == "body" else ".".join(parts[1:])


@api.exception_handler(AuthenticationError)
def on_stranger(request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    return problems.answer(401, "no_token", _("Send a token: Authorization: Bearer …"))


@api.exception_handler(HttpError)
def on_unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    cause = error.__cause__
    if isinstance(cause, UnableToParse):
        return problems.answer(400, cause.code, cause.message)
    return problems.answer(error.status_code, HTTPStatus(error.status_code).name.lower())


@api.exception_handler(Http404)
def on_nothing(request: HttpRequest, _error: Http404) -> HttpResponse:
    return problems.answer(404, "not_found")


@api.exception_handler(RequestDataTooBig)
def on_too_large(request: HttpRequest, _error: RequestDataTooBig) -> HttpResponse:
    return problems.answer(413, "too_large")


@api.exception_handler(SuspiciousOperation)
@api.exception_handler(MultiPartParserError)
@api.exception_handler(UnreadablePostError)
def on_broken_body(request: HttpRequest, _error: Exception) -> HttpResponse:
    return problems.answer(400, "bad_request")


@api.exception_handler(Exception)
def on_fault(request: HttpRequest, error: Exception) -> HttpResponse:
    return problems.broken(request, error)
