"""A report on its way through the three steps, sealed in the visitor's session until it is sent.

It may name somebody and hold a phone number, so what stands in the session's table is sealed like any
identity, and goes with the session. The key of a draft stands in the address of its pages: two tabs are two
reports, and what is sent twice is one case.
"""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import asdict, dataclass, field
from typing import Any

from wangge.cases.words import RequestType
from wangge.doors.shell.standing import StandingRequest
from wangge.foundation.privacy.sealing import UnableToUnseal, seal, unseal

PURPOSE = "resident.draft"
KEY_LENGTH = 22
#: How many drafts, and how many keys of sent ones, one browser keeps.
MOST_DRAFTS = 3
MOST_SENT = 20
_DRAFTS = "report_drafts"
_SENT = "reports_sent"


@dataclass
class Draft:
    """What has been filled in so far, as it was typed; `done` names the steps that were accepted."""

    key: str
    done: list[str] = field(default_factory=list)
    # what
    kind: str = ""
    text: str = field(default="", repr=False)
    photos: list[str] = field(default_factory=list)
    # where
    code: str = ""  # the grid whose QR code was scanned
    words: str = field(default="", repr=False)
    named_area: str = ""
    area: str = ""
    how: str = ""  # how the area was found: point, words, named, code
    sure: float = 0.0
    lon: float | None = None
    lat: float | None = None
    # contact
    mode: str = ""  # named, anonymous, confidential
    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)

    @property
    def client_key(self) -> str:
        return f"web-{self.key}"

    @property
    def may_be_confidential(self) -> bool:
        """Hiding one's name from those who handle a case is for those who fear something from it."""
        return self.kind in {RequestType.REPORT, RequestType.COMPLAINT}

    def accept(self, step: str) -> None:
        if step not in self.done:
            self.done.append(step)

    def first_open(self, steps: tuple[str, ...]) -> str | None:
        """The first step that is still to be filled in."""
        if self.mode == "confidential" and not self.may_be_confidential and "contact" in self.done:
            self.done.remove("contact")
        return next((step for step in steps if step not in self.done), None)


def new_key() -> str:
    return secrets.token_urlsafe(16)


def is_key(key: str) -> bool:
    return len(key) == KEY_LENGTH and key.isascii() and key.replace("-", "").replace("_", "").isalnum()


def load(request: StandingRequest, key: str) -> Draft:
    """The draft under this key, an empty one if there is none."""
    kept = _kept(request).get(key)
    if kept is None:
        return Draft(key)
    try:
        told: dict[str, Any] = json.loads(unseal(base64.b64decode(kept), PURPOSE))
        return Draft(**told)
    except (UnableToUnseal, ValueError, TypeError):
        # Sealed under keys that are gone, or written by another version of this page.
        return Draft(key)


def save(request: StandingRequest, draft: Draft) -> None:
    drafts = _kept(request)
    drafts.pop(draft.key, None)
    sealed = seal(json.dumps(asdict(draft), ensure_ascii=False), PURPOSE)
    drafts[draft.key] = base64.b64encode(sealed).decode("ascii")
    request.session[_DRAFTS] = dict(list(drafts.items())[-MOST_DRAFTS:])


def renew(request: StandingRequest, draft: Draft) -> Draft:
    """The same content under a key of its own: a request of its own."""
    _drop(request, draft.key)
    draft.key = new_key()
    save(request, draft)
    return draft


def mark_sent(request: StandingRequest, key: str, number: str) -> None:
    """The draft has become a case; nothing of it is kept here but the number."""
    _drop(request, key)
    sent = dict(request.session.get(_SENT) or {})
    sent[key] = number
    request.session[_SENT] = dict(list(sent.items())[-MOST_SENT:])


def sent_as(request: StandingRequest, key: str) -> str:
    """The number of the case this draft became, "" if it was not sent."""
    return str((request.session.get(_SENT) or {}).get(key, ""))


def sent_numbers(request: StandingRequest) -> frozenset[str]:
    """Cases that were made in this browser, as long as its session lasts."""
    return frozenset((request.session.get(_SENT) or {}).values())


def _kept(request: StandingRequest) -> dict[str, str]:
    return dict(request.session.get(_DRAFTS) or {})


def _drop(request: StandingRequest, key: str) -> None:
    drafts = _kept(request)
    if drafts.pop(key, None) is not None:
        request.session[_DRAFTS] = drafts
