"""What everybody may know of a case: which ones may be spoken of at all, and how they stand.

No text of a requester, no name, no exact point; confidential reports and what was not taken up are left out
altogether. The answer of a unit is shown after it was cleaned (`public_text`).
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import pgettext_lazy

from wangge.cases.models import Case, CaseNote
from wangge.cases.public_text import PERSONAL_CATEGORIES, public_text
from wangge.cases.states import State
from wangge.cases.words import NoteKind, Outcome
from wangge.territory.queries import path_label

#: What has been taken up. Withdrawn and merged requests, questions answered at once, and what went another
#: way are nobody's news.
SHOWN = (
    State.TO_DISPATCH,
    State.DISPATCHED,
    State.OBJECTION_REVIEW,
    State.IN_PROGRESS,
    State.PAUSED,
    State.SHELVED,
    State.FEEDBACK_GIVEN,
    State.VERIFYING,
    State.CALLBACK_DUE,
    State.CLOSED,
    State.ARCHIVED,
)
#: Which cases may be spoken of. Unsorted, nobody can say whether it is a matter of a person's own life.
PUBLIC = ~Q(category="") & Q(confidential=False, state__in=[state.value for state in SHOWN])
#: Ended with an answer that may be shown.
WITH_RESULT = frozenset({State.CLOSED, State.ARCHIVED})


class Phase(models.TextChoices):
    """The few things people outside need to tell apart."""

    RECEIVED = "received", pgettext_lazy("request", "Received")
    ARRANGING = "arranging", pgettext_lazy("request", "Being arranged")
    HANDLED = "handled", pgettext_lazy("request", "Being handled")
    PAUSED = "paused", pgettext_lazy("request", "On hold")
    SHELVED = "shelved", pgettext_lazy("request", "Not possible for now")
    CHECKED = "checked", pgettext_lazy("request", "Result being checked")
    ASKED = "asked", pgettext_lazy("request", "Waiting for the resident's word")
    ANSWERED = "answered", pgettext_lazy("request", "Answered")
    INFORMED = "informed", pgettext_lazy("request", "Goes another way")
    DONE = "done", pgettext_lazy("request", "Closed")
    UNDONE = "undone", pgettext_lazy("request", "Closed, not solved")
    WITHDRAWN = "withdrawn", pgettext_lazy("request", "Withdrawn")
    MERGED = "merged", pgettext_lazy("request", "Handled together with others")


PHASES: dict[State, Phase] = {
    State.REGISTERED: Phase.RECEIVED,
    State.SCREENING: Phase.ARRANGING,
    State.TO_DISPATCH: Phase.ARRANGING,
    State.DISPATCHED: Phase.HANDLED,
    State.OBJECTION_REVIEW: Phase.HANDLED,
    State.IN_PROGRESS: Phase.HANDLED,
    State.PAUSED: Phase.PAUSED,
    State.SHELVED: Phase.SHELVED,
    State.FEEDBACK_GIVEN: Phase.CHECKED,
    State.VERIFYING: Phase.CHECKED,
    State.CALLBACK_DUE: Phase.ASKED,
    State.INFORMED: Phase.INFORMED,
    State.ANSWERED: Phase.ANSWERED,
    State.CLOSED: Phase.DONE,
    State.ARCHIVED: Phase.DONE,
    State.WITHDRAWN: Phase.WITHDRAWN,
    State.MERGED: Phase.MERGED,
}


def phase_of(state: str, outcome: str = "") -> Phase:
    if state in WITH_RESULT and outcome in {Outcome.UNSOLVED, Outcome.UNREACHABLE}:
        return Phase.UNDONE
    return PHASES[State(state)]


def public_cases() -> QuerySet[Case]:
    """Every case that may be spoken of."""
    return Case.objects.defer("search", "text", "title", "place").filter(PUBLIC)


def is_personal(case: Case) -> bool:
    """Of a matter of a person's own life only category and community are named."""
    return case.category in PERSONAL_CATEGORIES


def public_place(case: Case) -> str:
    """The names from the town down; of what is known no nearer, the district's."""
    code = case.area_code[:12] if is_personal(case) else case.area_code[:15]
    names = path_label(code).split(" / ")
    return " / ".join(names[1:] or names)


def public_results(cases: Iterable[Case]) -> dict[int, str]:
    """By primary key, the last answer of the unit, cleaned, of those that have ended with one."""
    ended = [case.pk for case in cases if case.state in WITH_RESULT and not is_personal(case)]
    if not ended:
        return {}
    notes = CaseNote.objects.filter(case_id__in=ended, kind=NoteKind.FEEDBACK).order_by("at", "pk")
    return {pk: public_text(text) for pk, text in notes.values_list("case_id", "text")}
