"""What the forms of all acts on a case share: the version the clerk saw, the order to the act, photos.

Each form knows its act and makes the one call to it. The forms themselves stand in files named after the
stories of the room: `screening_forms`, `dispatch_forms`, `handling_forms`, `closing_forms`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wangge.cases.models import Case
from wangge.cases.moves import LONGEST_TEXT
from wangge.doors.desk.photos import store_photos
from wangge.foundation.files.models import StoredFile
from wangge.foundation.journal.actors import Actor
from wangge.organisations.models import Organisation, OrganisationType
from wangge.organisations.queries import organisations


class ActForm(forms.Form):
    """The form of one act on one case. `perform` makes the act; Refusals pass through."""

    act: ClassVar[str]
    #: The button, and the sentence when it is done.
    button: ClassVar[Promise]
    done: ClassVar[Promise]
    #: Shown above the fields where the clerk should know what follows.
    hint: ClassVar[Promise | str] = ""
    template: ClassVar[str] = "desk/forms/act.html"

    seen_version = forms.IntegerField(
        widget=forms.HiddenInput,
        min_value=1,
        error_messages={"required": _("Reload the page and try again.")},
    )

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        case: Case,
        by: Actor,
        at: datetime,
        find: str = "",
        typed: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(
            data,
            files,
            auto_id=f"{self.act}-%s",
            label_suffix="",
            initial={**(typed or {}), "seen_version": case.version},
            use_required_attribute=False,
        )
        self.case, self.by, self.at, self.find = case, by, at, find

    def order(self) -> dict[str, Any]:
        """Who acts on what, when, and what they had seen: what every act is given."""
        return {
            "by": self.by,
            "case": self.case,
            "at": self.at,
            "seen_version": self.cleaned_data["seen_version"],
        }

    def perform(self) -> Case:
        raise NotImplementedError

    def stored_photos(self) -> list[StoredFile]:
        return store_photos(self.cleaned_data.get("photos") or [], self.at)

    @property
    def typed(self) -> dict[str, Any]:
        """What was filled in, to fill in another form of this act."""
        return {name: self.data.get(name, "") for name in self.fields}

    @property
    def has_photos(self) -> bool:
        return "photos" in self.fields


class ActText(forms.CharField):
    """A text people write in an act. Left empty it is the act that says what is missing."""

    def __init__(self, *, rows: int = 4, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": rows}), **kwargs)

    def validate(self, value: Any) -> None:
        """The act does."""


class ActChoice(forms.ChoiceField):
    """One of a few words; left open it is the act that says what is missing."""

    def validate(self, value: Any) -> None:
        """The act does."""


class UnitField(forms.ChoiceField):
    """A unit that answers for the place of the case; its clean value is the organisation."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._bodies: dict[str, Organisation] = {}

    def offer(self, bodies: Sequence[Organisation]) -> None:
        self._bodies = {str(body.pk): body for body in bodies}
        grouped: dict[str, list[tuple[str, str]]] = {}
        for key, body in self._bodies.items():
            grouped.setdefault(body.get_type_display(), []).append((key, body.label))
        self.choices = [("", _("Choose a unit")), *grouped.items()]

    def clean(self, value: Any) -> Any:
        chosen = super().clean(value)
        if chosen and chosen not in self._bodies:
            raise ValidationError(_("Choose a unit from the list."), code="invalid_choice")
        return self._bodies.get(chosen)


def units_for(case: Case, *, without: int | None = None) -> list[Organisation]:
    """The bodies that answer for the place of the case and may be made to act."""
    found = organisations(case.district).exclude(
        type__in=[OrganisationType.CENTER, OrganisationType.GRID_TEAM]
    )
    return [
        body
        for body in found.select_related("area").order_by("type", "code")
        if case.area_code.startswith(body.area.prefix) and body.pk != without
    ]
