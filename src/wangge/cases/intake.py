"""Registering a request: the first act, and the one that must never happen twice or be lost."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.contrib.postgres.search import SearchVector
from django.db import IntegrityError, connection, transaction
from django.db.models import Func, Value
from django.utils.translation import gettext_lazy as _

from wangge.cases.limits import configuration
from wangge.cases.models import Case
from wangge.cases.moves import LONGEST_TEXT, UnableToAct, UnableToRead, as_journalled, attach, plain
from wangge.cases.places import parts_of
from wangge.cases.search import words_of
from wangge.cases.states import State
from wangge.cases.words import Channel, RequestType
from wangge.duties.models import Priority
from wangge.foundation.files.models import StoredFile
from wangge.foundation.journal.actions import append
from wangge.foundation.journal.actors import Actor
from wangge.foundation.journal.canonical import iso_utc
from wangge.foundation.journal.hashing import new_salt, salted_digest
from wangge.foundation.privacy.actions import keep_identity
from wangge.foundation.privacy.screening import mask_text
from wangge.foundation.refusals import Refusal
from wangge.foundation.worktime.calendars import current_calendar
from wangge.foundation.worktime.counting import deadline
from wangge.foundation.worktime.workcalendar import SHANGHAI
from wangge.organisations.authority import covers, may
from wangge.organisations.posts import PostHolder
from wangge.organisations.roles import PUBLIC
from wangge.territory.queries import grid_at

#: Letters and digits that nobody mistakes for one another on the phone or on paper.
RECEIPT_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
RECEIPT_LENGTH = 6

#: Which channels a member of the public may use; everything else is written by staff for them.
PUBLIC_CHANNELS = frozenset({Channel.APP, Channel.MINI_PROGRAM, Channel.QR, Channel.REPORTER})

_CHANNELS, _REQUEST_TYPES, _PRIORITIES = (tuple(words.values) for words in (Channel, RequestType, Priority))


class UnableToRegister(UnableToRead):
    """The request cannot be taken as it is; `field` says what to mend."""


class KeyUsedForAnother(Refusal):
    """The client key already belongs to a request with other content (HTTP 409)."""


@dataclass(frozen=True)
class Contact:
    """Who asks, in clear, on its way to being sealed. Never logged: `repr` shows nothing."""

    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    address: str = field(default="", repr=False)

    def __bool__(self) -> bool:
        return bool(self.name.strip() or self.phone.strip() or self.address.strip())


@dataclass(frozen=True)
class Place:
    """Where it is: the smallest area known, the words used, perhaps a point (CGCS2000 degrees)."""

    area_code: str
    words: str = ""
    lon: float | None = None
    lat: float | None = None
    confidence: float = 1.0


@dataclass(frozen=True)
class Registered:
    """The case, and whether this call made it or an earlier one with the same key did."""

    case: Case
    created: bool


def place_at(
    *, words: str, lon: float | None, lat: float | None, area_code: str, on: date | None = None
) -> Place:
    """The place of a request: the grid that lay under the point that day, else the area that was named."""
    if lon is not None and lat is not None:
        hit = grid_at(lon, lat, on)
        if hit is not None:
            return Place(hit.grid_code, words, lon, lat, hit.confidence)
    return Place(area_code, words, lon, lat, 0.5 if lon is not None else 1.0)


def register_case(
    *,
    by: Actor,
    at: datetime,
    text: str,
    place: Place,
    channel: str,
    request_type: str = RequestType.HELP,
    title: str = "",
    contact: Contact | None = None,
    anonymous: bool = False,
    confidential: bool = False,
    priority: str = Priority.NORMAL,
    photos: Sequence[StoredFile] = (),
    client_key: str | None = None,
    source_system: str = "",
    external_no: str = "",
    external_due_at: datetime | None = None,
    is_demo: bool = False,
) -> Registered:
    """Take a request in: number, place, sealed contact, its first promise, and its first line.

    The same `client_key` with the same content answers with the same case, also when both calls run at
    once; with other content it is KeyUsedForAnother. The same holds for (source_system, external_no).
    Raises UnableToRegister for what must be mended, UnableToAct for who may not.
    """
    check_actor(by, channel, place)
    text = checked_text(text)
    title, place = plain(title), replace(place, words=plain(place.words))
    check_keys(client_key, source_system, external_no)
    check_words(channel=channel, request_type=request_type, priority=priority, place=place)
    if external_no and not source_system:
        source_system = channel
    content = _content_of(text, place, channel, request_type, contact, anonymous, confidential, photos)
    earlier = _earlier(client_key, content, source_system, external_no)
    if earlier is not None:
        return Registered(earlier, created=False)
    number = take_number(district=place.area_code[:6], day=at.astimezone(SHANGHAI).date())
    try:
        with transaction.atomic():
            case = _write_case(
                by=by, at=at, text=text, place=place, channel=channel, request_type=request_type, title=title,
                contact=None if anonymous else contact, anonymous=anonymous, confidential=confidential,
                priority=priority, photos=photos, client_key=client_key, content=content,
                source_system=source_system, external_no=external_no, external_due_at=external_due_at,
                number=number, is_demo=is_demo,
            )  # fmt: skip
    except IntegrityError:
        # Somebody with the same key was quicker by a moment; their case is this request's case.
        earlier = _earlier(client_key, content, source_system, external_no)
        if earlier is None:
            raise
        return Registered(earlier, created=False)
    return Registered(case, created=True)


def take_number(*, district: str, day: date) -> str:
    """The next case number, `230717-20260306-00017`: district, day of receipt, five digits or more.

    Counted in a statement of its own, before the act's transaction, so that no lock is held until it
    commits; a number taken for an act that then fails is a gap.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cases_casecounter (district, day, last) VALUES (%s, %s, 1)"
            " ON CONFLICT (district, day) DO UPDATE SET last = cases_casecounter.last + 1 RETURNING last",
            (district, day),
        )
        (last,) = cursor.fetchone()
    return number_of(district, day, last)


def take_numbers(*, district: str, day: date, count: int) -> list[str]:
    """As many numbers in one statement; like `take_number` in none's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cases_casecounter (district, day, last) VALUES (%s, %s, %s)"
            " ON CONFLICT (district, day)"
            " DO UPDATE SET last = cases_casecounter.last + excluded.last RETURNING last",
            (district, day, count),
        )
        (last,) = cursor.fetchone()
    return [number_of(district, day, serial) for serial in range(last - count + 1, last + 1)]


def number_of(district: str, day: date, serial: int) -> str:
    return f"{district}-{day:%Y%m%d}-{serial:05d}"


# --- the pieces ---


def check_actor(by: Actor, channel: str, place: Place) -> None:
    if not isinstance(by, PostHolder):
        if channel in PUBLIC_CHANNELS or by.kind == "system":
            return
        raise UnableToAct("wrong_role", _("Only staff may enter requests of this channel."))
    if by.role in PUBLIC:
        if channel not in PUBLIC_CHANNELS:
            raise UnableToAct("wrong_role", _("Only staff may enter requests of this channel."))
        return
    if not may(by, "case.register"):
        raise UnableToAct("wrong_role", _("This is not among the duties of your post."))
    if not (covers(by, place.area_code) or by.area_prefix.startswith(place.area_code)):
        raise UnableToAct("wrong_area", _("This place lies outside the area of your post."))


def checked_text(text: str) -> str:
    """Stripped, with phones and ID numbers masked: a case's text is read by many."""
    text = plain(text)
    if not text:
        raise UnableToRegister("required", _("Say in a sentence what it is about."), field="text")
    if len(text) > LONGEST_TEXT:
        raise UnableToRegister(
            "too_long",
            _("This text has %(length)s characters; shorten it to %(most)s.")
            % {"length": len(text), "most": LONGEST_TEXT},
            field="text",
        )
    return mask_text(text)


def check_keys(client_key: str | None, source_system: str, external_no: str) -> None:
    """Keys come from machines; one that does not fit is not cut, or it would be another's."""
    for value, longest, name in (
        (client_key or "", 80, "client_key"),
        (source_system, 40, "source_system"),
        (external_no, 80, "external_no"),
    ):
        if len(value) > longest or "\x00" in value:
            raise UnableToRegister(
                "too_long",
                _("This number has more than %(most)s characters; check it.") % {"most": longest},
                field=name,
            )
        if name != "source_system" and _mobile.fullmatch(_between_digits.sub("", value)):
            # It would stand in clear, on pages and in the search; a caller's number belongs into the contact.
            raise UnableToRegister(
                "phone_number", _("This is a phone number. It belongs into the contact."), field=name
            )


_mobile = re.compile(r"(?:\+?86)?1\d{10}")
_between_digits = re.compile(r"[ \-.·_]")


def check_words(*, channel: str, request_type: str, priority: str, place: Place) -> None:
    for value, words, name in (
        (channel, _CHANNELS, "channel"),
        (request_type, _REQUEST_TYPES, "request_type"),
        (priority, _PRIORITIES, "priority"),
    ):
        if value not in words:
            raise UnableToRegister(
                "unknown_word",
                _("“%(value)s” is not one of: %(words)s.") % {"value": value, "words": ", ".join(words)},
                field=name,
            )
    if parts_of(place.area_code) is None:
        raise UnableToRegister(
            "no_place",
            _("Say where it is: choose a place on the map or at least the district."),
            field="place",
        )
    if len(place.words) > 200:
        raise UnableToRegister("too_long", _("Describe the place in at most 200 characters."), field="place")


def _content_of(
    text: str,
    place: Place,
    channel: str,
    request_type: str,
    contact: Contact | None,
    anonymous: bool,
    confidential: bool,
    photos: Sequence[StoredFile],
) -> str:
    """What "the same content" means for a client key; only its salted digest is kept."""
    contact = contact or Contact()
    told = [
        text, place.area_code, place.words, place.lon, place.lat, channel, request_type, contact.name,
        contact.phone, contact.address, anonymous, confidential, sorted(file.digest for file in photos),
    ]  # fmt: skip
    return json.dumps(told, ensure_ascii=False)


def _earlier(client_key: str | None, content: str, source_system: str, external_no: str) -> Case | None:
    if client_key is not None:
        found = Case.objects.filter(client_key=client_key).first()
        if found is not None:
            if found.client_digest != salted_digest(content, found.salt):
                raise KeyUsedForAnother(
                    "key_used",
                    _(
                        "This form was already sent with other content as %(number)s. Open a new form to "
                        "report something else."
                    )
                    % {"number": found.number},
                )
            return found
    if external_no:
        return Case.objects.filter(source_system=source_system, external_no=external_no).first()
    return None


def _write_case(
    *,
    by: Actor,
    at: datetime,
    text: str,
    place: Place,
    channel: str,
    request_type: str,
    title: str,
    contact: Contact | None,
    anonymous: bool,
    confidential: bool,
    priority: str,
    photos: Sequence[StoredFile],
    client_key: str | None,
    content: str,
    source_system: str,
    external_no: str,
    external_due_at: datetime | None,
    number: str,
    is_demo: bool,
) -> Case:
    calendar = current_calendar()
    limit = configuration().limit(priority, "dispatch")
    identity = None
    if contact:
        identity = keep_identity(
            name=contact.name, phone=contact.phone, address=contact.address, confidential=confidential, at=at
        )
    parts = parts_of(place.area_code)
    if parts is None:
        raise ValueError(f"{place.area_code} is no area; check_words lets none through.")
    place_words = mask_text(place.words)
    salt = new_salt()
    case = Case.objects.create(
        number=number,
        salt=salt,
        request_type=request_type,
        channel=channel,
        source_system=source_system,
        external_no=external_no,
        external_due_at=external_due_at,
        client_key=client_key,
        client_digest=salted_digest(content, salt) if client_key else "",
        lookup_secret="".join(secrets.choice(RECEIPT_LETTERS) for _n in range(RECEIPT_LENGTH)),
        title=mask_text(title)[:120] or title_of(text),
        text=text,
        search=search_vector(number, external_no, text, place_words),
        place=place_words,
        lon=place.lon,
        lat=place.lat,
        area_code=place.area_code,
        **parts._asdict(),
        place_confidence=place.confidence,
        anonymous=anonymous,
        confidential=confidential,
        requester=identity,
        requester_user_id=by.user_id
        if isinstance(by, PostHolder) and not by.is_staff and not anonymous
        else None,
        registered_unit_id=by.organisation_id if isinstance(by, PostHolder) and by.is_staff else None,
        state=State.REGISTERED,
        priority=priority,
        registered_at=at,
        dispatch_due_at=deadline(at, limit, calendar).due_at,
        is_demo=is_demo,
    )
    digests = attach(case=case, photos=photos, note=None, at=at)
    # The column was written as an expression; forget it, so that no later save writes it again.
    del case.__dict__["search"]
    append(
        act="case.registered",
        subject=case.subject,
        by=_as_journalled(case, by),
        at=at,
        facts={
            "to": State.REGISTERED.value,
            "channel": channel,
            "type": request_type,
            "priority": priority,
            "area": place.area_code,
            "dispatch_limit": str(limit),
            "calendar": calendar.version,
            "external_due": iso_utc(external_due_at) if external_due_at else None,
            "confidential": confidential,
            "photos": digests,
            "digest": salted_digest(text, salt),
        },
        new=True,
    )
    return case


def _as_journalled(case: Case, by: Actor) -> Actor:
    """Who asked for nothing to be known of them is nobody in the journal either."""
    if case.anonymous and not (isinstance(by, PostHolder) and by.is_staff):
        return Actor(kind="public", id="anonymous")
    return as_journalled(case, by)


def title_of(text: str) -> str:
    """The first sentence, at most thirty characters, for lists."""
    first = text.replace("\n", " ").strip()
    for mark in "。！？!?；;":
        cut = first.find(mark)
        if 4 <= cut <= 30:
            return first[:cut]
    return first if len(first) <= 30 else first[:29] + "…"


def search_vector(*texts: str) -> Func | SearchVector:
    """The value of `Case.search`: words cut in Python, an array of them made a vector in the database."""
    words = [word for text in texts for word in words_of(text)]
    return Func(
        Value(list(dict.fromkeys(words))),
        function="array_to_tsvector",
        template="%(function)s(%(expressions)s::text[])",
    )
