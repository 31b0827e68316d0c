"""One spelling for the many ways people write a place: the words themselves stand in words.toml. Pure."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from pathlib import Path

_WORDS = tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))
_NUMBERS = _WORDS["numbers"]
_DIGITS: str = _NUMBERS["digits"]
_TEN: str = _NUMBERS["ten"]

#: Ending of an area's name -> other endings it is called by.
ALSO_CALLED: dict[str, list[str]] = _WORDS["also_called"]


def _any_of(words: list[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


# In normalised text:
BUILDING = re.compile(rf"(\d+){_NUMBERS['building'][0]}")
GRID_NUMBER = re.compile(rf"(\d{{1,3}}){_NUMBERS['grid_number']}{_NUMBERS['grid']}")
CODE = re.compile(r"(?<!\d)(\d{17}|\d{15}|\d{12})(?!\d)")
NEAR = re.compile(f".{{0,2}}?(?:{_any_of(_WORDS['near'])})")

_CHINESE_NUMBER = re.compile(
    f"([{_DIGITS}]?{_TEN}[{_DIGITS}]?|[{_DIGITS}]{{1,3}})(?={_any_of(_NUMBERS['before'])})"
)
_BUILDING_WRITTEN = re.compile(rf"(\d+)(?:{_any_of(_NUMBERS['building'])})")
_GRID_WRITTEN = re.compile(
    rf"{_NUMBERS['ordinal']}?0*(\d{{1,3}}){_NUMBERS['grid_number']}?{_NUMBERS['grid']}"
)


def normalised(text: str) -> str:
    """Half-width, without spaces, numbers in digits before buildings and grids: "5号楼", "3号网格"."""
    words = "".join(unicodedata.normalize("NFKC", text).lower().split())
    words = _CHINESE_NUMBER.sub(lambda found: str(_number(found.group(1))), words)
    words = _BUILDING_WRITTEN.sub(rf"\1{_NUMBERS['building'][0]}", words)
    return _GRID_WRITTEN.sub(rf"\1{_NUMBERS['grid_number']}{_NUMBERS['grid']}", words)


def _number(text: str) -> int:
    """Chinese numerals up to 99 (三, 十二, 二十, 二十三) and strings of digits (一零三)."""
    if _TEN not in text:
        return int("".join(str(_DIGITS.index(character)) for character in text))
    tens, _ten, ones = text.partition(_TEN)
    return (_DIGITS.index(tens) if tens else 1) * 10 + (_DIGITS.index(ones) if ones else 0)
