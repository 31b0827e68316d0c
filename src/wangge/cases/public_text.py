"""Making a text fit for everybody to read: numbers, doors and people go, the place and the work stay.

What a machine can find it takes away: phone, identity and plate numbers (privacy.screening), the numbers of
buildings, units and doors, names before a form of address. A name that stands alone it cannot know; therefore
only what a unit wrote as its answer is shown, and nothing at all for matters of a person's own life.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from wangge.foundation.privacy.masks import HIDE
from wangge.foundation.privacy.screening import mask_text
from wangge.foundation.privacy.words import COMPOUND_SURNAMES, SPOKEN_DIGITS


def _words() -> dict[str, Any]:
    with (Path(__file__).parent / "defaults" / "public_words.toml").open("rb") as file:
        return tomllib.load(file)


_read = _words()
PERSONAL_CATEGORIES: frozenset[str] = frozenset(_read["personal_categories"])

_number = rf"(?:[0-9A-Za-z]+(?:[-—、~至到][0-9A-Za-z]+)*|[{''.join(SPOKEN_DIGITS)}十百]+)"
_doors = "|".join(sorted(map(re.escape, _read["door_words"]), key=len, reverse=True))
_not_doors = "|".join(map(re.escape, _read["not_a_door"]))
_door = re.compile(rf"{_number}\s?({_doors})(?!{_not_doors})")
#: 3-2-501, 5#301: buildings and doors without words.
_bare_door = re.compile(r"(?<![0-9-])(?:\d{1,3}[-#]\d{1,2}[-#]\d{2,4}|\d{1,3}#\d{2,4})(?![0-9-])")
_surname = "|".join([*map(re.escape, sorted(COMPOUND_SURNAMES)), f"[{_read['surnames']}]"])
_person = re.compile(
    rf"(?:{_surname})[\u4e00-\u9fff]{{0,2}}?({'|'.join(map(re.escape, _read['honorifics']))})"
)


def public_text(text: str, longest: int = 200) -> str:
    """The text as the board shows it, at most `longest` characters."""
    text = mask_text(" ".join(text.split()))
    text = _bare_door.sub(HIDE, text)
    text = _door.sub(lambda match: HIDE + match.group(1), text)
    text = _person.sub(lambda match: HIDE + match.group(1), text)
    return text if len(text) <= longest else text[: longest - 1] + "…"
