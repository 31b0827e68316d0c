"""Identities planted through real pages: four requests and everything people write, show and mistype on
the way to their end."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

import town as places
from planted.searching import Leak, in_answer
from planted.seeds import Find, Garden
from town import Town
from wangge.cases import due
from wangge.cases.models import Case
from wangge.doors.resident.drafts import new_key
from wangge.doors.worker.reactions import react
from wangge.doors.worker.timetable import tick
from wangge.foundation.journal.wakeups import drain
from wangge.foundation.notices.actions import deliver_due
from wangge.foundation.worktime import clock

#: What the person who typed or asked sees of it again is theirs; all other answers are searched.
Theirs = Callable[[Find], bool]


class Browser:
    """Somebody's browser. Every answer is searched; what must not be there is remembered as a leak."""

    def __init__(self, name: str, client: Client, garden: Garden, leaks: set[Leak]) -> None:
        self.name, self.client, self.leaks = name, client, leaks
        #: What this person typed or asked for, and got to see.
        self.shown: set[Find] = set()
        where = f"User-Agent of {name}"
        owner = f"{garden.name(where)} {garden.phone(where)}"
        client.defaults["HTTP_USER_AGENT"] = f"Mozilla/5.0 (phone of {owner})"
        client.raise_request_exception = False

    def get(self, address: str, query: Any = None, *, theirs: Theirs | None = None) -> HttpResponse:
        return self._searched(self.client.get(address, query), f"GET {address}", theirs)

    def post(
        self, address: str, told: dict[str, Any], *, theirs: Theirs | None = None, **headers: str
    ) -> HttpResponse:
        return self._searched(self.client.post(address, told, headers=headers), f"POST {address}", theirs)

    def _searched(self, response: HttpResponse, what: str, theirs: Theirs | None) -> HttpResponse:
        for found in in_answer(response):
            if found.kind != "words" and theirs and theirs(found):
                self.shown.add(found)
            elif found.kind != "words":
                self.leaks.add(Leak(f"{self.name}: {what}", found))
        return response


@dataclass
class Story:
    """Everything that was planted, where, and what came of it."""

    town: Town
    garden: Garden = field(default_factory=Garden)
    leaks: set[Leak] = field(default_factory=set)
    #: Numbers of the cases by what they are.
    cases: dict[str, str] = field(default_factory=dict)
    #: Key of the draft that was never sent.
    draft: str = ""
    browsers: dict[str, Browser] = field(default_factory=dict)
    #: Whose planted words each read on a page where they may, by where they were planted.
    read: dict[str, set[str]] = field(default_factory=dict)
    after_each_act: Callable[[str], None] = lambda _number: None

    def browser(self, name: str) -> Browser:
        """The browser of somebody of the town; of a stranger under any other name."""
        if name not in self.browsers:
            client = self.town.client(name) if name in self.town.people else Client()
            self.browsers[name] = Browser(name, client, self.garden, self.leaks)
        return self.browsers[name]

    # --- the requests ---------------------------------------------------------------------------------

    def tell(self) -> None:
        self._by_hotline()
        self._by_a_resident()
        self._from_the_street()
        self._by_nobody()
        self._odd_numbers()
        self._mistyped()
        self._what_follows()

    def _by_hotline(self) -> None:
        """Every act there is a page for, each with planted words, until it is archived."""
        garden, street = self.garden, self.town.bodies
        registered = self.browser("chen").post(
            "/desk/register",
            {
                "client_key": str(uuid.uuid4()), "channel": "hotline_12345", "external_no": "WO-2026-0001",
                "request_type": "help", "priority": "normal", "area": places.GRID, "who": "named",
                "text": garden.text("text of a case"), "place": f"河边{garden.text('place')}"[:200],
                "name": garden.name("contact"), "phone": garden.phone("contact"),
                "address": garden.address("contact"), "photos": [garden.photo("photo of a case", "red")],
            },
        )  # fmt: skip
        assert registered.status_code == 201, registered.content.decode()
        number = self.cases["hotline"] = Case.objects.latest("pk").number
        secret = Case.objects.get(number=number).lookup_secret.unseal()
        self.after_each_act(number)

        self.act("chen", "start_screening")
        self.browser("chen").post(
            f"/desk/cases/{number}/contact",
            {"purpose": "supervision", "reason": f"{garden.text('reason of a look')}"[:200], "address": "on"},
            theirs=_of("contact", garden),
        )
        self.act("chen", "classify", matter="ROAD-05", note=garden.text("note of classify"))
        self.act("chen", "dispatch", unit=street["urban"].pk, reason=garden.text("reason of dispatch"))
        self.act("wu", "object", ground="not_our_duty", explanation=garden.text("explanation"))
        self.act("tang", "uphold", ruling=garden.text("ruling"))
        photo = garden.photo("work", "gold")
        self.act("wu", "handle", text=garden.text("work log"), contacted="on", photos=[photo])
        self.act("wu", "assign_assist", unit=street["civil"].pk, ask=garden.text("ask for assistance"))
        self.act("lu_civil", "assist", text=garden.text("assistance"), finished="on")
        self.act("wu", "feed_back", text=garden.text("feedback"), photos=[garden.photo("feedback", "navy")])
        self.act("chen", "verify", ask=garden.text("what to look at"))
        self.browser("zhou").post(f"/field/cases/{number}/contact", {}, theirs=_of("contact", garden))
        self._check("not_done", "finding, not done", "pink")
        self.act("wu", "feed_back", text=garden.text("second feedback"))
        self.act("chen", "verify")
        self._check("done", "finding, done", "teal")

        holder = self.browser("receipt")
        holder.post("/follow", {"number": number, "secret": secret})
        holder.post(f"/requests/{number}/my-data", {}, theirs=_of("contact", garden))
        self._say("rate", comment=garden.text("comment of the requester"), contacted="yes",
                  solved="not_solved", satisfaction="dissatisfied")  # fmt: skip
        self.act("fang", "call_back", within_duty="yes", comment=garden.text("comment of the agent"))
        self.act("wu", "feed_back", text=garden.text("third feedback"))
        self.act("chen", "pass", finding=garden.text("finding of the desk"))
        happy = {"reached": "yes", "contacted": "yes", "solved": "solved", "satisfaction": "satisfied"}
        self.act("fang", "call_back", channel="phone", within_duty="yes", **happy,
                 comment=garden.text("second comment"))  # fmt: skip
        self._say("reopen", words=garden.text("words of reopening"))
        self.act("chen", "inform", reason="out_of_scope", advice=garden.text("advice"))
        self._say("review", words=garden.text("words of a review"))
        self.act("chen", "inform", reason="out_of_scope", advice=garden.text("second advice"))
        due.archive_ended(clock.now() + timedelta(days=40))
        assert Case.objects.get(number=number).state == "archived"
        self.after_each_act(number)

    def _by_a_resident(self) -> None:
        """Two reports in Lin's browser: a confidential one that is sent, and one that never is."""
        self.cases["confidential"] = self._report(self.browser("lin"), "complaint", "confidential")
        self._say("withdraw", who="lin", case="confidential", words=self.garden.text("words of withdrawal"))
        self.draft = self._steps(self.browser("lin"), "help", "named", "draft")

    def _odd_numbers(self) -> None:
        """A clerk takes the caller's number for the work order's, a program for a key of its own."""
        told = {"channel": "walk_in", "request_type": "help", "priority": "normal", "area": places.GRID,
                "who": "anonymous", "text": "楼道灯不亮。"}  # fmt: skip
        for odd in (
            {"client_key": self.garden.phone("client key")},
            {"client_key": str(uuid.uuid4()), "external_no": self.garden.phone("external number")},
        ):
            refused = self.browser("chen").post("/desk/register", told | odd, theirs=_anything)
            assert refused.status_code == 422

    def _from_the_street(self) -> None:
        garden, zhou = self.garden, self.browser("zhou")
        told = {"client_key": uuid.uuid4().hex, "kind": "incident", "text": garden.text("field report"),
                "place": garden.text("field report, place")[:200],
                "name": garden.name("contact of the field"),
                "phone": garden.phone("contact of the field")}  # fmt: skip
        headers = {"HX-Request": "true", "X-Background": "1"}
        photos = [garden.photo("field", "lime")]
        assert zhou.post("/field/report", {**told, "photos": photos}, **headers).status_code == 204
        self.cases["field"] = Case.objects.latest("pk").number
        # The page of a report that has to be mended shows the worker what the worker typed.
        zhou.post("/field/report", {**told, "kind": "", "client_key": "k"}, theirs=_anything)

    def _by_nobody(self) -> None:
        self.cases["anonymous"] = self._report(self.browser("anonymous"), "help", "anonymous")

    def _mistyped(self) -> None:
        """Where people write a number that belongs elsewhere."""
        garden, stranger, chen = self.garden, self.browser("stranger"), self.browser("chen")
        for where in ("account name at sign-in", "account name at sign-in, again"):
            told = {"username": garden.phone(where), "password": garden.phone("password")}
            stranger.post("/login", told, theirs=_anything)
        told = {"username": garden.name("account name at sign-in"), "password": "x"}
        stranger.post("/login", told, theirs=_anything)
        for username in (garden.name("new account"), phone := garden.phone("new account"), f"a{phone}"):
            told = {"username": username, "password": "lamp-by-the-lake-9", "repeated": "lamp-by-the-lake-9"}
            self.browser("somebody new").post("/account", told, theirs=_anything)
        for address, name in (("/desk/cases", "words"), ("/desk/queue", "words"), ("/desk/accounts", "name")):
            for what in (garden.phone("search words"), garden.name("search words")):
                who = self.browser("lu") if "accounts" in address else chen
                who.get(address, {name: what}, theirs=_anything)
        self.browser("cai").get("/desk/journal", {"number": garden.phone("search words")}, theirs=_anything)
        chen.post("/desk/register/places", {"place": garden.text("words for a place")}, theirs=_anything)
        stranger.get("/follow", {"number": garden.phone("address")}, theirs=_anything)
        for address in ("/requests/{}", "/g/{}/", "/nowhere/{}", "/login?next=/{}"):
            stranger.get(address.format(garden.phone("address")), theirs=_anything)
            stranger.get(address.format(garden.id_number("address")), theirs=_anything)
        bad = SimpleUploadedFile(f"{garden.phone('no photo')}.jpg", garden.text("no photo").encode())
        told = {"client_key": "k", "kind": "help", "text": "见附件。", "photos": [bad]}
        self.browser("zhou").post("/field/report", told, theirs=_anything)

    def _what_follows(self) -> None:
        """The worker answers, the timetable strikes, notices leave."""
        later = clock.now() + timedelta(hours=12)
        while drain(react, at=later, batch=100).answered:
            pass
        tick(later)
        deliver_due(at=later + timedelta(hours=12))

    # --- the pieces -----------------------------------------------------------------------------------

    def act(self, who: str, act: str, **told: Any) -> None:
        """One act from the desk on the hotline's case."""
        number = self.cases["hotline"]
        version = Case.objects.get(number=number).version
        response = self.browser(who).post(f"/desk/cases/{number}/{act}", {"seen_version": version, **told})
        assert response.status_code == 302, f"{act}: {response.status_code} {_reasons(response)}"
        self.after_each_act(number)

    def _check(self, found: str, where: str, colour: str) -> None:
        number = self.cases["hotline"]
        told = {"seen_version": Case.objects.get(number=number).version, "found": found,
                "finding": self.garden.text(where), "photos": [self.garden.photo(where, colour)]}  # fmt: skip
        response = self.browser("zhou").post(f"/field/cases/{number}/check", told)
        assert response.status_code == 302, _reasons(response)
        self.after_each_act(number)

    def _say(self, act: str, *, who: str = "receipt", case: str = "hotline", **told: Any) -> None:
        """What the requester does."""
        number = self.cases[case]
        version = Case.objects.get(number=number).version
        response = self.browser(who).post(f"/requests/{number}/{act}", {"version": version, **told})
        assert response.status_code == 302, f"{act}: {response.status_code} {_reasons(response)}"
        self.after_each_act(number)

    def _report(self, browser: Browser, kind: str, mode: str) -> str:
        key = self._steps(browser, kind, mode, f"{mode} report")
        browser.get(f"/report/{key}/check", theirs=_anything)
        sent = browser.post(f"/report/{key}/check", {})
        found = re.search(r"/requests/([\d-]+)/receipt", sent.headers["Location"])
        assert found
        self.after_each_act(found.group(1))
        return found.group(1)

    def _steps(self, browser: Browser, kind: str, mode: str, where: str) -> str:
        """The three steps of a resident's report. Until it is sent, its pages show it to its writer."""
        garden, key = self.garden, new_key()
        colour = {"complaint": "olive", "help": "coral"}[kind]
        contact = {"name": garden.name(where), "phone": garden.phone(where)} if mode != "anonymous" else {}
        place = {"words": garden.text(f"{where}, place")[:200], "named_area": places.STREET}
        for step, told in (
            ("what", {"kind": kind, "text": garden.text(where), "photos": [garden.photo(where, colour)]}),
            ("where", {**place, "asked": "|", "choice": "none"}),
            ("contact", {"mode": mode, **contact}),
        ):
            response = browser.post(f"/report/{key}/{step}", told, theirs=_anything)
            if step == "where" and response.status_code == 422:
                asked = response.context["candidates"].asked
                response = browser.post(f"/report/{key}/where", {**told, "asked": asked}, theirs=_anything)
            assert response.status_code == 302, f"{step}: {_reasons(response)}"
        return key


def _anything(_found: Find) -> bool:
    return True


def _of(where: str, garden: Garden) -> Theirs:
    """A contact somebody asked to see, with a purpose or because it is their own."""
    return lambda found: garden.where(found) == where


def _reasons(response: HttpResponse) -> str:
    context = response.context or {}
    forms = [context.get("form"), *(move.form for move in context.get("moves", []))]
    said = [form.errors.as_text() for form in forms if form is not None and form.errors]
    return f"{said} {context.get('trouble', '')} {context.get('reason', '')}"
