"""Which grid holds a point: a search tree of borders in memory. Pure; `memory.py` keeps it fresh."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import shapely
from django.utils.translation import get_language
from shapely.geometry.base import BaseGeometry

from wangge.territory.geometry import metres_per_degree

#: A phone out of doors knows its place to some 15 m: nearer to a border the neighbour is possible.
NEAR_BORDER_M = 15.0


@dataclass(frozen=True)
class GridShape:
    """One version of one grid's border."""

    code: str
    name: str
    name_en: str
    kind: str
    households_count: int
    geometry: BaseGeometry
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True)
class GridHit:
    """The grid at a point. `confidence` is 1 inside and falls to 0.5 on the border itself."""

    grid_code: str
    name: str
    name_en: str
    kind: str
    confidence: float

    @property
    def community_code(self) -> str:
        return self.grid_code[:12]

    @property
    def label(self) -> str:
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name


class GridIndex:
    """Borders of grids, of all their versions. Immutable once built, so threads may share it.

    Inside, borders are stretched to metres of the middle latitude, the same for all, so that neighbours
    still share their corners exactly and one point serves both to search and to measure.
    """

    def __init__(self, shapes: Sequence[GridShape]) -> None:
        self.shapes = tuple(sorted(shapes, key=lambda shape: (shape.code, shape.valid_from)))
        latitudes = [shape.geometry.bounds[1] for shape in self.shapes]
        self._scale = metres_per_degree(sum(latitudes) / len(latitudes) if latitudes else 0.0)
        self._grids = [
            shapely.transform(shape.geometry, lambda points: points * self._scale) for shape in self.shapes
        ]
        self._borders = [grid.boundary for grid in self._grids]
        self._sure: list[GridHit] = [_hit(shape, 1.0) for shape in self.shapes]
        shapely.prepare(self._grids)
        self._tree = shapely.STRtree(self._grids)

    def at(self, lon: float, lat: float, on: date | None = None) -> GridHit | None:
        """The grid in force on a day at this point; without a day, by the newest borders.

        On a shared border the lower code answers, with little confidence.
        """
        if not (math.isfinite(lon) and math.isfinite(lat)):
            return None
        point = shapely.Point(lon * self._scale[0], lat * self._scale[1])
        # The tree proposes by bounding box, in any order; shapes are in order of code.
        for index in sorted(int(found) for found in self._tree.query(point)):
            if in_force(self.shapes[index], on) and self._grids[index].intersects(point):
                metres = self._borders[index].distance(point)
                if metres >= NEAR_BORDER_M:
                    return self._sure[index]
                return _hit(self.shapes[index], round(0.5 + 0.5 * metres / NEAR_BORDER_M, 2))
        return None

    def current(self) -> list[GridShape]:
        return [shape for shape in self.shapes if in_force(shape, None)]


def _hit(shape: GridShape, confidence: float) -> GridHit:
    return GridHit(shape.code, shape.name, shape.name_en, shape.kind, confidence)


def in_force(shape: GridShape, on: date | None) -> bool:
    if on is None:
        return shape.valid_to is None
    return shape.valid_from <= on and (shape.valid_to is None or on < shape.valid_to)
