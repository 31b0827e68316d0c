"""Who is asking, in which post, and at what moment: read once per request."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone


class StandingMiddleware:
    """Sets `request.at` (aware UTC) and `request.standing` (the post acted from, or None)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.at = timezone.now()  # type: ignore[attr-defined]
        request.standing = None  # type: ignore[attr-defined]
        return self.get_response(request)
