"""Photos: taken in with a form, and given out to who may see them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, BinaryIO, cast

from django.core.files.uploadedfile import UploadedFile
from django.forms import BaseForm
from django.http import FileResponse, Http404
from django.utils.translation import ngettext

from wangge.foundation.files.actions import UnableToStore, store_photo
from wangge.foundation.files.disk import open_photo
from wangge.foundation.files.models import StoredFile


def store_photos(
    files: Sequence[UploadedFile[Any]], form: BaseForm, *, room: int, at: datetime, field: str = "photos"
) -> list[str]:
    """Keep what are photos, up to `room` of them; what is not says so in the form. Returns digests."""
    stored: list[str] = []
    for file in files:
        if len(stored) >= room:
            said = ngettext(
                "There is room for %(room)d photo; the others were left out.",
                "There is room for %(room)d photos; the others were left out.",
                room,
            )
            form.add_error(field, said % {"room": max(room, 0)})
            break
        try:
            stored.append(store_photo(cast(BinaryIO, file), at=at).digest)
        except UnableToStore as refusal:
            form.add_error(field, str(refusal))
    return stored


def photo_answer(file: StoredFile, *, thumbnail: bool = False) -> FileResponse:
    """The JPEG. The caller has made sure that it may be seen."""
    try:
        response = FileResponse(open_photo(file, thumbnail=thumbnail), content_type=file.content_type)
    except FileNotFoundError:
        raise Http404 from None
    # It is one person's, but it never changes: their own browser may keep it a while.
    response.headers["Cache-Control"] = "private, max-age=600"
    response.headers["Content-Disposition"] = "inline"
    return response
