"""The tree of areas as values in memory: names and paths without a query."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import get_language

from wangge.territory.codes import Level, parse_code


@dataclass(frozen=True)
class AreaFacts:
    """What a page needs to name an area."""

    code: str
    prefix: str
    level: str
    kind: str
    name: str
    name_en: str
    active: bool

    @property
    def label(self) -> str:
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name


class Tree:
    """All areas by code. Immutable once built, so threads may share it."""

    def __init__(self, areas: Iterable[AreaFacts]) -> None:
        self.areas = {area.code: area for area in areas}
        self._codes = sorted(self.areas)
        self._by_prefix = {area.prefix: area for area in self.areas.values()}

    def find(self, code: str) -> AreaFacts | None:
        """By code or, for a city, by prefix; retired areas too, because old cases name them."""
        return self.areas.get(code) or self._by_prefix.get(code)

    def within(self, prefix: str) -> list[AreaFacts]:
        """Areas in use below a prefix, itself included, in the order of their codes; all for an empty one."""
        first = bisect_left(self._codes, prefix)
        last = bisect_left(self._codes, prefix + "\uffff", first)
        found = (self.areas[code] for code in self._codes[first:last])
        return [area for area in found if area.active]

    def path(self, code: str) -> list[AreaFacts]:
        """From the district down to the area itself; a city is its own path. Empty for an unknown code."""
        area = self.find(code)
        if area is None:
            return []
        above = [found for ancestor in parse_code(area.code).ancestors if (found := self.areas.get(ancestor))]
        return [found for found in above if found.level != Level.CITY] + [area]
