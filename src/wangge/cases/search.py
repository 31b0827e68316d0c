"""Words of a text for the search column.

Chinese runs become overlapping pairs of characters (路灯不亮 → 路灯 灯不 不亮), so that every part of
a text of two characters or more is found, whatever a dictionary would have cut; Latin words and
numbers stay whole. `docs/decisions` tells why no dictionary.
"""

from __future__ import annotations

import re
import unicodedata

_RUN = re.compile(r"[\u3400-\u9fff]+|[a-z0-9]+")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
#: Enough for any request; the tail of a very long letter is read, not searched.
LONGEST = 1000


def words_of(text: str) -> list[str]:
    """The distinct words of a text, lower case and half width, in order of appearance."""
    normal = unicodedata.normalize("NFKC", text[:LONGEST]).lower()
    found: dict[str, None] = {}
    for run in _RUN.findall(normal):
        if _CHINESE.match(run) and len(run) > 1:
            found.update(dict.fromkeys(run[i : i + 2] for i in range(len(run) - 1)))
        else:
            found[run[:40]] = None
    return list(found)


def query_of(words: str) -> str:
    """A tsquery that finds texts with all of these words; a single character finds what begins with it.
    Empty if there is nothing to look for."""
    return " & ".join(
        f"'{word}':*" if len(word) == 1 or word.isascii() else f"'{word}'" for word in words_of(words)
    )
