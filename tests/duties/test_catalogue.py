"""Entering and ending matters, rules and admissions: what is kept, journalled, and refused."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from town import DISTRICT, FOUNDER, MORNING, STREET
from wangge.duties.actions import (
    UnableToEnter,
    admit_matter,
    end_admission,
    end_rule,
    enter_matter,
    enter_rule,
)
from wangge.duties.defaults import load_defaults
from wangge.duties.models import Category, CommunityAdmission, DispatchRule, Matter
from wangge.foundation.journal.actors import Subject
from wangge.foundation.journal.queries import lines_of

START = date(2026, 6, 1)
TICK = timedelta(days=1)


@pytest.fixture
def matter(town):
    return new_matter()


def new_matter(**changed):
    told = {
        "code": "TEST-01", "category": Category.objects.get(code="sanitation"), "name": "垃圾堆积",
        "name_en": "Rubbish heap", "priority": "normal", "valid_from": date(2026, 1, 1),
    }  # fmt: skip
    return enter_matter(by=FOUNDER, at=MORNING, **(told | changed))


def new_rule(town, matter, *, area=DISTRICT, start=START, end=None, **changed):
    told = {"lead_kind": "urban_management", "basis": "派单目录第一条"} | changed
    return enter_rule(
        by=FOUNDER, at=MORNING, matter=matter, area=town.areas[area], valid_from=start, valid_to=end, **told
    )


def new_admission(town, matter, *, area=DISTRICT, start=START, end=START + 30 * TICK, **changed):
    told = {"basis": "试行清单"} | changed
    return admit_matter(
        by=FOUNDER, at=MORNING, matter=matter, area=town.areas[area], valid_from=start, valid_to=end, **told
    )


def refused(code, act, *args, **kwargs):
    counts = [model.objects.count() for model in (Matter, DispatchRule, CommunityAdmission)]
    with pytest.raises(UnableToEnter) as refusal:
        act(*args, **kwargs)
    assert refusal.value.code == code
    assert counts == [model.objects.count() for model in (Matter, DispatchRule, CommunityAdmission)]


def test_the_story_of_a_matter_stands_in_the_journal(town, matter):
    rule = new_rule(town, matter)
    admission = new_admission(town, matter)
    end_rule(by=FOUNDER, at=MORNING, rule=rule, day=START + TICK)
    end_admission(by=FOUNDER, at=MORNING, admission=admission, day=START + TICK)
    told = [(line.act, line.facts) for line in lines_of(Subject("matter", "TEST-01"))]
    assert told == [
        (
            "matter.entered",
            {"category": "sanitation", "priority": "normal", "from": "2026-01-01", "to": None},
        ),
        (
            "matter.rule_entered",
            {"rule": rule.pk, "area": DISTRICT, "lead": "urban_management", "from": "2026-06-01", "to": None},
        ),
        (
            "matter.admitted",
            {"admission": admission.pk, "area": DISTRICT, "from": "2026-06-01", "to": "2026-07-01"},
        ),
        ("matter.rule_ended", {"rule": rule.pk, "to": "2026-06-02"}),
        ("matter.exited", {"admission": admission.pk, "to": "2026-06-02"}),
    ]


# --- matters ---


def test_a_code_of_a_matter_is_given_once(town, matter):
    refused("matter_exists", new_matter, name="另一个")


def test_a_priority_nobody_knows_is_refused(town):
    refused("bad_priority", new_matter, priority="at_once")


def test_a_matter_that_ends_before_it_starts_is_refused(town):
    refused("ends_before_start", new_matter, valid_to=date(2026, 1, 1))


# --- rules ---


@pytest.mark.parametrize("basis", ["", "   "])
def test_a_rule_without_a_basis_is_refused(town, matter, basis):
    refused("no_basis", new_rule, town, matter, basis=basis)


def test_a_rule_that_ends_before_it_starts_is_refused(town, matter):
    refused("ends_before_start", new_rule, town, matter, end=START)


@pytest.mark.parametrize(("start", "end"), [(0, 10), (0, None), (-5, 1), (-5, None), (3, 4), (9, 20)])
def test_a_rule_that_meets_another_of_the_same_matter_and_area_is_refused(town, matter, start, end):
    new_rule(town, matter, end=START + 10 * TICK)
    until = None if end is None else START + end * TICK
    refused("rules_overlap", new_rule, town, matter, start=START + start * TICK, end=until)


@pytest.mark.parametrize(("start", "end"), [(-5, 0), (10, None), (10, 11)])
def test_rules_may_follow_each_other(town, matter, start, end):
    new_rule(town, matter, end=START + 10 * TICK)
    new_rule(town, matter, start=START + start * TICK, end=None if end is None else START + end * TICK)
    assert matter.rules.count() == 2


def test_another_area_or_matter_is_another_rule(town, matter):
    new_rule(town, matter)
    new_rule(town, matter, area=STREET)
    new_rule(town, new_matter(code="TEST-02"))
    assert DispatchRule.objects.filter(matter__code__startswith="TEST").count() == 3


def test_a_rule_can_be_ended_and_followed(town, matter):
    rule = new_rule(town, matter)
    assert end_rule(by=FOUNDER, at=MORNING, rule=rule, day=START + TICK).valid_to == START + TICK
    new_rule(town, matter, start=START + TICK)


def test_a_rule_is_not_ended_before_it_starts(town, matter):
    refused("ends_before_start", end_rule, by=FOUNDER, at=MORNING, rule=new_rule(town, matter), day=START)


def test_a_rule_is_not_ended_later_than_it_ends(town, matter):
    rule = new_rule(town, matter, end=START + TICK)
    refused("already_ended", end_rule, by=FOUNDER, at=MORNING, rule=rule, day=START + TICK)


# --- admissions ---


def test_an_admission_without_a_basis_is_refused(town, matter):
    refused("no_basis", new_admission, town, matter, basis=" ")


def test_an_admission_to_an_unknown_catalogue_is_refused(town, matter):
    refused("bad_catalogue", new_admission, town, matter, catalogue="whatever")


@pytest.mark.parametrize("days", [-1, 0, 367])
def test_an_admission_of_less_than_a_day_or_more_than_a_year_is_refused(town, matter, days):
    refused("bad_term", new_admission, town, matter, end=START + days * TICK)


@pytest.mark.parametrize("days", [1, 366])
def test_an_admission_of_a_day_and_of_a_leap_year_holds(town, matter, days):
    assert new_admission(town, matter, end=START + days * TICK).valid_to == START + days * TICK


def test_an_admission_that_meets_another_is_refused(town, matter):
    new_admission(town, matter)
    refused("admissions_overlap", new_admission, town, matter, start=START + 29 * TICK, end=START + 60 * TICK)
    new_admission(town, matter, start=START + 30 * TICK, end=START + 60 * TICK)


def test_an_admission_is_not_ended_twice(town, matter):
    admission = new_admission(town, matter)
    end_admission(by=FOUNDER, at=MORNING, admission=admission, day=START + TICK)
    refused("already_ended", end_admission, by=FOUNDER, at=MORNING, admission=admission, day=START + 2 * TICK)


# --- what the database refuses by itself ---


@pytest.mark.parametrize(
    ("make", "constraint"),
    [
        (new_rule, "one_rule_a_matter_area_and_day"),
        (new_admission, "one_admission_a_matter_area_and_day"),
    ],
)
def test_the_database_refuses_what_meets(town, matter, make, constraint):
    row = make(town, matter)
    row.pk = None
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.parametrize("make", [new_rule, new_admission])
@pytest.mark.parametrize(
    ("change", "constraint"), [({"basis": ""}, "has_a_basis"), ({"valid_to": START}, "ends_after_it_starts")]
)
def test_the_database_refuses_rows_without_basis_or_days(town, matter, make, change, constraint):
    row = make(town, matter)
    for name, value in change.items():
        setattr(row, name, value)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        row.save()


# --- two clerks at once ---


def both(act):
    together = threading.Barrier(2)

    def one(number):
        try:
            connection.ensure_connection()
            together.wait(timeout=20)
            act(number)
        except (UnableToEnter, IntegrityError) as refusal:
            return getattr(refusal, "code", "the database")
        finally:
            connection.close()
        return "entered"

    with ThreadPoolExecutor(2) as pool:
        return set(pool.map(one, range(2)))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("make", "code"), [(new_rule, "rules_overlap"), (new_admission, "admissions_overlap")]
)
def test_two_clerks_at_once_make_one_entry_and_one_clear_refusal(town, matter, make, code):
    assert both(lambda number: make(town, matter, start=START + number * TICK)) == {"entered", code}


@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_what_meets_also_when_written_at_once(town, matter):
    def write(number):
        with transaction.atomic():
            DispatchRule.objects.create(
                matter=matter, area=town.areas[DISTRICT], lead_kind="x", basis="x",
                valid_from=START + number * TICK,
            )  # fmt: skip

    assert both(write) == {"entered", "the database"}


# --- what a new deployment starts with ---


def test_a_new_deployment_knows_the_families_of_matters(db):
    assert Category.objects.count() == 22
    heating = Category.objects.get(code="heating")
    assert (heating.name, heating.name_en, heating.position) == ("供热", "Heating", 1)
    assert not Category.objects.filter(name_en="").exists()
    assert len(set(Category.objects.values_list("position", flat=True))) == 22


def test_loading_defaults_again_changes_nothing_a_deployment_changed(db):
    Category.objects.filter(code="heating").update(name="集中供热", position=99)
    Category.objects.filter(code="greening").delete()
    load_defaults()
    load_defaults()
    changed = Category.objects.get(code="heating")
    assert (changed.name, changed.position) == ("集中供热", 99)
    assert Category.objects.filter(code="greening").count() == 1
    assert Category.objects.count() == 22
