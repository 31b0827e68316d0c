"""A menu shows each what their post may use, and where they are."""

from __future__ import annotations

import pytest

from town import Town
from wangge.doors.shell import menu
from wangge.doors.shell.homes import home_of
from wangge.organisations.roles import Role

ITEMS = [
    menu.Item("shell:home", "My queue", "inbox", shortcut="g q"),
    menu.Item(
        "shell:posts", "Dispatch", "send", roles=frozenset({Role.CENTER_INTAKE}), also=("shell:password",)
    ),
    menu.Item("shell:healthz", "Health", "gauge", roles=frozenset({Role.SYSTEM_ADMIN}), section="Machines"),
]


@pytest.fixture(autouse=True)
def a_menu_of_our_own():
    before = menu.offered()
    menu.offer("desk", ITEMS)
    yield
    for look in {"desk", *before}:
        menu.offer(look, before.get(look, ()))


def labels(town: Town, name: str, current: str = "") -> dict[str, list[str]]:
    sections = menu.menu_for("desk", town.people[name].holder, current)
    return {section.heading: [line.label for line in section.lines] for section in sections}


def test_what_a_post_may_not_use_is_not_offered(town: Town):
    assert labels(town, "wu") == {"": ["My queue"]}
    assert labels(town, "chen") == {"": ["My queue", "Dispatch"]}


def test_a_section_appears_with_its_first_line(town: Town):
    admin = town.with_role(Role.SYSTEM_ADMIN)
    sections = menu.menu_for("desk", admin.holder, "")
    assert [section.heading for section in sections] == ["", "Machines"]


def test_strangers_and_residents_have_no_desk_menu(town: Town):
    assert menu.menu_for("desk", None, "") == []
    assert labels(town, "lin") == {}


@pytest.mark.parametrize("current", ["shell:posts", "shell:password"])
def test_the_page_one_is_on_is_marked_with_the_pages_below_it(town: Town, current: str):
    (section,) = menu.menu_for("desk", town.chen.holder, current)
    assert [line.is_current for line in section.lines] == [False, True]


def test_a_look_without_a_menu_has_none(town: Town):
    assert menu.menu_for("resident", town.chen.holder, "") == []


@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_a_first_page(town: Town, role: Role):
    home = home_of(town.with_role(role).holder)
    assert home in {"desk:home", "field:home", "resident:home"}
    assert (home == "resident:home") == (not town.with_role(role).holder.is_staff)
