"""Every page is complete in English and in Chinese: what stands in the other language is data.

Data is what somebody wrote or what carries one name only (`reading.DATA_COLUMNS`). A thing with a name in
both languages is no excuse: its Chinese name on an English page is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from access.visits import World
from i18n.pages import TYPED, every_page
from i18n.reading import Words, codes_in_the_database, data_in_the_database, pattern_of, words_of
from town import Town

#: Characters and the punctuation that goes with them.
CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
#: A word, not a code in capitals; and what looks like one and is none: gaps, addresses, kinds of files.
ENGLISH = re.compile(r"[A-Za-z]*[a-z]{3,}")
NO_WORDS = re.compile(r"\{\w+\}|https?://\S+|/[\w/.?=&-]*|\bExcel\b|\.(?:csv|xlsx|toml)\b")


def test_english_pages_hold_no_chinese_but_data(town: Town) -> None:
    world = World(town)
    data = pattern_of(data_in_the_database() | TYPED)

    def chinese(words: Words) -> str:
        nonlocal data
        left = data.sub(" ", words.text)
        if CHINESE.search(left):
            data = pattern_of(data_in_the_database() | TYPED)  # some was written since
            left = data.sub(" ", words.text)
        return left.strip() if CHINESE.search(left) else ""

    _crawl(world, "en", CHINESE, chinese)


def test_chinese_pages_hold_no_english_but_data(town: Town) -> None:
    world = World(town)
    codes = pattern_of(codes_in_the_database())

    def english(words: Words) -> str:
        left = codes.sub(" ", NO_WORDS.sub(" ", words.text))
        return left.strip() if ENGLISH.search(left) and not words.where.startswith("code") else ""

    _crawl(world, "zh-hans", ENGLISH, english)


def _crawl(world: World, language: str, suspicious: re.Pattern[str], foreign: Callable[[Words], str]) -> None:
    """Read every page; each foreign run of words is named with the first page it was met on."""
    other = "zh" if language == "en" else "en"
    pages = 0
    found: dict[str, str] = {}
    for page in every_page(world, language):
        pages += 1
        for words in words_of(page.html):
            if not suspicious.search(words.text) or words.language.startswith(other):
                continue
            if left := foreign(words):
                found.setdefault(left, f"{page.where}, <{words.where}>: {left}")
    assert pages > 400, "the crawl has lost its way"
    assert not found, "\n".join(found.values())


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ("<html lang=en><p>林都花园 and more", ["林都花园 and more"]),
        ("<html lang=en><a lang=zh-Hans>中文</a><b>done</b>", ["done"]),
        ('<html lang=en><button aria-label="关闭">x</button>', ["关闭", "x"]),
        ('<html lang=en><script type="application/json">{"a": "\\u5173"}</script>', ["关"]),
        ('<html lang=en><input type=submit value="发送"><input value="typed">', ["发送"]),
    ],
)
def test_a_page_is_read_with_all_it_says(html: str, left: list[str]) -> None:
    assert [words.text for words in words_of(html) if not words.language] == left
