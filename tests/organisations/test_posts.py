"""Who holds a post now, and who answers for a body now."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from town import COMMUNITY, FOUNDED, FOUNDER, GRID, MORNING, OTHER_GRID
from wangge.foundation.accounts.models import User
from wangge.organisations.actions import appoint, found_organisation, post_in, put_on_duty, relieve
from wangge.organisations.models import Appointment, Organisation, Post
from wangge.organisations.queries import holders, holders_over, on_duty, organisations, posts_of
from wangge.organisations.roles import Role

HOUR = timedelta(hours=1)


def appointment_of(person):
    return Appointment.objects.get(pk=person.holder.appointment_id)


def test_a_holder_says_who_from_which_post_and_for_which_area(town):
    (zhou,) = posts_of(town.zhou.user.pk, MORNING)
    assert (zhou.kind, zhou.id, zhou.user_id) == ("user", str(town.zhou.user.pk), town.zhou.user.pk)
    assert (zhou.role, zhou.organisation_code, zhou.area_prefix) == (Role.GRID_WORKER, COMMUNITY, GRID)
    assert zhou.post_label == f"{COMMUNITY}/grid_worker"
    assert zhou.label == "", "no name of a person goes into the journal"


def test_all_posts_of_a_user_come_in_one_statement_oldest_first(town):
    committee = town.bodies["committee"]
    second = post_in(organisation=committee, role=Role.GRID_LEAD)
    appoint(by=FOUNDER, user=town.he.user, post=second, at=MORNING)
    with CaptureQueriesContext(connection) as queries:
        found = posts_of(town.he.user.pk, MORNING)
    assert [holder.role for holder in found] == [Role.COMMUNITY_WORKER, Role.GRID_LEAD]
    assert len(queries) == 1


def test_a_post_is_held_from_the_first_moment_until_before_the_last(town):
    post = post_in(organisation=town.bodies["water"], role=Role.DEPARTMENT_LEAD)
    appoint(by=FOUNDER, user=town.he.user, post=post, at=MORNING, valid_to=MORNING + HOUR)

    def leads(at):
        return Role.DEPARTMENT_LEAD in {holder.role for holder in posts_of(town.he.user.pk, at)}

    tick = timedelta(microseconds=1)
    assert [leads(at) for at in (MORNING - tick, MORNING, MORNING + HOUR - tick, MORNING + HOUR)] == [
        False,
        True,
        True,
        False,
    ]


def test_who_was_relieved_holds_the_post_no_longer(town):
    relieve(by=FOUNDER, appointment=appointment_of(town.wu), at=MORNING)
    assert posts_of(town.wu.user.pk, MORNING) == []
    assert len(posts_of(town.wu.user.pk, MORNING - HOUR)) == 1


@pytest.mark.parametrize("what", ["user", "post", "organisation"])
def test_nobody_acts_from_what_is_closed(town, what):
    post = Post.objects.filter(pk=town.wu.holder.post_id)
    if what == "user":
        User.objects.filter(pk=town.wu.user.pk).update(is_active=False)
    elif what == "post":
        post.update(active=False)
    else:
        Organisation.objects.filter(posts__in=post).update(active=False)
    assert posts_of(town.wu.user.pk, MORNING) == []
    assert not [
        holder
        for holder in holders(town.wu.holder.organisation_id, [Role.DEPARTMENT_HANDLER], MORNING)
        if holder.user_id == town.wu.user.pk
    ]


def test_a_stranger_holds_nothing(town):
    assert posts_of(0, MORNING) == []


def test_holders_are_of_the_body_and_the_roles_asked_for(town):
    urban = town.bodies["urban"].pk
    assert holders(urban, [Role.DEPARTMENT_HANDLER, Role.DEPARTMENT_LEAD], MORNING) == [
        town.wu.holder,
        town.zheng.holder,
    ]
    assert holders(urban, [Role.CALLBACK_AGENT], MORNING) == []
    assert holders(urban, [Role.DEPARTMENT_HANDLER], FOUNDED - HOUR) == []


def test_holders_over_a_place_hold_every_area_above_it(town):
    def over(place, role):
        return [holder.user_id for holder in holders_over(place, [role], MORNING)]

    assert over(GRID, Role.GRID_WORKER) == [town.zhou.user.pk]
    assert over(GRID, Role.TOWN_DISPATCHER) == [town.xu.user.pk]
    assert over(GRID, Role.CENTER_INTAKE) == [town.chen.user.pk]
    assert over(OTHER_GRID, Role.CENTER_INTAKE) == [town.bai.user.pk]
    assert over(COMMUNITY, Role.GRID_WORKER) == [], "a grid's worker is not the whole community's"


def test_organisations_of_a_district(town):
    assert town.bodies["other_centre"] not in organisations("230717")
    assert town.bodies["urban"] in organisations("230717")
    assert organisations().count() == len(town.bodies)
    Organisation.objects.filter(pk=town.bodies["urban"].pk).update(active=False)
    assert town.bodies["urban"] not in organisations("230717")


# --- on duty ---


def on_duty_ids(body, at=MORNING):
    return [holder.user_id for holder in on_duty(body.pk, at)]


def shift(person, starts_at, ends_at):
    return put_on_duty(
        by=FOUNDER, appointment=appointment_of(person), starts_at=starts_at, ends_at=ends_at, at=FOUNDED
    )


def test_without_a_roster_the_handlers_answer(town):
    assert on_duty_ids(town.bodies["urban"]) == [town.wu.user.pk]
    assert on_duty_ids(town.bodies["centre"]) == [town.chen.user.pk]


def test_who_stands_in_the_roster_answers_alone_and_only_then(town):
    shift(town.zheng, MORNING, MORNING + HOUR)
    urban = town.bodies["urban"]
    assert on_duty_ids(urban, MORNING) == [town.zheng.user.pk]
    assert on_duty_ids(urban, MORNING - HOUR) == [town.wu.user.pk]
    assert on_duty_ids(urban, MORNING + HOUR) == [town.wu.user.pk]


def test_two_may_be_on_duty_together(town):
    shift(town.zheng, MORNING, MORNING + HOUR)
    shift(town.wu, MORNING - HOUR, MORNING + HOUR)
    assert on_duty_ids(town.bodies["urban"]) == [town.wu.user.pk, town.zheng.user.pk]


def test_who_was_relieved_is_not_on_duty_though_the_roster_says_so(town):
    shift(town.zheng, MORNING, MORNING + HOUR)
    relieve(by=FOUNDER, appointment=appointment_of(town.zheng), at=MORNING)
    assert on_duty_ids(town.bodies["urban"]) == [town.wu.user.pk]


def test_without_handlers_the_lead_answers(town):
    relieve(by=FOUNDER, appointment=appointment_of(town.wu), at=MORNING)
    assert on_duty_ids(town.bodies["urban"]) == [town.zheng.user.pk]


def test_a_body_without_people_has_nobody_on_duty(town):
    empty = found_organisation(
        by=FOUNDER,
        at=MORNING,
        code="230717.veterans",
        kind="veterans",
        type="department",
        name="退役军人事务局",
        area=town.areas["230717"],
    )
    assert on_duty_ids(empty) == []
