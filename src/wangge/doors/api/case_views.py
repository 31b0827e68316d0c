"""From a case to what a program of this post may read of it. Nothing is read that the post does not see."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from wangge.cases import queries
from wangge.cases.access import Sight, Visibility, visibility
from wangge.cases.clocks import Promise
from wangge.cases.models import Attachment, Case
from wangge.cases.queries import Entry
from wangge.cases.states import State
from wangge.cases.words import Channel, Outcome, RequestType
from wangge.doors.api.case_schemas import (
    CaseDetail,
    CaseRow,
    Clock,
    Clocks,
    ClockStep,
    Move,
    Moves,
    PhotoLink,
    Requester,
    Timeline,
    TimelineEntry,
)
from wangge.duties.models import Priority
from wangge.organisations.posts import PostHolder
from wangge.territory.queries import path_label

ROOT = "/api/v1"

#: Facts of a line that everybody who may open the case reads.
OPEN_FACTS = frozenset({
    "to", "unit", "leg", "reason", "matter", "category", "priority", "area", "limit", "count", "days",
    "review", "resume_after", "planned_end", "until", "contacted", "finished", "checked", "outcome",
    "reached", "attempt", "redos", "reworks", "verification", "by_catalogue", "feedback_limit", "sign_limit",
    "contact_limit", "dispatch_limit", "channel", "type", "external_due", "within_duty", "limit_at",
})  # fmt: skip
#: What the requester said, for those who see ratings.
RATING_FACTS = frozenset({"solved", "satisfaction", "requester_contacted", "round"})
#: The ground of an objection, for those who read what is internal.
INTERNAL_FACTS = frozenset({"ground", "admission", "rule"})


def case_url(number: str) -> str:
    return f"{ROOT}/cases/{number}"


def row_of(case: Case, by: PostHolder, at: datetime) -> CaseRow:
    """Needs `lead_unit`, `matter` and `leg` loaded; asks the database nothing."""
    # Taken as it is: the values are those of the row, and a list has a hundred of them.
    return CaseRow.model_construct(**_row(case, visibility(by, case), at))


def detail_of(case: Case, by: PostHolder, at: datetime) -> CaseDetail:
    seen = visibility(by, case)
    text = seen.text >= Sight.FULL
    return CaseDetail(
        **_row(case, seen, at),
        text=case.text if text else None,
        place=case.place if text else None,
        place_path=path_label(case.area_code),
        lon=case.lon if text else None,
        lat=case.lat if text else None,
        place_confidence=case.place_confidence,
        requester=_requester(case, seen),
        photos=_photos(case, list(case.attachments.filter(note=None).select_related("file"))) if text else [],
        source_system=case.source_system or None,
        external_no=case.external_no or None,
        external_due_at=case.external_due_at,
        category=case.category or None,
        first_unit=case.first_unit.code if case.first_unit else None,
        outcome=Outcome(case.outcome) if case.outcome else None,
        inform_reason=case.inform_reason or None,
        verification_required=case.verification_required,
        verified=case.verified,
        merged_into=case.merged_into.number if case.merged_into and seen.internal >= Sight.FULL else None,
        reassignments=case.reassignments,
        extensions=case.extensions,
        redos=case.redos,
        reopenings=case.reopenings,
        accepted_at=case.accepted_at,
        first_dispatched_at=case.first_dispatched_at,
        feedback_at=case.feedback_at,
        ended_at=case.ended_at,
    )


def timeline_of(case: Case, by: PostHolder) -> Timeline:
    seen = visibility(by, case)
    return Timeline(items=[_entry(case, entry, seen) for entry in queries.timeline(case, seen, by=by)])


def clocks_of(case: Case, by: PostHolder, at: datetime) -> Clocks:
    seen, clocks = visibility(by, case), queries.clocks_of(case)
    unit: tuple[Promise, ...] = ()
    if clocks.leg is not None and seen.internal >= Sight.MASKED:
        unit = (clocks.leg.sign, clocks.leg.contact, *clocks.leg.rounds)
    return Clocks(
        case=[_clock(promise, case, at) for promise in (*clocks.case.dispatches, *clocks.case.rounds)],
        unit=[_clock(promise, case, at) for promise in unit],
    )


def moves_of(case: Case, by: PostHolder, at: datetime) -> Moves:
    return Moves(
        version=case.version,
        items=[
            Move(
                act=option.act,
                label=str(option.label),
                allowed=option.verdict.allowed,
                code=option.verdict.code or None,
                reason=str(option.verdict.reason) or None,
                url=f"{case_url(case.number)}/acts/{option.act}",
            )
            for option in queries.moves_for(case, by, at)
        ],
    )


# --- the pieces ---


def _row(case: Case, seen: Visibility, at: datetime) -> dict[str, Any]:
    return {
        "number": case.number,
        "version": case.version,
        "title": _title(case, seen),
        "state": State(case.state),
        "priority": Priority(case.priority),
        "channel": Channel(case.channel),
        "request_type": RequestType(case.request_type),
        "area_code": case.area_code,
        "matter": case.matter.code if case.matter else None,
        "lead_unit": case.lead_unit.code if case.lead_unit else None,
        "registered_at": case.registered_at,
        "due_at": case.due_at,
        "overdue": case.is_overdue(at),
        "paused": case.state == State.PAUSED,
        "confidential": case.confidential,
        "url": case_url(case.number),
    }


def _title(case: Case, seen: Visibility) -> str:
    """As at the desk: the first sentence, or for those who read no texts what kind of matter it is."""
    if seen.text >= Sight.FULL:
        return case.title
    if case.matter is not None:
        return case.matter.label
    return _("%(type)s, not classified yet") % {"type": case.get_request_type_display()}


def _requester(case: Case, seen: Visibility) -> Requester | None:
    if seen.requester < Sight.MASKED:
        return None
    known = case.requester
    return Requester(
        anonymous=case.anonymous,
        name_masked=known.name_masked or None if known else None,
        phone_masked=known.phone_masked or None if known else None,
        address_masked=known.address_masked or None if known else None,
    )


def _photos(case: Case, attachments: list[Attachment] | tuple[Attachment, ...]) -> list[PhotoLink]:
    return [
        PhotoLink(digest=one.file.digest, url=f"{case_url(case.number)}/photos/{one.file.digest}")
        for one in attachments
    ]


def _entry(case: Case, entry: Entry, seen: Visibility) -> TimelineEntry:
    shown = set(OPEN_FACTS)
    if seen.rating >= Sight.FULL:
        shown |= RATING_FACTS
    if seen.internal >= Sight.FULL:
        shown |= INTERNAL_FACTS
    note = entry.note
    return TimelineEntry(
        at=entry.at,
        act=entry.act,
        label=entry.label,
        who=entry.who,
        text=note.text if note is not None and not note.erased_at else None,
        photos=_photos(case, entry.photos),
        facts={name: value for name, value in entry.facts.items() if name in shown},
    )


def _clock(promise: Promise, case: Case, at: datetime) -> Clock:
    return Clock(
        stage=promise.stage,
        limit=str(promise.limit),
        began_at=promise.began_at,
        due_at=promise.due_at,
        met_at=promise.met_at or case.ended_at,
        late=promise.is_late(case.ended_at or at),
        paused=promise.reckoning.paused or case.state == State.PAUSED,
        external=promise.external_due_at is not None and promise.due_at == promise.external_due_at,
        steps=[ClockStep(code=step.code, at=step.at, text=step.text) for step in promise.reckoning.steps],
    )
