"""Answers of other GeoReport servers as plain records: both notations, with the quirks that real ones have.

Seen in Washington DC, San Francisco and Boston: empty elements for what is unknown, blanks around values,
namespaces nobody uses, tokens where a number should be, one `error` instead of a list, a captured HTTP head
before the document. What cannot be read is named, not guessed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from wangge.foundation.refusals import Refusal

#: An answer is read whole; a list of a thousand requests has less than two of these.
MOST_BYTES = 20 * 1024 * 1024
#: How far into what was captured the document may begin.
_HEAD = 4096
#: One of these stands in every record, also in one that came without a list around it.
_SIGNS = frozenset({"service_request_id", "service_code", "token", "code"})


class UnableToReadAnswer(Refusal):
    """Codes: `too_large`, `no_answer`, `not_xml`, `not_json`, `errors` (the other server's own)."""


@dataclass(frozen=True)
class ForeignService:
    code: str
    name: str
    group: str = ""
    description: str = ""
    keywords: tuple[str, ...] = ()
    asks_more: bool = False


@dataclass(frozen=True)
class ForeignRequest:
    """One request as the other server tells it; moments are aware."""

    number: str
    status: str = ""
    notes: str = ""
    service_code: str = ""
    service_name: str = ""
    description: str = ""
    agency: str = ""
    requested_at: datetime | None = None
    updated_at: datetime | None = None
    expected_at: datetime | None = None
    address: str = ""
    lat: float | None = None
    lon: float | None = None
    media_url: str = ""


@dataclass(frozen=True)
class Fault:
    """What is wrong with one record: its place in the answer, from 1, its number if it has one, and why."""

    position: int
    number: str
    sentence: str


@dataclass
class Answer:
    services: list[ForeignService] = field(default_factory=list)
    #: Each with its place in the answer.
    requests: list[tuple[int, ForeignRequest]] = field(default_factory=list)
    #: Records that cannot be used.
    faults: list[Fault] = field(default_factory=list)
    #: Values that were left out of records that can.
    remarks: list[Fault] = field(default_factory=list)


def read_answer(content: bytes, *, time_zone: tzinfo) -> Answer:
    """Read a list of services or of requests. `time_zone` is where a clock without a zone hangs."""
    if len(content) > MOST_BYTES:
        raise UnableToReadAnswer(
            "too_large", _("The answer has more than %(most)s bytes.") % {"most": MOST_BYTES}
        )
    content = _without_head(content)
    kind, rows = _rows_of_xml(content) if content.startswith(b"<") else _rows_of_json(content)
    answer = Answer()
    if kind == "service":
        answer.services = [_service(row) for row in rows if _text(row, "service_code")]
        return answer
    for position, row in enumerate(rows, start=1):
        request = _request(row, position, time_zone, answer)
        if request is not None:
            answer.requests.append((position, request))
    return answer


def _without_head(content: bytes) -> bytes:
    """From where the document begins: behind blanks, a mark of order, or a captured HTTP head."""
    content = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    if content.startswith(b"HTTP/"):
        starts = [at for sign in (b"<", b"[", b"{") if (at := content.find(sign, 0, _HEAD)) > 0]
        content = content[min(starts) :] if starts else b""
    return content


# --- the two notations ----------------------------------------------------------------------------

Row = Mapping[str, Any]


def _rows_of_xml(content: bytes) -> tuple[str, list[Row]]:
    try:
        root = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise UnableToReadAnswer(
            "not_xml", _("This is no XML that can be read safely (%(why)s).") % {"why": _why(error)}
        ) from None
    name = _local(root)
    if name in {"errors", "error"}:
        raise _told_errors(
            _row(error) if len(error) else {"description": error.text} for error in _errors(root)
        )
    if name == "services":
        return "service", [_row(child) for child in root if _local(child) == "service"]
    if name in {"service_requests", "requests"}:
        return "request", [_row(child) for child in root if _local(child) == "request"]
    raise _no_answer()


def _errors(root: Element) -> list[Element]:
    return [root] if _local(root) == "error" else list(root)


def _row(element: Element) -> Row:
    return {_local(child): child.text or "" for child in element}


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def _rows_of_json(content: bytes) -> tuple[str, list[Row]]:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UnableToReadAnswer(
            "not_json", _("This is neither XML nor JSON that can be read (%(why)s).") % {"why": _why(error)}
        ) from None
    value = _unwrapped(value)
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise _no_answer()
    rows: list[Row] = value
    if rows and all("description" in row and "code" in row and "service_code" not in row for row in rows):
        raise _told_errors(rows)
    is_service = bool(rows) and all("service_code" in row and "status" not in row for row in rows)
    return (
        "service" if is_service and not any("service_request_id" in row for row in rows) else "request"
    ), rows


def _unwrapped(value: Any) -> Any:
    """The list within, where a server wraps it as its XML does."""
    for name in ("services", "service_requests", "errors", "service", "requests", "request", "error"):
        if isinstance(value, dict) and name in value:
            value = value[name]
    return [value] if isinstance(value, dict) and value.keys() & _SIGNS else value


def _told_errors(rows: Iterable[Row]) -> UnableToReadAnswer:
    told = "; ".join(
        filter(None, (f"{_text(row, 'code')} {_text(row, 'description')}".strip() for row in rows))
    )
    return UnableToReadAnswer("errors", _("The other server refused: %(told)s") % {"told": told[:500]})


def _no_answer() -> UnableToReadAnswer:
    return UnableToReadAnswer("no_answer", _("This is no list of services or requests of GeoReport v2."))


def _why(error: Exception) -> str:
    return type(error).__name__


# --- the records ----------------------------------------------------------------------------------


def _service(row: Row) -> ForeignService:
    return ForeignService(
        code=_text(row, "service_code"),
        name=_text(row, "service_name"),
        group=_text(row, "group"),
        description=_text(row, "description"),
        keywords=tuple(filter(None, (word.strip() for word in _text(row, "keywords").split(",")))),
        asks_more=_text(row, "metadata").lower() == "true",
    )


def _request(row: Row, position: int, time_zone: tzinfo, answer: Answer) -> ForeignRequest | None:
    number = _text(row, "service_request_id")
    if not number:
        why = _("It has no number.")
        if token := _text(row, "token"):
            why = _("It has a token instead of a number; ask for tokens/%(token)s first.") % {
                "token": token[:80]
            }
        answer.faults.append(Fault(position, "", why))
        return None

    def remark(sentence: str) -> None:
        answer.remarks.append(Fault(position, number, sentence))

    def moment(name: str) -> datetime | None:
        text = _text(row, name)
        found = _moment(text, time_zone) if text else None
        if text and found is None:
            remark(_("%(field)s: “%(value)s” is no date and time.") % {"field": name, "value": text[:40]})
        return found

    lat, lon = _point(row, remark)
    return ForeignRequest(
        number=number,
        status=_text(row, "status").lower(),
        notes=_text(row, "status_notes"),
        service_code=_text(row, "service_code"),
        service_name=_text(row, "service_name"),
        description=_text(row, "description"),
        agency=_text(row, "agency_responsible"),
        requested_at=moment("requested_datetime"),
        updated_at=moment("updated_datetime"),
        expected_at=moment("expected_datetime"),
        address=_text(row, "address") or _text(row, "address_string"),
        lat=lat,
        lon=lon,
        media_url=_text(row, "media_url"),
    )


def _text(row: Row, name: str) -> str:
    """A value as words; nothing for null, for an empty element and for what is no single value."""
    value = row.get(name)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).replace("\x00", "").strip() if isinstance(value, str | int | float) else ""


def _moment(text: str, time_zone: tzinfo) -> datetime | None:
    try:
        found = parse_datetime(text) if len(text) <= 40 else None
        if found is not None:
            found = found if found.tzinfo is not None else found.replace(tzinfo=time_zone)
            found.utctimetuple()  # some moments exist in no other zone
    except (ValueError, OverflowError):
        found = None
    return found


def _point(row: Row, remark: Any) -> tuple[float | None, float | None]:
    lat, lon = _text(row, "lat"), _text(row, "long")
    if not lat and not lon:
        return None, None
    try:
        point = float(lat), float(lon)
    except ValueError:
        point = math.nan, math.nan
    if not (abs(point[0]) <= 90 and abs(point[1]) <= 180) or point == (0.0, 0.0):
        remark(_("lat, long: “%(lat)s, %(lon)s” is no point.") % {"lat": lat[:30], "lon": lon[:30]})
        return None, None
    return point
