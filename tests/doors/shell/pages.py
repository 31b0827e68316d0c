"""A handful of pages to try guards, errors and fragments on, beside the shell's own addresses."""

from __future__ import annotations

from django.core.exceptions import SuspiciousOperation
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import include, path

from wangge.doors.shell.fragments import done, show
from wangge.doors.shell.guards import holder_of, role_required, signed_in, spend_or_refuse, staff_required
from wangge.doors.shell.standing import StandingRequest
from wangge.organisations.roles import Role


def public(request: StandingRequest) -> HttpResponse:
    return HttpResponse(f"{request.at.isoformat()} {request.standing and request.standing.role}")


def kept(request: StandingRequest) -> HttpResponse:
    return HttpResponse("grids", headers={"Cache-Control": "public, max-age=60"})


@signed_in
def own(request: StandingRequest) -> HttpResponse:
    return HttpResponse("own page")


@staff_required
def staff(request: StandingRequest) -> HttpResponse:
    return HttpResponse(f"acting as {holder_of(request).role}")


@role_required(Role.CENTER_INTAKE, Role.TOWN_DISPATCHER)
def dispatchers(request: StandingRequest) -> HttpResponseBase:
    if request.method == "POST":
        return done(request, "Dispatched.", "shell:home")
    return HttpResponse("dispatch here")


def two_parts(request: StandingRequest) -> HttpResponse:
    return show(request, "shell/posts.html", {"choices": []}, piece="shell/parts/messages.html")


def limited(request: StandingRequest) -> HttpResponse:
    spend_or_refuse(request, "lookup")
    return HttpResponse("found")


def broken(request: StandingRequest) -> HttpResponse:
    raise RuntimeError("林秀英 10000001001 must not be shown")


def suspicious(request: StandingRequest) -> HttpResponse:
    raise SuspiciousOperation("odd")


def _door(name: str) -> tuple[list[object], str]:
    return ([path("", lambda request: HttpResponse(f"{name} home"), name="home")], name)


urlpatterns = [
    path("", include("wangge.doors.shell.urls")),
    path("residents/", include(_door("resident"))),  # type: ignore[arg-type]
    path("desk/", include(_door("desk"))),  # type: ignore[arg-type]
    path("field/", include(_door("field"))),  # type: ignore[arg-type]
    path("public", public),
    path("kept", kept),
    path("own", own),
    path("desk/staff", staff, name="staff"),
    path("desk/dispatchers", dispatchers),
    path("two-parts", two_parts),
    path("limited", limited),
    path("broken", broken),
    path("suspicious", suspicious),
]
handler400 = "wangge.doors.shell.errors.bad_request"
handler403 = "wangge.doors.shell.errors.no_permission"
handler404 = "wangge.doors.shell.errors.not_found"
handler500 = "wangge.doors.shell.errors.server_error"
