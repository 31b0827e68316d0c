"""The page that explains this door, in both languages."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import Client

import town as places
from i18n.reading import words_of
from town import Town
from wangge.cases.public import Phase

#: Gaps that scripts fill, and addresses: no words of any language.
GAPS = re.compile(r"\{\w+\}|https?://\S+|/[\w/.?=&-]*")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_it_says_every_address_district_and_phase(town: Town, language: str) -> None:
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    page = client.get("/open311/").content.decode()
    for address in ("services", "requests", "tokens/{token}", "servicerequestupdates"):
        assert f"http://testserver/open311/v2/{address}.{{json|xml}}" in page
    for district in (places.DISTRICT, places.OTHER_DISTRICT):
        assert f"<code>{district}</code>" in page
    statuses = client.get("/open311/").context["statuses"]
    assert len(statuses["open"]) + len(statuses["closed"]) == len(Phase)
    assert len(statuses["closed"]) == 6


@pytest.mark.parametrize(
    ("language", "foreign"), [("zh-hans", r"[A-Za-z]*[a-z]{3,}"), ("en", r"[\u4e00-\u9fff\uff00-\uffef]")]
)
def test_its_words_are_in_one_language(town: Town, language: str, foreign: str) -> None:
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    words = words_of(client.get("/open311/").content.decode())
    assert len(words) > 40
    other = "zh" if language == "en" else "en"
    left = [
        found.text
        for found in words
        if not found.where.startswith("code") and not found.language.startswith(other)
        and re.search(foreign, GAPS.sub(" ", found.text))
    ]  # fmt: skip
    assert not left


def test_the_root_of_the_calls_leads_to_it(db: None) -> None:
    assert Client().get("/open311/v2/").headers["Location"] == "/open311/"
