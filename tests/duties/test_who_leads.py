"""Who leads: exactly one body, by the rule in force of the most specific area, or a refusal that says why."""

from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from town import COMMUNITY, DISTRICT, FOUNDER, GRID, MORNING, NEXT_GRID, OTHER_GRID, SECOND_GRID, STREET
from wangge.duties.actions import admit_matter, end_admission, end_rule, enter_matter, enter_rule
from wangge.duties.models import Category, CommunityAdmission, DispatchRule, Matter
from wangge.duties.queries import (
    UnableToNameLead,
    admission_for,
    check_admission,
    matters_in_force,
    rule_for,
    who_leads,
)
from wangge.organisations.actions import found_organisation
from wangge.organisations.models import Organisation

DAY = date(2026, 3, 6)
TICK = timedelta(days=1)


@pytest.fixture
def matter(town):
    """A matter with no rule yet."""
    return enter_matter(
        by=FOUNDER, at=MORNING, code="TEST-01", category=Category.objects.get(code="sanitation"),
        name="垃圾堆积", name_en="Rubbish heap", priority="normal", valid_from=date(2026, 1, 1),
    )  # fmt: skip


def rule(matter, area, lead="urban_management", start=date(2026, 1, 1), end=None, assists=()):
    return enter_rule(
        by=FOUNDER, at=MORNING, matter=matter, area=area, lead_kind=lead, basis="派单目录第一条",
        valid_from=start, valid_to=end, assist_kinds=assists,
    )  # fmt: skip


def body(town, code, kind, area, type_="department"):
    return found_organisation(
        by=FOUNDER, at=MORNING, code=code, kind=kind, type=type_, name=code, area=town.areas[area]
    )


def leads(matter, area_code=GRID, day=DAY):
    return who_leads(matter=matter, area_code=area_code, day=day)


def refused(code, matter, area_code=GRID, day=DAY):
    with pytest.raises(UnableToNameLead) as refusal:
        leads(matter, area_code, day)
    assert refusal.value.code == code
    return refusal.value


# --- it works ---


def test_the_lead_the_rule_and_its_basis_are_told(town, matter):
    entered = rule(matter, town.areas[DISTRICT])
    found = leads(matter)
    assert (found.organisation, found.rule, found.rule.basis) == (
        town.bodies["urban"],
        entered,
        "派单目录第一条",
    )
    assert (found.assists, found.admission, found.not_admitted) == ((), None, ())


def test_a_kind_is_resolved_to_the_body_that_answers_for_the_place(town, matter):
    rule(matter, town.areas[DISTRICT], lead="town_unit")
    assert leads(matter, GRID).organisation == town.bodies["street"]
    assert leads(matter, SECOND_GRID).organisation == town.bodies["street"]
    assert leads(matter, NEXT_GRID).organisation == town.bodies["next_street"]


def test_the_nearest_body_of_a_kind_answers(town, matter):
    rule(matter, town.areas[DISTRICT])
    own = body(town, "230717001.urban", "urban_management", STREET)
    assert leads(matter, GRID).organisation == own
    assert leads(matter, NEXT_GRID).organisation == town.bodies["urban"]


def test_the_rule_of_the_most_specific_area_wins(town, matter):
    rule(matter, town.areas[DISTRICT], lead="urban_management")
    rule(matter, town.areas[STREET], lead="water_company")
    rule(matter, town.areas[COMMUNITY], lead="civil_affairs")
    rule(matter, town.areas[GRID], lead="town_unit")
    assert [
        leads(matter, place).rule.lead_kind for place in (GRID, SECOND_GRID, NEXT_GRID, STREET, DISTRICT)
    ] == [
        "town_unit",
        "civil_affairs",
        "urban_management",
        "water_company",
        "urban_management",
    ]


def test_a_rule_holds_from_its_first_day_until_before_its_last(town, matter):
    rule(matter, town.areas[DISTRICT], lead="civil_affairs", start=DAY, end=DAY + 2 * TICK)
    rule(matter, town.areas[DISTRICT], lead="urban_management", start=DAY + 2 * TICK)
    told = [leads(matter, day=DAY + number * TICK).rule.lead_kind for number in range(4)]
    assert told == ["civil_affairs", "civil_affairs", "urban_management", "urban_management"]
    refused("no_rule", matter, day=DAY - TICK)


def test_a_narrower_rule_that_has_ended_leaves_the_wider_one(town, matter):
    rule(matter, town.areas[DISTRICT], lead="urban_management")
    narrow = rule(matter, town.areas[STREET], lead="civil_affairs")
    end_rule(by=FOUNDER, at=MORNING, rule=narrow, day=DAY)
    assert leads(matter, day=DAY - TICK).rule.lead_kind == "civil_affairs"
    assert leads(matter, day=DAY).rule.lead_kind == "urban_management"


def test_those_who_assist_are_named_once_and_never_the_lead(town, matter):
    rule(
        matter,
        town.areas[DISTRICT],
        assists=["water_company", "urban_management", "town_unit", "water_company"],
    )
    assert leads(matter).assists == (town.bodies["water"], town.bodies["street"])


def test_an_assisting_kind_without_a_body_here_is_left_out(town, matter):
    rule(matter, town.areas[DISTRICT], assists=["forestry", "water_company"])
    assert leads(matter).assists == (town.bodies["water"],)


def test_asking_costs_two_statements_and_one_more_where_a_community_takes_part(town):
    for short, statements in (("lamp", 2), ("noise", 3), ("manhole", 3)):
        with CaptureQueriesContext(connection) as queries:
            leads(town.matters[short])
        assert len(queries) == statements, short


# --- admission ---


def test_a_community_leads_what_is_admitted(town):
    found = leads(town.matters["noise"])
    assert found.organisation == town.bodies["committee"]
    assert found.admission is not None
    assert found.admission.matter == town.matters["noise"]


def test_a_community_is_not_handed_what_nothing_admits(town):
    refusal = refused("not_admitted", town.matters["forms"])
    assert refusal.field == "unit"


def test_an_admission_counts_only_on_its_days(town, matter):
    rule(matter, town.areas[DISTRICT], lead="community")
    admit_matter(
        by=FOUNDER, at=MORNING, matter=matter, area=town.areas[DISTRICT], basis="试行清单", valid_from=DAY,
        valid_to=DAY + 2 * TICK,
    )  # fmt: skip
    refused("not_admitted", matter, day=DAY - TICK)
    assert leads(matter, day=DAY).organisation == leads(matter, day=DAY + TICK).organisation
    refused("not_admitted", matter, day=DAY + 2 * TICK)


def test_an_admission_counts_only_in_its_area(town, matter):
    rule(matter, town.areas[DISTRICT], lead="community")
    admit_matter(
        by=FOUNDER, at=MORNING, matter=matter, area=town.areas[STREET], basis="试行清单", valid_from=DAY,
        valid_to=DAY + TICK,
    )  # fmt: skip
    assert leads(matter, GRID).organisation == town.bodies["committee"]
    refused("not_admitted", matter, NEXT_GRID)


def test_the_day_a_matter_exits_no_community_can_be_handed_it(town):
    noise = town.matters["noise"]
    admission = leads(noise).admission
    end_admission(by=FOUNDER, at=MORNING, admission=admission, day=DAY)
    refused("not_admitted", noise)
    assert leads(noise, day=DAY - TICK).organisation == town.bodies["committee"]


def test_a_community_assists_only_in_what_is_admitted(town, matter):
    rule(matter, town.areas[DISTRICT], assists=["community", "water_company"])
    before = leads(matter)
    assert before.assists == (town.bodies["water"],)
    assert before.not_admitted == (town.bodies["committee"],)
    admit_matter(
        by=FOUNDER, at=MORNING, matter=matter, area=town.areas[DISTRICT], basis="试行清单", valid_from=DAY,
        valid_to=DAY + TICK,
    )  # fmt: skip
    after = leads(matter)
    assert after.assists == (town.bodies["committee"], town.bodies["water"])
    assert after.not_admitted == ()


@pytest.mark.parametrize("type_", ["committee", "grid_team"])
def test_whatever_serves_a_community_needs_an_admission(town, matter, type_):
    team = body(town, "230717001001001.team", "grid_team", GRID, type_)
    with pytest.raises(UnableToNameLead):
        check_admission(organisation=team, matter=matter, area_code=GRID, day=DAY)


@pytest.mark.parametrize("type_", ["department", "utility", "centre", "office", "town_unit"])
def test_other_bodies_need_no_admission(town, matter, type_):
    other = body(town, "230717001.other", "other", STREET, type_)
    assert check_admission(organisation=other, matter=matter, area_code=GRID, day=DAY) is None


def test_the_admission_of_the_most_specific_area_is_the_one_told(town, matter):
    admitted = {
        area: admit_matter(
            by=FOUNDER, at=MORNING, matter=matter, area=town.areas[area], basis="试行清单", valid_from=DAY,
            valid_to=DAY + TICK,
        )
        for area in (DISTRICT, COMMUNITY)
    }  # fmt: skip
    assert admission_for(matter=matter, area_code=GRID, day=DAY) == admitted[COMMUNITY]
    assert admission_for(matter=matter, area_code=NEXT_GRID, day=DAY) == admitted[DISTRICT]
    assert admission_for(matter=matter, area_code=OTHER_GRID, day=DAY) is None


# --- refusals ---


def test_without_a_rule_nobody_is_named(town, matter):
    refusal = refused("no_rule", matter)
    assert refusal.field == "matter"
    with override("zh-hans"):
        assert "垃圾堆积" in str(refused("no_rule", matter))
    with override("en"):
        assert "Rubbish heap" in str(refused("no_rule", matter))


def test_a_rule_elsewhere_names_nobody_here(town, matter):
    rule(matter, town.areas[STREET])
    refused("no_rule", matter, NEXT_GRID)


def test_without_a_body_of_the_kind_nobody_is_named(town, matter):
    rule(matter, town.areas[DISTRICT], lead="forestry")
    refused("no_unit", matter)


def test_a_body_below_the_place_does_not_answer_for_it(town, matter):
    rule(matter, town.areas[DISTRICT], lead="community")
    refused("no_unit", matter, STREET)


def test_a_body_that_is_closed_is_not_named(town, matter):
    rule(matter, town.areas[DISTRICT])
    Organisation.objects.filter(pk=town.bodies["urban"].pk).update(active=False)
    refused("no_unit", matter)


def test_two_bodies_of_a_kind_in_one_area_are_no_answer(town, matter):
    rule(matter, town.areas[DISTRICT])
    body(town, "230717.second_urban", "urban_management", DISTRICT)
    refused("two_units", matter)


def test_a_matter_that_has_ended_or_not_begun_is_no_answer(town, matter):
    rule(matter, town.areas[DISTRICT])
    Matter.objects.filter(pk=matter.pk).update(valid_to=DAY)
    matter.refresh_from_db()
    refused("not_in_force", matter)
    refused("not_in_force", matter, day=date(2025, 12, 31))
    assert leads(matter, day=DAY - TICK).organisation == town.bodies["urban"]


def test_matters_in_force_come_in_the_order_of_their_families(town, matter):
    found = list(matters_in_force(DAY))
    assert matter in found
    assert [m.category.position for m in found] == sorted(m.category.position for m in found)
    assert matter not in matters_in_force(date(2025, 12, 31))


# --- always: the same answer as somebody reading the catalogue line by line ---

AREAS = [DISTRICT, STREET, COMMUNITY, GRID]
KINDS = ["urban_management", "water_company", "town_unit", "community", "nobody", "twins"]
PLACES = [DISTRICT, STREET, COMMUNITY, GRID, SECOND_GRID, NEXT_GRID, OTHER_GRID]
periods = st.tuples(st.integers(0, 9), st.none() | st.integers(1, 5))
rows = st.tuples(st.sampled_from(AREAS), periods, st.sampled_from(KINDS))


def apart(entries):
    """Keep the rows of a catalogue that the database would let in."""
    kept = []
    for area, (start, length), kind in entries:
        end = None if length is None else start + length
        if not any(
            other == area and (end is None or begin < end) and (finish is None or start < finish)
            for other, begin, finish, _kind in kept
        ):
            kept.append((area, start, end, kind))
    return kept


def read_line_by_line(rules, admissions, bodies, place, day):
    """The rule book in the plainest words."""
    fitting = [
        (area, kind)
        for area, start, end, kind in rules
        if place.startswith(area) and start <= day and (end is None or day < end)
    ]
    if not fitting:
        return "no_rule"
    kind = max(fitting, key=lambda row: len(row[0]))[1]
    here = [body for body in bodies if body.kind == kind and place.startswith(body.area.prefix)]
    if not here:
        return "no_unit"
    nearest = max(len(body.area.prefix) for body in here)
    here = [body for body in here if len(body.area.prefix) == nearest]
    if len(here) > 1:
        return "two_units"
    admitted = any(place.startswith(area) and start <= day < end for area, start, end, _kind in admissions)
    if here[0].type == "committee" and not admitted:
        return "not_admitted"
    return here[0].code


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rules=st.lists(rows, max_size=8).map(apart),
    admissions=st.lists(
        st.tuples(st.sampled_from(AREAS), st.tuples(st.integers(0, 9), st.integers(1, 5)), st.just("")),
        max_size=3,
    ).map(apart),
    place=st.sampled_from(PLACES),
)
def test_for_any_catalogue_there_is_exactly_one_lead_or_the_refusal_one_would_expect(
    town, matter, rules, admissions, place
):
    with transaction.atomic():
        for code, area in (("230717.twin_a", DISTRICT), ("230717.twin_b", DISTRICT)):
            Organisation.objects.create(
                code=code, kind="twins", type="department", name=code, area=town.areas[area]
            )
        DispatchRule.objects.bulk_create(
            DispatchRule(
                matter=matter, area=town.areas[area], lead_kind=kind, basis="x",
                valid_from=DAY + start * TICK, valid_to=None if end is None else DAY + end * TICK,
            )
            for area, start, end, kind in rules
        )  # fmt: skip
        CommunityAdmission.objects.bulk_create(
            CommunityAdmission(
                matter=matter, area=town.areas[area], basis="x", valid_from=DAY + start * TICK,
                valid_to=DAY + end * TICK,
            )
            for area, start, end, _kind in admissions
        )  # fmt: skip
        bodies = list(Organisation.objects.select_related("area"))
        for day in range(12):
            expected = read_line_by_line(rules, admissions, bodies, place, day)
            try:
                answer = leads(matter, place, DAY + day * TICK).organisation.code
            except UnableToNameLead as refusal:
                answer = refusal.code
            assert answer == expected, (day, place)
        transaction.set_rollback(True)


def test_rule_for_tells_the_rule_without_asking_for_a_body(town, matter):
    entered = rule(matter, town.areas[DISTRICT], lead="forestry")
    assert rule_for(matter=matter, area_code=GRID, day=DAY) == entered
    assert rule_for(matter=matter, area_code=OTHER_GRID, day=DAY) is None
