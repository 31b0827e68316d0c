"""Cases to check and the page of one: look, then say whether it is done."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from wangge.cases.access import NoSuchCase, Sight, case_for, cases_for, visibility
from wangge.cases.contact import look_at_contact
from wangge.cases.models import Attachment, Case
from wangge.cases.moves import StaleCase, UnableToAct
from wangge.cases.states import State
from wangge.doors.field.case_sheet import rows_of, sheet_of, shows_text
from wangge.doors.field.check_form import CheckForm
from wangge.doors.field.photos import photo_answer
from wangge.doors.shell import moments
from wangge.doors.shell.fragments import UNPROCESSABLE, done, put_refusal, show
from wangge.doors.shell.guards import holder_of, role_required
from wangge.doors.shell.standing import StandingRequest
from wangge.foundation.privacy.models import Purpose
from wangge.foundation.refusals import Refusal
from wangge.organisations.authority import MAY
from wangge.organisations.roles import FIELD

FORBIDDEN, CONFLICT = 403, 409
#: More than a grid has to check at once; what is behind comes up as these are done.
MOST = 50
NOT_YOURS = frozenset({"wrong_role", "wrong_area", "own_unit"})
MAY_REVEAL = frozenset(role for role in FIELD if "case.reveal" in MAY[role])
CONTACT_WORDS = {"name": gettext_lazy("Name"), "phone": gettext_lazy("Phone")}


@role_required(*FIELD)
@require_safe
def checks(request: StandingRequest) -> HttpResponseBase:
    by = holder_of(request)
    waiting = cases_for(by).filter(state=State.VERIFYING).select_related("matter", "lead_unit", "leg")
    return show(
        request, "field/checks.html", {"rows": rows_of(waiting.order_by("feedback_at", "pk")[:MOST], by)}
    )


@role_required(*FIELD)
@require_safe
def case(request: StandingRequest, number: str) -> HttpResponseBase:
    return case_page(request, found_case(request, number))


def found_case(request: StandingRequest, number: str) -> Case:
    """The case, if it lies in the worker's grid; strangers meet 404."""
    try:
        return case_for(holder_of(request), number)
    except NoSuchCase:
        raise Http404 from None


def case_page(
    request: StandingRequest,
    case: Case,
    *,
    form: CheckForm | None = None,
    trouble: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page; `form` is one that came back, with what was typed in it."""
    sheet = sheet_of(case, holder_of(request), request.at)
    open_to_check = sheet.check is not None and sheet.check.allowed
    context = {
        "sheet": sheet,
        "case": case,
        "form": (form or CheckForm(initial={"seen_version": case.version}, label_suffix=""))
        if open_to_check
        else None,
        "lost_text": form["finding"].value() if form is not None and not open_to_check else "",
        "trouble": trouble,
        "grids_url": f"{reverse('resident:grids')}?within={sheet.grids_within}",
    }
    return show(request, "field/case.html", context, piece="field/parts/case_body.html", status=status)


@role_required(*FIELD)
def check(request: StandingRequest, number: str) -> HttpResponseBase:
    found = found_case(request, number)
    if request.method != "POST":
        return case_page(request, found)
    by = holder_of(request)
    form = CheckForm(request.POST, request.FILES, label_suffix="")
    form.is_valid()
    photos = form.take_photos(owner=by.user_id, at=request.at)
    if form.errors:
        return case_page(request, found, form=form, status=UNPROCESSABLE)
    try:
        form.perform(case=found, by=by, at=request.at, photos=photos)
    except StaleCase as stale:
        return _stale(request, number, form, stale)
    except UnableToAct as refusal:
        status = FORBIDDEN if refusal.code in NOT_YOURS else CONFLICT
        fresh = found_case(request, number)
        return case_page(request, fresh, form=form, trouble=str(refusal), status=status)
    except Refusal as refusal:
        put_refusal(form, refusal)
        return case_page(request, found, form=form, status=UNPROCESSABLE)
    return done(request, form.done, "field:checks")


def _stale(request: StandingRequest, number: str, form: CheckForm, stale: StaleCase) -> HttpResponse:
    """A colleague was quicker: say so, and keep what was typed, for the version of now."""
    fresh = found_case(request, number)
    form.put("seen_version", str(fresh.version))
    trouble = _("%(refusal)s It happened %(when)s.") % {
        "refusal": str(stale),
        "when": moments.moment_text(stale.last_at, request.at),
    }
    return case_page(request, fresh, form=form, trouble=trouble, status=CONFLICT)


@role_required(*MAY_REVEAL)
@require_POST
def contact(request: StandingRequest, number: str) -> HttpResponseBase:
    """Whom to visit, shown once on this answer; the look is journalled and told to the person concerned."""
    found = found_case(request, number)
    by = holder_of(request)
    check = sheet_of(found, by, request.at).check
    if check is not None and not check.allowed:
        return case_page(request, found, trouble=str(check.reason), status=FORBIDDEN)
    try:
        plain = look_at_contact(by=by, case=found, at=request.at, purpose=Purpose.VISIT)
    except UnableToAct as refusal:
        return case_page(request, found, trouble=str(refusal), status=FORBIDDEN)
    except Refusal as refusal:
        return case_page(request, found, trouble=str(refusal), status=CONFLICT)
    shown = [(words, plain[name]) for name, words in CONTACT_WORDS.items()]
    return show(request, "field/contact_shown.html", {"case": found, "shown": shown})


@role_required(*FIELD)
@require_safe
def photo(request: StandingRequest, number: str, digest: str) -> HttpResponseBase:
    """A photo of a case, to whom the page shows it; `?small` the thumbnail."""
    by = holder_of(request)
    found = found_case(request, number)
    if not shows_text(found, by):
        raise Http404
    attached = Attachment.objects.filter(case=found, file__digest=digest)
    if visibility(by, found).text < Sight.FULL:
        attached = attached.filter(note=None)
    attachment = attached.select_related("file").first()
    if attachment is None:
        raise Http404
    return photo_answer(attachment.file, thumbnail="small" in request.GET)
