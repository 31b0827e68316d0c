"""How fast a point finds its grid, one question at a time, on the demo's three districts.

    .venv/bin/python bench/grid_at.py

Prints one JSON line: the demo's grids, then twenty times as many, as a large city has. `linear` is the
baseline: the same prepared polygons tried one after another, each behind its bounding box. Both answer the
same points, and must answer alike.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import replace

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wangge.config.offline_settings")

import django

django.setup()

import shapely  # noqa: E402
from shapely.affinity import translate  # noqa: E402

from wangge.demo.territory import GRIDS_SINCE, demo_territory  # noqa: E402
from wangge.territory.codes import Level  # noqa: E402
from wangge.territory.grid_index import GridIndex, GridShape  # noqa: E402

POINTS = 20_000
LINEAR_POINTS = 2_000
SEED = 11

Answer = Callable[[float, float], str | None]


def main() -> None:
    shapes = _demo_shapes()
    print(json.dumps({"bench": "grid_at", **_measured(shapes), "city": _measured(_copies(shapes, 20))}))


def _measured(shapes: list[GridShape]) -> dict[str, float]:
    started = time.perf_counter()
    index = GridIndex(shapes)
    build_ms = (time.perf_counter() - started) * 1000
    points = _points(shapes)

    def by_index(lon: float, lat: float) -> str | None:
        hit = index.at(lon, lat)
        return hit.grid_code if hit else None

    linear = _linear(shapes)
    disagreeing = sum(by_index(*point) != linear(*point) for point in points[:LINEAR_POINTS])
    indexed, baseline = _times(by_index, points), _times(linear, points[:LINEAR_POINTS])
    return {
        "grids": len(shapes),
        "build_ms": round(build_ms, 1),
        "per_second": round(len(indexed) / sum(indexed)),
        "p50_us": round(statistics.median(indexed) * 1e6, 1),
        "p99_us": round(statistics.quantiles(indexed, n=100)[98] * 1e6, 1),
        "linear_per_second": round(len(baseline) / sum(baseline)),
        "linear_p50_us": round(statistics.median(baseline) * 1e6, 1),
        "times_faster": round(statistics.median(baseline) / statistics.median(indexed), 1),
        "disagreeing": disagreeing,
    }


def _demo_shapes() -> list[GridShape]:
    return [
        GridShape(one.code, one.name, one.name_en, one.kind, 0, one.grid.shape, GRIDS_SINCE, None)
        for one in demo_territory().areas
        if one.grid is not None and one.level == Level.GRID
    ]


def _copies(shapes: list[GridShape], times: int) -> list[GridShape]:
    """The same land again and again, each copy half a degree further east, under codes of its own."""
    return [
        replace(
            shape,
            code=f"{number:02d}{shape.code[2:]}",
            geometry=translate(shape.geometry, xoff=number / 2),
        )
        for number in range(times)
        for shape in shapes
    ]


def _points(shapes: list[GridShape]) -> list[tuple[float, float]]:
    """Nine in ten inside some grid's box, one in ten anywhere around."""
    chance = random.Random(SEED)
    everywhere = shapely.total_bounds([shape.geometry for shape in shapes])
    found = []
    for number in range(POINTS):
        box = everywhere if number % 10 == 0 else shapes[int(chance.random() * len(shapes))].geometry.bounds
        found.append((chance.uniform(box[0], box[2]), chance.uniform(box[1], box[3])))
    return found


def _linear(shapes: list[GridShape]) -> Answer:
    rows = [
        (shape.code, shape.geometry, *shape.geometry.bounds) for shape in sorted(shapes, key=lambda s: s.code)
    ]

    def ask(lon: float, lat: float) -> str | None:
        for code, geometry, west, south, east, north in rows:
            if west <= lon <= east and south <= lat <= north and shapely.intersects_xy(geometry, lon, lat):
                return code
        return None

    return ask


def _times(ask: Answer, points: list[tuple[float, float]]) -> list[float]:
    for point in points[:500]:  # warm up
        ask(*point)
    taken = []
    for lon, lat in points:
        started = time.perf_counter()
        ask(lon, lat)
        taken.append(time.perf_counter() - started)
    return taken


if __name__ == "__main__":
    main()
