"""Addresses of the built files, and the names of the icons in the sprite."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.templatetags.static import static

ICONS_FILE = Path(__file__).with_name("icons.txt")


def asset(name: str) -> str:
    """The address of a built file, with its content hash once static files are collected."""
    try:
        return static(f"wangge/{name}")
    except ValueError:
        # Not collected yet: an unstyled page is better than none.
        return f"/static/wangge/{name}"


@cache
def icon_names() -> frozenset[str]:
    lines = (line.strip() for line in ICONS_FILE.read_text(encoding="utf-8").splitlines())
    return frozenset(line for line in lines if line and not line.startswith("#"))
