"""The first page, what is said about data, and opening an account."""

from __future__ import annotations

import pytest
from django.test import Client

from doors.resident import reporting as steps
from wangge.foundation.accounts.models import User
from wangge.foundation.journal.models import Line


def test_the_first_page_names_danger_first_and_every_way_to_report(visitor):
    page = steps.page(visitor.get("/"))
    for way in ("tel:110", "tel:119", "tel:120", "tel:122", "tel:12345", "/report", "/follow", "/board"):
        assert f'href="{way}' in page
    assert page.index("tel:110") < page.index('href="/report')


def test_a_resident_is_led_to_their_requests(lin):
    assert 'href="/requests"' in steps.page(lin.get("/"))


def test_what_is_kept_who_sees_it_and_how_long_is_said(visitor):
    page = steps.page(visitor.get("/your-data"))
    assert "2 年" in page
    assert "365 天" in page


NEW = {"username": "lin.xiuying7", "password": "lamp-by-the-river-7", "repeated": "lamp-by-the-river-7"}


def test_an_account_is_opened_with_a_name_and_a_password(visitor):
    response = visitor.post("/account", NEW)
    assert response["Location"] == "/requests"
    user = User.objects.get(username=NEW["username"])
    assert visitor.get("/requests").status_code == 200
    line = Line.objects.get(act="account.opened")
    assert (line.subject_id, line.actor_id) == (str(user.pk), str(user.pk))


def test_a_report_begun_as_a_stranger_is_finished_with_the_new_account(visitor):
    key = steps.fill(visitor)
    visitor.post("/account", {**NEW, "next": f"/report/{key}/check"})
    number = steps.number_in(steps.send(visitor, key))
    assert number in steps.page(visitor.get("/requests"))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"username": "林秀英"}, "username"),
        ({"username": "lin.resident"}, "username"),
        ({"password": "short7", "repeated": "short7"}, "password"),
        ({"repeated": "another-lamp-8"}, "repeated"),
        ({"username": ""}, "username"),
    ],
)
def test_what_is_wrong_stands_at_its_field(visitor, given, field):
    response = visitor.post("/account", {**NEW, **given})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert not User.objects.filter(username=NEW["username"]).exists()


def test_accounts_are_not_opened_by_the_hundred(town, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "login": (1, 300)}
    assert Client().post("/account", NEW).status_code == 302
    assert Client().post("/account", {**NEW, "username": "another7"}).status_code == 429


def test_the_way_on_leads_nowhere_else(visitor):
    response = visitor.post("/account", {**NEW, "next": "https://elsewhere.example/"})
    assert response["Location"] == "/requests"


def test_who_has_an_account_needs_no_other(lin):
    assert lin.get("/account")["Location"] == "/requests"
