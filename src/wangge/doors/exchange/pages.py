"""Taking a file in on the desk: send it, look at what would happen, say yes, read what was wrong."""

from __future__ import annotations

from collections.abc import Iterator
from tempfile import TemporaryFile

from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from wangge.doors.exchange.access import run_for, runs_for
from wangge.doors.exchange.desk_runs import draft_run, drop_run, start_run
from wangge.doors.exchange.forms import UploadForm
from wangge.doors.exchange.menu import IMPORTERS
from wangge.doors.exchange.models import ImportRun, RunState
from wangge.doors.exchange.reports import csv_pieces, write_xlsx
from wangge.doors.exchange.running import UnableToImport
from wangge.doors.shell.fragments import UNPROCESSABLE, done, go, show
from wangge.doors.shell.guards import holder_of, role_required
from wangge.doors.shell.standing import StandingRequest
from wangge.foundation.refusals import Refusal

PAGE = 20
SHOWN_FAULTS = 50


@role_required(*IMPORTERS)
def imports(request: StandingRequest) -> HttpResponseBase:
    before = request.GET.get("before", "")
    runs = runs_for(holder_of(request)).order_by("-pk").defer("mapping")
    if before.isascii() and before.isdigit() and len(before) < 19:
        runs = runs.filter(pk__lt=int(before))
    found = list(runs[: PAGE + 1])
    context = {
        "runs": [Line(run) for run in found[:PAGE]],
        "older": found[PAGE - 1].pk if len(found) > PAGE else None,
        "is_first": not before,
    }
    return show(request, "exchange/imports.html", context)


@role_required(*IMPORTERS)
def upload(request: StandingRequest) -> HttpResponseBase:
    if request.method != "POST":
        return show(request, "exchange/upload.html", {"form": UploadForm()})
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid() and form.read is not None:
        file = form.cleaned_data["file"]
        try:
            run = draft_run(
                file=file.file, file_name=file.name or "", mapping=form.read, mapping_text=form.mapping_text,
                channel=form.cleaned_data["channel"], by=holder_of(request), at=request.at,
                language=get_language() or "zh-hans",
            )  # fmt: skip
        except Refusal as refusal:
            form.add_error("file", str(refusal))
        else:
            return go(request, "exchange:run", run.pk)
    return show(request, "exchange/upload.html", {"form": form}, status=UNPROCESSABLE)


@role_required(*IMPORTERS)
def run(request: StandingRequest, run_id: int) -> HttpResponseBase:
    found = run_for(holder_of(request), run_id)
    faults = list(found.faults.order_by("row", "pk")[:SHOWN_FAULTS])
    context = {"run": found, "line": Line(found), "faults": faults, "shown": SHOWN_FAULTS}
    return show(request, "exchange/run.html", context, piece="exchange/parts/run_body.html")


@role_required(*IMPORTERS)
@require_POST
def start(request: StandingRequest, run_id: int) -> HttpResponseBase:
    found = run_for(holder_of(request), run_id)
    try:
        start_run(found)
    except UnableToImport as refusal:
        return _refused(request, found, refusal)
    return done(request, _("The file is being taken in. You may leave this page."), "exchange:run", run_id)


@role_required(*IMPORTERS)
@require_POST
def drop(request: StandingRequest, run_id: int) -> HttpResponseBase:
    found = run_for(holder_of(request), run_id)
    try:
        drop_run(found, by=holder_of(request), at=request.at)
    except UnableToImport as refusal:
        return _refused(request, found, refusal)
    return done(request, _("The import was given up; nothing of the file was kept."), "exchange:imports")


@role_required(*IMPORTERS)
def report(request: StandingRequest, run_id: int) -> HttpResponseBase:
    """The report as a file: row, column, problem, how to mend it. It holds no caller."""
    found = run_for(holder_of(request), run_id)
    faults = found.faults.order_by("row", "pk")
    name = f"import-{found.pk}-problems"
    if request.GET.get("form") == "xlsx":
        out = TemporaryFile()  # noqa: SIM115 - FileResponse closes it
        write_xlsx(out, faults.iterator())
        out.seek(0)
        return FileResponse(out, as_attachment=True, filename=f"{name}.xlsx")
    pieces: Iterator[bytes] = csv_pieces(faults.iterator())
    response = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _refused(request: StandingRequest, found: ImportRun, refusal: Refusal) -> HttpResponse:
    context = {"run": found, "line": Line(found), "faults": [], "trouble": str(refusal)}
    return show(request, "exchange/run.html", context, status=409)


class Line:
    """A run as a page shows it."""

    TONES = {
        RunState.DRAFT: ("wait", "circle-help"),
        RunState.WAITING: ("info", "clock"),
        RunState.RUNNING: ("info", "loader-circle"),
        RunState.DONE: ("good", "circle-check"),
        RunState.FAILED: ("bad", "circle-x"),
        RunState.DROPPED: ("neutral", "ban"),
    }

    def __init__(self, run: ImportRun) -> None:
        self.run = run
        self.state = RunState(run.state)
        self.label = self.state.label
        self.tone, self.icon = self.TONES[self.state]
        self.is_draft = self.state == RunState.DRAFT
        self.goes_on = self.state in {RunState.WAITING, RunState.RUNNING}
        self.tried = run.columns.get("tried", {}) if self.is_draft else {}
        self.problems = run.refused + run.remarks
        self.has_notes = any(run.columns.get(kind) for kind in ("unknown", "left_out", "unused", "sheets"))
