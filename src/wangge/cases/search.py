"""Words of a text for the search column: cut by rjieba, so that 路灯不亮 is found by 路灯."""

from __future__ import annotations

import re
import unicodedata

import rjieba

_WORD = re.compile(r"[\w]+", re.UNICODE)
MOST_WORDS = 400


def words_of(text: str) -> list[str]:
    """The distinct words of a text, lower case and half width, in order of appearance."""
    normal = unicodedata.normalize("NFKC", text).lower()
    found: dict[str, None] = {}
    for word in rjieba.cut_for_search(normal):
        if _WORD.fullmatch(word):
            found.setdefault(word[:40])
    return list(found)[:MOST_WORDS]
