"""Marks: where a chain stood when it was sealed, and the hashes over them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from wangge.foundation.journal.actors import Subject
from wangge.foundation.journal.canonical import iso_utc
from wangge.foundation.journal.hashing import digest_of, new_hash


@dataclass(frozen=True)
class HeadMark:
    """Where one chain stood: its subject, the number of its last line, and that line's hash."""

    subject_kind: str
    subject_id: str
    seq: int
    hash: bytes

    @property
    def subject(self) -> Subject:
        return Subject(self.subject_kind, self.subject_id)

    def as_json(self) -> str:
        fields = [self.subject_kind, self.subject_id, self.seq, self.hash.hex()]
        return json.dumps(fields, separators=(",", ":"))


def marks_digest(marks: Iterable[HeadMark], algorithm: str) -> tuple[int, bytes]:
    """How many marks, and the hash over them; they come in subject order."""
    running, count = new_hash(algorithm), 0
    for count, mark in enumerate(marks, start=1):  # noqa: B007
        running.update(mark.as_json().encode() + b"\n")
    return count, running.digest()


def checkpoint_hash(
    *,
    previous: bytes,
    number: int,
    at: datetime,
    head_count: int,
    sealed_count: int,
    digest: bytes,
    algorithm: str,
) -> bytes:
    """What a checkpoint says of itself, after the hash of the one before."""
    told = json.dumps([number, iso_utc(at), head_count, sealed_count, digest.hex()]).encode()
    return digest_of((previous, told), algorithm)


def marks_of(checkpoint_id: int) -> Iterator[HeadMark]:
    """What one checkpoint sealed, in subject order."""
    query = (
        "SELECT subject_kind, subject_id, seq, hash FROM journal_sealedhead"
        " WHERE checkpoint_id = %s ORDER BY 1, 2"
    )
    for kind, subject, seq, digest in stream(query, (checkpoint_id,)):
        yield HeadMark(kind, subject, seq, bytes(digest))


def stream(query: str, parameters: tuple[int, ...] = ()) -> Iterator[Any]:
    """The rows of a query through a cursor on the server, never all in memory."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(query, parameters)
        while rows := cursor.fetchmany(500):
            yield from rows
