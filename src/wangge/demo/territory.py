"""The demo's territory: real areas down to the committees, synthetic grids and place names below.

`demo_territory()` is pure and always the same; `seed_territory` writes what of it is missing.
"""

from __future__ import annotations

import csv
import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from wangge.demo.geography import DemoCommunity, DemoGrid, draw_communities
from wangge.demo.place_names import DemoPlace, english_name, grid_names, name_places, short_name
from wangge.foundation.journal.actors import Actor
from wangge.foundation.journal.bulk import PastAct, write_chains
from wangge.territory.actions import area_facts, subject_of
from wangge.territory.codes import Kind, Level, parse_code
from wangge.territory.geometry import area_m2
from wangge.territory.grids import border_facts, new_border
from wangge.territory.memory import territory_changed
from wangge.territory.models import Area, GridBorder, GridDetail, PlaceName

DATA = Path(__file__).parent / "data" / "territory"
#: The day of the published codes, and the day from which the invented grids are in force.
CODES_SINCE = date(2023, 6, 30)
GRIDS_SINCE = date(2025, 1, 1)


@dataclass(frozen=True)
class DemoArea:
    """One row of the tree. `grid` is there for grids and micro grids, which alone are invented."""

    code: str
    kind: Kind
    name: str
    name_en: str
    grid: DemoGrid | None = None
    supervision_phone: str = ""

    @property
    def level(self) -> Level:
        return parse_code(self.code).level


@dataclass(frozen=True)
class DemoTerritory:
    areas: tuple[DemoArea, ...]
    communities: tuple[DemoCommunity, ...]
    places: tuple[DemoPlace, ...]


@dataclass(frozen=True)
class SeededTerritory:
    """How many rows one run of `seed_territory` wrote; all 0 when everything was there."""

    areas: int
    places: int


@functools.cache
def demo_territory() -> DemoTerritory:
    """The whole territory of the demo as values: about 640 areas and 600 place names."""
    layout, names = read_toml("layout.toml"), read_toml("names.toml")
    published = {**_csv("districts.csv"), **_csv("towns.csv"), **_csv("committees.csv")}
    registered = {code: short_name(name, names) for code, name in published.items()}
    communities = draw_communities(layout)
    areas = [
        DemoArea(code, parse_code(code).kind, name, english_name(name, names))
        for code, name in registered.items()
    ]
    for rank, community in enumerate(communities):
        called = grid_names(community, registered[community.code], rank, names)
        phone = names["grids"]["supervision_phone"].format(number=rank + 1)
        areas += [DemoArea(grid.code, grid.kind, *called[grid.code], grid, phone) for grid in community.grids]
    towns = [list(settlement["committees"]) for one in layout["district"] for settlement in one["settlement"]]
    places = name_places(communities, registered, towns, layout["seed"], names)
    return DemoTerritory(tuple(sorted(areas, key=lambda area: area.code)), tuple(communities), tuple(places))


@transaction.atomic
def seed_territory(at: datetime) -> SeededTerritory:
    """Write the areas that are missing, with borders, place names and their lines in the journal."""
    demo, by = demo_territory(), Actor.system("demo")
    there = set(Area.objects.values_list("code", flat=True))
    missing = [area for area in demo.areas if area.code not in there]
    if not missing:
        return SeededTerritory(0, 0)
    rows = {row.code: row for row in Area.objects.bulk_create([_area_row(area) for area in missing])}
    facts: dict[str, list[tuple[str, dict[str, Any]]]] = {
        code: [("grid.added" if row.level == Level.GRID else "area.added", area_facts(row))]
        for code, row in rows.items()
    }
    grids = {area.code: area for area in missing if area.grid is not None}
    borders = GridBorder.objects.bulk_create(
        new_border(code, 1, area.grid.shape, GRIDS_SINCE) for code, area in grids.items() if area.grid
    )
    for border in borders:
        facts[border.area_id][0][1].update(border_facts(border))
    for detail in GridDetail.objects.bulk_create(
        _detail_row(area, area.grid) for area in grids.values() if area.grid and area.level == Level.GRID
    ):
        facts[detail.area_id][0][1]["households"] = detail.households_count
    places = PlaceName.objects.bulk_create(
        _place_row(place) for place in demo.places if place.area_code in rows
    )
    for place in places:
        facts[place.area_id].append(("place.added", {"place": place.pk, "kind": str(place.kind)}))
    write_chains(
        (subject_of(code), [PastAct(act, by, at, told) for act, told in acts]) for code, acts in facts.items()
    )
    territory_changed()
    return SeededTerritory(areas=len(rows), places=len(places))


def _area_row(area: DemoArea) -> Area:
    parsed = parse_code(area.code)
    return Area(
        code=area.code,
        prefix=parsed.prefix,
        level=parsed.level,
        kind=area.kind,
        name=area.name,
        name_en=area.name_en,
        parent_id=None if parsed.level == Level.CITY else parsed.parent,
        valid_from=GRIDS_SINCE if area.grid else CODES_SINCE,
        is_demo=area.grid is not None,
    )


def _detail_row(area: DemoArea, grid: DemoGrid) -> GridDetail:
    return GridDetail(
        area_id=area.code,
        households_count=grid.households_count,
        area_m2=round(area_m2(grid.shape)),
        supervision_phone=area.supervision_phone,
    )


def _place_row(place: DemoPlace) -> PlaceName:
    return PlaceName(
        name=place.name,
        aliases=list(place.aliases),
        kind=place.kind,
        area_id=place.area_code,
        lon=place.lon,
        lat=place.lat,
        is_demo=True,
    )


def read_toml(name: str) -> Mapping[str, Any]:
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


def _csv(name: str) -> dict[str, str]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}
