"""The page of one case, the acts made from it, its photos, and a look at the requester's contact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from django import forms
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from wangge.cases import queries
from wangge.cases.access import NoSuchCase, Sight, case_for, may_open, visibility
from wangge.cases.contact import look_at_contact
from wangge.cases.models import Attachment, Case
from wangge.cases.moves import StaleCase, UnableToAct
from wangge.doors.desk import closing_forms, dispatch_forms, handling_forms, screening_forms
from wangge.doors.desk.case_forms import ActChoice, ActForm
from wangge.doors.desk.case_sheet import sheet_of
from wangge.doors.desk.grid_pages import map_address
from wangge.doors.desk.roles import CASES, CONTACT, who_may
from wangge.doors.desk.timeline_words import happening
from wangge.doors.shell import moments
from wangge.doors.shell.fragments import UNPROCESSABLE, done, go, put_refusal, show
from wangge.doors.shell.guards import holder_of, role_required
from wangge.doors.shell.standing import StandingRequest
from wangge.foundation.files.disk import open_photo
from wangge.foundation.privacy.models import Purpose
from wangge.foundation.refusals import Refusal
from wangge.organisations.posts import PostHolder
from wangge.organisations.roles import Role

FORBIDDEN, CONFLICT = 403, 409

#: The acts that have a form here, in the order of the room's table.
FORMS: dict[str, type[ActForm]] = {
    form.act: form
    for form in (
        screening_forms.StartScreeningForm,
        screening_forms.ClassifyForm,
        screening_forms.AnswerForm,
        screening_forms.InformForm,
        dispatch_forms.DispatchForm,
        dispatch_forms.SignForm,
        handling_forms.HandleForm,
        handling_forms.FeedBackForm,
        handling_forms.AssignAssistForm,
        handling_forms.AssistForm,
        dispatch_forms.ObjectForm,
        dispatch_forms.UpholdForm,
        dispatch_forms.ReassignForm,
        closing_forms.PassForm,
        closing_forms.VerifyForm,
        closing_forms.RejectFeedbackForm,
        closing_forms.CallBackForm,
    )
}

#: Refusals that say "not you" rather than "not now".
NOT_YOURS = frozenset({"wrong_role", "wrong_area", "wrong_unit", "own_unit", "not_requester"})


@dataclass(frozen=True)
class OpenMove:
    """A move that may be made now, with its form; `is_open` when the form came back."""

    act: str
    label: str
    form: ActForm
    is_open: bool


@dataclass(frozen=True)
class ClosedMoves:
    """Moves that may not be made now, for one and the same reason."""

    labels: list[str]
    reason: str


CONTACT_WORDS = {
    "name": gettext_lazy("Name"),
    "phone": gettext_lazy("Phone"),
    "address": gettext_lazy("Address"),
}


class ContactForm(forms.Form):
    """Why somebody wants to see who asked. Name and phone; the address only when asked for."""

    purpose = ActChoice(
        label=gettext_lazy("What for"),
        choices=[
            ("", gettext_lazy("Choose a purpose")),
            *((p.value, p.label) for p in Purpose if p not in {Purpose.OWN, Purpose.SERVICE}),
        ],
    )
    reason = forms.CharField(label=gettext_lazy("Reason in a few words"), required=False, max_length=200)
    address = forms.BooleanField(label=gettext_lazy("The address too"), required=False)

    def __init__(self, data: object = None) -> None:
        super().__init__(data, auto_id="contact-%s", label_suffix="")  # type: ignore[arg-type]


# --- the page -----------------------------------------------------------------------------------------


@role_required(*CASES)
def case(request: StandingRequest, number: str) -> HttpResponseBase:
    return case_page(request, found_case(request, number))


def found_case(request: StandingRequest, number: str) -> Case:
    """The case, if this person may open it; strangers meet 404."""
    try:
        return case_for(holder_of(request), number)
    except NoSuchCase:
        raise Http404 from None


def case_page(
    request: StandingRequest,
    case: Case,
    *,
    came_back: ActForm | None = None,
    contact: ContactForm | None = None,
    trouble: str = "",
    status: int = 200,
) -> HttpResponse:
    """The whole page; `came_back` is the form of an act that was refused, with what was typed in it."""
    by = holder_of(request)
    opened, closed = _moves(request, case, by, came_back)
    sheet = sheet_of(case, by, request.at)
    lost = came_back if came_back and all(move.form is not came_back for move in opened) else None
    context = {
        "sheet": sheet,
        "case": case,
        "moves": opened,
        "closed_moves": closed,
        "kept_texts": _texts_of(lost) if lost else [],
        "contact_form": contact or ContactForm(),
        "contact_open": contact is not None,
        "grids_url": map_address(case.area_code),
        "may_read_journal": by.role == Role.AUDITOR,
        "trouble": trouble,
    }
    return show(request, "desk/case.html", context, status=status)


def _moves(
    request: StandingRequest, case: Case, by: PostHolder, came_back: ActForm | None
) -> tuple[list[OpenMove], list[ClosedMoves]]:
    """What may be done now, each with its form, and what may not, each with its reason."""
    options = {option.act: option for option in queries.moves_for(case, by, request.at)}
    find, wanted = request.GET.get("find", ""), request.GET.get("open", "")
    opened: list[OpenMove] = []
    closed: dict[str, list[str]] = {}
    for act, form_class in FORMS.items():
        option = options.get(act)
        if option is None:
            continue
        if not option.verdict.allowed:
            closed.setdefault(str(option.verdict.reason), []).append(str(option.label))
            continue
        back = came_back is not None and came_back.act == act
        form = came_back if back else form_class(case=case, by=by, at=request.at, find=find)
        assert form is not None
        opened.append(OpenMove(act, str(option.label), form, is_open=back or wanted == act))
    if len(opened) == 1:
        # The one thing to do need not be opened first.
        opened = [replace(opened[0], is_open=True)]
    return opened, [ClosedMoves(labels, reason) for reason, labels in closed.items()]


def _texts_of(form: ActForm) -> list[tuple[str, str]]:
    """What somebody had typed into a form that is no longer offered, so that nothing is lost."""
    return [
        (str(bound.label), str(bound.value()))
        for bound in form
        if isinstance(bound.field.widget, forms.Textarea) and bound.value()
    ]


# --- acts ---------------------------------------------------------------------------------------------


def act_page(act: str) -> Callable[..., HttpResponseBase]:
    """The view of one act: guard, form, one act, answer."""
    form_class = FORMS[act]

    @role_required(*who_may(act))
    def page(request: StandingRequest, number: str) -> HttpResponseBase:
        case = found_case(request, number)
        if request.method != "POST":
            # Somebody followed the address of a form: to the case, with that form open.
            return go(request, f"{reverse('desk:case', args=[number])}?open={act}#{act}")
        form = form_class(request.POST, request.FILES, case=case, by=holder_of(request), at=request.at)
        if not form.is_valid():
            return case_page(request, case, came_back=form, status=UNPROCESSABLE)
        try:
            form.perform()
        except StaleCase as stale:
            return _stale(request, form, stale)
        except UnableToAct as refusal:
            status = FORBIDDEN if refusal.code in NOT_YOURS else CONFLICT
            return case_page(
                request, found_case(request, number), came_back=form, trouble=str(refusal), status=status
            )
        except Refusal as refusal:
            put_refusal(form, refusal)
            return case_page(request, case, came_back=form, status=UNPROCESSABLE)
        if may_open(form.by, Case.objects.defer("search").get(pk=case.pk)):
            return done(request, form_class.done, "desk:case", number)
        # It went to where this post does not reach.
        return done(request, form_class.done, "desk:home")

    page.__name__ = act
    return page


def _stale(request: StandingRequest, form: ActForm, stale: StaleCase) -> HttpResponse:
    """A colleague was quicker: say what happened, and keep the form as typed for the version of now."""
    fresh = found_case(request, form.case.number)
    trouble = _("%(refusal)s Last: %(act)s, %(when)s.") % {
        "refusal": str(stale),
        "act": happening(stale.last_act).words,
        "when": moments.moment_text(stale.last_at, request.at),
    }
    again = type(form)(case=fresh, by=form.by, at=form.at, typed=form.typed)
    return case_page(request, fresh, came_back=again, trouble=trouble, status=CONFLICT)


# --- photos and contact -------------------------------------------------------------------------------


@role_required(*CASES)
def photo(request: StandingRequest, number: str, digest: str) -> HttpResponseBase:
    """A photo of the case, for those who see its text; `?small` the thumbnail."""
    case = found_case(request, number)
    if visibility(holder_of(request), case).text < Sight.FULL:
        raise Http404
    found = Attachment.objects.filter(case=case, file__digest=digest).select_related("file").first()
    if found is None:
        raise Http404
    try:
        content = open_photo(found.file, thumbnail="small" in request.GET)
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(content, content_type=found.file.content_type)


@role_required(*CONTACT)
@require_POST
def contact(request: StandingRequest, number: str) -> HttpResponseBase:
    """Shown once, on the answer to this form; the look is journalled and told to the person concerned."""
    case = found_case(request, number)
    form = ContactForm(request.POST)
    if not form.is_valid():
        return case_page(request, case, contact=form, status=UNPROCESSABLE)
    fields = ["name", "phone", "address"] if form.cleaned_data["address"] else ["name", "phone"]
    try:
        plain = look_at_contact(
            by=holder_of(request), case=case, at=request.at, purpose=form.cleaned_data["purpose"],
            reason=form.cleaned_data["reason"], fields=fields,
        )  # fmt: skip
    except UnableToAct as refusal:
        return case_page(request, case, trouble=str(refusal), status=FORBIDDEN)
    except Refusal as refusal:
        put_refusal(form, refusal)
        return case_page(request, case, contact=form, status=UNPROCESSABLE)
    context = {"case": case, "shown": [(CONTACT_WORDS[name], plain[name]) for name in fields]}
    return show(request, "desk/contact_shown.html", context)
