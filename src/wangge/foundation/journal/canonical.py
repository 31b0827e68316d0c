"""The exact bytes a line's hash covers, and the guard that keeps free text out of them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from wangge.foundation.journal.actors import Actor, Subject

#: Codes, ids, numbers, ISO moments and digests are printable ASCII without spaces. Free text and
#: names of people are not, and have no place in a line that can never be erased.
CODE = re.compile(r"[\x21-\x7e]{0,160}")

#: A mobile number or a resident identity number (GB 11643-1999) by itself looks like a code too. The
#: codes of areas (at most 17 digits, none of 11) and digests (with letters around) are not taken for one.
IDENTIFIER = re.compile(r"(?<![0-9A-Za-z])(?:1[3-9]\d{9}|\d{17}[\dXx])(?![0-9A-Za-z])")

#: Beyond this a whole float and its JSON in the database are no longer written alike.
LARGEST_FLOAT = 1e15


def iso_utc(moment: datetime) -> str:
    """`2026-03-06T08:00:00.000000Z`, the one way a moment is written in the journal."""
    if moment.tzinfo is None:
        raise ValueError("A moment in the journal needs a time zone.")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def check_line(*, subject: Subject, act: str, by: Actor, facts: Any) -> None:
    """Refuse (ValueError, TypeError) a line with anything but ids, codes, numbers and moments in it."""
    for where, code in (("subject kind", subject.kind), ("subject id", subject.id), ("act", act)):
        if not code:
            raise ValueError(f"The line has no {where}.")
        _check_code(code, where)
    for where, code in (
        ("actor kind", by.kind), ("actor id", by.id), ("actor label", by.label),
        ("post kind", by.post_kind), ("post id", by.post_id), ("post label", by.post_label),
    ):  # fmt: skip
        _check_code(code, where)
    if not isinstance(facts, dict):
        raise TypeError("facts are a dict of names and values.")
    check_facts(facts)


def check_facts(value: Any, where: str = "facts") -> None:
    """Refuse (ValueError, TypeError) anything in `value` that is not an id, a code, a number or a moment."""
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, int):
        _check_code(str(value), where)
    elif isinstance(value, float):
        if not abs(value) < LARGEST_FLOAT or str(value) == "-0.0":
            raise ValueError(f"{where} holds {value}, which the database would write differently.")
    elif isinstance(value, str):
        _check_code(value, where)
    elif isinstance(value, list | tuple):
        for position, item in enumerate(value):
            check_facts(item, f"{where}[{position}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise TypeError(f"{where} has a key that is not a string: {type(key).__name__}")
            _check_code(key, f"a key of {where}")
            check_facts(item, f"{where}.{key}")
    else:
        raise TypeError(f"{where} holds a {type(value).__name__}, which JSON cannot carry.")


def _check_code(value: str, where: str) -> None:
    # The value itself is left out of the message: messages end in logs.
    if not CODE.fullmatch(value):
        raise ValueError(f"{where} holds free text; keep it in an erasable row and a digest here.")
    if IDENTIFIER.search(value):
        raise ValueError(f"{where} holds a phone or identity number; keep it in a sealed row.")


def canonical_bytes(
    *, subject: Subject, seq: int, act: str, by: Actor, facts: dict[str, Any], at: datetime
) -> bytes:
    """UTF-8 JSON with sorted keys and no white space (the spirit of RFC 8785)."""
    return json.dumps(
        {
            "act": act,
            "at": iso_utc(at),
            "actor": [by.kind, by.id, by.label],
            "facts": facts,
            "post": [by.post_kind, by.post_id, by.post_label],
            "seq": seq,
            "subject": [subject.kind, subject.id],
        },
        allow_nan=False,
        ensure_ascii=False,
        separators=(",", ":"),
        sort_keys=True,
    ).encode()
