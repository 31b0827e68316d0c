"""Long lists written to a file by the worker, with progress, and swept away when their day is over.

Files lie under `FILES_DIR/exports` by a name drawn by lot. They hold what the list's page shows and no
identity; who asked may fetch them for a day, from the post they asked from.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils import translation
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from wangge.cases.exports import note_export
from wangge.doors.desk.export_lists import BATCH, LISTS, Asked
from wangge.doors.desk.models import ExportStage, LargeExport
from wangge.doors.shell.sheets import Row, csv_pieces, write_workbook
from wangge.organisations.posts import PostHolder
from wangge.organisations.queries import posts_of

Clock = Callable[[], datetime]
#: How long a file is kept, and how long a worker may take to come to it.
KEPT = timedelta(days=1)
FORMS = ("csv", "xlsx")
_token_form = re.compile(r"[0-9a-f]{32}")


def exports_for(by: PostHolder) -> QuerySet[LargeExport]:
    return LargeExport.objects.filter(user_id=by.user_id, post_id=by.post_id)


def export_for(by: PostHolder, export_id: int) -> LargeExport:
    """One's own, asked for from this post, or 404; also when the post may not have that list any more."""
    found = exports_for(by).filter(pk=export_id).first()
    if found is None or by.role not in LISTS[found.what].roles:
        raise Http404
    return found


@transaction.atomic
def ask_for(asked: Asked, *, what: str, form: str, expected: int, language: str) -> LargeExport:
    """Hand the list to the worker."""
    export = LargeExport.objects.create(
        what=what,
        form=form,
        narrowing=json.dumps(dict(asked.narrowing), ensure_ascii=False),
        user_id=asked.by.user_id,
        post_id=asked.by.post_id,
        language=language,
        expected=expected,
        asked_at=asked.at,
    )
    app.configure_task("write_export", queueing_lock=f"export {export.pk}").defer(export_id=export.pk)
    return export


def write_export(export_id: int, clock: Clock) -> None:
    """What the worker does; bears being killed and called again: the file is begun anew."""
    export = LargeExport.objects.filter(
        pk=export_id, stage__in=[ExportStage.WAITING, ExportStage.WRITING]
    ).first()
    if export is None:
        return
    at = clock()
    by = next((post for post in posts_of(export.user_id, at) if post.post_id == export.post_id), None)
    chosen = LISTS[export.what]
    with translation.override(export.language):
        if by is None or by.role not in chosen.roles:
            _set(export, stage=ExportStage.FAILED, failure=_("Whoever asked for it holds that post no more."))
            return
        token = secrets.token_hex(16)
        _forget(export.token)
        _set(export, stage=ExportStage.WRITING, token=token, rows=0)
        asked = Asked(by, json.loads(export.narrowing.unseal()), at)
        counted = _Counted(chosen.rows(asked), export)
        with _opened(token) as out:
            if export.form == "xlsx":
                write_workbook(out, title=str(chosen.title), columns=chosen.columns, rows=counted)
            else:
                for piece in csv_pieces(chosen.columns, counted):
                    out.write(piece)
        with transaction.atomic():
            note_export(
                by=by, at=clock(), what=export.what, form=export.form, narrowing=dict(asked.narrowing),
                rows=counted.count,
            )  # fmt: skip
            _set(export, stage=ExportStage.DONE, rows=counted.count, ready_at=clock())


def open_file(export: LargeExport) -> BinaryIO:
    """The file for reading; 404 when it is not there yet or no more."""
    if export.stage != ExportStage.DONE:
        raise Http404
    try:
        return path_of(export.token).open("rb")
    except FileNotFoundError:
        raise Http404 from None


def sweep_files(at: datetime) -> int:
    """Remove files whose day is over, what no worker came to, and what nothing speaks of any more."""
    swept = 0
    for export in LargeExport.objects.exclude(stage=ExportStage.GONE).filter(asked_at__lte=at - KEPT):
        _forget(export.token)
        _set(export, stage=ExportStage.GONE, narrowing="")
        swept += 1
    for path in _folder().glob("*"):
        if path.stat().st_mtime < (at - 2 * KEPT).timestamp():
            path.unlink(missing_ok=True)
    return swept


def path_of(token: str) -> Path:
    if not _token_form.fullmatch(token):
        raise ValueError("An export is known by the 32 hexadecimal digits of its token.")
    return _folder() / token


# --- the pieces ---


class _Counted:
    """Rows on their way to the file, counted; every batch says how far it is."""

    def __init__(self, rows: Iterable[Row], export: LargeExport) -> None:
        self._rows = rows
        self._export = export
        self.count = 0

    def __iter__(self) -> Iterator[Row]:
        for row in self._rows:
            yield row
            self.count += 1
            if self.count % BATCH == 0:
                LargeExport.objects.filter(pk=self._export.pk).update(rows=self.count)


def _set(export: LargeExport, **values: object) -> None:
    for name, value in values.items():
        setattr(export, name, value)
    export.save(update_fields=list(values))


def _folder() -> Path:
    return Path(settings.FILES_DIR) / "exports"


def _opened(token: str) -> BinaryIO:
    path = path_of(token)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _forget(token: str) -> None:
    if token:
        path_of(token).unlink(missing_ok=True)
