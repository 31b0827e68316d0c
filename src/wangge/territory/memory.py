"""The territory in this process's memory: read from the tables when they changed, shared by all threads.

Every act of this room changes `TerritoryRevision` in its own transaction. Each process looks at that
one row at most every few seconds; the process that made the change looks at once. A snapshot read inside
a transaction that is then rolled back is found out at the next look, because its stamp never comes back.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from functools import cached_property

import shapely
from django.conf import settings
from django.db import connection, transaction

from wangge.territory.codes import Level
from wangge.territory.gazetteer import Gazetteer, NamedPlace
from wangge.territory.geometry import anchor
from wangge.territory.grid_index import GridIndex, GridShape
from wangge.territory.models import Area, GridBorder, PlaceName, TerritoryRevision
from wangge.territory.tree import AreaFacts, Tree

#: Seconds between looks at the revision, unless settings say otherwise.
RECHECK_SECONDS = 3.0


class Snapshot:
    """The territory as it was at one revision. Each part is read when first asked for."""

    def __init__(self, stamp: uuid.UUID | None, generation: int) -> None:
        self.stamp = stamp
        self.generation = generation
        self.fresh_until = 0.0
        self._maps: dict[str, str] = {}

    @cached_property
    def tree(self) -> Tree:
        rows = Area.objects.order_by("code").values_list(
            "code", "prefix", "level", "kind", "name", "name_en", "active"
        )
        return Tree(AreaFacts(*row) for row in rows)

    @cached_property
    def grids(self) -> GridIndex:
        borders = GridBorder.objects.filter(
            area__level=Level.GRID, area__grid__status__in=["active", "retired"]
        )
        rows = borders.values_list(
            "area__code",
            "area__name",
            "area__name_en",
            "area__kind",
            "area__grid__households_count",
            "geometry",
            "valid_from",
            "valid_to",
        )
        return GridIndex(
            [
                GridShape(
                    code,
                    name,
                    name_en,
                    kind,
                    households,
                    shapely.from_geojson(json.dumps(geometry)),
                    since,
                    to,
                )
                for code, name, name_en, kind, households, geometry, since, to in rows
            ]
        )

    @cached_property
    def anchors(self) -> dict[str, tuple[float, float]]:
        """For every grid code a point inside its newest border."""
        return {shape.code: anchor(shape.geometry) for shape in self.grids.shapes}

    @cached_property
    def gazetteer(self) -> Gazetteer:
        rows = PlaceName.objects.filter(active=True).order_by("id")
        return Gazetteer(
            self.tree,
            [
                NamedPlace(name, tuple(aliases), kind, code)
                for name, aliases, kind, code in rows.values_list("name", "aliases", "kind", "area__code")
            ],
        )

    def grid_map(self, prefix: str) -> str:
        """GeoJSON text of the grids in force below a prefix; drawn once per revision."""
        drawn = self._maps.get(prefix)
        if drawn is None:
            drawn = self._draw(prefix)
            if self.tree.find(prefix):  # a made-up prefix takes no room
                self._maps[prefix] = drawn
        return drawn

    def _draw(self, prefix: str) -> str:
        features = [
            {
                "type": "Feature",
                "properties": {
                    "code": shape.code,
                    "name": shape.name,
                    "name_en": shape.name_en,
                    "kind": shape.kind,
                    "community": shape.code[:12],
                    "households": shape.households_count,
                    "anchor": self.anchors[shape.code],
                },
                "geometry": json.loads(shapely.to_geojson(shape.geometry)),
            }
            for shape in self.grids.current()
            if shape.code.startswith(prefix)
        ]
        collection = {"type": "FeatureCollection", "features": features}
        return json.dumps(collection, ensure_ascii=False, separators=(",", ":"))


_lock = threading.Lock()
_held: Snapshot | None = None
_generation = 0


def snapshot() -> Snapshot:
    """The territory as far as this process knows it, a few seconds old at most."""
    global _held
    held = _held
    if held is not None and held.generation == _generation and time.monotonic() < held.fresh_until:
        return held
    with _lock:
        generation = _generation
        stamp = TerritoryRevision.objects.values_list("stamp", flat=True).first()
        if _held is None or _held.stamp != stamp:
            _held = Snapshot(stamp, generation)
        _held.generation = generation
        _held.fresh_until = time.monotonic() + getattr(settings, "TERRITORY_RECHECK_SECONDS", RECHECK_SECONDS)
        return _held


def warm() -> None:
    """Read everything now, so that the first request does not pay for it."""
    held = snapshot()
    _ = (held.tree, held.grids, held.anchors, held.gazetteer)


def forget() -> None:
    """Look at the revision again at the next question."""
    global _generation
    _generation += 1


def territory_changed() -> None:
    """Called by every act inside its transaction: other processes see it within seconds, this one at once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO territory_territoryrevision AS held (id, number, stamp) VALUES (1, 1, %s)"
            " ON CONFLICT (id) DO UPDATE SET number = held.number + 1, stamp = EXCLUDED.stamp",
            [uuid.uuid4()],
        )
    forget()
    transaction.on_commit(forget)
