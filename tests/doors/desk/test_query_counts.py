"""Each page takes as many statements with fifty cases behind it as with five, and as many as agreed."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse

import makers
import town as places
from query_counts import assert_baseline, statements
from town import Town, recently
from wangge.cases.states import State

#: Page, who reads it, and what its address ends in.
LISTS = [
    ("desk:queue", "chen", ""),
    ("desk:queue", "wu", ""),
    ("desk:cases", "chen", ""),
    ("desk:cases", "wu", ""),
    ("desk:cases", "song", "?open_only=on"),
    ("desk:overview", "song", ""),
    ("desk:overview", "han", ""),
    ("desk:journal", "cai", ""),
    ("desk:looks", "peng", ""),
    ("desk:accounts", "lu", ""),
    ("desk:security", "jiang", ""),
    ("desk:admissions", "cao", ""),
    ("desk:duties", "chen", ""),
    ("desk:organisations", "chen", ""),
    ("desk:areas", "chen", ""),
    ("desk:notices", "chen", ""),
    ("desk:register", "chen", ""),
    ("desk:exports", "chen", ""),
    ("desk:exports", "peng", ""),
    ("desk:export_ask", "chen", "?list=cases"),
]
STATES = [State.REGISTERED, State.TO_DISPATCH, State.DISPATCHED, State.IN_PROGRESS, State.CALLBACK_DUE]
GRIDS = [places.GRID, places.SECOND_GRID, places.THIRD_GRID, places.NEXT_GRID]


def fill(town: Town, count: int) -> None:
    for number in range(count):
        makers.make_case(
            town, STATES[number % len(STATES)], at=recently(9) + timedelta(minutes=number),
            step=timedelta(minutes=1), area_code=GRIDS[number % len(GRIDS)],
            matter="pipe" if number % 3 == 0 else "lamp",
        )  # fmt: skip


def measure(town: Town) -> dict[str, int]:
    return {
        f"{page}{query} ({name})": statements(town.client(name), reverse(page) + query)
        for page, name, query in LISTS
    }


def test_lists_take_as_many_statements_with_fifty_cases_as_with_five(town: Town) -> None:
    fill(town, 5)
    few = measure(town)
    fill(town, 45)
    assert measure(town) == few
    for page, count in few.items():
        assert_baseline(page, count)


def test_the_page_of_a_case_takes_as_many_however_long_its_history(town: Town) -> None:
    counts = {}
    for state in (State.DISPATCHED, State.IN_PROGRESS):
        case = makers.make_case(town, state, at=recently(9))
        counts[state] = statements(town.client("cai"), reverse("desk:case", args=[case.number]))
    for _ in range(12):
        case = makers.reloaded(case)
        town.client("wu").post(
            reverse("desk:handle", args=[case.number]), {"seen_version": case.version, "text": "已到现场。"}
        )
    counts["long"] = statements(town.client("cai"), reverse("desk:case", args=[case.number]))
    assert len(set(counts.values())) == 1
    assert_baseline("desk:case (cai)", counts["long"])
