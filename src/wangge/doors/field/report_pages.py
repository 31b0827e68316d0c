"""Reporting from the street, and what became of it."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from wangge.cases.access import cases_for
from wangge.cases.intake import KeyUsedForAnother
from wangge.cases.models import Case
from wangge.cases.queries import page_of
from wangge.cases.words import Channel
from wangge.doors.field.case_sheet import rows_of
from wangge.doors.field.report_form import ReportForm, new_key
from wangge.doors.shell.fragments import UNPROCESSABLE, done, go, put_refusal, show
from wangge.doors.shell.guards import holder_of, role_required
from wangge.doors.shell.middleware import BACKGROUND
from wangge.doors.shell.standing import StandingRequest
from wangge.foundation.refusals import Refusal
from wangge.organisations.posts import PostHolder
from wangge.organisations.roles import FIELD

CONFLICT = 409
PAGE = 20


@role_required(*FIELD)
def report(request: StandingRequest) -> HttpResponseBase:
    """One form. Sent again under its key, as a phone does that heard no answer, it is the same case."""
    by = holder_of(request)
    if request.method != "POST":
        return _page(request, ReportForm(by=by))
    form = ReportForm(request.POST, request.FILES, by=by)
    form.is_valid()
    photos = form.take_photos(owner=by.user_id, at=request.at)
    if form.errors:
        return _page(request, form, status=UNPROCESSABLE)
    try:
        registered = form.register(by=by, at=request.at, photos=photos)
    except KeyUsedForAnother as refusal:
        # The back button, and other words: what was typed stays, under a key of its own.
        form.put("client_key", new_key())
        return _page(request, form, trouble=str(refusal), status=CONFLICT)
    except Refusal as refusal:
        put_refusal(form, refusal)
        return _page(request, form, status=UNPROCESSABLE)
    number = registered.case.number
    if BACKGROUND in request.headers:
        # Sent by itself while the worker reads another page: the phone says so there.
        return go(request, "field:case", number)
    said = (
        _("Reported as %(number)s.") if registered.created else _("This was reported already, as %(number)s.")
    )
    return done(request, said % {"number": number}, "field:case", number)


def _page(
    request: StandingRequest, form: ReportForm, *, trouble: str = "", status: int = 200
) -> HttpResponse:
    by = holder_of(request)
    context = {
        "form": form,
        "trouble": trouble,
        "area": by.area_prefix,
        "grids_url": f"{reverse('resident:grids')}?within={by.area_prefix}",
    }
    return show(request, "field/report.html", context, status=status)


@role_required(*FIELD)
@require_safe
def reports(request: StandingRequest) -> HttpResponseBase:
    """What was reported from patrols in this grid, newest first, and where it stands."""
    by = holder_of(request)
    page = page_of(
        patrol_reports(by),
        size=PAGE,
        before=_id(request.GET.get("before")),
        after=_id(request.GET.get("after")),
    )
    address = reverse("field:reports")
    context = {
        "rows": rows_of(page.cases, by),
        "newer_url": f"{address}?after={page.newer_than}" if page.newer_than else "",
        "older_url": f"{address}?before={page.older_than}" if page.older_than else "",
    }
    return show(request, "field/reports.html", context)


def patrol_reports(by: PostHolder) -> QuerySet[Case]:
    return cases_for(by).filter(channel=Channel.GRID_PATROL)


def _id(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdecimal() and len(value) < 19 else None
