"""Whose services and requests are meant: a district, by its code or by a name the deployment gave it."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from wangge.doors.open311.errors import BAD, GeoReportError, not_found
from wangge.territory.codes import Level
from wangge.territory.memory import snapshot
from wangge.territory.tree import AreaFacts


def district(asked: str) -> AreaFacts:
    """The district asked for; without a word the only one there is. GeoReportError 400 or 404."""
    if not asked:
        found = districts()
        if len(found) == 1:
            return found[0]
        raise GeoReportError(BAD, _("jurisdiction_id was not provided."))
    code = settings.OPEN311_JURISDICTIONS.get(asked, asked)
    area = snapshot().tree.areas.get(code)
    if area is None or area.level != Level.DISTRICT or not area.active:
        raise not_found("jurisdiction_id")
    return area


def districts() -> list[AreaFacts]:
    areas = snapshot().tree.areas.values()
    return [area for area in areas if area.level == Level.DISTRICT and area.active]


def names_of(code: str) -> list[str]:
    """What this district may be called in `jurisdiction_id`."""
    return [code, *(name for name, named in settings.OPEN311_JURISDICTIONS.items() if named == code)]
