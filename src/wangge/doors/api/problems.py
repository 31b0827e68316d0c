"""What went wrong, as RFC 9457 problem documents: one shape for every refusal and every failure.

`code` is stable and for programs; `detail` is the sentence people at the desk read, in the language asked
for; `errors` names the fields of a body that cannot be taken.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Mapping
from typing import Any

from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import Schema
from pydantic import Field

from wangge.foundation.refusals import Refusal

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

TITLES: dict[int, Promise] = {
    400: gettext_lazy("The request cannot be read"),
    401: gettext_lazy("No valid token"),
    403: gettext_lazy("Not part of this post or token"),
    404: gettext_lazy("There is no such thing for you"),
    405: gettext_lazy("This address does not take that method"),
    409: gettext_lazy("It does not fit what is there now"),
    412: gettext_lazy("Somebody has acted since"),
    413: gettext_lazy("Too large"),
    415: gettext_lazy("This kind of content is not taken here"),
    422: gettext_lazy("Something in it must be mended"),
    428: gettext_lazy("Say which version you saw"),
    429: gettext_lazy("Too many requests in a short time"),
    500: gettext_lazy("Something is broken here"),
}


class FieldProblem(Schema):
    """One field that cannot be taken."""

    pointer: str = Field(description="JSON pointer into the body, or the name of a parameter.")
    code: str
    detail: str


class Problem(Schema):
    """A refusal or failure (RFC 9457)."""

    type: str = Field(description="`urn:wangge:problem:` and the code.")
    title: str
    status: int
    code: str
    detail: str
    errors: list[FieldProblem] = []
    version: int | None = Field(None, description="The version of the case now, where yours is stale.")


class ApiProblem(Exception):
    """Ends a call with a problem that is no refusal of a room."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str | Promise = "",
        *,
        errors: list[FieldProblem] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.detail = status, code, detail
        self.errors, self.headers = errors or [], dict(headers or {})


def answer(
    status: int,
    code: str,
    detail: str | Promise = "",
    *,
    errors: list[FieldProblem] | None = None,
    headers: Mapping[str, str] | None = None,
    version: int | None = None,
) -> HttpResponse:
    title = str(TITLES.get(status, TITLES[500]))
    told: dict[str, Any] = {
        "type": f"urn:wangge:problem:{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": str(detail) or title,
        "errors": [error.model_dump() for error in errors or []],
    }
    if version is not None:
        told["version"] = version
    response = HttpResponse(
        json.dumps(told, ensure_ascii=False),
        status=status,
        content_type=MEDIA_TYPE,
        headers=dict(headers or {}),
    )
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="wangge"'
    return response


def of_refusal(status: int, refusal: Refusal, *, version: int | None = None) -> HttpResponse:
    """A refusal in the words of the room that refuses."""
    errors = []
    if refusal.field:
        errors.append(FieldProblem(pointer=f"/{refusal.field}", code=refusal.code, detail=str(refusal)))
    return answer(status, refusal.code, str(refusal), errors=errors, version=version)


def broken(request: HttpRequest, error: Exception) -> HttpResponse:
    """A fault of ours. Where it happened is written down, not what was said: it may be a resident's."""
    logger.error(
        "API fault: %s %s, %s\n%s",
        request.method, request.path, type(error).__name__, "".join(traceback.format_tb(error.__traceback__)),
    )  # fmt: skip
    got_request_exception.send(sender=None, request=request)
    return answer(500, "broken", _("Nothing was written. Try again; tell the administrator if it stays so."))
