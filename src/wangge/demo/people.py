"""Invented people of the demo, one a number: always the same name, and a phone that cannot ring."""

from __future__ import annotations

import random
from functools import cache

from wangge.cases.intake import Contact
from wangge.demo.reading import toml

#: Who is whom: the accounts come first, then the written messages, the earlier cases, replayed files.
ACCOUNTS_FROM, MESSAGES_FROM, EARLIER_FROM, REPLAYED_FROM = 0, 100, 1000, 5000


def person(serial: int) -> Contact:
    """The person of this number; after some nine thousand the phones begin again."""
    chance = random.Random(f"person {serial}")  # noqa: S311 - repeatable on purpose
    phones = toml("people.toml")["phones"]
    first, last = phones["first"], phones["last"]
    ending = first + serial % (last - first + 1)
    return Contact(
        name=chance.choice(_surnames()) + chance.choice(_given()), phone=f"{phones['prefix']}{ending:04d}"
    )


@cache
def _surnames() -> tuple[str, ...]:
    return tuple(toml("people.toml")["names"]["surnames"])


@cache
def _given() -> tuple[str, ...]:
    pools = toml("people.toml")["names"]
    return tuple(name for key, pool in pools.items() if key.startswith("given") for name in pool)
