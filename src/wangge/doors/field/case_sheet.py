"""What the phone shows of one case, read once and made ready: a fixed number of statements.

A grid worker reads the words of a case while it is theirs to check, and of what their own unit reported.
Of everything else in their grid they see category, place, unit, dates and state, as the board shows it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wangge.cases.access import Sight, visibility
from wangge.cases.limits import configuration
from wangge.cases.models import Attachment, Case, CaseNote
from wangge.cases.rules import Verdict, verdict
from wangge.cases.states import State
from wangge.cases.words import Channel
from wangge.foundation.journal.queries import lines_of
from wangge.organisations.authority import may
from wangge.organisations.posts import PostHolder
from wangge.territory.queries import label, path_label


@dataclass(frozen=True)
class Row:
    """A case in a list."""

    number: str
    title: str
    state: str
    priority: str
    place: str
    unit: str
    registered_at: datetime
    outcome: str


@dataclass(frozen=True)
class Told:
    """What somebody wrote in an act, with its photos."""

    text: str
    photos: tuple[Attachment, ...]
    at: datetime


@dataclass(frozen=True)
class Milestone:
    words: str | Promise
    at: datetime


@dataclass(frozen=True)
class CaseSheet:
    """`check` is None unless the case waits to be checked; otherwise whether this person may."""

    case: Case
    title: str
    place: str
    grids_within: str
    shows_text: bool
    photos: tuple[Attachment, ...]
    feedback: Told | None
    ask: Told | None
    check: Verdict | None
    may_reveal: bool
    course: tuple[Milestone, ...]


def written_by_us(case: Case, by: PostHolder) -> bool:
    """A patrol report of one's own unit: whoever wrote the words may read them again."""
    return case.channel == Channel.GRID_PATROL and case.registered_unit_id == by.organisation_id


def shows_text(case: Case, by: PostHolder) -> bool:
    return visibility(by, case).text >= Sight.FULL or written_by_us(case, by)


def rows_of(cases: Iterable[Case], by: PostHolder) -> list[Row]:
    """Needs `matter`, `lead_unit` and `leg` loaded; asks the database nothing."""
    return [
        Row(
            number=case.number,
            title=case.title if shows_text(case, by) else kind_of(case),
            state=case.state,
            priority=case.priority,
            place=case.place if shows_text(case, by) and case.place else label(case.area_code),
            unit=case.lead_unit.label if case.lead_unit else "",
            registered_at=case.registered_at,
            outcome=case.get_outcome_display() if case.outcome else "",
        )
        for case in cases
    ]


def kind_of(case: Case) -> str:
    """What kind of matter it is, for those who do not read its words."""
    if case.matter is not None:
        return case.matter.label
    return _("%(type)s, not classified yet") % {"type": case.get_request_type_display()}


def sheet_of(case: Case, by: PostHolder, at: datetime) -> CaseSheet:
    seen = visibility(by, case)
    checking = case.state == State.VERIFYING
    photos: tuple[Attachment, ...] = ()
    feedback = ask = None
    if shows_text(case, by):
        photos, feedback, ask = _words_of(case, checking=seen.text >= Sight.FULL)
    check = verdict(case=case, act="pass", by=by, at=at, configuration=configuration()) if checking else None
    return CaseSheet(
        case=case,
        title=case.title if shows_text(case, by) else kind_of(case),
        place=path_label(case.area_code),
        grids_within=case.area_code[:12],
        shows_text=shows_text(case, by),
        photos=photos,
        feedback=feedback,
        ask=ask,
        check=check,
        may_reveal=case.requester is not None
        and case.requester.erased_at is None
        and seen.requester >= Sight.REVEAL
        # Whoever may not check has nobody to visit.
        and check is not None
        and check.allowed
        and may(by, "case.reveal"),
        course=tuple(_course(case)),
    )


def _words_of(case: Case, *, checking: bool) -> tuple[tuple[Attachment, ...], Told | None, Told | None]:
    """The photos of the report; and for a check what the unit says it did, and what is to be looked at."""
    attached = list(Attachment.objects.filter(case=case).select_related("file").order_by("pk"))
    photos = tuple(one for one in attached if one.note_id is None)
    if not checking:
        return photos, None, None
    wanted = {"case.fed_back": None, "case.verification_asked": None}
    for line in lines_of(case.subject).filter(act__in=wanted):
        wanted[line.act] = line.facts.get("note")
    notes = CaseNote.objects.in_bulk([pk for pk in wanted.values() if pk])

    def told(act: str) -> Told | None:
        note = notes.get(wanted[act] or 0)
        if note is None:
            return None
        text = _("The text was erased.") if note.erased_at else note.text
        return Told(text, tuple(one for one in attached if one.note_id == note.pk), note.at)

    return photos, told("case.fed_back"), told("case.verification_asked")


def _course(case: Case) -> Iterable[Milestone]:
    """The milestones so far, from the case's own row."""
    yield Milestone(gettext_lazy("Registered"), case.registered_at)
    if case.first_dispatched_at:
        yield Milestone(gettext_lazy("Given to a unit"), case.first_dispatched_at)
    if case.leg is not None and case.leg.signed_at:
        yield Milestone(gettext_lazy("The unit signed for it"), case.leg.signed_at)
    if case.feedback_at:
        yield Milestone(gettext_lazy("The unit says what it did"), case.feedback_at)
    if case.ended_at:
        yield Milestone(gettext_lazy("Ended"), case.ended_at)
