"""What every act on a case has in common: lock the row, ask the table, change, write the line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from wangge.cases.limits import CaseConfiguration, configuration
from wangge.cases.models import Assist, Attachment, Case, CaseNote
from wangge.cases.rules import verdict
from wangge.cases.states import MOVES, PAST, State
from wangge.cases.words import NoteKind
from wangge.foundation.files.models import StoredFile
from wangge.foundation.journal.actions import append
from wangge.foundation.journal.actors import Actor
from wangge.foundation.journal.hashing import new_salt, salted_digest
from wangge.foundation.journal.queries import lines_of
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
        self.case.version += 1
        self.case.save()
        append(act=f"case.{PAST[self.act]}", subject=self.case.subject, by=self.by, at=self.at, facts=told)
        return self.case


def begin(*, case: Case, act: str, by: Actor, at: datetime, seen_version: int | None) -> Step:
    """Lock the case in the caller's transaction and check the move.

    StaleCase if its version is not the one the actor saw (None for the timetable, which looks now);
    UnableToAct if the table or a condition forbids the move.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("An act on a case runs inside atomic().")
    locked = (
        Case.objects.select_for_update(of=("self",))
        .select_related("leg", "matter", "lead_unit")
        .defer("search")
        .get(pk=case.pk)
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
    )
    if not ruling.allowed:
        raise UnableToAct(ruling.code, ruling.reason)
    return Step(locked, act, by, at, configuration())


def assisting_units(case: Case) -> frozenset[int]:
    return frozenset(
        Assist.objects.filter(case=case, ended_at__isnull=True).values_list("unit_id", flat=True)
    )


def keep_note(*, case: Case, kind: NoteKind, text: str, by: Actor, at: datetime) -> CaseNote | None:
    """Keep a free text beside the case, or nothing if it is blank. UnableToRead if it is too long."""
    text = text.strip()
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


def required(text: str, message: Any, field: str = "text") -> str:
    """The text, stripped; UnableToRead with `message` if nothing is left."""
    text = text.strip()
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
    StoredFile.objects.filter(pk__in=[file.pk for file in files], claimed_at=None).update(claimed_at=at)
    return [file.digest for file in files]
