"""Forms of the unit's work: the work log, help from others, feedback to the requester."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wangge.cases import handling
from wangge.cases.models import Case
from wangge.doors.desk.case_forms import ActForm, ActText, UnitField, units_for
from wangge.doors.desk.photos import PhotosField


class HandleForm(ActForm):
    act = "handle"
    button = _("Log work")
    done = _("The work is written down.")

    text = ActText(label=_("What was done"))
    contacted = forms.BooleanField(label=_("The requester was spoken to"), required=False)
    photos = PhotosField()

    def perform(self) -> Case:
        return handling.log_work(
            **self.order(),
            text=self.cleaned_data["text"],
            contacted=self.cleaned_data["contacted"],
            photos=self.stored_photos(),
        )


class AssignAssistForm(ActForm):
    act = "assign_assist"
    button = _("Ask for assistance")
    done = _("The other unit has been asked to assist. You stay the lead.")
    hint = _("Your unit stays the lead; the clock does not move.")

    unit = UnitField(label=_("Unit to assist"))
    ask = ActText(label=_("What it is asked to do"), rows=2)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = self.fields["unit"]
        assert isinstance(unit, UnitField)
        unit.offer(units_for(self.case, without=self.case.lead_unit_id))

    def perform(self) -> Case:
        return handling.ask_assistance(
            **self.order(), unit=self.cleaned_data["unit"], ask=self.cleaned_data["ask"]
        )


class AssistForm(ActForm):
    act = "assist"
    button = _("Report assistance")
    done = _("Your part is written down.")

    text = ActText(label=_("What your unit did"))
    finished = forms.BooleanField(label=_("Our part is finished"), required=False)
    photos = PhotosField()

    def perform(self) -> Case:
        return handling.report_assistance(
            **self.order(),
            text=self.cleaned_data["text"],
            finished=self.cleaned_data["finished"],
            photos=self.stored_photos(),
        )


class FeedBackForm(ActForm):
    act = "feed_back"
    button = _("Give feedback")
    done = _("The requester has your answer. Somebody outside your unit decides whether it is done.")
    hint = _("The requester reads this as it stands: what was done, and what follows.")

    text = ActText(label=_("Answer to the requester"))
    photos = PhotosField()

    def perform(self) -> Case:
        return handling.give_feedback(
            **self.order(), text=self.cleaned_data["text"], photos=self.stored_photos()
        )
