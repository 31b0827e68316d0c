"""Reading the desk's pages as a clerk does."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

#: What htmx says of itself when it asks for a piece.
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


def text_of(response: Any) -> str:
    """The page without its tags, every run of white space one blank."""
    body = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def numbers_on(response: Any) -> list[str]:
    """The cases a list links to, in its order."""
    found = re.findall(r'href="/desk/cases/(\d{6}-\d{8}-\d+)"', response.content.decode())
    return list(dict.fromkeys(found))


def link(response: Any, rel: str) -> str:
    """The address of the next or previous page, "" where there is none."""
    for anchor in re.findall(r"<a [^>]+>", response.content.decode()):
        if f'rel="{rel}"' in anchor:
            found = re.search(r'href="([^"]*)"', anchor)
            assert found is not None
            return unescape(found.group(1))
    return ""
