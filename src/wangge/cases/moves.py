"""What every act on a case has in common: lock the row, ask the table, change, write the line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from wangge.cases.limits import CaseConfiguration, configuration
from wangge.cases.models import Assist, Attachment, Case, CaseNote, Leg, Pause, Shelving
from wangge.cases.rules import REQUESTER_KIND, verdict
from wangge.cases.states import MOVES, PAST, State
from wangge.cases.words import NoteKind
from wangge.foundation.files.actions import claim_files
from wangge.foundation.files.models import StoredFile
from wangge.foundation.journal.actions import append
from wangge.foundation.journal.actors import Actor
from wangge.foundation.journal.hashing import new_salt, salted_digest
from wangge.foundation.journal.queries import lines_of
from wangge.foundation.privacy.screening import find_identifiers
from wangge.foundation.refusals import Refusal
from wangge.organisations.posts import PostHolder

#: Longer texts are letters, not requests; the form says so before the act does.
LONGEST_TEXT = 4000


class UnableToAct(Refusal):
    """The move is not legal for this actor, in this state, at this moment; `code` is the verdict's."""


class UnableToRead(Refusal):
    """What was filled in cannot be taken; `field` says which."""


class StaleCase(Refusal):
    """Somebody else acted on the case since this page was drawn; nothing was changed."""

    def __init__(self, case: Case, last_act: str, last_at: datetime) -> None:
        super().__init__(
            "stale",
            _(
                "A colleague has acted on this case since you opened it (%(state)s now). "
                "Nothing of yours was written: read what happened and decide again."
            )
            % {"state": State(case.state).label},
        )
        self.case = case
        self.last_act = last_act
        self.last_at = last_at


@dataclass
class Step:
    """An act under way: the locked case, who acts, when, under which configuration."""

    case: Case
    act: str
    by: Actor
    at: datetime
    configuration: CaseConfiguration
    _before: dict[str, Any] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._before = _columns(self.case)

    @property
    def leg(self) -> Leg:
        """The turn of the unit that has the case; the table lets nobody come here without one."""
        if self.case.leg is None:
            raise RuntimeError(f"{self.case.number} is with a unit but has no leg")
        return self.case.leg

    def note(self, kind: NoteKind, text: str) -> CaseNote | None:
        return keep_note(case=self.case, kind=kind, text=text, by=self.by, at=self.at)

    def done(
        self, *, to: State | None = None, facts: dict[str, Any] | None = None, note: CaseNote | None = None
    ) -> Case:
        """Save the changed case and write its line. `to` must be among the move's targets."""
        move = MOVES[self.act]
        told: dict[str, Any] = dict(facts or {})
        if move.targets:
            target = to or move.targets[0]
            if target not in move.targets:
                raise ValueError(f"{self.act} does not lead to {target}")
            self.case.state = target
            told["to"] = target.value
        if note is not None:
            told["note"] = note.pk
            told["digest"] = note.digest
        return self.written(f"case.{PAST[self.act]}", told)

    def written(self, word: str, facts: dict[str, Any]) -> Case:
        """Save what changed, and nothing else; write the line under this word of the journal."""
        case = self.case
        case.version += 1
        case.save(update_fields=_changed(self._before, _columns(case)))
        append(act=word, subject=case.subject, by=as_journalled(case, self.by), at=self.at, facts=facts)
        return case


def as_journalled(case: Case, by: Actor) -> Actor:
    """Who the journal says acted. Nobody finds out from it who made a confidential report."""
    if case.confidential and isinstance(by, PostHolder) and not by.is_staff:
        return Actor(kind=REQUESTER_KIND, id=case.number)
    return by


def _columns(case: Case) -> dict[str, Any]:
    deferred = case.get_deferred_fields()
    return {
        column.name: getattr(case, column.attname)
        for column in Case._meta.concrete_fields
        if column.attname not in deferred
    }


def _changed(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return [name for name, value in after.items() if value is not before[name] and value != before[name]]


#: Acts that go by the matter; the others do not load it.
_ASK_THE_CATALOGUE = frozenset({"dispatch", "reassign", "assign_assist"})


def begin(*, case: Case, act: str, by: Actor, at: datetime, seen_version: int | None) -> Step:
    """Lock the case in the caller's transaction and check the move.

    StaleCase if its version is not the one the actor saw (None for the timetable, which looks now);
    UnableToAct if the table or a condition forbids the move.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("An act on a case runs inside atomic().")
    related = ("leg", "matter") if act in _ASK_THE_CATALOGUE else ("leg",)
    locked = (
        Case.objects.select_for_update(of=("self",)).select_related(*related).defer("search").get(pk=case.pk)
    )
    if seen_version is not None and locked.version != seen_version:
        last = lines_of(locked.subject).last()
        if last is None:
            raise RuntimeError(f"{locked.number} has no history")
        raise StaleCase(locked, last.act, last.at)
    ruling = verdict(
        case=locked,
        act=act,
        by=by,
        at=at,
        configuration=configuration(),
        assisting=assisting_units(locked) if act == "assist" else frozenset(),
        handled=units_of(locked) if act == "call_back" else frozenset(),
    )
    if not ruling.allowed:
        raise UnableToAct(ruling.code, ruling.reason)
    if seen_version is None and by.kind != "system":
        raise ValueError("People say which version they saw.")
    return Step(locked, act, by, at, configuration())


def assisting_units(case: Case) -> frozenset[int]:
    return frozenset(
        Assist.objects.filter(case=case, ended_at__isnull=True).values_list("unit_id", flat=True)
    )


def end_turns(step: Step) -> None:
    """The case ends: nobody's turn, assistance, pause, shelving or objection goes on."""
    case, at = step.case, step.at
    if case.leg is not None and case.leg.ended_at is None:
        case.leg.ended_at = at
        case.leg.open_objection = False
        case.leg.save(update_fields=["ended_at", "open_objection"])
    Assist.objects.filter(case=case, ended_at__isnull=True).update(ended_at=at)
    Pause.objects.filter(case=case, to_at__isnull=True).update(to_at=at)
    Shelving.objects.filter(case=case, to_at__isnull=True).update(to_at=at)


def units_of(case: Case) -> frozenset[int]:
    """Every unit that ever led the case or was asked to assist with it."""
    led = Leg.objects.filter(case=case).values_list("unit_id")
    return frozenset(unit for (unit,) in led.union(Assist.objects.filter(case=case).values_list("unit_id")))


def keep_note(*, case: Case, kind: NoteKind, text: str, by: Actor, at: datetime) -> CaseNote | None:
    """Keep a free text beside the case, or nothing if it is blank. UnableToRead if it is too long.

    Phones and ID numbers in it are masked: a note is read by many, a contact is looked at with a purpose.
    """
    text = _screened(kind, plain(text))
    if not text:
        return None
    if len(text) > LONGEST_TEXT:
        raise UnableToRead(
            "too_long",
            _("This text has %(length)s characters; shorten it to %(most)s.")
            % {"length": len(text), "most": LONGEST_TEXT},
            field="text",
        )
    salt = new_salt()
    return CaseNote.objects.create(
        case=case,
        kind=kind,
        text=text,
        salt=salt,
        digest=salted_digest(text, salt),
        unit_id=by.organisation_id if isinstance(by, PostHolder) and by.organisation_id else None,
        at=at,
    )


def _screened(kind: NoteKind, text: str) -> str:
    """The text without identifiers. The fixed line of an office stays where the requester is to call it."""
    for found in reversed(find_identifiers(text)):
        if not (found.fixed_line and kind in {NoteKind.ADVICE, NoteKind.FEEDBACK}):
            text = text[: found.start] + found.masked + text[found.end :]
    return text


def plain(text: str) -> str:
    """Without blanks around it, and without the one character the database cannot keep."""
    return text.replace("\x00", "").strip()


def required(text: str, message: Any, field: str = "text") -> str:
    """The text, stripped; UnableToRead with `message` if nothing is left."""
    text = plain(text)
    if not text:
        raise UnableToRead("required", message, field=field)
    return text


def attach(*, case: Case, photos: Iterable[StoredFile], note: CaseNote | None, at: datetime) -> list[str]:
    """Attach stored photos and mark them claimed; returns their digests for the line's facts."""
    files = list(photos)
    if not files:
        return []
    Attachment.objects.bulk_create(
        [Attachment(case=case, file=file, note=note, at=at) for file in files], ignore_conflicts=True
    )
    claim_files(files, at=at)
    return [file.digest for file in files]
