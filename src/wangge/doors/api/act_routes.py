"""Every act of the desk, each at an address of its own: `POST /cases/{number}/acts/{act}`."""

# No `from __future__ import annotations`: each view's body is the class its loop hands over.

import re
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Router

from wangge.cases.access import case_for
from wangge.cases.states import MOVES, State
from wangge.doors.api.act_bodies import BODIES, ActBody, Order
from wangge.doors.api.bearer import ApiRequest, Bearer
from wangge.doors.api.case_routes import etag_of
from wangge.doors.api.case_schemas import Acted
from wangge.doors.api.case_views import case_url
from wangge.doors.api.keeping import once
from wangge.doors.api.problems import ApiProblem
from wangge.doors.api.scopes import Scope
from wangge.doors.api.words import LARGEST_VERSION, IdempotencyKey, IfMatch, NumberInPath
from wangge.foundation.journal.canonical import iso_utc

router = Router(tags=["acts"])
_ETAG = re.compile(r'(?:W/)?"?([0-9]{1,10})"?')


def act_view(body_type: type[ActBody]) -> Callable[..., Acted]:
    def act(
        request: ApiRequest,
        number: NumberInPath,
        body: body_type,  # type: ignore[valid-type]
        response: HttpResponse,
        if_match: IfMatch = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Acted:
        told: ActBody = body
        seen_version = seen(told.seen_version, if_match)

        def perform() -> dict[str, Any]:
            case = case_for(request.auth.by, number)
            done = told.perform(Order(request.auth, case, request.at, seen_version))
            return {
                "number": number,
                "act": told.act,
                "state": State(done.state).value,
                "version": done.version,
                "at": iso_utc(request.at),
                "url": case_url(number),
            }

        acted = Acted.model_validate(once(request, idempotency_key, perform))
        response.headers["ETag"] = etag_of(acted.version)
        return acted

    act.__name__ = body_type.act
    return act


def seen(in_body: int | None, if_match: str | None) -> int:
    """Which version of the case the caller had seen: acts on what nobody looked at are not taken."""
    if if_match is not None:
        found = _ETAG.fullmatch(if_match.strip())
        if found is None or not 0 < int(found.group(1)) <= LARGEST_VERSION:
            raise ApiProblem(412, "stale", _("If-Match must be the ETag of the case as you saw it."))
        return int(found.group(1))
    if in_body is None:
        raise ApiProblem(
            428, "version_required", _("Read the case first; then send its version, or its ETag as If-Match.")
        )
    return in_body


for _body in BODIES:
    router.post(
        f"/cases/{{number}}/acts/{_body.act}",
        response=Acted,
        auth=Bearer(Scope.CASES_ACT),
        operation_id=_body.act,
        summary=str(_body.act).replace("_", " ").capitalize(),
        description=(_body.__doc__ or "").strip() or f"The act “{MOVES[_body.act].act}” of the desk.",
        url_name=_body.act,
    )(act_view(_body))
