"""Colours are read by people with weak eyes and bad screens: WCAG 2 AA for every pair, in both themes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).resolve().parents[3] / "frontend" / "tokens.css"

GROUNDS = ("ground", "paper", "sunken", "hover", "chosen")
TONES = ("neutral", "info", "wait", "good", "warn", "bad")

#: Text on the ground it is set on: 4.5:1.
TEXT = [
    *((ink, ground) for ink in ("ink", "ink-soft", "ink-faint") for ground in GROUNDS),
    *((tone, f"{tone}-soft") for tone in TONES),
    *(("ink", f"{tone}-soft") for tone in TONES),
    *((tone, "paper") for tone in TONES),
    *(("accent", ground) for ground in GROUNDS),
    *(("accent-strong", ground) for ground in GROUNDS),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-bad", "bad"),
    ("paper", "ink"),
]
#: Edges of controls, focus rings and signs beside what they stand on: 3:1.
EDGES = [
    *(("line-strong", ground) for ground in ("ground", "paper")),
    *((tone, "paper") for tone in TONES),
]


def themes() -> dict[str, dict[str, str]]:
    css = TOKENS.read_text(encoding="utf-8")
    light, _, dark = css.partition("@media screen and (prefers-color-scheme: dark)")
    named = re.compile(r"--([a-z0-9-]+):\s*(#[0-9a-f]{6});")
    base = dict(named.findall(light))
    return {"light": base, "dark": {**base, **dict(named.findall(dark))}}


def luminance(colour: str) -> float:
    def linear(part: int) -> float:
        value = part / 255
        return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_the_formula_is_the_standards():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_can_be_read(theme):
    colours = themes()[theme]
    weak = [
        f"{ink} on {ground}: {ratio:.2f}"
        for ink, ground in TEXT
        if (ratio := contrast(colours[ink], colours[ground])) < 4.5
    ]
    assert not weak


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_edges_of_what_is_pressed_can_be_seen(theme):
    colours = themes()[theme]
    weak = [
        f"{edge} beside {ground}: {ratio:.2f}"
        for edge, ground in EDGES
        if (ratio := contrast(colours[edge], colours[ground])) < 3
    ]
    assert not weak


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_focus_ring_stands_out_from_every_ground(theme):
    """The ring is yellow with an edge of ink: one of the two is always far from the ground."""
    colours = themes()[theme]
    for ground in (*GROUNDS, "accent", "bad"):
        best = max(contrast(colours[part], colours[ground]) for part in ("focus", "focus-edge"))
        assert best >= 3, f"focus on {ground}: {best:.2f}"
