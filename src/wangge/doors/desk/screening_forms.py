"""Forms of the desk's first look: take it up, tell why it is not ours, answer it, say what it is."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wangge.cases import screening
from wangge.cases.models import Case
from wangge.cases.words import InformReason
from wangge.doors.desk.areas import area_choices
from wangge.doors.desk.case_forms import ActChoice, ActForm, ActText
from wangge.duties.models import Matter, Priority
from wangge.duties.queries import matters_in_force
from wangge.foundation.worktime.workcalendar import SHANGHAI
from wangge.organisations.posts import PostHolder


class StartScreeningForm(ActForm):
    act = "start_screening"
    button = _("Start screening")
    done = _("You have taken the request up for screening.")

    def perform(self) -> Case:
        return screening.start_screening(**self.order())


class InformForm(ActForm):
    act = "inform"
    button = _("Inform, do not dispatch")
    done = _("The requester is told why the request is not dispatched, and where to turn.")
    hint = _("The requester reads your advice as it stands, and may ask once for a review.")

    reason = ActChoice(
        label=_("Why it is not dispatched"), choices=InformReason.choices, widget=forms.RadioSelect
    )
    advice = ActText(label=_("What the requester can do instead"))

    def perform(self) -> Case:
        return screening.inform_requester(
            **self.order(), reason=self.cleaned_data["reason"], advice=self.cleaned_data["advice"]
        )


class AnswerForm(ActForm):
    act = "answer"
    button = _("Answer directly")
    done = _("The answer is given and the request is finished.")
    hint = _("The requester reads the answer as it stands.")

    answer = ActText(label=_("Answer"))

    def perform(self) -> Case:
        return screening.answer_directly(**self.order(), answer=self.cleaned_data["answer"])


def _choices(form: forms.Form, name: str, choices: list[Any]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


class MatterField(forms.ChoiceField):
    """The matters in force that day, by category, narrowed to those that fit a word."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._matters: dict[str, Matter] = {}

    def offer(self, matters: list[Matter], find: str, keep: str) -> None:
        self._matters = {matter.code: matter for matter in matters}
        grouped: dict[str, list[tuple[str, str]]] = {}
        for matter in matters:
            if fits(matter, find) or matter.code == keep:
                grouped.setdefault(matter.category.label, []).append((matter.code, matter.label))
        self.choices = [("", _("Choose the matter")), *grouped.items()]

    def valid_value(self, value: Any) -> bool:
        return value in self._matters

    def clean(self, value: Any) -> Any:
        return self._matters[super().clean(value)]


def fits(matter: Matter, find: str) -> bool:
    """Does a word somebody typed lead to this matter: its name, its code or one of its keywords?"""
    word = find.strip().lower()
    told = [matter.name, matter.name_en, matter.code, *matter.keywords]
    return not word or any(word in one.lower() for one in told)


class MatterChoice(forms.Form):
    """Only the choice of a matter, as a search narrows it; the page of a case swaps it in."""

    matter = MatterField()

    def __init__(self, *, day: date, find: str, keep: str) -> None:
        super().__init__(auto_id=f"{ClassifyForm.act}-%s", initial={"matter": keep})
        _offer_matters(self, day, find, keep)


def _offer_matters(form: forms.Form, day: date, find: str, keep: str) -> None:
    matter = form.fields["matter"]
    assert isinstance(matter, MatterField)
    matter.offer(list(matters_in_force(day)), find, keep)


class ClassifyForm(ActForm):
    act = "classify"
    button = _("Classify")
    done = _("Classified. It is ready to be dispatched.")
    template = "desk/forms/classify.html"

    matter = MatterField(label=_("Matter"))
    priority = forms.ChoiceField(
        label=_("Priority"), required=False, help_text=_("Left open, the matter's own priority counts.")
    )
    area_code = forms.ChoiceField(
        label=_("Place"), required=False, help_text=_("Change it only if you know better.")
    )
    note = ActText(label=_("Note"), required=False, rows=2)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        day = self.at.astimezone(SHANGHAI).date()
        _offer_matters(self, day, self.find, str(self["matter"].value() or ""))
        _choices(self, "priority", [("", _("As the matter says")), *Priority.choices])
        areas = area_choices(self.by) if isinstance(self.by, PostHolder) else []
        _choices(self, "area_code", [("", _("As it is")), *areas])

    def perform(self) -> Case:
        return screening.classify_case(
            **self.order(),
            matter=self.cleaned_data["matter"],
            priority=self.cleaned_data["priority"],
            area_code=self.cleaned_data["area_code"],
            note=self.cleaned_data["note"],
        )
