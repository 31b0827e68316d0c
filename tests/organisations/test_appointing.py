"""Founding bodies, setting up posts, appointing and relieving: what is kept, and what is refused."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from town import COMMUNITY, DISTRICT, FOUNDED, FOUNDER, GRID, MORNING, STREET
from wangge.foundation.accounts.actions import create_account
from wangge.foundation.accounts.models import User
from wangge.foundation.journal.actors import Subject
from wangge.foundation.journal.queries import lines_of
from wangge.organisations.actions import (
    UnableToAppoint,
    UnableToFound,
    UnableToRoster,
    appoint,
    found_organisation,
    post_in,
    put_on_duty,
    relieve,
)
from wangge.organisations.authority import HANDLES
from wangge.organisations.models import Appointment, DutyShift, Organisation, OrganisationType, Post
from wangge.organisations.queries import posts_of
from wangge.organisations.roles import SEPARATED, Role

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def newcomer(town):
    return create_account(username="new.comer", password="lamp-by-the-river-7", at=FOUNDED)


def acts_on(kind, id):
    return [line.act for line in lines_of(Subject(kind, str(id)))]


# --- bodies and posts ---


def test_a_body_is_founded_and_journalled(town):
    founded = found_organisation(
        by=FOUNDER, at=MORNING, code="230717.heating_company", kind="heating_company", type="utility",
        name="供热公司", name_en="Heating", area=town.areas[DISTRICT], parent=town.bodies["office"],
    )  # fmt: skip
    (line,) = lines_of(Subject("organisation", founded.code))
    assert line.act == "organisation.founded"
    assert line.facts == {
        "kind": "heating_company",
        "type": "utility",
        "area": DISTRICT,
        "parent": "230717.district_office",
    }


def test_a_code_is_given_once(town):
    with pytest.raises(UnableToFound) as refusal:
        found_organisation(
            by=FOUNDER, at=MORNING, code="230717.urban_management", kind="x", type="office", name="另一个",
            area=town.areas[DISTRICT],
        )  # fmt: skip
    assert (refusal.value.code, refusal.value.field) == ("code_taken", "code")


def test_a_body_is_called_by_its_name_in_the_language_of_the_page(town):
    urban = town.bodies["urban"]
    with override("zh-hans"):
        assert urban.label == "伊美区城市管理综合执法局"
    with override("en"):
        assert urban.label == "Yimei Urban Management Bureau"
        urban.name_en = ""
        assert urban.label == "伊美区城市管理综合执法局"


def test_a_post_is_made_once(town):
    committee = town.bodies["committee"]
    first = post_in(organisation=committee, role=Role.GRID_LEAD)
    assert post_in(organisation=committee, role=Role.GRID_LEAD) == first
    assert post_in(organisation=committee, role=Role.GRID_LEAD, area=town.areas[GRID]) != first
    assert first.code == f"{COMMUNITY}/grid_lead"


def test_a_post_beyond_the_area_of_its_body_is_refused(town):
    with pytest.raises(UnableToFound) as refusal:
        post_in(organisation=town.bodies["committee"], role=Role.GRID_LEAD, area=town.areas[STREET])
    assert refusal.value.code == "area_outside"


HANDLING_TYPES = set(OrganisationType) - {OrganisationType.CENTER, OrganisationType.OFFICE}


@pytest.mark.parametrize("type_", OrganisationType)
def test_callback_agents_belong_to_no_body_that_handles(town, type_):
    body = town.bodies["urban"]
    body.type = type_
    if type_ in HANDLING_TYPES:
        with pytest.raises(UnableToFound) as refusal:
            post_in(organisation=body, role=Role.CALLBACK_AGENT)
        assert refusal.value.code == "caller_in_unit"
    else:
        assert post_in(organisation=body, role=Role.CALLBACK_AGENT).role == Role.CALLBACK_AGENT


# --- appointing ---


def test_an_appointment_is_kept_and_journalled(town, newcomer):
    post = post_in(organisation=town.bodies["water"], role=Role.DEPARTMENT_LEAD)
    given_ = appoint(by=FOUNDER, user=newcomer, post=post, at=MORNING, valid_to=MORNING + DAY)
    assert [holder.appointment_id for holder in posts_of(newcomer.pk, MORNING)] == [given_.pk]
    line = lines_of(Subject("post", str(post.pk))).last()
    assert line.act == "post.filled"
    assert line.facts == {
        "user": str(newcomer.pk),
        "role": "department_lead",
        "organisation": "230717.water_company",
        "until": "2026-03-07T01:00:00.000000Z",
    }


def refused(code, **kwargs):
    before = Appointment.objects.count()
    with pytest.raises(UnableToAppoint) as refusal:
        appoint(by=FOUNDER, **{"at": MORNING, **kwargs})
    assert refusal.value.code == code
    assert Appointment.objects.count() == before


def test_the_same_post_twice_is_refused(town):
    refused("already_appointed", user=town.wu.user, post=Post.objects.get(pk=town.wu.holder.post_id))


def test_the_same_post_again_after_it_ended_is_given(town):
    appointment = Appointment.objects.get(pk=town.wu.holder.appointment_id)
    relieve(by=FOUNDER, appointment=appointment, at=MORNING)
    appoint(by=FOUNDER, user=town.wu.user, post=appointment.post, at=MORNING + DAY)
    assert posts_of(town.wu.user.pk, MORNING) == []
    assert len(posts_of(town.wu.user.pk, MORNING + DAY)) == 1


def test_an_appointment_that_ends_before_it_starts_is_refused(town, newcomer):
    post = post_in(organisation=town.bodies["water"], role=Role.DEPARTMENT_LEAD)
    refused("ends_before_start", user=newcomer, post=post, valid_to=MORNING)


@pytest.mark.parametrize("closed", ["post", "organisation"])
def test_a_closed_post_is_refused(town, newcomer, closed):
    post = post_in(organisation=town.bodies["water"], role=Role.DEPARTMENT_LEAD)
    (post if closed == "post" else post.organisation).active = False
    refused("post_closed", user=newcomer, post=post)


def test_a_closed_account_is_refused(town, newcomer):
    User.objects.filter(pk=newcomer.pk).update(is_active=False)
    post = post_in(organisation=town.bodies["water"], role=Role.DEPARTMENT_LEAD)
    refused("account_closed", user=newcomer, post=post)


@pytest.mark.parametrize("first", sorted(SEPARATED))
@pytest.mark.parametrize("second", sorted(SEPARATED))
def test_the_three_administrators_are_three_people(town, newcomer, first, second):
    """三员分立, GB/T 22239-2019 8.1.5."""
    if first == second:
        return
    office = town.bodies["office"]
    appoint(by=FOUNDER, user=newcomer, post=post_in(organisation=office, role=first), at=FOUNDED)
    refused("separated_duties", user=newcomer, post=post_in(organisation=office, role=second))


def test_an_administrator_may_take_another_of_the_three_once_the_first_has_ended(town, newcomer):
    office = town.bodies["office"]
    first = appoint(
        by=FOUNDER, user=newcomer, post=post_in(organisation=office, role=Role.SYSTEM_ADMIN), at=FOUNDED
    )
    relieve(by=FOUNDER, appointment=first, at=MORNING)
    appoint(by=FOUNDER, user=newcomer, post=post_in(organisation=office, role=Role.AUDITOR), at=MORNING)
    assert [holder.role for holder in posts_of(newcomer.pk, MORNING)] == [Role.AUDITOR]


@pytest.mark.parametrize("role", sorted(HANDLES))
def test_who_handles_does_not_call_back(town, newcomer, role):
    handles = Post.objects.create(organisation=town.bodies["office"], role=role, area=town.areas[DISTRICT])
    calls = post_in(organisation=town.bodies["centre"], role=Role.CALLBACK_AGENT)
    appoint(by=FOUNDER, user=newcomer, post=handles, at=FOUNDED)
    refused("caller_handles", user=newcomer, post=calls)
    other = create_account(username="other.comer", password="lamp-by-the-river-7", at=FOUNDED)
    appoint(by=FOUNDER, user=other, post=calls, at=FOUNDED)
    refused("caller_handles", user=other, post=handles)


# --- relieving ---


def test_relieving_is_journalled(town):
    appointment = Appointment.objects.get(pk=town.wu.holder.appointment_id)
    assert relieve(by=FOUNDER, appointment=appointment, at=MORNING).valid_to == MORNING
    assert acts_on("post", appointment.post_id)[-1] == "post.vacated"


def test_relieving_twice_is_refused(town):
    appointment = Appointment.objects.get(pk=town.wu.holder.appointment_id)
    relieve(by=FOUNDER, appointment=appointment, at=MORNING)
    with pytest.raises(UnableToAppoint) as refusal:
        relieve(by=FOUNDER, appointment=appointment, at=MORNING + DAY)
    assert refusal.value.code == "already_ended"


def test_relieving_before_the_appointment_began_is_refused(town):
    appointment = Appointment.objects.get(pk=town.wu.holder.appointment_id)
    with pytest.raises(UnableToAppoint) as refusal:
        relieve(by=FOUNDER, appointment=appointment, at=FOUNDED)
    assert refusal.value.code == "not_begun"


# --- the roster ---


def roster(town, starts_at, ends_at, person="wu"):
    appointment = Appointment.objects.get(pk=town.people[person].holder.appointment_id)
    return put_on_duty(by=FOUNDER, appointment=appointment, starts_at=starts_at, ends_at=ends_at, at=FOUNDED)


def not_rostered(town, code, starts_at, ends_at):
    with pytest.raises(UnableToRoster) as refusal:
        roster(town, starts_at, ends_at)
    assert refusal.value.code == code


def test_a_shift_is_kept_and_journalled(town):
    shift = roster(town, MORNING, MORNING + DAY)
    assert shift.organisation == town.bodies["urban"]
    line = lines_of(Subject("organisation", "230717.urban_management")).last()
    assert line.act == "organisation.duty_set"
    assert line.facts["from"] == "2026-03-06T01:00:00.000000Z"


def test_shifts_may_follow_each_other_without_a_gap(town):
    roster(town, MORNING, MORNING + DAY)
    roster(town, MORNING + DAY, MORNING + 2 * DAY)
    assert DutyShift.objects.count() == 2


def test_a_shift_that_ends_before_it_starts_is_refused(town):
    not_rostered(town, "ends_before_start", MORNING, MORNING)


@pytest.mark.parametrize(
    ("start", "end"), [(-1, 1), (0, 24), (1, 2), (23, 25), (-1, 25)], ids=lambda hours: f"{hours}h"
)
def test_a_shift_that_meets_another_of_the_same_person_is_refused(town, start, end):
    roster(town, MORNING, MORNING + DAY)
    not_rostered(town, "overlap", MORNING + start * HOUR, MORNING + end * HOUR)


def test_a_shift_beyond_the_appointment_is_refused(town):
    not_rostered(town, "not_appointed", FOUNDED - HOUR, FOUNDED + HOUR)
    relieve(by=FOUNDER, appointment=Appointment.objects.get(pk=town.wu.holder.appointment_id), at=MORNING)
    not_rostered(town, "not_appointed", MORNING - HOUR, MORNING + HOUR)


# --- what the database refuses by itself ---


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((0, None), (5, None)),
        ((0, 10), (5, None)),
        ((0, 10), (9, 12)),
        ((5, None), (0, 6)),
        ((0, 10), (0, 10)),
    ],
)
def test_the_database_refuses_one_post_twice_at_a_time(town, newcomer, first, second):
    post = post_in(organisation=town.bodies["water"], role=Role.DEPARTMENT_LEAD)

    def put(days):
        start, end = days
        return Appointment.objects.create(
            user=newcomer,
            post=post,
            valid_from=MORNING + start * DAY,
            valid_to=None if end is None else MORNING + end * DAY,
        )

    put(first)
    with pytest.raises(IntegrityError, match="one_appointment_at_a_time"), transaction.atomic():
        put(second)


def test_the_database_refuses_two_shifts_of_one_person_at_a_time(town):
    shift = roster(town, MORNING, MORNING + DAY)
    shift.pk = None
    with pytest.raises(IntegrityError, match="one_shift_at_a_time"), transaction.atomic():
        shift.save(force_insert=True)


def test_the_database_refuses_periods_that_run_backwards(town, newcomer):
    post = post_in(organisation=town.bodies["water"], role=Role.DEPARTMENT_LEAD)
    with pytest.raises(IntegrityError, match="appointment_ends_after_it_starts"), transaction.atomic():
        Appointment.objects.create(user=newcomer, post=post, valid_from=MORNING, valid_to=MORNING)


def test_a_body_with_posts_cannot_be_deleted(town):
    with pytest.raises(IntegrityError):
        Organisation.objects.get(code="230717.urban_management").delete()


# --- always ---


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from([*sorted(SEPARATED), Role.CALLBACK_AGENT, Role.DEPARTMENT_HANDLER]),
            st.integers(1, 6),
            st.none() | st.integers(1, 6),
        ),
        max_size=8,
    )
)
def test_whatever_is_asked_in_any_order_duties_stay_apart_at_every_moment(town, asked):
    with transaction.atomic():
        user = User.objects.create(username="any.body", created_at=FOUNDED)
        for role, start, length in asked:
            body = town.bodies["urban" if role == Role.DEPARTMENT_HANDLER else "centre"]
            at = MORNING + start * DAY
            valid_to = at + length * DAY if length else None
            try:
                with transaction.atomic():
                    appoint(
                        by=FOUNDER,
                        user=user,
                        post=post_in(organisation=body, role=role),
                        at=at,
                        valid_to=valid_to,
                    )
            except UnableToAppoint:
                pass
        for day in range(15):
            held = {holder.role for holder in posts_of(user.pk, MORNING + day * DAY)}
            assert len(held & SEPARATED) <= 1
            assert not (Role.CALLBACK_AGENT in held and held & HANDLES)
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_two_clerks_at_once_cannot_join_separated_duties(town, newcomer):
    posts = [
        post_in(organisation=town.bodies["office"], role=role) for role in (Role.SYSTEM_ADMIN, Role.AUDITOR)
    ]
    together = threading.Barrier(2)

    def give(post):
        try:
            together.wait(timeout=20)
            appoint(by=FOUNDER, user=newcomer, post=post, at=MORNING)
        except UnableToAppoint as refusal:
            return refusal.code
        finally:
            connection.close()
        return "appointed"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(give, posts)) == ["appointed", "separated_duties"]


@pytest.mark.django_db(transaction=True)
def test_two_clerks_at_once_cannot_enter_one_shift_twice(town):
    together = threading.Barrier(2)

    def enter(_number):
        try:
            together.wait(timeout=20)
            roster(town, MORNING, MORNING + DAY)
        except UnableToRoster as refusal:
            return refusal.code
        finally:
            connection.close()
        return "entered"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(enter, range(2))) == ["entered", "overlap"]
