"""Resident identity numbers (GB 11643-1999): 18 characters with a check character, or the older 15 digits."""

from __future__ import annotations

from datetime import date

from stdnum.cn import ric
from stdnum.exceptions import ValidationError

#: First two digits of every number: the province of registration (GB/T 2260).
PROVINCES = frozenset(
    str(code)
    for codes in (
        range(11, 16),
        range(21, 24),
        range(31, 38),
        range(41, 47),
        range(50, 55),
        range(61, 66),
        (71, 81, 82, 83),
    )
    for code in codes
)
FIRST_BIRTH_YEAR = 1900
LAST_BIRTH_YEAR = 2099
#: Numbers of 15 digits ended in 1999. Years before 1930 are left out: a grid's code has the same length,
#: and codes of streets and towns (001-199 after the county) would read as births of 1900 to 1919.
OLD_FORM_BIRTH_YEARS = range(30, 100)


def is_valid(number: str) -> bool:
    """Province, birth date and, in the 18-character form, the check character.

    Counties are not looked up: they are merged and renamed faster than any list of them.
    """
    number = number.upper()
    return looks_like_one(number) and (len(number) == 15 or number[17] == check_character(number[:17]))


def looks_like_one(number: str) -> bool:
    """Whether `number` (15 or 18 characters, no separators) is an identity number or one mistyped.

    A wrong check character is not asked about: somebody who errs in one digit has still told the rest.
    """
    number = number.upper()
    if number[:2] not in PROVINCES:
        return False
    if len(number) == 18:
        return _birth_date(number[6:14]) is not None
    if len(number) == 15 and number.isdigit():
        return int(number[6:8]) in OLD_FORM_BIRTH_YEARS and _birth_date(f"19{number[6:12]}") is not None
    return False


def check_character(first_17: str) -> str:
    """The 18th character: sum of weighted digits modulo 11 (GB 11643-1999, ISO 7064 MOD 11-2)."""
    return str(ric.calc_check_digit(first_17 + "0"))


def _birth_date(eight_digits: str) -> date | None:
    try:
        born: date = ric.get_birth_date(f"000000{eight_digits}0000")
    except (ValidationError, ValueError):
        return None
    return born if FIRST_BIRTH_YEAR <= born.year <= LAST_BIRTH_YEAR else None
