"""Whatever is pressed twice, resent or sent at once from several windows: one report is one case."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from doors.resident import reporting as steps
from wangge.cases.models import Case


def test_pressing_send_twice_makes_one_case(visitor):
    key = steps.fill(visitor)
    first, second = steps.send(visitor, key), steps.send(visitor, key)
    assert Case.objects.count() == 1
    assert steps.number_in(first) == Case.objects.get().number
    assert first["Location"] == second["Location"]


def test_going_back_after_sending_finds_the_case_and_not_the_form(visitor):
    key = steps.fill(visitor)
    number = steps.number_in(steps.send(visitor, key))
    for step in ("what", "where", "contact", "check"):
        page = visitor.get(f"/report/{key}/{step}")
        assert page.status_code == 200
        assert number in steps.page(page)
    assert steps.send(visitor, key)["Location"].endswith(f"{number}/receipt")
    assert Case.objects.count() == 1


def test_other_content_under_a_sent_key_is_a_conflict_and_is_not_lost(visitor):
    key = steps.fill(visitor)
    number = steps.number_in(steps.send(visitor, key))
    response = steps.say_what(visitor, key, "井盖也坏了")
    assert response.status_code == 409
    assert number in steps.page(response)
    again = response.context["again"].key
    assert "井盖也坏了" in steps.page(visitor.get(f"/report/{again}/what"))
    assert Case.objects.count() == 1


def test_the_same_key_from_two_browsers_with_other_content_is_a_conflict(visitor, town):
    """Somebody sent the address of their form to a friend."""
    key = steps.fill(visitor)
    friend = Client()
    for step in (
        steps.say_what(friend, key, "井盖坏了"),
        steps.say_where(friend, key),
        steps.say_who(friend, key, "anonymous"),
    ):
        assert step.status_code == 302
    steps.send(visitor, key)
    response = steps.send(friend, key)
    assert response.status_code == 409
    renewed = friend.post(f"/report/{key}/renew")
    assert renewed["Location"].endswith("/check")
    assert friend.post(renewed["Location"]).status_code == 302
    assert {case.text for case in Case.objects.all()} == {steps.TEXT, "井盖坏了"}


@pytest.mark.usefixtures("transactional_db")
def test_eight_sends_at_once_make_one_case(town):
    first = Client()
    key = steps.fill(first)

    def send(_number: int) -> str:
        client = Client()
        client.cookies = first.cookies
        try:
            return str(steps.send(client, key)["Location"])
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        answers = set(threads.map(send, range(8)))
    case = Case.objects.get()
    assert answers == {f"/requests/{case.number}/receipt"}
    page = first.get(answers.pop())
    assert case.lookup_secret.unseal() in steps.page(page)
