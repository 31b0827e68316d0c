"""The pages, opened by everybody, and whose words each may read there."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

import town as places
from access.addresses import NAMES
from planted.searching import Leak, in_answer
from planted.seeds import Find
from planted.story import Browser, Story
from wangge.cases.models import Attachment, Case
from wangge.cases.states import State
from wangge.foundation.notices.models import Notice

#: One of each role, and some who work or live elsewhere; people without an account.
EVERYBODY = (
    "stranger", "receipt", "anonymous", "lin", "qin", "ren", "tian", "shi", "zhou", "ma", "yu", "gao", "sun",
    "he", "qian", "xu", "zhao", "lei", "wu", "zheng", "feng", "lu_civil", "chen", "tang", "fang", "bai",
    "han", "cao", "deng", "song", "peng", "lu", "jiang", "cai",
)  # fmt: skip

# --- whose words --------------------------------------------------------------------------------------
#
# By domain notes §2, "Field visibility for a case". Identities nobody reads on any page: they are shown in
# the answer to whoever asked with a purpose, and the story says so where it asks.

#: What a requester wrote to begin with, of the hotline's case and of the others.
_TEXT = {"text of a case", "place"}
_FROM_THE_GRID = {"field report", "field report, place"}
#: These two name no more than the street: its communities do not have them.
_FROM_THE_STREET = {
    "anonymous report", "anonymous report, place", "confidential report", "confidential report, place",
}  # fmt: skip
_OTHER_TEXTS = _FROM_THE_GRID | _FROM_THE_STREET
#: What a requester wrote later: as much theirs as the text.
_LATER = {"words of reopening", "words of a review", "words of withdrawal"}
_WITHDRAWN = {"words of withdrawal"}  # the confidential report was
#: What a unit wrote as its answer, and what the desk told the requester.
_FEEDBACK = {"feedback", "second feedback", "third feedback"}
_TOLD = {*_FEEDBACK, "advice", "second advice"}
_COMMENTS = {"comment of the requester", "comment of the agent", "second comment"}
#: Between those who work on it.
_AT_DESK = {
    "note of classify", "reason of dispatch", "explanation", "ruling", "work log", "ask for assistance",
    "assistance", "what to look at", "finding, not done", "finding, done", "finding of the desk",
}  # fmt: skip
_REASON_OF_A_LOOK = {"reason of a look"}

_everything = _TEXT | _OTHER_TEXTS | _LATER | _TOLD | _COMMENTS | _AT_DESK
_leader = _AT_DESK | _TOLD  # text masked, ratings in aggregate

READS: dict[str, set[str]] = {
    **dict.fromkeys(("chen", "tang", "xu"), _everything),
    **dict.fromkeys(("gao", "sun", "he"), _everything - _FROM_THE_STREET - _WITHDRAWN),
    # The lead unit: what was said in its own turn.
    **dict.fromkeys(
        ("wu", "zheng"), _everything - _OTHER_TEXTS - _WITHDRAWN - {"note of classify"}
    ),
    # A unit that assists: the text, what the requester was told and has said, and its own note.
    "lu_civil": _TEXT | _TOLD | (_LATER - _WITHDRAWN) | {"assistance", "comment of the requester"},
    "fang": _TEXT | _OTHER_TEXTS | _LATER | _TOLD | {"comment of the requester"},
    **dict.fromkeys(("zhao", "song", "han"), _leader),
    "cai": _leader | _COMMENTS,
    "receipt": _TEXT | _TOLD | (_LATER - _WITHDRAWN) | {"comment of the requester"},
    "lin": {"confidential report", "confidential report, place", "words of withdrawal"},
    "anonymous": {"anonymous report", "anonymous report, place"},
}  # fmt: skip


def may_read(story: Story, who: str, name: str, found: Find) -> bool:
    where = story.garden.where(found)
    if found.kind != "words":
        return False
    if name == "desk:looks":
        return where in _REASON_OF_A_LOOK
    if name in {"resident:board", "open311:requests", "open311:request"}:
        return where in _FEEDBACK  # the public board: result text, cleaned
    if who in {"zhou", "ma"}:
        return where in _read_in_the_field(story)
    return where in READS.get(who, set())


def _read_in_the_field(story: Story) -> set[str]:
    """What the grid's workers reported themselves; a requester's text only while sent to look."""
    checking = Case.objects.filter(number=story.cases["hotline"], state=State.VERIFYING).exists()
    own = {"field report", "field report, place"}
    return own | _TEXT | _FEEDBACK | {"what to look at"} if checking else own


# --- the pages ----------------------------------------------------------------------------------------

#: Pages of one case with words on them; other addresses with a number are acts that lead to these.
PAGES_OF_A_CASE = {
    "desk:case", "desk:print_sheet", "desk:print_slip", "desk:case_journal", "field:case", "resident:case",
    "resident:receipt", "resident:my_data", "open311:request", "open311:token",
}  # fmt: skip
PHOTOS = {"desk:photo", "field:photo", "resident:photo"}
#: At the residents' door and in the frame everybody is a resident: some stand for the others.
RESIDENTS = {"stranger", "receipt", "anonymous", "lin", "qin", "zhou", "chen", "wu", "cai"}
#: Who opens an act's address: the matrix tests everybody's; here it is searched what the page says.
DOERS = {"chen", "wu", "xu", "he", "fang", "tang", "zhou", "receipt", "lin", "stranger"}
#: Who looks after every act, at the page as it is then.
AFTER_AN_ACT = {
    "desk:case": ("chen", "he", "xu", "wu", "lu_civil", "fang", "song", "cai"),
    "desk:queue": ("wu",),
    "desk:cases": ("song",),
    "field:case": ("zhou", "ma"),
    "field:checks": ("zhou",),
    "resident:case": ("receipt",),
    "resident:board": ("stranger",),
}


def crawl(story: Story) -> set[Leak]:
    """Every page of every door as everybody, except behind doors that are closed to them and after a page's
    first "not part of your post": that these hold is the access matrix's to test, address by address."""
    leaks: set[Leak] = set()
    for who in EVERYBODY:
        browser = story.browser(who)
        closed = _closed_doors(browser)
        for name in NAMES:
            if name.startswith(closed):
                continue
            for address in _addresses(story, who, name):
                if name.startswith("open311:"):
                    address += f"?jurisdiction_id={places.DISTRICT}"
                status, found = _open(story, browser, name, address)
                leaks |= found
                if status == 403:
                    break
    return leaks


def _closed_doors(browser: Browser) -> tuple[str, ...]:
    closed = [
        f"{door}:"
        for door in ("desk", "field")
        if browser.client.get(reverse(f"{door}:home")).status_code == 403
        or browser.name in {"stranger", "receipt", "anonymous"}
    ]
    return (*closed, *(() if browser.name in RESIDENTS else ("resident:", "shell:", "open311:")))


def look_after_an_act(story: Story, number: str) -> set[Leak]:
    leaks: set[Leak] = set()
    for name, people in AFTER_AN_ACT.items():
        address = reverse(name, args=[number] if "number" in NAMES[name] else [])
        for who in people:
            _status, found = _open(story, story.browser(who), name, address)
            leaks |= found
    return leaks


def _open(story: Story, browser: Browser, name: str, address: str) -> tuple[int, set[Leak]]:
    response = browser.client.get(address)
    assert response.status_code < 500, f"{browser.name} GET {address}"
    leaks: set[Leak] = set()
    for found in in_answer(response):
        if may_read(story, browser.name, name, found):
            story.read.setdefault(browser.name, set()).add(story.garden.where(found))
        else:
            leaks.add(Leak(f"{browser.name}: GET {address}", found))
    return response.status_code, leaks


def _addresses(story: Story, who: str, name: str) -> Iterator[str]:
    params = NAMES[name]
    if name in PHOTOS and "number" in params:
        yield from _photos(story, name, params)
        return
    given = {param: _VALUES.get(param, "1") for param in params}
    if "number" in params:
        numbers = list(story.cases.values()) if name in PAGES_OF_A_CASE else [story.cases["hotline"]]
        if name in PAGES_OF_A_CASE or who in DOERS:
            yield from (reverse(name, kwargs={**given, "number": number}) for number in numbers)
    elif "notice_id" in params:
        yield reverse(name, kwargs={**given, "notice_id": Notice.objects.latest("pk").pk})
    elif "key" in params:
        if who in DOERS - {"lin"}:  # whose draft it is, and whose eyes it is for
            yield reverse(name, kwargs={**given, "key": story.draft})
    elif "code" in params:
        codes = _CODES.get(name, [places.GRID])
        yield from (reverse(name, kwargs={**given, "code": code}) for code in codes)
    else:
        yield reverse(name, kwargs=given)


_VALUES = {"language": "zh-hans", "digest": "0" * 64, "form": "json"}
_CODES = {
    "desk:area": [places.STREET, places.COMMUNITY, places.GRID],
    "desk:organisation": ["230717.urban_management", places.STREET],
    "desk:duty": ["ROAD-05"],
    "open311:service": ["ROAD-05"],
}


def _photos(story: Story, name: str, params: list[str]) -> Iterator[str]:
    """One photo of each case; all of them are searched on the disk."""
    for number in story.cases.values():
        photo = Attachment.objects.filter(case__number=number).select_related("file").first()
        if photo is not None:
            told = {"digest": photo.file.digest} if "digest" in params else {"attachment": photo.pk}
            yield reverse(name, kwargs={"number": number, **told})
