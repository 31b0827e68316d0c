"""Thousands of earlier cases, bulk-written with valid journals: what a district looks like after a season."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from django.db import connection, transaction

from wangge.cases.models import CallbackAnswer, Case, CaseNote, Leg
from wangge.demo.chronicler import Chronicler
from wangge.demo.histories import History, history_of
from wangge.demo.people import EARLIER_FROM, person
from wangge.foundation.journal.bulk import write_chains
from wangge.foundation.privacy.actions import keep_identities

COUNT = 3000
DAYS = 90
_BATCH = 1000


def seed_bulk_cases(*, now: datetime, count: int = COUNT, seed: int = 17) -> int:
    """Write `count` cases over the last ninety days, oldest first, in one transaction."""
    chronicler = Chronicler(now=now, seed=seed)
    histories = [history_of(chronicler, at) for at in chronicler.moments(count, DAYS)]
    with transaction.atomic():
        _insert(histories, now)
    return len(histories)


def _insert(histories: Sequence[History], now: datetime) -> None:
    """Cases, legs, notes, answers, journals, counters. Cases name their legs before those are there: the
    database checks that at the end of the transaction."""
    people = (person(EARLIER_FROM + position) for position in range(len(histories)))
    identities = keep_identities(((one.name, one.phone) for one in people), at=now)
    for history, identity in zip(histories, identities, strict=True):
        history.case.requester = identity
    Case.objects.bulk_create([history.case for history in histories], batch_size=_BATCH)
    Leg.objects.bulk_create(_legs(histories), batch_size=_BATCH)
    CaseNote.objects.bulk_create(_notes(histories), batch_size=_BATCH)
    CallbackAnswer.objects.bulk_create(_answers(histories), batch_size=_BATCH)
    write_chains((history.case.subject, history.acts) for history in histories)
    _count_numbers(histories)


def _legs(histories: Sequence[History]) -> Iterator[Leg]:
    for history in histories:
        if history.leg is not None:
            history.leg.case = history.case
            yield history.leg


def _notes(histories: Sequence[History]) -> Iterator[CaseNote]:
    for history in histories:
        for note in history.notes:
            note.case = history.case
            yield note


def _answers(histories: Sequence[History]) -> Iterator[CallbackAnswer]:
    for history in histories:
        for answer in history.answers:
            answer.case = history.case
            yield answer


def _count_numbers(histories: Sequence[History]) -> None:
    last: Counter[tuple[str, date]] = Counter()
    for history in histories:
        district, day, serial = history.case.number.split("-")
        key = (district, date.fromisoformat(day))
        last[key] = max(last[key], int(serial))
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO cases_casecounter (district, day, last) VALUES (%s, %s, %s)"
            " ON CONFLICT (district, day)"
            " DO UPDATE SET last = greatest(cases_casecounter.last, excluded.last)",
            [(district, day, number) for (district, day), number in last.items()],
        )
