"""Which grid holds a point: a search tree of borders in memory. Pure; `memory.py` keeps it fresh."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
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
    """Borders of grids, of all their versions. Immutable once built, so threads may share it."""

    def __init__(self, shapes: Sequence[GridShape]) -> None:
        self.shapes = tuple(sorted(shapes, key=lambda shape: (shape.code, shape.valid_from)))
        self._geometries = np.array([shape.geometry for shape in self.shapes], dtype=object)
        shapely.prepare(self._geometries)
        self._tree = shapely.STRtree(self._geometries)
        self._scales = [metres_per_degree(shape.geometry.centroid.y) for shape in self.shapes]
        self._borders_m = [
            shapely.transform(shape.geometry.boundary, lambda points, scale=scale: points * scale)
            for shape, scale in zip(self.shapes, self._scales, strict=True)
        ]

    def at(self, lon: float, lat: float, on: date | None = None) -> GridHit | None:
        """The grid in force on a day at this point; without a day, by the newest borders.

        On a shared border the lower code answers, with little confidence.
        """
        if not (math.isfinite(lon) and math.isfinite(lat)):
            return None
        # The tree proposes by bounding box; prepared polygons then decide without building a geometry.
        near = self._tree.query(shapely.points(lon, lat))
        for index in sorted(near[shapely.intersects_xy(self._geometries[near], lon, lat)].tolist()):
            shape = self.shapes[index]
            if in_force(shape, on):
                return GridHit(
                    shape.code, shape.name, shape.name_en, shape.kind, self._confidence(index, lon, lat)
                )
        return None

    def current(self) -> list[GridShape]:
        return [shape for shape in self.shapes if shape.valid_to is None]

    def _confidence(self, index: int, lon: float, lat: float) -> float:
        lon_m, lat_m = self._scales[index]
        metres = shapely.distance(self._borders_m[index], shapely.points(lon * lon_m, lat * lat_m))
        return round(min(1.0, 0.5 + 0.5 * float(metres) / NEAR_BORDER_M), 2)


def in_force(shape: GridShape, on: date | None) -> bool:
    if on is None:
        return shape.valid_to is None
    return shape.valid_from <= on and (shape.valid_to is None or on < shape.valid_to)
