"""From the words people use for a place to the areas they may mean, always saying how sure. Pure.

Names of areas and places are found in the text, longest first. Each name may stand for several areas
(前进社区 lies under three towns); the other names in the text decide between them where they can. What
remains undecided comes back as several candidates, each with its share of the confidence.

The weights below are judgements, not measurements: they order candidates for a person to choose from.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from wangge.territory import spelling
from wangge.territory.codes import Kind, Level
from wangge.territory.tree import AreaFacts, Tree

#: How sure one unambiguous name of this kind makes us that the place lies in its area.
_CONFIDENCE = {
    "code": 0.99,
    "grid_number": 0.95,
    "building": 0.95,
    "area": 0.9,
    "estate": 0.9,
    "school": 0.9,
    "landmark": 0.85,
    "unit": 0.85,
    "road": 0.6,
}
_ALIAS = 0.95
_NEAR = 0.7
_UNKNOWN_BUILDING = 0.8
_CONFLICT = 0.6
#: A second name that meets the first in the same area halves the remaining doubt.
_SECOND_NAME = 0.5

_REASONS = {
    "code": _("The text gives this code."),
    "grid_number": _("The text names grid %(number)s of %(area)s."),
    "area": _("The text names %(place)s."),
    "place": _("“%(place)s” lies here."),
    "one_of": _("“%(place)s” may be any of %(count)s areas; this is one."),
    "fits": _("“%(other)s” in the text fits."),
    "conflicts": _("“%(other)s” in the text does not fit."),
    "near": _("The text says near it, not in it."),
    "unknown_building": _("Building %(number)s is not in the list of this estate."),
}


@dataclass(frozen=True)
class NamedPlace:
    name: str
    aliases: tuple[str, ...]
    kind: str
    area_code: str


@dataclass(frozen=True)
class Reason:
    code: str
    params: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return str(_REASONS[self.code] % dict(self.params))


@dataclass(frozen=True)
class PlaceHit:
    """An area the text may mean: any level, a grid where the names reach that far."""

    area_code: str
    confidence: float
    place: str
    reasons: tuple[Reason, ...]

    @property
    def reason(self) -> str:
        """Why, in a sentence or two of the page's language."""
        space = " " if (get_language() or "").startswith("en") else ""
        return space.join(str(reason) for reason in self.reasons)


@dataclass(frozen=True)
class _Entry:
    """One meaning of a name."""

    prefix: str
    code: str
    kind: str
    name: str
    weight: float


@dataclass(frozen=True)
class _Match:
    """A name found in the text, with all its meanings in scope."""

    words: str
    entries: tuple[_Entry, ...]
    near: bool = False
    building: str = ""

    @property
    def of_area(self) -> bool:
        return self.entries[0].kind == "area"


class Gazetteer:
    """Names of areas and places. Immutable once built, so threads may share it."""

    def __init__(self, tree: Tree, places: Iterable[NamedPlace]) -> None:
        self._tree = tree
        self._entries: dict[str, list[_Entry]] = {}
        for area in tree.areas.values():
            self._add_area(area)
        for place in places:
            if (where := tree.find(place.area_code)) is not None and where.active:
                self._add(place.name, where, place.kind, place.name)
                for alias in place.aliases:
                    self._add(alias, where, place.kind, place.name, _ALIAS)
        self._by_first: dict[str, list[str]] = {}
        for name in sorted(self._entries, key=len, reverse=True):
            self._by_first.setdefault(name[0], []).append(name)

    def candidates(self, text: str, within: str = "", limit: int = 10) -> list[PlaceHit]:
        """Areas the text may mean inside the prefix `within`, surest first; empty if no name is known."""
        words = spelling.normalised(text)
        matches = self._matches(words, within)
        matches += self._codes(words, within)
        matches += self._grid_numbers(words, within, matches)
        hits: dict[str, PlaceHit] = {}
        for hit in _weigh(matches, self._tree):
            if hit.area_code.startswith(within) and (
                hit.area_code not in hits or hit.confidence > hits[hit.area_code].confidence
            ):
                hits[hit.area_code] = hit
        ordered = sorted(hits.values(), key=lambda hit: (-hit.confidence, -len(hit.area_code), hit.area_code))
        return ordered[:limit]

    def _add_area(self, area: AreaFacts) -> None:
        dedicated = area.kind == Kind.DEDICATED
        if not area.active or not (
            dedicated or area.level in (Level.DISTRICT, Level.TOWN_UNIT, Level.COMMUNITY)
        ):
            return
        self._add(area.name, area, "unit" if dedicated else "area", area.name)
        for ending, others in spelling.ALSO_CALLED.items():
            if area.name.endswith(ending):
                for other in others:
                    self._add(area.name.removesuffix(ending) + other, area, "area", area.name)
                    if len(other) > len(ending):
                        self._add(area.name + other, area, "area", area.name)

    def _add(self, called: str, area: AreaFacts, kind: str, name: str, weight: float = 1.0) -> None:
        meanings = self._entries.setdefault(spelling.normalised(called), [])
        if all(entry.code != area.code for entry in meanings):
            meanings.append(_Entry(area.prefix, area.code, kind, name, weight))

    def _matches(self, words: str, within: str) -> list[_Match]:
        found: list[_Match] = []
        position = 0
        while position < len(words):
            name = next(
                (
                    name
                    for name in self._by_first.get(words[position], ())
                    if words.startswith(name, position)
                ),
                None,
            )
            if name is None:
                position += 1
                continue
            position += len(name)
            building = spelling.BUILDING.match(words, position)
            if building:
                position = building.end()
            entries = tuple(entry for entry in self._entries[name] if _in_scope(entry.prefix, within))
            if entries:
                unknown = building.group(1) if building and self._lists_buildings(name) else ""
                found.append(_Match(name, entries, spelling.NEAR.match(words, position) is not None, unknown))
        return found

    def _lists_buildings(self, name: str) -> bool:
        # Had this very building been listed, the longer name would have matched.
        return any(
            other.startswith(name) and spelling.BUILDING.fullmatch(other, len(name))
            for other in self._by_first[name[0]]
        )

    def _codes(self, words: str, within: str) -> list[_Match]:
        return [
            _Match(code, (_Entry(area.prefix, area.code, "code", area.name, 1.0),))
            for code in spelling.CODE.findall(words)
            if (area := self._tree.find(code)) is not None and area.active and _in_scope(area.prefix, within)
        ]

    def _grid_numbers(self, words: str, within: str, matches: list[_Match]) -> list[_Match]:
        """ "3号网格" means the third grid of every community the other names may mean."""
        communities = {
            entry.code[:12] for match in matches for entry in match.entries if len(entry.code) >= 12
        }
        if not communities and len(within) >= 12:
            communities = {within[:12]}
        found: list[_Match] = []
        for number in dict.fromkeys(spelling.GRID_NUMBER.findall(words)):
            grids = [self._tree.find(f"{community}{int(number):03d}") for community in sorted(communities)]
            entries = tuple(
                _Entry(grid.prefix, grid.code, "grid_number", grid.name, 1.0)
                for grid in grids
                if grid is not None and grid.active and _in_scope(grid.prefix, within)
            )
            if entries:
                found.append(_Match(number, entries))
        return found


def _weigh(matches: list[_Match], tree: Tree) -> list[PlaceHit]:
    """Of every name keep the meanings most other names agree with; drop an area if one inside it is meant."""
    kept: list[tuple[_Match, _Entry]] = []
    meanings: dict[int, int] = {}
    for match in matches:
        agreeing = {entry.code: _agreement(entry, match, matches) for entry in match.entries}
        best = [entry for entry in match.entries if agreeing[entry.code] == max(agreeing.values())]
        meanings[id(match)] = len(best)
        kept += [(match, entry) for entry in best]
    deepest = [
        (match, entry)
        for match, entry in kept
        if not any(
            other.prefix != entry.prefix and other.prefix.startswith(entry.prefix) for _m, other in kept
        )
    ]
    return [_hit(match, entry, meanings[id(match)], matches, tree) for match, entry in deepest]


def _hit(match: _Match, entry: _Entry, meanings: int, matches: list[_Match], tree: Tree) -> PlaceHit:
    confidence = _CONFIDENCE.get(entry.kind, _CONFIDENCE["unit"]) * entry.weight / meanings
    reasons = [_first_reason(entry, tree)]
    if meanings > 1:
        reasons = [Reason("one_of", (("count", str(meanings)), ("place", entry.name)))]
    fitting = _fitting(entry, match, matches)
    for other in matches:
        if other.words == match.words:
            continue
        fits = other in fitting
        if fits and not other.of_area and not match.of_area and entry.kind != "grid_number":
            confidence = 1 - (1 - confidence) * _SECOND_NAME
        if not fits:
            confidence *= _CONFLICT
        if entry.kind != "grid_number" or not fits:
            reasons.append(Reason("fits" if fits else "conflicts", (("other", other.entries[0].name),)))
    if match.near:
        confidence *= _NEAR
        reasons.append(Reason("near"))
    if match.building:
        confidence *= _UNKNOWN_BUILDING
        reasons.append(Reason("unknown_building", (("number", match.building),)))
    return PlaceHit(entry.code, round(min(confidence, 0.99), 2), entry.name, tuple(reasons))


def _first_reason(entry: _Entry, tree: Tree) -> Reason:
    if entry.kind == "code":
        return Reason("code")
    if entry.kind == "grid_number":
        community = tree.find(entry.code[:12])
        number = str(int(entry.code[12:]))
        return Reason("grid_number", (("area", community.name if community else ""), ("number", number)))
    return Reason("area" if entry.kind == "area" else "place", (("place", entry.name),))


def _agreement(entry: _Entry, match: _Match, matches: list[_Match]) -> tuple[int, int]:
    """How many other names fit this meaning and, next, how many mean something in the same district."""
    district = entry.prefix[:6]
    beside = [
        other
        for other in matches
        if other.words != match.words and any(meaning.prefix[:6] == district for meaning in other.entries)
    ]
    return len(_fitting(entry, match, matches)), len(beside)


def _fitting(entry: _Entry, match: _Match, matches: list[_Match]) -> list[_Match]:
    """The other names that may mean an area above, below or equal to this one."""
    return [
        other
        for other in matches
        if other.words != match.words
        and any(_related(entry.prefix, meaning.prefix) for meaning in other.entries)
    ]


def _related(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _in_scope(prefix: str, within: str) -> bool:
    """Inside the scope, or above it: a town named in the text still speaks for a grid of a narrower scope."""
    return _related(prefix, within)
