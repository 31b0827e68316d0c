"""Everything the page of one case shows, read once and made ready: its template asks the database nothing.

Each part is left out where `visibility` does not show it, so that a template cannot forget to hide it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wangge.cases import queries
from wangge.cases.access import Sight, Visibility, visibility
from wangge.cases.clocks import Promise as Deadline
from wangge.cases.models import Attachment, CallbackAnswer, Case, ForeignRecord, Leg
from wangge.cases.queries import Entry
from wangge.cases.states import State
from wangge.cases.words import ObjectionGround
from wangge.doors.desk.case_rows import shown_title
from wangge.doors.desk.timeline_words import Happening, detail_of, happening
from wangge.duties.models import CommunityAdmission
from wangge.foundation.privacy.queries import WhoLooked, looks_at
from wangge.foundation.worktime.explaining import Step, describe_limit
from wangge.organisations.posts import PostHolder
from wangge.territory import queries as territory

STAGES: dict[str, str | Promise] = {
    "dispatch": gettext_lazy("To have a responsible unit"),
    "sign": gettext_lazy("The unit signs for it"),
    "contact": gettext_lazy("The unit gets in touch"),
    "feedback": gettext_lazy("The requester has an answer"),
}


@dataclass(frozen=True)
class ClockLine:
    """One deadline: what for, how long, where it stands, and every step of the counting."""

    words: str | Promise
    #: Which promise of its kind, where a reopening or a redo made another; else empty.
    round: str
    limit: str
    due_at: datetime | None
    met_at: datetime | None
    late: bool
    paused: bool
    stopped: bool
    external: bool
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class TimelineLine:
    at: datetime
    how: Happening
    who: str
    detail: str
    text: str
    photos: tuple[Attachment, ...]


@dataclass(frozen=True)
class LegLine:
    """One unit's turn, and why it was this unit."""

    leg: Leg
    unit: str
    is_current: bool
    by_catalogue: bool
    basis: str
    admission: str
    reason: str
    objection: str


@dataclass(frozen=True)
class CaseSheet:
    case: Case
    seen: Visibility
    title: str
    place_path: str
    shows_text: bool
    foreign: ForeignRecord | None
    shows_contact: bool
    may_reveal: bool
    case_clocks: tuple[ClockLine, ...]
    leg_clocks: tuple[ClockLine, ...]
    timeline: tuple[TimelineLine, ...]
    photos: tuple[Attachment, ...]
    legs: tuple[LegLine, ...]
    assists: tuple[tuple[str, datetime, datetime | None, datetime | None], ...]
    answers: tuple[CallbackAnswer, ...]
    looks: tuple[WhoLooked, ...]


def sheet_of(case: Case, by: PostHolder, at: datetime) -> CaseSheet:
    """A fixed number of statements, however long the history is."""
    seen = visibility(by, case)
    entries = queries.timeline(case, seen, by=by)
    shows_text = seen.text >= Sight.FULL
    clocks = queries.clocks_of(case)
    legs = list(case.legs.select_related("unit", "objection").order_by("number"))
    return CaseSheet(
        case=case,
        seen=seen,
        title=shown_title(case, seen.text),
        place_path=territory.path_label(case.area_code),
        shows_text=shows_text,
        foreign=_foreign(case) if shows_text else None,
        shows_contact=seen.requester >= Sight.MASKED,
        may_reveal=seen.requester >= Sight.REVEAL and case.requester is not None,
        case_clocks=(*_rounds(clocks.case.dispatches, case, at), *_rounds(clocks.case.rounds, case, at)),
        leg_clocks=(
            _clock(clocks.leg.sign, case, at),
            _clock(clocks.leg.contact, case, at),
            *_rounds(clocks.leg.rounds, case, at),
        )
        if clocks.leg and seen.internal >= Sight.MASKED
        else (),
        timeline=tuple(_line(entry, seen) for entry in entries),
        photos=tuple(photo for entry in entries for photo in entry.photos) if shows_text else (),
        legs=tuple(_legs(case, legs, entries, seen, by)) if seen.internal >= Sight.MASKED else (),
        assists=tuple(
            (assist.unit.label, assist.asked_at, assist.answered_at, assist.ended_at)
            for assist in case.assists.select_related("unit").order_by("asked_at")
        )
        if seen.internal >= Sight.MASKED
        else (),
        answers=tuple(case.answers.order_by("at")) if seen.rating >= Sight.FULL else (),
        looks=tuple(looks_at([case.requester])) if seen.looks and case.requester else (),
    )


def _foreign(case: Case) -> ForeignRecord | None:
    """What another system's record said; nobody is asked where there was none."""
    return ForeignRecord.objects.filter(case=case).first() if case.source_system else None


def _rounds(promises: Sequence[Deadline], case: Case, at: datetime) -> Iterator[ClockLine]:
    """The promises of one kind, numbered where there is more than one."""
    for number, promise in enumerate(promises, start=1):
        told = _("Round %(number)s") % {"number": number} if len(promises) > 1 else ""
        yield _clock(promise, case, at, told)


def _clock(deadline: Deadline, case: Case, at: datetime, told: str = "") -> ClockLine:
    ended = case.ended_at
    return ClockLine(
        words=STAGES[deadline.stage],
        round=told,
        limit=describe_limit(deadline.limit),
        due_at=deadline.due_at,
        met_at=deadline.met_at or ended,
        late=deadline.is_late(ended or at),
        paused=deadline.reckoning.paused or case.state == State.PAUSED,
        stopped=deadline.met_at is not None or ended is not None,
        external=deadline.external_due_at is not None and deadline.due_at == deadline.external_due_at,
        steps=deadline.reckoning.steps,
    )


def _line(entry: Entry, seen: Visibility) -> TimelineLine:
    note = entry.note
    text = (_("The text was erased.") if note.erased_at else note.text) if note else ""
    return TimelineLine(entry.at, happening(entry.act), entry.who, detail_of(entry, seen), text, entry.photos)


def _legs(
    case: Case, legs: list[Leg], entries: list[Entry], seen: Visibility, by: PostHolder
) -> list[LegLine]:
    """Rule, basis and admission stand in the leg and its line; the desk's written reason in its note."""
    began = {
        entry.facts["leg"]: entry
        for entry in entries
        if "feedback_limit" in entry.facts and "leg" in entry.facts
    }
    wanted = [int(entry.facts["admission"]) for entry in began.values() if entry.facts.get("admission")]
    admissions = dict(CommunityAdmission.objects.filter(pk__in=wanted).values_list("pk", "basis"))
    lines = []
    for leg in legs:
        entry = began.get(leg.number)
        inside = seen.internal >= Sight.FULL and (not seen.own_turns or leg.unit_id == by.organisation_id)
        objection = getattr(leg, "objection", None)
        lines.append(
            LegLine(
                leg=leg,
                unit=leg.unit.label,
                is_current=case.leg_id == leg.pk and leg.ended_at is None,
                by_catalogue=leg.by_catalogue,
                basis=leg.basis,
                admission=admissions.get(entry.facts.get("admission") or 0, "") if entry else "",
                reason=entry.note.text if inside and entry and entry.note else "",
                objection=str(ObjectionGround(objection.ground).label) if inside and objection else "",
            )
        )
    return lines
