"""Forms of handing a case over: dispatch, sign, object, and the desk's ruling."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wangge.cases import dispatch
from wangge.cases.models import Case
from wangge.cases.words import ObjectionGround
from wangge.doors.desk.case_forms import ActChoice, ActForm, ActText, UnitField, units_for
from wangge.duties.queries import Lead, UnableToNameLead


class DispatchForm(ActForm):
    """The catalogue's proposal with its reason, or another unit with a written one."""

    act = "dispatch"
    button = _("Dispatch")
    done = _("Dispatched. The unit's clock runs.")
    template = "desk/forms/dispatch.html"

    unit = UnitField(
        label=_("Another unit"),
        required=False,
        help_text=_("Leave it open to follow the catalogue."),
    )
    reason = ActText(
        label=_("Why this unit"), required=False, rows=2, help_text=_("Needed for a unit of your own choice.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        #: What the catalogue proposes today, or why it names nobody.
        self.proposal: Lead | None = None
        self.no_proposal = ""
        try:
            self.proposal = dispatch.proposed_lead(case=self.case, at=self.at)
        except UnableToNameLead as refusal:
            self.no_proposal = str(refusal)
        unit = self.fields["unit"]
        assert isinstance(unit, UnitField)
        unit.offer(units_for(self.case))

    def perform(self) -> Case:
        return dispatch.dispatch_case(
            **self.order(), unit=self.cleaned_data["unit"], reason=self.cleaned_data["reason"]
        )


class SignForm(ActForm):
    act = "sign"
    button = _("Sign for it")
    done = _("Signed. The case is yours to handle.")

    def perform(self) -> Case:
        return dispatch.sign_case(**self.order())


class ObjectForm(ActForm):
    act = "object"
    button = _("Object to the dispatch")
    done = _("The objection is with the command centre. Your clock keeps running until it rules.")
    hint = _("Once per dispatch, on ground of law or place only. The clock keeps running meanwhile.")

    ground = ActChoice(label=_("Ground"), choices=ObjectionGround.choices, widget=forms.RadioSelect)
    explanation = ActText(label=_("Clause or map evidence"))

    def perform(self) -> Case:
        return dispatch.object_to_dispatch(
            **self.order(),
            ground=self.cleaned_data["ground"],
            explanation=self.cleaned_data["explanation"],
        )


class UpholdForm(ActForm):
    act = "uphold"
    button = _("Uphold the dispatch")
    done = _("The dispatch stands; the unit goes on.")

    ruling = ActText(label=_("Ground of the ruling"), help_text=_("The unit will read it."))

    def perform(self) -> Case:
        return dispatch.uphold_dispatch(**self.order(), ruling=self.cleaned_data["ruling"])


class ReassignForm(ActForm):
    act = "reassign"
    button = _("Reassign")
    done = _("The objection is accepted; another unit has the case now.")
    hint = _("The new unit gets its full limit; the promise to the requester stays as it was.")

    unit = UnitField(label=_("New lead unit"))
    reason = ActText(label=_("Why another unit is to lead"), rows=2)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = self.fields["unit"]
        assert isinstance(unit, UnitField)
        unit.offer(units_for(self.case, without=self.case.lead_unit_id))

    def perform(self) -> Case:
        return dispatch.reassign_case(
            **self.order(), unit=self.cleaned_data["unit"], reason=self.cleaned_data["reason"]
        )
