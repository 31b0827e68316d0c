"""Read once per request: the language, the moment, and who is asking from which post."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers

from wangge.doors.shell.standing import CHOSEN, SEEN, StandingRequest, standing_among
from wangge.foundation.worktime import clock
from wangge.organisations.queries import posts_of

Answer = Callable[[HttpRequest], HttpResponseBase]

# A request with this header is the page's own (a list that refreshes itself): nobody is at the keyboard.
BACKGROUND = "X-Background"
# How often the session is written to remember that somebody is there.
SEEN_EVERY_SECONDS = 60


class LanguageMiddleware:
    """The language somebody chose, else Chinese.

    What the browser says of itself is left aside: on shared and imported machines it is often English,
    and the person in front of it is here to read Chinese.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.spoken = dict(settings.LANGUAGES)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in self.spoken else settings.LANGUAGE_CODE
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ["Cookie"])
        return response


class StandingMiddleware:
    """Sets `at`, `posts` and `standing`; ends the idle sessions of staff; keeps pages out of caches."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, plain: HttpRequest) -> HttpResponseBase:
        request = cast(StandingRequest, plain)
        request.at = clock.now()
        request.posts = []
        request.standing = None
        if request.user.is_authenticated:
            request.posts = posts_of(request.user.pk, request.at)
            request.standing = standing_among(request.posts, request.session.get(CHOSEN))
            if any(post.is_staff for post in request.posts):
                watch_idle(request)
        response = self.get_response(request)
        # Pages carry names of cases and forms of one person. What may be kept says so itself.
        response.headers.setdefault("Cache-Control", "no-store")
        return response


def watch_idle(request: StandingRequest) -> None:
    """Sign staff out after `STAFF_IDLE_MINUTES` without a request of theirs (GB/T 22239-2019, 8.1.4.1).

    The view then meets a stranger, and its guard sends them to sign in. Residents keep their session.
    """
    now = int(request.at.timestamp())
    seen = request.session.get(SEEN)
    if seen is not None and now - int(seen) >= settings.STAFF_IDLE_MINUTES * 60:
        logout(request)
        request.posts = []
        request.standing = None
        return
    if BACKGROUND in request.headers:
        return
    if seen is None or now - int(seen) >= SEEN_EVERY_SECONDS:
        request.session[SEEN] = now
