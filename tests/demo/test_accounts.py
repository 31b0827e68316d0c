"""The demo's accounts: said to be what they are, one for every role of the sheet, each at work at once."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from django.contrib.auth.hashers import is_password_usable

from demo.conftest import AT
from serving import Serving
from wangge.cases.models import Case
from wangge.demo.accounts import ACCOUNTS, PASSWORD, sheet
from wangge.demo.organisations import STAFF
from wangge.foundation.accounts.models import User
from wangge.organisations.models import Appointment, Organisation
from wangge.organisations.queries import on_duty, posts_of
from wangge.organisations.roles import FIELD, PUBLIC, Role

pytestmark = pytest.mark.usefixtures("demo")

#: The roles a visitor is promised an account of.
PROMISED = {
    Role.RESIDENT, Role.GRID_WORKER, Role.COMMUNITY_WORKER, Role.COMMUNITY_SECRETARY, Role.TOWN_DISPATCHER,
    Role.TOWN_LEADER, Role.DEPARTMENT_HANDLER, Role.DEPARTMENT_LEAD, Role.CENTER_INTAKE,
    Role.CALLBACK_AGENT, Role.CENTER_SUPERVISOR, Role.DISTRICT_LEADER, Role.PRIVACY_OFFICER,
    Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR,
}  # fmt: skip


@pytest.fixture(scope="module")
def server(demo_database: str, demo: None) -> Iterator[str]:
    serving = Serving(database=demo_database)
    try:
        serving.start_web()
        yield serving.url
    finally:
        serving.stop()


def test_every_promised_role_has_an_account():
    assert {account.role for account in ACCOUNTS} == PROMISED
    assert len({account.username for account in ACCOUNTS}) == len(ACCOUNTS)


@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda account: account.username)
def test_an_account_signs_in_and_finds_its_work(server: str, account):
    with httpx.Client(base_url=server, follow_redirects=True) as client:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get("/login").text)
        assert token is not None
        form = {"csrfmiddlewaretoken": token[1], "username": account.username, "password": PASSWORD}
        page = client.post("/login", data=form)
        assert page.status_code == 200
        assert page.url.path.startswith(door_of(account.role))
        assert client.get("/login").url.path == page.url.path, "nobody is asked to sign in twice"
        menu = set(re.findall(r'<a[^>]* href="(/[a-z][^"#?]*)"', page.text))
        for address in sorted(menu):
            assert client.get(address).status_code == 200, f"{account.username} at {address}"


def door_of(role: Role) -> str:
    if role in PUBLIC:
        return "/"
    return "/field/" if role in FIELD else "/desk/"


def test_a_wrong_password_opens_nothing(server: str):
    with httpx.Client(base_url=server, follow_redirects=True) as client:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get("/login").text)
        assert token is not None
        form = {"csrfmiddlewaretoken": token[1], "username": "resident", "password": "wangge"}
        assert client.post("/login", data=form).status_code == 422
        assert client.get("/requests").url.path == "/login"


def test_the_sheet_names_every_account_and_says_what_they_are():
    told = sheet("http://127.0.0.1:8000")
    assert "These are DEMO accounts" in told
    assert "never use them anywhere else" in told
    assert "invented" in told
    assert PASSWORD in told
    for account in ACCOUNTS:
        assert re.search(rf"^  {account.username} .*{account.role.value}$", told, re.MULTILINE)


def test_nobody_but_these_can_sign_in():
    others = User.objects.exclude(username__in=[account.username for account in ACCOUNTS])
    assert others.count() > 500
    assert not [user for user in others if is_password_usable(user.password)]
    assert not others.exclude(username__startswith=STAFF).exists()


def test_everybody_has_exactly_one_post():
    """Rows for people are posts that are held; figures of people are reported, never made into rows."""
    assert Appointment.objects.count() == User.objects.count()
    held = Appointment.objects.values_list("user_id", flat=True)
    assert len(set(held)) == len(held)
    outside_work = Appointment.objects.filter(post__role__in=PUBLIC)
    assert [row.user.username for row in outside_work.select_related("user")] == ["resident"]


def test_the_resident_finds_requests_in_every_turn():
    resident = User.objects.get(username="resident")
    states = set(Case.objects.filter(requester_user=resident).values_list("state", flat=True))
    assert {"screening", "dispatched", "in_progress"} <= states
    assert states & {"closed", "archived"}


def test_the_grid_worker_has_something_to_check():
    (worker,) = posts_of(User.objects.get(username="grid_worker").pk, AT)
    assert Case.objects.filter(grid=worker.area_prefix, state="verifying").count() >= 2


def test_somebody_is_on_duty_at_night_where_that_is_promised():
    """The roster covers the coming weeks, by people who may act for the body."""
    company = Organisation.objects.get(code="230717.heating_company")
    assert {holder.role for holder in on_duty(company.pk, AT)} <= {
        Role.DEPARTMENT_HANDLER, Role.DEPARTMENT_LEAD,
    }  # fmt: skip
    assert company.duty_shifts.filter(starts_at__lte=AT, ends_at__gt=AT).count() == 1
    centre = Organisation.objects.get(code="230717.command_center")
    roles = {shift.appointment.post.role for shift in centre.duty_shifts.all()}
    assert Role.CALLBACK_AGENT not in roles
