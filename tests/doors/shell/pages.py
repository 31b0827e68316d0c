"""A handful of pages to try guards, errors and fragments on, beside the shell's own addresses."""

from __future__ import annotations

import time

from django.core.exceptions import SuspiciousOperation
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template import engines
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


TRIED = """{% extends "shell/base.html" %}
{% block heading %}Tried{% endblock %}
{% block content %}
  <form class="filters" method="get" id="find"><div class="field"><label for="q">Find</label>
    <input id="q" name="q" data-shortcut="/" data-shortcut-label="Find a case"></div></form>
  <a href="/public" data-shortcut="g q">Queue</a>
  <button id="closed" class="button" hx-get="/desk/dispatchers" hx-target="#list">Closed door</button>
  <button id="sly" class="button" hx-get="/public" hx-vals="js:sly: 1" hx-target="#list">Sly</button>
  <form method="post" action="/tried">{% csrf_token %}
    <button id="withdraw" class="button button-danger" data-confirm="Really?">Withdraw</button></form>
  <button id="twice" form="twice-form" class="button">Twice</button>
  <form id="twice-form" method="post" action="/tried?slow=1">{% csrf_token %}</form>
  <div id="list"></div>
  <div class="drafts" data-island="drafts" data-options='{"owner": "7", "key": "client_key"}'>
    <p class="drafts-line" role="status" hidden></p>
    <form id="report" method="post" action="/reports">{% csrf_token %}
      <input type="hidden" name="client_key" value="key-1">
      <div class="field"><label for="text">Text</label><textarea id="text" name="text"></textarea></div>
      <button class="button">Report</button></form>
  </div>
{% endblock %}
"""
#: What arrived at the two forms of the page above.
arrived: list[dict[str, str]] = []


def tried(request: StandingRequest) -> HttpResponse:
    if request.method == "POST":
        arrived.append({"form": "tried"})
        if "slow" in request.GET:
            time.sleep(0.7)
        return HttpResponseRedirect("/tried")
    return HttpResponse(engines["django"].from_string(TRIED).render({}, request))


def reports(request: StandingRequest) -> HttpResponse:
    arrived.append(request.POST.dict())
    if request.POST["text"] == "":
        return HttpResponse("empty", status=422)
    return HttpResponseRedirect("/public")


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
    path("tried", tried),
    path("reports", reports),
    path("broken", broken),
    path("suspicious", suspicious),
]
handler400 = "wangge.doors.shell.errors.bad_request"
handler403 = "wangge.doors.shell.errors.no_permission"
handler404 = "wangge.doors.shell.errors.not_found"
handler500 = "wangge.doors.shell.errors.server_error"
