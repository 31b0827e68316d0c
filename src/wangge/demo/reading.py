"""The demo's own data files, read once."""

from __future__ import annotations

import csv
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
DISTRICTS = ("230717", "230718", "230719")


@cache
def toml(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


@cache
def messages() -> tuple[dict[str, str], ...]:
    """The messages written for the demo, in the order of their files."""
    rows: list[dict[str, str]] = []
    for path in sorted(DATA.glob("messages*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows += list(csv.DictReader(file))
    return tuple(rows)
