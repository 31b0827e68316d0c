"""Names for the demo's land: areas in two languages, and the places people speak of. Pure and repeatable."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pypinyin import lazy_pinyin

from wangge.demo.geography import DemoCommunity, DemoGrid
from wangge.territory.codes import Kind, parse_code
from wangge.territory.geometry import anchor
from wangge.territory.models import PlaceKind

Names = Mapping[str, Any]


@dataclass(frozen=True)
class DemoPlace:
    name: str
    kind: PlaceKind
    area_code: str
    aliases: tuple[str, ...] = ()
    lon: float | None = None
    lat: float | None = None


# --- areas ----------------------------------------------------------------------------------------


def short_name(published: str, names: Names) -> str:
    """A committee's name without the ending for the committee: 锦山村村民委员会 -> 锦山村."""
    for ending in names["areas"]["committee_endings"]:
        if published.endswith(ending):
            short = published.removesuffix(ending)
            # 青松村委会 is the committee of 青松村, 东升村村委会 that of 东升村.
            return (
                short
                if any(short.endswith(word) for word in names["areas"]["english"])
                else short + ending[0]
            )
    return published


def base_name(name: str, names: Names) -> str:
    """朝阳街道 -> 朝阳."""
    for ending in sorted(names["areas"]["english"], key=len, reverse=True):
        if name.endswith(ending) and len(name) > len(ending) + 1:
            return name.removesuffix(ending)
    return name


def english_name(name: str, names: Names) -> str:
    """朝阳街道 -> Chaoyang Subdistrict: pinyin, then what it is."""
    base = base_name(name, names)
    word = names["areas"]["english"].get(name.removeprefix(base), "")
    return f"{_pinyin(base, names)} {word}".strip()


def _pinyin(text: str, names: Names) -> str:
    if text in names["areas"]["readings"]:
        return str(names["areas"]["readings"][text])
    syllables = lazy_pinyin(text)
    # The apostrophe parts syllables where a reader would join them: Bao'an.
    parted = [
        ("'" if index and syllable[0] in "aoe" else "") + syllable for index, syllable in enumerate(syllables)
    ]
    return "".join(parted).capitalize()


def grid_names(
    community: DemoCommunity, community_name: str, rank: int, names: Names
) -> dict[str, tuple[str, str]]:
    """Chinese and English name of every grid of a community, by code. `rank` varies what its sites are."""
    base = base_name(community_name, names)
    found: dict[str, tuple[str, str]] = {}
    for grid in community.grids:
        number = parse_code(grid.code).sequence
        if grid.kind == Kind.DEDICATED:
            site = _site(community, grid, rank, names)
            english = f"{_pinyin(base, names)} {site['english']}"
            found[grid.code] = (
                names["grids"]["dedicated"].format(site=base + site["ending"]),
                names["grids"]["dedicated_en"].format(site=english),
            )
        else:
            key = "micro" if grid.kind == Kind.MICRO else "basic"
            found[grid.code] = (
                names["grids"][key].format(number=number),
                names["grids"][f"{key}_en"].format(number=number),
            )
    return found


def _site(community: DemoCommunity, grid: DemoGrid, rank: int, names: Names) -> Mapping[str, str]:
    sites: Sequence[Mapping[str, str]] = names["sites"]
    many = sum(one.kind == Kind.DEDICATED for one in community.grids) > 2
    first = 0 if many else rank * 2
    return sites[(first + parse_code(grid.code).sequence - 801) % len(sites)]


# --- places ---------------------------------------------------------------------------------------


def name_places(
    communities: Sequence[DemoCommunity],
    community_names: Mapping[str, str],
    towns: Sequence[Sequence[str]],
    seed: int,
    names: Names,
) -> list[DemoPlace]:
    """The gazetteer: sites, estates, lanes and spots by grid, streets by community.

    `towns` lists the communities that grow together. Within a district a name is given to one place only.
    """
    by_code = {community.code: community for community in communities}
    places: list[DemoPlace] = []
    for district in sorted({community.code[:6] for community in communities}):
        chance = random.Random(f"{seed}/names/{district}")  # noqa: S311
        taken: set[str] = set()
        of_district = [community for community in communities if community.code.startswith(district)]
        for rank, community in enumerate(of_district):
            base = base_name(community_names[community.code], names)
            places += _sites(community, base, rank, names)
            places += _estates(chance, community, taken, names)
            places += _lanes(chance, community, taken, names)
            places += _spots(community, base, rank, names)
        for town in towns:
            if town[0].startswith(district) and len(town) > 1:
                places += _streets(chance, [by_code[code] for code in town], taken, names)
    return places


def _sites(community: DemoCommunity, base: str, rank: int, names: Names) -> list[DemoPlace]:
    found = []
    for grid in community.grids:
        if grid.kind == Kind.DEDICATED:
            site = _site(community, grid, rank, names)
            aliases = (base + site["alias"],) if "alias" in site else ()
            kind = PlaceKind(site["kind"])
            found.append(DemoPlace(base + site["ending"], kind, grid.code, aliases, *anchor(grid.shape)))
    return found


def _estates(
    chance: random.Random, community: DemoCommunity, taken: set[str], names: Names
) -> list[DemoPlace]:
    basic = [grid for grid in community.grids if grid.kind == Kind.BASIC]
    found: list[DemoPlace] = []
    if community.code in names["large_estates"]["communities"]:
        pair = next(
            [one, other]
            for one, other in itertools.pairwise(basic)
            if one.shape.intersection(other.shape).length > 0
        )
        found += _large_estate(chance, pair, taken, names)
        basic = [grid for grid in basic if grid not in pair]
    for grid in basic:
        if chance.random() * 100 < names["estates"]["share"]:
            name, aliases = _estate_name(chance, taken, names)
            found.append(DemoPlace(name, PlaceKind.ESTATE, grid.code, aliases, *grid.spot))
    return found


def _large_estate(
    chance: random.Random, pair: Sequence[DemoGrid], taken: set[str], names: Names
) -> list[DemoPlace]:
    name, aliases = _estate_name(chance, taken, names)
    found = [DemoPlace(name, PlaceKind.ESTATE, grid.code, aliases, *grid.spot) for grid in pair]
    buildings, word = names["large_estates"]["buildings"], names["large_estates"]["building"]
    for number in range(1, buildings + 1):
        grid = pair[0] if number <= buildings // 2 else pair[1]
        also = tuple(f"{alias}{number}{word}" for alias in aliases)
        found.append(DemoPlace(f"{name}{number}{word}", PlaceKind.BUILDING, grid.code, also))
    return found


def _estate_name(chance: random.Random, taken: set[str], names: Names) -> tuple[str, tuple[str, ...]]:
    words, endings, short = (names["estates"][key] for key in ("words", "endings", "alias_ending"))
    while True:
        word = _one_of(chance, words)
        name = word + _one_of(chance, endings)
        if name not in taken:
            break
    alias = word + short
    aliases = (alias,) if alias not in taken and alias != name else ()
    taken.update((name, *aliases))
    return name, aliases


def _lanes(chance: random.Random, community: DemoCommunity, taken: set[str], names: Names) -> list[DemoPlace]:
    found = []
    for grid in community.grids:
        name = _one_of(chance, names["lanes"]["words"]) + names["lanes"]["ending"]
        if grid.kind == Kind.BASIC and chance.random() * 100 < names["lanes"]["share"] and name not in taken:
            taken.add(name)
            found.append(DemoPlace(name, PlaceKind.ROAD, grid.code))
    return found


def _spots(community: DemoCommunity, base: str, rank: int, names: Names) -> list[DemoPlace]:
    if sum(grid.kind == Kind.DEDICATED for grid in community.grids) > 1:
        return []
    spot = names["spots"][rank % len(names["spots"])]
    grid = community.grids[0]
    return [DemoPlace(base + spot["ending"], PlaceKind(spot["kind"]), grid.code, (), *grid.spot)]


def _streets(
    chance: random.Random, town: Sequence[DemoCommunity], taken: set[str], names: Names
) -> list[DemoPlace]:
    """A street runs from one community into the next and has a row for each: its grids lie on both sides."""
    roads = names["roads"]
    free = [word for word in roads["words"] if not any(word + ending in taken for ending in roads["endings"])]
    found: list[DemoPlace] = []
    for number, start in enumerate(town):
        if number >= len(free):
            break
        name = free[number] + roads["endings"][number % len(roads["endings"])]
        taken.add(name)
        along = [start]
        while len(along) < roads["committees_a_road"]:
            on = [one for one in town if one not in along and one.outline.touches(along[-1].outline)]
            if not on:
                break
            along.append(on[int(chance.random() * len(on))])
        found += [DemoPlace(name, PlaceKind.ROAD, community.code) for community in along]
    return found


def _one_of(chance: random.Random, words: Sequence[str]) -> str:
    return words[int(chance.random() * len(words))]
