"""From blocks to PDF, by typst, with the Chinese fonts of a wheel: nothing of the machine it runs on.

The fonts are static faces of one weight. What is printed goes to typst as JSON, never into its source.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Literal

import pylopdf_fonts_zh_cn
import typst
from django.http import HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from wangge.doors.shell.paper.blocks import Paper

_HERE = Path(__file__).parent
_TEMPLATE = _HERE / "paper.typ"
PDF_TYPE = "application/pdf"


def pdf_of(paper: Paper) -> bytes:
    """The document, with the fonts it needs embedded in part."""
    return _compiled(paper, "pdf")


def image_of(paper: Paper, ppi: float = 96) -> list[bytes]:
    """Its pages as PNG, to be looked at."""
    made: object = typst.compile(
        _TEMPLATE, root=_HERE, font_paths=_fonts(), format="png", ppi=ppi, sys_inputs=_inputs(paper)
    )
    return list(made) if isinstance(made, list) else [made]  # type: ignore[list-item]


def paper_response(paper: Paper, name: str) -> HttpResponse:
    """The PDF shown in the browser, under this name where it is kept; no cache holds it."""
    response = HttpResponse(pdf_of(paper), content_type=PDF_TYPE)
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _compiled(paper: Paper, form: Literal["pdf"]) -> bytes:
    made = typst.compile(_TEMPLATE, root=_HERE, font_paths=_fonts(), format=form, sys_inputs=_inputs(paper))
    assert isinstance(made, bytes)
    return made


@cache
def _fonts() -> typst.Fonts:
    """Read once a process: twenty megabytes."""
    folder = Path(pylopdf_fonts_zh_cn.__file__).parent
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])


def _inputs(paper: Paper) -> dict[str, str]:
    # Translators: at the foot of a printed page.
    page = _("Page %(page)s of %(pages)s") % {"page": "\0", "pages": "\0"}
    data = {
        "lang": "en" if (get_language() or "").startswith("en") else "zh",
        "title": paper.title,
        "body": paper.body,
        "number": paper.number,
        "foot": paper.foot,
        "landscape": paper.landscape,
        "small": paper.small,
        "page": page.split("\0"),
        "blocks": [block.as_data() for block in paper.blocks],
    }
    return {"paper": json.dumps(data, ensure_ascii=False)}
