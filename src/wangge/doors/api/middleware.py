"""Below `/api/` everything is for programs: the language asked for, no cookies, every trouble a problem."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header

from wangge.doors.api import problems
from wangge.foundation.files.limits import photo_limits

PREFIX = "/api/"
#: Around a photo in a multipart body.
WRAPPING_BYTES = 64 * 1024
JSON, MULTIPART = "application/json", "multipart/form-data"


class ApiMiddleware:
    """Stands before sessions and languages, so that what they would read from cookies is not there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith(PREFIX):
            return self.get_response(request)
        language = spoken(request.headers.get("Accept-Language", ""))
        # A browser's session is nobody's token: whatever cookies travel along say nothing here.
        request.COOKIES = {settings.LANGUAGE_COOKIE_NAME: language}
        with translation.override(language):
            response = refused_unread(request) or self.get_response(request)
            if response.status_code >= 400 and not _is_problem(response):
                response = _as_problem(response)
        response.headers["Content-Language"] = language
        patch_vary_headers(response, ["Accept-Language", "Authorization"])
        return response


def spoken(accepted: str) -> str:
    """The first language asked for that we speak; Chinese for everybody else."""
    for code, _quality in parse_accept_lang_header(accepted[:500]):
        try:
            return get_supported_language_variant(code)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE


def refused_unread(request: HttpRequest) -> HttpResponse | None:
    """A body that is too large, or of a kind this address does not take, is not read at all."""
    photo = request.path.endswith("/photos")
    if "Transfer-Encoding" in request.headers and not request.headers.get("Content-Length"):
        return problems.answer(400, "no_length", _("Say how long the body is (Content-Length)."))
    length = request.headers.get("Content-Length") or "0"
    if not length.isdecimal():
        return problems.answer(400, "no_length", _("Say how long the body is (Content-Length)."))
    most = photo_limits().max_bytes + WRAPPING_BYTES if photo else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if int(length[:20]) > most:
        return problems.answer(413, "too_large", _("The body has more than %(most)s bytes.") % {"most": most})
    taken = MULTIPART if photo else JSON
    if int(length[:20]) and request.method == "POST" and request.content_type != taken:
        return problems.answer(
            415, "unsupported_media_type", _("Send the body as %(type)s.") % {"type": taken}
        )
    return None


def _is_problem(response: HttpResponseBase) -> bool:
    return str(response.headers.get("Content-Type", "")).startswith(problems.MEDIA_TYPE)


def _as_problem(response: HttpResponseBase) -> HttpResponse:
    """What Django or the router refused: no such address, not this method, a host we are not."""
    codes = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 500: "broken"}
    status = response.status_code
    told = problems.answer(status, codes.get(status, "refused"))
    for name in ("Allow", "Retry-After"):
        if name in response.headers:
            told.headers[name] = response.headers[name]
    return told
