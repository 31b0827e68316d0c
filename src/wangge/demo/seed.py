"""`wangge demo` fills its database: land, bodies, matters, accounts, and cases in every state.

Each part asks what is there and adds what is missing, so a second start takes moments and an
interrupted one is finished by the next.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from django.db import connection

from wangge.cases.models import Case
from wangge.demo.accounts import seed_accounts
from wangge.demo.bulk import seed_bulk_cases
from wangge.demo.catalogue import seed_catalogue
from wangge.demo.organisations import seed_grid_workers, seed_organisations
from wangge.demo.reading import messages as demo_messages
from wangge.demo.replay import read_messages, replay_messages
from wangge.demo.stories import story_of
from wangge.demo.telling import Teller
from wangge.demo.territory import seed_territory
from wangge.foundation.journal.models import Checkpoint, Wakeup
from wangge.foundation.journal.sealing import seal_heads
from wangge.foundation.worktime.clock import now

Say = Callable[[str], None]

#: How far back the town was founded, before the oldest case.
FOUNDED_BEFORE = timedelta(days=120)
#: What follows from an act of the past has followed long ago; only the last day's is left to the worker.
STILL_FRESH = timedelta(hours=20)


def main(*, messages: Path | None, say: Say) -> None:
    """Fill the demo; with `messages`, replay that file instead of the demo's own messages."""
    at = now()
    founded = at - FOUNDED_BEFORE
    with connection.cursor() as cursor:
        # Nothing here is lost that the next start would not make again; waiting for the disk is.
        cursor.execute("SET synchronous_commit TO off")
    # A file with a mistake is refused before anything is written.
    letters = read_messages(messages, now=at, say=say) if messages is not None else None
    _part("areas and places", say, lambda: _land(founded))
    _part("organisations", say, lambda: seed_organisations(at=founded, now=at))
    _part("grid workers", say, lambda: seed_grid_workers(at=founded))
    _part("matters", say, lambda: seed_catalogue(at=founded))
    _part("accounts", say, lambda: seed_accounts(at=founded))
    if letters is not None:
        _part("replayed messages", say, lambda: replay_messages(letters, now=at, say=say).cases)
    else:
        _part("cases", say, lambda: tell_messages(at))
        if not Case.objects.filter(is_demo=True, client_key=None).exists():
            _part("earlier cases", say, lambda: seed_bulk_cases(now=at))
    Wakeup.objects.filter(not_before__lt=at - STILL_FRESH).delete()
    if not Checkpoint.objects.exists():
        seal_heads(at=now())


def _land(at: datetime) -> int:
    seeded = seed_territory(at=at)
    return seeded.areas + seeded.places


def tell_messages(at: datetime) -> int:
    """The messages written for the demo, each through the real acts; oldest first, as they came in.

    Those told by an earlier start are left as they are.
    """
    told = set(Case.objects.filter(client_key__startswith="demo-").values_list("client_key", flat=True))
    all_stories = [story_of(row, position) for position, row in enumerate(demo_messages())]
    stories = [story for story in all_stories if story.key not in told]
    if not stories:
        return 0
    teller = Teller(now=at)
    begun = sorted(((teller.beginning(story), position) for position, story in enumerate(stories)))
    for beginning, position in begun:
        teller.tell(stories[position], at=beginning)
    return len(stories)


def _part(name: str, say: Say, work: Callable[[], int]) -> None:
    started = time.monotonic()
    count = work()
    if count:
        say(f"  {name}: {count} ({time.monotonic() - started:.1f} s)")
