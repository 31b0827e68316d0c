"""What in somebody's words gives a person away, told to them before it is sent."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from wangge.foundation.privacy.screening import Kind, find_identifiers

KIND_WORDS: dict[Kind, str | Promise] = {
    Kind.PHONE: gettext_lazy("phone number"),
    Kind.ID_NUMBER: gettext_lazy("identity number"),
    Kind.EMAIL: gettext_lazy("e-mail address"),
    Kind.PLATE: gettext_lazy("vehicle plate"),
}


@dataclass(frozen=True)
class Masked:
    """One identifier, as it will stand in the text."""

    kind: str | Promise
    shown: str


def found_in(*texts: str) -> list[Masked]:
    """What will be masked in these texts, each thing once."""
    found = {
        (finding.kind, finding.masked): Masked(KIND_WORDS[finding.kind], finding.masked)
        for text in texts
        for finding in find_identifiers(text)
    }
    return list(found.values())
