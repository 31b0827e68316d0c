"""The main job walks over real messages: letters people wrote to their governments, none of them for us.

They lie beside the checkout and carry no licence. So they are read where they are, and no word of them is
kept, shown or printed. Without the folder nothing is walked: said plainly, and a failure where CI is set.
"""

from __future__ import annotations

import csv
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from demo.conftest import AT
from wangge.cases.clocks import case_clock, leg_clock
from wangge.cases.history import events_of, replay
from wangge.cases.models import Case
from wangge.cases.states import STANDING
from wangge.config import data_folder
from wangge.demo.replay import Replayed, replay_file
from wangge.foundation.journal.queries import lines_of_many
from wangge.foundation.journal.verifying import verify_journal
from wangge.foundation.worktime.calendars import calendar_version

FILE = "dispatch_raw_train.csv"
SAMPLE = 150
CHANNELS = ("hotline_12345", "app", "walk_in", "mini_program", "superior", "media")


def folder() -> Path:
    named = os.environ.get("WANGGE_SHARED_DATA", "")
    data = Path(named) if named else data_folder.CHECKOUT.parent / "shared" / "data"
    return data / "teddy2020"


@dataclass(frozen=True)
class Letters:
    """A file of messages for the replay, and how many rows it has."""

    path: Path
    count: int


def letters(path: Path, most: int | None) -> Letters | None:
    """Title and body of so many messages as a file for `wangge demo --messages`; None without the folder.

    Those that came by hotline bring a number of their own; the others are told apart by what they say.
    """
    source = folder() / FILE
    if not source.is_file():
        return None
    with source.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    random.Random(2026).shuffle(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "time", "channel", "place", "external_no"])
        for position, row in enumerate(rows[:most]):
            channel = CHANNELS[position % len(CHANNELS)]
            number = row["msg_id"] if channel == "hotline_12345" else ""
            writer.writerow([f"{row['title']}。{row['body']}", row["time"], channel, "", number])
    return Letters(path, len(rows[:most]))


@pytest.fixture
def kept_nowhere(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "letters.csv"
    yield path
    path.unlink(missing_ok=True)


def test_a_sample_of_real_messages_walks_the_main_job(
    town_copy: None, kept_nowhere: Path, say: Callable[[str], None]
):
    assert_walks(letters(kept_nowhere, SAMPLE), say)


@pytest.mark.long
def test_all_real_messages_walk_the_main_job(town_copy: None, kept_nowhere: Path, say: Callable[[str], None]):
    assert_walks(letters(kept_nowhere, None), say)


def assert_walks(written: Letters | None, say: Callable[[str], None]) -> None:
    if written is None:
        say(f"real messages walked: 0; the folder {folder()} is not there")
        if os.environ.get("CI"):
            pytest.fail("CI walks over real messages; WANGGE_SHARED_DATA names the folder that has teddy2020")
        return
    earlier = Case.objects.count()
    said: list[str] = []
    replayed = walked(written.path, said)
    made = Case.objects.count() - earlier
    say(f"real messages walked: {made}")
    assert made > 0
    # They are years older than the demo; that they are moved into it is said.
    assert any("older than the demo" in line for line in said)
    refusals = [line[:60] for line in said if line.startswith("  row ")]
    # Each row is a case or is named.
    assert made + replayed.known + replayed.refused == written.count
    assert len(refusals) == replayed.refused + replayed.stopped + count_of_cut(said)
    assert (replayed.refused, replayed.stopped) == (0, 0), refusals[:5]
    assert verify_journal().sound
    assert astray() == []
    assert_most_went_far()
    # The same file again makes no second case of anything.
    assert walked(written.path, []) == Replayed(cases=0, stopped=0, refused=0, known=written.count)
    assert Case.objects.count() == earlier + made


def walked(path: Path, said: list[str]) -> Replayed:
    """An error here must not show what was being walked."""
    try:
        return replay_file(path, now=AT, say=said.append)
    except Exception as error:
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        where = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
        raise AssertionError(f"{type(error).__name__} at {where}") from None


def count_of_cut(said: list[str]) -> int:
    return sum("cut to" in line for line in said)


def astray() -> list[str]:
    """Numbers of cases whose row is not what their journal leads to, state and clocks."""
    found = []
    cases = Case.objects.defer("search", "text").select_related("leg__unit")
    lines: dict[str, list] = {}
    for line in lines_of_many("case", [case.number for case in cases]):
        lines.setdefault(line.subject_id, []).append(line)
    for case in cases:
        history = events_of(lines[case.number])
        clock = case_clock(history, calendar_version)
        fits = str(replay(history)) == case.state and case.dispatch_due_at == clock.dispatch.due_at
        if case.leg is not None and case.state not in STANDING:
            own = leg_clock(history, case.leg.number, calendar_version)
            promised = clock.feedback.due_at if clock.feedback else None
            fits = fits and case.feedback_due_at == promised
            fits = fits and case.leg.feedback_due_at == own.feedback.due_at
        if not fits:
            found.append(case.number)
    return found


def assert_most_went_far() -> None:
    states = Counter(Case.objects.values_list("state", flat=True))
    ended = states["closed"] + states["archived"]
    assert ended > sum(states.values()) / 2
    assert Case.objects.filter(matter=None).count() < sum(states.values()) / 10
    assert not Case.objects.filter(registered_at__gt=AT).exists()
