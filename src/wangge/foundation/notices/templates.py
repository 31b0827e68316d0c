"""What notices say: codes with translated sentences, composed when they are read.

A notice stores the code and the values; the sentence is made in the reader's language. Rooms above
add theirs with `register`. Sentences to residents are plain, name one thing to do and stay within 70
characters of Chinese.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from wangge.foundation.notices.rules import SHANGHAI
from wangge.foundation.privacy.screening import find_identifiers

#: A value is a number, a name of an organisation or a few words; nobody writes a letter in one.
LONGEST_VALUE = 60

Value = str | int | date | Promise | Mapping[str, str]


@dataclass(frozen=True)
class Template:
    """A sentence with named gaps. `public` gaps may hold the phone number of a public service."""

    code: str
    sentence: str | Promise
    public: frozenset[str] = frozenset()

    @property
    def gaps(self) -> frozenset[str]:
        return frozenset(name for _, name, _, _ in string.Formatter().parse(str(self.sentence)) if name)


_registered: dict[str, Template] = {}


def register(code: str, sentence: str | Promise, *, public: Iterable[str] = ()) -> Template:
    """Add a template; `sentence` is lazy and has gaps in braces. A code stands for one sentence only."""
    known = _registered.get(code)
    if known is not None and str(known.sentence) != str(sentence):
        raise ValueError(f"The notice template {code} is there already, with another sentence.")
    template = Template(code, sentence, frozenset(public))
    _registered[code] = template
    return template


def template_of(code: str) -> Template:
    try:
        return _registered[code]
    except KeyError:
        raise ValueError(f"There is no notice template {code}; register it first.") from None


def registered() -> list[Template]:
    return sorted(_registered.values(), key=lambda template: template.code)


def stored_params(template: Template, params: Mapping[str, Value]) -> dict[str, Any]:
    """`params` as JSON, checked: every gap filled, nothing besides, no identity among them.

    A date or moment is kept as such; a lazy text is kept in every language; a mapping from language to
    text (`{"zh-hans": "供热公司", "en": "Heating company"}`) as it is.
    """
    if params.keys() != template.gaps:
        raise ValueError(
            f"{template.code} has the gaps {sorted(template.gaps)}, but was given {sorted(params)}."
        )
    return {
        name: _stored(value, f"{template.code}.{name}", name in template.public)
        for name, value in params.items()
    }


def compose(
    code: str, params: Mapping[str, Any], *, written_at: datetime, language: str | None = None
) -> str:
    """The sentence with its gaps filled, in `language` or else the one in use now."""
    with translation.override(language or translation.get_language()):
        shown = {name: _shown(value, written_at) for name, value in params.items()}
        return str(template_of(code).sentence).format(**shown)


def _stored(value: Value, where: str, public: bool) -> Any:
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, int):
        return value
    if isinstance(value, Promise):
        texts = {}
        for language, _name in settings.LANGUAGES:
            with translation.override(language):
                texts[language] = str(value)
        value = texts
    for text in value.values() if isinstance(value, Mapping) else [value]:
        if len(text) > LONGEST_VALUE:
            raise ValueError(
                f"{where} is longer than {LONGEST_VALUE} characters: free text has no place in a notice."
            )
        if not public and find_identifiers(text):
            raise ValueError(f"{where} holds a phone number or the like: no identity in a notice.")
    return dict(value) if isinstance(value, Mapping) else value


def _shown(value: Any, written_at: datetime) -> str:
    if not isinstance(value, Mapping):
        return str(value)
    if "at" in value:
        moment = datetime.fromisoformat(value["at"]).astimezone(SHANGHAI)
        return f"{_day(moment, written_at)} {moment:%H:%M}"
    if "date" in value:
        return _day(date.fromisoformat(value["date"]), written_at)
    spoken = (translation.get_language() or settings.LANGUAGE_CODE).lower()
    return str(value.get(spoken) or value.get(settings.LANGUAGE_CODE) or next(iter(value.values())))


def _day(day: date, written_at: datetime) -> str:
    """The year only when it is not the one the notice was written in."""
    if day.year == written_at.astimezone(SHANGHAI).year:
        return date_format(day, pgettext("day of this year", "j M"))
    return date_format(day, pgettext("day of another year", "j M Y"))


# The plain-language messages to requesters (domain notes §13).
register("case.received", _("Your request is registered as {no}. By {date} we tell you who handles it."))
register("case.dispatched", _("{unit} handles your request. Expect an answer by {due}."))
register(
    "case.info_requested", _("We need one more thing from you: {what}. The clock stands still until then.")
)
register("case.extended", _("Because of {reason} the answer comes by {due}. We are sorry for the trouble."))
register("case.shelved", _("Because of {reason} this cannot be done for now. On {review} we tell you more."))
register("case.rate", _("Is the problem solved? Choose here; if not, it is handled again."))
register(
    "case.not_dispatched",
    _("This goes another way: {channel}, phone {phone}. We have kept your request."),
    public={"phone"},
)
