"""A mapping: which column of a file is which field, and what its words mean. Read from TOML, checked whole.

`docs/how-to/import-cases.md` describes the format; `defaults/hotline_12345.toml` is the mapping built in.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
import tomllib
import unicodedata
from collections.abc import Mapping as Table
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wangge.cases.words import Channel, RequestType
from wangge.duties.models import Priority
from wangge.foundation.refusals import Refusal

DEFAULTS = Path(__file__).with_name("defaults")

TEXT, TIME, WORD, POINT = "text", "time", "word", "point"
#: Fields that say who somebody is: their values are quoted nowhere.
IDENTITY = frozenset({"caller", "phone", "caller_address"})
_FLAG = ("yes", "no")
_A_MOMENT = datetime(2026, 3, 6, 9, 30, 15)  # noqa: DTZ001 - on a wall


class UnableToReadMapping(Refusal):
    """The mapping is no TOML, or names what there is not; the message says where."""


@dataclass(frozen=True)
class Field:
    """One thing a column can be. `words` are the only values a column of words leads to."""

    name: str
    label: str | Promise
    kind: str = TEXT
    words: tuple[str, ...] = ()
    longest: int = 4000


FIELDS: dict[str, Field] = {
    one.name: one
    for one in (
        Field("external_no", gettext_lazy("Number in the other system"), longest=80),
        Field("received_at", gettext_lazy("Received at"), TIME),
        Field("due_at", gettext_lazy("Its deadline there"), TIME),
        Field("ended_at", gettext_lazy("Ended there at"), TIME),
        Field("status", gettext_lazy("Status there"), longest=60),
        Field("priority", gettext_lazy("Urgency"), WORD, tuple(Priority.values)),
        Field("request_type", gettext_lazy("Kind of request"), WORD, tuple(RequestType.values)),
        Field("confidential", gettext_lazy("Confidential"), WORD, _FLAG),
        Field("anonymous", gettext_lazy("Anonymous"), WORD, _FLAG),
        Field("reply_wanted", gettext_lazy("Reply wanted"), WORD, _FLAG),
        Field("extension_asked", gettext_lazy("Extension asked for"), WORD, _FLAG),
        Field("source", gettext_lazy("Source"), longest=60),
        Field("category_1", gettext_lazy("Category, level 1"), longest=80),
        Field("category_2", gettext_lazy("Category, level 2"), longest=80),
        Field("category_3", gettext_lazy("Category, level 3"), longest=80),
        Field("category_4", gettext_lazy("Category, level 4"), longest=80),
        Field("category_5", gettext_lazy("Category, level 5"), longest=80),
        Field("title", gettext_lazy("Title"), longest=200),
        Field("text", gettext_lazy("Request")),
        Field("place", gettext_lazy("Place in words"), longest=200),
        Field("area_code", gettext_lazy("Code of the area or grid"), longest=20),
        Field("district_name", gettext_lazy("District"), longest=80),
        Field("town_name", gettext_lazy("Town or subdistrict"), longest=80),
        Field("community_name", gettext_lazy("Community or village"), longest=80),
        Field("lon", gettext_lazy("Longitude"), POINT),
        Field("lat", gettext_lazy("Latitude"), POINT),
        Field("caller", gettext_lazy("Caller"), longest=60),
        Field("phone", gettext_lazy("Phone"), longest=40),
        Field("caller_address", gettext_lazy("Caller's address"), longest=200),
        Field("opinion", gettext_lazy("Transfer opinion")),
        Field("unit", gettext_lazy("Unit there"), longest=120),
        Field("result", gettext_lazy("Result there")),
    )
}
#: Without these there is no case: refused before anything is written.
ALWAYS_REQUIRED = ("external_no", "text")


@dataclass(frozen=True)
class Column:
    """How one field is filled: from the first of `titles` that is there, or from all of them joined."""

    field: Field
    titles: tuple[str, ...]
    required: bool = False
    join: str | None = None
    words: Table[str, str] = dataclasses.field(default_factory=dict)
    other: str = ""


@dataclass(frozen=True)
class Mapping:
    name: str
    source_system: str
    time_zone: ZoneInfo
    times: tuple[str, ...]
    empty: frozenset[str]
    columns: Table[str, Column]
    left_out: Table[str, str]
    no_place: tuple[tuple[float, float], ...]
    digest: str

    def known_titles(self) -> frozenset[str]:
        return frozenset(title_key(title) for column in self.columns.values() for title in column.titles)


_IN_BRACKETS = re.compile(r"[(\[【（].*?[)\]】）]")


def title_key(title: str) -> str:
    """What of a column's title counts: no blanks, full-width signs, "*", colons, nor notes in brackets."""
    plain = unicodedata.normalize("NFKC", title)
    return re.sub(r"[\s*:：﻿]+", "", _IN_BRACKETS.sub("", plain)).casefold()


@lru_cache(maxsize=4096)
def word_key(word: str) -> str:
    """A word as it is compared: half width, small letters, without blanks."""
    return "".join(unicodedata.normalize("NFKC", word).split()).casefold()


def built_in(channel: str) -> bytes:
    """The text of the mapping built in for a channel; UnableToReadMapping where there is none."""
    path = DEFAULTS / f"{channel}.toml"
    if channel not in Channel.values or not path.is_file():
        raise UnableToReadMapping(
            "no_default",
            _("There is no mapping built in for the channel “%(channel)s”; name one of your own.")
            % {"channel": channel},
        )
    return path.read_bytes()


def read_mapping(content: bytes, *, time_zone: str = "") -> Mapping:
    """Read and check a mapping. `time_zone` takes the place of the one it names."""
    try:
        told = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UnableToReadMapping("not_utf8", _("The mapping is not written in UTF-8.")) from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UnableToReadMapping(
            "not_toml", _("The mapping is no TOML: %(reason)s") % {"reason": str(error)[:200]}
        ) from None
    allowed = {"name", "source_system", "time_zone", "times", "empty", "fields", "left_out", "no_place"}
    _only(told, allowed, _("the mapping"))
    zone = _zone(time_zone or _text(told, "time_zone", "Asia/Shanghai"))
    fields = _table(told, "fields")
    _only(fields, set(FIELDS), "[fields]")
    columns = {name: _column(FIELDS[name], _table(fields, name)) for name in fields}
    for name in ALWAYS_REQUIRED:
        if name not in columns:
            raise UnableToReadMapping(
                "field_missing",
                _("The mapping says nothing of “%(field)s”, without which there is no case.")
                % {"field": f"fields.{name}"},
            )
    return Mapping(
        name=_text(told, "name", "")[:80],
        source_system=_source(told),
        time_zone=zone,
        times=_times(told),
        empty=frozenset(map(word_key, _texts(told, "empty"))),
        columns=columns,
        left_out={title_key(title): str(why) for title, why in _table(told, "left_out").items()},
        no_place=_points(told),
        digest=hashlib.sha256(content + zone.key.encode()).hexdigest(),
    )


# --- the pieces ---


def _column(named: Field, told: Table[str, Any]) -> Column:
    where = f"[fields.{named.name}]"
    _only(told, {"columns", "required", "join", "words", "other"}, where)
    titles = tuple(_texts(told, "columns"))
    if not titles:
        raise UnableToReadMapping(
            "no_columns", _("%(where)s names no column: write columns = [...].") % {"where": where}
        )
    words = _table(told, "words")
    other = _text(told, "other", "")
    if (words or other) and named.kind != WORD:
        raise UnableToReadMapping(
            "no_words", _("%(where)s holds no words to be translated.") % {"where": where}
        )
    _only(words, set(named.words), f"{where}.words")
    if other and other not in named.words:
        raise UnableToReadMapping(
            "unknown_word",
            _("%(where)s leads to “%(word)s”; there is only: %(words)s.")
            % {"where": where, "word": other, "words": ", ".join(named.words)},
        )
    meant: dict[str, str] = {word_key(word): word for word in named.words}
    for word, written in words.items():
        if not isinstance(written, list):
            raise UnableToReadMapping(
                "not_a_list", _("%(where)s: write a list of words for each.") % {"where": f"{where}.words"}
            )
        meant |= {word_key(str(one)): word for one in written}
    join = told.get("join")
    if join is not None and (not isinstance(join, str) or named.kind != TEXT):
        raise UnableToReadMapping("join", _("%(where)s cannot be joined.") % {"where": where})
    required = bool(told.get("required", False)) or named.name in ALWAYS_REQUIRED
    return Column(named, titles, required, join, meant, other)


def _times(told: Table[str, Any]) -> tuple[str, ...]:
    forms = tuple(_texts(told, "times")) or ("%Y-%m-%d %H:%M:%S",)
    for form in forms:
        try:
            datetime.strptime(_A_MOMENT.strftime(form), form)  # noqa: DTZ007 - only whether it can be read
        except (ValueError, re.error):
            raise UnableToReadMapping(
                "times", _("“%(form)s” is no form of a date and time.") % {"form": form[:40]}
            ) from None
    return forms


def _source(told: Table[str, Any]) -> str:
    source = _text(told, "source_system", "")
    if not re.fullmatch(r"[a-z0-9_.\-]{1,40}", source):
        raise UnableToReadMapping(
            "source_system",
            _("The mapping needs a source_system: up to 40 small letters, digits, “_”, “-” or “.”."),
        )
    return source


def _points(told: Table[str, Any]) -> tuple[tuple[float, float], ...]:
    points = told.get("no_place", [])
    try:
        return tuple((round(float(lon), 6), round(float(lat), 6)) for lon, lat in points)
    except (TypeError, ValueError):
        raise UnableToReadMapping(
            "no_place", _("no_place is a list of points, each [longitude, latitude].")
        ) from None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # no such file, a folder, a way out of the folder
        raise UnableToReadMapping(
            "time_zone", _("“%(zone)s” is no time zone; write for example Asia/Shanghai.") % {"zone": name}
        ) from None


def _only(told: Table[str, Any], allowed: set[str], where: Any) -> None:
    unknown = sorted(set(told) - allowed)
    if unknown:
        raise UnableToReadMapping(
            "unknown_key",
            _("%(where)s knows no “%(key)s”. There is: %(keys)s.")
            % {"where": where, "key": unknown[0], "keys": ", ".join(sorted(allowed))},
        )


def _table(told: Table[str, Any], key: str) -> Table[str, Any]:
    found = told.get(key, {})
    if not isinstance(found, dict):
        raise UnableToReadMapping("not_a_table", _("“%(key)s” is a table: [%(key)s].") % {"key": key})
    return found


def _texts(told: Table[str, Any], key: str) -> list[str]:
    found = told.get(key, [])
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise UnableToReadMapping("not_a_list", _("“%(key)s” is a list of texts.") % {"key": key})
    return found


def _text(told: Table[str, Any], key: str, default: str) -> str:
    found = told.get(key, default)
    if not isinstance(found, str):
        raise UnableToReadMapping("not_a_text", _("“%(key)s” is a text.") % {"key": key})
    return found
