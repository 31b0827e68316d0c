"""What a caller asks for: parameters of GeoReport v2, checked before anything is looked up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from wangge.doors.open311.errors import bad

#: GeoReport v2: "may not span more than 90 days", and the most recent 90 days without dates.
SPAN = timedelta(days=90)
#: Of updates a program that polls wants what is new.
NEWS = timedelta(days=7)
OPEN, CLOSED = "open", "closed"
PAGE_SIZE, LARGEST_PAGE, LAST_PAGE = 100, 500, 10_000
MOST_IDS = 100


@dataclass(frozen=True)
class Window:
    """A stretch of time, closed below, open above."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Wanted:
    """Which requests of a district."""

    ids: tuple[str, ...]
    services: tuple[str, ...]
    statuses: frozenset[str]
    window: Window
    page: int
    page_size: int


def wanted(asked: QueryDict, at: datetime) -> Wanted:
    statuses = frozenset(words(asked, "status"))
    if statuses - {OPEN, CLOSED}:
        raise bad("status", _("It is “open”, “closed”, or both with a comma."))
    ids = words(asked, "service_request_id")
    if len(ids) > MOST_IDS:
        raise bad("service_request_id", _("Ask for at most %(most)s at once.") % {"most": MOST_IDS})
    return Wanted(
        ids=ids,
        services=words(asked, "service_code"),
        statuses=statuses,
        window=window(asked, at, SPAN),
        page=number(asked, "page", 1, LAST_PAGE),
        page_size=number(asked, "page_size", PAGE_SIZE, LARGEST_PAGE),
    )


def window(asked: QueryDict, at: datetime, usual: timedelta) -> Window:
    """From `start_date` to `end_date`; one of them alone reaches as far as is usual."""
    start, end = moment(asked, "start_date"), moment(asked, "end_date")
    try:
        if start is None:
            end = end or at + timedelta(seconds=1)
            start = end - usual
        elif end is None:
            end = start + SPAN
        if end < start:
            raise bad("end_date", _("It lies before start_date."))
        if end - start > SPAN:
            raise bad("end_date", _("It lies more than 90 days after start_date."))
    except OverflowError:
        raise bad("start_date", _("Nobody kept records then.")) from None
    return Window(start, end)


def moment(asked: QueryDict, name: str) -> datetime | None:
    """A W3C date and time with its zone, such as 2026-03-06T09:00:00+08:00 or …Z."""
    text = asked.get(name, "").strip()
    if not text:
        return None
    # A plus that was not escaped in an address arrives as a blank.
    text = text.replace(" ", "+", 1) if "T" in text else text
    try:
        found = parse_datetime(text) if len(text) <= 40 else None
        found = found.astimezone(UTC) if found is not None and found.tzinfo is not None else None
    except (ValueError, OverflowError):
        found = None
    if found is None:
        raise bad(name, _("Write it as 2026-03-06T09:00:00+08:00."))
    return found


def words(asked: QueryDict, name: str) -> tuple[str, ...]:
    """Values by comma or by repeating the parameter, without doubles."""
    parts = (part.strip() for text in asked.getlist(name) for part in text.split(","))
    return tuple(dict.fromkeys(part for part in parts if part and "\x00" not in part))


def number(asked: QueryDict, name: str, usual: int, most: int) -> int:
    text = asked.get(name, "").strip()
    if not text:
        return usual
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and 1 <= int(text) <= most):
        raise bad(name, _("It is a whole number from 1 to %(most)s.") % {"most": most})
    return int(text)
