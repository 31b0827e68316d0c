"""Identities sent through the API turn up nowhere: not in answers, tables, files, events, or the log.

What people wrote is read by posts that read texts at the desk, and by no others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from pytest_django import Settings

from doors.api.programs import PROBLEM, REPORT, Program, program_of
from foundation.webhooks.receiving import Receiver, receiving
from makers import make_case
from planted.searching import Leak, in_answer, in_files, in_tables, log_as_it_is_written
from planted.seeds import Find, Garden, find
from town import Town, recently
from wangge.cases.states import State
from wangge.cases.words import RequestType
from wangge.doors.api.api import api
from wangge.doors.api.scopes import POSTS
from wangge.doors.worker.reactions import react
from wangge.foundation.journal.models import Line
from wangge.foundation.webhooks.sending import send_due
from wangge.foundation.worktime import clock
from wangge.organisations.roles import Role

#: Posts that read the words of requests at the desk, in Lin's street and of the unit that leads.
READERS = {
    Role.GRID_LEAD, Role.COMMUNITY_SECRETARY, Role.COMMUNITY_WORKER, Role.TOWN_DISPATCHER,
    Role.DEPARTMENT_HANDLER, Role.DEPARTMENT_LEAD, Role.CENTER_INTAKE, Role.CENTER_SUPERVISOR,
    Role.CALLBACK_AGENT,
}  # fmt: skip


class Searched(Program):
    """A program whose every answer is searched; `leaks` are identities, `read` words."""

    def searched(self, response: Any, what: str, leaks: set[Leak]) -> set[Find]:
        found = in_answer(response)
        leaks |= {Leak(what, one) for one in found if one.kind != "words"}
        return {one for one in found if one.kind == "words"}


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    with receiving() as receiver:
        yield receiver


def test_what_is_planted_through_the_api_is_found_nowhere(town: Town, receiver: Receiver) -> None:
    garden, leaks = Garden(), set()
    chen, wu = (Searched(program_of(town, name).token) for name in ("chen", "wu"))
    for program in (chen, wu):
        program.headers = {"User-Agent": f"hotline of {garden.name('agent')} {garden.phone('agent')}"}
    chen.post("/webhooks", {"url": receiver.url})

    with log_as_it_is_written() as log:
        body = {
            **REPORT,
            "text": garden.text("text"),
            "title": garden.text("title")[:60],
            "place": {"area_code": "230717001001001", "words": f"打{garden.phone('place')}问路"},
            "contact": {
                "name": garden.name("contact"), "phone": garden.phone("contact"),
                "address": garden.address("contact"),
            },
        }  # fmt: skip
        made = chen.post("/cases", body, Idempotency_Key=f"{garden.phone('key')}")
        number = made.json()["number"]
        chen.searched(made, "register", leaks)
        version = 1
        for program, act, told in (
            (chen, "start_screening", {}),
            (chen, "classify", {"matter": "ROAD-05", "note": garden.text("classify")}),
            (chen, "dispatch", {}),
            (wu, "sign", {}),
            (wu, "handle", {"text": garden.text("handle")}),
            (wu, "feed_back", {"text": garden.text("feedback")}),
        ):
            done = program.act(number, act, version, **told)
            assert done.status_code == 200, done.content
            version = done.json()["version"]
            program.searched(done, act, leaks)
        photo = wu.send_photo(garden.photo("photo", "teal"))
        wu.searched(photo, "photo", leaks)
        # What is refused is not repeated, nor written down anywhere.
        for refused in (
            chen.post("/cases", {**body, "channel": garden.text("channel")}),
            chen.post("/cases", {**body, garden.name("member"): garden.phone("member")}),
            chen.post("/cases", garden.text("raw").encode()),
            chen.post("/webhooks", {"url": f"https://{garden.phone('url')}.invalid/"}),
            chen.get(f"/cases/{garden.phone('number')}"),
        ):
            assert refused.headers["Content-Type"] == PROBLEM
            chen.searched(refused, "refusal", leaks)
        for line in Line.objects.filter(subject_kind="case").order_by("pk"):
            react(line)
        while send_due(at=clock.now()):
            pass
        assert receiver.heard
        _everybody_reads_everything(town, number, leaks)

    for message in receiver.heard:
        leaks |= {Leak("event", one) for one in find(message.body.decode() + str(message.headers))}
    leaks |= {one for one in in_tables() if one.found.kind != "words"}
    leaks |= in_files(django_settings.FILES_DIR)
    leaks |= {Leak("log", one) for one in find(log.getvalue())}
    assert not leaks, "\n".join(
        f"{leak.place}: {garden.where(leak.found)} ({leak.found.value})" for leak in leaks
    )


def _everybody_reads_everything(town: Town, number: str, leaks: set[Leak]) -> None:
    for role in sorted(POSTS):
        program = Searched(program_of(town, town.with_role(Role(role))).token)
        words: set[Find] = set()
        for path in ("", "/timeline", "/clocks", "/moves"):
            words |= program.searched(program.get(f"/cases/{number}{path}"), f"{role} {path}", leaks)
        words |= program.searched(program.get("/cases?limit=100"), f"{role} list", leaks)
        if Role(role) in READERS:
            assert words, role
        elif role not in {Role.TOWN_LEADER, Role.DISTRICT_LEADER, Role.JOINT_MEETING_OFFICE}:
            assert not words, role  # leaders read what units wrote to one another, never the request


def test_every_address_a_program_can_read_was_searched(town: Town) -> None:
    """The rest tells nothing of people: it is read here once, with a case of everything beside it."""
    make_case(town, State.CLOSED, at=recently(4), request_type=RequestType.CONSULT)
    chen = program_of(town, "chen")
    paths = {path for path, methods in api.get_openapi_schema()["paths"].items() if "get" in methods}
    about_a_case = {path for path in paths if "{number}" in path}
    assert {path.rpartition("}")[2] for path in about_a_case} == {"", "/timeline", "/clocks", "/moves"} | {
        path.rpartition("}")[2] for path in about_a_case if "photos" in path
    }
    for path in sorted(paths - about_a_case):
        if "{" not in path and "lead" not in path:
            answer = chen.get(path + ("?lon=128.902&lat=47.722" if path.endswith("grid_at") else ""))
            assert answer.status_code == 200, path
            assert "林秀英" not in answer.content.decode()
            assert "10000001001" not in answer.content.decode()
