"""Checkpoints: at an hour on the timetable every head that moved is sealed, in here and outside.

What a seal adds: a chain alone cannot tell that its newest lines were cut off together with the
head's memory of them. A checkpoint remembers where each head stood, is chained to the checkpoint
before, and is written to a file outside the database (`SEALS_DIR`, to be copied off the machine).
Lines cut off *after* the last seal are detectable only against the head row; that is the window the
timetable keeps small.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from wangge.foundation.journal.actions import GENESIS
from wangge.foundation.journal.canonical import iso_utc
from wangge.foundation.journal.hashing import chosen_algorithm, digest_of, new_hash
from wangge.foundation.journal.models import Checkpoint, Head, SealedHead

_SEALING_LOCK = 0x57414E47  # one sealer at a time; any constant will do


@dataclass(frozen=True)
class HeadMark:
    """Where one chain stood: its subject, the number of its last line, and that line's hash."""

    subject_kind: str
    subject_id: str
    seq: int
    hash: bytes

    def as_bytes(self) -> bytes:
        fields = [self.subject_kind, self.subject_id, self.seq, self.hash.hex()]
        return json.dumps(fields, separators=(",", ":")).encode() + b"\n"


def marks_digest(marks: Iterable[HeadMark], algorithm: str) -> bytes:
    """The hash over marks in subject order."""
    running = new_hash(algorithm)
    for mark in marks:
        running.update(mark.as_bytes())
    return running.digest()


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
    told = json.dumps([number, iso_utc(at), head_count, sealed_count, digest.hex()]).encode()
    return digest_of((previous, told), algorithm)


def seal_heads(*, at: datetime) -> Checkpoint:
    """Seal every head that moved since the last checkpoint, then write the files that are missing."""
    algorithm = chosen_algorithm()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", (_SEALING_LOCK,))
            cursor.execute(
                "UPDATE journal_head SET sealed_seq = seq WHERE sealed_seq <> seq"
                " RETURNING subject_kind, subject_id, seq, hash"
            )
            marks = sorted(
                (HeadMark(kind, subject, seq, bytes(digest)) for kind, subject, seq, digest in cursor),
                key=lambda mark: (mark.subject_kind, mark.subject_id),
            )
        last = Checkpoint.objects.order_by("-number").first()
        number, previous = (last.number + 1, bytes(last.hash)) if last else (1, GENESIS)
        head_count = Head.objects.count()
        digest = marks_digest(marks, algorithm)
        checkpoint = Checkpoint.objects.create(
            number=number,
            at=at,
            head_count=head_count,
            sealed_count=len(marks),
            heads_digest=digest,
            algorithm=algorithm,
            previous_hash=previous,
            hash=checkpoint_hash(
                previous=previous, number=number, at=at, head_count=head_count, sealed_count=len(marks),
                digest=digest, algorithm=algorithm,
            ),
        )  # fmt: skip
        SealedHead.objects.bulk_create(
            [
                SealedHead(
                    checkpoint=checkpoint, subject_kind=mark.subject_kind, subject_id=mark.subject_id,
                    seq=mark.seq, hash=mark.hash,
                )
                for mark in marks
            ],
            batch_size=2000,
        )  # fmt: skip
    write_missing_seal_files()
    return checkpoint


def seal_file(number: int) -> Path:
    return Path(settings.SEALS_DIR) / f"{number:08d}.jsonl"


def write_missing_seal_files() -> list[Path]:
    """Write each checkpoint that has no file yet: its header, then one line per sealed head."""
    folder = Path(settings.SEALS_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for checkpoint in Checkpoint.objects.order_by("-number").iterator():
        path = seal_file(checkpoint.number)
        if path.exists():
            break  # files are written in order, so everything older is there
        written.append((checkpoint, path))
    for checkpoint, path in reversed(written):
        _write_seal_file(checkpoint, path)
    return [path for _, path in reversed(written)]


def _write_seal_file(checkpoint: Checkpoint, path: Path) -> None:
    partial = path.with_suffix(".partial")
    with partial.open("w", encoding="utf-8") as file:
        file.write(json.dumps(header_of(checkpoint)) + "\n")
        for mark in marks_of(checkpoint):
            file.write(json.dumps([mark.subject_kind, mark.subject_id, mark.seq, mark.hash.hex()]) + "\n")
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def header_of(checkpoint: Checkpoint) -> dict[str, Any]:
    return {
        "number": checkpoint.number,
        "at": iso_utc(checkpoint.at),
        "head_count": checkpoint.head_count,
        "sealed_count": checkpoint.sealed_count,
        "heads_digest": bytes(checkpoint.heads_digest).hex(),
        "algorithm": checkpoint.algorithm,
        "previous_hash": bytes(checkpoint.previous_hash).hex(),
        "hash": bytes(checkpoint.hash).hex(),
    }


def marks_of(checkpoint: Checkpoint) -> Iterator[HeadMark]:
    sealed = checkpoint.sealed_heads.order_by("subject_kind", "subject_id")
    for row in sealed.iterator(chunk_size=2000):
        yield HeadMark(row.subject_kind, row.subject_id, row.seq, bytes(row.hash))
