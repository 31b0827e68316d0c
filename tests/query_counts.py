"""How many statements a page takes, held against `query_baselines.json`: changing a number is a decision."""

from __future__ import annotations

import json
from pathlib import Path

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

BASELINES = Path(__file__).with_name("query_baselines.json")


def statements(client: Client, address: str) -> int:
    """What one request asks. The fewest of three: each process looks every few seconds whether the calendar,
    the borders or the limits have changed, and one of these looks may fall into any request.
    """
    counts = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as captured:
            response = client.get(address)
        assert response.status_code == 200, f"{address}: {response.status_code}"
        counts.append(len(captured))
    return min(counts)


def assert_baseline(page: str, count: int) -> None:
    """`page` is the url name. A lower count is good news too, to be written down."""
    known = json.loads(BASELINES.read_text(encoding="utf-8"))
    assert count == known.get(page), (
        f"{page} takes {count} statements, {BASELINES.name} says {known.get(page)}. "
        "Mend the page, or change the number if that is what you want."
    )
