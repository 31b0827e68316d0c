"""Seal files: each checkpoint again, outside the database, where its owner cannot rewrite it.

One file a checkpoint, JSON lines: first a header, then one line per sealed head. A checkpoint's hash
covers all checkpoints before it, so one file kept in a safe place vouches for everything sealed up to it.
"""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from wangge.foundation.journal.canonical import iso_utc
from wangge.foundation.journal.hashing import ALGORITHMS
from wangge.foundation.journal.marks import HeadMark, checkpoint_hash, marks_digest, marks_of
from wangge.foundation.journal.models import Checkpoint


class UnableToReadSealFile(ValueError):
    """The file is no seal file, or is damaged."""


@dataclass(frozen=True)
class SealHeader:
    """What a checkpoint says of itself."""

    number: int
    at: datetime
    head_count: int
    sealed_count: int
    heads_digest: bytes
    algorithm: str
    previous_hash: bytes
    hash: bytes

    @classmethod
    def of(cls, checkpoint: Checkpoint) -> SealHeader:
        return cls(
            number=checkpoint.number,
            at=checkpoint.at,
            head_count=checkpoint.head_count,
            sealed_count=checkpoint.sealed_count,
            heads_digest=bytes(checkpoint.heads_digest),
            algorithm=checkpoint.algorithm,
            previous_hash=bytes(checkpoint.previous_hash),
            hash=bytes(checkpoint.hash),
        )

    def follows_from_itself(self) -> bool:
        """Does the hash say what the other fields say?"""
        return self.algorithm in ALGORITHMS and self.hash == checkpoint_hash(
            previous=self.previous_hash, number=self.number, at=self.at, head_count=self.head_count,
            sealed_count=self.sealed_count, digest=self.heads_digest, algorithm=self.algorithm,
        )  # fmt: skip

    def as_json(self) -> str:
        return json.dumps(
            {
                "number": self.number,
                "at": iso_utc(self.at),
                "head_count": self.head_count,
                "sealed_count": self.sealed_count,
                "heads_digest": self.heads_digest.hex(),
                "algorithm": self.algorithm,
                "previous_hash": self.previous_hash.hex(),
                "hash": self.hash.hex(),
            }
        )

    @classmethod
    def from_json(cls, told: Any) -> SealHeader:
        return cls(
            number=int(told["number"]),
            at=datetime.fromisoformat(told["at"]),
            head_count=int(told["head_count"]),
            sealed_count=int(told["sealed_count"]),
            heads_digest=bytes.fromhex(told["heads_digest"]),
            algorithm=str(told["algorithm"]),
            previous_hash=bytes.fromhex(told["previous_hash"]),
            hash=bytes.fromhex(told["hash"]),
        )


def path_of(number: int) -> Path:
    return Path(settings.SEALS_DIR) / f"{number:08d}.jsonl"


def write_missing() -> list[Path]:
    """Write each committed checkpoint newer than the newest file, oldest first."""
    Path(settings.SEALS_DIR).mkdir(parents=True, exist_ok=True)
    missing: list[tuple[Checkpoint, Path]] = []
    for checkpoint in Checkpoint.objects.order_by("-number").iterator(chunk_size=100):
        path = path_of(checkpoint.number)
        if path.exists():
            break  # files are written in order; an older one that is not here was taken to its safe place
        missing.append((checkpoint, path))
    for checkpoint, path in reversed(missing):
        _write(checkpoint, path)
    return [path for _, path in reversed(missing)]


def _write(checkpoint: Checkpoint, path: Path) -> None:
    # Under a name of its own until it is whole: two sealers may be writing the same file.
    with (
        transaction.atomic(),
        tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.parent, prefix=path.stem, suffix=".partial", delete=False
        ) as file,
    ):
        file.write(SealHeader.of(checkpoint).as_json() + "\n")
        for mark in marks_of(checkpoint.pk):
            file.write(mark.as_json() + "\n")
        file.flush()
        os.fsync(file.fileno())
        os.fchmod(file.fileno(), 0o644)  # who copies seals away needs no right to write them
    Path(file.name).replace(path)


def read(path: Path) -> tuple[SealHeader, list[HeadMark]]:
    """The header and marks of a seal file. UnableToReadSealFile says what is wrong with it."""
    try:
        rows = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UnableToReadSealFile(f"{path} cannot be read: {error}") from error
    if not rows:
        raise UnableToReadSealFile(f"{path} is empty; give a file from the seals folder.")
    header: SealHeader | None = None
    marks: list[HeadMark] = []
    for number, row in enumerate(rows, start=1):
        try:
            if header is None:
                header = SealHeader.from_json(json.loads(row))
            else:
                kind, subject, seq, digest = json.loads(row)
                marks.append(HeadMark(str(kind), str(subject), int(seq), bytes.fromhex(digest)))
        except (ValueError, KeyError, TypeError) as error:
            raise UnableToReadSealFile(f"{path}, line {number}: not a line of a seal file.") from error
    assert header is not None
    if not header.follows_from_itself() or marks_digest(marks, header.algorithm) != (
        header.sealed_count,
        header.heads_digest,
    ):
        raise UnableToReadSealFile(f"{path} is damaged or was changed; take another copy of it.")
    return header, marks
