"""Who may make which move: every act tried by everybody of the town, and the reason each is given.

The lists are written by hand from the domain notes: the roles of §2, the actors of §4.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

import makers
import town as places
from cases.acts import ACTS, CAST, TIMETABLE, after, attempt, case_in, perform
from makers import make_case
from town import Person, Town
from wangge.cases import dispatch
from wangge.cases.access import requester_of
from wangge.cases.intake import Place, register_case
from wangge.cases.models import Assist, Case
from wangge.cases.moves import UnableToAct
from wangge.cases.states import State
from wangge.cases.words import Channel, RequestType
from wangge.foundation.journal.actors import Actor
from wangge.organisations.roles import Role

# Chen screens and dispatches for the district, Xu inside the street; Zhao leads the street's office.
SCREENERS = {"chen", "xu"}
DISPATCHERS = {"chen", "xu", "zhao"}
RULERS = {"chen", "tang"}
# The bureau that leads the lamps.
UNIT = {"wu", "zheng"}
CHECKERS = {"chen", "tang", "xu"}
GRID = {"zhou", "ma"}

#: act: (the state it is tried in, who may). Everybody else of the town may not.
WHO: list[tuple[str, State, set[str]]] = [
    ("start_screening", State.REGISTERED, SCREENERS),
    ("inform", State.SCREENING, SCREENERS),
    ("answer", State.SCREENING, SCREENERS),
    ("classify", State.SCREENING, SCREENERS),
    ("merge", State.SCREENING, SCREENERS),
    ("merge", State.IN_PROGRESS, SCREENERS),
    ("dispatch", State.TO_DISPATCH, DISPATCHERS),
    ("sign", State.DISPATCHED, UNIT),
    ("auto_sign", State.DISPATCHED, set()),
    ("object", State.DISPATCHED, UNIT),
    ("object", State.IN_PROGRESS, UNIT),
    ("uphold", State.OBJECTION_REVIEW, RULERS),
    ("reassign", State.OBJECTION_REVIEW, RULERS),
    ("handle", State.IN_PROGRESS, UNIT),
    ("assign_assist", State.IN_PROGRESS, UNIT),
    ("assist", State.IN_PROGRESS, {"feng"}),
    ("pause", State.IN_PROGRESS, {"tang"}),
    ("resume", State.PAUSED, {"tang"}),
    ("extend", State.IN_PROGRESS, {"zhao"}),
    ("shelve", State.IN_PROGRESS, {"tang", "song"}),
    ("reactivate", State.SHELVED, {"tang"}),
    ("end_shelving", State.SHELVED, {"song"}),
    ("feed_back", State.IN_PROGRESS, UNIT),
    ("verify", State.FEEDBACK_GIVEN, CHECKERS),
    ("pass", State.FEEDBACK_GIVEN, CHECKERS),
    ("pass", State.VERIFYING, CHECKERS | GRID),
    ("reject_feedback", State.FEEDBACK_GIVEN, CHECKERS),
    ("reject_feedback", State.VERIFYING, CHECKERS | GRID),
    ("call_back", State.CALLBACK_DUE, {"fang"}),
    ("rate", State.CALLBACK_DUE, {"lin"}),
    ("ask_review", State.INFORMED, {"lin"}),
    ("reopen", State.CLOSED, {"lin"}),
    ("withdraw", State.IN_PROGRESS, {"lin"}),
    ("archive", State.CLOSED, set()),
    ("end_elsewhere", State.REGISTERED, set()),
]
REASONS = {
    "wrong_role",
    "wrong_area",
    "wrong_unit",
    "own_unit",
    "not_requester",
    "wrong_level",
    "asked_to_look",
}


def cast(town: Town) -> dict[str, Person]:
    return {name: town.people[name] for name in CAST}


def test_every_act_is_tried() -> None:
    assert {act for act, _state, _who in WHO} == ACTS.keys()


def test_every_role_tries(town: Town) -> None:
    assert {town.people[name].role for name in CAST} == set(Role)


@pytest.mark.parametrize(("act", "state", "who"), WHO)
def test_exactly_those_whose_business_it_is_may_act(
    town: Town, act: str, state: State, who: set[str]
) -> None:
    case = case_in(town, state, by=town.lin.holder, channel=Channel.APP)
    if act == "assist":
        Assist.objects.create(case=case, unit=town.bodies["water"], asked_at=case.registered_at)
    at = after(case, days=31) if act == "archive" else after(case)
    if act == "auto_sign":
        at = case.leg.sign_due_at
    codes = {name: attempt(town, case, act, by=person.holder, at=at) for name, person in cast(town).items()}
    assert {name for name, code in codes.items() if not code} == who
    assert {code for code in codes.values() if code} <= REASONS
    # The same duty over another place, or in another unit, is told apart from no duty at all.
    for name, twin in {"bai": "chen", "lei": "xu", "yu": "zhou"}.items():
        if twin in who:
            assert codes[name] == "wrong_area"
    if "wu" in who:
        assert codes["feng"] == codes["lu_civil"] == codes["qian"] == "wrong_unit"
    if who == {"lin"}:
        assert set(codes.values()) <= {"", "not_requester"}


@pytest.mark.parametrize(("act", "state", "who"), WHO)
def test_only_some_acts_are_open_to_requester_clock_and_passer_by(
    town: Town, act: str, state: State, who: set[str]
) -> None:
    case = case_in(town, state)
    other = makers.make_case(town)
    if act == "assist":
        Assist.objects.create(case=case, unit=town.bodies["water"], asked_at=case.registered_at)
    at = after(case, days=31) if act == "archive" else after(case)
    if act == "auto_sign":
        at = case.leg.sign_due_at

    def code(by: Actor) -> str:
        return attempt(town, case, act, by=by, at=at)

    requesters = act in {"rate", "ask_review", "reopen", "withdraw"}
    clocks = act in {"auto_sign", "archive", "end_elsewhere", "resume", "reactivate"} or (
        act == "pass" and state == State.FEEDBACK_GIVEN
    )
    assert code(requester_of(case)) == ("" if requesters else "not_requester")
    assert code(requester_of(other)) == "not_requester"
    # "pass" after a look needs the finding of somebody who looked; only then is the clock too little.
    assert code(TIMETABLE) == ("" if clocks or (act, state) == ("pass", State.VERIFYING) else "wrong_role")
    assert code(Actor(kind="public", id="anonymous")) == "wrong_role"


# --- units ---


def test_a_community_that_leads_acts_through_all_its_posts(town: Town) -> None:
    case = make_case(town, State.IN_PROGRESS, matter="noise")
    codes = {
        name: attempt(town, case, "handle", by=p.holder, at=after(case)) for name, p in cast(town).items()
    }
    assert {name for name, code in codes.items() if not code} == {"gao", "sun", "he"}


def test_who_handles_a_case_neither_checks_nor_calls_back_nor_closes_it(town: Town) -> None:
    # Sent to the street by hand; Xu of the street is a desk for others' work, not for this.
    case = make_case(town, State.TO_DISPATCH)
    case = dispatch.dispatch_case(
        by=town.chen.holder, case=case, at=after(case), seen_version=case.version,
        unit=town.bodies["street"], reason="街道自管路段。",
    )  # fmt: skip
    case = perform(town, case, "sign", by=town.xu.holder, at=after(case))
    case = perform(town, case, "feed_back", by=town.xu.holder, at=after(case))
    for act in ("verify", "pass", "reject_feedback"):
        assert attempt(town, case, act, by=town.xu.holder, at=after(case)) == "own_unit"
    caller_of_theirs = replace(town.fang.holder, organisation_id=town.bodies["street"].pk)
    case = perform(town, case, "pass", by=town.chen.holder, at=after(case))
    assert attempt(town, case, "call_back", by=caller_of_theirs, at=after(case)) == "own_unit"
    assert attempt(town, case, "call_back", by=town.xu.holder, at=after(case)) == "wrong_role"


def test_the_grid_worker_of_a_committee_does_not_check_what_the_committee_did(town: Town) -> None:
    case = make_case(town, State.VERIFYING, matter="noise")
    for act in ("pass", "reject_feedback"):
        assert attempt(town, case, act, by=town.zhou.holder, at=after(case)) == "own_unit"


def test_nobody_calls_back_who_belongs_to_a_unit_that_ever_had_a_part(town: Town) -> None:
    case = make_case(town, State.OBJECTION_REVIEW)  # with the bureau, then with the water company
    case = perform(town, case, "reassign", by=town.tang.holder, at=after(case))
    case = perform(town, case, "sign", by=town.feng.holder, at=after(case))
    case = perform(town, case, "assign_assist", by=town.feng.holder, at=after(case))
    case = perform(town, case, "assist", by=town.lu_civil.holder, at=after(case))
    case = perform(town, case, "feed_back", by=town.feng.holder, at=after(case))
    case = perform(town, case, "pass", by=town.chen.holder, at=after(case))
    for body in ("urban", "water", "civil"):
        caller = replace(town.fang.holder, organisation_id=town.bodies[body].pk)
        assert attempt(town, case, "call_back", by=caller, at=after(case)) == "own_unit", body
    assert attempt(town, case, "call_back", by=town.fang.holder, at=after(case)) == ""


def test_after_a_reassignment_the_former_unit_acts_no_more(town: Town) -> None:
    case = make_case(town, State.OBJECTION_REVIEW)
    case = perform(town, case, "reassign", by=town.tang.holder, at=after(case))
    assert attempt(town, case, "sign", by=town.wu.holder, at=after(case)) == "wrong_unit"
    assert attempt(town, case, "sign", by=town.feng.holder, at=after(case)) == ""


def test_a_unit_assists_only_while_it_is_asked_to(town: Town) -> None:
    case = make_case(town, State.IN_PROGRESS)
    assert attempt(town, case, "assist", by=town.feng.holder, at=after(case)) == "wrong_unit"
    case = perform(town, case, "assign_assist", by=town.wu.holder, at=after(case), unit=town.bodies["water"])
    case = perform(town, case, "assist", by=town.feng.holder, at=after(case), finished=False)
    case = perform(town, case, "assist", by=town.feng.holder, at=after(case), finished=True)
    assert attempt(town, case, "assist", by=town.feng.holder, at=after(case)) == "wrong_unit"


def test_staff_do_not_become_requesters_by_signing_in_at_work(town: Town) -> None:
    """Somebody who asked as a resident acts on it as a resident, not from their post."""
    case = make_case(town, State.CALLBACK_DUE, by=town.lin.holder, channel=Channel.APP)
    Case.objects.filter(pk=case.pk).update(requester_user=town.fang.user)
    assert attempt(town, case, "rate", by=town.fang.holder, at=after(case)) == "not_requester"


def test_people_say_which_version_they_saw(town: Town) -> None:
    case = make_case(town, State.PAUSED)
    with pytest.raises(ValueError, match="version"):
        perform(town, case, "resume", by=town.tang.holder, at=after(case), seen_version=None)


# --- registering ---

#: Who may write a request down, and on which channel they try.
STAFF_WHO_REGISTER = {"zhou", "ma", "gao", "sun", "he", "xu", "chen"}
PUBLIC = {"lin", "ren", "tian", "shi", "qin"}


def register(town: Town, by: Actor, channel: str, area: str = places.GRID) -> str:
    try:
        case = register_case(by=by, at=town.at, text=makers.TEXT, place=Place(area), channel=channel).case
    except UnableToAct as refusal:
        return refusal.code
    assert case.state == State.REGISTERED
    return ""


def test_who_registers_what_comes_in_by_phone_or_at_the_window(town: Town) -> None:
    before = Case.objects.count()
    codes = {name: register(town, p.holder, Channel.WALK_IN) for name, p in cast(town).items()}
    assert {name for name, code in codes.items() if not code} == STAFF_WHO_REGISTER
    assert codes["bai"] == codes["lei"] == codes["qian"] == "wrong_area"
    assert codes["lin"] == codes["wu"] == codes["zhao"] == codes["cai"] == "wrong_role"
    assert Case.objects.count() == before + len(STAFF_WHO_REGISTER)


def test_the_public_registers_anywhere_on_its_own_channels(town: Town) -> None:
    for channel in Channel.values:
        expected = "" if channel in {"app", "mini_program", "qr", "reporter"} else "wrong_role"
        assert {register(town, town.people[name].holder, channel) for name in PUBLIC} == {expected}
        assert register(town, Actor(kind="public", id="anonymous"), channel) == expected
    assert register(town, town.lin.holder, Channel.APP, places.OTHER_GRID) == ""


def test_the_system_registers_what_machines_report(town: Town) -> None:
    assert register(town, Actor.system("exchange"), Channel.SENSOR) == ""


def test_a_clerk_writes_down_a_request_whose_place_is_known_roughly(town: Town) -> None:
    assert register(town, town.he.holder, Channel.WALK_IN, places.DISTRICT) == ""
    assert register(town, town.he.holder, Channel.WALK_IN, places.NEXT_STREET) == "wrong_area"
    assert register(town, town.chen.holder, Channel.HOTLINE_12345, places.OTHER_DISTRICT) == "wrong_area"


def test_only_a_question_is_answered_at_once(town: Town) -> None:
    for kind in RequestType.values:
        case = make_case(town, State.SCREENING, request_type=kind)
        code = attempt(town, case, "answer", by=town.chen.holder, at=after(case))
        assert code == ("" if kind == "consult" else "not_a_question")
