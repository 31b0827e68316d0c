"""How long answers took, by address pattern: kept in this process, read with the other figures."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from prometheus_client import CollectorRegistry, Histogram

#: Of this process alone. With several web processes each answers for itself, and the reader adds up.
PROCESS = CollectorRegistry()

#: Seconds; half a second is where a clerk begins to wait.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

ANSWERS = Histogram(
    "wangge_http_answer_seconds",
    "Time from a request to its answer, without what is streamed after it.",
    ["method", "page", "status"],
    registry=PROCESS,
    buckets=BUCKETS,
)

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class LatencyMiddleware:
    """Outermost, so that everything is counted. Names the page, never the address: that may hold a number."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        page = match.view_name if match and match.view_name else "none"
        method = request.method if request.method in METHODS else "other"
        ANSWERS.labels(method, page, f"{response.status_code // 100}xx").observe(time.perf_counter() - began)
        return response
