"""The quiet hours of a new deployment."""

from __future__ import annotations

import tomllib
from pathlib import Path

from wangge.foundation.notices.models import QuietHours


def load_defaults() -> int:
    """Set the quiet hours unless the deployment has its own. Returns how many rows were added."""
    with (Path(__file__).parent / "defaults" / "quiet_hours.toml").open("rb") as file:
        hours = tomllib.load(file)
    _, added = QuietHours.objects.get_or_create(id=1, defaults=hours)
    return int(added)
