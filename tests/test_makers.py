"""The town stands, and its makers bring a case into every state by real acts."""

from __future__ import annotations

import pytest

import makers
import town as places
from town import Town
from wangge.cases.access import NoSuchCase, case_for
from wangge.cases.history import events_of, replay
from wangge.cases.states import State
from wangge.foundation.journal.queries import lines_of
from wangge.foundation.journal.verifying import verify_journal
from wangge.organisations.roles import Role
from wangge.territory.queries import grid_at, place_candidates


@pytest.mark.parametrize("state", list(State))
def test_a_case_can_be_made_in_every_state(town: Town, state: State) -> None:
    case = makers.make_case(town, state)
    assert case.state == state
    assert replay(events_of(lines_of(case.subject))) == state


def test_every_role_has_somebody(town: Town) -> None:
    assert {person.role for person in town.people.values()} == set(Role)


def test_the_journal_of_the_town_is_sound(town: Town) -> None:
    makers.make_case(town, State.CLOSED)
    assert verify_journal().sound


def test_the_town_has_land_and_names(town: Town) -> None:
    for grid in places.CORNERS:
        hit = grid_at(*places.point_in(grid))
        assert hit is not None
        assert hit.grid_code == grid
    assert place_candidates("林都花园3号楼", within=places.DISTRICT)[0].area_code == places.GRID


def test_qian_of_the_next_street_may_see_nothing(town: Town) -> None:
    case = makers.make_case(town, State.IN_PROGRESS)
    with pytest.raises(NoSuchCase):
        case_for(town.qian.holder, case.number)
    assert case_for(town.wu.holder, case.number) == case


def test_each_test_gets_the_town_unspoilt(town: Town) -> None:
    town.people.clear()
    town.bodies["urban"].name = "改了"


def test_the_next_test_sees_nothing_of_that(town: Town) -> None:
    assert town.wu.role == Role.DEPARTMENT_HANDLER
    assert town.bodies["urban"].name != "改了"
