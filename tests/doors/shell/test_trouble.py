"""Pages for what went wrong: they say what to do, show nothing of the inside, and stand when much is down."""

from __future__ import annotations

import pytest
from django.test import Client, RequestFactory
from django.utils import translation

from town import Town
from wangge.doors.shell import errors


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(
    ("address", "status", "zh", "en"),
    [
        ("/suspicious", 400, "无法读取这次请求", "could not be read"),
        ("/nowhere", 404, "没有找到这一页", "no such page for you"),
        ("/broken", 500, "系统出了点问题", "broke on our side"),
    ],
)
def test_each_trouble_has_its_page(db, pages: Client, language, address, status, zh, en):
    pages.cookies["wangge_language"] = language
    answer = pages.get(address)
    assert answer.status_code == status
    text = answer.content.decode()
    assert (zh if language == "zh-hans" else en) in text
    assert f'lang="{"en" if language == "en" else "zh-Hans"}"' in text


def test_a_broken_page_shows_nothing_of_the_inside(db, pages: Client):
    text = pages.get("/broken").content.decode()
    for secret in ("林秀英", "10000001001", "RuntimeError", "Traceback", "settings"):
        assert secret not in text


def test_the_last_page_stands_without_database_or_session():
    """No `db` fixture: a query here would fail the test."""
    with translation.override("zh-hans"):
        answer = errors.server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert "系统出了点问题" in answer.content.decode()


def test_a_form_without_its_token_is_told_to_begin_again(town: Town, pages: Client, settings):
    settings.CSRF_FAILURE_VIEW = "wangge.doors.shell.errors.csrf_failure"
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/language", {"language": "en"})
    assert answer.status_code == 403
    assert "这张表单已经过期" in answer.content.decode()


def test_an_error_page_knows_who_reads_it(town: Town, pages: Client):
    pages.force_login(town.chen.user, backend="django.contrib.auth.backends.ModelBackend")
    text = pages.get("/desk/nowhere").content.decode()
    assert 'data-look="desk"' in text
    assert "伊美区网格协调指挥中心" in text
