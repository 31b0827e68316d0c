"""Finding phone numbers, identity numbers, e-mail addresses and vehicle plates in what people write.

Free text is masked before it is kept where many may read it. Ordinary numbers must survive: case
numbers, dates, sums of money, codes of areas and grids.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from phonenumbers import Leniency, PhoneNumberMatcher

from wangge.foundation.privacy.identity_numbers import is_valid, looks_like_one
from wangge.foundation.privacy.masks import mask_email, mask_id_number, mask_phone, mask_plate
from wangge.foundation.privacy.phones import is_personal_number
from wangge.foundation.privacy.words import PHONE_WORDS, PLATE_ENDINGS, PLATE_REGIONS, SPOKEN_DIGITS


class Kind(StrEnum):
    ID_NUMBER = "id_number"
    PHONE = "phone"
    EMAIL = "email"
    PLATE = "plate"


ALL_KINDS = frozenset(Kind)


@dataclass(frozen=True)
class Finding:
    """One identifier at `text[start:end]`, and what to show in its place."""

    kind: Kind
    start: int
    end: int
    masked: str
    #: A phone on a wall or a desk: an office has one, and so may a household.
    fixed_line: bool = False


# Full-width characters become ordinary ones, one for one, so that positions stay those of the text.
_ORDINARY = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | dict.fromkeys(
    (0x3000, 0xA0, 0x2002, 0x2003, 0x2009, 0x202F), " "
)
_ORDINARY |= dict.fromkeys(map(ord, "‐‑‒–—―−－﹣"), "-") | {ord("．"): "."}
_SPOKEN = {ord(spoken): digit for spoken, digit in SPOKEN_DIGITS.items()}

_S = r"[ \-.·_]{0,2}"  # what people put between groups of digits
_not_in_number = r"(?<!\d)"
_end_of_number = r"(?!\d)"
_abroad = rf"(?:(?:\+|00)?86{_S})?"

_id_18 = re.compile(
    rf"{_not_in_number}\d{{6}}{_S}(?:19|20)\d{{2}}{_S}\d{{4}}{_S}\d{{3}}[\dXx]{_end_of_number}"
)
_id_15 = re.compile(r"(?<![\d.\-])\d{15}(?![\d.\-])")
_mobile = re.compile(
    rf"{_not_in_number}{_abroad}0?(?:"
    rf"1\d{{10}}"  # in one piece
    rf"|1\d{{2}}{_S}\d{{4}}{_S}\d{{4}}|1\d{{2}}{_S}\d{{3}}{_S}\d{{5}}"  # 138 1234 5678, 138 123 45678
    rf"|1\d{{3}}{_S}\d{{3}}{_S}\d{{4}}|1\d{{3}}{_S}\d{{4}}{_S}\d{{3}}"  # 1381 234 5678, 1381 2345 678
    rf"|1\d{{4}}{_S}\d{{6}}|1\d{{5}}{_S}\d{{5}}"
    rf"|1([ \-.·_])[3-9](?:\1\d){{9}}"  # 1 3 8 1 2 3 4 5 6 7 8
    rf"){_end_of_number}"
)
_landline = re.compile(
    rf"(?<!\d)(?<!\d[\-.])(?:{_abroad}\(?0[1-9]\d{{1,2}}\)?{_S}[2-9]\d{{2,3}}{_S}\d{{4}}){_end_of_number}"
)
_local_number = re.compile(
    rf"(?:{'|'.join(PHONE_WORDS)})[^\d\n。；]{{0,4}}([2-9]\d{{2,3}}{_S}\d{{4}})(?![\d\-.])", re.IGNORECASE
)
# Every repetition has an end, so that no text, however long, is slow to read.
_email = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z0-9][A-Za-z0-9._%+\-]{0,63}@(?:[A-Za-z0-9\-]{1,63}\.){1,8}[A-Za-z]{2,24}"
)
_plate = re.compile(
    rf"[{PLATE_REGIONS}][A-Z][ ·.]?(?=[A-Z0-9]{{0,5}}\d)[A-HJ-NP-Z0-9]{{4,5}}[A-HJ-NP-Z0-9{PLATE_ENDINGS}]"
    r"(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_spoken_run = re.compile(rf"[\d{''.join(SPOKEN_DIGITS)}]{{11,}}")
#: Digests and UUIDs: eleven of their digits in a row are an accident.
_digest = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9a-f]{32,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9A-Za-z])"
)
_no_digit = re.compile(r"[^0-9Xx]")


def find_identifiers(text: str, kinds: Iterable[Kind] = ALL_KINDS) -> list[Finding]:
    """What in `text` tells who somebody is, in order and without overlap. Nothing found: an empty list."""
    wanted = frozenset(kinds)
    ordinary = _digest.sub(lambda match: "x" * len(match.group()), text.translate(_ORDINARY))
    taken: list[Finding] = []
    for look in _LOOKS:
        for finding in look(ordinary):
            if all(finding.end <= other.start or finding.start >= other.end for other in taken):
                taken.append(finding)
    return sorted((finding for finding in taken if finding.kind in wanted), key=lambda finding: finding.start)


def mask_text(text: str, kinds: Iterable[Kind] = ALL_KINDS) -> str:
    """`text` with every identifier masked; a masked text comes back as it is."""
    while findings := find_identifiers(text, kinds):
        for finding in reversed(findings):
            text = text[: finding.start] + finding.masked + text[finding.end :]
    return text


def _id_numbers(text: str) -> Iterator[Finding]:
    for match in _id_18.finditer(text):
        number = _no_digit.sub("", match.group())
        # In groups it could be some other number with a date in it, so the check character decides.
        if looks_like_one(number) if len(number) == len(match.group()) else is_valid(number):
            yield Finding(Kind.ID_NUMBER, *match.span(), mask_id_number(number))
    for match in _id_15.finditer(text):
        if looks_like_one(match.group()):
            yield Finding(Kind.ID_NUMBER, *match.span(), mask_id_number(match.group()))


def _emails(text: str) -> Iterator[Finding]:
    for match in _email.finditer(text):
        yield Finding(Kind.EMAIL, *match.span(), mask_email(match.group()))


def _phones(text: str) -> Iterator[Finding]:
    for match in _mobile.finditer(text):
        yield Finding(Kind.PHONE, *match.span(), mask_phone(_no_digit.sub("", match.group())[-11:]))
    for match in _landline.finditer(text):
        if is_personal_number(match.group()):
            yield Finding(Kind.PHONE, *match.span(), mask_phone(match.group()), fixed_line=True)
    for match in _local_number.finditer(text):
        yield Finding(Kind.PHONE, *match.span(1), mask_phone(match.group(1)), fixed_line=True)
    if "+" not in text:  # numbers from abroad are only told apart when written with it
        return
    for found in PhoneNumberMatcher(text, None, leniency=Leniency.VALID):
        if is_personal_number(found.raw_string):
            yield Finding(Kind.PHONE, found.start, found.end, mask_phone(found.raw_string))


def _plates(text: str) -> Iterator[Finding]:
    for match in _plate.finditer(text):
        yield Finding(Kind.PLATE, *match.span(), mask_plate(match.group()))


def _spoken(text: str) -> Iterator[Finding]:
    """Numbers written as they are spoken: 幺三八零零…"""
    for run in _spoken_run.finditer(text):
        if run.group().isdecimal():
            continue
        digits = run.group().translate(_SPOKEN)
        for look in (_id_numbers, _phones):
            for finding in look(digits):
                start, end = run.start() + finding.start, run.start() + finding.end
                yield replace(finding, start=start, end=end)


_LOOKS: tuple[Callable[[str], Iterator[Finding]], ...] = (_id_numbers, _emails, _phones, _plates, _spoken)
