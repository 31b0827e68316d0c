"""Taking a file in, batch after batch: each one writes its cases, its faults and its position together."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from wangge.cases.taking_in import Fate, Told, fates_of, take_in
from wangge.doors.exchange.mapping import Mapping
from wangge.doors.exchange.models import ImportFault, ImportRun, RunState
from wangge.doors.exchange.problems import Fault
from wangge.doors.exchange.reading import Table
from wangge.doors.exchange.records import Read, Reader, with_number
from wangge.foundation.journal.actions import append
from wangge.foundation.journal.actors import Actor
from wangge.foundation.privacy.screening import mask_text
from wangge.foundation.refusals import Refusal

BATCH = 500

Clock = Callable[[], datetime]


class UnableToImport(Refusal):
    """Nothing was written: another run is at this file, or this one is over."""


def begin_run(
    *,
    table: Table,
    mapping: Mapping,
    mapping_text: str,
    channel: str,
    district: str,
    file_name: str,
    by: Actor,
    at: datetime,
    **told: Any,
) -> ImportRun:
    """The row of a new run, journalled; or, where this very file was broken off, that run."""
    same = {
        "file_digest": table.digest, "mapping_digest": mapping.digest, "channel": channel,
        "district": district,
    }  # fmt: skip
    broken_off = ImportRun.objects.filter(state=RunState.RUNNING, **same).first()
    if broken_off is not None and told.get("state", RunState.RUNNING) == RunState.RUNNING:
        return broken_off
    try:
        with transaction.atomic():
            run = ImportRun.objects.create(
                **same,
                source_system=mapping.source_system,
                mapping=mapping_text,
                mapping_name=mapping.name,
                time_zone=mapping.time_zone.key,
                file_name=shown_name(file_name),
                file_form=table.form[:60],
                columns=columns_of(table),
                rows_expected=table.source.rows_expected,
                created_at=at,
                **told,
            )
            append(
                act="import.started", subject=run.subject, by=by, at=at, new=True,
                facts={
                    "file": table.digest, "mapping": mapping.digest, "channel": channel, "district": district,
                },
            )  # fmt: skip
    except IntegrityError:
        raise _another() from None
    return run


def take_file_in(
    run: ImportRun,
    *,
    table: Table,
    mapping: Mapping,
    by: Actor,
    clock: Clock,
    say: Callable[[ImportRun], None] = lambda run: None,
    batch: int = BATCH,
) -> ImportRun:
    """Take in what this run has not yet taken; bears being killed and called again.

    UnableToImport if somebody else is at it; UnableToReadFile where the file breaks off, with everything
    before taken in and the run ended as broken off.
    """
    with _alone(run):
        run.refresh_from_db()
        if run.is_over:
            raise UnableToImport("over", _("This import is over; import the file again."))
        reader = Reader(table, mapping, by=by, channel=run.channel, district=run.district, at=clock())
        rows = table.rows(after=run.position)
        try:
            while reads := [reader.read(row) for row in islice(rows, batch)]:
                _write(run, reads, mapping=mapping, by=by, at=reader.at)
                say(run)
                reader.at = clock()
        except Refusal as refusal:
            if not isinstance(refusal, UnableToImport):
                end_run(run, RunState.FAILED, by=by, at=clock(), failure=str(refusal))
            raise
        return end_run(run, RunState.DONE, by=by, at=clock())


@transaction.atomic
def end_run(run: ImportRun, state: RunState, *, by: Actor, at: datetime, failure: str = "") -> ImportRun:
    ImportRun.objects.filter(pk=run.pk).update(state=state, finished_at=at, failure=mask_text(failure)[:300])
    run.refresh_from_db()
    facts = {
        "to": state.value, "rows": run.rows, "taken": run.taken, "known": run.known,
        "refused": run.refused, "remarks": run.remarks,
    }  # fmt: skip
    append(act="import.ended", subject=run.subject, by=by, at=at, facts=facts)
    return run


# --- trying without writing -----------------------------------------------------------------------


@dataclass
class Tried:
    """What taking a file in would do, as far as it was tried."""

    rows: int = 0
    taken: int = 0
    known: int = 0
    refused: int = 0
    remarks: int = 0
    faults: list[ImportFault] = field(default_factory=list)
    """The first `keep` of them."""
    more_rows: bool = False


def try_file(
    *,
    table: Table,
    mapping: Mapping,
    by: Actor,
    channel: str,
    district: str,
    at: datetime,
    rows: int | None = None,
    keep: int | None = None,
    say: Callable[[Tried], None] = lambda tried: None,
) -> Tried:
    """Read the file, or its first rows, and say what would become of them. Writes nothing."""
    reader = Reader(table, mapping, by=by, channel=channel, district=district, at=at)
    tried, seen = Tried(), dict[str, bytes]()
    source = table.rows()
    wanted: Iterator[Any] = source if rows is None else islice(source, rows)
    while reads := [reader.read(row) for row in islice(wanted, BATCH)]:
        told = fates_of([read.ready for read in reads if read.ready], source_system=mapping.source_system)
        fates = [one or Told(Fate.TAKEN, "") for one in told]
        fates = [_seen_before(seen, read, one) for read, one in _paired(reads, fates)]
        faults = _faults(reads, fates, 0)
        _count(tried, reads, fates, faults)
        tried.faults += faults if keep is None else faults[: max(0, keep - len(tried.faults))]
        say(tried)
    tried.more_rows = rows is not None and next(source, None) is not None
    return tried


def _seen_before(seen: dict[str, bytes], read: Read, told: Told) -> Told:
    """A number that came further up in the same file; when it is written, its case tells."""
    assert read.ready is not None
    record = read.ready.record
    digest = hashlib.sha256(record.content.encode()).digest()[:16]
    if told.fate != Fate.TAKEN:
        return told
    earlier = seen.setdefault(record.external_no, digest)
    if earlier is digest:
        return told
    return Told(Fate.KNOWN if earlier == digest else Fate.DIFFERENT, "")


# --- the pieces -----------------------------------------------------------------------------------


def _write(run: ImportRun, reads: list[Read], *, mapping: Mapping, by: Actor, at: datetime) -> None:
    """One batch, all or nothing."""
    ready = [read.ready for read in reads if read.ready is not None]

    def then(told: list[Told]) -> None:
        faults = _faults(reads, told, run.pk)
        counted = Tried()
        _count(counted, reads, told, faults)
        # Whoever else may be at this run has moved it by now; then this update finds no row.
        moved = ImportRun.objects.filter(pk=run.pk, position=run.position, state=RunState.RUNNING).update(
            position=reads[-1].row,
            rows=F("rows") + counted.rows,
            taken=F("taken") + counted.taken,
            known=F("known") + counted.known,
            refused=F("refused") + counted.refused,
            remarks=F("remarks") + counted.remarks,
        )
        if not moved:
            raise _another()
        ImportFault.objects.bulk_create(faults, batch_size=1000)

    take_in(ready, by=by, at=at, channel=run.channel, source_system=mapping.source_system, then=then)
    run.refresh_from_db()


def _paired(reads: Iterable[Read], told: Iterable[Told]) -> Iterator[tuple[Read, Told]]:
    return zip((read for read in reads if read.ready is not None), told, strict=True)


def _faults(reads: list[Read], told: list[Told], run_id: int) -> list[ImportFault]:
    found = {read.row: list(read.faults) for read in reads}
    for read, one in _paired(reads, told):
        if one.fate in {Fate.DIFFERENT, Fate.MOVED_ON}:
            found[read.row].append(with_number(read, Fault(one.fate.value), one.number))
    return [
        ImportFault.of(run_id, read.row, read.external_no, fault)
        for read in reads
        for fault in found[read.row]
    ]


def _count(tried: Tried, reads: list[Read], told: list[Told], faults: list[ImportFault]) -> None:
    fates = [one.fate for one in told]
    tried.rows += len(reads)
    tried.taken += fates.count(Fate.TAKEN)
    tried.known += fates.count(Fate.KNOWN) + fates.count(Fate.MOVED_ON)
    tried.refused += sum(read.is_refused for read in reads) + fates.count(Fate.DIFFERENT)
    tried.remarks += sum(not fault.refuses for fault in faults)


@contextmanager
def _alone(run: ImportRun) -> Iterator[None]:
    """Nobody else is at this run. The lock goes with the connection, so a killed process leaves none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('import run'), %s)", [run.pk])
        if not cursor.fetchone()[0]:
            raise _another()
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('import run'), %s)", [run.pk])


def _another() -> UnableToImport:
    return UnableToImport("another", _("Another process is taking this file in. Wait until it has ended."))


def columns_of(table: Table) -> dict[str, Any]:
    """What became of the columns that fill no field, for the run's row."""
    header = table.header
    return {
        "unknown": [mask_text(title) for title in header.unknown],
        "left_out": [[mask_text(title), why] for title, why in header.left_out],
        "unused": [mask_text(title) for title in header.unused],
        "sheets": [mask_text(sheet)[:60] for sheet in table.other_sheets[:20]],
    }


def shown_name(name: str) -> str:
    """The last part of a file's name, in letters that can be printed; never used as a path."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return mask_text("".join(sign for sign in last if sign.isprintable()))[:120] or "?"
