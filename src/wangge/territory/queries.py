"""Reads: areas by code, paths to show, the grid at a point, and what a description of a place may mean."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from wangge.foundation.refusals import Refusal
from wangge.territory.codes import Level, parse_code
from wangge.territory.gazetteer import PlaceHit
from wangge.territory.grid_index import GridHit
from wangge.territory.memory import snapshot
from wangge.territory.models import Area
from wangge.territory.tree import AreaFacts


class UnableToFindArea(Refusal):
    """No area is registered under the code. The message names the highest level that is unknown."""


# --- rows -----------------------------------------------------------------------------------------


def area(code: str) -> Area:
    """The registered area with this code, or with this prefix in the case of a city ("2307").

    Raises UnableToReadCode for what is no code, UnableToFindArea for a code nobody was given.
    """
    text = f"{code}00" if len(code) == 4 else code
    parsed = parse_code(text)
    chain = [*parsed.ancestors, parsed.code]
    found = {one.code: one for one in Area.objects.filter(code__in=chain)}
    if parsed.code in found:
        return found[parsed.code]
    # The city and the province need not be registered in a deployment for one district.
    missing = next(
        (one for one in chain if one not in found and parse_code(one).level not in _ABOVE), parsed.code
    )
    raise UnableToFindArea(
        "unknown_area",
        _("%(code)s is not registered: there is no %(level)s %(missing)s.")
        % {"code": parsed.code, "level": parse_code(missing).level.label, "missing": missing},
        field="code",
    )


_ABOVE = (Level.PROVINCE, Level.CITY)


def children(code: str) -> QuerySet[Area]:
    """The areas one level below that are in use."""
    return Area.objects.filter(parent__code=area(code).code, active=True).order_by("code")


def ancestors(code: str) -> list[Area]:
    """Registered areas above, from the top down."""
    return list(Area.objects.filter(code__in=parse_code(code).ancestors).order_by("code"))


def areas_within(prefix: str, level: Level | None = None) -> QuerySet[Area]:
    """Areas in use at and below a prefix, in order of code."""
    found = Area.objects.filter(within(prefix), active=True).order_by("code")
    return found.filter(level=level) if level else found


def prefix_range(prefix: str) -> tuple[str, str]:
    """Codes c that start with `prefix` are exactly those with low <= c < high, in collation C."""
    if not prefix.isdecimal():
        raise ValueError(f"{prefix!r} is no prefix of a code")
    return prefix, prefix[:-1] + chr(ord(prefix[-1]) + 1)


def within(prefix: str, field: str = "code") -> Q:
    """The condition that a column of codes lies below a prefix, as a range that a btree index answers.

    The column must have collation C, as all code columns have. The empty prefix is everywhere.
    """
    if not prefix:
        return Q()
    low, high = prefix_range(prefix)
    return Q(**{f"{field}__gte": low, f"{field}__lt": high})


# --- from memory, without a query -----------------------------------------------------------------


def facts_within(prefix: str) -> list[AreaFacts]:
    """What `areas_within` finds, as values from memory: for lists of names."""
    return snapshot().tree.within(prefix)


def label(code: str) -> str:
    """The area's name in the page's language, or the code itself if nobody knows it."""
    found = snapshot().tree.find(code)
    return found.label if found else code


def path_label(code: str) -> str:
    """ "District / town unit / community / grid" in the page's language; the code itself if unknown."""
    return " / ".join(area.label for area in snapshot().tree.path(code)) or code


def grid_at(lon: float, lat: float, on: date | None = None) -> GridHit | None:
    """The grid that holds a point of CGCS2000, in force on a day, or by the newest borders."""
    return snapshot().grids.at(lon, lat, on)


def grid_anchor(code: str) -> tuple[float, float] | None:
    """Where a map marks a grid: lon, lat of a point inside it."""
    return snapshot().anchors.get(code[:15])


def public_point(lon: float, lat: float, on: date | None = None) -> tuple[float, float]:
    """The point a public map may show: the grid's anchor, or outside all grids the place to about 100 m."""
    hit = grid_at(lon, lat, on)
    return snapshot().anchors[hit.grid_code] if hit else (round(lon, 3), round(lat, 3))


def place_candidates(text: str, within: str = "", limit: int = 10) -> list[PlaceHit]:
    """Areas a description may mean, surest first, each with its confidence and reason; often none."""
    return snapshot().gazetteer.candidates(text, within, limit)


def grids_geojson(prefix: str) -> str:
    """A GeoJSON FeatureCollection, as text, of the grids in use below a prefix; kept until borders change."""
    return snapshot().grid_map(prefix)


def territory_stamp() -> str:
    """Changes whenever the territory does: an ETag for maps."""
    return str(snapshot().stamp or "")
