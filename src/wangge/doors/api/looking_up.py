"""From the codes in a body to the rows acts are given; what nobody knows is refused by its field."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from wangge.cases.access import NoSuchCase, case_for
from wangge.cases.models import Case
from wangge.cases.moves import UnableToRead
from wangge.doors.api.tokens import Caller
from wangge.duties.models import Matter
from wangge.foundation.files.models import StoredFile
from wangge.organisations.models import Organisation
from wangge.organisations.queries import organisations

MOST_PHOTOS = 6


def unit_of(code: str | None, by_district: str) -> Organisation | None:
    if code is None:
        return None
    found = organisations(by_district).select_related("area").filter(code=code).first()
    if found is None:
        raise UnableToRead("unknown_unit", _("There is no such organisation in this district."), field="unit")
    return found


def matter_of(code: str) -> Matter:
    found = Matter.objects.select_related("category").filter(code=code).first()
    if found is None:
        raise UnableToRead("unknown_matter", _("There is no such matter."), field="matter")
    return found


def other_case(caller: Caller, number: str) -> Case:
    try:
        return case_for(caller.by, number)
    except NoSuchCase as refusal:
        raise UnableToRead(refusal.code, refusal.message, field="into") from None


def photos_of(caller: Caller, digests: Sequence[str]) -> list[StoredFile]:
    """Photos this token sent before, in the order they are named."""
    if not digests:
        return []
    sent = StoredFile.objects.filter(digest__in=digests)
    known = {file.digest: file for file in sent.filter(pk__in=caller.token.photos.values("file_id"))}
    if set(digests) - set(known):
        raise UnableToRead(
            "unknown_photo", _("Send the photo with this token first; then name its digest."), field="photos"
        )
    return [known[digest] for digest in dict.fromkeys(digests)]
