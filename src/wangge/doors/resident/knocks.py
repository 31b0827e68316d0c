"""Too much in a short time: say so politely, say when it goes on, and keep what was typed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http.response import HttpResponseBase

from wangge.doors.resident.phases import by_when
from wangge.doors.shell.fragments import show
from wangge.doors.shell.guards import TooManyRequests, spend_or_refuse
from wangge.doors.shell.standing import StandingRequest

P = ParamSpec("P")
Page = Callable[Concatenate[StandingRequest, P], HttpResponseBase]

TOO_MANY = 429


def again_at(bucket: str, at: datetime) -> datetime:
    """When the present window of a bucket ends; windows start at whole multiples of their length."""
    _limit, window_s = settings.RATE_LIMITS[bucket]
    start = at.timestamp() // window_s * window_s
    return datetime.fromtimestamp(start, UTC) + timedelta(seconds=window_s)


def spend(request: StandingRequest, bucket: str) -> HttpResponseBase | None:
    """Count one knock; the page to show instead when it was one too many."""
    try:
        spend_or_refuse(request, bucket)
    except TooManyRequests:
        return too_many(request, bucket)
    return None


def too_many(request: StandingRequest, bucket: str) -> HttpResponseBase:
    again = again_at(bucket, request.at)
    response = show(
        request,
        "resident/too_many.html",
        {"when": by_when(again, request.at), "bucket": bucket},
        status=TOO_MANY,
    )
    response.headers["Retry-After"] = str(max(1, int((again - request.at).total_seconds())))
    return response


def spends(bucket: str) -> Callable[[Page[P]], Page[P]]:
    """Every POST to this page counts against the bucket."""

    def guard(view: Page[P]) -> Page[P]:
        @wraps(view)
        def guarded(request: StandingRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if request.method == "POST" and (refused := spend(request, bucket)) is not None:
                return refused
            return view(request, *args, **kwargs)

        return guarded

    return guard
