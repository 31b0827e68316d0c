"""What every page frame shows around the content."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest

from wangge.doors.shell.assets import asset
from wangge.doors.shell.elder import elder_size
from wangge.doors.shell.menu import menu_for
from wangge.doors.shell.script_words import script_words
from wangge.doors.shell.standing import StandingRequest, standing_label


def look_of(request: HttpRequest) -> str:
    """Which of the three looks the address belongs to."""
    first = request.path.lstrip("/").split("/", 1)[0]
    return first if first in {"desk", "field"} else "resident"


def page_frame(request: HttpRequest) -> dict[str, Any]:
    look = look_of(request)
    standing = getattr(request, "standing", None)
    match = request.resolver_match
    current = match.view_name if match else ""
    return {
        "look": look,
        "at": getattr(request, "at", None),
        "standing": standing,
        "standing_label": lambda: standing_label(cast(StandingRequest, request)),
        "posts": getattr(request, "posts", []),
        "menu": menu_for(look, standing, current),
        "elder": elder_size(request) if look == "resident" else 0,
        "style_url": asset("wangge.css"),
        "script_url": asset("wangge.js"),
        "script_words": script_words,
        "is_demo": settings.DEMO,
        "idle_minutes": settings.STAFF_IDLE_MINUTES,
    }
