"""Forms from feedback to the end: the check, and the call to the requester."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wangge.cases import closing
from wangge.cases.models import Case
from wangge.cases.queries import answered
from wangge.cases.states import State
from wangge.cases.words import CallbackChannel, Satisfaction, Solved
from wangge.doors.desk.case_forms import ActChoice, ActForm, ActText
from wangge.doors.desk.photos import PhotosField

YES_NO = [("yes", _("Yes")), ("no", _("No"))]


class VerifyForm(ActForm):
    act = "verify"
    button = _("Have it checked on site")
    done = _("The grid is asked to look at the place.")

    ask = ActText(label=_("What to look at"), required=False, rows=2)

    def perform(self) -> Case:
        return closing.ask_verification(**self.order(), ask=self.cleaned_data["ask"])


class PassForm(ActForm):
    act = "pass"
    button = _("Pass to callback")
    done = _("Passed. The requester is asked now.")

    finding = ActText(label=_("What was found at the place"), rows=2)
    photos = PhotosField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Where nobody was sent to look there may be nothing to tell.
        self.fields["finding"].required = self.case.state == State.VERIFYING

    def perform(self) -> Case:
        return closing.pass_case(
            **self.order(), finding=self.cleaned_data["finding"], photos=self.stored_photos()
        )


class RejectFeedbackForm(ActForm):
    act = "reject_feedback"
    button = _("Send back as not done")
    done = _("Sent back to the unit. Its clock is where it was.")

    finding = ActText(label=_("What is still to be done"), rows=2)
    photos = PhotosField()

    def perform(self) -> Case:
        return closing.reject_feedback(
            **self.order(), finding=self.cleaned_data["finding"], photos=self.stored_photos()
        )


class CallBackForm(ActForm):
    """The script of the call: reached, contacted in time, solved, satisfied; then the agent's judgement.

    Where the requester has answered in the app already, only the judgement is left to make.
    """

    act = "call_back"
    button = _("Write down the call")
    done = _("The call is written down.")
    template = "desk/forms/call_back.html"

    channel = forms.ChoiceField(label=_("How"), choices=CallbackChannel.choices)
    reached = forms.ChoiceField(
        label=_("Was the requester reached?"), choices=YES_NO, widget=forms.RadioSelect, initial="yes"
    )
    contacted = ActChoice(
        label=_("1. “Did somebody get in touch with you in time?”"),
        choices=YES_NO, widget=forms.RadioSelect,
    )  # fmt: skip
    solved = ActChoice(
        label=_("2. “Has your problem been solved?”"), choices=Solved.choices, widget=forms.RadioSelect
    )
    satisfaction = ActChoice(
        label=_("3. “Are you satisfied with how it was handled?”"),
        choices=Satisfaction.choices, widget=forms.RadioSelect, initial=Satisfaction.NO_ANSWER,
    )  # fmt: skip
    comment = ActText(label=_("4. “Is there anything you would like to add?”"), required=False, rows=2)
    within_duty = forms.ChoiceField(
        label=_("If it is not solved: could the unit do it within its duty?"),
        choices=YES_NO, widget=forms.RadioSelect, initial="yes",
        help_text=_("“Yes” sends it back to be done again. “No” closes it as explained."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.answered = answered(self.case)
        if self.answered:
            for name in ("channel", "reached", "contacted", "solved", "satisfaction"):
                del self.fields[name]

    def perform(self) -> Case:
        told = self.cleaned_data
        contacted = told.get("contacted")
        return closing.call_back(
            **self.order(),
            reached=told.get("reached", "yes") == "yes",
            channel=told.get("channel", CallbackChannel.PHONE),
            contacted=None if not contacted else contacted == "yes",
            solved=told.get("solved", ""),
            satisfaction=told.get("satisfaction") or Satisfaction.NO_ANSWER,
            within_duty=told["within_duty"] == "yes",
            comment=told["comment"],
        )
