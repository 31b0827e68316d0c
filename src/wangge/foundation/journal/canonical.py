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


def iso_utc(moment: datetime) -> str:
    """`2026-03-06T08:00:00.000000Z`, the one way a moment is written in the journal."""
    if moment.tzinfo is None:
        raise ValueError("A moment in the journal needs a time zone.")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def check_facts(value: Any, where: str = "facts") -> None:
    """Refuse (ValueError) anything in `value` that is not an id, a code, a number or a moment."""
    if value is None or isinstance(value, bool | int | float):
        return
    if isinstance(value, str):
        if not CODE.fullmatch(value):
            raise ValueError(f"{where} holds free text; keep it in an erasable row and a digest here.")
        return
    if isinstance(value, list | tuple):
        for position, item in enumerate(value):
            check_facts(item, f"{where}[{position}]")
        return
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise TypeError(f"{where} has a key that is not a string: {key!r}")
            check_facts(item, f"{where}.{key}")
        return
    raise TypeError(f"{where} holds a {type(value).__name__}, which JSON cannot carry.")


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
        ensure_ascii=False,
        separators=(",", ":"),
        sort_keys=True,
    ).encode()
