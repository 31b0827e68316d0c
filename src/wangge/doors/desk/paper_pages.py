"""Printing from the desk: the case sheet, the slip for its unit, and the receipt right after registration."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.http import Http404
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from wangge.cases.models import Case
from wangge.doors.desk.case_pages import found_case
from wangge.doors.desk.case_sheet import sheet_of
from wangge.doors.desk.papers import case_paper, slip_paper
from wangge.doors.desk.roles import CASES, REGISTER
from wangge.doors.shell.guards import holder_of, role_required
from wangge.doors.shell.paper.receipt import receipt_paper
from wangge.doors.shell.paper.rendering import paper_response
from wangge.doors.shell.standing import StandingRequest, standing_label
from wangge.territory.queries import path_label

#: For how long after registration its answer may still be printed.
JUST_NOW = timedelta(hours=1)


@role_required(*CASES)
@require_safe
def print_sheet(request: StandingRequest, number: str) -> HttpResponseBase:
    """The case as its page shows it to this post."""
    sheet = sheet_of(found_case(request, number), holder_of(request), request.at)
    paper = case_paper(sheet, body=standing_label(request), at=request.at)
    return paper_response(paper, f"{number}.pdf")


@role_required(*CASES)
@require_safe
def print_slip(request: StandingRequest, number: str) -> HttpResponseBase:
    """What goes to the unit; 404 for a case without one, and for whom its turns do not show."""
    sheet = sheet_of(found_case(request, number), holder_of(request), request.at)
    if not sheet.legs:
        raise Http404
    paper = slip_paper(sheet, body=standing_label(request), at=request.at)
    return paper_response(paper, f"{number}-slip.pdf")


@role_required(*REGISTER)
@require_POST
def print_receipt(request: StandingRequest, number: str) -> HttpResponseBase:
    """The answer to a registration on paper, with its secret, for who holds the key of that form.

    The key was drawn when the form was opened and is on no other page; an hour later nobody prints it.
    """
    by = holder_of(request)
    try:
        key = str(uuid.UUID(request.POST.get("client_key", "")))
    except ValueError:
        raise Http404 from None
    case = Case.objects.filter(
        number=number,
        client_key=key,
        registered_unit_id=by.organisation_id,
        registered_at__gt=request.at - JUST_NOW,
    ).first()
    if case is None:
        raise Http404
    paper = receipt_paper(
        number=case.number,
        secret=case.lookup_secret.unseal() if case.lookup_secret else "",
        body=standing_label(request),
        place=path_label(case.area_code),
        registered_at=case.registered_at,
        dispatch_due_at=case.dispatch_due_at,
        follow_url=request.build_absolute_uri(f"{reverse('resident:follow')}?number={case.number}"),
    )
    return paper_response(paper, f"{number}-receipt.pdf")
