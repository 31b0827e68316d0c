"""Taking a page apart: every word somebody may meet on it, and which of them are data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from html.parser import HTMLParser

from django.db import connection

#: Attributes that are read aloud or shown, by the browser or by a script.
SPEAKING = {
    "title", "aria-label", "aria-description", "placeholder", "alt", "label", "data-label",
    "data-shortcut-label", "data-confirm",
}  # fmt: skip
#: Elements that never close.
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}

#: Columns of what people wrote or what is called what it is called, without a name in another language.
DATA_COLUMNS = {
    "cases_case": ("title", "text", "place"),
    "cases_casenote": ("text",),
    "cases_leg": ("basis",),
    "duties_dispatchrule": ("basis",),
    "duties_communityadmission": ("basis",),
    "duties_matter": ("keywords",),
    "exchange_importrun": ("file_name",),
    "territory_placename": ("name",),
    "privacy_identity": ("name_masked", "address_masked"),
}


@dataclass(frozen=True)
class Words:
    """A run of text or a speaking attribute; `language` where an ancestor names another than the page's."""

    text: str
    where: str
    language: str


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Words] = []
        self._open: list[tuple[str, str]] = []

    @property
    def _language(self) -> str:
        # The page's own `lang` is the outermost; only one inside it says that words are meant otherwise.
        return next((lang for _tag, lang in reversed(self._open[1:]) if lang), "")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._open.append((tag, given.get("lang", "")))
        for name, value in given.items():
            is_button = name == "value" and given.get("type") in {"submit", "button"}
            if value and (name in SPEAKING or is_button):
                self.found.append(Words(value, f"{tag}[{name}]", self._language))
        if tag in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            if self._open.pop()[0] == tag:
                return

    def handle_data(self, data: str) -> None:
        tag = self._open[-1][0] if self._open else ""
        if tag == "script":
            for value in _strings_in(json.loads(data)) if data.strip().startswith(("{", "[")) else ():
                self.found.append(Words(value, "script", self._language))
        elif tag != "style" and data.strip():
            self.found.append(Words(" ".join(data.split()), tag, self._language))


def words_of(html: str) -> list[Words]:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.found


def _strings_in(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _strings_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings_in(one)


def data_in_the_database() -> set[str]:
    """Every value of `DATA_COLUMNS` as it stands now."""
    found: set[str] = set()
    with connection.cursor() as cursor:
        for table, columns in DATA_COLUMNS.items():
            for column in columns:
                cursor.execute(f'SELECT DISTINCT "{column}" FROM {table}')
                for (value,) in cursor.fetchall():
                    found |= set(_strings_in(value))
    return {text.strip() for text in found if text.strip()}


def codes_in_the_database() -> set[str]:
    """What people call accounts and bodies by: Latin letters in every language."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT username FROM accounts_user UNION SELECT code FROM organisations_organisation")
        return {code for (code,) in cursor.fetchall()}


def pattern_of(data: Iterable[str]) -> re.Pattern[str]:
    """Any of the data, the longest first, so that no half of one is left; blanks as a page folds them."""
    folded = {" ".join(value.split()) for value in data}
    longest_first = sorted(folded - {""}, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)))
