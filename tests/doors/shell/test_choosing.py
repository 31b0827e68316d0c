"""What a person chooses for themselves: the language, the size of the text. Both without script."""

from __future__ import annotations

import pytest
from django.test import Client

from town import PASSWORD, Town


def test_chinese_comes_first_whatever_the_browser_says(db, pages: Client):
    text = pages.get("/login", headers={"Accept-Language": "en-US,en;q=0.9"}).content.decode()
    assert 'lang="zh-Hans"' in text
    assert "登录" in text


def test_the_language_is_switched_and_the_page_stays(db, pages: Client):
    switched = pages.post("/language", {"language": "en", "next": "/login?next=/desk/"})
    assert switched.url == "/login?next=/desk/"
    english = pages.get("/login")
    assert 'lang="en"' in english.content.decode()
    assert english["Content-Language"] == "en"


def test_an_account_remembers_its_language_on_the_next_machine(town: Town, pages: Client):
    pages.force_login(town.chen.user, backend="django.contrib.auth.backends.ModelBackend")
    pages.post("/language", {"language": "en"})
    elsewhere = Client()
    elsewhere.post("/login", {"username": town.chen.username, "password": PASSWORD})
    assert 'lang="en"' in elsewhere.get("/password").content.decode()


@pytest.mark.parametrize("language", ["", "fr", "zh-hans'--"])
def test_a_language_nobody_speaks_changes_nothing(db, pages: Client, language: str):
    assert "wangge_language" not in pages.post("/language", {"language": language}).cookies


def test_a_link_changes_nothing(db, pages: Client):
    assert pages.get("/language").status_code == 405
    assert pages.get("/elder").status_code == 405


@pytest.mark.parametrize("address", ["/language", "/elder"])
def test_choosing_leads_to_no_other_site(db, pages: Client, address: str):
    assert pages.post(address, {"next": "https://elsewhere.example/"}).url == "/home"
    assert pages.post(address, {"next": "//elsewhere.example/"}).url == "/home"


def test_elders_choose_larger_print_and_give_it_back(db, pages: Client):
    address = "/style-guide?look=resident"
    assert "data-elder" not in pages.get(address).content.decode()
    pages.post("/elder", {"size": "2", "next": address})
    assert 'data-elder="2"' in pages.get(address).content.decode()
    pages.post("/elder", {"size": "0", "next": address})
    assert "data-elder" not in pages.get(address).content.decode()


@pytest.mark.parametrize("size", ["9", "", "-1", "x"])
def test_a_size_nobody_drew_is_the_ordinary_one(db, pages: Client, size: str):
    pages.cookies["wangge_elder"] = size
    assert "data-elder" not in pages.get("/style-guide?look=resident").content.decode()
