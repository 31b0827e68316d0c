"""What a list of cases can be narrowed to."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wangge.cases.queries import Filters
from wangge.cases.states import State
from wangge.cases.words import Channel
from wangge.doors.desk.areas import area_choices
from wangge.duties.models import Category, Priority
from wangge.organisations.posts import PostHolder
from wangge.organisations.queries import organisations
from wangge.organisations.roles import DEPARTMENT


class CaseFilterForm(forms.Form):
    """Read from the address; a value nobody knows narrows nothing."""

    words = forms.CharField(
        label=_("Number or words"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("All"))])
    channel = forms.ChoiceField(label=_("Channel"), required=False)
    category = forms.ChoiceField(label=_("Category"), required=False)
    priority = forms.ChoiceField(label=_("Priority"), required=False)
    area = forms.ChoiceField(label=_("Area"), required=False)
    unit = forms.ChoiceField(label=_("Lead unit"), required=False)
    overdue = forms.BooleanField(label=_("Overdue only"), required=False)
    open_only = forms.BooleanField(label=_("Open only"), required=False)

    def __init__(self, data: Any, *, by: PostHolder) -> None:
        super().__init__(data, label_suffix="", auto_id="filter-%s")
        every: list[tuple[str, Any]] = [("", _("All"))]
        choices: dict[str, list[Any]] = {
            "state": State.choices,
            "channel": Channel.choices,
            "category": [(category.code, category.label) for category in Category.objects.all()],
            "priority": Priority.choices,
            "area": area_choices(by, deepest=12),
        }
        if by.role in DEPARTMENT:
            # Every case of theirs is, or was, their own unit's.
            del self.fields["unit"]
        else:
            choices["unit"] = [(body.code, body.label) for body in organisations(by.district)]
        for name, known in choices.items():
            self.fields[name].choices = every + known  # type: ignore[attr-defined]

    def filters(self) -> Filters:
        self.is_valid()
        chosen = {name: value for name, value in self.cleaned_data.items() if name != "state"}
        state = self.cleaned_data.get("state")
        return Filters(states=(state,) if state else (), **chosen)

    @property
    def narrowed(self) -> bool:
        """Does anything narrow the list now?"""
        return any(self.cleaned_data.values())
