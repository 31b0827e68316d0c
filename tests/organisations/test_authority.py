"""Who may do what at all, and where. The table is written by hand from domain notes §2."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wangge.cases.states import MOVES, Stand
from wangge.organisations.authority import ACTS_FOR_AREA, ACTS_FOR_UNIT, MAY, covers, may
from wangge.organisations.posts import PostHolder
from wangge.organisations.roles import PUBLIC, SEPARATED, Role

# fmt: off
OWN = "register ask_review rate reopen withdraw"
DESK = "start_screening inform answer classify merge"
UNIT = "sign object handle assign_assist assist feed_back"
DUTIES = {
    "resident":              OWN,
    "reporter":              OWN,
    "volunteer":             OWN,
    "in_service_member":     OWN,
    "grid_worker":           "register pass reject_feedback reveal",
    "part_time_grid_worker": "register pass reject_feedback",
    "grid_lead":             f"register {UNIT} reveal",
    "community_secretary":   f"register {UNIT} reveal",
    "community_worker":      f"register {UNIT} reveal",
    "town_dispatcher":       f"register {DESK} dispatch verify pass reject_feedback {UNIT} reveal extend",
    "town_leader":           "dispatch extend",
    "department_handler":    f"{UNIT} reveal",
    "department_lead":       f"{UNIT} reveal",
    "center_intake":         f"register {DESK} dispatch uphold reassign verify pass reject_feedback reveal",
    "center_supervisor":     "uphold reassign judge_redo verify pass reject_feedback extend"
                             " pause resume shelve reactivate",
    "callback_agent":        "call_back reveal",
    "joint_meeting_office":  "",
    "relief_office":         "",
    "admission_reviewer":    "",
    "district_leader":       "shelve end_shelving",
    "privacy_officer":       "",
    "system_admin":          "",
    "security_admin":        "",
    "auditor":               "",
}
# fmt: on
OF_THE_CLOCK = {"auto_sign", "archive", "end_elsewhere"}
NO_MOVES = {"case.judge_redo", "case.reveal"}


def holder(role=Role.CENTER_INTAKE, area="230717"):
    return PostHolder("user", "1", role=role, area_prefix=area)


@pytest.mark.parametrize("role", Role)
def test_each_role_may_do_its_duties_and_nothing_else(role):
    assert MAY[role] == {f"case.{act}" for act in DUTIES[role].split()}


def test_the_table_knows_every_role():
    assert set(MAY) == set(Role)
    assert set(DUTIES) == set(Role.values)


def test_every_move_of_a_case_is_somebodys_duty_or_the_clocks():
    somebody = frozenset().union(*MAY.values())
    assert {move.permission for move in MOVES.values() if move.act not in OF_THE_CLOCK} <= somebody
    assert all(MOVES[act].stands == {Stand.SYSTEM} for act in OF_THE_CLOCK)


def test_no_duty_names_an_act_that_does_not_exist():
    assert frozenset().union(*MAY.values()) - {move.permission for move in MOVES.values()} == NO_MOVES


@pytest.mark.parametrize(
    ("act", "roles"),
    [
        ("case.call_back", {Role.CALLBACK_AGENT}),
        ("case.judge_redo", {Role.CENTER_SUPERVISOR}),
        ("case.end_shelving", {Role.DISTRICT_LEADER}),
        ("case.dispatch", {Role.CENTER_INTAKE, Role.TOWN_DISPATCHER, Role.TOWN_LEADER}),
        ("case.uphold", {Role.CENTER_INTAKE, Role.CENTER_SUPERVISOR}),
    ],
)
def test_some_acts_belong_to_few(act, roles):
    assert {role for role in Role if may(holder(role), act)} == roles


def test_nobody_who_handles_calls_back():
    assert not {role for role in ACTS_FOR_UNIT if may(holder(role), "case.call_back")}


def test_leaders_and_administrators_never_see_a_contact():
    for role in SEPARATED | {
        Role.DISTRICT_LEADER,
        Role.TOWN_LEADER,
        Role.PRIVACY_OFFICER,
        Role.CENTER_SUPERVISOR,
    }:
        assert not may(holder(role), "case.reveal")


def test_people_who_take_part_act_for_no_unit_and_no_area():
    assert not PUBLIC & (ACTS_FOR_UNIT | ACTS_FOR_AREA)


def test_an_act_nobody_heard_of_is_nobodys_duty():
    assert not any(may(holder(role), "case.delete") for role in Role)


# --- where ---


@pytest.mark.parametrize(
    ("prefix", "place", "inside"),
    [
        ("230717", "230717", True),
        ("230717", "230717001001003", True),
        ("2307", "230717001001003", True),
        ("230717001001", "230717001001003", True),
        ("230717001001003", "230717001001003", True),
        ("230717001001003", "23071700100100305", True),
        ("230717001001003", "230717001001004", False),
        ("230717001001", "230717001", False),
        ("230718", "230717001001003", False),
        ("", "230717", False),
    ],
)
def test_a_post_covers_the_places_within_its_area(prefix, place, inside):
    assert covers(holder(area=prefix), place) is inside


digits = st.text("0123456789", min_size=1, max_size=17)


@given(digits, digits)
def test_a_place_is_covered_by_the_codes_of_the_areas_it_lies_in_and_no_others(prefix, place):
    areas_above = {place[:length] for length in range(1, len(place) + 1)}
    assert covers(holder(area=prefix), place) is (prefix in areas_above)


@given(digits)
def test_an_area_covers_itself(code):
    assert covers(holder(area=code), code)


def test_a_holder_knows_its_district_and_whether_it_works_here():
    assert holder(area="230717001001").district == "230717"
    assert holder(Role.GRID_WORKER).is_staff
    assert not holder(Role.RESIDENT).is_staff
