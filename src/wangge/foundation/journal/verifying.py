"""`wangge journal verify`: reads every chain again and names what does not fit.

Found at any time: a line changed, removed from the middle, or put in another place. Found against
the head row: lines cut off at the end. Found against a seal, also when somebody rewrote the head
row: lines cut off up to that seal, chains removed whole, chains rewritten from any line before it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from wangge.foundation.journal.actions import GENESIS
from wangge.foundation.journal.actors import Actor, Subject
from wangge.foundation.journal.canonical import canonical_bytes
from wangge.foundation.journal.hashing import digest_of
from wangge.foundation.journal.models import Checkpoint, Line
from wangge.foundation.journal.sealing import HeadMark, checkpoint_hash, marks_digest, marks_of


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
    lines: int
    subjects: int
    checkpoints: int
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        return not self.findings


class UnableToReadSealFile(ValueError):
    """The file given with --since is not a seal file."""


def verify_journal(*, since: Path | None = None) -> Verdict:
    """Read everything in one snapshot and compare; memory grows with subjects, not with lines."""
    with transaction.atomic():
        if connection.in_atomic_block and not connection.savepoint_ids:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        checkpoints, findings, marks = _read_checkpoints()
        if since is not None:
            findings += _compare_with_file(since, marks)
        heads = _read_heads()
        lines = subjects = 0
        seen: set[Subject] = set()
        for subject, chain in groupby(_all_lines(), key=lambda line: line.subject):
            subjects += 1
            seen.add(subject)
            count, chain_findings = _check_chain(subject, chain, heads.get(subject), marks.get(subject))
            lines += count
            findings += chain_findings
        for subject in sorted((heads.keys() | marks.keys()) - seen):
            findings.append(Finding("removed", str(subject), "the whole chain is gone"))
    return Verdict(lines, subjects, checkpoints, tuple(findings))


def _all_lines() -> Iterator[Line]:
    return Line.objects.order_by("subject_kind", "subject_id", "seq").iterator(chunk_size=2000)


def _read_heads() -> dict[Subject, HeadMark]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT subject_kind, subject_id, seq, hash FROM journal_head")
        return {
            Subject(kind, subject): HeadMark(kind, subject, seq, bytes(digest))
            for kind, subject, seq, digest in cursor
        }


def _check_chain(
    subject: Subject, chain: Iterator[Line], head: HeadMark | None, seal: HeadMark | None
) -> tuple[int, list[Finding]]:
    findings: list[Finding] = []
    previous, expected, count = GENESIS, 1, 0
    sealed_hash: bytes | None = None
    for line in chain:
        count += 1
        where = f"{subject}#{line.seq}"
        if line.seq != expected:
            gone = f"{expected}" if line.seq == expected + 1 else f"{expected} to {line.seq - 1}"
            findings.append(Finding("removed", str(subject), f"line {gone} is missing"))
            expected = line.seq
        findings += _check_line(line, where, previous)
        # Go on from what is stored, so that one bad line is one finding and not all that follow it.
        previous = bytes(line.hash)
        if seal is not None and line.seq == seal.seq:
            sealed_hash = previous
        expected += 1
    last = expected - 1
    if seal is not None and last < seal.seq:
        findings.append(Finding("truncated", str(subject), f"sealed up to line {seal.seq}, ends at {last}"))
    elif seal is not None and sealed_hash != seal.hash:
        findings.append(Finding("changed", f"{subject}#{seal.seq}", "is not the line that was sealed"))
    if head is None:
        findings.append(Finding("head", str(subject), "has lines but no head"))
    elif head.seq > last:
        if seal is None or last >= seal.seq:
            findings.append(
                Finding("truncated", str(subject), f"its head says {head.seq} lines, ends at {last}")
            )
    elif head.seq < last or head.hash != previous:
        findings.append(Finding("head", str(subject), "its head does not match its last line"))
    return count, findings


def _check_line(line: Line, where: str, previous: bytes) -> list[Finding]:
    canonical = bytes(line.canonical)
    if digest_of((previous, canonical), line.algorithm) != bytes(line.hash):
        if _said(canonical).get("seq") != line.seq:
            return [Finding("reordered", where, "stands in another place than it was written")]
        return [Finding("changed", where, "its hash does not follow from its content and the line before")]
    repeated = canonical_bytes(
        subject=line.subject,
        seq=line.seq,
        act=line.act,
        by=Actor(*_actor(line)),
        facts=line.facts,
        at=line.at,
    )
    if repeated != canonical:
        return [Finding("changed", where, "its columns differ from the bytes that were hashed")]
    return []


def _said(canonical: bytes) -> dict[str, Any]:
    try:
        said = json.loads(canonical)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _actor(line: Line) -> tuple[str, str, str, str, str, str]:
    return (
        line.actor_kind, line.actor_id, line.actor_label, line.post_kind, line.post_id, line.post_label
    )  # fmt: skip


def _read_checkpoints() -> tuple[int, list[Finding], dict[Subject, HeadMark]]:
    """Check the checkpoints' own chain; return how many, what is wrong, and each subject's last mark."""
    findings: list[Finding] = []
    marks: dict[Subject, HeadMark] = {}
    previous, expected, count = GENESIS, 1, 0
    for checkpoint in Checkpoint.objects.order_by("number").iterator():
        count += 1
        where = f"checkpoint {checkpoint.number}"
        if checkpoint.number != expected:
            findings.append(Finding("checkpoint", where, f"checkpoint {expected} is missing before it"))
        own = list(marks_of(checkpoint))
        told = checkpoint_hash(
            previous=previous, number=checkpoint.number, at=checkpoint.at, head_count=checkpoint.head_count,
            sealed_count=checkpoint.sealed_count, digest=bytes(checkpoint.heads_digest),
            algorithm=checkpoint.algorithm,
        )  # fmt: skip
        if told != bytes(checkpoint.hash) or bytes(checkpoint.previous_hash) != previous:
            findings.append(Finding("checkpoint", where, "does not follow from the one before"))
        if len(own) != checkpoint.sealed_count or marks_digest(own, checkpoint.algorithm) != bytes(
            checkpoint.heads_digest
        ):
            findings.append(Finding("checkpoint", where, "the heads it sealed were changed or removed"))
        for mark in own:
            marks[Subject(mark.subject_kind, mark.subject_id)] = mark
        if len(marks) > checkpoint.head_count:
            findings.append(Finding("checkpoint", where, "counts fewer heads than were sealed"))
        previous, expected = bytes(checkpoint.hash), checkpoint.number + 1
    return count, findings, marks


def _compare_with_file(path: Path, marks: dict[Subject, HeadMark]) -> list[Finding]:
    """Hold the database against a seal file kept elsewhere; its marks join `marks` where newer."""
    header, kept = read_seal_file(path)
    findings: list[Finding] = []
    where = f"checkpoint {header['number']}"
    stored = Checkpoint.objects.filter(number=header["number"]).first()
    if stored is None:
        findings.append(Finding("checkpoint", where, f"is in {path.name} but not in the database"))
    elif bytes(stored.hash).hex() != header["hash"]:
        findings.append(Finding("checkpoint", where, f"differs from {path.name}"))
    for mark in kept:
        subject = Subject(mark.subject_kind, mark.subject_id)
        inside = marks.get(subject)
        if inside is None or inside.seq <= mark.seq:
            marks[subject] = mark
    return findings


def read_seal_file(path: Path) -> tuple[dict[str, Any], list[HeadMark]]:
    """The header and marks of a seal file. UnableToReadSealFile names the line that cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnableToReadSealFile(f"{path}: {error}") from error
    header: dict[str, Any] = {}
    marks: list[HeadMark] = []
    for number, row in enumerate(text.splitlines(), start=1):
        try:
            told = json.loads(row)
            if number == 1:
                header = {"number": told["number"], "hash": told["hash"]}
            else:
                kind, subject, seq, digest = told
                marks.append(HeadMark(kind, subject, int(seq), bytes.fromhex(digest)))
        except (ValueError, KeyError, TypeError) as error:
            raise UnableToReadSealFile(f"{path}, line {number}: not a line of a seal file.") from error
    if not header:
        raise UnableToReadSealFile(f"{path} is empty; give a file from the seals folder.")
    return header, marks
