"""What the phone keeps for a place without a connection: one page to write a report on, and its files.

The page knows nobody. It is fetched without cookies, has no token and no key; what is written on it waits
on the phone until the worker's own page sends it. Nothing personal is ever put into the phone's cache.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from wangge.doors.field.report_form import ReportForm
from wangge.doors.shell.assets import asset

#: What the page runs besides the entry; their own imports are found in Vite's manifest.
ISLANDS = ("islands/drafts.ts", "islands/photo_pick.ts")


@require_safe
def page(request: HttpRequest, language: str) -> HttpResponse:
    """The report page for no connection, in a language named by its address, the same for everybody."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    with translation.override(language):
        context = {
            "form": ReportForm(),
            "user": AnonymousUser(),
            "standing": None,
            "posts": [],
            "menu": [],
            "messages": [],
            "LANGUAGE_CODE": language,
        }
        response = HttpResponse(render_to_string("field/offline.html", context, request))
    response.headers["Content-Language"] = language
    return response


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, preceded by what it is to keep; it changes whenever any of that does."""
    script = _built().joinpath("field_worker.js")
    if not script.is_file():
        raise Http404
    told: dict[str, Any] = {"pages": _pages(), "files": list(_files())}
    told["version"] = _version(request, told)
    body = f"self.kept = {json.dumps(told)};\n{script.read_text('utf-8')}"
    response = HttpResponse(body, content_type="text/javascript; charset=utf-8")
    patch_cache_control(response, no_cache=True)
    return response


def _built() -> Any:
    return files("wangge.doors.shell") / "static" / "wangge"


def _pages() -> dict[str, str]:
    return {code: reverse("field:offline", args=[code]) for code, _name in settings.LANGUAGES}


def _files() -> Iterator[str]:
    """Addresses as the page will ask for them: what Django named, and beside it what Vite named."""
    yield from (asset("wangge.css"), asset("wangge.js"), asset("icons.svg"))
    for chunk in _chunks():
        yield urljoin(asset("wangge.js"), chunk)


@cache
def _chunks() -> tuple[str, ...]:
    """The built files the entry and the islands of the page load, from Vite's manifest."""
    manifest = json.loads(_built().joinpath("manifest.json").read_text("utf-8"))
    found: dict[str, None] = {}
    open_names = ["frontend/wangge.ts", *ISLANDS]
    while open_names:
        entry = manifest[open_names.pop()]
        if entry["file"] not in found and not entry.get("isEntry"):
            found[entry["file"]] = None
        open_names += entry.get("imports", [])
    return tuple(found)


_versions: dict[str, str] = {}


def _version(request: HttpRequest, told: dict[str, Any]) -> str:
    """A name for these files and these words: a release that changes either is fetched anew."""
    key = json.dumps(told)
    if key not in _versions:
        words = [page(request, code).content for code in told["pages"]]
        _versions[key] = hashlib.sha256(b"".join([key.encode(), *words])).hexdigest()[:12]
    return _versions[key]
