"""`wangge demo --messages FILE.csv`: any messages, through the real acts."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click

from wangge.cases.words import Channel
from wangge.demo.reading import DISTRICTS
from wangge.demo.stories import Story, Teller
from wangge.duties.models import Matter
from wangge.foundation.refusals import Refusal
from wangge.foundation.worktime.workcalendar import SHANGHAI

COLUMNS = ("text", "time", "channel", "place", "external_no")
#: How the replayed messages fare; most are done, some are still under way.
OUTCOMES = ("closed_solved",) * 6 + ("closed_partly", "redo", "in_progress", "callback_due", "dispatched")


class UnableToReplay(click.ClickException):
    """The file is not one of messages; says which row and column, and what to write."""


@dataclass(frozen=True)
class Message:
    row: int
    text: str
    at: datetime | None
    channel: str
    place: str
    external_no: str


def replay_file(path: Path, *, now: datetime, say: Callable[[str], None]) -> int:
    """Walk every message of the file; what a rule refuses is named by its row, and the rest goes on."""
    teller = Teller(now=now)
    matters = list(Matter.objects.order_by("code"))
    chance = random.Random(7)  # noqa: S311 - repeatable on purpose
    walked = 0
    for message in read_messages(path):
        matter = likely_matter(message.text, matters)
        story = Story(
            text=message.text,
            district=chance.choice(DISTRICTS),
            channel=message.channel,
            matter=matter.code,
            priority=matter.priority,
            place=message.place,
            outcome=chance.choice(OUTCOMES),
            external_no=message.external_no,
        )
        try:
            teller.tell(story, at=min(message.at, now) if message.at else None)
        except Refusal as refusal:
            say(f"  row {message.row}: {refusal.code}: {refusal}")
        else:
            walked += 1
    return walked


def read_messages(path: Path) -> Iterator[Message]:
    """The rows of a CSV with the column `text` and perhaps time, channel, place, external_no."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if not reader.fieldnames or "text" not in reader.fieldnames:
            raise UnableToReplay(
                f"{path} has no column “text” in its first row. Known columns: {', '.join(COLUMNS)}."
            )
        try:
            for number, row in enumerate(reader, start=2):
                if (row["text"] or "").strip():
                    yield _message(path, number, row)
        except UnicodeDecodeError as error:
            raise UnableToReplay(
                f"{path} is not UTF-8 (byte {error.start}); save it as UTF-8 CSV."
            ) from error


def _message(path: Path, number: int, row: dict[str, str]) -> Message:
    channel = (row.get("channel") or Channel.HOTLINE_12345).strip()
    if channel not in Channel.values:
        raise UnableToReplay(
            f"{path}, row {number}, column channel: “{channel}” is not one of {', '.join(Channel.values)}."
        )
    at = None
    if told := (row.get("time") or "").strip():
        try:
            at = datetime.fromisoformat(told)
        except ValueError:
            raise UnableToReplay(
                f"{path}, row {number}, column time: “{told}” is no time; write 2026-03-06 16:00."
            ) from None
        at = at.replace(tzinfo=SHANGHAI) if at.tzinfo is None else at
    return Message(
        number, row["text"].strip()[:4000], at, channel, (row.get("place") or "").strip()[:200],
        (row.get("external_no") or "").strip()[:80],
    )  # fmt: skip


def likely_matter(text: str, matters: list[Matter]) -> Matter:
    """The matter most of whose keywords stand in the text; the longest words weigh most."""
    return max(
        matters, key=lambda matter: (sum(len(word) for word in matter.keywords if word in text), matter.code)
    )
