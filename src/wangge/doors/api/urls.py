"""Addresses of the API. What is none of them is told so in the API's own way."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path

from wangge.doors.api import problems
from wangge.doors.api.api import api


def nowhere(request: HttpRequest) -> HttpResponse:
    return problems.answer(404, "not_found")


nowhere.csrf_exempt = True  # type: ignore[attr-defined]

urlpatterns = [
    path("v1/", api.urls),
    re_path("", nowhere, name="nowhere"),
]
