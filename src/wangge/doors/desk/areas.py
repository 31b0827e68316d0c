"""The areas a post works for, as the choices of a form."""

from __future__ import annotations

from typing import Any

from wangge.organisations.posts import PostHolder
from wangge.territory.codes import Level
from wangge.territory.queries import facts_within
from wangge.territory.tree import AreaFacts

_DIGITS = {Level.DISTRICT: 6, Level.TOWN_UNIT: 9, Level.COMMUNITY: 12, Level.GRID: 15}


def area_choices(by: PostHolder, deepest: int = 15) -> list[Any]:
    """Areas of the post's scope down to codes of `deepest` digits, in groups: each town with what lies in it.

    From memory. Towns open a group of their own; a scope smaller than a town is one plain list.
    """
    levels = [level for level, digits in _DIGITS.items() if digits <= deepest]
    found = facts_within(by.area_prefix) if by.area_prefix else []
    areas = [area for area in found if area.level in levels]
    choices: list[Any] = []
    group: list[tuple[str, str]] = []
    names: dict[str, str] = {}
    for area in areas:
        names[area.code] = area.label
        if area.level == Level.TOWN_UNIT:
            group = [(area.code, area.label)]
            choices.append((area.label, group))
        elif area.level == Level.DISTRICT or not choices or not isinstance(choices[-1][1], list):
            choices.append((area.code, _path(area, names)))
        else:
            group.append((area.code, _path(area, names)))
    return choices


def _path(area: AreaFacts, names: dict[str, str]) -> str:
    """A grid's name says little without its community's."""
    community = names.get(area.code[:12], "")
    return f"{community} / {area.label}" if area.level == Level.GRID and community else area.label
