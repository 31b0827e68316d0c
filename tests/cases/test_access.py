"""Who finds a case, and how much of it they see: the matrix of the domain notes (§2), by hand."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest

import town as places
from cases.acts import CAST, after, perform
from makers import LIN, make_case
from town import Person, Town
from wangge.cases.access import (
    NoSuchCase,
    Sight,
    Visibility,
    case_for,
    cases_for,
    may_open,
    requester_of,
    visibility,
)
from wangge.cases.contact import look_at_contact
from wangge.cases.models import Assist, Case
from wangge.cases.moves import UnableToAct
from wangge.cases.queries import timeline
from wangge.cases.states import State
from wangge.foundation.journal.actors import Actor
from wangge.foundation.journal.queries import lines_of
from wangge.foundation.privacy.actions import UnableToReveal
from wangge.foundation.privacy.models import Look

# --- who finds it ---

DISTRICT = {"chen", "tang", "fang", "han", "song", "cai"}
STREET = {"xu", "zhao"}
COMMITTEE = {"sun", "he"}
GRID = {"zhou", "ma", "gao"}
BUREAU = {"wu", "zheng"}


def cast(town: Town) -> dict[str, Person]:
    return {name: town.people[name] for name in CAST}


def finders(town: Town, case: Case) -> set[str]:
    found = set()
    for name, person in cast(town).items():
        try:
            assert case_for(person.holder, case.number) == case
        except NoSuchCase:
            assert case not in cases_for(person.holder)
        else:
            assert case in cases_for(person.holder)
            found.add(name)
    return found


@pytest.mark.parametrize(
    ("area", "finds"),
    [
        (places.GRID, DISTRICT | STREET | COMMITTEE | GRID),
        (places.SECOND_GRID, DISTRICT | STREET | COMMITTEE),
        (places.THIRD_GRID, DISTRICT | STREET),
        (places.COMMUNITY, DISTRICT | STREET | COMMITTEE),
        (places.STREET, DISTRICT | STREET),
        (places.DISTRICT, DISTRICT),
        (places.NEXT_GRID, DISTRICT | {"lei", "qian", "yu"}),
        (places.OTHER_GRID, {"bai"}),
    ],
)
def test_a_case_is_found_by_those_who_work_for_its_place(town: Town, area: str, finds: set[str]) -> None:
    assert finders(town, make_case(town, area_code=area)) == finds


def test_a_unit_finds_what_it_leads_assists_or_once_had(town: Town) -> None:
    everybody = DISTRICT | STREET | COMMITTEE | GRID
    case = make_case(town, State.DISPATCHED)
    assert finders(town, case) == everybody | BUREAU
    case = perform(town, case, "object", by=town.wu.holder, at=after(case))
    case = perform(town, case, "reassign", by=town.tang.holder, at=after(case))
    case = perform(town, case, "sign", by=town.feng.holder, at=after(case))
    case = perform(town, case, "assign_assist", by=town.feng.holder, at=after(case))
    assert finders(town, case) == everybody | BUREAU | {"feng", "lu_civil"}


def test_a_committee_finds_what_it_leads_wherever_the_place_is_written_down(town: Town) -> None:
    case = make_case(town, State.DISPATCHED, matter="noise", area_code=places.COMMUNITY)
    assert finders(town, case) == DISTRICT | STREET | COMMITTEE | {"gao"}


def test_a_resident_finds_what_they_asked_for(town: Town) -> None:
    case = make_case(town, by=town.lin.holder, channel="app")
    assert finders(town, case) == DISTRICT | STREET | COMMITTEE | GRID | {"lin"}
    assert list(cases_for(requester_of(case))) == [case]


def test_posts_without_a_part_in_cases_find_none(town: Town) -> None:
    make_case(town, State.CLOSED)
    for name in ("cao", "deng", "peng", "lu", "jiang", "qin", "ren", "tian", "shi"):
        assert not cases_for(town.people[name].holder).exists(), name
    for by in (Actor("public", "anonymous"), Actor.system("timetable"), Actor("user", "1")):
        assert not cases_for(by).exists()


def test_what_is_not_yours_and_what_is_not_there_look_the_same(town: Town) -> None:
    case = make_case(town)
    said = set()
    for by, number in [
        (town.qian.holder, case.number),
        (town.qian.holder, "230717-20260306-99999"),
        (town.chen.holder, "230717-20260306-99999"),
        (town.chen.holder, "\x00"),
        (town.chen.holder, "' OR 1=1 --"),
        (requester_of(case), "230717-20260306-99999"),
    ]:
        with pytest.raises(NoSuchCase) as refusal:
            case_for(by, number)
        said.add((refusal.value.code, str(refusal.value)))
    assert len(said) == 1


def test_one_case_is_opened_by_exactly_those_whose_list_holds_it(town: Town) -> None:
    street = make_case(town, State.IN_PROGRESS)
    assisted = make_case(town, State.IN_PROGRESS, area_code=places.THIRD_GRID)
    Assist.objects.create(case=assisted, unit=town.bodies["committee"], asked_at=assisted.registered_at)
    own = make_case(town, State.REGISTERED, by=town.lin.holder, channel="app")
    far = make_case(town, State.REGISTERED, area_code=places.OTHER_GRID)
    nowhere = replace(town.chen.holder, area_prefix="")
    actors = [*(person.holder for person in town.people.values()), nowhere, requester_of(street)]
    opened = 0
    for case in (street, assisted, own, far):
        for by in actors:
            listed = cases_for(by).filter(pk=case.pk).exists()
            assert may_open(by, case) == listed, f"{by.post_label} {case.number}"
            opened += listed
    assert 20 < opened < 4 * len(actors)


def test_a_post_without_an_area_finds_nothing(town: Town) -> None:
    make_case(town)
    for name in ("zhou", "he", "xu", "chen"):
        assert not cases_for(replace(town.people[name].holder, area_prefix="")).exists()


# --- how much they see ---

NO, MASK, LOOK, ALL = Sight.NONE, Sight.MASKED, Sight.REVEAL, Sight.FULL

#: field: text, requester, rating, internal notes. A case that the bureau has signed for.
MATRIX: dict[str, tuple[Sight, Sight, Sight, Sight]] = {
    "lin": (ALL, ALL, ALL, MASK),  # own; of internal notes the summary
    "qin": (NO, NO, NO, NO),  # other residents have the public board
    "ren": (NO, NO, NO, NO),
    "zhou": (NO, MASK, NO, NO),  # grid worker: the text only when sent to look
    "ma": (NO, MASK, NO, NO),
    "gao": (ALL, MASK, NO, ALL),  # community
    "sun": (ALL, MASK, NO, ALL),
    "he": (ALL, MASK, NO, ALL),
    "xu": (ALL, LOOK, ALL, ALL),  # town desk
    "zhao": (MASK, NO, NO, ALL),  # leaders
    "song": (MASK, NO, NO, ALL),
    "han": (MASK, NO, NO, ALL),
    "wu": (ALL, LOOK, NO, ALL),  # handling unit
    "zheng": (ALL, LOOK, NO, ALL),
    "chen": (ALL, LOOK, ALL, ALL),  # the centre's desk
    "tang": (ALL, MASK, ALL, ALL),
    "fang": (ALL, LOOK, ALL, NO),  # callback
    "cai": (MASK, NO, ALL, ALL),  # auditor
}
#: What is otherwise in other states, by the column it concerns.
CHANGES: dict[State, dict[str, dict[str, Sight]]] = {
    State.DISPATCHED: {"wu": {"requester": MASK}, "zheng": {"requester": MASK}},
    State.OBJECTION_REVIEW: {"wu": {"requester": MASK}, "zheng": {"requester": MASK}},
    State.IN_PROGRESS: {},
    State.VERIFYING: {"zhou": {"text": ALL, "requester": LOOK}, "ma": {"text": ALL}},
    State.CALLBACK_DUE: {},
    State.CLOSED: {
        "wu": {"requester": MASK, "rating": ALL},
        "zheng": {"requester": MASK, "rating": ALL},
        "gao": {"rating": ALL},
        "sun": {"rating": ALL},
        "he": {"rating": ALL},
    },
}


def seen_by(town: Town, case: Case) -> dict[str, tuple[Sight, Sight, Sight, Sight]]:
    told = {name: visibility(town.people[name].holder, case) for name in MATRIX}
    return {name: (v.text, v.requester, v.rating, v.internal) for name, v in told.items()}


def expected_in(state: State, *, confidential: bool = False) -> dict[str, tuple[Sight, Sight, Sight, Sight]]:
    rows = {}
    for name, row in MATRIX.items():
        columns = dict(zip(("text", "requester", "rating", "internal"), row, strict=True))
        columns |= CHANGES[state].get(name, {})
        if confidential and name not in {"lin", "chen", "fang"}:
            columns["requester"] = NO
        rows[name] = (columns["text"], columns["requester"], columns["rating"], columns["internal"])
    return rows


@pytest.mark.parametrize("state", CHANGES)
@pytest.mark.parametrize("confidential", [False, True])
def test_everybody_sees_what_the_matrix_says(town: Town, state: State, confidential: bool) -> None:
    case = make_case(town, state, by=town.lin.holder, channel="app", confidential=confidential)
    assert seen_by(town, case) == expected_in(state, confidential=confidential)


def test_who_looked_is_shown_to_the_person_concerned_and_the_auditor(town: Town) -> None:
    case = make_case(town, State.IN_PROGRESS, by=town.lin.holder, channel="app")
    assert {name for name in MATRIX if visibility(town.people[name].holder, case).looks} == {"lin", "cai"}
    assert visibility(requester_of(case), case).looks


def test_a_receipt_shows_its_own_case_only(town: Town) -> None:
    case, other = make_case(town), make_case(town)
    nothing = Visibility(NO, NO, NO, NO)
    assert visibility(requester_of(case), case).text == ALL
    assert visibility(requester_of(other), case) == nothing
    assert visibility(Actor.system("timetable"), case) == nothing


def test_a_town_that_handles_a_case_itself_is_its_unit_first(town: Town) -> None:
    case = make_case(town, State.TO_DISPATCH)
    case = perform(
        town, case, "dispatch", by=town.chen.holder, at=after(case), unit=town.bodies["street"], reason="自管"
    )
    case = perform(town, case, "sign", by=town.xu.holder, at=after(case))
    assert visibility(town.xu.holder, case) == Visibility(ALL, LOOK, NO, ALL)


# --- internal notes ---


def notes_read_by(town: Town, case: Case, name: str) -> set[str]:
    by = town.people[name].holder
    return {entry.note.text for entry in timeline(case, visibility(by, case), by=by) if entry.note}


def test_a_unit_reads_the_notes_of_its_own_turn_only(town: Town) -> None:
    case = make_case(town, State.SCREENING)
    steps = [
        ("classify", "chen", {"note": "甄别意见"}),
        ("dispatch", "chen", {"reason": "派单理由"}),
        ("object", "wu", {"explanation": "城管局异议"}),
        ("reassign", "tang", {"reason": "改派理由"}),
        ("sign", "feng", {}),
        ("handle", "feng", {"text": "水司记录"}),
        ("assign_assist", "feng", {"ask": "请民政协助"}),
        ("assist", "lu_civil", {"text": "民政记录"}),
        ("feed_back", "feng", {"text": "水司答复"}),
        ("reject_feedback", "chen", {"finding": "核查意见"}),
    ]
    for act, name, told in steps:
        case = perform(town, case, act, by=town.people[name].holder, at=after(case), **told)
    everything = {
        "甄别意见", "派单理由", "城管局异议", "改派理由", "水司记录", "请民政协助", "民政记录", "水司答复",
        "核查意见",
    }  # fmt: skip
    assert notes_read_by(town, case, "wu") == {"派单理由", "城管局异议", "水司答复"}
    assert notes_read_by(town, case, "feng") == everything - {"甄别意见", "派单理由", "城管局异议"}
    assert notes_read_by(town, case, "lu_civil") == {"民政记录", "水司答复"}
    for name in ("chen", "tang", "xu", "he", "song", "cai"):
        assert notes_read_by(town, case, name) == everything
    # Who calls back reads what the requester was told, and nothing internal.
    assert notes_read_by(town, case, "fang") == {"水司答复"}
    own = timeline(case, visibility(requester_of(case), case))
    assert {entry.note.text for entry in own if entry.note} == {"水司答复"}


def test_the_requesters_own_words_go_with_the_text_and_their_comment_with_the_rating(town: Town) -> None:
    case = make_case(town, State.CALLBACK_DUE)
    asked = requester_of(case)
    unhappy = {"contacted": True, "solved": "not_solved", "satisfaction": "dissatisfied"}
    case = perform(town, case, "rate", by=asked, at=after(case), comment="灯还是不亮", **unhappy)
    assert "灯还是不亮" not in notes_read_by(town, case, "wu"), "before it is settled"
    case = perform(town, case, "call_back", by=town.fang.holder, at=after(case), within_duty=True)
    assert "灯还是不亮" in notes_read_by(town, case, "wu"), "what is to be done again"
    case = perform(town, case, "feed_back", by=town.wu.holder, at=after(case), text="又修了一次")
    case = perform(town, case, "pass", by=town.chen.holder, at=after(case), finding="亮了")
    happy = {"reached": True, "contacted": True, "solved": "solved", "satisfaction": "satisfied"}
    case = perform(town, case, "call_back", by=town.fang.holder, at=after(case), comment="夸了师傅", **happy)
    case = perform(town, case, "reopen", by=asked, at=after(case), words="又不亮了")
    theirs = {"灯还是不亮", "夸了师傅", "又不亮了"}
    assert notes_read_by(town, case, "chen") >= theirs
    for leader in ("zhao", "song", "han"):
        assert not notes_read_by(town, case, leader) & theirs
    assert notes_read_by(town, case, "cai") & theirs == theirs - {"又不亮了"}


# --- looking at the contact ---


def look(town: Town, case: Case, by: Actor, **told: object) -> dict[str, str]:
    given = {"purpose": "contact", **told}
    return look_at_contact(by=by, case=case, at=after(case), **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("state", list(State))
def test_the_unit_looks_from_signing_to_the_end(town: Town, state: State) -> None:
    case = make_case(town, state)
    before = Look.objects.count()
    if state in SIGNED_AND_NOT_ENDED:
        assert look(town, case, town.wu.holder) == {"name": LIN.name, "phone": LIN.phone}
        assert Look.objects.count() == before + 1
        assert lines_of(case.subject).last().act == "identity.revealed"
    else:
        with pytest.raises(UnableToAct) as refusal:
            look(town, case, town.wu.holder)
        assert refusal.value.code == "not_visible"
        assert Look.objects.count() == before


SIGNED_AND_NOT_ENDED = {
    State.IN_PROGRESS, State.PAUSED, State.SHELVED, State.FEEDBACK_GIVEN, State.VERIFYING, State.CALLBACK_DUE,
}  # fmt: skip


def lookers(town: Town, case: Case) -> set[str]:
    """Who of the cast gets to see the contact; nobody gets it for having the case in hand alone."""
    looked = set()
    for name, person in cast(town).items():
        with contextlib.suppress(UnableToAct):
            look(town, case, person.holder)
            looked.add(name)
    return looked


def test_a_unit_that_signed_and_then_objected_may_look_until_it_is_relieved(town: Town) -> None:
    case = make_case(town, State.IN_PROGRESS)
    case = perform(town, case, "object", by=town.wu.holder, at=after(case))
    assert look(town, case, town.wu.holder)
    case = perform(town, case, "reassign", by=town.tang.holder, at=after(case))
    for person in (town.wu, town.feng):
        with pytest.raises(UnableToAct):
            look(town, case, person.holder)


def test_only_posts_with_that_duty_look(town: Town) -> None:
    case = make_case(town, State.VERIFYING, by=town.lin.holder, channel="app")
    assert lookers(town, case) == {"zhou", "xu", "wu", "zheng", "chen", "fang"}


def test_nobody_looks_without_a_purpose_or_where_there_is_nothing(town: Town) -> None:
    case = make_case(town, State.IN_PROGRESS)
    with pytest.raises(UnableToReveal):
        look(town, case, town.wu.holder, purpose="")
    nobody = make_case(town, State.IN_PROGRESS, anonymous=True)
    with pytest.raises(UnableToAct) as refusal:
        look(town, nobody, town.wu.holder)
    assert refusal.value.code == "no_contact"


# --- confidential reports (invariant 16) ---


@pytest.mark.parametrize("state", [State.IN_PROGRESS, State.CALLBACK_DUE, State.CLOSED])
def test_who_made_a_confidential_report_is_out_of_reach_of_everybody_else(town: Town, state: State) -> None:
    case = make_case(town, state, by=town.lin.holder, channel="app", confidential=True)
    assert lookers(town, case) == {"chen", "fang"}
    case = case_for(town.chen.holder, case.number)
    for name in ("wu", "zheng", "he", "xu", "tang", "song", "cai"):
        by = town.people[name].holder
        seen = visibility(by, case)
        assert seen.requester == NO
        said = repr(timeline(case, seen, by=by))
        for secret in (LIN.name, LIN.phone, "resident", "居委会", "Residents"):
            assert secret not in said
    # Not from the journal either: what Lin did carries neither account nor post.
    mine = {town.lin.holder.id, town.lin.holder.post_id}
    for line in lines_of(case.subject).exclude(act__startswith="identity."):
        assert line.actor_kind != "user" or line.actor_id not in mine


def test_what_the_maker_of_a_confidential_report_does_later_names_nobody(town: Town) -> None:
    case = make_case(town, State.CALLBACK_DUE, by=town.lin.holder, channel="app", confidential=True)
    case = perform(town, case, "rate", by=town.lin.holder, at=after(case))
    line = lines_of(case.subject).last()
    assert (line.actor_kind, line.actor_id, line.post_id) == ("requester", case.number, "")


def test_the_timeline_says_requester_and_not_where_they_live(town: Town) -> None:
    case = make_case(town, State.DISPATCHED, by=town.lin.holder, channel="app")
    entries = timeline(case, visibility(town.chen.holder, case), by=town.chen.holder)
    assert entries[0].who in {"Requester", "诉求人"}
    assert "居委会" not in entries[0].who
