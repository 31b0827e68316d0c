"""Words of a text for the search column.

Chinese runs become overlapping pairs of characters (路灯不亮 → 路灯 灯不 不亮), so that every part of
a text of two characters or more is found, whatever a dictionary would have cut; words of other scripts and
numbers stay whole and are found by their beginning. The last character of a run is a word of its own, so
that a part that ends where a number begins (花园3号) is found too.
"""

from __future__ import annotations

import re
import unicodedata

from django.contrib.postgres.search import SearchQuery

_HAN = "\u3400-\u9fff\U00020000-\U0003134f"
_RUN = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")
_CHINESE = re.compile(rf"[{_HAN}]")
#: Enough for any request; the tail of a very long letter is read, not searched.
LONGEST = 1000
LONGEST_WORD = 40


def words_of(text: str) -> list[str]:
    """The distinct words of a text, lower case and half width, in order of appearance."""
    found: dict[str, None] = {}
    for run in _runs(text):
        if _CHINESE.match(run):
            found.update(dict.fromkeys([*_pairs(run), run[-1]]))
        else:
            found[run[:LONGEST_WORD]] = None
    return list(found)


def query_of(words: str) -> str:
    """A tsquery that finds texts with all of these words; a single character finds what begins or ends
    with it. Empty if there is nothing to look for. Holds letters and digits only, whatever was typed."""
    found: dict[str, None] = {}
    for run in _runs(words):
        if _CHINESE.match(run) and len(run) > 1:
            found.update((f"'{pair}'", None) for pair in _pairs(run))
        else:
            found[f"'{run[:LONGEST_WORD]}':*"] = None
    return " & ".join(found)


class WordQuery(SearchQuery):
    """A query as `query_of` writes it, taken word for word: PostgreSQL's own parser would cut it again."""

    template = "(%(expressions)s)::tsquery"

    def __init__(self, query: str) -> None:
        super().__init__(query, search_type="raw")


def _runs(text: str) -> list[str]:
    return _RUN.findall(unicodedata.normalize("NFKC", text[:LONGEST]).lower())


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)]
