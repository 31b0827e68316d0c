"""Pages for what went wrong. Each says what happened and what to do next; none shows the inside."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from wangge.doors.shell.assets import asset
from wangge.doors.shell.fragments import is_fragment
from wangge.doors.shell.guards import TooManyRequests


@dataclass(frozen=True)
class Trouble:
    status: int
    icon: str
    heading: str | Promise
    text: str | Promise


BAD_REQUEST = Trouble(
    400,
    "circle-alert",
    _("This request could not be read"),
    _("Please go back, reload the page and try again."),
)
FORM_EXPIRED = Trouble(
    403,
    "clock-alert",
    _("This form has grown too old"),
    _("Nothing was saved. Please go back, reload the page and send it again."),
)
NO_PERMISSION = Trouble(
    403,
    "lock",
    _("This page is not part of your post"),
    _("If your work needs it, ask your system administrator, or act from another of your posts."),
)
NOT_FOUND = Trouble(
    404,
    "search",
    _("There is no such page for you"),
    _("The address may be wrong, or what stood here belongs to another area."),
)
TOO_MANY = Trouble(
    429,
    "hand",
    _("Too many attempts in a short time"),
    _("Please wait some minutes and try again. In urgent matters call 12345."),
)


def answer(request: HttpRequest, trouble: Trouble) -> HttpResponse:
    context = {"trouble": trouble, "heading": trouble.heading, "text": trouble.text}
    if is_fragment(request):
        response = render(request, "shell/parts/refusal.html", context, status=trouble.status)
        response.headers["HX-Retarget"] = "#messages"
        response.headers["HX-Reswap"] = "innerHTML show:top"
        return response
    return render(request, "shell/errors/page.html", context, status=trouble.status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, BAD_REQUEST)


def no_permission(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, TOO_MANY if isinstance(exception, TooManyRequests) else NO_PERMISSION)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, NOT_FOUND)


def csrf_failure(request: HttpRequest, **_told: str) -> HttpResponse:
    return answer(request, FORM_EXPIRED)


def server_error(request: HttpRequest) -> HttpResponse:
    """Written without session, database or context: any of them may be what broke."""
    context = {"style_url": asset("wangge.css"), "language": get_language()}
    return HttpResponse(render_to_string("shell/errors/500.html", context), status=500)
