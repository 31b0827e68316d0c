"""The forms of the three steps. Each keeps what was typed even when it cannot be accepted."""

from __future__ import annotations

import unicodedata
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wangge.cases.moves import LONGEST_TEXT
from wangge.cases.words import RequestType
from wangge.foundation.privacy.phones import normal_phone

MOST_PHOTOS = 3

KINDS = [
    (RequestType.HELP.value, gettext_lazy("Something needs doing: a repair, a service, help")),
    (RequestType.CONSULT.value, gettext_lazy("I have a question")),
    (RequestType.COMPLAINT.value, gettext_lazy("I want to complain about somebody or something")),
    (RequestType.REPORT.value, gettext_lazy("I want to report a breach of the rules")),
    (RequestType.SUGGEST.value, gettext_lazy("I have a suggestion")),
]
NAMED, ANONYMOUS, CONFIDENTIAL = "named", "anonymous", "confidential"


class Photos(forms.ClearableFileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Several photos in one field; whether they are photos is found out when they are stored."""

    widget = Photos

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        one = super().clean
        return [one(file, initial) for file in (data if isinstance(data, list | tuple) else [data]) if file]


class WhatForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("What is it?"),
        choices=KINDS,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one.")},
    )
    text = forms.CharField(
        label=gettext_lazy("Say what it is about"),
        help_text=gettext_lazy(
            "What happened, since when, what you would like. Two or three sentences are enough."
        ),
        widget=forms.Textarea,
        max_length=LONGEST_TEXT,
        error_messages={
            "required": gettext_lazy("Say in a sentence what it is about."),
            "max_length": gettext_lazy(
                "This text has %(show_value)s characters; shorten it to %(limit_value)s."
            ),
        },
    )
    photos = PhotosField(
        label=gettext_lazy("Photos"),
        help_text=gettext_lazy("Up to three. Show the place, not people."),
        required=False,
        widget=Photos(attrs={"accept": "image/*", "multiple": True}),
    )


class WhereForm(forms.Form):
    words = forms.CharField(
        label=gettext_lazy("Where is it?"),
        help_text=gettext_lazy("The estate and building, the road, or a shop nearby."),
        required=False,
        max_length=200,
        error_messages={
            "max_length": gettext_lazy("Describe the place in at most %(limit_value)s characters.")
        },
    )
    named_area = forms.ChoiceField(
        label=gettext_lazy("District, subdistrict or town"),
        help_text=gettext_lazy("If you know it. We need at least the district."),
        required=False,
    )
    lon = forms.FloatField(required=False, widget=forms.HiddenInput, min_value=-180, max_value=180)
    lat = forms.FloatField(required=False, widget=forms.HiddenInput, min_value=-90, max_value=90)
    grid = forms.CharField(required=False, widget=forms.HiddenInput, max_length=17)
    choice = forms.CharField(label=gettext_lazy("Is it one of these?"), required=False, max_length=17)
    asked = forms.CharField(required=False, max_length=220, strip=False)

    def __init__(self, *args: Any, areas: list[tuple[str, list[tuple[str, str]]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["named_area"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("I do not know")), *areas]


class ContactForm(forms.Form):
    mode = forms.ChoiceField(
        label=gettext_lazy("May somebody call you?"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one.")},
    )
    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": gettext_lazy("Write how we should address you.")},
    )
    phone = forms.CharField(
        label=gettext_lazy("Your phone number"),
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
        error_messages={"required": gettext_lazy("Write the number at which you can be reached.")},
    )
    # Name and phone are asked of those only who want to be called.
    use_required_attribute = False

    def __init__(self, *args: Any, may_be_confidential: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["mode"]
        assert isinstance(field, forms.ChoiceField)
        choices = [
            (NAMED, _("Yes. I leave my name and phone number")),
            (ANONYMOUS, _("No. I stay anonymous and look up the answer myself")),
        ]
        if may_be_confidential:
            said = _("Confidential. Those who handle it must not learn who I am")
            choices.insert(1, (CONFIDENTIAL, said))
        field.choices = choices

    def clean_phone(self) -> str:
        phone = str(self.cleaned_data["phone"])
        if not normal_phone(phone):
            said = _("This phone number cannot be read. Write its digits, for example 0458 3600000.")
            raise forms.ValidationError(said, code="phone_form")
        return phone

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("mode") == ANONYMOUS:
            for name in ("name", "phone"):
                self.errors.pop(name, None)
        return given


class LookupForm(forms.Form):
    number = forms.CharField(
        label=gettext_lazy("Number"),
        help_text=gettext_lazy("On your receipt, for example 230717-20260306-00017."),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
        ),
        error_messages={"required": gettext_lazy("Write the number of your request.")},
    )
    secret = forms.CharField(
        label=gettext_lazy("Secret"),
        help_text=gettext_lazy("Six letters and digits."),
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}
        ),
        error_messages={"required": gettext_lazy("Write the secret from your receipt.")},
    )

    def clean_number(self) -> str:
        return "".join(unicodedata.normalize("NFKC", self.cleaned_data["number"]).split())

    def clean_secret(self) -> str:
        return "".join(unicodedata.normalize("NFKC", self.cleaned_data["secret"]).split()).upper()
