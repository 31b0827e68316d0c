"""`wangge demo` fills its database: land, bodies, matters, accounts, and cases in every state.

Each part asks what is there and adds what is missing, so a second start takes moments and an
interrupted one is finished by the next.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path

import click
from django.db import connection
from django.db.models import Q

from wangge.cases.models import Case
from wangge.demo.accounts import ACCOUNTS, seed_accounts
from wangge.demo.bulk import COUNT, seed_bulk_cases
from wangge.demo.catalogue import seed_catalogue
from wangge.demo.organisations import STAFF, seed_grid_workers, seed_organisations
from wangge.demo.reading import messages as demo_messages
from wangge.demo.replay import Message, read_messages, replay_messages
from wangge.demo.stories import Story, story_of
from wangge.demo.telling import Teller
from wangge.demo.territory import seed_territory
from wangge.foundation.accounts.models import User
from wangge.foundation.journal.models import Checkpoint
from wangge.foundation.journal.sealing import seal_heads
from wangge.foundation.worktime.clock import now

Say = Callable[[str], None]

#: How far back the town was founded, before the oldest case.
FOUNDED_BEFORE = timedelta(days=120)


class UnableToSeed(click.ClickException):
    """This database is no place for accounts with published passwords."""


def main(*, messages: Path | None, say: Say) -> None:
    """Fill the demo; with `messages`, replay that file instead of the demo's own messages."""
    at = now()
    # A file with a mistake is refused before anything is written.
    letters = read_messages(messages, now=at, say=say) if messages is not None else None
    seed(at=at, say=say, letters=letters)


def seed(*, at: datetime, say: Say, letters: list[Message] | None = None, earlier: int = COUNT) -> None:
    """Add what is missing of the demo as it stands at `at`, with so many earlier cases; says what it added.

    With `letters` these messages are replayed and neither the demo's own nor earlier cases written.
    UnableToSeed for a database that holds accounts and is no demo.
    """
    _refuse_a_real_database()
    with connection.cursor() as cursor:
        # Nothing here is lost that the next start would not make again; waiting for the disk is.
        cursor.execute("SET synchronous_commit TO off")
    seed_town(at=at, say=say)
    if letters is not None:
        _part("replayed messages", say, lambda: replay_messages(letters, now=at, say=say).cases)
    else:
        _part("cases", say, lambda: tell_stories(demo_stories(), at=at))
        if not Case.objects.filter(is_demo=True, client_key=None).exists():
            _part("earlier cases", say, lambda: seed_bulk_cases(now=at, count=earlier))
    if not Checkpoint.objects.exists():
        seal_heads(at=at)


def seed_town(*, at: datetime, say: Say) -> None:
    """Land, bodies, people in their posts, matters and accounts: all but cases."""
    founded = at - FOUNDED_BEFORE
    _part("areas and places", say, lambda: _land(founded))
    _part("organisations", say, lambda: seed_organisations(at=founded, now=at))
    _part("grid workers", say, lambda: seed_grid_workers(at=founded))
    _part("matters", say, lambda: seed_catalogue(at=founded))
    _part("accounts", say, lambda: seed_accounts(at=founded))


def demo_stories() -> list[Story]:
    """The messages written for the demo, as stories."""
    return [story_of(row, position) for position, row in enumerate(demo_messages())]


def tell_stories(stories: Iterable[Story], *, at: datetime) -> int:
    """Play those not told yet through the real acts; oldest first, as they came in. Returns how many."""
    told = set(Case.objects.filter(client_key__startswith="demo-").values_list("client_key", flat=True))
    untold = [story for story in stories if story.key not in told]
    if not untold:
        return 0
    teller = Teller(now=at)
    for story in sorted(untold, key=teller.beginning):
        teller.tell(story)
    return len(untold)


def _refuse_a_real_database() -> None:
    ours = Q(username__startswith=STAFF) | Q(username__in=[account.username for account in ACCOUNTS])
    if User.objects.exists() and not User.objects.filter(ours).exists():
        raise UnableToSeed(
            "This database holds accounts and is no demo. Demo accounts have published passwords and are "
            "not put into it."
        )


def _land(at: datetime) -> int:
    seeded = seed_territory(at=at)
    return seeded.areas + seeded.places


def _part(name: str, say: Say, work: Callable[[], int]) -> None:
    started = time.monotonic()
    count = work()
    if count:
        say(f"  {name}: {count} ({time.monotonic() - started:.1f} s)")
