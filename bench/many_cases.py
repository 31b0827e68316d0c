"""A database with as many cases as asked for, each with a valid journal of its own, in minutes.

A pool of made-up histories is written as the demo writes them. Every further case copies one of the pool
under a number of its own: its rows are copied inside the database, its journal is written line by line with
the new subject, so that every hash is a true one and `wangge journal verify` finds nothing.

The database stays between runs under a name that holds the count, because making it takes minutes; it is
made again when migrations changed.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from database import as_owner, make_database, pointing_at
from wangge.config.schema import bring_up_to_date
from wangge.demo.bulk import seed_bulk_cases
from wangge.demo.seed import seed_town
from wangge.foundation.journal.actions import GENESIS
from wangge.foundation.journal.hashing import chosen_algorithm, digest_of
from wangge.foundation.worktime.clock import now

POOL = 10_000
PROCESSES = 2
#: Tables a case is made of, below it and beside it; keys that point to a copied row move with it.
KEYS = {
    "privacy_identity": ("id",),
    "cases_case": ("id", "requester_id", "leg_id"),
    "cases_leg": ("id", "case_id"),
    "cases_casenote": ("id", "case_id"),
    "cases_callbackanswer": ("id", "case_id"),
}
#: Which table's keys these columns hold.
TARGETS = {
    "requester_id": "privacy_identity", "leg_id": "cases_leg", "case_id": "cases_case",
}  # fmt: skip
#: Keys inside a line's facts.
IN_FACTS = {"note": "cases_casenote", "answer": "cases_callbackanswer"}
LINE_COLUMNS = (
    "subject_kind, subject_id, seq, act, actor_kind, actor_id, actor_label, post_kind, post_id, post_label,"
    " facts, at, canonical, algorithm, previous_hash, hash"
)


@dataclass(frozen=True)
class Made:
    """A filled database: its name, what is in it, and the seconds its making took (0: it was there)."""

    name: str
    rows: dict[str, int]
    seconds: float


def database_of(count: int) -> Made:
    """The database with `count` cases; made if it is not there yet."""
    name = f"wangge_bench_{count}"
    started = time.perf_counter()
    seconds = 0.0
    if not _is_whole(name, count):
        make_database(name)
        with pointing_at(name):
            _fill(name, count)
        seconds = time.perf_counter() - started
    with as_owner(name) as connection:
        counted = ("cases_case", "journal_line", "cases_casenote", "organisations_organisation")
        rows = {table: _count(connection, table) for table in counted}
    return Made(name, rows, round(seconds, 1))


def _is_whole(name: str, count: int) -> bool:
    with as_owner("postgres") as connection:
        there = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
    if not there:
        return False
    with as_owner(name) as connection:
        if _count(connection, "cases_case") < count:
            return False
    with pointing_at(name):
        bring_up_to_date()
    return True


def _fill(name: str, count: int) -> None:
    at = now()
    seed_town(at=at, say=lambda _line: None)
    pool = min(POOL, count)
    if not pool:
        return
    seed_bulk_cases(now=at, count=pool)
    copies = count // pool - 1
    if copies <= 0:
        return
    with as_owner(name) as connection:
        connection.execute("SET synchronous_commit TO off; SET maintenance_work_mem TO '1GB'")
        spans = _spans(connection)
        with _without_indexes(connection):
            _copy_rows(connection, spans, copies)
            lines = _pool_lines(connection, spans)
            connection.execute("TRUNCATE TABLE journal_wakeup")
            _write_journals(name, lines, spans, copies)
        _move_sequences(connection)
        _count_numbers(connection)
        for table in (*KEYS, "journal_line", "journal_head"):
            connection.execute(sql.SQL("VACUUM ANALYZE {}").format(sql.Identifier(table)))


# --- rows -----------------------------------------------------------------------------------------


def _spans(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """How far a copy's keys lie from its pattern's, by table; for numbers, how far their serials do."""
    spans = {}
    for table in KEYS:
        row = connection.execute(
            sql.SQL("SELECT coalesce(max(id), 0) + 1 FROM {}").format(sql.Identifier(table))
        ).fetchone()
        spans[table] = int(row[0]) if row else 1
    row = connection.execute("SELECT max(split_part(number, '-', 3)::int) + 1 FROM cases_case").fetchone()
    spans["serial"] = int(row[0]) if row else 1
    return spans


def _copy_rows(connection: psycopg.Connection[Any], spans: dict[str, int], copies: int) -> None:
    with connection.transaction():
        connection.execute("SET CONSTRAINTS ALL DEFERRED")
        for table, keys in KEYS.items():
            columns = [
                column
                for (column,) in connection.execute(
                    "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
                    " AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
                    [f"public.{table}"],
                ).fetchall()
            ]
            taken = [_taken(column, table, keys, spans) for column in columns]
            connection.execute(
                sql.SQL(
                    "INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE"
                    " SELECT {taken} FROM generate_series(1, %s) AS copy CROSS JOIN LATERAL"
                    " (SELECT * FROM {table} WHERE id < %s) AS pattern"
                ).format(
                    table=sql.Identifier(table),
                    columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
                    taken=sql.SQL(", ").join(taken),
                ),
                [copies, spans[table]],
            )


def _taken(column: str, table: str, keys: tuple[str, ...], spans: dict[str, int]) -> sql.Composable:
    of_pattern = sql.SQL("pattern.{}").format(sql.Identifier(column))
    if column in keys:
        span = spans[TARGETS.get(column, table)]
        return sql.SQL("{} + copy * {}").format(of_pattern, sql.Literal(span))
    if table == "cases_case" and column == "number":
        return sql.SQL(
            "split_part(pattern.number, '-', 1) || '-' || split_part(pattern.number, '-', 2) || '-'"
            " || lpad((split_part(pattern.number, '-', 3)::int + copy * {span})::text, 5, '0')"
        ).format(span=sql.Literal(spans["serial"]))
    return of_pattern


@contextlib.contextmanager
def _without_indexes(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Indexes that hold no constraint are built once at the end instead of row by row."""
    tables = [*KEYS, "journal_line", "journal_head"]
    found = connection.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid = ANY(%s::regclass[]) AND NOT indisprimary"
        " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)",
        [tables],
    ).fetchall()
    for name, _definition in found:
        connection.execute(f"DROP INDEX {name}")
    try:
        yield
    finally:
        for _name, definition in found:
            connection.execute(definition)


def _move_sequences(connection: psycopg.Connection[Any]) -> None:
    for table in KEYS:
        connection.execute(
            sql.SQL("SELECT setval(pg_get_serial_sequence(%s, 'id'), (SELECT max(id) FROM {}))").format(
                sql.Identifier(table)
            ),
            [table],
        )


def _count_numbers(connection: psycopg.Connection[Any]) -> None:
    connection.execute(
        "INSERT INTO cases_casecounter (district, day, last)"
        " SELECT district, to_date(split_part(number, '-', 2), 'YYYYMMDD'),"
        " max(split_part(number, '-', 3)::int) FROM cases_case GROUP BY 1, 2"
        " ON CONFLICT (district, day) DO UPDATE SET last = greatest(cases_casecounter.last, excluded.last)"
    )


# --- journals -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pattern:
    """One line of the pool as pieces of bytes; between them stand what differs from copy to copy.

    `canonical` and `facts` are cut at keys, `gaps` says which key goes into each cut.
    """

    canonical: tuple[bytes, ...]
    canonical_gaps: tuple[tuple[str, int], ...]
    facts: tuple[bytes, ...]
    facts_gaps: tuple[tuple[str, int], ...]
    #: The columns from `act` to `post_label`, and `at`, as COPY takes them.
    middle: bytes
    at: bytes


Chains = list[tuple[str, int, list[Pattern]]]


def _pool_lines(connection: psycopg.Connection[Any], spans: dict[str, int]) -> Chains:
    chains: Chains = []
    current = ""
    rows = connection.execute(
        "SELECT subject_id, canonical, facts::text, act, actor_kind, actor_id, actor_label, post_kind,"
        " post_id, post_label, at::text FROM journal_line WHERE subject_kind = 'case'"
        " ORDER BY subject_id, seq"
    ).fetchall()
    for number, canonical, facts, *middle, at in rows:
        if number != current:
            current = number
            stem, _dash, serial = number.rpartition("-")
            chains.append((stem, int(serial), []))
        subject = json.dumps(number).encode()
        assert canonical.count(subject) == 1
        before, after = bytes(canonical).split(subject)
        pieces, gaps = _cut(before)
        last, more = _cut(after)
        chains[-1][2].append(
            Pattern(
                (*pieces, *last), (*gaps, ("subject", 0), *more),
                *map(tuple, _cut(facts.encode())),  # type: ignore[arg-type]
                middle=b"\t".join(_escaped(value) for value in middle), at=at.encode(),
            )
        )  # fmt: skip
    return chains


_KEY = re.compile(rb'"(note|answer)": ?(\d+)')


def _cut(text: bytes) -> tuple[list[bytes], list[tuple[str, int]]]:
    pieces, gaps, at = [], [], 0
    for found in _KEY.finditer(text):
        pieces.append(text[at : found.start(2)])
        gaps.append((IN_FACTS[found.group(1).decode()], int(found.group(2))))
        at = found.end(2)
    return [*pieces, text[at:]], gaps


def _escaped(value: str) -> bytes:
    return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").encode()


def _write_journals(name: str, chains: Chains, spans: dict[str, int], copies: int) -> None:
    """Each process takes every second copy of the pool."""
    url_of = multiprocessing.get_context("fork")
    processes = [
        url_of.Process(
            target=_write_copies, args=(name, chains, spans, range(1 + part, copies + 1, PROCESSES))
        )
        for part in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        if process.exitcode:
            raise RuntimeError("writing journals failed")


def _write_copies(name: str, chains: Chains, spans: dict[str, int], numbers: range) -> None:
    algorithm = chosen_algorithm()
    with as_owner(name) as connection:
        connection.execute("SET synchronous_commit TO off")
        for copy in numbers:
            heads: list[bytes] = []
            with connection.transaction(), connection.cursor() as cursor:
                with cursor.copy(f"COPY journal_line ({LINE_COLUMNS}) FROM STDIN") as out:
                    for stem, serial, patterns in chains:
                        rows, head = _chain(
                            stem, serial + copy * spans["serial"], patterns, spans, copy, algorithm
                        )
                        out.write(rows)
                        heads.append(head)
                with cursor.copy(
                    "COPY journal_head (subject_kind, subject_id, seq, hash, sealed_seq) FROM STDIN"
                ) as out:
                    out.write(b"".join(heads))


def _chain(
    stem: str, serial: int, patterns: list[Pattern], spans: dict[str, int], copy: int, algorithm: str
) -> tuple[bytes, bytes]:
    number = f"{stem}-{serial:05d}".encode()
    subject = b'"' + number + b'"'
    previous, rows = GENESIS, []
    for seq, pattern in enumerate(patterns, start=1):
        canonical = _filled(pattern.canonical, pattern.canonical_gaps, subject, spans, copy)
        facts = _filled(pattern.facts, pattern.facts_gaps, subject, spans, copy).replace(b"\\", b"\\\\")
        digest = digest_of((previous, canonical), algorithm)
        rows.append(
            b"case\t%b\t%d\t%b\t%b\t%b\t\\\\x%b\t%b\t\\\\x%b\t\\\\x%b\n"
            % (
                number, seq, pattern.middle, facts, pattern.at, canonical.hex().encode(), algorithm.encode(),
                previous.hex().encode(), digest.hex().encode(),
            )
        )  # fmt: skip
        previous = digest
    head = b"case\t%b\t%d\t\\\\x%b\t0\n" % (number, len(patterns), previous.hex().encode())
    return b"".join(rows), head


def _filled(
    pieces: tuple[bytes, ...],
    gaps: tuple[tuple[str, int], ...],
    subject: bytes,
    spans: dict[str, int],
    copy: int,
) -> bytes:
    if not gaps:
        return pieces[0]
    filled = [pieces[0]]
    for piece, (table, key) in zip(pieces[1:], gaps, strict=True):
        filled.append(subject if table == "subject" else b"%d" % (key + copy * spans[table]))
        filled.append(piece)
    return b"".join(filled)


def _count(connection: psycopg.Connection[Any], table: str) -> int:
    row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
    return int(row[0]) if row else 0
