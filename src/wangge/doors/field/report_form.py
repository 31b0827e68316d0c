"""The form of a report from the street: what, where, and only if wanted, whom to tell."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wangge.cases.intake import Contact, Place, Registered, register_case
from wangge.cases.moves import LONGEST_TEXT
from wangge.cases.words import Channel, RequestType
from wangge.doors.field.photos import WithPhotos
from wangge.duties.models import Priority
from wangge.foundation.files.models import StoredFile
from wangge.organisations.authority import covers
from wangge.organisations.posts import PostHolder
from wangge.territory.queries import grid_at, label

KINDS = [
    (RequestType.COMPONENT.value, gettext_lazy("Something is broken or missing: lamp, cover, pipe, bench")),
    (
        RequestType.INCIDENT.value,
        gettext_lazy("Something is out of order: rubbish, blocked way, leak, noise"),
    ),
    (RequestType.HELP.value, gettext_lazy("Somebody needs help")),
    (RequestType.SUGGEST.value, gettext_lazy("A suggestion")),
]


class ReportForm(WithPhotos):
    """Without `by` it is the empty form of the page for no connection, which belongs to nobody yet."""

    client_key = forms.CharField(widget=forms.HiddenInput, max_length=80)
    text = forms.CharField(
        label=gettext_lazy("What did you see?"),
        help_text=gettext_lazy("One or two sentences. Phone and identity numbers are masked by themselves."),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea,
        error_messages={
            "required": gettext_lazy("Say in a sentence what it is about."),
            "max_length": gettext_lazy(
                "This text has %(show_value)s characters; shorten it to %(limit_value)s."
            ),
        },
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What is it?"),
        choices=KINDS,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one.")},
    )
    danger = forms.BooleanField(label=gettext_lazy("There is danger to life or property now"), required=False)
    place = forms.CharField(
        label=gettext_lazy("Where exactly?"),
        help_text=gettext_lazy(
            "Building, entrance, road, a shop nearby. Your grid is written down by itself."
        ),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "max_length": gettext_lazy("Describe the place in at most %(limit_value)s characters.")
        },
    )
    lon = forms.FloatField(required=False, widget=forms.HiddenInput, min_value=-180, max_value=180)
    lat = forms.FloatField(required=False, widget=forms.HiddenInput, min_value=-90, max_value=90)
    name = forms.CharField(
        label=gettext_lazy("Their name"),
        required=False,
        max_length=60,
        # The phone must not remember whom a worker met.
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    phone = forms.CharField(
        label=gettext_lazy("Their phone number"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
    )

    def __init__(
        self, data: Any = None, files: Any = None, *, by: PostHolder | None = None, initial: Any = None
    ) -> None:
        first = {"client_key": new_key() if by else "", **(initial or {})}
        super().__init__(data, files, initial=first, label_suffix="", use_required_attribute=False)
        self.by = by

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        if told.get("name") and not told.get("phone") and "phone" not in self.errors:
            self.add_error("phone", _("Without a number nobody can tell them what came of it."))
        lon, lat = told.get("lon"), told.get("lat")
        if self.by is not None and lon is not None and lat is not None:
            hit = grid_at(lon, lat)
            if hit is None or not covers(self.by, hit.grid_code):
                self.add_error("place", self._outside(hit.grid_code if hit else ""))
        return told

    def _outside(self, grid: str) -> str:
        if not grid:
            return _("The point on the map lies in no grid. Choose it inside yours, or use words alone.")
        return _(
            "The point on the map lies in %(grid)s, not in your grid. Choose it inside yours; what lies "
            "elsewhere can be reported as every resident does, or by calling 12345."
        ) % {"grid": label(grid)}

    def register(self, *, by: PostHolder, at: datetime, photos: list[StoredFile]) -> Registered:
        told = self.cleaned_data
        return register_case(
            by=by,
            at=at,
            text=told["text"],
            place=_place_of(by, told),
            channel=Channel.GRID_PATROL,
            request_type=told["kind"],
            priority=Priority.EMERGENCY if told["danger"] else Priority.NORMAL,
            contact=Contact(told["name"], told["phone"]),
            photos=photos,
            client_key=told["client_key"],
        )


def new_key() -> str:
    return str(uuid.uuid4())


def _place_of(by: PostHolder, told: dict[str, Any]) -> Place:
    """The point somebody put on the map, else the post's own grid."""
    lon, lat = told["lon"], told["lat"]
    if lon is not None and lat is not None:
        hit = grid_at(lon, lat)
        if hit is not None:
            return Place(hit.grid_code, told["place"], lon, lat, hit.confidence)
    return Place(by.area_prefix, told["place"])
