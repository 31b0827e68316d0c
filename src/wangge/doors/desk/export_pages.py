"""Lists as files: at once where they are short, by the worker where they are long, and with identities only
for a purpose and after a second person has said yes.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from tempfile import TemporaryFile

from django import forms
from django.conf import settings
from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBadRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from wangge.cases import exports
from wangge.cases.exports import APPROVERS, ASKERS, UnableToExport
from wangge.cases.models import ExportRequest, ExportState
from wangge.cases.queries import Filters
from wangge.cases.states import State
from wangge.doors.desk.case_filters import CaseFilterForm
from wangge.doors.desk.case_rows import rows_of
from wangge.doors.desk.export_lists import LISTS, Asked, ExportList, case_row, narrowing_of, waiting
from wangge.doors.desk.exporting import FORMS, ask_for, export_for, exports_for, open_file
from wangge.doors.desk.models import ExportStage, LargeExport
from wangge.doors.desk.papers import queue_paper
from wangge.doors.desk.post_words import words_for
from wangge.doors.desk.queue_order import queue_page
from wangge.doors.desk.roles import DESK
from wangge.doors.shell.fragments import UNPROCESSABLE, done, go, put_refusal, show
from wangge.doors.shell.guards import holder_of, role_required
from wangge.doors.shell.paper.rendering import paper_response
from wangge.doors.shell.sheets import (
    CSV_TYPE,
    XLSX_TYPE,
    Column,
    Row,
    csv_pieces,
    in_language,
    write_workbook,
)
from wangge.doors.shell.standing import StandingRequest, standing_label
from wangge.foundation.privacy.models import Purpose
from wangge.organisations.posts import PostHolder

CONFLICT, FORBIDDEN = 409, 403
SHOWN = 30
#: Cases on a printed queue: some fifteen pages.
PRINTED = 300
TYPES = {"csv": CSV_TYPE, "xlsx": XLSX_TYPE}
#: Refusals that say "not you" rather than "not now".
NOT_YOURS = frozenset({"wrong_role", "own_request"})

IDENTITY_COLUMNS = (
    Column(gettext_lazy("Name"), 14),
    Column(gettext_lazy("Phone"), 18),
    Column(gettext_lazy("Address"), 44),
)


class AskForm(forms.Form):
    """What a list with names, phones and addresses is needed for."""

    purpose = forms.ChoiceField(
        label=gettext_lazy("What for"),
        choices=[
            ("", gettext_lazy("Choose a purpose")),
            *((p.value, p.label) for p in Purpose if p not in {Purpose.OWN, Purpose.SERVICE}),
        ],
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason in a few words"), max_length=200, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, data: object = None) -> None:
        super().__init__(data, auto_id="ask-%s", label_suffix="")  # type: ignore[arg-type]


# --- without identities -------------------------------------------------------------------------------


def export_page(code: str) -> Callable[..., HttpResponseBase]:
    """The view that sends one list as a file: open to whom the list's page is open to."""
    chosen = LISTS[code]

    @role_required(*chosen.roles)
    @require_POST
    def page(request: StandingRequest) -> HttpResponseBase:
        form = request.POST.get("form", "")
        asked = Asked(holder_of(request), narrowing_of(chosen, request.GET), request.at)
        count = chosen.count(asked)
        if form == "pdf" and code == "queue":
            return _printed_queue(request, asked, count)
        if form not in FORMS:
            return HttpResponseBadRequest(_("Choose Excel or CSV."))
        if count > settings.EXPORT_DIRECT_ROWS:
            language = get_language() or settings.LANGUAGE_CODE
            export = ask_for(asked, what=code, form=form, expected=count, language=language)
            return go(request, "desk:export", export.pk)
        return _sent(chosen, asked, form, count)

    page.__name__ = f"export_{code}"
    return page


def _sent(chosen: ExportList, asked: Asked, form: str, count: int) -> HttpResponseBase:
    response: HttpResponseBase
    if form == "xlsx":
        out = TemporaryFile()  # noqa: SIM115 - FileResponse closes it
        count = write_workbook(out, title=str(chosen.title), columns=chosen.columns, rows=chosen.rows(asked))
        out.seek(0)
        response = FileResponse(out, content_type=XLSX_TYPE)
    else:
        pieces = csv_pieces(chosen.columns, chosen.rows(asked))
        response = StreamingHttpResponse(
            in_language(pieces, get_language() or settings.LANGUAGE_CODE), content_type=CSV_TYPE
        )
    exports.note_export(
        by=asked.by, at=asked.at, what=chosen.code, form=form, narrowing=dict(asked.narrowing), rows=count
    )
    return _as_file(response, _file_name(chosen.code, asked.at, form))


def _printed_queue(request: StandingRequest, asked: Asked, count: int) -> HttpResponse:
    page = queue_page(waiting(asked), size=PRINTED)
    rows = rows_of(page.cases, asked.by, asked.at)
    more = max(count - len(rows), 0)
    paper = queue_paper(rows, title=_("Work waiting"), body=standing_label(request), at=asked.at, more=more)
    response = paper_response(paper, _file_name("queue", asked.at, "pdf"))
    exports.note_export(
        by=asked.by, at=asked.at, what="queue", form="pdf", narrowing=dict(asked.narrowing), rows=len(rows)
    )
    return response


# --- long ones ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LargeLine:
    export: LargeExport
    title: str
    stage: str
    goes_on: bool
    ready: bool
    failed: bool


@dataclass(frozen=True)
class RequestLine:
    """A request for identities as a page shows it to whom."""

    asked: ExportRequest
    title: str
    who: str
    answered_by: str
    narrowed: list[tuple[str, str]]
    purpose: str
    state: str
    tone: str
    to_answer: bool
    to_fetch: bool


TONES = {
    ExportState.ASKED: "wait",
    ExportState.APPROVED: "info",
    ExportState.REFUSED: "bad",
    ExportState.MADE: "good",
    ExportState.EXPIRED: "neutral",
}


@role_required(*DESK)
def exported(request: StandingRequest) -> HttpResponseBase:
    """My files, and requests for lists with identities: mine, or those I have to answer."""
    return _exports(request)


def _exports(request: StandingRequest, *, trouble: str = "", status: int = 200) -> HttpResponse:
    by = holder_of(request)
    context = {
        "large": [_large(export) for export in exports_for(by).order_by("-pk")[:SHOWN]],
        "requests": _request_lines(exports.latest(exports.requests_for(by), SHOWN), by, request),
        "answers": by.role in APPROVERS,
        "asks": by.role in ASKERS,
        "trouble": trouble,
    }
    return show(request, "desk/exports.html", context, status=status)


@role_required(*DESK)
def export(request: StandingRequest, export_id: int) -> HttpResponseBase:
    """How far a long list is; then where to fetch it."""
    line = _large(export_for(holder_of(request), export_id))
    return show(request, "desk/export.html", {"line": line}, piece="desk/parts/export_body.html")


@role_required(*DESK)
def export_file(request: StandingRequest, export_id: int) -> HttpResponseBase:
    found = export_for(holder_of(request), export_id)
    response = FileResponse(open_file(found), content_type=TYPES[found.form])
    return _as_file(response, _file_name(found.what, found.asked_at, found.form))


def _large(export: LargeExport) -> LargeLine:
    stage = ExportStage(export.stage)
    return LargeLine(
        export,
        str(LISTS[export.what].title),
        str(stage.label),
        goes_on=stage in {ExportStage.WAITING, ExportStage.WRITING},
        ready=stage == ExportStage.DONE,
        failed=stage == ExportStage.FAILED,
    )


# --- with identities ----------------------------------------------------------------------------------


@role_required(*ASKERS)
def export_ask(request: StandingRequest) -> HttpResponseBase:
    """Ask for a list of cases with identities; narrowed as the list was from which one came."""
    by = holder_of(request)
    what = request.GET.get("list", "cases")
    if what not in exports.LISTS:
        raise Http404
    chosen = LISTS[what]
    asked = Asked(by, narrowing_of(chosen, request.GET), request.at)
    form = AskForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = exports.request_export(
                by=by, at=request.at, what=what, filters=_filters(asked, what),
                purpose=form.cleaned_data["purpose"], reason=form.cleaned_data["reason"],
            )  # fmt: skip
        except UnableToExport as refusal:
            put_refusal(form, refusal)
        else:
            said = _("Asked for. The personal information officer answers; you find it here.")
            return done(request, said, f"{reverse('desk:exports')}#request-{made.pk}")
    context = {
        "form": form,
        "title": chosen.title,
        "narrowed": _narrowed(_filters(asked, what), CaseFilterForm({}, by=by)),
        "count": chosen.count(asked),
    }
    return show(request, "desk/export_ask.html", context, status=UNPROCESSABLE if form.is_bound else 200)


@role_required(*APPROVERS)
@require_POST
def export_approve(request: StandingRequest, request_id: int) -> HttpResponseBase:
    try:
        exports.approve_export(request_id=request_id, by=holder_of(request), at=request.at)
    except UnableToExport as refusal:
        return _refused(request, refusal)
    return done(request, _("Approved. It may be fetched once."), "desk:exports")


@role_required(*APPROVERS)
@require_POST
def export_refuse(request: StandingRequest, request_id: int) -> HttpResponseBase:
    try:
        exports.refuse_export(
            request_id=request_id, by=holder_of(request), at=request.at, reason=request.POST.get("reason", "")
        )
    except UnableToExport as refusal:
        return _refused(request, refusal)
    return done(request, _("Refused. Whoever asked can read why."), "desk:exports")


@role_required(*ASKERS)
@require_POST
def export_fetch(request: StandingRequest, request_id: int) -> HttpResponseBase:
    """The approved list, once. The file is made in memory: its names never lie on a disk."""
    by, form = holder_of(request), request.POST.get("form", "")
    if form not in FORMS:
        return HttpResponseBadRequest(_("Choose Excel or CSV."))
    columns = (*LISTS["cases"].columns, *IDENTITY_COLUMNS)
    try:
        with transaction.atomic():
            # Looks and lines are written with the file, or neither is.
            made = exports.make_export(request_id=request_id, by=by, at=request.at)
            content = _file(form, columns, [_identity_row(one, by, request) for one in made])
    except UnableToExport as refusal:
        return _refused(request, refusal)
    return _as_file(
        HttpResponse(content, content_type=TYPES[form]),
        _file_name(f"contacts-{request_id}", request.at, form),
    )


def _identity_row(one: exports.Exported, by: PostHolder, request: StandingRequest) -> Row:
    case = case_row(one.case, Asked(by, {}, request.at))
    return (*case, *(one.identity.get(name, "") for name in exports.IDENTITY_FIELDS))


def _file(form: str, columns: tuple[Column, ...], rows: list[Row]) -> bytes:
    if form == "csv":
        return b"".join(csv_pieces(columns, rows))
    out = io.BytesIO()
    write_workbook(out, title=_("Cases with contacts"), columns=columns, rows=rows, on_disk=False)
    return out.getvalue()


def _refused(request: StandingRequest, refusal: UnableToExport) -> HttpResponse:
    if refusal.code == "not_found":
        raise Http404
    status = FORBIDDEN if refusal.code in NOT_YOURS else CONFLICT
    return _exports(request, trouble=str(refusal), status=status)


def _filters(asked: Asked, what: str) -> Filters:
    if what == "queue":
        state = asked.narrowing.get("state", "")
        return Filters(states=(state,) if state in State.values else ())
    return CaseFilterForm(asked.narrowing, by=asked.by).filters()


def _narrowed(filters: Filters, form: CaseFilterForm) -> list[tuple[str, str]]:
    """What a list is narrowed to, in words of the form it was narrowed by."""
    told: list[tuple[str, str]] = []
    for name, field in form.fields.items():
        value = ",".join(filters.states) if name == "state" else getattr(filters, name)
        if value:
            told.append((str(field.label), _words_of(field, value)))
    return told


def _words_of(field: forms.Field, value: object) -> str:
    if value is True:
        return _("yes")
    if isinstance(field, forms.ChoiceField) and isinstance(field.widget, forms.Select):
        for key, label in field.widget.choices:
            pairs = label if isinstance(label, list | tuple) else [(key, label)]
            for code, words in pairs:
                if code == value:
                    return str(words)
    return str(value)


def _request_lines(
    found: Sequence[ExportRequest], by: PostHolder, request: StandingRequest
) -> list[RequestLine]:
    if not found:
        return []
    words = words_for(label for asked in found for label in (asked.asker_label, asked.approver_label))
    form = CaseFilterForm({}, by=by)
    lines = []
    for asked in found:
        state = ExportState(asked.state)
        if state in {ExportState.ASKED, ExportState.APPROVED} and request.at >= asked.lapses_at:
            state = ExportState.EXPIRED
        mine = asked.asker_post_id == by.post_id
        lines.append(
            RequestLine(
                asked,
                str(LISTS[asked.what].title),
                words.get(asked.asker_label, asked.asker_label),
                words.get(asked.approver_label, asked.approver_label),
                _narrowed(exports.filters_of(asked), form),
                str(Purpose(asked.purpose).label),
                str(state.label),
                TONES[state],
                to_answer=state == ExportState.ASKED and by.role in APPROVERS,
                to_fetch=state == ExportState.APPROVED and mine,
            )
        )
    return lines


# --- files --------------------------------------------------------------------------------------------


def _file_name(what: str, at: datetime, form: str) -> str:
    return f"{what}-{timezone.localtime(at):%Y%m%d-%H%M}.{form}"


def _as_file(response: HttpResponseBase, name: str) -> HttpResponseBase:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response
