"""What a person chooses for themselves on any page: the language, the size of the text."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from wangge.doors.shell import elder
from wangge.doors.shell.fragments import go
from wangge.doors.shell.guards import safe_next
from wangge.doors.shell.standing import StandingRequest
from wangge.foundation.accounts.actions import choose_language

A_YEAR = 365 * 24 * 3600


def remember_language(response: HttpResponse, language: str) -> None:
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=A_YEAR,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
        )


@require_POST
def language(request: StandingRequest) -> HttpResponse:
    chosen = request.POST.get("language", "")
    response = go(request, safe_next(request))
    remember_language(response, chosen)
    if request.user.is_authenticated:
        choose_language(user=request.user, language=chosen)
    return response


@require_POST
def elder_mode(request: StandingRequest) -> HttpResponse:
    chosen = request.POST.get("size", "")
    response = go(request, safe_next(request))
    if chosen.isdecimal() and int(chosen) in elder.SIZES:
        response.set_cookie(
            elder.COOKIE,
            chosen,
            max_age=A_YEAR,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
        )
    else:
        response.delete_cookie(elder.COOKIE, samesite="Lax")
    return response
