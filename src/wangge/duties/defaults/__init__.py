"""What a new deployment starts with: the families of matters. Matters and rules are its own to enter."""

from __future__ import annotations

import tomllib
from pathlib import Path

from wangge.duties.models import Category


def load_defaults() -> None:
    """Add the categories that are missing; what a deployment changed is left as it is."""
    told = tomllib.loads((Path(__file__).parent / "categories.toml").read_text(encoding="utf-8"))
    Category.objects.bulk_create(
        [
            Category(code=code, name=entry["name"], name_en=entry["name_en"], position=position)
            for position, (code, entry) in enumerate(told.items(), start=1)
        ],
        ignore_conflicts=True,
    )
