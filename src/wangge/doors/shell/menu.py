"""What the menus offer. Each door hands in its items when it starts (`ready()` in its `apps.py`); the
frame shows what a role may use. `docs/design.md` has the example.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise

from wangge.organisations.posts import PostHolder
from wangge.organisations.roles import Role


@dataclass(frozen=True)
class Item:
    """One line of a menu. Without `roles`, everybody who works here sees it.

    `also` are url names of pages below this one, on which it stays marked. Items with the same
    `section` stand together under that heading, in the order they were offered.
    """

    url_name: str
    label: str | Promise
    icon: str
    roles: frozenset[Role] | None = None
    section: str | Promise = ""
    shortcut: str = ""
    also: tuple[str, ...] = ()

    def suits(self, holder: PostHolder) -> bool:
        return holder.is_staff if self.roles is None else holder.role in self.roles


@dataclass(frozen=True)
class Line:
    """An item ready for the page."""

    url: str
    label: str
    icon: str
    shortcut: str
    is_current: bool


@dataclass(frozen=True)
class Section:
    heading: str
    lines: tuple[Line, ...]


_offered: dict[str, tuple[Item, ...]] = {}


def offer(look: str, items: Iterable[Item]) -> None:
    """Set the menu of one look: "desk" or "field"."""
    _offered[look] = tuple(items)


def offer_more(look: str, items: Iterable[Item]) -> None:
    """Add a door's items to the menu of a look that another door has set."""
    _offered[look] = (*_offered.get(look, ()), *items)


def offered() -> dict[str, tuple[Item, ...]]:
    return dict(_offered)


def menu_for(look: str, holder: PostHolder | None, current: str) -> list[Section]:
    """The menu as this person sees it, `current` being the url name of the page they are on."""
    if holder is None:
        return []
    by_section: dict[str, list[Line]] = {}
    for item in _offered.get(look, ()):
        if item.suits(holder):
            is_current = current == item.url_name or current in item.also
            line = Line(reverse(item.url_name), str(item.label), item.icon, item.shortcut, is_current)
            by_section.setdefault(str(item.section), []).append(line)
    return [Section(heading, tuple(lines)) for heading, lines in by_section.items()]
