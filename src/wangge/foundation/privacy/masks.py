"""What is shown in place of personal data: enough to recognise one's own, too little to use.

张* · 138****1234 · ××小区*栋 (domain notes §11). Masks are made when a row is kept and stored beside the
sealed value, so that lists need no key. Their length says nothing about what they hide.
"""

from __future__ import annotations

import re
import unicodedata

from wangge.foundation.privacy.words import BUILDING_WORDS, COMPOUND_SURNAMES, PLACE_WORDS, SPOKEN_DIGITS

HIDE = "*"
HIDE_LONG = "****"

_number_word = "".join(SPOKEN_DIGITS) + "十百"
_building = "|".join(map(re.escape, BUILDING_WORDS))
#: A number as it stands in an address: digits or letters ("3", "B2"), or spoken ones before a building word.
_address_number = re.compile(
    rf"[0-9A-Za-z#-]*[0-9#][0-9A-Za-z#-]*|[A-Za-z{_number_word}]+(?=(?:{_building}))"
)
_up_to_a_place = re.compile(rf"^.*(?:{'|'.join(map(re.escape, PLACE_WORDS))})", re.DOTALL)
_starts_with_building = re.compile(_building)


def mask_name(name: str) -> str:
    """The surname and a star. Of a single character nothing is left, of a foreign name one letter."""
    name = _plain(name)
    if len(name) < 2:
        return HIDE if name else ""
    if len(name) > 2 and name[:2] in COMPOUND_SURNAMES:
        return name[:2] + HIDE
    return name[0] + HIDE


def mask_phone(phone: str) -> str:
    """138****1234 for a mobile number; of others the last digits, and of short ones nothing."""
    digits = "".join(c for c in _plain(phone) if c.isascii() and c.isdigit())
    if not digits:
        return HIDE_LONG if _plain(phone) else ""
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    if len(digits) == 11 and digits.startswith("1"):
        return f"{digits[:3]}{HIDE_LONG}{digits[-4:]}"
    # At least four digits stay hidden whatever the length.
    shown = max(0, min(4, len(digits) - 6))
    return HIDE_LONG + (digits[-shown:] if shown else "")


def mask_id_number(number: str) -> str:
    """The first and last character of a resident identity number; of anything shorter the first at most."""
    number = _plain(number).replace(" ", "")
    if len(number) < 6:
        return HIDE_LONG if number else ""
    if len(number) in (15, 18):
        return number[0] + HIDE * (len(number) - 2) + number[-1]
    return number[0] + HIDE_LONG


def mask_address(address: str) -> str:
    """The place without its numbers: what comes before the first number, up to a word for a place."""
    address = _plain(address).replace(" ", "")
    if not address:
        return ""
    number = _address_number.search(address)
    place = _up_to_a_place.match(address[: number.start()] if number else address)
    shown = place.group() if place else ""
    if number and len(shown) == number.start():
        building = _starts_with_building.match(address, number.end())
        return shown + HIDE + (building.group() if building else "")
    return shown + HIDE


def mask_email(email: str) -> str:
    """***@example.com"""
    _, _, host = _plain(email).rpartition("@")
    return f"***@{host}"


def mask_plate(plate: str) -> str:
    """The region and the last character: 黑****5."""
    plate = _plain(plate).replace(" ", "").replace("·", "")
    return plate[0] + HIDE_LONG + plate[-1] if len(plate) > 5 else HIDE_LONG


def _plain(text: str) -> str:
    """Full-width digits and letters as ordinary ones, edges trimmed."""
    return unicodedata.normalize("NFKC", text).strip()
