"""Reads for pages: queues, lists, the timeline, the clocks explained, the moves one may make."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _

from wangge.cases.access import Sight, Visibility, cases_for
from wangge.cases.clocks import CaseClock, LegClock, case_clock, leg_clock
from wangge.cases.history import events_of
from wangge.cases.limits import configuration
from wangge.cases.models import Assist, Attachment, CallbackAnswer, Case, CaseNote
from wangge.cases.moves import assisting_units, units_of
from wangge.cases.rules import Verdict, verdict
from wangge.cases.search import WordQuery, query_of
from wangge.cases.states import AT_DESK, MOVE_OF, MOVES, OPEN, STANDING, WITH_UNIT, Stand, State
from wangge.cases.words import TOLD_TO_REQUESTER, NoteKind
from wangge.foundation.journal.actors import Actor
from wangge.foundation.journal.models import Line
from wangge.foundation.journal.queries import lines_of
from wangge.foundation.worktime.calendars import calendar_version
from wangge.organisations.authority import may
from wangge.organisations.models import Organisation
from wangge.organisations.posts import PostHolder
from wangge.organisations.roles import COMMUNITY, DEPARTMENT, FIELD, PUBLIC, Role

#: The beginning of a case number; other numbers are words.
_NUMBER = re.compile(r"[0-9]{6}(-[0-9]*(-[0-9]*)?)?")

# --- lists ---


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; empty means all."""

    states: tuple[str, ...] = ()
    channel: str = ""
    category: str = ""
    priority: str = ""
    area: str = ""
    unit: str = ""
    words: str = ""
    overdue: bool = False
    open_only: bool = False


@dataclass(frozen=True)
class CasePage:
    """One page of a list, newest first, and the ids its neighbours begin at (keyset paging)."""

    cases: list[Case]
    older_than: int | None
    newer_than: int | None


def filtered(cases: QuerySet[Case], filters: Filters, at: datetime) -> QuerySet[Case]:
    """Narrow a list. Words match the number from its start, an external number, or the text."""
    if any("\x00" in value for value in (*filters.states, *_texts(filters))):
        return cases.none()  # no stored text holds a NUL, and the database takes none
    if filters.states:
        cases = cases.filter(state__in=filters.states)
    if filters.open_only:
        cases = cases.filter(state__in=sorted(OPEN))
    for column in ("channel", "category", "priority"):
        if value := getattr(filters, column):
            cases = cases.filter(**{column: value})
    if filters.area:
        column = {6: "district", 9: "town", 12: "community", 15: "grid"}.get(len(filters.area), "area_code")
        cases = cases.filter(**{column: filters.area})
    if filters.unit:
        cases = cases.filter(lead_unit__code=filters.unit)
    if filters.overdue:
        cases = cases.filter(_overdue(at))
    if words := filters.words.strip():
        cases = cases.filter(_matching(words))
    return cases


def _texts(filters: Filters) -> tuple[str, ...]:
    return (filters.channel, filters.category, filters.priority, filters.area, filters.unit)


def _overdue(at: datetime) -> Q:
    return Q(state__in=sorted(AT_DESK), dispatch_due_at__lt=at) | Q(
        state__in=sorted(WITH_UNIT - STANDING), feedback_due_at__lt=at
    )


def _matching(words: str) -> Q:
    query = query_of(words)
    if not query:
        return Q(pk__in=[])
    if _NUMBER.fullmatch(words):
        return Q(number__startswith=words) | Q(external_no=words)
    return Q(search=WordQuery(query))


def page_of(
    cases: QuerySet[Case], *, size: int = 20, before: int | None = None, after: int | None = None
) -> CasePage:
    """The page of `size` cases older than `before` (or newer than `after`), newest first.

    As fast on the last page as on the first: the place is found by id, nothing is skipped over.
    """
    rows = cases.select_related("lead_unit", "matter")
    if after is not None:
        found = list(rows.filter(pk__gt=after).order_by("pk")[: size + 1])
        more_new = len(found) > size
        found = found[:size][::-1]
        more_old = True
    else:
        if before is not None:
            rows = rows.filter(pk__lt=before)
        found = list(rows.order_by("-pk")[: size + 1])
        more_old = len(found) > size
        found = found[:size]
        more_new = before is not None
    return CasePage(
        found,
        older_than=found[-1].pk if found and more_old else None,
        newer_than=found[0].pk if found and more_new else None,
    )


def queue_states(by: PostHolder) -> tuple[str, ...]:
    """Which states wait for somebody in this post: what their desk opens with."""
    if by.role == Role.CENTER_INTAKE:
        waiting = AT_DESK | {State.FEEDBACK_GIVEN, State.VERIFYING}
    elif by.role == Role.CENTER_SUPERVISOR:
        waiting = frozenset({State.OBJECTION_REVIEW, State.FEEDBACK_GIVEN, State.VERIFYING, State.PAUSED})
    elif by.role == Role.CALLBACK_AGENT:
        waiting = frozenset({State.CALLBACK_DUE})
    elif by.role == Role.TOWN_DISPATCHER:
        waiting = AT_DESK | {State.DISPATCHED, State.IN_PROGRESS}
    elif by.role in COMMUNITY | DEPARTMENT:
        waiting = frozenset({State.DISPATCHED, State.IN_PROGRESS, State.OBJECTION_REVIEW})
    elif by.role in FIELD:
        waiting = frozenset({State.VERIFYING})
    else:
        waiting = frozenset(OPEN)
    return tuple(sorted(waiting))


def queue_for(by: PostHolder) -> QuerySet[Case]:
    """My queue: what waits for my post, or for my unit to lead or to assist."""
    cases = cases_for(by)
    if by.role in DEPARTMENT | COMMUNITY:
        asked = Assist.objects.filter(unit_id=by.organisation_id, ended_at__isnull=True)
        return cases.filter(
            Q(lead_unit_id=by.organisation_id, state__in=queue_states(by))
            | Q(pk__in=asked.values("case_id"), state__in=sorted(MOVES["assist"].sources))
        )
    return cases.filter(state__in=queue_states(by))


# --- one case ---


@dataclass(frozen=True)
class Option:
    """A move the post could make at all, and whether it may be made now."""

    act: str
    label: str | LazyText
    verdict: Verdict


def moves_for(case: Case, by: Actor, at: datetime) -> list[Option]:
    """The moves of this person's post, in the table's order; what cannot be done now says why."""
    settings = configuration()
    assisting, handled = assisting_units(case), units_of(case)
    options = []
    for act, move in MOVES.items():
        if act == "register" or move.stands == {Stand.SYSTEM}:
            continue
        if isinstance(by, PostHolder) and by.is_staff:
            if not may(by, move.permission):
                continue
        elif Stand.REQUESTER not in move.stands:
            continue
        ruling = verdict(
            case=case, act=act, by=by, at=at, configuration=settings, assisting=assisting, handled=handled
        )
        if ruling.allowed and act == "rate" and answered(case):
            ruling = Verdict(False, "one_answer", _("This request has already been answered; thank you."))
        options.append(Option(act, move.label, ruling))
    return options


def answered(case: Case) -> bool:
    """Has the requester answered in this round already?"""
    return CallbackAnswer.objects.filter(
        case=case, round=1 + case.redos + case.reopenings, reached=True
    ).exists()


@dataclass(frozen=True)
class Entry:
    """One line of the timeline, ready for a page."""

    at: datetime
    act: str
    label: str
    who: str
    note: CaseNote | None
    photos: tuple[Attachment, ...]
    facts: dict[str, Any] = field(default_factory=dict)


def timeline(case: Case, seen: Visibility, *, by: Actor | None = None) -> list[Entry]:
    """The case's history as this person may read it, oldest first; four statements, however long.

    A unit reads the internal notes of its own turns only, so `by` says which unit. Who looked at the
    requester's contact is left out for all whose `seen.looks` does not show it.
    """
    lines = list(lines_of(case.subject))
    notes = {note.digest: note for note in CaseNote.objects.filter(case=case)}
    photos: dict[int | None, list[Attachment]] = {}
    for photo in Attachment.objects.filter(case=case).select_related("file"):
        photos.setdefault(photo.note_id, []).append(photo)
    units = _unit_labels(lines)
    redone = max((line.seq for line in lines if _sends_back(line)), default=0)
    entries, turn = [], ""
    for line in lines:
        if line.act in _HANDED_OVER:
            turn = str(line.facts["unit"])
        if seen.looks or line.act.startswith("case."):
            note = notes.get(line.facts.get("digest") or "")
            withheld = note is not None and _is_withheld(line, note, seen, redone)
            told = note if note is not None and not withheld and _is_told(note, seen, turn, by) else None
            shown = photos.get(note.pk if note else None, []) if _has_photos(line, note, seen) else []
            entries.append(_entry(line, told, shown, units))
    return entries


_HANDED_OVER = frozenset({"case.dispatched", "case.reassigned"})


_RATED = frozenset({"case.rated", "case.called_back"})


def _sends_back(line: Line) -> bool:
    return line.act in _RATED and line.facts.get("to") == State.IN_PROGRESS


def _is_withheld(line: Line, note: CaseNote, seen: Visibility, redone: int) -> bool:
    """What the requester says later is as much their text as the first; a comment goes with its rating.

    `redone`: up to this line the answers led to the work being done again, and whoever reads the text
    reads what was still wrong.
    """
    if line.act in _RATED:
        return seen.rating < Sight.FULL and (line.seq > redone or seen.text < Sight.FULL)
    return note.kind == NoteKind.REQUESTER and seen.text < Sight.FULL


def _is_told(note: CaseNote, seen: Visibility, turn: str, by: Actor | None) -> bool:
    if note.kind in TOLD_TO_REQUESTER and (seen.internal >= Sight.MASKED or seen.text >= Sight.FULL):
        # Nothing internal about it: who calls back or looks at the place reads what the requester was told.
        return True
    if seen.internal < Sight.FULL:
        return False
    if not seen.own_turns:
        return True
    return isinstance(by, PostHolder) and (turn == by.organisation_code or note.unit_id == by.organisation_id)


def _has_photos(line: Line, note: CaseNote | None, seen: Visibility) -> bool:
    return seen.text >= Sight.FULL and (note is not None or line.act == "case.registered")


def _entry(line: Line, note: CaseNote | None, photos: list[Attachment], units: dict[str, str]) -> Entry:
    act = MOVE_OF.get(line.act, "")
    label = str(MOVES[act].label) if act else line.act
    facts = dict(line.facts)
    if "unit" in facts:
        facts["unit_label"] = units.get(str(facts["unit"]), str(facts["unit"]))
    return Entry(line.at, line.act, label, _who(line, units), note, tuple(photos), facts)


def _who(line: Line, units: dict[str, str]) -> str:
    """The body and the role, never a person's name; of the requester not even where they live."""
    if line.actor_kind == "system":
        return _("System")
    code, slash, role = line.post_label.partition("/")
    if not slash or role in PUBLIC:
        return _("Requester")
    role_label = str(Role(role).label) if role in Role.values else role
    return f"{units.get(code, code)} · {role_label}"


def _unit_labels(lines: Iterable[Line]) -> dict[str, str]:
    codes = {line.post_label.split("/", 1)[0] for line in lines if "/" in line.post_label}
    codes |= {str(line.facts["unit"]) for line in lines if "unit" in line.facts}
    return {body.code: body.label for body in Organisation.objects.filter(code__in=codes)}


@dataclass(frozen=True)
class Clocks:
    """The case clock, and the leg clock of the unit that has it now."""

    case: CaseClock
    leg: LegClock | None


def clocks_of(case: Case) -> Clocks:
    """Both clocks, counted anew from the journal."""
    history = events_of(lines_of(case.subject))
    leg = leg_clock(history, case.leg.number, calendar_version) if case.leg is not None else None
    return Clocks(case_clock(history, calendar_version), leg)


def due_soonest(cases: QuerySet[Case]) -> QuerySet[Case]:
    return cases.order_by(F("feedback_due_at").asc(nulls_last=True), "pk")


def counts_by_state(cases: QuerySet[Case]) -> dict[str, int]:
    """How many of these cases are in each state; for the tabs over a queue."""
    return dict(cases.order_by().values_list("state").annotate(count=Count("pk")))
