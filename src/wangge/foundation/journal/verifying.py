"""`wangge journal verify`: reads every chain again and names what does not fit.

Found at any time: a line changed, removed from the middle, or put in another place. Found against
the head row: lines cut off at the end. Found against a seal, also when somebody rewrote the head
row: lines cut off up to that seal, chains removed whole, chains rewritten from any line before it.
`docs/journal.md` says the same for the people who keep the seals.
"""

from __future__ import annotations

import heapq
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from django.db import connection, transaction

from wangge.foundation.journal import seal_files
from wangge.foundation.journal.actions import GENESIS
from wangge.foundation.journal.actors import Subject
from wangge.foundation.journal.canonical import canonical_bytes
from wangge.foundation.journal.hashing import ALGORITHMS, digest_of
from wangge.foundation.journal.marks import marks_digest, marks_of, stream
from wangge.foundation.journal.models import Checkpoint, Line
from wangge.foundation.journal.seal_files import SealHeader


@dataclass(frozen=True)
class Finding:
    """One thing that does not fit. `kind`: changed, removed, reordered, truncated, head, checkpoint."""

    kind: str
    where: str
    detail: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.where}: {self.detail}"


@dataclass(frozen=True)
class Verdict:
    """What was read and what did not fit."""

    lines: int
    subjects: int
    checkpoints: int
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        return not self.findings


@dataclass(frozen=True)
class _Head:
    subject: Subject
    seq: int
    hash: bytes
    sealed_seq: int


@dataclass(frozen=True)
class _Mark:
    subject: Subject
    seq: int
    hash: bytes
    checkpoint: int


def verify_journal(*, since: Path | None = None) -> Verdict:
    """Read everything in one snapshot and compare; memory does not grow with the journal.

    `since` is a seal file kept outside the database; UnableToReadSealFile if it is none.
    """
    kept = seal_files.read(since) if since is not None else None
    with transaction.atomic():
        if not connection.savepoint_ids:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        headers, findings = _check_checkpoints()
        outside: list[_Mark] = []
        if since is not None and kept is not None:
            header, marks = kept
            findings += _compare_with_file(header, headers, since)
            outside = [_Mark(mark.subject, mark.seq, mark.hash, header.number) for mark in marks]
        lines, subjects, chain_findings = _check_chains(headers, outside)
    return Verdict(lines, subjects, len(headers), tuple(findings + chain_findings))


# --- chains -----------------------------------------------------------------------------------------


def _check_chains(headers: dict[int, SealHeader], outside: list[_Mark]) -> tuple[int, int, list[Finding]]:
    """Walk lines, heads and marks side by side in subject order."""
    findings: list[Finding] = []
    line_count = subject_count = 0
    first_sealed: Counter[int] = Counter()
    lines, heads, marks = _Grouped(_lines()), _Grouped(_heads()), _Grouped(_marks(outside))
    while coming := [stream.subject for stream in (lines, heads, marks) if stream.subject is not None]:
        subject = min(coming)
        chain = _Chain(subject, head=next(heads.take(subject), None), marks=list(marks.take(subject)))
        for line in lines.take(subject):
            chain.read(line)
        findings += chain.findings_at_end()
        line_count += chain.count
        subject_count += chain.count > 0
        if sealed_by := [mark.checkpoint for mark in chain.marks]:
            first_sealed[min(sealed_by)] += 1
    return line_count, subject_count, findings + _check_counts(headers, first_sealed)


class _Chain:
    """One subject's lines as they are read, held against its head and its marks."""

    def __init__(self, subject: Subject, *, head: _Head | None, marks: list[_Mark]) -> None:
        self.subject = subject
        self.head = head
        self.marks = marks
        self.count = 0
        self._last_seq = 0
        self._last_hash = GENESIS
        self._explained = False  # the line before was already named, so a broken link says nothing new
        self._findings: list[Finding] = []
        self._sealed_seqs = {mark.seq for mark in marks}
        self._hash_at: dict[int, bytes] = {}

    def read(self, line: Line) -> None:
        self.count += 1
        expected = self._last_seq + 1
        gap = line.seq > expected
        if gap:
            gone = (
                f"line {expected} is"
                if line.seq == expected + 1
                else f"lines {expected} to {line.seq - 1} are"
            )
            self._find("removed", None, f"{gone} missing")
        elif line.seq < expected:
            self._find("reordered", line.seq, "its number is taken by another line")
        fault = _fault_of(line)
        if fault is not None:
            self._find(fault[0], line.seq, fault[1])
        elif bytes(line.previous_hash) != self._last_hash and not (gap or self._explained):
            self._broken_link(line)
        self._explained = fault is not None
        self._last_seq, self._last_hash = line.seq, bytes(line.hash)
        if line.seq in self._sealed_seqs:
            self._hash_at[line.seq] = self._last_hash

    def _broken_link(self, line: Line) -> None:
        if self._last_seq:
            self._find("changed", self._last_seq, "was rewritten: the next line follows from another")
        else:
            self._find("changed", line.seq, "is a first line that follows from another")

    def findings_at_end(self) -> list[Finding]:
        if not self.count:
            self._find("removed", None, "the whole chain is gone")
            return self._findings
        self._hold_against_marks()
        self._hold_against_head()
        return self._findings

    def _hold_against_marks(self) -> None:
        for mark in self.marks:
            if mark.seq in self._hash_at and self._hash_at[mark.seq] != mark.hash:
                said = f"is not the line checkpoint {mark.checkpoint} sealed"
                self._find("changed", mark.seq, f"{said}: it, or one before it, was rewritten")
                break  # marks come by seq; the first that differs explains those after it
        furthest = max(self._sealed_seqs, default=0)
        if furthest > self._last_seq:
            self._find("truncated", None, f"sealed up to line {furthest}, ends at {self._last_seq}")

    def _hold_against_head(self) -> None:
        head, sealed = self.head, max(self._sealed_seqs, default=0)
        if head is None:
            self._find("head", None, "has lines but no head")
            return
        if head.seq > self._last_seq:
            if sealed <= self._last_seq:  # else the marks have said so
                self._find("truncated", None, f"its head says {head.seq} lines, ends at {self._last_seq}")
        elif head.seq < self._last_seq or head.hash != self._last_hash:
            self._find("head", None, "its head does not match its last line")
        if head.sealed_seq > sealed:
            self._find("checkpoint", None, f"was sealed up to line {head.sealed_seq}; no checkpoint says so")

    def _find(self, kind: str, seq: int | None, detail: str) -> None:
        where = str(self.subject) if seq is None else f"{self.subject}#{seq}"
        self._findings.append(Finding(kind, where, detail))


def _fault_of(line: Line) -> tuple[str, str] | None:
    """What is wrong with one line taken by itself."""
    if line.algorithm not in ALGORITHMS:
        return "changed", "names a hash that is not known"
    canonical = bytes(line.canonical)
    hashed = digest_of((bytes(line.previous_hash), canonical), line.algorithm) == bytes(line.hash)
    said = _place_said(canonical)
    if hashed and said is not None and said != (line.subject_kind, line.subject_id, line.seq):
        return "reordered", f"was written as {said[0]}/{said[1]}#{said[2]}"
    if not hashed:
        return "changed", "its hash does not follow from its content"
    repeated = canonical_bytes(
        subject=line.subject, seq=line.seq, act=line.act, by=line.by, facts=line.facts, at=line.at
    )
    if repeated != canonical:
        return "changed", "its columns differ from the bytes that were hashed"
    return None


def _place_said(canonical: bytes) -> tuple[str, str, int] | None:
    try:
        said = json.loads(canonical)
        kind, subject = said["subject"]
        return str(kind), str(subject), int(said["seq"])
    except (ValueError, KeyError, TypeError):
        return None


def _check_counts(headers: dict[int, SealHeader], first_sealed: Counter[int]) -> list[Finding]:
    """Every head there was at a checkpoint has been sealed by it or one before."""
    numbers = sorted(headers)
    sealed_so_far = accumulate(first_sealed[number] for number in numbers)
    for number, sealed in zip(numbers, sealed_so_far, strict=True):
        counted = headers[number].head_count
        if counted != sealed:
            detail = f"counted {counted} chains, {sealed} were sealed by then"
            return [Finding("checkpoint", f"checkpoint {number}", detail)]
    return []


# --- checkpoints ------------------------------------------------------------------------------------


def _check_checkpoints() -> tuple[dict[int, SealHeader], list[Finding]]:
    """Check the checkpoints' own chain; return what each says and what is wrong."""
    headers: dict[int, SealHeader] = {}
    findings: list[Finding] = []
    previous, expected = GENESIS, 1
    for checkpoint in Checkpoint.objects.order_by("number").iterator(chunk_size=500):
        header = SealHeader.of(checkpoint)
        headers[header.number] = header
        where = f"checkpoint {header.number}"
        if header.number != expected:
            findings.append(Finding("checkpoint", where, f"checkpoint {expected} is missing before it"))
        elif header.previous_hash != previous:
            findings.append(Finding("checkpoint", where, "does not follow from the one before"))
        if not header.follows_from_itself():
            findings.append(Finding("checkpoint", where, "its hash does not follow from what it says"))
        if header.algorithm in ALGORITHMS and marks_digest(marks_of(checkpoint.pk), header.algorithm) != (
            header.sealed_count,
            header.heads_digest,
        ):
            findings.append(Finding("checkpoint", where, "the heads it sealed were changed or removed"))
        previous, expected = header.hash, header.number + 1
    return headers, findings


def _compare_with_file(header: SealHeader, stored: dict[int, SealHeader], path: Path) -> list[Finding]:
    where = f"checkpoint {header.number}"
    if header.number not in stored:
        return [Finding("checkpoint", where, f"is in {path.name} but not in the database")]
    if stored[header.number].hash != header.hash:
        return [Finding("checkpoint", where, f"differs from {path.name}")]
    return []


# --- streams in subject order -----------------------------------------------------------------------


class _Told(Protocol):
    @property
    def subject(self) -> Subject: ...


_Row = TypeVar("_Row", bound=_Told)


class _Grouped(Generic[_Row]):
    """Rows in subject order, taken subject by subject; all of one must be taken before the next."""

    def __init__(self, rows: Iterable[_Row]) -> None:
        self._rows = iter(rows)
        self._next = next(self._rows, None)

    @property
    def subject(self) -> Subject | None:
        return self._next.subject if self._next is not None else None

    def take(self, subject: Subject) -> Iterator[_Row]:
        while self._next is not None and self._next.subject == subject:
            row = self._next
            self._next = next(self._rows, None)
            yield row


def _lines() -> Iterator[Line]:
    # Collation C orders as Python does, code point by code point.
    return Line.objects.order_by("subject_kind", "subject_id", "seq").iterator(chunk_size=500)


def _heads() -> Iterator[_Head]:
    query = "SELECT subject_kind, subject_id, seq, hash, sealed_seq FROM journal_head ORDER BY 1, 2"
    for kind, subject, seq, digest, sealed_seq in stream(query):
        yield _Head(Subject(kind, subject), seq, bytes(digest), sealed_seq)


def _marks(outside: list[_Mark]) -> Iterator[_Mark]:
    """The marks in the database and those of a file, together in order of subject and seq."""

    def inside() -> Iterator[_Mark]:
        query = (
            "SELECT subject_kind, subject_id, seq, mark.hash, number FROM journal_sealedhead mark"
            " JOIN journal_checkpoint ON checkpoint_id = journal_checkpoint.id ORDER BY 1, 2, 3, 5"
        )
        for kind, subject, seq, digest, number in stream(query):
            yield _Mark(Subject(kind, subject), seq, bytes(digest), number)

    def place(mark: _Mark) -> tuple[Subject, int]:
        return mark.subject, mark.seq

    return heapq.merge(inside(), sorted(outside, key=place), key=place)
