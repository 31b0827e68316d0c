"""Reporting in three steps: what, where, whom to call; then one look at everything, and sent.

Each step is a form of its own and a page of its own, so Back, a lost connection or a second press change
nothing: the draft lies in the session, the key in the address makes it one case.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from wangge.cases.intake import Contact, KeyUsedForAnother, register_case
from wangge.cases.limits import configuration
from wangge.cases.words import Channel
from wangge.doors.resident import drafts, places
from wangge.doors.resident.drafts import Draft
from wangge.doors.resident.knocks import spend
from wangge.doors.resident.person import asker, take_in_hand
from wangge.doors.resident.photos import photo_answer, store_photos
from wangge.doors.resident.report_forms import (
    ANONYMOUS,
    CONFIDENTIAL,
    KINDS,
    MOST_PHOTOS,
    ContactForm,
    WhatForm,
    WhereForm,
)
from wangge.doors.resident.screened import found_in
from wangge.doors.shell.fragments import UNPROCESSABLE, go, is_fragment, put_refusal, show
from wangge.doors.shell.standing import StandingRequest
from wangge.foundation.files.models import StoredFile
from wangge.foundation.privacy.screening import mask_text
from wangge.foundation.refusals import Refusal
from wangge.territory.queries import path_label

STEPS = ("what", "where", "contact")
STEP_WORDS = {
    "what": gettext_lazy("What"),
    "where": gettext_lazy("Where"),
    "contact": gettext_lazy("Contact"),
}
CONFLICT = 409
#: Which step mends a field that the act refuses in the end.
STEP_OF = {"text": "what", "photos": "what", "place": "where", "name": "contact", "phone": "contact"}

DraftView = Callable[[StandingRequest, Draft], HttpResponseBase]


def _of_draft(view: DraftView) -> Callable[[StandingRequest, str], HttpResponseBase]:
    """A page of one draft; once it is sent there is nothing more to fill in."""

    @wraps(view)
    def guarded(request: StandingRequest, key: str) -> HttpResponseBase:
        if not drafts.is_key(key):
            raise Http404
        number = drafts.sent_as(request, key)
        if number:
            return _already_sent(request, number)
        return view(request, drafts.load(request, key))

    return guarded


def _already_sent(request: StandingRequest, number: str) -> HttpResponseBase:
    """Somebody came back to a form that has become a case. What they send now is another matter."""
    if request.method == "POST" and not set(request.POST) - {"csrfmiddlewaretoken"}:
        return go(request, "resident:receipt", number)  # the last button, pressed once more
    again = None
    if request.method == "POST" and request.POST.get("text"):
        again = Draft(drafts.new_key(), kind=request.POST.get("kind", ""), text=request.POST["text"])
        drafts.save(request, again)
    context = {"number": number, "again": again, "refused": request.method == "POST"}
    return show(request, "resident/report/sent.html", context, status=CONFLICT if context["refused"] else 200)


def _page(request: StandingRequest, step: str, draft: Draft, context: dict[str, Any]) -> HttpResponseBase:
    form = context.get("form")
    shared = {
        "draft": draft,
        "steps": list(STEP_WORDS.values()),
        "current": STEPS.index(step) + 1 if step in STEPS else len(STEPS) + 1,
    }
    status = UNPROCESSABLE if form is not None and form.errors else 200
    return show(request, f"resident/report/{step}.html", {**shared, **context}, status=status)


# --- the steps ------------------------------------------------------------------------------------


@require_safe
def start(request: StandingRequest) -> HttpResponseBase:
    """A new report, perhaps from the sign of a grid."""
    address = reverse("resident:report_what", args=[drafts.new_key()])
    grid = places.grid_in_use(request.GET.get("grid", ""))
    return go(request, f"{address}?grid={grid.code}" if grid else address)


@_of_draft
def what(request: StandingRequest, draft: Draft) -> HttpResponseBase:
    grid = places.grid_in_use(request.POST.get("grid") or request.GET.get("grid") or draft.code)
    draft.code = grid.code if grid else ""
    kept = list(draft.photos)
    if request.method == "POST":
        dropped = set(request.POST.getlist("drop"))
        draft.photos = kept = [digest for digest in draft.photos if digest not in dropped]
        form = WhatForm(request.POST, request.FILES)
        form.is_valid()
        # Kept even when something else is wrong: nobody chooses a photo or types a story twice.
        draft.kind = request.POST.get("kind", "")
        draft.text = str(form.cleaned_data.get("text", request.POST.get("text", "")))
        if files := form.cleaned_data.get("photos"):
            if (refused := spend(request, "upload")) is not None:
                drafts.save(request, draft)
                return refused
            kept += store_photos(files, form, room=MOST_PHOTOS - len(kept), at=request.at)
            draft.photos = list(dict.fromkeys(kept))
        if form.is_valid():
            draft.accept("what")
        drafts.save(request, draft)
        if form.is_valid():
            return _onward(request, draft, "where")
    else:
        form = WhatForm(initial={"kind": draft.kind or "help", "text": draft.text})
    context = {"form": form, "grid": grid, "room": MOST_PHOTOS - len(draft.photos), "most": MOST_PHOTOS}
    return _page(request, "what", draft, context)


@_of_draft
def where(request: StandingRequest, draft: Draft) -> HttpResponseBase:
    if "what" not in draft.done:
        return go(request, "resident:report_what", draft.key)
    found = places.branches()
    choices = places.area_choices(found)
    given = request.POST if request.method == "POST" else None
    form = WhereForm(given, areas=choices, initial=_where_before(draft))
    candidates = places.Candidates(draft, draft.words, draft.named_area)
    if given is not None:
        valid = form.is_valid()
        words = str(form.cleaned_data.get("words", ""))
        candidates = places.Candidates(draft, words, str(form.cleaned_data.get("named_area", "")))
        if is_fragment(request):
            piece = {"candidates": candidates, "chosen": candidates.best, "form": WhereForm(areas=choices)}
            return show(request, "", piece, piece="resident/report/parts/candidates.html")
        draft.words, draft.named_area = given.get("words", "")[:200], candidates.named_area
        if "back" in given:
            drafts.save(request, draft)
            return go(request, "resident:report_what", draft.key)
        if valid and _settle(form, candidates, draft):
            draft.accept("where")
            drafts.save(request, draft)
            return _onward(request, draft, "contact")
        drafts.save(request, draft)
    chosen = given.get("choice", "") if given else ""
    best = next((one for one in candidates.all if one.value == chosen), candidates.best)
    near = candidates.map_prefix
    context: dict[str, Any] = {
        "form": form,
        "candidates": candidates,
        "chosen": best,
        "none_chosen": chosen == places.NONE,
        "masked": found_in(draft.text),
        "grids_url": f"{reverse('resident:grids')}?within={near or places.map_prefix(found)}",
    }
    return _page(request, "where", draft, context)


@_of_draft
def contact(request: StandingRequest, draft: Draft) -> HttpResponseBase:
    missing = draft.first_open(STEPS[:2])
    if missing:
        return go(request, f"resident:report_{missing}", draft.key)
    if request.method == "POST":
        form = ContactForm(request.POST, may_be_confidential=draft.may_be_confidential)
        valid = form.is_valid()
        draft.mode = request.POST.get("mode", "")
        draft.name, draft.phone = request.POST.get("name", "")[:60], request.POST.get("phone", "")[:40]
        if valid and "back" not in request.POST:
            draft.accept("contact")
        drafts.save(request, draft)
        if "back" in request.POST:
            return go(request, "resident:report_where", draft.key)
        if valid:
            return go(request, "resident:report_check", draft.key)
    else:
        form = ContactForm(
            initial={"mode": draft.mode or "named", "name": draft.name, "phone": draft.phone},
            may_be_confidential=draft.may_be_confidential,
        )
    return _page(request, "contact", draft, {"form": form, "kept": configuration()})


@_of_draft
def check(request: StandingRequest, draft: Draft) -> HttpResponseBase:
    """Everything once more, and the button that sends it."""
    missing = draft.first_open(STEPS)
    if missing:
        return go(request, f"resident:report_{missing}", draft.key)
    if request.method == "POST":
        return _send(request, draft)
    context = {
        "kind": dict(KINDS).get(draft.kind, ""),
        "text": mask_text(draft.text.strip()),
        "words": mask_text(draft.words.strip()),
        "masked": found_in(draft.text, draft.words),
        "place": path_label(draft.area),
        "sure": places.sure_words(draft.sure),
        "anonymous": draft.mode == ANONYMOUS,
        "confidential": draft.mode == CONFIDENTIAL,
        "kept": configuration(),
    }
    return _page(request, "check", draft, context)


@require_safe
def photo(request: StandingRequest, key: str, digest: str) -> HttpResponseBase:
    """A photo of a draft, for the browser that sent it."""
    if not drafts.is_key(key) or digest not in drafts.load(request, key).photos:
        raise Http404
    file = StoredFile.objects.filter(digest=digest).first()
    if file is None:
        raise Http404
    return photo_answer(file, thumbnail=True)


@require_POST
def renew(request: StandingRequest, key: str) -> HttpResponseBase:
    """Send the same content as a request of its own, after its key turned out to be taken."""
    if not drafts.is_key(key):
        raise Http404
    draft = drafts.renew(request, drafts.load(request, key))
    return go(request, "resident:report_check", draft.key)


# --- sending --------------------------------------------------------------------------------------


def _send(request: StandingRequest, draft: Draft) -> HttpResponseBase:
    if (refused := spend(request, "intake")) is not None:
        return refused
    anonymous = draft.mode == ANONYMOUS
    try:
        registered = register_case(
            by=asker(request),
            at=request.at,
            text=draft.text,
            place=places.place_of(draft),
            channel=Channel.QR if draft.code else Channel.APP,
            request_type=draft.kind,
            contact=None if anonymous else Contact(name=draft.name, phone=draft.phone),
            anonymous=anonymous,
            confidential=draft.mode == CONFIDENTIAL,
            photos=list(StoredFile.objects.filter(digest__in=draft.photos)) if draft.photos else [],
            client_key=draft.client_key,
        )
    except KeyUsedForAnother as refusal:
        context = {"message": str(refusal), "draft": draft}
        return show(request, "resident/report/key_used.html", context, status=CONFLICT)
    except Refusal as refusal:
        # The forms have checked all this before; what remains is said on the step that mends it.
        messages.error(request, str(refusal))
        return go(request, f"resident:report_{STEP_OF.get(refusal.field or '', 'what')}", draft.key)
    number = registered.case.number
    drafts.mark_sent(request, draft.key, number)
    take_in_hand(request, number)
    return go(request, "resident:receipt", number)


# --- the pieces -----------------------------------------------------------------------------------


def _onward(request: StandingRequest, draft: Draft, step: str) -> HttpResponseBase:
    """To the next step, or back to the last page for somebody who changed one thing."""
    return go(
        request, f"resident:report_{step}" if draft.first_open(STEPS) else "resident:report_check", draft.key
    )


def _where_before(draft: Draft) -> dict[str, Any]:
    return {"words": draft.words, "named_area": draft.named_area, "lon": draft.lon, "lat": draft.lat}


def _settle(form: WhereForm, candidates: places.Candidates, draft: Draft) -> bool:
    given = form.cleaned_data
    try:
        found = places.settle(
            candidates,
            asked=given["asked"],
            choice=given["choice"],
            lon=given["lon"],
            lat=given["lat"],
        )
    except Refusal as refusal:
        put_refusal(form, refusal)
        return False
    draft.area, draft.how, draft.sure = found.area, found.how, found.sure
    draft.lon, draft.lat = found.lon, found.lat
    return True
