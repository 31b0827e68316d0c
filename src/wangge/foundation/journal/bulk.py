"""Writing many chains at once, for imports and generated data: same lines, same hashes, far cheaper.

The subjects must be new. No wake-ups are left by themselves: who writes in bulk answers for what should
follow, or asks for them with `leave_wakeups`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from wangge.foundation.journal.actions import GENESIS
from wangge.foundation.journal.actors import Actor, Subject
from wangge.foundation.journal.canonical import canonical_bytes, check_line
from wangge.foundation.journal.hashing import chosen_algorithm, digest_of


@dataclass(frozen=True)
class PastAct:
    """One act that already happened, in order within its subject."""

    act: str
    by: Actor
    at: datetime
    facts: dict[str, Any]


_COLUMNS = (
    "subject_kind, subject_id, seq, act, actor_kind, actor_id, actor_label, post_kind, post_id, post_label,"
    " facts, at, canonical, algorithm, previous_hash, hash"
)


def write_chains(chains: Iterable[tuple[Subject, Sequence[PastAct]]]) -> int:
    """COPY whole chains into the journal in the caller's transaction; returns the number of lines.

    IntegrityError if a subject already has a chain. A subject without acts leaves nothing.
    """
    algorithm = chosen_algorithm()
    heads: list[tuple[str, str, int, bytes]] = []
    lines = 0
    # An error of COPY shows at its end, where Django does not translate it by itself.
    with transaction.atomic(), connection.wrap_database_errors, connection.cursor() as cursor:
        with cursor.copy(f"COPY journal_line ({_COLUMNS}) FROM STDIN") as copy:
            for subject, acts in chains:
                if not acts:
                    continue
                last = GENESIS
                for row in _rows(subject, acts, algorithm):
                    copy.write_row(row)
                    last = row[-1]
                    lines += 1
                heads.append((subject.kind, subject.id, len(acts), last))
        with cursor.copy(
            "COPY journal_head (subject_kind, subject_id, seq, hash, sealed_seq) FROM STDIN"
        ) as copy:
            for head in heads:
                copy.write_row((*head, 0))
    return lines


def leave_wakeups(subjects: Sequence[Subject], *, at: datetime) -> int:
    """Let the worker answer every line of these new chains from `at` on; returns the number of lines.

    In the transaction that wrote the chains, so that no line is left unanswered and none answered twice.
    """
    kinds = {subject.kind for subject in subjects}
    left = 0
    with connection.cursor() as cursor:
        for kind in sorted(kinds):
            ids = [subject.id for subject in subjects if subject.kind == kind]
            cursor.execute(
                "INSERT INTO journal_wakeup (line_id, not_before, attempts, failure)"
                " SELECT id, %s, 0, '' FROM journal_line"
                " WHERE subject_kind = %s AND subject_id = ANY(%s) ORDER BY id",
                (at, kind, ids),
            )
            left += cursor.rowcount
    return left


def _rows(subject: Subject, acts: Sequence[PastAct], algorithm: str) -> Iterator[tuple[Any, ...]]:
    previous = GENESIS
    for seq, past in enumerate(acts, start=1):
        by = past.by
        check_line(subject=subject, act=past.act, by=by, facts=past.facts)
        canonical = canonical_bytes(
            subject=subject, seq=seq, act=past.act, by=by, facts=past.facts, at=past.at
        )
        line_hash = digest_of((previous, canonical), algorithm)
        yield (
            subject.kind, subject.id, seq, past.act, by.kind, by.id, by.label, by.post_kind, by.post_id,
            by.post_label, json.dumps(past.facts, ensure_ascii=False), past.at, canonical, algorithm,
            previous, line_hash,
        )  # fmt: skip
        previous = line_hash
