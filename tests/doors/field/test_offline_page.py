"""What the phone keeps for a place without a connection, seen from the server."""

from __future__ import annotations

import json
import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from town import Town

LANGUAGES = ("zh-hans", "en")


def kept(client: Client) -> dict[str, object]:
    script = client.get("/field/worker.js")
    assert script.status_code == 200
    head = script.content.decode().split("\n", 1)[0]
    found = re.fullmatch(r"self\.kept = (\{.*\});", head)
    assert found is not None, head
    return json.loads(found.group(1))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_knows_nobody(town: Town, language: str):
    address = f"/field/offline/{language}"
    for_stranger = Client().get(address)
    assert for_stranger.status_code == 200
    for name in ("zhou", "lin", "chen"):
        assert town.client(name).get(address).content == for_stranger.content
    said = for_stranger.content.decode()
    assert "csrfmiddlewaretoken" not in said
    assert re.search(r'name="client_key"[^>]*value=', said) is None, "a key is made on the phone, per report"
    assert not for_stranger.cookies


def test_each_language_has_its_address(db: None):
    chinese, english = (Client().get(f"/field/offline/{language}") for language in LANGUAGES)
    assert "没有网络" in chinese.content.decode()
    assert "No connection" in english.content.decode()
    assert re.search("[\u4e00-\u9fff]", english.content.decode()) is None
    assert english.headers["Content-Language"] == "en"
    assert Client().get("/field/offline/fr").status_code == 404


def test_the_worker_is_told_to_keep_the_page_and_its_files_and_nothing_else(db: None):
    told = kept(Client())
    assert told["pages"] == {language: f"/field/offline/{language}" for language in LANGUAGES}
    files = told["files"]
    assert isinstance(files, list)
    assert all(finders.find(address.removeprefix("/static/")) for address in files)
    names = " ".join(files)
    assert "wangge.css" in names
    assert "chunks/drafts-" in names
    assert "maplibre" not in names, "no map without a line, and no megabytes for it"


def test_the_worker_is_asked_for_anew_and_may_rule_the_field_door_alone(db: None):
    script = Client().get("/field/worker.js")
    assert script.headers["Content-Type"].startswith("text/javascript")
    assert "no-cache" in script.headers["Cache-Control"]
    assert "Service-Worker-Allowed" not in script.headers


def test_its_version_is_the_same_until_something_changes(db: None, settings):
    assert kept(Client())["version"] == kept(Client())["version"]
    before = kept(Client())["version"]
    settings.STATIC_URL = "/other/"
    assert kept(Client())["version"] != before
