"""Small journals to test with, and the owner's hand that tampers with them."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction

from database import as_owner
from wangge.foundation.journal.actions import append
from wangge.foundation.journal.actors import Actor, Subject
from wangge.foundation.journal.bulk import PastAct, write_chains

AT = datetime(2026, 3, 6, 8, 0, tzinfo=UTC)
CHEN = Actor("user", "7", "chen", "post", "31", "230717001/town_dispatcher")
CASE = Subject("case", "230717-20260306-00017")
OTHER = Subject("case", "230717-20260306-00018")
TABLES = "journal_line, journal_head, journal_wakeup, journal_checkpoint, journal_sealedhead"


def write(subject=CASE, act="case.handled", *, by=CHEN, at=AT, **kwargs):
    with transaction.atomic():
        return append(act=act, subject=subject, by=by, at=at, **kwargs)


def write_chain(subject, length, *, start=AT):
    """A committed chain without wake-ups, one line a minute."""
    acts = [
        PastAct("case.handled", CHEN, start + timedelta(minutes=number), {"step": number})
        for number in range(length)
    ]
    with transaction.atomic():
        write_chains([(subject, acts)])


@contextmanager
def the_owner():
    """A connection of the owner, who may do to the journal what the product never does."""
    with as_owner(settings.TEST_DATABASE) as connection:
        yield connection


def tamper(statement, *parameters):
    with the_owner() as connection:
        changed = connection.execute(statement, parameters).rowcount
    assert changed, f"nothing was tampered with: {statement}"
