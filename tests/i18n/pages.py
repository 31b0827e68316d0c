"""Every page in one language: what everybody may open, what is refused, forms that come back, what is said
when an act is done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse
from django.utils import translation

import town as places
from access.addresses import address_of
from access.filled_in import FILLED_IN, form_of
from access.matrix import ACCOUNT, PAGES, RECEIPT, STRANGER, rows
from access.visits import Visitor, World
from makers import make_case
from wangge.cases.models import Case
from wangge.cases.states import State
from wangge.cases.words import RequestType
from wangge.doors.desk.case_pages import FORMS
from wangge.doors.resident import drafts
from wangge.doors.shell import errors
from wangge.foundation.worktime import clock
from wangge.organisations.roles import Role

#: At the residents' door everybody is a resident, and what every desk opens says the same to all: a few
#: visitors stand for the others.
RESIDENTS = {STRANGER, RECEIPT, ACCOUNT, Role.CENTER_INTAKE}
CLERKS = {Role.CENTER_INTAKE, Role.AUDITOR}
#: Who reads a case's page in every state it can be in; everybody else does in one.
READERS = (Role.CENTER_INTAKE, Role.DEPARTMENT_HANDLER, Role.TOWN_LEADER, Role.AUDITOR)
#: Where a resident tries what cannot be done now.
RESIDENTS_ACTS = ("rate", "reopen", "review", "withdraw")
TRIED = {State.REGISTERED, State.CALLBACK_DUE, State.CLOSED, State.INFORMED, State.ARCHIVED}
FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}


#: What is typed on the way, as pages show it again: masked, cut at a sentence, revealed to who may see it.
TYPED = {
    "新兴路的井盖松了，请打10000001002。", "新兴路的井盖松了，请打100****1002。", "又是一件。", "路口",
    "林秀英", *(str(words) for form in FILLED_IN.values() for words in form.values() if len(str(words)) > 3),
}  # fmt: skip


@dataclass(frozen=True)
class Page:
    """Where somebody was, and what they got to read."""

    where: str
    html: str


def every_page(world: World, language: str) -> Iterator[Page]:
    """All of them, one after the other; nothing of it stays in the database."""
    for visitor in world.visitors.values():
        visitor.client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    for crawl in (
        _opened, _in_every_state, _refused, _empty_forms, _acts_done, _on_the_way, _signing_in, _trouble,
        _style_guide,
    ):  # fmt: skip
        for where, response in crawl(world, language):
            if "html" in response.headers.get("Content-Type", "") and not response.streaming:
                yield Page(f"{where} ({response.status_code})", response.content.decode())


Found = Iterator[tuple[str, HttpResponseBase]]


def _opened(world: World, language: str) -> Found:
    """What the matrix opens to each."""
    for name, stands, cells in rows(PAGES):
        if stands == "far" or name == "field:offline":
            continue
        few = RESIDENTS if not name.startswith(("desk:", "field:")) else set()
        few = few or (CLERKS if cells[Role.SYSTEM_ADMIN] == cells[Role.AUDITOR] == "o" else set(cells))
        for column, cell in cells.items():
            if cell == "o" and column in few:
                visitor = world.visitors[column]
                yield f"{name} {column}", visitor.client.get(address_of(world, visitor, name, stands))
    yield "field:offline", Client().get(reverse("field:offline", args=[language]))
    reader = world.visitors[Role.CENTER_INTAKE]
    world.notice_to(reader.user_id)
    yield "desk:notices, one there", reader.client.get(reverse("desk:notices"))
    for name, client in (("desk:queue", reader.client), ("desk:cases", reader.client)):
        yield f"a piece of {name}", client.get(reverse(name), headers=FRAGMENT)
        yield f"{name}, nothing fits", client.get(reverse(name), {"words": "zzz", "state": "paused"})
    for grid in ("230717001001999", places.GRID):
        yield f"the sign of {grid}", stranger(language).get(reverse("resident:grid", args=[grid]))


def _in_every_state(world: World, language: str) -> Found:
    cases = dict(world.cases)
    for state in set(State) - set(cases):
        cases[state] = make_case(
            world.town, state, at=clock.now() - timedelta(days=40 if state == State.ARCHIVED else 1),
            request_type=RequestType.CONSULT, step=timedelta(minutes=5),
        )  # fmt: skip
    resident = world.visitors[ACCOUNT]
    for state, case in cases.items():
        for role in READERS:
            visitor = world.visitors[role]
            world.lay(visitor, case, "own")
            yield f"desk:case {state} {role}", visitor.client.get(reverse("desk:case", args=[case.number]))
        worker = world.visitors[Role.GRID_WORKER]
        yield f"field:case {state}", worker.client.get(reverse("field:case", args=[case.number]))
        if not case.requester_left:
            world.lay(resident, case, "near")
            for name in ("case", *(RESIDENTS_ACTS if state in TRIED else ())):
                address = reverse(f"resident:{name}", args=[case.number])
                yield f"resident:{name} {state}", resident.client.get(address)
    for name in ("board", "mine"):
        yield f"resident:{name}, many states", resident.client.get(reverse(f"resident:{name}"))
    for name in ("queue", "cases", "overview"):
        tang = world.visitors[Role.CENTER_SUPERVISOR]
        yield f"desk:{name}, many states", tang.client.get(reverse(f"desk:{name}"))


def _refused(world: World, language: str) -> Found:
    """Not part of your post; no such page for you; on each of the three looks."""
    for column, address in (
        (Role.RESIDENT, "/desk/queue"), (Role.AUDITOR, "/desk/queue"), (Role.AUDITOR, "/field/"),
        (Role.GRID_WORKER, "/field/cases/230717-20260101-00001"), (STRANGER, "/no-such-page"),
        (Role.CENTER_INTAKE, "/desk/cases/230717-20260101-00001"),
    ):  # fmt: skip
        yield f"{address} {column}", world.visitors[column].client.get(address)
        yield f"{address} {column}, a piece", world.visitors[column].client.get(address, headers=FRAGMENT)


def _empty_forms(world: World, language: str) -> Found:
    """Every form sent with nothing in it, and every act as if a colleague had been quicker."""
    for act in FORMS:
        visitor, stands = _doer(world, act)
        case = world.case(f"desk:{act}", visitor, stands)
        for what, version in (("empty", case.version), ("stale", case.version + 7), ("no version", "")):
            with _undone(world, visitor, case, stands, act):
                address = reverse(f"desk:{act}", args=[case.number])
                yield f"desk:{act} {what}", visitor.client.post(address, {"seen_version": version})
    for act in ("rate", "reopen", "review", "withdraw"):
        visitor = world.visitors[ACCOUNT]
        case = world.case(f"resident:{act}", visitor, "near")
        for what, told in (
            ("empty", {"version": case.version}), ("stale", {"version": 99, **FILLED_IN[act]}),
        ):  # fmt: skip
            with _undone(world, visitor, case, "near", act):
                address = reverse(f"resident:{act}", args=[case.number])
                yield f"resident:{act} {what}", visitor.client.post(address, told)
    clerk, worker = world.visitors[Role.CENTER_INTAKE].client, world.visitors[Role.GRID_WORKER]
    case = world.case("field:check", worker, "area")
    world.lay(worker, case, "area")
    yield "desk:contact empty", clerk.post(reverse("desk:contact", args=[case.number]), {})
    yield "desk:register empty", clerk.post(reverse("desk:register"), {})
    yield (
        "desk:register no place",
        clerk.post(reverse("desk:register"), {"client_key": "k", "text": "x", "place": "zz"}),
    )
    yield "desk:register look", clerk.post(reverse("desk:register"), {"look": "1", "place": "新兴路"})
    yield "desk:places", clerk.post(reverse("desk:places"), {"place": "新兴路"}, headers=FRAGMENT)
    yield "field:report empty", worker.client.post(reverse("field:report"), {})
    yield (
        "field:report far",
        worker.client.post(
            reverse("field:report"), {"client_key": "k", "text": "x", "kind": "component", "lon": 1, "lat": 1}
        ),
    )
    yield (
        "field:check empty",
        worker.client.post(reverse("field:check", args=[case.number]), {"seen_version": case.version}),
    )
    yield (
        "field:check stale",
        worker.client.post(
            reverse("field:check", args=[case.number]), {"seen_version": 99, **FILLED_IN["check"]}
        ),
    )


def _acts_done(world: World, language: str) -> Found:
    """The page after each act, with the sentence that says it is done; and after one that was refused."""
    for act in FORMS:
        visitor, stands = _doer(world, act)
        case = world.case(f"desk:{act}", visitor, stands)
        with _undone(world, visitor, case, stands, act):
            address, told = form_of(world, visitor, f"desk:{act}", stands, case)
            yield f"desk:{act} done", visitor.client.post(address, told, follow=True)
            yield f"desk:{act} done twice", visitor.client.post(address, told, follow=True)
    for name, column in (
        ("desk:register", Role.CENTER_INTAKE), ("desk:contact", Role.CENTER_INTAKE),
        ("field:report", Role.GRID_WORKER), ("field:check", Role.GRID_WORKER),
        ("field:contact", Role.GRID_WORKER), ("resident:rate", ACCOUNT), ("resident:reopen", ACCOUNT),
        ("resident:review", ACCOUNT), ("resident:withdraw", ACCOUNT), ("resident:my_data", ACCOUNT),
    ):  # fmt: skip
        visitor = world.visitors[column]
        stands = "area" if name in {"field:check", "field:contact"} else "near"
        case = world.case(name, visitor, stands)
        with _undone(world, visitor, case, stands, name.partition(":")[2]):
            address, told = form_of(world, visitor, name, stands, case)
            yield f"{name} done", visitor.client.post(address, told, follow=True)
            yield f"{name} done twice", visitor.client.post(address, told, follow=True)


def _on_the_way(world: World, language: str) -> Found:
    """A resident's report, each step first with nothing in it, then filled in; and one sent twice."""
    client = stranger(language)
    key = drafts.new_key()

    def step(name: str, told: dict[str, Any]) -> HttpResponseBase:
        return client.post(reverse(f"resident:report_{name}", args=[key]), told, follow=True)

    yield "report, what empty", step("what", {})
    yield "report, what", step("what", {"kind": "report", "text": "新兴路的井盖松了，请打10000001002。"})
    yield "report, where empty", step("where", {})
    yield "report, where looked up", step("where", {"words": "新兴路"})
    yield (
        "report, where",
        step(
            "where",
            {"words": "新兴路", "named_area": places.STREET, "choice": places.GRID, "asked": "新兴路"},
        ),
    )
    lon, lat = places.point_in(places.GRID)
    yield (
        "report, where on the map",
        step("where", {"words": "路口", "lon": lon, "lat": lat, "choice": "point"}),
    )
    yield "report, contact empty", step("contact", {})
    yield "report, contact", step("contact", {"mode": "named", "name": "林秀英", "phone": "10000001001"})
    yield "report, check", client.get(reverse("resident:report_check", args=[key]))
    yield "report, sent", step("check", {})
    yield "report, sent again", step("what", {"kind": "report", "text": "又是一件。"})
    yield "report, gone back", client.get(reverse("resident:report_what", args=[key]))
    yield "home with a receipt", client.get(reverse("resident:home"))
    for told in ({}, {"number": "230717-20260101-00001", "secret": "ABCDEF"}, {"number": "x", "secret": "y"}):
        yield f"follow {told}", client.post(reverse("resident:follow"), told)


def _signing_in(world: World, language: str) -> Found:
    client = stranger(language)
    for told in ({}, {"username": "nobody", "password": "wrong"}):
        yield f"login {told}", client.post(reverse("shell:login"), told)
    right = places.PASSWORD
    for told in (
        {}, {"username": "Ä!", "password": "short", "repeated": "other"},
        {"username": "someone", "password": "short", "repeated": "short"},
        {"username": "somebody", "password": right, "repeated": right},
    ):  # fmt: skip
        yield f"account {told}", client.post(reverse("resident:account"), told)
    clerk = world.visitors[Role.CENTER_INTAKE].client
    for told in (
        {}, {"old_password": "x", "new_password": "y", "repeated": "z"},
        {"old_password": "x", "new_password": "y", "repeated": "y"},
        {"old_password": right, "new_password": "y", "repeated": "y"},
        {"old_password": right, "new_password": right, "repeated": right},
    ):  # fmt: skip
        yield f"password {told}", clerk.post(reverse("shell:password"), told)
    locked = stranger(language)
    for _time in range(settings.AXES_FAILURE_LIMIT):
        response = locked.post(reverse("shell:login"), {"username": "lei", "password": "wrong"})
    yield "locked out", response


def _trouble(world: World, language: str) -> Found:
    strict = stranger(language, enforce_csrf_checks=True)
    yield "an old form", strict.post(reverse("resident:follow"), {})
    with override_settings(RATE_LIMITS={**settings.RATE_LIMITS, "lookup": (0, 600), "login": (0, 600)}):
        yield "too many look-ups", stranger(language).post(reverse("resident:follow"), {"number": "1"})
        yield "too many sign-ins", stranger(language).post(reverse("shell:login"), {"username": "a"})
    with override_settings(DATA_UPLOAD_MAX_NUMBER_FIELDS=1):
        yield (
            "unreadable",
            stranger(language).post(reverse("resident:follow"), {"a": "1", "b": "2", "c": "3"}),
        )
    with translation.override(language):
        yield "broken", errors.server_error(RequestFactory().get("/"))


@override_settings(DEMO=True)
def _style_guide(world: World, language: str) -> Found:
    for look in ("desk", "resident", "field"):
        client = world.visitors[Role.CENTER_INTAKE].client
        yield f"style guide, {look}", client.get(reverse("shell:style_guide"), {"look": look})


# --- the pieces -----------------------------------------------------------------------------------


def stranger(language: str, **options: Any) -> Client:
    client = Client(**options)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return client


def _doer(world: World, act: str) -> tuple[Visitor, str]:
    """Somebody whose business the act is, and how they stand to the case."""
    role = {
        "sign": Role.DEPARTMENT_HANDLER, "object": Role.DEPARTMENT_HANDLER, "handle": Role.DEPARTMENT_HANDLER,
        "feed_back": Role.DEPARTMENT_HANDLER, "assign_assist": Role.DEPARTMENT_HANDLER,
        "assist": Role.COMMUNITY_WORKER, "call_back": Role.CALLBACK_AGENT,
        "uphold": Role.CENTER_SUPERVISOR, "reassign": Role.CENTER_SUPERVISOR,
    }.get(act, Role.CENTER_INTAKE)  # fmt: skip
    return world.visitors[role], "own"


@contextmanager
def _undone(world: World, visitor: Visitor, case: Case, stands: str, act: str) -> Iterator[None]:
    world.lay(visitor, case, stands)
    with transaction.atomic():
        if act == "assist":
            world.ask_to_assist(visitor, case)
        yield
        transaction.set_rollback(True)
