"""One's own requests: finding them again, the receipt, how they stand, and who looked at one's data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import segno
from django.http import Http404
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wangge.cases.access import NoSuchCase, case_by_receipt, cases_for, visibility
from wangge.cases.clocks import Promise
from wangge.cases.limits import configuration
from wangge.cases.models import Attachment, Case
from wangge.cases.queries import Entry, answered, clocks_of, moves_for, page_of, timeline
from wangge.cases.states import State
from wangge.doors.resident import drafts
from wangge.doors.resident.course import course_of, latest_text
from wangge.doors.resident.knocks import spends
from wangge.doors.resident.person import Own, lay_down, of_own_case, resident_of, take_in_hand
from wangge.doors.resident.phases import STEPS, by_when, stand_of
from wangge.doors.resident.photos import photo_answer
from wangge.doors.resident.report_forms import LookupForm
from wangge.doors.shell.fragments import UNPROCESSABLE, done, go, show
from wangge.doors.shell.guards import signed_in
from wangge.doors.shell.paper.receipt import receipt_paper
from wangge.doors.shell.paper.rendering import paper_response
from wangge.doors.shell.standing import StandingRequest
from wangge.foundation.notices.actions import mark_all_read
from wangge.foundation.notices.models import Recipient
from wangge.foundation.notices.queries import inbox
from wangge.foundation.privacy.actions import show_to_owner
from wangge.foundation.privacy.queries import WhoLooked, looks_at
from wangge.foundation.privacy.screening import mask_text
from wangge.organisations.models import Organisation, OrganisationType
from wangge.organisations.roles import Role
from wangge.territory.queries import label, path_label

PAGE_SIZE = 20


# --- finding a request again ----------------------------------------------------------------------


@spends("lookup")
def follow(request: StandingRequest) -> HttpResponseBase:
    """By number and secret. A wrong number and a wrong secret get the same answer."""
    if request.method == "POST":
        form = LookupForm(request.POST)
        if form.is_valid():
            try:
                case = case_by_receipt(
                    form.cleaned_data["number"], form.cleaned_data["secret"], at=request.at
                )
            except NoSuchCase:
                form.add_error(
                    None, _("Number and secret do not fit together. Compare both with your receipt.")
                )
            else:
                # A session somebody else may have prepared must not come to hold this case.
                request.session.cycle_key()
                take_in_hand(request, case.number)
                return go(request, "resident:case", case.number)
    else:
        form = LookupForm(initial={"number": request.GET.get("number", "")[:40]})
    context = {"form": form, "asked": bool(request.GET.get("number"))}
    return show(request, "resident/follow.html", context, status=UNPROCESSABLE if form.errors else 200)


@signed_in
def mine(request: StandingRequest) -> HttpResponseBase:
    """Everything the signed-in resident has asked for, newest first."""
    by = resident_of(request)
    if by is None:
        raise Http404
    page = page_of(cases_for(by), size=PAGE_SIZE, before=_id(request, "before"), after=_id(request, "after"))
    settings = configuration()
    rows = [(case, stand_of(case, request.at, settings)) for case in page.cases]
    return show(request, "resident/mine.html", {"rows": rows, "page": page})


@require_POST
def forget(request: StandingRequest, number: str) -> HttpResponseBase:
    """Close a case on a machine that others use."""
    lay_down(request, number)
    return done(request, _("This browser no longer opens the request."), "resident:home")


# --- one request ----------------------------------------------------------------------------------


@of_own_case
def receipt(request: StandingRequest, own: Own) -> HttpResponseBase:
    """Number and secret, to be written down, printed or photographed; and what happens next."""
    case = own.case
    follow_url = _follow_url(request, case)
    context = {
        "own": own,
        "case": case,
        "secret": _secret(request, own),
        "stand": stand_of(case, request.at, configuration()),
        "when": by_when(case.dispatch_due_at, request.at) if case.dispatch_due_at else "",
        "code": segno.make(follow_url, error="m").svg_data_uri(scale=4, border=2, light="white"),
        "place": path_label(case.area_code),
    }
    return show(request, "resident/receipt.html", context)


@of_own_case
def receipt_pdf(request: StandingRequest, own: Own) -> HttpResponseBase:
    """The same on paper; the secret exactly where the page shows it."""
    case = own.case
    paper = receipt_paper(
        number=case.number,
        secret=_secret(request, own),
        body=label(case.district),
        place=path_label(case.area_code),
        registered_at=case.registered_at,
        dispatch_due_at=case.dispatch_due_at,
        follow_url=_follow_url(request, case),
    )
    return paper_response(paper, f"{case.number}.pdf")


def _secret(request: StandingRequest, own: Own) -> str:
    """Shown to whoever has just sent the report, and to the person whose account it is."""
    just_sent = own.case.number in drafts.sent_numbers(request)
    return own.case.lookup_secret.unseal() if own.signed_in or just_sent else ""


def _follow_url(request: StandingRequest, case: Case) -> str:
    return request.build_absolute_uri(f"{reverse('resident:follow')}?number={case.number}")


@dataclass(frozen=True)
class Explained:
    """One promise, and how its date came about."""

    promise: Promise
    name: str
    when: str
    late: bool


@of_own_case
def case(request: StandingRequest, own: Own) -> HttpResponseBase:
    case, at = own.case, request.at
    settings = configuration()
    has_answered = case.state == State.CALLBACK_DUE and answered(case)
    stand = stand_of(
        case,
        at,
        settings,
        answered=has_answered,
        pause=case.pauses.filter(to_at=None).first() if case.state == State.PAUSED else None,
        shelving=case.shelvings.filter(to_at=None).first() if case.state == State.SHELVED else None,
    )
    entries = timeline(case, visibility(own.by, case), by=own.by)
    options = {option.act: option for option in moves_for(case, own.by, at)}
    reader = Recipient("requester", case.number)
    notices = list(inbox(reader)[:10])
    context = {
        "own": own,
        "case": case,
        "stand": stand,
        "steps": STEPS,
        "course": course_of(entries),
        "result": _result(case, entries),
        "advice": latest_text(entries, "case.informed") if case.state == State.INFORMED else None,
        "reason": _reason(case, entries),
        "acts": {act: option for act, option in options.items() if option.verdict.allowed},
        "promises": _promises(case, at),
        "messages_to_you": notices,
        "centre": _centre(case),
        "place": path_label(case.area_code),
        "photos": list(Attachment.objects.filter(case=case, note=None).select_related("file")),
    }
    response = show(request, "resident/case.html", context)
    if any(notice.read_at is None for notice in notices):
        mark_all_read(readers=[reader], at=at)
    return response


def _result(case: Case, entries: list[Entry]) -> Entry | None:
    """The answer, as long as it stands: what was sent back or is done again stays in the course only."""
    if case.feedback_at is None:
        return None
    return latest_text(entries, "case.fed_back", "case.answered", "case.shelving_ended")


def _reason(case: Case, entries: list[Entry]) -> str:
    """The words in which a pause or a later date was explained, while they matter."""
    if case.state == State.PAUSED:
        act = "case.paused"
    elif case.extensions and case.state in {State.IN_PROGRESS, State.OBJECTION_REVIEW}:
        act = "case.extended"
    else:
        return ""
    entry = latest_text(entries, act)
    return mask_text(entry.note.text) if entry and entry.note else ""


def _promises(case: Case, at: datetime) -> list[Explained]:
    clock = clocks_of(case).case
    told = [_explained(clock.dispatch, _("To tell you who handles it"), at)]
    if clock.feedback is not None:
        told.append(_explained(clock.feedback, _("To give you an answer"), at))
    return told


def _explained(promise: Promise, name: str, at: datetime) -> Explained:
    when = by_when(promise.due_at, at) if promise.due_at is not None else ""
    return Explained(promise, name, when, promise.is_late(at))


def _centre(case: Case) -> Organisation | None:
    """Where to turn to if one does not agree: the district's centre."""
    return Organisation.objects.filter(
        type=OrganisationType.CENTER, area__code=case.district, active=True
    ).first()


@require_safe
@of_own_case
def photo(request: StandingRequest, own: Own, attachment: int) -> HttpResponseBase:
    """A photo of one's own case: what was sent along, and what shows the result."""
    found = Attachment.objects.filter(case=own.case, pk=attachment).select_related("file").first()
    if found is None:
        raise Http404
    return photo_answer(found.file, thumbnail="small" in request.GET)


# --- my data --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LookLine:
    """Somebody opened my data: from which body and post, what for, when."""

    look: WhoLooked
    body: str
    role: str


@of_own_case
def my_data(request: StandingRequest, own: Own) -> HttpResponseBase:
    """谁看过我的信息: role, purpose, time; and the data themselves, masked until asked for."""
    identity = own.case.requester
    shown: dict[str, str] = {}
    if request.method == "POST" and identity is not None and identity.erased_at is None:
        shown = show_to_owner(
            identity=identity, fields=("name", "phone"), by=own.by, about=own.case.subject, at=request.at
        )
    context = {
        "own": own,
        "case": own.case,
        "identity": identity,
        "shown": shown,
        "looks": _lines(looks_at([identity])) if identity is not None else [],
        "kept": configuration(),
    }
    return show(request, "resident/my_data.html", context)


def _lines(looks: list[WhoLooked]) -> list[LookLine]:
    codes = {look.role_label.split("/", 1)[0] for look in looks}
    bodies = {body.code: body.label for body in Organisation.objects.filter(code__in=codes)}
    lines = []
    for look in looks:
        code, _slash, role = look.role_label.partition("/")
        named = str(Role(role).label) if role in Role.values else _("Staff")
        lines.append(LookLine(look, bodies.get(code, ""), named))
    return lines


def _id(request: StandingRequest, name: str) -> int | None:
    value = request.GET.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 19 else None
