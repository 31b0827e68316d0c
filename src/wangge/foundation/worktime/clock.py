"""The only place where the time of day is read. Doors call it and hand the moment inwards as `at`."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)
