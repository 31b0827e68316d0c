"""Who calls: a bearer token with the scope the address asks for, within its rate."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.security import HttpBearer

from wangge.doors.api.problems import ApiProblem
from wangge.doors.api.scopes import Scope
from wangge.doors.api.tokens import Caller, caller_of, note_use
from wangge.doors.shell.guards import client_address
from wangge.doors.shell.standing import StandingRequest
from wangge.foundation.accounts.rate_limits import spend


class ApiRequest(StandingRequest):
    """A request whose token was found good."""

    auth: Caller


class Bearer(HttpBearer):
    """`Authorization: Bearer wangge_…`. One of the scopes is enough; without any, every token will do."""

    def __init__(self, *scopes: Scope) -> None:
        super().__init__()
        self.scopes = scopes

    def authenticate(self, plain: HttpRequest, token: str) -> Caller:
        request = cast(StandingRequest, plain)
        caller = caller_of(token, request.at)
        if caller is None:
            self._count("api_knock", client_address(request), request)
            raise ApiProblem(
                401, "no_token", _("This token is unknown, revoked or over, or its post is no longer held.")
            )
        self._count("api", str(caller.token.pk), request)
        if self.scopes and not any(caller.may(scope) for scope in self.scopes):
            raise ApiProblem(
                403,
                "missing_scope",
                _("This token lacks the scope %(scope)s.") % {"scope": " / ".join(self.scopes)},
            )
        note_use(caller.token, request.at)
        return caller

    @staticmethod
    def _count(bucket: str, key: str, request: StandingRequest) -> None:
        limit, window_s = settings.RATE_LIMITS[bucket]
        if not spend(bucket, key, limit=limit, window_s=window_s, at=request.at):
            left = window_s - int(request.at.timestamp()) % window_s
            raise ApiProblem(
                429,
                "too_many",
                _("Wait %(seconds)s seconds.") % {"seconds": left},
                headers={"Retry-After": str(left)},
            )
