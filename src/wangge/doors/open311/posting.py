"""A request sent by another program: read, placed, and registered once.

An address of the sender's own (`media_url`) is kept as words and never opened: whoever could make this server
fetch an address could make it knock at doors inside.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, BinaryIO, TypeAlias, cast

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from wangge.cases.intake import Contact, Place, Registered, register_case
from wangge.cases.words import Channel
from wangge.doors.open311.asking import words
from wangge.doors.open311.errors import bad
from wangge.doors.open311.models import AskedService, Open311Key
from wangge.doors.open311.services import KIND, kinds, service
from wangge.duties.models import Matter
from wangge.foundation.files.actions import UnableToStore, store_photo
from wangge.foundation.files.models import StoredFile
from wangge.foundation.journal.actors import Actor
from wangge.foundation.worktime.workcalendar import SHANGHAI
from wangge.territory.memory import snapshot
from wangge.territory.queries import grid_at, place_candidates

MOST_PHOTOS = 3
LONGEST_WORDS, LONGEST_URL = 200, 500
#: From here a place that words name is taken, if it leads the next one by so much.
SURE, AHEAD = 0.8, 0.2
#: Degrees from the nearest grid of the district beyond which a point is a mistake, such as lat and long
#: in each other's place.
FAR = 1.0
#: Where senders put their own number; the first one given counts.
REFERENCES = (
    "client_reference",
    "attribute[client_reference]",
    "attribute[fixmystreet_id]",
    "attribute[external_id]",
)
_chinese = re.compile("[\u3400-\u9fff]")

Files: TypeAlias = MultiValueDict[str, "UploadedFile[Any]"]


def post(
    given: QueryDict, files: Files, *, key: Open311Key, idempotency_key: str, at: datetime
) -> tuple[Registered, Matter]:
    """Register what was sent; the same reference or idempotency key again answers with the same request.

    Raises GeoReportError and whatever `register_case` refuses.
    """
    district = key.jurisdiction.code
    code = given.get("service_code", "").strip()
    if not code:
        raise bad("service_code", _("It was not provided."))
    matter = service(district, code, at.astimezone(SHANGHAI).date())
    place = _place(given, district)
    told = _text(given, matter)
    registered = register_case(
        by=Actor(kind="public", id="open311", label=key.source_system),
        at=at,
        text=told,
        title=given.get("attribute[title]", "").strip() or matter.name,
        place=place,
        channel=Channel.APP,
        request_type=_kind(given, matter),
        contact=_contact(given),
        photos=_photos(files, at),
        client_key=_client_key(key, idempotency_key),
        source_system=key.source_system,
        external_no=_reference(given),
    )
    AskedService.objects.bulk_create(
        [AskedService(case=registered.case, matter=matter)], ignore_conflicts=True
    )
    return registered, matter


def _reference(given: QueryDict) -> str:
    return next((value for name in REFERENCES if (value := given.get(name, "").strip())), "")


def _client_key(key: Open311Key, idempotency_key: str) -> str | None:
    """A key of the sender's choosing, told apart from all other senders' keys."""
    if not idempotency_key:
        return None
    return f"o311:{hashlib.sha256(f'{key.sender}|{idempotency_key}'.encode()).hexdigest()}"


def _text(given: QueryDict, matter: Matter) -> str:
    """The description; what a service is called says enough where a sender gave none."""
    text = given.get("description", "").strip() or matter.name
    urls = [url for url in words(given, "media_url") if url]
    for url in urls:
        if len(url) > LONGEST_URL or not re.fullmatch(r"https?://[!-~]+", url):
            raise bad("media_url", _("It begins with http:// or https:// and has at most 500 characters."))
    return "\n".join([text, *(f"[media_url] {url}" for url in urls)])


def _kind(given: QueryDict, matter: Matter) -> str:
    asked = given.get(f"attribute[{KIND}]", "").strip()
    choices = kinds(matter)
    if asked and asked not in choices:
        raise bad(f"attribute[{KIND}]", _("It is one of: %(words)s.") % {"words": ", ".join(choices)})
    return asked or choices[0]


def _contact(given: QueryDict) -> Contact | None:
    """Whom to call. No e-mail address, account or device is kept: nobody would call them."""
    first, last = given.get("first_name", "").strip(), given.get("last_name", "").strip()
    name = f"{last}{first}" if _chinese.search(first + last) else f"{first} {last}".strip()
    contact = Contact(name=name, phone=given.get("phone", "").strip())
    return contact or None


def _photos(files: Files, at: datetime) -> list[StoredFile]:
    sent = [file for name in files for file in files.getlist(name)]
    if len(sent) > MOST_PHOTOS:
        raise bad("media", _("Send at most %(most)s photos.") % {"most": MOST_PHOTOS})
    try:
        return [store_photo(cast(BinaryIO, file), at=at) for file in sent]
    except UnableToStore as refusal:
        raise bad("media", str(refusal)) from None


# --- where it is ----------------------------------------------------------------------------------


def _place(given: QueryDict, district: str) -> Place:
    """The grid under the point, else the area of the words or the id, at least the district."""
    address = " ".join(given.get("address_string", "").replace("\x00", "").split())
    area = given.get("address_id", "").strip()
    if len(address) > LONGEST_WORDS:
        raise bad("address_string", _("Use at most %(most)s characters.") % {"most": LONGEST_WORDS})
    if area and not _in_district(area, district):
        raise bad("address_id", _("No area of this district has this code."))
    lon, lat = _degrees(given, "long", 180), _degrees(given, "lat", 90)
    if (lon is None) != (lat is None):
        raise bad("lat, long", _("Give both or neither."))
    if lon is not None and lat is not None:
        hit = grid_at(lon, lat)
        if hit is not None and not hit.grid_code.startswith(district):
            raise bad("lat, long", _("This point lies in another district."))
        if hit is not None:
            return Place(hit.grid_code, address, lon, lat, hit.confidence)
        if _far_away(lon, lat, district):
            raise bad("lat, long", _("This point lies far outside the district; are the two swapped?"))
        return Place(area or _named(address, district) or district, address, lon, lat, 0.5)
    if not address and not area:
        raise bad("lat, long", _("Give lat and long, address_string or address_id."))
    if area:
        return Place(area, address)
    named = _named(address, district)
    return Place(named, address, confidence=SURE) if named else Place(district, address)


def _in_district(code: str, district: str) -> bool:
    found = snapshot().tree.areas.get(code)
    return found is not None and found.active and code.startswith(district)


def _degrees(given: QueryDict, name: str, most: int) -> float | None:
    text = given.get(name, "").strip()
    if not text:
        return None
    try:
        value = float(text) if len(text) <= 30 and "_" not in text else math.nan
    except ValueError:
        value = math.nan
    if not abs(value) <= most:  # also false for what is no number
        raise bad(name, _("It is a number of degrees (WGS 84), at most %(most)s.") % {"most": most})
    return value


def _far_away(lon: float, lat: float, district: str) -> bool:
    anchors = [point for code, point in snapshot().anchors.items() if code.startswith(district)]
    return bool(anchors) and all(max(abs(lon - x), abs(lat - y)) > FAR for x, y in anchors)


def _named(address: str, district: str) -> str:
    """The area that the words name beyond doubt, else nothing: the desk asks."""
    found = sorted(_candidates(address, district), reverse=True) if address else []
    if not found or found[0][0] < SURE or (len(found) > 1 and found[0][0] - found[1][0] < AHEAD):
        return ""
    return found[0][1]


def _candidates(address: str, district: str) -> Iterable[tuple[float, str]]:
    for hit in place_candidates(address, within=district, limit=4):
        yield hit.confidence, hit.area_code
