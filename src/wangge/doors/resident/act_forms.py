"""What a requester may say about their own case."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from wangge.cases.words import Satisfaction, Solved

LONGEST = 1000


class ActForm(forms.Form):
    """Every act says which state of the case its page showed."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class RateForm(ActForm):
    contacted = forms.ChoiceField(
        label=gettext_lazy("Did somebody get in touch with you in time?"),
        choices=[("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one.")},
    )
    solved = forms.ChoiceField(
        label=gettext_lazy("Is the problem solved?"),
        choices=[
            (Solved.SOLVED.value, gettext_lazy("Yes, it is solved")),
            (Solved.PARTLY.value, gettext_lazy("Partly")),
            (Solved.NOT_SOLVED.value, gettext_lazy("No, it is not solved")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one.")},
    )
    satisfaction = forms.ChoiceField(
        label=gettext_lazy("How satisfied are you?"),
        choices=[
            (Satisfaction.VERY_SATISFIED.value, gettext_lazy("Very satisfied")),
            (Satisfaction.SATISFIED.value, gettext_lazy("Satisfied")),
            (Satisfaction.BASICALLY_SATISFIED.value, gettext_lazy("So-so")),
            (Satisfaction.DISSATISFIED.value, gettext_lazy("Dissatisfied")),
            (Satisfaction.VERY_DISSATISFIED.value, gettext_lazy("Very dissatisfied")),
            (Satisfaction.NO_ANSWER.value, gettext_lazy("I do not want to say")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one.")},
    )
    comment = forms.CharField(
        label=gettext_lazy("Anything else?"), required=False, max_length=LONGEST, widget=forms.Textarea
    )


class WordsForm(ActForm):
    """One sentence or more; what it is about is said by the page."""

    words = forms.CharField(max_length=LONGEST, widget=forms.Textarea)

    def __init__(self, *args: Any, label: Any, needed: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["words"]
        field.label = label
        field.required = needed is not None
        if needed is not None:
            field.error_messages["required"] = needed
