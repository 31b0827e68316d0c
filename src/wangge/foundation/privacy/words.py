"""The Chinese words that masks and screening go by, from `defaults/words.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any


def _words() -> dict[str, Any]:
    with (Path(__file__).parent / "defaults" / "words.toml").open("rb") as file:
        return tomllib.load(file)


_read = _words()
COMPOUND_SURNAMES: frozenset[str] = frozenset(_read["compound_surnames"])
PLACE_WORDS: tuple[str, ...] = tuple(_read["place_words"])
BUILDING_WORDS: tuple[str, ...] = tuple(_read["building_words"])
PHONE_WORDS: tuple[str, ...] = tuple(_read["phone_words"])
SPOKEN_DIGITS: dict[str, str] = dict(_read["spoken_digits"])
PLATE_REGIONS: str = _read["plate_regions"]
PLATE_ENDINGS: str = _read["plate_endings"]
