"""kill -9 of web servers, workers and databases amid intake and dispatch: nothing lost, nothing doubled."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from kills.killing import BusyTown, plan
from kills.record import compare
from serving import House

SEED = os.environ.get("WANGGE_KILLS_SEED", "20260306")
ALL = int(os.environ.get("WANGGE_KILLS", "200"))


def test_a_tenth_of_the_kills(house: House, say: Callable[[str], None]) -> None:
    _kill(house, ALL // 10, say)


@pytest.mark.long
def test_all_kills(house: House, say: Callable[[str], None]) -> None:
    _kill(house, ALL, say)


def _kill(house: House, kills: int, say: Callable[[str], None]) -> None:
    say(f"kills: seed {SEED} (WANGGE_KILLS_SEED)")
    with BusyTown(house, SEED) as town:
        for kind in plan(kills, SEED):
            town.kill(kind)
        kept = town.come_to_rest()
    told, killed = town.told, town.killed
    report = compare(told, kept)
    say(
        f"kills: {killed.total()} (web {killed['web']}, worker {killed['worker']},"
        f" database {killed['database']}), acknowledged: {told.count}, sent again: {told.retried},"
        f" lost: {len(report.lost)}, doubled: {len(report.doubled)}"
    )
    assert killed.total() == kills
    assert told.retried, "no kill met anybody's work"
    assert not str(report), report
