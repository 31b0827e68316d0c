"""`/metrics`, for whoever has the token."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from wangge.doors.metrics.figures import Figures
from wangge.doors.metrics.latencies import PROCESS
from wangge.foundation.worktime import clock


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """All figures; 404 without the token, as if there were nothing here."""
    token = settings.METRICS_TOKEN
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(given.encode(), token.encode()):
        return HttpResponse("Not found.\n", status=404, content_type="text/plain; charset=utf-8")
    registry = CollectorRegistry()
    registry.register(Figures(clock.now()))
    return HttpResponse(
        generate_latest(registry) + generate_latest(PROCESS), content_type=CONTENT_TYPE_LATEST
    )
