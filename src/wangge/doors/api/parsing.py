"""Reading bodies strictly: what two programs might read differently is read by none.

RFC 8259 in UTF-8 without a byte order mark; no member named twice, no NaN, no half characters, and no deeper
than anything we ask for.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja.parser import Parser

DEEPEST = 16
#: Members and items in all; the longest honest body has some dozens.
MOST_VALUES = 2000
_DEEP = _("The body is nested too deeply.")


class UnableToParse(ValueError):
    """Codes: `not_utf8`, `not_json`, `doubled_member`, `not_a_number`, `half_character`,
    `too_deep`, `too_many`."""

    def __init__(self, code: str, message: Any) -> None:
        super().__init__(code)
        self.code, self.message = code, message


class StrictParser(Parser):
    def parse_body(self, request: HttpRequest) -> Any:
        return read(request.body)


def read(body: bytes) -> Any:
    """The value a body holds; UnableToParse."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise UnableToParse("not_utf8", _("The body is not UTF-8.")) from None
    try:
        value = json.loads(text, object_pairs_hook=_members, parse_constant=_no_constant)
    except UnableToParse:
        raise
    except RecursionError:
        raise UnableToParse("too_deep", _DEEP) from None
    except ValueError:
        raise UnableToParse("not_json", _("The body is not valid JSON.")) from None
    _check(value, 0, [0])
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise UnableToParse("doubled_member", _("A member of the body is named twice."))
    return members


def _no_constant(_name: str) -> NoReturn:
    raise UnableToParse("not_a_number", _("NaN and Infinity are no numbers of JSON."))


def _check(value: Any, depth: int, count: list[int]) -> None:
    """An escaped half of a surrogate pair is no character, and no database keeps it."""
    count[0] += 1
    if depth > DEEPEST:
        raise UnableToParse("too_deep", _DEEP)
    if count[0] > MOST_VALUES:
        raise UnableToParse("too_many", _("The body holds too many members."))
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise UnableToParse("half_character", _("The body holds half a character.")) from None
    elif isinstance(value, dict):
        for key, item in value.items():
            _check(key, depth + 1, count)
            _check(item, depth + 1, count)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth + 1, count)
