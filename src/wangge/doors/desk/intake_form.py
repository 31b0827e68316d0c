"""The form in which staff take a request in for somebody: what, where, who."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wangge.cases.intake import PUBLIC_CHANNELS, Contact, Place, Registered, place_at, register_case
from wangge.cases.moves import LONGEST_TEXT
from wangge.cases.words import Channel, RequestType
from wangge.doors.desk.areas import area_choices
from wangge.doors.desk.photos import PhotosField, store_photos
from wangge.duties.models import Priority
from wangge.organisations.posts import PostHolder
from wangge.territory import queries as territory
from wangge.territory.gazetteer import PlaceHit

#: The channels staff write down for others; people use the rest themselves.
STAFF_CHANNELS = [choice for choice in Channel.choices if choice[0] not in PUBLIC_CHANNELS]

NAMED, ANONYMOUS = "named", "anonymous"


@dataclass(frozen=True)
class Candidate:
    """An area the words may mean, as the page offers it."""

    code: str
    path: str
    percent: int
    reason: str


def candidates(words: str, by: PostHolder) -> list[Candidate]:
    """What the words may mean within the post's area, surest first."""
    hits: list[PlaceHit] = (
        territory.place_candidates(words, within=by.area_prefix, limit=5) if words.strip() else []
    )
    return [
        Candidate(
            hit.area_code, territory.path_label(hit.area_code), round(hit.confidence * 100), str(hit.reason)
        )
        for hit in hits
    ]


class IntakeForm(forms.Form):
    client_key = forms.CharField(widget=forms.HiddenInput, max_length=80)
    channel = forms.ChoiceField(label=gettext_lazy("How it came in"), choices=STAFF_CHANNELS)
    external_no = forms.CharField(
        label=gettext_lazy("Number of the other system"),
        help_text=gettext_lazy("For the 12345 hotline: the number of its work order."),
        required=False,
        max_length=80,
    )
    external_due_at = forms.DateTimeField(
        label=gettext_lazy("Its deadline"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    text = forms.CharField(
        label=gettext_lazy("Request"),
        help_text=gettext_lazy(
            "In the person's own words. Phone and identity numbers are masked by themselves."
        ),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    request_type = forms.ChoiceField(
        label=gettext_lazy("Type"), choices=RequestType.choices, initial=RequestType.HELP
    )
    priority = forms.ChoiceField(
        label=gettext_lazy("Priority"), choices=Priority.choices, initial=Priority.NORMAL
    )
    place = forms.CharField(
        label=gettext_lazy("Place in words"),
        help_text=gettext_lazy("Estate, building, road, landmark: as people say it."),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    candidate = forms.CharField(required=False, max_length=17)
    area = forms.ChoiceField(
        label=gettext_lazy("Or choose the area"),
        required=False,
        help_text=gettext_lazy("What is chosen here counts before what the words may mean."),
    )
    lon = forms.FloatField(required=False, widget=forms.HiddenInput, min_value=-180, max_value=180)
    lat = forms.FloatField(required=False, widget=forms.HiddenInput, min_value=-90, max_value=90)
    who = forms.ChoiceField(
        label=gettext_lazy("Who asks"),
        choices=[
            (NAMED, gettext_lazy("With a contact")),
            (ANONYMOUS, gettext_lazy("Anonymous")),
        ],
        widget=forms.RadioSelect,
        initial=NAMED,
    )
    name = forms.CharField(label=gettext_lazy("Name"), required=False, max_length=60)
    phone = forms.CharField(
        label=gettext_lazy("Phone"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
    )
    address = forms.CharField(label=gettext_lazy("Address"), required=False, max_length=200)
    confidential = forms.BooleanField(
        label=gettext_lazy("Confidential: nobody but intake and callback may know who asked"), required=False
    )
    photos = PhotosField()

    def __init__(self, data: Any = None, files: Any = None, *, by: PostHolder, initial: Any = None) -> None:
        first = {"client_key": str(uuid.uuid4()), "channel": _usual_channel(by), **(initial or {})}
        super().__init__(data, files, initial=first, label_suffix="", use_required_attribute=False)
        self.by = by
        for name in ("name", "phone", "address"):
            # A clerk's browser must not remember who called.
            self.fields[name].widget.attrs["autocomplete"] = "off"
        area = self.fields["area"]
        assert isinstance(area, forms.ChoiceField)
        area.choices = [("", gettext_lazy("Not chosen")), *area_choices(by)]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        if not self.errors:
            told["where"] = self._place(told)
        return told

    def _place(self, told: dict[str, Any]) -> Place | None:
        """A chosen area and a point must agree; a candidate counts where neither was given."""
        words, area, lon, lat = told["place"], told["area"], told["lon"], told["lat"]
        if lon is not None and lat is not None:
            place = place_at(words=words, lon=lon, lat=lat, area_code=area or self.by.area_prefix)
            if area and not place.area_code.startswith(area):
                self.add_error(
                    "area", _("The point on the map lies in another area. Correct one of the two.")
                )
            return place
        if area:
            return Place(area, words)
        chosen = next((hit for hit in self.candidates() if hit.code == told["candidate"]), None)
        if chosen is not None:
            return Place(chosen.code, words, confidence=chosen.percent / 100)
        self.add_error("place", _("Choose what the words mean, a point on the map, or the area."))
        return None

    def candidates(self) -> list[Candidate]:
        return candidates(str(self["place"].value() or ""), self.by)

    def register(self, at: datetime) -> Registered:
        told = self.cleaned_data
        anonymous = told["who"] == ANONYMOUS
        return register_case(
            by=self.by,
            at=at,
            text=told["text"],
            place=told["where"],
            channel=told["channel"],
            request_type=told["request_type"],
            priority=told["priority"],
            contact=None if anonymous else Contact(told["name"], told["phone"], told["address"]),
            anonymous=anonymous,
            confidential=told["confidential"],
            photos=store_photos(told["photos"], at),
            client_key=told["client_key"],
            external_no=told["external_no"],
            external_due_at=told["external_due_at"],
        )


def _usual_channel(by: PostHolder) -> str:
    """The centre mostly takes hotline orders, everybody else the person at the counter."""
    return Channel.HOTLINE_12345 if len(by.area_prefix) <= 6 else Channel.WALK_IN
