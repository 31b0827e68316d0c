"""Checkpoints: at an hour on the timetable every head that moved is sealed, in here and outside.

What a seal adds: a chain alone cannot tell that its newest lines were cut off together with the
head's memory of them. A checkpoint remembers where each head stood, is chained to the checkpoint
before, and is written to a file outside the database (`SEALS_DIR`, to be copied off the machine).
Lines cut off *after* the last seal are detectable only against the head row; that is the window the
timetable keeps small.

Sealing never waits for an act and never makes one wait for long: heads are read in one snapshot
without locks, and marked as sealed afterwards where nobody is busy with them.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from wangge.foundation.journal import seal_files
from wangge.foundation.journal.actions import GENESIS
from wangge.foundation.journal.hashing import chosen_algorithm
from wangge.foundation.journal.marks import checkpoint_hash, marks_digest, marks_of
from wangge.foundation.journal.models import Checkpoint

_SEALING_LOCK = 0x57414E47  # one sealer at a time; any constant will do


def seal_heads(*, at: datetime) -> Checkpoint:
    """Seal every head that moved since the last checkpoint; once that is committed, write its file."""
    algorithm = chosen_algorithm()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", (_SEALING_LOCK,))
            cursor.execute("SELECT nextval(pg_get_serial_sequence('journal_checkpoint', 'id'))")
            checkpoint_id = int(cursor.fetchone()[0])
            # One statement, one snapshot: the count is of the same heads the marks are taken from.
            cursor.execute(
                "WITH sealed AS ("
                " INSERT INTO journal_sealedhead (checkpoint_id, subject_kind, subject_id, seq, hash)"
                " SELECT %s, subject_kind, subject_id, seq, hash FROM journal_head WHERE sealed_seq <> seq"
                ") SELECT count(*) FROM journal_head",
                (checkpoint_id,),
            )
            head_count = int(cursor.fetchone()[0])
        last = Checkpoint.objects.order_by("-number").first()
        number, previous = (last.number + 1, bytes(last.hash)) if last else (1, GENESIS)
        sealed_count, digest = marks_digest(marks_of(checkpoint_id), algorithm)
        checkpoint = Checkpoint.objects.create(
            id=checkpoint_id,
            number=number,
            at=at,
            head_count=head_count,
            sealed_count=sealed_count,
            heads_digest=digest,
            algorithm=algorithm,
            previous_hash=previous,
            hash=checkpoint_hash(
                previous=previous, number=number, at=at, head_count=head_count, sealed_count=sealed_count,
                digest=digest, algorithm=algorithm,
            ),
        )  # fmt: skip
    _remember_sealed(checkpoint_id)
    transaction.on_commit(seal_files.write_missing)
    return checkpoint


def _remember_sealed(checkpoint_id: int) -> None:
    """Tell the heads. One that an act holds at this moment is left out and simply sealed again next time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE journal_head SET sealed_seq = free.seq FROM ("
            " SELECT head.id, mark.seq FROM journal_sealedhead mark"
            " JOIN journal_head head USING (subject_kind, subject_id)"
            " WHERE mark.checkpoint_id = %s FOR UPDATE OF head SKIP LOCKED"
            ") free WHERE journal_head.id = free.id",
            (checkpoint_id,),
        )
