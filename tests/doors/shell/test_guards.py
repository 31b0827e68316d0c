"""Who may open a page at all, and how the others are turned away."""

from __future__ import annotations

import pytest
from django.test import Client

from town import Town

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
#: A window no test can see the end of.
AN_AGE = 3_000_000_000
BACKEND = "django.contrib.auth.backends.ModelBackend"


def client_of(town: Town, pages: Client, name: str) -> Client:
    pages.force_login(town.people[name].user, backend=BACKEND)
    return pages


@pytest.mark.parametrize("name", ["chen", "xu"])
def test_the_named_roles_come_in(town: Town, pages: Client, name: str):
    assert client_of(town, pages, name).get("/desk/dispatchers").status_code == 200


@pytest.mark.parametrize("name", ["lin", "zhou", "wu", "fang", "qian"])
def test_other_posts_are_turned_away_in_words(town: Town, pages: Client, name: str):
    refused = client_of(town, pages, name).get("/desk/dispatchers")
    assert refused.status_code == 403
    assert "您当前的岗位不能打开这一页" in refused.content.decode()


@pytest.mark.parametrize("name", ["lin", "ren", "tian", "shi"])
def test_people_who_take_part_have_no_desk(town: Town, pages: Client, name: str):
    assert client_of(town, pages, name).get("/desk/staff").status_code == 403
    assert pages.get("/own").status_code == 200


def test_a_stranger_is_asked_to_sign_in(db, pages: Client):
    for address in ("/own", "/desk/staff", "/desk/dispatchers"):
        assert pages.get(address).url.startswith("/login?next=%2F")


def test_a_form_sent_too_late_leads_back_to_its_page_not_to_itself(db, pages: Client):
    sent = pages.post("/desk/dispatchers", headers={"Referer": "http://testserver/desk/staff?tab=2"})
    assert sent.url == "/login?next=%2Fdesk%2Fstaff%3Ftab%3D2"


def test_a_form_from_elsewhere_leads_home(db, pages: Client):
    sent = pages.post("/desk/dispatchers", headers={"Referer": "https://elsewhere.example/desk"})
    assert sent.url == "/login?next=%2Fhome"


def test_htmx_is_sent_to_sign_in_as_a_whole_page(db, pages: Client):
    """A plain redirect would be followed and the sign-in page swapped into a corner of the list."""
    sent = pages.get("/desk/staff", headers={**HTMX, "HX-Current-URL": "http://testserver/desk/?q=1"})
    assert sent.status_code == 204
    assert sent["HX-Redirect"] == "/login?next=%2Fdesk%2F%3Fq%3D1"


def test_htmx_is_told_of_a_closed_door_in_the_messages(town: Town, pages: Client):
    refused = client_of(town, pages, "wu").get("/desk/dispatchers", headers=HTMX)
    assert refused.status_code == 403
    assert refused["HX-Retarget"] == "#messages"
    text = refused.content.decode()
    assert "您当前的岗位不能打开这一页" in text
    assert "<html" not in text


def test_knocking_too_often_is_refused_for_a_while(db, pages: Client, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "lookup": (2, AN_AGE)}
    assert [pages.get("/limited").status_code for _ in range(3)] == [200, 200, 429]
    assert pages.get("/limited", REMOTE_ADDR="10.1.2.3").status_code == 200, "another address"


def test_behind_a_proxy_the_address_is_the_one_the_proxy_saw(db, pages: Client, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "lookup": (1, AN_AGE)}
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    for last, expected in (("10.1.1.1", 200), ("10.1.1.2", 200), ("10.1.1.1", 429)):
        # What the caller wrote in front of it does not count.
        answer = pages.get("/limited", headers={"X-Forwarded-For": f"1.2.3.4, {last}"})
        assert answer.status_code == expected


def test_without_a_proxy_nobody_names_their_own_address(db, pages: Client, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "lookup": (1, AN_AGE)}
    settings.SECURE_PROXY_SSL_HEADER = None
    assert pages.get("/limited", headers={"X-Forwarded-For": "10.1.1.1"}).status_code == 200
    assert pages.get("/limited", headers={"X-Forwarded-For": "10.1.1.2"}).status_code == 429
