"""What goes wrong at this door, as GeoReport says it: a status and one or more sentences."""

from __future__ import annotations

from django.utils.translation import gettext as _

#: GeoReport v2, "Errors": bad or missing values, a key that is missing or wrong, and what is not there.
BAD, FORBIDDEN, NOT_FOUND, NOT_ALLOWED, TOO_LARGE, TOO_MANY = 400, 403, 404, 405, 413, 429


class GeoReportError(Exception):
    """An answer with an error list instead of what was asked for."""

    def __init__(self, status: int, *descriptions: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.descriptions = descriptions
        self.headers = headers or {}


def not_found(what: str) -> GeoReportError:
    """For what is not there and for what is nobody's business: nobody learns which of the two it is."""
    return GeoReportError(NOT_FOUND, _("%(what)s was not found.") % {"what": what})


def bad(field: str, sentence: str) -> GeoReportError:
    return GeoReportError(BAD, f"{field}: {sentence}")
