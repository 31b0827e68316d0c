"""Taking in many records of another system at once: the same facts as `register_case`, far cheaper.

What the other system says beyond a case's own columns stands in its `ForeignRecord`, as it was said. A
record that had ended there goes in as what it is: registered, and ended elsewhere. Nobody here handled it,
so it has no unit, no outcome and no callback.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from django.db import IntegrityError, connection, transaction

from wangge.cases.copying import copy_rows
from wangge.cases.intake import (
    RECEIPT_LENGTH,
    RECEIPT_LETTERS,
    Contact,
    Place,
    check_actor,
    check_keys,
    check_words,
    checked_text,
    take_numbers,
    title_of,
)
from wangge.cases.limits import CaseConfiguration, configuration
from wangge.cases.models import Case, ForeignRecord
from wangge.cases.moves import begin, plain
from wangge.cases.places import Parts, parts_of
from wangge.cases.search import words_of
from wangge.cases.states import State
from wangge.cases.words import RequestType
from wangge.duties.models import Priority
from wangge.foundation.journal.actors import Actor, Subject
from wangge.foundation.journal.bulk import PastAct, leave_wakeups, write_chains
from wangge.foundation.journal.canonical import iso_utc
from wangge.foundation.journal.hashing import new_salt, salted_digest
from wangge.foundation.privacy.actions import check_identity, sealed_identity
from wangge.foundation.privacy.models import Identity
from wangge.foundation.privacy.screening import mask_text
from wangge.foundation.worktime.calendars import current_calendar
from wangge.foundation.worktime.counting import deadline
from wangge.foundation.worktime.workcalendar import SHANGHAI, WorkCalendar
from wangge.organisations.posts import PostHolder

#: The program that read the record writes down its end; nobody here saw it end.
IMPORTER = Actor.system("import")
#: How often a batch is written anew because somebody registered one of its numbers in the meantime.
TRIES = 3


@dataclass(frozen=True)
class ForeignCase:
    """One record of another system, read and put into our words. Moments are aware, in any zone."""

    external_no: str
    text: str
    place: Place
    title: str = ""
    request_type: str = RequestType.HELP
    priority: str = Priority.NORMAL
    contact: Contact = field(default_factory=Contact)
    anonymous: bool = False
    confidential: bool = False
    received_at: datetime | None = None
    due_at: datetime | None = None
    ended_at: datetime | None = None
    status: str = ""
    source: str = ""
    unit: str = ""
    categories: tuple[str, ...] = ()
    opinion: str = ""
    result: str = ""
    reply_wanted: bool | None = None
    extension_asked: bool | None = None

    @property
    def content(self) -> str:
        """What must stay the same for a record of the same number to be the same request.

        Its area is left out: grids are drawn anew, and a point then lies in another one.
        """
        told = [
            self.text, self.title, self.place.words, self.place.lon, self.place.lat, self.request_type,
            self.contact.name, self.contact.phone, self.contact.address, self.anonymous, self.confidential,
            _moment(self.received_at), *self.categories,
        ]  # fmt: skip
        return json.dumps(told, ensure_ascii=False)


class Fate(StrEnum):
    TAKEN = "taken"
    KNOWN = "known"  # the same record is in already
    MOVED_ON = "moved_on"  # the same request, of which the other system now says more
    DIFFERENT = "different"  # the number is in already, with another request


@dataclass(frozen=True)
class Told:
    """What became of one record, and the number of the case that stands for it."""

    fate: Fate
    number: str


@dataclass(frozen=True)
class Ready:
    """A record that was checked and can be written."""

    record: ForeignCase
    text: str
    parts: Parts


def check_foreign(record: ForeignCase, *, by: Actor, channel: str, source_system: str) -> Ready:
    """Can this record be taken in? Raises what `register_case` would raise; writes nothing."""
    record = replace(
        record, title=plain(record.title), place=replace(record.place, words=plain(record.place.words))
    )
    check_actor(by, channel, record.place)
    text = checked_text(record.text)
    check_keys(None, source_system, record.external_no)
    check_words(
        channel=channel, request_type=record.request_type, priority=record.priority, place=record.place
    )
    if not record.anonymous:
        check_identity(name=record.contact.name, phone=record.contact.phone, address=record.contact.address)
    parts = parts_of(record.place.area_code)
    if parts is None:
        raise ValueError(f"{record.place.area_code} is no area; check_words lets none through.")
    return Ready(record, text, parts)


def fates_of(ready: Sequence[Ready], *, source_system: str) -> list[Told | None]:
    """What would become of these records; None for one that would make a case. Writes nothing."""
    return _fates(ready, _known(ready, source_system))


def take_in(
    ready: Sequence[Ready],
    *,
    by: Actor,
    at: datetime,
    channel: str,
    source_system: str,
    then: Callable[[list[Told]], None] = lambda told: None,
    is_demo: bool = False,
) -> list[Told]:
    """Write these records as cases, all or none, and `then` whatever is to be kept with them.

    Idempotent by (source_system, external_no): a number that is in already is told, never overwritten.
    """
    for tried in range(1, TRIES + 1):
        batch = _Batch(ready, by=by, at=at, channel=channel, source_system=source_system, is_demo=is_demo)
        batch.take_numbers()
        try:
            with transaction.atomic():
                told = batch.write()
                then(told)
        except IntegrityError:
            # Somebody registered one of these numbers by hand between the look and the writing.
            if tried == TRIES:
                raise
        else:
            return told
    raise AssertionError("unreachable")


@transaction.atomic
def end_elsewhere(*, by: Actor, case: Case, at: datetime, ended_at: datetime) -> Case:
    """Write down that the other system had ended this request before anybody here began with it."""
    step = begin(case=case, act="end_elsewhere", by=by, at=at, seen_version=None)
    step.case.ended_at = ended_at
    return step.done(facts={"ended": iso_utc(ended_at)})


# --- the pieces ---


@dataclass(frozen=True)
class _Earlier:
    """A case that stands under one of the numbers, as far as it takes to compare."""

    number: str
    text: str
    salt: str
    digest: str
    foreign: tuple[Any, ...] | None

    def fate(self, ready: Ready) -> Fate:
        record = ready.record
        if self.foreign is None:
            return Fate.KNOWN if self.text == ready.text else Fate.DIFFERENT
        if self.digest != salted_digest(record.content, self.salt):
            return Fate.DIFFERENT
        now = (record.due_at, record.ended_at, _word_masked(record.status)[:60])
        return Fate.KNOWN if self.foreign == now else Fate.MOVED_ON


def _known(ready: Sequence[Ready], source_system: str) -> dict[str, _Earlier]:
    numbers = [one.record.external_no for one in ready]
    rows = Case.objects.filter(source_system=source_system, external_no__in=numbers).values_list(
        "external_no", "number", "text", "salt", "client_digest",
        "foreign_record__id", "foreign_record__due_at", "foreign_record__ended_at", "foreign_record__status",
    )  # fmt: skip
    return {
        external_no: _Earlier(number, text, salt, digest, tuple(told) if foreign else None)
        for external_no, number, text, salt, digest, foreign, *told in rows
    }


def _fates(ready: Sequence[Ready], known: dict[str, _Earlier]) -> list[Told | None]:
    """Also of numbers that come twice among these: the first one counts."""
    fates: list[Told | None] = []
    here: dict[str, ForeignCase] = {}
    for one in ready:
        earlier = known.get(one.record.external_no)
        twin = here.get(one.record.external_no)
        if earlier is not None:
            fates.append(Told(earlier.fate(one), earlier.number))
        elif twin is not None:
            same = twin.content == one.record.content
            fates.append(Told(Fate.KNOWN if same else Fate.DIFFERENT, ""))
        else:
            here[one.record.external_no] = one.record
            fates.append(None)
    return fates


class _Batch:
    def __init__(
        self,
        ready: Sequence[Ready],
        *,
        by: Actor,
        at: datetime,
        channel: str,
        source_system: str,
        is_demo: bool,
    ) -> None:
        self.ready, self.by, self.at = ready, by, at
        self.channel, self.source_system, self.is_demo = channel, source_system, is_demo
        self.calendar: WorkCalendar = current_calendar()
        self.configuration: CaseConfiguration = configuration()
        self._due: dict[str, datetime | None] = {}
        self._numbers: dict[str, Iterator[str]] = {}

    def take_numbers(self) -> None:
        """As many numbers for each district as will be needed, before the transaction: no lock is held."""
        wanted: dict[str, int] = {}
        for one, told in zip(self.ready, fates_of(self.ready, source_system=self.source_system), strict=True):
            if told is None:
                wanted[one.parts.district] = wanted.get(one.parts.district, 0) + 1
        day = self.at.astimezone(SHANGHAI).date()
        self._numbers = {
            district: iter(take_numbers(district=district, day=day, count=count))
            for district, count in sorted(wanted.items())
        }

    def write(self) -> list[Told]:
        with connection.cursor() as cursor:
            # Two files of one system wait for each other; what another door registers meanwhile is
            # found by the constraint.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"taking in {self.source_system}"])
        fates = fates_of(self.ready, source_system=self.source_system)
        new = [one for one, told in zip(self.ready, fates, strict=True) if told is None]
        cases = self._write(new)
        given = {case.external_no: case.number for case in cases}
        return [
            Told(told.fate, told.number or given[one.record.external_no])
            if told
            else Told(Fate.TAKEN, given[one.record.external_no])
            for one, told in zip(self.ready, fates, strict=True)
        ]

    def _write(self, new: Sequence[Ready]) -> list[Case]:
        if not new:
            return []
        identities = [self._identity(one.record) for one in new]
        copy_rows([one for one in identities if one is not None])
        cases = [self._case(one, identity) for one, identity in zip(new, identities, strict=True)]
        copy_rows(cases)
        copy_rows([_foreign(one.record, case) for one, case in zip(new, cases, strict=True)])
        subjects: list[Subject] = [case.subject for case in cases]
        write_chains(
            (subject, self._acts(one, case)) for subject, one, case in zip(subjects, new, cases, strict=True)
        )
        leave_wakeups(subjects, at=self.at)
        return cases

    def _identity(self, record: ForeignCase) -> Identity | None:
        if record.anonymous or not record.contact:
            return None
        contact = record.contact
        return sealed_identity(
            name=contact.name,
            phone=contact.phone,
            address=contact.address,
            confidential=record.confidential,
            at=self.at,
        )

    def _case(self, one: Ready, identity: Identity | None) -> Case:
        record, ended = one.record, one.record.ended_at is not None
        number = next(self._numbers[one.parts.district])
        salt = new_salt()
        place_words = mask_text(record.place.words)
        return Case(
            number=number,
            salt=salt,
            request_type=record.request_type,
            channel=self.channel,
            source_system=self.source_system,
            external_no=record.external_no,
            external_due_at=record.due_at,
            client_digest=salted_digest(record.content, salt),
            lookup_secret=""
            if ended
            else "".join(secrets.choice(RECEIPT_LETTERS) for _n in range(RECEIPT_LENGTH)),
            title=mask_text(record.title)[:120] or title_of(one.text),
            text=one.text,
            search=_words(number, record.external_no, one.text, place_words),
            place=place_words,
            lon=record.place.lon,
            lat=record.place.lat,
            area_code=record.place.area_code,
            **one.parts._asdict(),
            place_confidence=record.place.confidence,
            anonymous=record.anonymous,
            confidential=record.confidential,
            requester=identity,
            registered_unit_id=self.by.organisation_id if isinstance(self.by, PostHolder) else None,
            state=State.ARCHIVED if ended else State.REGISTERED,
            version=2 if ended else 1,
            priority=record.priority,
            registered_at=self.at,
            dispatch_due_at=self._dispatch_due(record.priority),
            ended_at=record.ended_at,
            is_demo=self.is_demo,
        )

    def _dispatch_due(self, priority: str) -> datetime | None:
        if priority not in self._due:
            limit = self.configuration.limit(priority, "dispatch")
            self._due[priority] = deadline(self.at, limit, self.calendar).due_at
        return self._due[priority]

    def _acts(self, one: Ready, case: Case) -> list[PastAct]:
        record = one.record
        registered = PastAct(
            "case.registered",
            self.by.bare(),
            self.at,
            {
                "to": State.REGISTERED.value,
                "channel": self.channel,
                "type": str(record.request_type),
                "priority": str(record.priority),
                "area": record.place.area_code,
                "dispatch_limit": str(self.configuration.limit(record.priority, "dispatch")),
                "calendar": self.calendar.version,
                "external_due": _moment(record.due_at),
                "confidential": record.confidential,
                "photos": [],
                "digest": salted_digest(one.text, case.salt),
                "received": _moment(record.received_at),
            },
        )
        if record.ended_at is None:
            return [registered]
        facts = {"to": State.ARCHIVED.value, "ended": _moment(record.ended_at)}
        return [registered, PastAct("case.ended_elsewhere", IMPORTER, self.at, facts)]


@lru_cache(maxsize=4096)
def _word_masked(word: str) -> str:
    """Names of categories, units and sources come again and again."""
    return mask_text(word)


def _foreign(record: ForeignCase, case: Case) -> ForeignRecord:
    return ForeignRecord(
        case=case,
        received_at=record.received_at,
        due_at=record.due_at,
        ended_at=record.ended_at,
        status=_word_masked(record.status)[:60],
        source=_word_masked(record.source)[:60],
        unit=_word_masked(record.unit)[:120],
        categories=[_word_masked(name)[:80] for name in record.categories],
        opinion=mask_text(plain(record.opinion)),
        result=mask_text(plain(record.result)),
        reply_wanted=record.reply_wanted,
        extension_asked=record.extension_asked,
    )


def _words(*texts: str) -> list[str]:
    return list(dict.fromkeys(word for text in texts for word in words_of(text)))


def _moment(at: datetime | None) -> str | None:
    return iso_utc(at) if at is not None else None
