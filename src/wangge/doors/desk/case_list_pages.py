"""Lists of cases: what waits for my post, and everything my post may look up."""

from __future__ import annotations

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from wangge.cases import queries
from wangge.cases.access import cases_for
from wangge.cases.exports import ASKERS
from wangge.cases.states import State
from wangge.doors.desk.case_filters import CaseFilterForm
from wangge.doors.desk.case_rows import rows_of
from wangge.doors.desk.queue_order import Bookmark, queue_page
from wangge.doors.desk.roles import CASES, HOMES, QUEUE
from wangge.doors.shell.fragments import go, show
from wangge.doors.shell.guards import holder_of, role_required, staff_required
from wangge.doors.shell.standing import StandingRequest


@staff_required
def home(request: StandingRequest) -> HttpResponseBase:
    """To where the day of this post begins."""
    return go(request, HOMES.get(holder_of(request).role, "field:home"))


@role_required(*QUEUE)
def queue(request: StandingRequest) -> HttpResponseBase:
    by = holder_of(request)
    waiting = queries.queue_for(by)
    counts = queries.counts_by_state(waiting)
    # What a unit was asked to assist with waits in other states than what it leads.
    tabs = [state for state in State if state in counts or state in queries.queue_states(by)]
    chosen = request.GET.get("state", "")
    if chosen not in tabs:
        chosen = ""
    page = queue_page(
        waiting.filter(state=chosen) if chosen else waiting,
        after=Bookmark.read(request.GET.get("after", "")),
        before=Bookmark.read(request.GET.get("before", "")),
    )
    context = {
        "rows": rows_of(page.cases, by, request.at),
        "page": page,
        "chosen": chosen,
        "tabs": [(state.value, state.label, counts.get(state, 0)) for state in tabs],
        "total": sum(counts.values()),
        "ask_list": "queue" if by.role in ASKERS else "",
        "empty_heading": _("Nothing waits for you"),
        "empty_text": _("New cases appear here as soon as they are yours to act on."),
    }
    return show(request, "desk/queue.html", context, piece="desk/parts/queue_list.html")


@role_required(*CASES)
def cases(request: StandingRequest) -> HttpResponseBase:
    by = holder_of(request)
    form = CaseFilterForm(request.GET, by=by)
    found = queries.filtered(cases_for(by).select_related("leg"), form.filters(), request.at)
    page = queries.page_of(
        found, before=_id_in(request.GET.get("before", "")), after=_id_in(request.GET.get("after", ""))
    )
    context = {
        "form": form,
        "ask_list": "cases" if by.role in ASKERS else "",
        "rows": rows_of(page.cases, by, request.at),
        "page": page,
        "empty_heading": _("No case fits") if form.narrowed else _("No cases yet"),
        "empty_text": _("Take a filter away, or search for other words.")
        if form.narrowed
        else _("Cases of your area appear here once they are registered."),
    }
    return show(request, "desk/cases.html", context, piece="desk/parts/case_list.html")


def _id_in(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 19 else None
