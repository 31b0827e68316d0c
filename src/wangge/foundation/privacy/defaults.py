"""The numbers of this room that a deployment may change, as they are when it is set up."""

from __future__ import annotations

import tomllib
from pathlib import Path

from wangge.foundation.privacy.models import RetentionPeriod


def load_defaults() -> int:
    """Add the retention periods that are not there yet; what a deployment changed stays. Returns how many."""
    with (Path(__file__).parent / "defaults" / "retention.toml").open("rb") as file:
        periods = tomllib.load(file)
    known = set(RetentionPeriod.objects.values_list("code", flat=True))
    new = [
        RetentionPeriod(code=code, days=entry["days"]) for code, entry in periods.items() if code not in known
    ]
    RetentionPeriod.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)
