"""The parts of an area code that a case repeats in columns of its own, one per desk that lists it."""

from __future__ import annotations

from typing import NamedTuple

from wangge.territory.codes import Level
from wangge.territory.memory import snapshot

#: Where a case can lie: as near as anybody could say, and at least in a district.
LEVELS = frozenset({Level.DISTRICT, Level.TOWN_UNIT, Level.COMMUNITY, Level.GRID, Level.MICRO_GRID})


class Parts(NamedTuple):
    district: str
    town: str
    community: str
    grid: str


def parts_of(area_code: str) -> Parts | None:
    """District, town, community and grid of a registered area in use; None for anything else.

    Answered from memory, without a statement.
    """
    area = snapshot().tree.areas.get(area_code)
    if area is None or not area.active or area.level not in LEVELS:
        return None
    return Parts(*(area_code[:end] if len(area_code) >= end else "" for end in (6, 9, 12, 15)))
