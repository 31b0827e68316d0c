"""Who asks, from which post, at what moment; and when a session of staff has stood idle too long."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from town import Town
from wangge.doors.shell.standing import SEEN
from wangge.foundation.worktime import clock


def idle_for(client: Client, minutes: float) -> None:
    """As if the last request of this browser were `minutes` ago."""
    session = client.session
    session[SEEN] = int(clock.now().timestamp() - minutes * 60)
    session.save()


@pytest.fixture
def at_desk(town: Town, pages: Client) -> Client:
    pages.force_login(town.chen.user, backend="django.contrib.auth.backends.ModelBackend")
    return pages


def test_the_moment_is_read_once_and_is_now(db, pages: Client):
    before = datetime.now(UTC)
    told = datetime.fromisoformat(pages.get("/public").content.decode().split()[0])
    assert before <= told <= datetime.now(UTC)


def test_a_stranger_stands_nowhere(db, pages: Client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert pages.get("/public").content.decode().endswith("None")


def test_a_page_asks_for_session_account_and_post_and_nothing_more(
    at_desk: Client, django_assert_num_queries
):
    at_desk.get("/desk/staff")
    with django_assert_num_queries(3):
        at_desk.get("/desk/staff")


def test_staff_who_were_away_too_long_must_sign_in_again(at_desk: Client, settings):
    at_desk.get("/desk/staff")
    idle_for(at_desk, settings.STAFF_IDLE_MINUTES)
    sent_away = at_desk.get("/desk/staff")
    assert sent_away.status_code == 302
    assert sent_away.url.startswith("/login?next=")
    assert not Session.objects.exists()


def test_staff_who_are_at_work_stay(at_desk: Client, settings):
    idle_for(at_desk, settings.STAFF_IDLE_MINUTES - 1)
    assert at_desk.get("/desk/staff").status_code == 200
    idle_for(at_desk, 2)
    assert at_desk.get("/desk/staff").status_code == 200


def test_residents_stay_however_long_they_were_away(town: Town, pages: Client, settings):
    pages.force_login(town.lin.user, backend="django.contrib.auth.backends.ModelBackend")
    pages.get("/own")
    idle_for(pages, settings.STAFF_IDLE_MINUTES * 10)
    assert pages.get("/own").status_code == 200


def test_a_list_that_refreshes_itself_is_nobody_at_the_desk(at_desk: Client, settings):
    at_desk.get("/desk/staff")
    idle_for(at_desk, settings.STAFF_IDLE_MINUTES - 1)
    seen = at_desk.session[SEEN]
    at_desk.get("/desk/staff", headers={"X-Background": "1"})
    assert at_desk.session[SEEN] == seen


def test_the_session_is_written_at_most_once_a_minute(at_desk: Client):
    at_desk.get("/desk/staff")
    idle_for(at_desk, 0.5)
    seen = at_desk.session[SEEN]
    at_desk.get("/desk/staff")
    assert at_desk.session[SEEN] == seen
    idle_for(at_desk, 1.5)
    at_desk.get("/desk/staff")
    assert at_desk.session[SEEN] > seen


def test_asking_to_stay_counts_as_being_there(at_desk: Client, settings):
    at_desk.get("/desk/staff")
    idle_for(at_desk, settings.STAFF_IDLE_MINUTES - 1)
    seen = at_desk.session[SEEN]
    assert at_desk.post("/stay").status_code == 204
    assert at_desk.session[SEEN] > seen


def test_staying_comes_too_late_once_the_session_is_over(at_desk: Client, settings):
    at_desk.get("/desk/staff")
    idle_for(at_desk, settings.STAFF_IDLE_MINUTES + 1)
    assert at_desk.post("/stay").status_code == 401


def test_pages_are_kept_by_no_cache_but_what_may_be_says_so(at_desk: Client):
    assert at_desk.get("/desk/staff")["Cache-Control"] == "no-store"
    assert at_desk.get("/public")["Cache-Control"] == "no-store"
    assert at_desk.get("/kept")["Cache-Control"] == "public, max-age=60"
