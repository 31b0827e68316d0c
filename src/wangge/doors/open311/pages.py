"""The page for people who want to write a program for this door, or to know what it tells."""

from __future__ import annotations

from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from wangge.cases.public import PHASES, Phase, phase_of
from wangge.cases.words import Outcome
from wangge.doors.open311.jurisdictions import districts, names_of
from wangge.doors.open311.showing import status_of
from wangge.doors.shell.fragments import go, show
from wangge.doors.shell.standing import StandingRequest

ADDRESSES = (
    "discovery", "services", "services/{service_code}", "requests", "requests/{service_request_id}",
    "tokens/{token}", "servicerequestupdates",
)  # fmt: skip


@require_safe
def about(request: StandingRequest) -> HttpResponseBase:
    root = request.build_absolute_uri(reverse("open311:root"))
    context = {
        "addresses": [f"{root}{address}.{{json|xml}}" for address in ADDRESSES],
        "districts": [(area, names_of(area.code)) for area in districts()],
        "statuses": _phases_by_status(),
    }
    return show(request, "open311/about.html", context)


@require_safe
def root(request: StandingRequest) -> HttpResponseBase:
    return go(request, "open311:about")


def _phases_by_status() -> dict[str, list[str]]:
    """Which phases each of the two statuses covers, in the order a request goes through them."""
    covered: dict[str, list[str]] = {"open": [], "closed": []}
    for phase in Phase:
        states = [state for state, told in PHASES.items() if told == phase]
        if phase == phase_of("closed", Outcome.UNSOLVED):
            covered["closed"].append(str(phase.label))
        elif states:
            covered[status_of(states[0])].append(str(phase.label))
    return covered
