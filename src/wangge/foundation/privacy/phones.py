"""One way of writing a phone number, so that the same number is the same however it was typed."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

REGION = "CN"
#: Up to so many digits a number is one of the town, the switchboard or a service: 3612345, 12345.
LONGEST_LOCAL = 8
#: Eleven digits that start with 1 are a mobile number, assigned or not: an unassigned one may be next
#: year's, and what people type by mistake is personal all the same.
MOBILE = re.compile(r"1\d{10}")
#: Numbers that belong to a service and not to a person: 12345, 95598, 400 and 800 numbers.
SERVICE_TYPES = frozenset(
    {
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.UAN,
    }
)


def normal_phone(written: str) -> str:
    """`+8613812345678`, `+864583612345`, `+79141234567`; "" for what cannot be a phone number.

    A local number may be kept without its area code (`3612345`), but then only matches itself.
    """
    text = unicodedata.normalize("NFKC", written).strip()
    digits = re.sub(r"\D", "", text)
    if not 5 <= len(digits) <= 16 or re.search(r"[^\d\s()+.\-·,;:/extEXT转#]", text):
        return ""
    mobile = re.fullmatch(r"(?:86|0086|0)?(1\d{10})", digits)
    if mobile and (not text.startswith("+") or digits.startswith("86")):
        return f"+86{mobile.group(1)}"
    try:
        parsed = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException:
        return digits
    if len(digits) > LONGEST_LOCAL and phonenumbers.is_possible_number(parsed):
        return phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
    return digits


def is_personal_number(written: str) -> bool:
    """Whether this can be somebody's line: a mobile, a valid fixed line, or a valid number from abroad."""
    digits = re.sub(r"\D", "", written)
    if re.fullmatch(r"(?:86|0086|0)?1\d{10}", digits):
        return True
    try:
        parsed = phonenumbers.parse(written, REGION)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(parsed) and phonenumbers.number_type(parsed) not in SERVICE_TYPES
