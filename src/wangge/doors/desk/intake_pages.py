"""Taking a request in on any channel that staff write down, once however often it is sent."""

from __future__ import annotations

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_POST

from wangge.cases.access import may_open
from wangge.cases.intake import KeyUsedForAnother, Registered
from wangge.doors.desk.grid_pages import map_address
from wangge.doors.desk.intake_form import IntakeForm, candidates
from wangge.doors.desk.roles import REGISTER
from wangge.doors.shell.fragments import UNPROCESSABLE, put_refusal, show
from wangge.doors.shell.guards import holder_of, role_required
from wangge.doors.shell.standing import StandingRequest
from wangge.foundation.refusals import Refusal
from wangge.territory.queries import path_label

CREATED, CONFLICT = 201, 409


@role_required(*REGISTER)
def register(request: StandingRequest) -> HttpResponseBase:
    by = holder_of(request)
    if request.method != "POST":
        return _form(request, IntakeForm(by=by))
    if "look" in request.POST:
        # Without script: only look up what the words mean, and come back.
        return _form(request, IntakeForm(by=by, initial=request.POST.dict()))
    form = IntakeForm(request.POST, request.FILES, by=by)
    if not form.is_valid():
        return _form(request, form, status=UNPROCESSABLE)
    try:
        registered = form.register(request.at)
    except KeyUsedForAnother as refusal:
        # The back button, and other words: what was typed stays, under a key of its own.
        typed = {**request.POST.dict(), "client_key": IntakeForm(by=by)["client_key"].value()}
        return _form(request, IntakeForm(by=by, initial=typed), trouble=str(refusal), status=CONFLICT)
    except Refusal as refusal:
        put_refusal(form, refusal)
        return _form(request, form, status=UNPROCESSABLE)
    return _receipt(request, registered, form.cleaned_data["client_key"])


@role_required(*REGISTER)
@require_POST
def places(request: StandingRequest) -> HttpResponseBase:
    """What the words for a place may mean; words travel in the body, never in an address."""
    found = candidates(request.POST.get("place", ""), holder_of(request))
    context = {"candidates": found, "chosen": request.POST.get("candidate", ""), "asked": True}
    return show(request, "desk/parts/place_candidates.html", context)


def _form(
    request: StandingRequest, form: IntakeForm, *, trouble: str = "", status: int = 200
) -> HttpResponse:
    words = str(form["place"].value() or "")
    context = {
        "form": form,
        "candidates": form.candidates(),
        "asked": bool(words.strip()),
        "chosen": form["candidate"].value() or "",
        "trouble": trouble,
        "grids_url": map_address(form.by.area_prefix),
    }
    return show(request, "desk/register.html", context, status=status)


def _receipt(request: StandingRequest, registered: Registered, client_key: str) -> HttpResponse:
    """The number, and for the person who asked the secret to follow it by: on this answer only.

    Sending the form again shows the same receipt. A work order that somebody else entered before shows
    its case, and no secret.
    """
    case = registered.case
    mine = registered.created or case.client_key == client_key
    context = {
        "case": case,
        "mine": mine,
        # Who holds the key of the form may print this answer (paper_pages.print_receipt).
        "client_key": client_key if mine and case.client_key == client_key else "",
        "place": path_label(case.area_code),
        "secret": case.lookup_secret.unseal() if mine and case.lookup_secret else "",
        "may_open": may_open(holder_of(request), case),
    }
    return show(request, "desk/registered.html", context, status=CREATED if registered.created else 200)
