"""A little land to test on: one street with two communities, and squares of about 150 m to lay grids on."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from wangge.foundation.journal.actors import Actor
from wangge.territory.actions import add_area
from wangge.territory.grids import add_grid
from wangge.territory.models import Area

AT = datetime(2026, 3, 6, 8, 0, tzinfo=UTC)
DAY = date(2026, 3, 6)
CHEN = Actor(kind="user", id="7", label="chen")
COMMUNITY, NEXT_COMMUNITY = "230717001001", "230717001002"
WEST, SOUTH, STEP = 128.9, 47.72, 0.002

Geometry = dict[str, Any]


def box(west: float, south: float, east: float, north: float) -> Geometry:
    """A rectangle in steps of the land: box(0, 0, 1, 1) is its south-western square."""
    w, s, e, n = WEST + west * STEP, SOUTH + south * STEP, WEST + east * STEP, SOUTH + north * STEP
    return {"type": "Polygon", "coordinates": [[[w, s], [e, s], [e, n], [w, n], [w, s]]]}


def point(x: float, y: float) -> tuple[float, float]:
    return WEST + x * STEP, SOUTH + y * STEP


def lay_out_street() -> None:
    for code, name, name_en in [
        ("230700", "伊春市", "Yichun"),
        ("230717", "伊美区", "Yimei District"),
        ("230717001", "朝阳街道", "Chaoyang Subdistrict"),
        (COMMUNITY, "永红社区", "Yonghong Community"),
        (NEXT_COMMUNITY, "朝阳社区", "Chaoyang Community"),
    ]:
        add_area(code=code, name=name, name_en=name_en, by=CHEN, at=AT)


def lay_out_grid(sequence: int, border: Geometry, community: str = COMMUNITY, **more: Any) -> Area:
    name = f"{sequence:02d}网格"
    values: dict[str, Any] = {"name": name, "name_en": f"Grid {sequence:02d}", "by": CHEN, "at": AT, **more}
    return add_grid(code=f"{community}{sequence:03d}", geometry=border, **values)
