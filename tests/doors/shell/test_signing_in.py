"""Signing in and out, changing one's password, choosing the post to act from."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.test import Client

from town import FOUNDER, PASSWORD, Town
from wangge.foundation.journal.actors import Subject
from wangge.foundation.journal.queries import lines_of
from wangge.organisations.actions import appoint, post_in, relieve
from wangge.organisations.models import Appointment
from wangge.organisations.roles import Role

#: A window no test can see the end of.
AN_AGE = 3_000_000_000


def sign_in(client: Client, username: str, password: str = PASSWORD, **more: str):
    return client.post("/login", {"username": username, "password": password, **more})


@pytest.mark.parametrize(
    ("name", "home"), [("chen", "/desk/"), ("wu", "/desk/"), ("zhou", "/field/"), ("lin", "/residents/")]
)
def test_each_begins_on_the_page_of_their_work(town: Town, pages: Client, name: str, home: str):
    assert sign_in(pages, town.people[name].username).url == "/home"
    assert pages.get("/home").url == home


def test_a_stranger_begins_on_the_residents_page(db, pages: Client):
    assert pages.get("/home").url == "/residents/"


def test_the_page_asked_for_is_reached_after_signing_in(town: Town, pages: Client):
    asked = pages.get("/desk/staff?after=17")
    assert asked.status_code == 302
    assert asked.url == "/login?next=%2Fdesk%2Fstaff%3Fafter%3D17"
    assert 'value="/desk/staff?after=17"' in pages.get(asked.url).content.decode()
    assert sign_in(pages, town.chen.username, next="/desk/staff?after=17").url == "/desk/staff?after=17"


def test_signing_in_leads_to_no_other_site(town: Town, pages: Client):
    assert sign_in(pages, town.chen.username, next="https://elsewhere.example/").url == "/home"


def test_capitals_and_full_width_letters_name_the_same_account(town: Town, pages: Client):
    assert sign_in(pages, f" {town.chen.username.upper()} ").status_code == 302


def test_a_wrong_password_is_told_without_telling_which_was_wrong(town: Town, pages: Client):
    for username in (town.chen.username, "nobody.here"):
        answer = sign_in(pages, username, "not the password 1")
        assert answer.status_code == 422
        assert "账号或密码不正确" in answer.content.decode()


def test_five_wrong_passwords_lock_the_account_from_here(town: Town, pages: Client):
    for _ in range(4):
        assert sign_in(pages, town.chen.username, "wrong password 1").status_code == 422
    locked = sign_in(pages, town.chen.username, "wrong password 1")
    assert locked.status_code == 429
    assert "登录暂时锁定" in locked.content.decode()
    assert sign_in(pages, town.chen.username).status_code == 429, "even with the right one"


def test_what_is_typed_for_a_name_and_is_none_is_not_kept(town: Town, pages: Client):
    pages.defaults["HTTP_USER_AGENT"] = "the phone of Lin Xiuying"
    for typed in ("13800001234", "林秀英", "230717199001011234", "frozen-138-0000-1234", town.chen.username):
        sign_in(pages, typed, "wrong password 1")
    kept = AccessAttempt.objects.values_list("username", "user_agent")
    assert sorted(kept) == [("?", ""), (town.chen.username, "")]


def test_behind_a_proxy_the_account_is_locked_for_the_caller_alone(town: Town, pages: Client, settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    pages.defaults["HTTP_X_FORWARDED_FOR"] = "10.1.1.1"
    for _ in range(5):
        answer = sign_in(pages, town.chen.username, "wrong password 1")
    assert answer.status_code == 429
    pages.defaults["HTTP_X_FORWARDED_FOR"] = "10.1.1.2"
    assert sign_in(pages, town.chen.username).status_code == 302, "Chen, at the desk next door"


def test_spelling_the_name_otherwise_gives_no_more_attempts(town: Town, pages: Client):
    spellings = [town.chen.username, town.chen.username.upper(), f" {town.chen.username}"]
    for attempt in range(5):
        answer = sign_in(pages, spellings[attempt % 3], "wrong password 1")
    assert answer.status_code == 429


def test_many_attempts_from_one_address_are_refused_whoever_they_name(town: Town, pages: Client, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "login": (3, AN_AGE)}
    for attempt in range(3):
        assert sign_in(pages, f"somebody{attempt}", "wrong password 1").status_code == 422
    refused = sign_in(pages, town.chen.username)
    assert refused.status_code == 429
    assert "操作次数过多" in refused.content.decode()


def test_signing_out_ends_the_session(town: Town, pages: Client):
    sign_in(pages, town.chen.username)
    assert pages.get("/desk/staff").status_code == 200
    assert pages.post("/logout").status_code == 302
    assert pages.get("/desk/staff").status_code == 302


def test_a_link_alone_signs_nobody_out(town: Town, pages: Client):
    sign_in(pages, town.chen.username)
    assert pages.get("/logout").status_code == 405
    assert pages.get("/desk/staff").status_code == 200


# --- several posts ----------------------------------------------------------------------------------


@pytest.fixture
def chen_with_two_posts(town: Town, pages: Client) -> Client:
    """Chen also dispatches for the street."""
    post = post_in(organisation=town.bodies["street"], role=Role.TOWN_DISPATCHER)
    appoint(by=FOUNDER, user=town.chen.user, post=post, at=town.at)
    pages.force_login(town.chen.user, backend="django.contrib.auth.backends.ModelBackend")
    return pages


def test_who_holds_several_posts_says_from_which_they_act(town: Town, chen_with_two_posts: Client):
    client = chen_with_two_posts
    assert client.get("/home").url == "/posts"
    asked = client.get("/desk/staff")
    assert asked.url == "/posts?next=%2Fdesk%2Fstaff"
    page = client.get(asked.url).content.decode()
    assert "朝阳街道办事处" in page
    street = Appointment.objects.get(user=town.chen.user, post__role=Role.TOWN_DISPATCHER)
    chosen = client.post("/posts", {"post": str(street.pk), "next": "/desk/staff"})
    assert chosen.url == "/desk/staff"
    assert client.get("/desk/staff").content == b"acting as town_dispatcher"


def test_a_post_one_does_not_hold_cannot_be_chosen(town: Town, chen_with_two_posts: Client):
    wus = Appointment.objects.get(user=town.wu.user)
    assert chen_with_two_posts.post("/posts", {"post": str(wus.pk)}).status_code == 404
    assert chen_with_two_posts.get("/desk/staff").status_code == 302


def test_a_chosen_post_that_ends_is_left_at_once(town: Town, chen_with_two_posts: Client):
    client = chen_with_two_posts
    street = Appointment.objects.get(user=town.chen.user, post__role=Role.TOWN_DISPATCHER)
    client.post("/posts", {"post": str(street.pk)})
    relieve(by=FOUNDER, appointment=street, at=town.at + timedelta(hours=1))
    assert client.get("/desk/staff").content == b"acting as center_intake"


def test_who_has_lost_their_only_post_meets_a_closed_door(town: Town, pages: Client):
    relieve(by=FOUNDER, appointment=Appointment.objects.get(user=town.wu.user), at=town.at)
    pages.force_login(town.wu.user, backend="django.contrib.auth.backends.ModelBackend")
    assert pages.get("/desk/staff").status_code == 403


# --- password ---------------------------------------------------------------------------------------


def change(client: Client, old: str, new: str, repeated: str = ""):
    return client.post("/password", {"old_password": old, "new_password": new, "repeated": repeated or new})


def test_a_person_changes_their_own_password(town: Town, pages: Client):
    sign_in(pages, town.chen.username)
    assert change(pages, PASSWORD, "river-by-the-lamp-8").status_code == 302
    assert pages.get("/own").status_code == 200, "this session goes on"
    assert sign_in(Client(), town.chen.username).status_code == 422
    assert sign_in(Client(), town.chen.username, "river-by-the-lamp-8").status_code == 302
    (line,) = lines_of(Subject("account", str(town.chen.user.pk))).filter(act="account.password_changed")
    assert line.facts == {}


@pytest.mark.parametrize(
    ("old", "new", "repeated", "told"),
    [
        ("wrong password 1", "river-by-the-lamp-8", "", "id_old_password_error"),
        (PASSWORD, "short1", "", "id_new_password_error"),
        (PASSWORD, "river-by-the-lamp-8", "river-by-the-lamp-9", "id_repeated_error"),
    ],
)
def test_a_refused_password_says_where_and_changes_nothing(
    town: Town, pages: Client, old: str, new: str, repeated: str, told: str
):
    sign_in(pages, town.chen.username)
    refused = change(pages, old, new, repeated)
    assert refused.status_code == 422
    assert told in refused.content.decode()
    assert sign_in(Client(), town.chen.username).status_code == 302
