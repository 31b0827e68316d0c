"""What every call has in common: its notation, its language, its rate, its key, and errors as the standard
has them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import SuspiciousOperation, TooManyFilesSent
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from wangge.doors.open311 import answers
from wangge.doors.open311.errors import (
    BAD,
    FORBIDDEN,
    NOT_ALLOWED,
    TOO_LARGE,
    TOO_MANY,
    GeoReportError,
)
from wangge.doors.open311.keys import key_of
from wangge.doors.open311.models import Open311Key
from wangge.doors.open311.posting import MOST_PHOTOS
from wangge.doors.shell.guards import client_address
from wangge.doors.shell.standing import StandingRequest
from wangge.foundation.accounts.rate_limits import spend
from wangge.foundation.files.limits import photo_limits
from wangge.foundation.refusals import Refusal

READ = frozenset({"GET", "HEAD"})
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
#: Around the photos of a multipart body.
WRAPPING_BYTES = 256 * 1024

View = Callable[..., HttpResponse]


def call(*, posts: bool = False) -> Callable[[View], View]:
    """A view of this door; `posts` if it also takes a request in."""

    def of(view: View) -> View:
        @wraps(view)
        def answered(plain: HttpRequest, *args: Any, form: str, **kwargs: Any) -> HttpResponse:
            request = cast(StandingRequest, plain)
            with translation.override(translation.get_language_from_request(request)):
                try:
                    _check_call(request, posts)
                    response = view(request, *args, form=form, **kwargs)
                except GeoReportError as error:
                    response = answers.errors(form, error.status, error.descriptions)
                    for name, value in error.headers.items():
                        response.headers[name] = value
                except Refusal as refusal:
                    response = answers.errors(form, BAD, [str(refusal)])
                except (MultiPartParserError, SuspiciousOperation, TooManyFilesSent, UnreadablePostError):
                    response = answers.errors(form, BAD, [_("The body could not be read.")])
                response.headers["Content-Language"] = translation.get_language()
            patch_vary_headers(response, ["Accept-Language"])
            # Open data for pages of others; no cookie is looked at here, so none can be misused.
            response.headers["Access-Control-Allow-Origin"] = "*"
            return response

        answered.csrf_exempt = True  # type: ignore[attr-defined]
        return answered

    return of


def _check_call(request: StandingRequest, posts: bool) -> None:
    allowed = [*sorted(READ), *(["POST"] if posts else [])]
    if request.method not in allowed:
        raise GeoReportError(
            NOT_ALLOWED, _("This address does not take that method."), headers={"Allow": ", ".join(allowed)}
        )
    if request.method == "POST":
        _check_body(request)
    else:
        count("open311", client_address(request), request)


def _check_body(request: StandingRequest) -> None:
    """Before anything of it is read."""
    length = request.headers.get("Content-Length") or ""
    if not (length.isascii() and length.isdecimal() and len(length) < 16):
        raise GeoReportError(BAD, _("Say how long the body is (Content-Length)."))
    if int(length) and request.content_type not in FORMS:
        raise GeoReportError(
            BAD, _("Send the body as a form: %(types)s.") % {"types": ", ".join(sorted(FORMS))}
        )
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if request.content_type == "multipart/form-data":
        most = MOST_PHOTOS * photo_limits().max_bytes + WRAPPING_BYTES
    if int(length) > most:
        raise GeoReportError(TOO_LARGE, _("The body has more than %(most)s bytes.") % {"most": most})


def count(bucket: str, key: str, request: StandingRequest) -> None:
    limit, window_s = settings.RATE_LIMITS[bucket]
    if not spend(bucket, key, limit=limit, window_s=window_s, at=request.at):
        left = window_s - int(request.at.timestamp()) % window_s
        raise GeoReportError(
            TOO_MANY, _("Wait %(seconds)s seconds.") % {"seconds": left}, headers={"Retry-After": str(left)}
        )


def key_shown(request: StandingRequest, district: str) -> Open311Key | None:
    """The key a call shows in its body or address, None for none; 403 for one that is not good here."""
    given = request.POST if request.method == "POST" else request.GET
    text = given.get("api_key", "") or request.GET.get("api_key", "")
    if not text:
        return None
    key = key_of(text, request.at)
    if key is None or key.jurisdiction.code != district:
        count("open311_knock", client_address(request), request)
        raise GeoReportError(FORBIDDEN, _("This api_key is unknown, revoked, or for another jurisdiction."))
    return key


def key_needed(request: StandingRequest, district: str) -> Open311Key:
    key = key_shown(request, district)
    if key is None:
        raise GeoReportError(FORBIDDEN, _("api_key was not provided."))
    return key
