"""Appending: the one way anything gets into the journal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from wangge.foundation.journal.actors import Actor, Subject
from wangge.foundation.journal.canonical import canonical_bytes, check_line
from wangge.foundation.journal.hashing import chosen_algorithm, digest_of

GENESIS = b"\0" * 32


@dataclass(frozen=True)
class Entry:
    """One line to be written: what `append` takes, as a value."""

    act: str
    subject: Subject
    facts: dict[str, Any]
    new: bool = False


@dataclass(frozen=True)
class Appended:
    """A line just written."""

    id: int
    subject: Subject
    seq: int


def append(
    *,
    act: str,
    subject: Subject,
    by: Actor,
    at: datetime,
    facts: dict[str, Any] | None = None,
    new: bool = False,
) -> Appended:
    """Write one line and its wake-up in the caller's transaction.

    Locks the subject's head until that transaction ends, so acts on one subject follow each other.
    `new=True` promises that the subject has no line yet and saves the look; a broken promise is an
    IntegrityError, never a fork of the chain. `act` is dotted and past ("case.signed").
    """
    return append_many([Entry(act, subject, facts or {}, new)], by=by, at=at)[0]


def append_many(entries: Sequence[Entry], *, by: Actor, at: datetime) -> list[Appended]:
    """Write one line per entry, heads locked in subject order so that two acts never deadlock.

    The answer is in the order of `entries`.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("The journal is written inside the act's transaction; open atomic() first.")
    algorithm = chosen_algorithm()
    appended: dict[int, Appended] = {}
    for position, entry in sorted(enumerate(entries), key=lambda pair: pair[1].subject):
        check_line(subject=entry.subject, act=entry.act, by=by, facts=entry.facts)
        seq, previous = (0, GENESIS) if entry.new else _locked_head(entry.subject)
        canonical = canonical_bytes(
            subject=entry.subject, seq=seq + 1, act=entry.act, by=by, facts=entry.facts, at=at
        )
        line_hash = digest_of((previous, canonical), algorithm)
        appended[position] = _write(entry, seq + 1, previous, line_hash, canonical, algorithm, by, at)
    return [appended[position] for position in range(len(entries))]


def _locked_head(subject: Subject) -> tuple[int, bytes]:
    """Where the chain ends, locked until the transaction does; a new chain ends before its first line."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq, hash FROM journal_head WHERE subject_kind = %s AND subject_id = %s FOR UPDATE",
            (subject.kind, subject.id),
        )
        row = cursor.fetchone()
        if row is None:
            # Whoever loses the race for a first line waits here and then goes on from the winner's.
            cursor.execute(
                "INSERT INTO journal_head (subject_kind, subject_id, seq, hash, sealed_seq)"
                " VALUES (%s, %s, 0, %s, 0) ON CONFLICT (subject_kind, subject_id)"
                " DO UPDATE SET seq = journal_head.seq RETURNING seq, hash",
                (subject.kind, subject.id, GENESIS),
            )
            row = cursor.fetchone()
    return int(row[0]), bytes(row[1])


_LINE_AND_WAKEUP = """
, line AS (
    INSERT INTO journal_line (subject_kind, subject_id, seq, act, actor_kind, actor_id, actor_label,
        post_kind, post_id, post_label, facts, at, canonical, algorithm, previous_hash, hash)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
), wake AS (
    INSERT INTO journal_wakeup (line_id, not_before, attempts, failure) SELECT id, %s, 0, '' FROM line
)
SELECT id FROM line
"""
_NEW_HEAD = """
WITH head AS (
    INSERT INTO journal_head (subject_kind, subject_id, seq, hash, sealed_seq) VALUES (%s, %s, %s, %s, 0)
)"""
_MOVED_HEAD = """
WITH head AS (
    UPDATE journal_head SET seq = %s, hash = %s WHERE subject_kind = %s AND subject_id = %s
)"""


def _write(
    entry: Entry,
    seq: int,
    previous: bytes,
    line_hash: bytes,
    canonical: bytes,
    algorithm: str,
    by: Actor,
    at: datetime,
) -> Appended:
    subject = entry.subject
    sql, head = (
        (_NEW_HEAD, (subject.kind, subject.id, seq, line_hash))
        if entry.new
        else (_MOVED_HEAD, (seq, line_hash, subject.kind, subject.id))
    )
    line = (
        subject.kind, subject.id, seq, entry.act, by.kind, by.id, by.label, by.post_kind, by.post_id,
        by.post_label, json.dumps(entry.facts, ensure_ascii=False), at, canonical, algorithm, previous,
        line_hash,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(sql + _LINE_AND_WAKEUP, (*head, *line, at))
        return Appended(id=int(cursor.fetchone()[0]), subject=subject, seq=seq)
