"""What stands on a printed page, as values: a title, and blocks one below the other.

Everything is plain text, ready in the language of the page; the template sets it and never reads it as
markup.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol


class Block(Protocol):
    def as_data(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Facts:
    """Labels and values in a ruled table; two pairs stand beside each other where both are short."""

    rows: Sequence[tuple[str, str]]
    heading: str = ""

    def as_data(self) -> dict[str, Any]:
        return {"kind": "facts", "heading": self.heading, "rows": _paired(self.rows)}


@dataclass(frozen=True)
class Words:
    """A text with its own line breaks, in a frame."""

    heading: str
    text: str

    def as_data(self) -> dict[str, Any]:
        return {"kind": "words", "heading": self.heading, "lines": self.text.splitlines() or [""]}


@dataclass(frozen=True)
class Table:
    """`widths` are shares of the line; the titles stand again on every page."""

    columns: Sequence[str]
    widths: Sequence[float]
    rows: Sequence[Sequence[str]]
    heading: str = ""

    def as_data(self) -> dict[str, Any]:
        return {
            "kind": "table",
            "heading": self.heading,
            "columns": list(self.columns),
            "widths": list(self.widths),
            "rows": [list(row) for row in self.rows],
        }


@dataclass(frozen=True)
class Large:
    """What must be copied from the paper without a mistake: numbers and secrets."""

    rows: Sequence[tuple[str, str]]

    def as_data(self) -> dict[str, Any]:
        return {"kind": "large", "rows": [list(row) for row in self.rows]}


@dataclass(frozen=True)
class Picture:
    """An SVG of our own making, such as a QR code, and what it is."""

    svg: str
    words: str

    def as_data(self) -> dict[str, Any]:
        return {"kind": "picture", "svg": self.svg, "words": self.words}


@dataclass(frozen=True)
class Lines:
    """Places to write by hand: a signature, a date."""

    labels: Sequence[str]

    def as_data(self) -> dict[str, Any]:
        return {"kind": "lines", "labels": list(self.labels)}


@dataclass(frozen=True)
class Paper:
    """A document: `body` is whose it is, `foot` stands on every page beside the page number."""

    title: str
    body: str
    blocks: Sequence[Block]
    number: str = ""
    foot: str = ""
    landscape: bool = False
    small: bool = False


#: Longer values take the whole line (characters, a Chinese one counting two).
_SHORT = 30


def _paired(rows: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Rows of one pair, or of two short ones."""
    paired: list[list[str]] = []
    for label, value in rows:
        short = _breadth(value) <= _SHORT and "\n" not in value
        if short and paired and len(paired[-1]) == 2 and _breadth(paired[-1][1]) <= _SHORT:
            paired[-1] += [label, value]
        else:
            paired.append([label, value])
    return paired


def _breadth(text: str) -> int:
    return sum(1 if sign.isascii() else 2 for sign in text)
