"""The form of a check at the place: done or not, what was found, and photos of it."""

from __future__ import annotations

from datetime import datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from wangge.cases import closing
from wangge.cases.models import Case
from wangge.cases.moves import LONGEST_TEXT
from wangge.doors.field.photos import WithPhotos
from wangge.foundation.files.models import StoredFile
from wangge.organisations.posts import PostHolder

DONE, NOT_DONE = "done", "not_done"


class CheckForm(WithPhotos):
    seen_version = forms.IntegerField(
        widget=forms.HiddenInput,
        min_value=1,
        error_messages={"required": _("Reload the page and try again.")},
    )
    found = forms.ChoiceField(
        label=_("Is it done?"),
        choices=[(DONE, _("Yes, it is done")), (NOT_DONE, _("No, not yet, or not all of it"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one.")},
    )
    finding = forms.CharField(
        label=_("What did you find at the place?"),
        help_text=_("One sentence. If it is not done, say what is missing: the unit reads this."),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea,
        error_messages={
            "required": _("Write what was found at the place."),
            "max_length": _("This text has %(show_value)s characters; shorten it to %(limit_value)s."),
        },
    )

    field_order = ["seen_version", "found", "finding", "photos", "kept", "drop_kept"]

    def perform(self, *, case: Case, by: PostHolder, at: datetime, photos: list[StoredFile]) -> Case:
        told = self.cleaned_data
        act = closing.pass_case if told["found"] == DONE else closing.reject_feedback
        return act(
            by=by,
            case=case,
            at=at,
            seen_version=told["seen_version"],
            finding=told["finding"],
            photos=photos,
        )

    @property
    def done(self) -> str:
        return str(
            _("Written down. The requester is asked now.")
            if self.cleaned_data["found"] == DONE
            else _("Written down. It goes back to the unit.")
        )
