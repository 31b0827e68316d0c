"""Walking through the three steps as a browser without scripts would."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpResponse
from django.test import Client

from town import Person
from wangge.organisations.posts import PostHolder

TEXT = "林都花园3号楼前的路灯三天没亮了，晚上老人下楼看不清路。"
NAME, PHONE = "林秀英", "10000001001"


def as_resident(person: Person) -> PostHolder:
    """Somebody of the town the way this door sees them: an account, no post."""
    return PostHolder(kind="user", id=str(person.user.pk), user_id=person.user.pk)


def begin(client: Client, grid: str = "") -> str:
    """A new report; its key."""
    response = client.get("/report", {"grid": grid} if grid else {})
    assert response.status_code == 302
    found = re.fullmatch(r"/report/([\w-]{22})/what(\?grid=\d+)?", response["Location"])
    assert found, response["Location"]
    return found.group(1)


def say_what(client: Client, key: str, text: str = TEXT, kind: str = "help", **more: Any) -> HttpResponse:
    return client.post(f"/report/{key}/what", {"kind": kind, "text": text, **more})


def say_where(client: Client, key: str, words: str = "林都花园3号楼前", **more: Any) -> HttpResponse:
    return client.post(f"/report/{key}/where", {"words": words, **more})


def say_who(client: Client, key: str, mode: str = "named", **more: Any) -> HttpResponse:
    contact = {"name": NAME, "phone": PHONE} if mode != "anonymous" else {}
    return client.post(f"/report/{key}/contact", {"mode": mode, **contact, **more})


def fill(
    client: Client,
    text: str = TEXT,
    *,
    kind: str = "help",
    words: str = "林都花园3号楼前",
    mode: str = "named",
    grid: str = "",
    **what: Any,
) -> str:
    """All three steps; the key of a draft that only has to be sent."""
    key = begin(client, grid)
    if grid:
        what["grid"] = grid
    for step in (
        say_what(client, key, text, kind, **what),
        say_where(client, key, words),
        say_who(client, key, mode),
    ):
        assert step.status_code == 302, step.content.decode()
    return key


def send(client: Client, key: str) -> HttpResponse:
    return client.post(f"/report/{key}/check")


def number_in(response: HttpResponse) -> str:
    """The case a sent report led to."""
    found = re.fullmatch(r"/requests/([\d-]+)/receipt", response["Location"])
    assert found, response["Location"]
    return found.group(1)


def page(response: HttpResponse) -> str:
    return response.content.decode()
