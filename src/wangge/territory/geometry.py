"""Borders as geometry: read, check, measure and put in order. Pure; coordinates are CGCS2000 lon/lat.

Shapely works in the plane. Over the few kilometres of a community a degree of longitude and one of
latitude are each of constant length to about 1 part in 10,000, which is what lengths and areas here are
good for.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from wangge.foundation.refusals import Refusal

#: Semi-major axis (m) and flattening of the CGCS2000 ellipsoid.
_A = 6_378_137.0
_F = 1 / 298.257222101
#: Decimals kept of a coordinate: about 0.1 m.
PRECISION = 6


class UnableToReadBorder(Refusal):
    """The geometry is no border: not GeoJSON, not an area, not on earth, or it crosses itself."""


def read_border(geometry: Mapping[str, Any]) -> BaseGeometry:
    """A GeoJSON Polygon or MultiPolygon as a shape, coordinates rounded to about 0.1 m."""
    if geometry.get("type") not in ("Polygon", "MultiPolygon"):
        raise UnableToReadBorder(
            "not_an_area", _("A border is a GeoJSON Polygon or MultiPolygon."), field="geometry"
        )
    try:
        shape = shapely.from_geojson(json.dumps(geometry))
    except (shapely.GEOSException, TypeError, ValueError):
        raise UnableToReadBorder(
            "not_geojson", _("The border is not valid GeoJSON."), field="geometry"
        ) from None
    if shape.is_empty:
        raise UnableToReadBorder("empty", _("The border encloses nothing."), field="geometry")
    west, south, east, north = shape.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise UnableToReadBorder(
            "not_on_earth",
            _("Coordinates are longitude, then latitude, in decimal degrees of CGCS2000."),
            field="geometry",
        )
    shape = shapely.transform(shapely.force_2d(shape), lambda points: points.round(PRECISION))
    if not shape.is_valid:
        raise UnableToReadBorder(
            "crosses_itself",
            _("The border crosses itself: %(why)s.") % {"why": shapely.is_valid_reason(shape)},
            field="geometry",
        )
    return shape


def as_geojson(shape: BaseGeometry) -> dict[str, Any]:
    """The shape as a GeoJSON object with rounded coordinates."""
    rounded = shapely.transform(shape, lambda points: points.round(PRECISION))
    geometry: dict[str, Any] = json.loads(shapely.to_geojson(rounded))
    return geometry


def metres_per_degree(latitude: float) -> tuple[float, float]:
    """Length of one degree of longitude and of latitude there, on the CGCS2000 ellipsoid."""
    e2 = _F * (2 - _F)
    phi = math.radians(latitude)
    w = math.sqrt(1 - e2 * math.sin(phi) ** 2)
    prime_vertical, meridian = _A / w, _A * (1 - e2) / w**3
    return math.radians(prime_vertical * math.cos(phi)), math.radians(meridian)


def area_m2(shape: BaseGeometry) -> float:
    if shape.is_empty:
        return 0.0
    _west, south, _east, north = shape.bounds
    lon_m, lat_m = metres_per_degree((south + north) / 2)
    return float(shape.area * lon_m * lat_m)


def anchor(shape: BaseGeometry) -> tuple[float, float]:
    """Where a map puts the name: the centroid, or a point inside if that falls outside or in a hole."""
    point = shape.centroid
    if not shape.contains(point):
        point = shape.representative_point()
    return round(point.x, PRECISION), round(point.y, PRECISION)


def reading_order(points: Sequence[tuple[float, float]], *, row_m: float) -> list[int]:
    """Indexes of lon/lat points in the order grids are numbered: rows from north to south, each west to east.

    Points at most about `row_m` metres apart from north to south stand in one row. DB11 numbers unit
    grids from west to east, then from north to south.
    """
    if not points:
        return []
    north = max(latitude for _longitude, latitude in points)
    _lon_m, lat_m = metres_per_degree(north)

    def place(index: int) -> tuple[int, float, float]:
        longitude, latitude = points[index]
        return int((north - latitude) * lat_m / row_m), longitude, -latitude

    return sorted(range(len(points)), key=place)
