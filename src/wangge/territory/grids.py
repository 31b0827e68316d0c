"""Writes about grids: added, their borders shifted, retired.

Grids must not overlap, and a shifted border must leave no land without a grid.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import shapely
from django.db import connection, transaction
from django.db.models import Max, Q
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from shapely.geometry.base import BaseGeometry

from wangge.foundation.journal.actions import Entry, append, append_many
from wangge.foundation.journal.actors import Actor
from wangge.foundation.refusals import Refusal
from wangge.territory import geometry as geo
from wangge.territory.actions import area_facts, new_area, subject_of
from wangge.territory.codes import Kind, Level, parse_code
from wangge.territory.memory import territory_changed
from wangge.territory.models import Area, GridBorder, GridDetail, GridStatus, GridSuccession
from wangge.territory.queries import area as registered

#: Two drawings of one line may differ by this much along it without being an overlap or a gap.
_SLIVER_M = 0.3


class UnableToAddGrid(Refusal):
    """The grid cannot be added: code, kind, predecessors or border do not fit what is there."""


class UnableToShiftBorder(Refusal):
    """The new borders overlap, leave land without a grid, or come on the day of the last change."""


class UnableToRetireGrid(Refusal):
    """The grid is no grid in use, or would end before it began."""


@transaction.atomic
def add_grid(
    *,
    code: str,
    name: str,
    geometry: Mapping[str, Any],
    by: Actor,
    at: datetime,
    name_en: str = "",
    kind: Kind | None = None,
    households_count: int = 0,
    supervision_phone: str = "",
    predecessors: Sequence[str] = (),
    cut_from: Sequence[str] = (),
    valid_from: date | None = None,
    external_codes: Sequence[Mapping[str, str]] = (),
    is_demo: bool = False,
) -> Area:
    """Register a grid with the first version of its border, in force from `valid_from`.

    `kind` defaults to what the code says. After a merge or split, first retire the old grids, then add
    the new ones and name the old as `predecessors`. A dedicated grid is cut out of others: those named
    in `cut_from` give up its land and keep their codes, with a new version of their border.
    """
    parsed, day = parse_code(code), valid_from or localdate(at)
    if parsed.level != Level.GRID:
        raise UnableToAddGrid("not_a_grid", _("A grid has a code of 15 digits."), field="code")
    chosen = kind or parsed.kind
    if chosen not in parsed.possible_kinds:
        raise UnableToAddGrid(
            "kind_does_not_fit",
            _("Sequence %(sequence)s is for another kind: 001–799 basic or rural, 801–999 dedicated.")
            % {"sequence": f"{parsed.sequence:03d}"},
            field="kind",
        )
    shape = geo.read_border(geometry)
    _one_at_a_time()
    added = new_area(parsed.code, name, name_en, chosen, day, is_demo, list(external_codes))
    last = _last_borders(cut_from, day)
    given_up = {
        one: geo.read_border(geo.as_geojson(geo.read_border(border.geometry).difference(shape)))
        for one, border in last.items()
    }
    overlapping = _overlapping({parsed.code: shape, **given_up}, day)
    if overlapping:
        raise UnableToAddGrid("border_overlaps", _overlap_sentence(*overlapping), field="geometry")
    old = _checked_predecessors(parsed.code, predecessors, day)
    GridDetail.objects.create(
        area=added,
        households_count=households_count,
        area_m2=round(geo.area_m2(shape)),
        supervision_phone=supervision_phone,
    )
    border = new_border(added.code, 1, shape, day)
    border.save(force_insert=True)
    GridSuccession.objects.bulk_create(
        GridSuccession(predecessor=one, successor=added, effective_date=day) for one in old
    )
    facts = {**area_facts(added), **border_facts(border), "households": households_count}
    if old:
        facts["predecessors"] = [one.code for one in old]
    lines = [Entry("grid.added", subject_of(added.code), facts, new=True)]
    append_many([*lines, *_shifted(_draw(given_up, last, day))], by=by, at=at)
    territory_changed()
    return added


def shift_border(
    *, code: str, geometry: Mapping[str, Any], by: Actor, at: datetime, effective_date: date | None = None
) -> GridBorder:
    """A new version of one grid's border; the code stays. See `shift_borders` for two neighbours at once."""
    return shift_borders(borders={code: geometry}, by=by, at=at, effective_date=effective_date)[0]


@transaction.atomic
def shift_borders(
    *, borders: Mapping[str, Mapping[str, Any]], by: Actor, at: datetime, effective_date: date | None = None
) -> list[GridBorder]:
    """New versions of the borders of several grids, in force together from `effective_date`.

    Checked as a whole: no grid may overlap another, and land that had a grid must still have one.
    """
    day = effective_date or localdate(at)
    shapes = {parse_code(code).code: geo.read_border(geometry) for code, geometry in sorted(borders.items())}
    _one_at_a_time()
    last = _last_borders(list(shapes), day)
    overlapping = _overlapping(shapes, day)
    if overlapping:
        raise UnableToShiftBorder("border_overlaps", _overlap_sentence(*overlapping), field="geometry")
    _check_no_land_lost([geo.read_border(border.geometry) for border in last.values()], list(shapes.values()))
    drawn = _draw(shapes, last, day)
    append_many(_shifted(drawn), by=by, at=at)
    territory_changed()
    return drawn


@transaction.atomic
def retire_grid(*, code: str, by: Actor, at: datetime, effective_date: date | None = None) -> Area:
    """Take a grid out of use from `effective_date`. Its code is never given again; history keeps it."""
    day = effective_date or localdate(at)
    found = registered(code)
    _one_at_a_time()
    detail = GridDetail.objects.select_for_update().filter(area=found).first()
    if detail is None or detail.status != GridStatus.ACTIVE:
        raise UnableToRetireGrid(
            "not_in_use", _("%(code)s is no grid in use.") % {"code": found.code}, field="code"
        )
    latest = GridBorder.objects.filter(area=found).aggregate(Max("valid_from"))["valid_from__max"]
    if day <= max(found.valid_from, latest):
        raise UnableToRetireGrid(
            "too_early",
            _("The grid or its border begins on %(day)s; it can end on a later day only.")
            % {"day": max(found.valid_from, latest).isoformat()},
            field="effective_date",
        )
    detail.status = GridStatus.RETIRED
    detail.save(update_fields=["status"])
    GridBorder.objects.filter(area=found, valid_to=None).update(valid_to=day)
    found.active, found.valid_to = False, day
    found.save(update_fields=["active", "valid_to"])
    append(
        act="grid.retired",
        subject=subject_of(found.code),
        by=by,
        at=at,
        facts={"code": found.code, "valid_to": day.isoformat()},
    )
    territory_changed()
    return found


def border_facts(border: GridBorder) -> dict[str, Any]:
    canonical = json.dumps(border.geometry, sort_keys=True, separators=(",", ":")).encode()
    return {
        "border_version": border.version,
        "border_sha256": hashlib.sha256(canonical).hexdigest(),
        "border_from": border.valid_from.isoformat(),
    }


def new_border(code: str, version: int, shape: BaseGeometry, valid_from: date) -> GridBorder:
    west, south, east, north = shape.bounds
    return GridBorder(
        area_id=code,
        version=version,
        geometry=geo.as_geojson(shape),
        west=west,
        south=south,
        east=east,
        north=north,
        valid_from=valid_from,
    )


def _last_borders(codes: Sequence[str], day: date) -> dict[str, GridBorder]:
    """The newest border of each grid, if it may be followed by another one on that day."""
    found: dict[str, GridBorder] = {}
    for code in sorted(codes):
        if not GridDetail.objects.filter(area=registered(code), status=GridStatus.ACTIVE).exists():
            raise UnableToShiftBorder("not_in_use", _("%(code)s is no grid in use.") % {"code": code})
        last = GridBorder.objects.filter(area__code=code).order_by("-version")[0]
        if last.valid_from >= day:
            raise UnableToShiftBorder(
                "too_early",
                _("The border of %(code)s was last drawn for %(day)s; a new version starts on a later day.")
                % {"code": code, "day": last.valid_from.isoformat()},
                field="effective_date",
            )
        found[code] = last
    return found


def _draw(shapes: Mapping[str, BaseGeometry], last: Mapping[str, GridBorder], day: date) -> list[GridBorder]:
    """Close the last versions and write the next."""
    drawn = []
    for code, shape in shapes.items():
        GridBorder.objects.filter(pk=last[code].pk).update(valid_to=day)
        border = new_border(code, last[code].version + 1, shape, day)
        border.save(force_insert=True)
        GridDetail.objects.filter(area__code=code).update(area_m2=round(geo.area_m2(shape)))
        drawn.append(border)
    return drawn


def _shifted(borders: Sequence[GridBorder]) -> list[Entry]:
    return [
        Entry("grid.border_shifted", subject_of(border.area_id), border_facts(border)) for border in borders
    ]


def _one_at_a_time() -> None:
    """Changes of land follow each other, or two that overlap could both be found free of overlap."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('wangge territory: land'))")


def _overlapping(shapes: Mapping[str, BaseGeometry], day: date) -> tuple[str, str] | None:
    """Two codes whose land would overlap from that day on, or None."""
    chosen = list(shapes.items())
    for index, (code, shape) in enumerate(chosen):
        for other_code, other in chosen[index + 1 :]:
            if _overlap(shape, other):
                return code, other_code
        west, south, east, north = shape.bounds
        near = GridBorder.objects.filter(
            Q(valid_to=None) | Q(valid_to__gt=day),
            area__level=Level.GRID,
            west__lte=east,
            east__gte=west,
            south__lte=north,
            north__gte=south,
        ).exclude(area__code__in=list(shapes))
        for border in near.order_by("area__code"):
            if _overlap(shape, geo.read_border(border.geometry)):
                return code, border.area_id
    return None


def _overlap(one: BaseGeometry, other: BaseGeometry) -> bool:
    shared = one.intersection(other)
    return not shared.is_empty and geo.area_m2(shared) > _sliver_m2(shared)


def _sliver_m2(shape: BaseGeometry) -> float:
    lon_m, lat_m = geo.metres_per_degree(shape.centroid.y)
    in_metres = shapely.transform(shape, lambda points: points * (lon_m, lat_m))
    return max(1.0, float(in_metres.length) / 2 * _SLIVER_M)


def _check_no_land_lost(before: Sequence[BaseGeometry], after: Sequence[BaseGeometry]) -> None:
    lost = shapely.union_all(before).difference(shapely.union_all(after))
    if not lost.is_empty and geo.area_m2(lost) > _sliver_m2(lost):
        raise UnableToShiftBorder(
            "leaves_gap",
            _("The new borders leave %(area)s m² without a grid. Shift the neighbour in the same act.")
            % {"area": round(geo.area_m2(lost))},
            field="geometry",
        )


def _overlap_sentence(code: str, other: str) -> str:
    return _("The land of %(code)s would overlap %(other)s.") % {"code": code, "other": other}


def _checked_predecessors(code: str, predecessors: Sequence[str], day: date) -> list[Area]:
    found = [registered(one) for one in predecessors]
    for one in found:
        if one.code[:12] != code[:12] or one.level != Level.GRID:
            raise UnableToAddGrid(
                "predecessor_elsewhere",
                _("%(code)s is no grid of the same community.") % {"code": one.code},
                field="predecessors",
            )
        if one.valid_to is None or one.valid_to > day:
            raise UnableToAddGrid(
                "predecessor_in_use",
                _("%(code)s is still in use. Retire it first.") % {"code": one.code},
                field="predecessors",
            )
    return found
