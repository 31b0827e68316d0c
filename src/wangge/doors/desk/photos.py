"""Photos in a form: several files in one field, each checked and stored by the files room."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wangge.foundation.files.actions import UnableToStore, store_photo
from wangge.foundation.files.models import StoredFile

MOST = 3


class _SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Up to `MOST` photos; its clean value is the list of uploads."""

    widget = _SeveralFiles

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("Photos"))
        kwargs.setdefault("required", False)
        super().__init__(**kwargs)
        self.widget.attrs["accept"] = "image/*"

    def clean(self, data: Any, initial: Any = None) -> Any:
        uploads = data if isinstance(data, list) else [data] if data else []
        if len(uploads) > MOST:
            raise forms.ValidationError(_("At most %(most)s photos.") % {"most": MOST})
        return [super(PhotosField, self).clean(upload, initial) for upload in uploads]


def store_photos(uploads: Sequence[UploadedFile[bytes]], at: datetime) -> list[StoredFile]:
    """Stored but not yet claimed; UnableToStore, pointing at the field, for what is no photo."""
    try:
        return [store_photo(upload, at=at) for upload in uploads]  # type: ignore[arg-type]
    except UnableToStore as refusal:
        raise UnableToStore(refusal.code, refusal.message, field="photos") from refusal
