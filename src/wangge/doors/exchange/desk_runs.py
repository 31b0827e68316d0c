"""An import from the desk: tried at once on its first rows, taken in by the worker when somebody says so."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import BinaryIO

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from wangge.doors.exchange import uploads
from wangge.doors.exchange.mapping import Mapping, read_mapping
from wangge.doors.exchange.models import OVER, ImportFault, ImportRun, RunState
from wangge.doors.exchange.reading import open_table
from wangge.doors.exchange.running import Clock, UnableToImport, begin_run, end_run, take_file_in, try_file
from wangge.doors.exchange.tables import UnableToReadFile
from wangge.foundation.journal.actors import Actor
from wangge.foundation.refusals import Refusal
from wangge.organisations.posts import PostHolder
from wangge.organisations.queries import posts_of

#: How much is tried before somebody says yes, and how much of what is wrong is shown then.
TRIED_ROWS = 200
SHOWN_FAULTS = 50
#: How long a file waits for somebody's word, and how long for a worker that may have to be mended.
DRAFT_KEPT = timedelta(days=1)
WAITING_KEPT = timedelta(days=7)
_WORKER = Actor.system("worker")


def draft_run(
    *,
    file: BinaryIO,
    file_name: str,
    mapping: Mapping,
    mapping_text: str,
    channel: str,
    by: PostHolder,
    at: datetime,
    language: str,
) -> ImportRun:
    """Read the header, try the first rows, keep the file. UnableToReadFile if it cannot be read at all."""
    table = open_table(file, mapping)
    district = by.area_prefix if len(by.area_prefix) == 6 else by.district
    tried = try_file(
        table=table, mapping=mapping, by=by, channel=channel, district=district, at=at, rows=TRIED_ROWS,
        keep=SHOWN_FAULTS,
    )  # fmt: skip
    if not tried.rows:
        raise UnableToReadFile("empty", _("Below its titles the file is empty."))
    file.seek(0)
    token = uploads.keep(iter(lambda: file.read(1024 * 1024), b""))
    try:
        with transaction.atomic():
            run = begin_run(
                table=table, mapping=mapping, mapping_text=mapping_text, channel=channel, district=district,
                file_name=file_name, by=by, at=at, state=RunState.DRAFT, door="desk", user_id=by.user_id,
                post_id=by.post_id, upload=token, language=language,
            )  # fmt: skip
            run.columns["tried"] = {
                "rows": tried.rows, "taken": tried.taken, "known": tried.known, "refused": tried.refused,
                "more": tried.more_rows,
            }  # fmt: skip
            run.save(update_fields=["columns"])
            for fault in tried.faults:
                fault.run = run
            ImportFault.objects.bulk_create(tried.faults)
    except BaseException:
        uploads.forget(token)
        raise
    return run


@transaction.atomic
def start_run(run: ImportRun) -> None:
    """Hand the run to the worker; what was tried is forgotten, the worker tells it anew."""
    changed = ImportRun.objects.filter(pk=run.pk, state=RunState.DRAFT).update(state=RunState.WAITING)
    if not changed:
        raise UnableToImport("started", _("This import was started or given up before."))
    ImportFault.objects.filter(run=run).delete()
    app.configure_task("run_import", queueing_lock=f"import {run.pk}").defer(run_id=run.pk)


def drop_run(run: ImportRun, *, by: Actor, at: datetime) -> None:
    """Give a draft up and forget its file."""
    with transaction.atomic():
        locked = ImportRun.objects.select_for_update().get(pk=run.pk)
        if locked.state != RunState.DRAFT:
            raise UnableToImport("started", _("This import was started or given up before."))
        end_run(locked, RunState.DROPPED, by=by, at=at)
    uploads.forget(run.upload)


def work_off(run_id: int, clock: Clock) -> None:
    """What the worker does; bears being killed and called again."""
    run = ImportRun.objects.filter(pk=run_id).first()
    if run is None or run.is_over or run.state == RunState.DRAFT:
        return
    with translation.override(run.language):
        try:
            _run(run, clock)
        except UnableToImport:
            raise  # another worker is at it
        except (Refusal, FileNotFoundError) as trouble:
            run.refresh_from_db()
            if not run.is_over:
                said = str(trouble) if isinstance(trouble, Refusal) else _("The file is gone.")
                end_run(run, RunState.FAILED, by=_WORKER, at=clock(), failure=said)
    uploads.forget(run.upload)


def _run(run: ImportRun, clock: Clock) -> None:
    by = next((post for post in posts_of(run.user_id or 0, clock()) if post.post_id == run.post_id), None)
    if by is None:
        raise UnableToReadFile("no_post", _("Whoever sent the file holds that post no more."))
    try:
        ImportRun.objects.filter(pk=run.pk, state=RunState.WAITING).update(state=RunState.RUNNING)
    except IntegrityError:
        raise UnableToReadFile("twice", _("The same file is being taken in already.")) from None
    mapping = read_mapping(run.mapping.encode(), time_zone=run.time_zone)
    with uploads.open_kept(run.upload) as file:
        take_file_in(run, table=open_table(file, mapping), mapping=mapping, by=by, clock=clock)


def tidy(at: datetime) -> int:
    """Forget files nobody said yes to, and end runs that no worker has come to the end of."""
    ended = 0
    for run in ImportRun.objects.exclude(state__in=OVER).filter(door="desk", created_at__lte=at - DRAFT_KEPT):
        if run.state == RunState.DRAFT:
            end_run(run, RunState.DROPPED, by=_WORKER, at=at)
        elif run.created_at <= at - WAITING_KEPT:
            end_run(run, RunState.FAILED, by=_WORKER, at=at, failure=_("No worker came to its end."))
        else:
            continue
        uploads.forget(run.upload)
        ended += 1
    return ended
