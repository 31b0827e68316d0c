"""Filling the demo: as many as reported, twice the same, finished after an interruption, never elsewhere."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import timedelta
from types import FrameType
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from database import Clearing, as_owner, drop_database, make_database, pointing_at
from demo.conftest import AT, EARLIER, silent
from wangge.cases.models import Case
from wangge.demo.accounts import PASSWORD
from wangge.demo.reading import messages, toml
from wangge.demo.seed import UnableToSeed, demo_stories, seed, seed_town, tell_stories
from wangge.duties.models import CommunityAdmission, DispatchRule, Matter
from wangge.foundation.accounts.actions import create_account
from wangge.foundation.accounts.models import User
from wangge.foundation.journal.actors import Actor
from wangge.foundation.journal.models import Head, Line, Wakeup
from wangge.foundation.journal.verifying import verify_journal
from wangge.organisations.actions import appoint, found_organisation, post_in, put_on_duty
from wangge.organisations.models import Appointment, DutyShift, Organisation, Post
from wangge.organisations.roles import Role
from wangge.territory.codes import Kind, Level
from wangge.territory.models import Area, PlaceName

# --- the figures the districts report ----------------------------------------------------------------


def grids(district: str, kind: Kind) -> int:
    return Area.objects.filter(prefix__startswith=district, level=Level.GRID, kind=kind, active=True).count()


#: How the system counts what the account of a district gives a figure of. Every figure that stands for rows
#: is named here or below, so that a new room does not forget its own.
COUNTED = {
    ("230719", "basic_grids"): lambda: grids("230719", Kind.BASIC),
    ("230719", "rural_grids"): lambda: grids("230719", Kind.RURAL),
    ("230719", "dedicated_grids"): lambda: grids("230719", Kind.DEDICATED),
    ("230717", "villages_with_first_secretary"): lambda: Area.objects.filter(
        prefix__startswith="230717", kind=Kind.VILLAGE, active=True
    ).count(),
    ("230718", "departments"): lambda: Organisation.objects.filter(
        code__startswith="230718.", type="department"
    ).count(),
}
#: Figures of rows whose rooms are still to be built.
WAITING = {
    "signboards_removed", "signboards_standardised", "communities_fully_budgeted", "warm_stations",
    "tasks_claimed", "town_duties", "community_need_items", "resident_need_items",
    "agency_party_organisations", "outer_signboards_removed", "inner_signboards_removed", "catalogues",
    "service_centres", "new_employment_stations",
}  # fmt: skip


def test_what_the_system_holds_is_as_many_as_reported(demo: None):
    told = {(one["district"], one["key"]): one for one in toml("figures.toml")["figure"]}
    for key, count in COUNTED.items():
        assert count() == told[key]["value"], key
    standing_for_rows = {key for key, one in told.items() if one["rows"]}
    assert {key for key in standing_for_rows if key[1] not in WAITING} == COUNTED.keys()


def test_figures_of_people_and_lower_bounds_are_nowhere_rows(demo: None):
    """1,465 members, 1,628 attendances, some 80 cadres: told as figures, never made up one by one."""
    figures = {
        one["value"]
        for one in toml("figures.toml")["figure"]
        if one["is_at_least"] or one["unit"] in {"人次", "名", "人"}
    }
    people = [User.objects, Appointment.objects, Post.objects]
    for role in Role:
        people.append(Appointment.objects.filter(post__role=role))
        people += [
            Appointment.objects.filter(post__role=role, post__area__prefix__startswith=district)
            for district in ("230717", "230718", "230719")
        ]
    assert {rows.count() for rows in people if rows.count() > 50} & figures == set()
    made_up = {Role.IN_SERVICE_MEMBER, Role.VOLUNTEER, Role.REPORTER, Role.PART_TIME_GRID_WORKER}
    assert not Appointment.objects.filter(post__role__in=made_up - {Role.PART_TIME_GRID_WORKER}).exists()


def test_real_areas_are_named_as_they_are_and_everything_below_is_demo(demo: None):
    below = {Level.GRID, Level.MICRO_GRID}
    assert not Area.objects.filter(level__in=below, is_demo=False).exists()
    assert not Area.objects.exclude(level__in=below).filter(is_demo=True).exists()
    for model in (PlaceName, Organisation, Matter, Case):
        assert not model._default_manager.filter(is_demo=False).exists(), model.__name__
    committee = Area.objects.get(code="230717001001")
    assert committee.name.endswith("社区")


# --- once, twice, and after an interruption ----------------------------------------------------------


def test_a_second_start_changes_nothing_and_asks_little(demo: None, demo_database: str):
    before = sums(demo_database)
    said: list[str] = []
    with CaptureQueriesContext(connection) as asked:
        seed(at=AT + timedelta(hours=7), say=said.append, earlier=EARLIER)
    assert sums(demo_database) == before
    assert said == []
    assert len(asked) < 40


def sums(database: str) -> dict[str, tuple[int, str]]:
    """Of every table, how many rows and a sum over their content."""
    with as_owner(database) as owner:
        return Clearing._sum(owner, Clearing._tables(owner))


@pytest.fixture
def empty(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A migrated database with nothing in it."""
    name = f"{settings.TEST_DATABASE}_empty"
    with django_db_blocker.unblock():
        make_database(name)
        with pointing_at(name):
            yield
        drop_database(name)


class Interruption(BaseException):
    """Somebody pressed Ctrl-C."""


def interrupted(seconds: float) -> bool:
    """Seed the town until so much time has passed; whether it was too short."""

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise Interruption

    before = signal.signal(signal.SIGALRM, ring)
    # It rings on: the first ring may fall into a finaliser, which swallows it.
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.3)
    try:
        seed_town(at=AT, say=silent)
        tell_stories(demo_stories()[:12], at=AT)
    except BaseException as broken:
        if not _rang(broken):
            raise
        signal.setitimer(signal.ITIMER_REAL, 0)
        connection.close()  # what was under way is rolled back, as when a process ends
        return True
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    return False


def _rang(broken: BaseException | None) -> bool:
    """Whether it was the ring, also where it broke into a statement and the driver spoke last."""
    while broken is not None and not isinstance(broken, Interruption):
        broken = broken.__context__
    return broken is not None


def test_an_interrupted_seeding_is_finished_by_the_next(empty: None, town_database: str):
    """Broken off again and again, at any moment, in the end it is the town of an undisturbed one."""
    pressed = 0
    seconds = 0.4
    while interrupted(seconds):
        pressed += 1
        seconds *= 1.5
        assert pressed < 20
    assert pressed >= 2
    assert Case.objects.filter(client_key__startswith="demo-").count() == 12
    ours = everything()
    with pointing_at(town_database):
        undisturbed = everything()
    assert ours == undisturbed
    assert verify_journal().sound


def everything() -> dict[str, Any]:
    """What the town consists of, without the numbers of rows."""
    return {
        "areas": list(Area.objects.order_by("code").values_list("code", "name")),
        "places": list(PlaceName.objects.order_by("name", "area").values_list("name", "area__code")),
        "posts": sorted(Post.objects.values_list("organisation__code", "role", "area__code")),
        "people": sorted(Appointment.objects.values_list("user__username", "post__role", "post__area__code")),
        "roster": DutyShift.objects.count(),
        "matters": sorted(Matter.objects.values_list("code", flat=True)),
        "rules": sorted(DispatchRule.objects.values_list("matter__code", "area__code", "lead_kind")),
        "admissions": sorted(
            CommunityAdmission.objects.values_list("matter__code", "area__code", "valid_from")
        ),
        "lines": Line.objects.exclude(subject_kind="case").count(),
        "heads": Head.objects.exclude(subject_kind="case").count(),
    }


def test_what_followed_long_ago_is_not_done_again(demo: None):
    """The worker that starts with the demo is woken for what cases did lately, not for a whole season."""
    waiting = Wakeup.objects.filter(line__subject_kind="case")
    assert waiting.exists()
    assert not waiting.filter(not_before__lt=AT - timedelta(hours=20)).exists()


# --- only where it belongs ---------------------------------------------------------------------------


def test_a_database_that_is_no_demo_is_left_alone(empty: None):
    """The accounts of a demo have published passwords."""
    create_account(username="chen", password="lamp-by-the-river-7", at=AT)
    with pytest.raises(UnableToSeed, match="is no demo"):
        seed(at=AT, say=silent)
    assert list(User.objects.values_list("username", flat=True)) == ["chen"]
    assert not Area.objects.exists()
    assert not User.objects.get().check_password(PASSWORD)


# --- written in bulk as by the acts ------------------------------------------------------------------


def test_bodies_and_posts_have_the_lines_their_acts_would_leave(undone: None):
    bulk = shapes(Line.objects.filter(subject_kind__in=["organisation", "post"]))
    newest = Line.objects.order_by("-pk")[0].pk
    by, district = Actor.system("demo"), Area.objects.get(code="230717")
    founded = found_organisation(
        by=by, at=AT, code="230717.lift_office", kind="lift_office", type="office", name="电梯办",
        area=district, is_demo=True,
    )  # fmt: skip
    user = create_account(username="newcomer", password="lamp-by-the-river-7", at=AT)
    appointment = appoint(
        by=by, user=user, post=post_in(organisation=founded, role=Role.DEPARTMENT_LEAD), at=AT
    )
    put_on_duty(by=by, appointment=appointment, starts_at=AT, ends_at=AT + timedelta(days=1), at=AT)
    acted = shapes(Line.objects.filter(pk__gt=newest))
    assert bulk == acted


def shapes(lines: models.QuerySet[Line]) -> dict[str, set[frozenset[tuple[str, str]]]]:
    found: dict[str, set[frozenset[tuple[str, str]]]] = {}
    for line in lines:
        shape = frozenset((name, type(value).__name__) for name, value in line.facts.items())
        found.setdefault(line.act, set()).add(shape)
    return found


def test_the_written_messages_are_all_there(demo: None):
    assert Case.objects.filter(client_key__startswith="demo-").count() == len(messages())
    assert Case.objects.filter(client_key=None).count() == EARLIER
