"""The form in which a system administrator makes a token."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wangge.doors.api.models import ApiToken
from wangge.doors.api.scopes import POSTS, Scope
from wangge.doors.api.tokens import LONGEST_DAYS, create_token
from wangge.organisations.models import Appointment
from wangge.organisations.posts import PostHolder
from wangge.organisations.queries import in_force

USUAL_DAYS = 90


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("Which program it is for"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    appointment = forms.ChoiceField(
        label=_("Post it acts from"),
        help_text=_("The program does and is refused what this person in this post is. They are told."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may be used for"), choices=Scope.choices, widget=forms.CheckboxSelectMultiple
    )
    days = forms.IntegerField(
        label=_("For how many days"), min_value=1, max_value=LONGEST_DAYS, initial=USUAL_DAYS
    )

    def __init__(self, data: Any = None, *, by: PostHolder, at: datetime) -> None:
        super().__init__(data, auto_id="token-%s", label_suffix="", use_required_attribute=False)
        self.by, self.at = by, at
        here = in_force(at).filter(post__role__in=POSTS, post__area__prefix__startswith=by.district)
        self.appointments = {
            str(one.pk): one
            for one in here.select_related("user").order_by("post__organisation__code", "post__role", "pk")
        }
        field = self.fields["appointment"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Choose a post")), *self._choices()]

    def _choices(self) -> list[tuple[str, list[tuple[str, str]]]]:
        grouped: dict[str, list[tuple[str, str]]] = {}
        for key, one in self.appointments.items():
            words = f"{one.post.get_role_display()} · {one.user.username}"
            grouped.setdefault(one.post.organisation.label, []).append((key, words))
        return list(grouped.items())

    def perform(self) -> tuple[ApiToken, str]:
        told = self.cleaned_data
        appointment: Appointment = self.appointments[told["appointment"]]
        return create_token(
            by=self.by, at=self.at, name=told["name"], appointment=appointment, scopes=told["scopes"],
            days=told["days"],
        )  # fmt: skip
