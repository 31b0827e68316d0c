"""Tokens: made and revoked by the system administrator, shown once, and good for so long and no longer."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from click.testing import CliRunner
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from doors.api.programs import REPORT, Program, problem_of, program_of, token_for
from query_counts import assert_baseline, statements
from town import Town
from wangge.doors.api.cli import tokens as command
from wangge.doors.api.models import ApiToken
from wangge.doors.api.scopes import POSTS, Scope
from wangge.doors.api.tokens import (
    UnableToMakeToken,
    caller_of,
    create_token,
    end_spent,
    owner_of,
    revoke_token,
)
from wangge.foundation.accounts.actions import deactivate_account
from wangge.foundation.journal.models import Line
from wangge.foundation.journal.queries import lines_of
from wangge.foundation.notices.models import Notice
from wangge.foundation.webhooks.actions import Party, subscribe
from wangge.foundation.webhooks.models import Subscription
from wangge.foundation.worktime import clock
from wangge.organisations.actions import relieve
from wangge.organisations.models import Appointment, Post
from wangge.organisations.queries import posts_of
from wangge.organisations.roles import Role


def test_a_token_says_whose_it_is(town: Town) -> None:
    program = program_of(town, "wu", Scope.CASES_READ)
    me = program.get("/me").json()
    assert me["scopes"] == ["cases:read"]
    assert me["post"]["role"] == "department_handler"
    assert me["post"]["organisation"] == "230717.urban_management"
    assert me["post"]["organisation_label"] == "伊美区城市管理综合执法局"
    assert (
        program.get("/me", Accept_Language="en-GB,en;q=0.8").json()["post"]["role_label"]
        == "Department handler"
    )


def test_only_its_digest_is_kept(town: Town) -> None:
    token, text = token_for(town, "wu")
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(t)::text FROM api_apitoken t WHERE id = %s", (token.pk,))
        (row,) = cursor.fetchone()
    assert text not in row
    assert text.startswith(token.prefix)
    assert len(token.prefix) == 13


# --- refused ----------------------------------------------------------------------------------------


def refused(program: Program, status: int, code: str) -> None:
    answer = program.get("/cases")
    assert (answer.status_code, problem_of(answer)["code"]) == (status, code)


def test_without_a_token_nothing_opens(town: Town) -> None:
    refused(Program(), 401, "no_token")


def test_a_browsers_session_is_no_token(town: Town) -> None:
    client = town.client("chen")
    answer = client.get("/api/v1/cases")
    assert answer.status_code == 401
    answer = client.post("/api/v1/cases", {}, content_type="application/json")
    assert answer.status_code == 401


def test_a_token_that_has_run_out_opens_nothing(town: Town) -> None:
    _token, text = token_for(town, "chen", days=30, at=clock.now() - timedelta(days=31))
    refused(Program(text), 401, "no_token")


def test_a_token_holds_until_its_last_moment(town: Town) -> None:
    token, text = token_for(town, "chen")
    assert caller_of(text, token.expires_at - timedelta(seconds=1)) is not None
    assert caller_of(text, token.expires_at) is None


def test_a_revoked_token_opens_nothing(town: Town) -> None:
    token, text = token_for(town, "chen")
    assert Program(text).get("/cases").status_code == 200
    revoke_token(by=town.lu.holder, at=clock.now(), token=token)
    refused(Program(text), 401, "no_token")


def test_a_token_ends_with_the_appointment(town: Town) -> None:
    _token, text = token_for(town, "chen")
    appointment = Appointment.objects.get(pk=town.chen.holder.appointment_id)
    relieve(by=town.lu.holder, appointment=appointment, at=clock.now() - timedelta(seconds=1))
    refused(Program(text), 401, "no_token")


def test_a_token_ends_with_the_account(town: Town) -> None:
    _token, text = token_for(town, "chen")
    deactivate_account(user=town.chen.user)
    refused(Program(text), 401, "no_token")


@pytest.mark.parametrize("closed", ["post", "organisation"])
def test_a_token_ends_with_the_post_and_its_body(town: Town, closed: str) -> None:
    _token, text = token_for(town, "chen")
    post = Post.objects.get(pk=town.chen.holder.post_id)
    row = post if closed == "post" else post.organisation
    type(row)._default_manager.filter(pk=row.pk).update(active=False)
    refused(Program(text), 401, "no_token")


@pytest.mark.parametrize("role", sorted(POSTS))
def test_a_token_stands_where_its_person_stands(town: Town, role: str) -> None:
    """Read by a statement of its own, for speed; what comes of it is what the room says."""
    person = town.with_role(Role(role))
    caller = caller_of(token_for(town, person)[1], clock.now())
    assert caller is not None
    assert replace(caller.by, label="") == posts_of(person.user.pk, clock.now())[0]


def test_a_token_without_the_scope_is_told_which(town: Town) -> None:
    program = program_of(town, "chen", Scope.TERRITORY_READ)
    refused(program, 403, "missing_scope")
    assert "cases:read" in problem_of(program.get("/cases"))["detail"]


def test_too_many_calls_wait(town: Town, settings: Settings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "api": (3, 60)}
    program, other = program_of(town, "chen"), program_of(town, "wu")
    statuses = [program.get("/me").status_code for _ in range(4)]
    # Three fit into a minute; a new one may begin in between.
    assert statuses.count(429) <= 1
    for _ in range(4):
        last = program.get("/me")
    assert last.status_code == 429
    assert 1 <= int(last.headers["Retry-After"]) <= 60
    assert other.get("/me").status_code == 200


def test_guessing_waits_longer(town: Town, settings: Settings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "api_knock": (3, 600)}
    statuses = [Program(f"wangge_{n}").get("/me").status_code for n in range(10)]
    assert statuses[-1] == 429
    assert program_of(town, "chen").get("/me").status_code == 200


# --- made -----------------------------------------------------------------------------------------


def test_the_administrator_makes_one_and_sees_it_once(town: Town) -> None:
    client = town.client("lu")
    told = {
        "name": "巡查系统", "appointment": str(town.wu.holder.appointment_id), "days": "90",
        "scopes": ["cases:read", "cases:act"],
    }  # fmt: skip
    made = client.post(reverse("tokens:list"), told)
    assert made.status_code == 201
    (text,) = set(re.findall(r"wangge_[\w-]{43}", html.unescape(made.content.decode())))
    assert Program(text).get("/me").json()["name"] == "巡查系统"
    page = client.get(reverse("tokens:list")).content.decode()
    assert text not in page
    assert text[:13] in page
    assert "巡查系统" in page
    token = ApiToken.objects.get()
    assert token.created_by == town.lu.user
    assert [line.act for line in lines_of(token.subject)] == ["token.created"]
    client.post(reverse("tokens:revoke", args=[token.pk]))
    assert Program(text).get("/me").status_code == 401
    assert "已撤销" in client.get(reverse("tokens:list")).content.decode()


def test_whoever_holds_the_post_is_told(town: Town) -> None:
    token_for(town, "wu")
    notice = Notice.objects.get(template="token.created")
    assert (notice.recipient_kind, notice.recipient_id) == ("user", str(town.wu.user.pk))


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"name": ""}, "name"), ({"name": "x" * 81}, "name"), ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes"), ({"days": "0"}, "days"), ({"days": "367"}, "days"),
        ({"days": "many"}, "days"),
        ({"appointment": "999999"}, "appointment"),
        ({"appointment": ""}, "appointment"),
    ],
)  # fmt: skip
def test_a_form_that_says_too_little_makes_none(town: Town, told: dict[str, object], field: str) -> None:
    good = {
        "name": "x", "appointment": str(town.wu.holder.appointment_id), "scopes": ["cases:read"], "days": "9",
    }  # fmt: skip
    answer = town.client("lu").post(reverse("tokens:list"), {**good, **told})
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {field}
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("role", sorted(set(Role) - POSTS))
def test_from_some_posts_no_program_acts(town: Town, role: str) -> None:
    person = town.with_role(Role(role))
    with pytest.raises(UnableToMakeToken) as refusal:
        token_for(town, person)
    assert refusal.value.code == "people_only"
    page = town.client("lu").get(reverse("tokens:list"))
    assert str(person.holder.appointment_id) not in page.context["form"].appointments


def test_an_administrator_reaches_their_own_district_only(town: Town) -> None:
    token, text = token_for(town, "bai")
    client = town.client("lu")
    assert token.prefix not in client.get(reverse("tokens:list")).content.decode()
    assert client.post(reverse("tokens:revoke", args=[token.pk])).status_code == 404
    told = {
        "name": "x",
        "appointment": str(town.bai.holder.appointment_id),
        "scopes": ["cases:read"],
        "days": "9",
    }
    assert client.post(reverse("tokens:list"), told).status_code == 422
    assert Program(text).get("/me").status_code == 200


def test_an_appointment_that_is_over_gets_none(town: Town) -> None:
    appointment = Appointment.objects.get(pk=town.wu.holder.appointment_id)
    relieve(by=town.lu.holder, appointment=appointment, at=clock.now() - timedelta(hours=1))
    with pytest.raises(UnableToMakeToken) as refusal:
        create_token(
            by=town.lu.holder,
            at=clock.now(),
            name="x",
            appointment=appointment,
            scopes=["cases:read"],
            days=3,
        )
    assert refusal.value.code == "not_in_force"


# --- used -----------------------------------------------------------------------------------------


def test_of_its_use_only_the_day_is_kept(town: Town) -> None:
    token, text = token_for(town, "chen")
    Program(text).get("/me")
    token.refresh_from_db()
    assert token.last_used_date is not None
    with CaptureQueriesContext(connection) as taken:
        Program(text).get("/me")
    assert not [query for query in taken.captured_queries if "UPDATE" in query["sql"][:10]]


def test_the_journal_says_that_a_program_did_it(town: Town) -> None:
    token, text = token_for(town, "chen")
    number = Program(text).post("/cases", REPORT).json()["number"]
    line = Line.objects.get(subject_id=number)
    assert line.actor_label == f"token:{token.prefix}"
    assert line.actor_id == str(town.chen.user.pk)
    assert line.post_label == "230717.command_center/center_intake"


def test_what_a_spent_token_subscribed_to_ends(town: Town, settings: Settings) -> None:
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    now = clock.now()
    tokens = [token_for(town, name)[0] for name in ("chen", "wu", "fang")]
    for token in tokens:
        subscribe(
            by=town.chen.holder, at=now, url="http://127.0.0.1:9/", owner=owner_of(token),
            contact=Party("post", "1"),
        )  # fmt: skip
    revoke_token(by=town.lu.holder, at=now, token=tokens[0])
    relieve(
        by=town.lu.holder, appointment=Appointment.objects.get(pk=town.wu.holder.appointment_id),
        at=now - timedelta(seconds=1),
    )  # fmt: skip
    assert end_spent(at=now) == 1
    assert list(Subscription.objects.order_by("pk").values_list("state", flat=True)) == [
        "ended",
        "ended",
        "active",
    ]


# --- the command ----------------------------------------------------------------------------------


def test_the_command_makes_lists_and_revokes(town: Town) -> None:
    run = CliRunner().invoke
    made = run(command, ["create", "import job", "--user", town.chen.username, "--scope", "cases:register"])
    assert made.exit_code == 0, made.output
    text = made.stdout.strip()
    assert Program(text).get("/me").json()["scopes"] == ["cases:register"]
    listed = run(command, ["list"]).output
    assert text[:13] in listed
    assert text not in listed
    assert run(command, ["revoke", text[:13]]).exit_code == 0
    assert Program(text).get("/me").status_code == 401
    assert "revoked" in run(command, ["list", "--district", "230717"]).output


@pytest.mark.parametrize(
    "arguments",
    [
        ["create", "x", "--user", "nobody", "--scope", "cases:read"],
        ["create", "x", "--user", "lin.resident", "--scope", "cases:read"],
        ["create", "x", "--user", "chen.center_intake"],
        ["create", "x", "--user", "chen.center_intake", "--scope", "all"],
        ["create", "x", "--user", "chen.center_intake", "--scope", "cases:read", "--days", "400"],
        ["revoke", "wangge_nothing"],
    ],
)
def test_the_command_says_what_is_wrong(town: Town, arguments: list[str]) -> None:
    done = CliRunner().invoke(command, arguments)
    assert done.exit_code == 2
    assert not ApiToken.objects.exists()


def test_the_page_of_tokens_takes_a_steady_number_of_statements(town: Town) -> None:
    client = town.client("lu")
    for name in ("chen", "wu", "fang"):
        token_for(town, name)
    assert_baseline("tokens:list", statements(client, reverse("tokens:list")))


def test_the_page_works_without_a_token_too() -> None:
    assert Client().get(reverse("tokens:list")).status_code == 302
