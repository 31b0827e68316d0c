"""Photos in a form: up to three, each checked and stored by the files room.

A form that comes back with an error does not lose them: what was stored travels with it, signed for its
owner, because nobody goes back into the street to take the same picture twice.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.core import signing
from django.http import FileResponse, Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wangge.foundation.files.actions import UnableToStore, store_photo
from wangge.foundation.files.disk import open_photo
from wangge.foundation.files.models import StoredFile

MOST = 3
#: A form that came back is sent again within this time, or its photos are added anew.
KEPT_SECONDS = 24 * 3600


class _SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Several photos in one field; its clean value is the list of uploads."""

    widget = _SeveralFiles

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.widget.attrs["accept"] = "image/*"

    def clean(self, data: Any, initial: Any = None) -> Any:
        uploads = data if isinstance(data, list) else [data] if data else []
        return [super(PhotosField, self).clean(upload, initial) for upload in uploads]


class WithPhotos(forms.Form):
    """A form with photos: call `take_photos` once, before the act, whether the rest is valid or not."""

    photos = PhotosField(
        label=gettext_lazy("Photos"),
        help_text=gettext_lazy("Up to three. Show the thing, not people: no faces, plates or papers."),
    )
    kept = forms.CharField(required=False, widget=forms.HiddenInput)
    drop_kept = forms.BooleanField(label=gettext_lazy("Leave these photos out"), required=False)

    #: How many photos of an earlier try travel with the form that is shown.
    kept_count = 0

    def take_photos(self, *, owner: int, at: datetime) -> list[StoredFile]:
        """The photos of this try and the earlier one. What is no photo says so at its field."""
        salt = f"field.photos.{owner}"
        digests = [] if self.cleaned_data.get("drop_kept") else self._kept(salt)
        for upload in self.cleaned_data.get("photos") or []:
            try:
                digests.append(store_photo(upload, at=at).digest)
            except UnableToStore as refusal:
                self.add_error("photos", str(refusal))
        digests = list(dict.fromkeys(digests))
        if len(digests) > MOST:
            self.add_error("photos", _("At most %(most)s photos; the first ones were kept.") % {"most": MOST})
            digests = digests[:MOST]
        self.kept_count = len(digests)
        self.put("kept", signing.dumps(digests, salt=salt) if digests else "")
        self.put("drop_kept", "")
        found = (
            {file.digest: file for file in StoredFile.objects.filter(digest__in=digests)} if digests else {}
        )
        return [found[digest] for digest in digests if digest in found]

    def put(self, name: str, value: str) -> None:
        """What the form shows in a field when it comes back, instead of what was sent."""
        self.data = {**dict(self.data.items()), name: value}

    def _kept(self, salt: str) -> list[str]:
        given = self.cleaned_data.get("kept")
        if not given:
            return []
        try:
            return list(signing.loads(given, salt=salt, max_age=KEPT_SECONDS))
        except signing.BadSignature:
            self.add_error("photos", _("Please add the photos again."))
            return []


def photo_answer(file: StoredFile, *, thumbnail: bool = False) -> FileResponse:
    """The JPEG. The caller has made sure that it may be seen."""
    try:
        content = open_photo(file, thumbnail=thumbnail)
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(content, content_type=file.content_type)
