"""Writes: areas are registered and place names learnt. Grids, which have borders, are in `grids.py`.

Whether somebody may do this is asked above, in `organisations.authority`; here it is asked whether the
code, the tree and the land allow it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import shapely
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from wangge.foundation.journal.actions import append
from wangge.foundation.journal.actors import Actor, Subject
from wangge.foundation.refusals import Refusal
from wangge.territory.codes import Kind, Level, parse_code
from wangge.territory.geometry import read_border
from wangge.territory.memory import territory_changed
from wangge.territory.models import Area, GridBorder, PlaceKind, PlaceName
from wangge.territory.queries import UnableToFindArea
from wangge.territory.queries import area as registered


class UnableToAddArea(Refusal):
    """The area cannot be registered: its code is taken, its parent unknown, or its name missing."""


class UnableToAddPlace(Refusal):
    """The place name is empty, known already, or lies outside the area it is said to lie in."""


@transaction.atomic
def add_area(
    *,
    code: str,
    name: str,
    by: Actor,
    at: datetime,
    name_en: str = "",
    valid_from: date | None = None,
    external_codes: Sequence[Mapping[str, str]] = (),
    is_demo: bool = False,
) -> Area:
    """Register an area that needs no border of its own: a city down to a community, or a micro grid."""
    parsed = parse_code(code)
    if parsed.level in (Level.PROVINCE, Level.UNIT_GRID):
        raise UnableToAddArea(
            "not_in_tree", _("The tree runs from the city down to micro grids."), field="code"
        )
    if parsed.level == Level.GRID:
        raise UnableToAddArea("needs_border", _("A grid is added with its border."), field="code")
    added = new_area(
        parsed.code, name, name_en, parsed.kind, valid_from or localdate(at), is_demo, list(external_codes)
    )
    append(act="area.added", subject=subject_of(added.code), by=by, at=at, facts=area_facts(added), new=True)
    territory_changed()
    return added


@transaction.atomic
def add_place_name(
    *,
    name: str,
    kind: PlaceKind,
    area_code: str,
    by: Actor,
    at: datetime,
    aliases: Sequence[str] = (),
    lon: float | None = None,
    lat: float | None = None,
    is_demo: bool = False,
) -> PlaceName:
    """Learn a name people use for a place; for one through several grids, once per grid."""
    cleaned = "".join(name.split())
    if len(cleaned) < 2:
        raise UnableToAddPlace("name_too_short", _("A place name has at least two characters."), field="name")
    if (lon is None) != (lat is None):
        raise UnableToAddPlace("half_a_point", _("A point needs both longitude and latitude."), field="lon")
    where = registered(area_code)
    if PlaceName.objects.filter(area=where, name=cleaned).exists():
        raise UnableToAddPlace(
            "known_already", _("“%(name)s” is already known there.") % {"name": cleaned}, field="name"
        )
    border = GridBorder.objects.filter(area=where, valid_to=None).first()
    if (
        border is not None
        and lon is not None
        and not read_border(border.geometry).intersects(shapely.Point(lon, lat))
    ):
        raise UnableToAddPlace(
            "outside", _("The point lies outside %(code)s.") % {"code": where.code}, field="lon"
        )
    place = PlaceName.objects.create(
        name=cleaned, kind=kind, area=where, aliases=list(aliases), lon=lon, lat=lat, is_demo=is_demo
    )
    append(
        act="place.added",
        subject=subject_of(where.code),
        by=by,
        at=at,
        facts={"place": place.pk, "kind": str(kind)},
    )
    territory_changed()
    return place


# --- shared with grids.py and with bulk writing ---------------------------------------------------


def subject_of(code: str) -> Subject:
    return Subject("area", code)


def area_facts(area: Area) -> dict[str, Any]:
    return {
        "code": area.code,
        "level": area.level,
        "kind": area.kind,
        "valid_from": area.valid_from.isoformat(),
    }


def new_area(
    code: str,
    name: str,
    name_en: str,
    kind: Kind,
    valid_from: date,
    is_demo: bool,
    external_codes: list[Mapping[str, str]],
) -> Area:
    """Create the row, or refuse. The caller writes the journal line."""
    parsed = parse_code(code)
    if not name.strip():
        raise UnableToAddArea("name_missing", _("An area has a name."), field="name")
    if Area.objects.filter(code=code).exists():
        raise UnableToAddArea(
            "code_taken",
            _("%(code)s was given before. A code is never given twice, not even after an area is retired.")
            % {"code": code},
            field="code",
        )
    parent = _parent_in_use(parsed.parent) if parsed.level not in (Level.CITY, Level.DISTRICT) else None
    if parsed.level == Level.DISTRICT:
        # The city is registered only where the deployment serves one.
        parent = Area.objects.filter(code=parsed.parent).first()
    return Area.objects.create(
        code=code,
        prefix=parsed.prefix,
        level=parsed.level,
        kind=kind,
        name=name.strip(),
        name_en=name_en.strip(),
        parent=parent,
        valid_from=valid_from,
        external_codes=external_codes,
        is_demo=is_demo,
    )


def _parent_in_use(code: str | None) -> Area:
    assert code is not None
    try:
        parent = registered(code)
    except UnableToFindArea as unknown:
        raise UnableToAddArea("parent_unknown", unknown.message, field="code") from unknown
    if not parent.active:
        raise UnableToAddArea(
            "parent_retired", _("%(code)s is no longer in use.") % {"code": code}, field="code"
        )
    return parent
