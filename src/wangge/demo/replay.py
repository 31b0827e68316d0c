"""`wangge demo --messages FILE.csv`: any messages, through the real acts.

The whole file is read before the first message is acted on, so a file with a mistake leaves nothing behind.
A second run of the same file, or of a longer one, only adds what is new.
"""

from __future__ import annotations

import csv
import hashlib
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import click
from django.db import transaction

from wangge.cases.models import Case
from wangge.cases.moves import LONGEST_TEXT
from wangge.cases.words import Channel
from wangge.demo.guessing import Guesser
from wangge.demo.people import REPLAYED_FROM
from wangge.demo.reading import DISTRICTS
from wangge.demo.stories import Story
from wangge.demo.telling import Teller, where_in
from wangge.foundation.refusals import Refusal
from wangge.foundation.worktime.workcalendar import SHANGHAI
from wangge.territory.queries import place_candidates

COLUMNS = ("text", "time", "channel", "place", "external_no")
#: How the replayed messages fare; most are done, some are still under way.
OUTCOMES = ("closed_solved",) * 6 + ("closed_partly", "redo", "in_progress", "callback_due", "dispatched")
#: The demo's posts, grids and matters reach back this far and a little more.
OLDEST = timedelta(days=90)
LONGEST_PLACE, LONGEST_EXTERNAL_NO = 200, 80
#: A field may be as long as a letter, not as a book.
LONGEST_FIELD = 1_000_000
SAY_EVERY = 200


class UnableToReplay(click.ClickException):
    """The file is not one of messages; says which row and column, and what to write."""


@dataclass(frozen=True)
class Message:
    """One row. `row` counts as a spreadsheet does: the first row holds the names of the columns."""

    row: int
    text: str
    at: datetime | None
    channel: str
    place: str
    external_no: str
    #: The same for the same message in a later run, whatever row it has come to stand in.
    key: str


@dataclass(frozen=True)
class Replayed:
    """What became of a file: new cases, those that a rule stopped on the way, rows that made none."""

    cases: int
    stopped: int
    refused: int
    known: int


def replay_file(path: Path, *, now: datetime, say: Callable[[str], None]) -> Replayed:
    """Read the file, then walk its messages."""
    return replay_messages(read_messages(path, now=now, say=say), now=now, say=say)


def replay_messages(messages: list[Message], *, now: datetime, say: Callable[[str], None]) -> Replayed:
    """Walk every message; what a rule refuses is named by its row, and the rest goes on."""
    teller = Teller(now=now)
    guesser = Guesser(teller.matters.values())
    known = set(Case.objects.filter(client_key__startswith="replay-").values_list("client_key", flat=True))
    counts: Counter[str] = Counter()
    for position, message in enumerate(messages, start=1):
        if message.key in known:
            counts["known"] += 1
        else:
            counts[_walk(teller, guesser, message, now, say)] += 1
        if position % SAY_EVERY == 0:
            say(f"  {position} of {len(messages)} messages")
    return Replayed(
        cases=counts["walked"] + counts["stopped"],
        stopped=counts["stopped"],
        refused=counts["refused"],
        known=counts["known"],
    )


def _walk(
    teller: Teller, guesser: Guesser, message: Message, now: datetime, say: Callable[[str], None]
) -> str:
    """One message in one transaction: it is registered or refused; a later refusal leaves it where it was."""
    story = _story_of(message, guesser)
    try:
        with transaction.atomic():
            telling = teller.begin(story, at=_in_the_demo(message, now))
            if telling.known:
                say(f"  row {message.row}: {message.external_no} is {telling.case.number} already")
                return "known"
            became = "walked"
            try:
                telling.play()
            except Refusal as refusal:
                say(f"  row {message.row}: {telling.case.number} stops at {telling.case.state}: {refusal}")
                became = "stopped"
            teller.settle(telling.case)
            return became
    except Refusal as refusal:
        say(f"  row {message.row}, column {refusal.field or 'text'}: {refusal}")
        return "refused"


def _story_of(message: Message, guesser: Guesser) -> Story:
    chance = random.Random(message.key)  # noqa: S311 - repeatable on purpose
    hits = place_candidates(where_in(message.text, message.place), limit=1)
    district = hits[0].area_code[:6] if hits else ""
    matter = guesser.guess(message.text)
    return Story(
        text=message.text,
        district=district if district in DISTRICTS else chance.choice(DISTRICTS),
        channel=message.channel,
        matter=matter.code if matter else "",
        priority=matter.priority if matter else "",
        place=message.place,
        # Without a word of the catalogue in it a message waits for somebody who reads it.
        outcome=chance.choice(OUTCOMES) if matter else "screening",
        external_no=message.external_no,
        key=message.key,
        person=REPLAYED_FROM + chance.randrange(3000),
    )


def _in_the_demo(message: Message, now: datetime) -> datetime | None:
    """The message's time; one from before the demo keeps its hour on a day of the demo's."""
    if message.at is None or message.at >= now - OLDEST:
        return message.at
    days = random.Random(message.key).randrange(2, OLDEST.days - 1)  # noqa: S311 - repeatable on purpose
    local = message.at.astimezone(SHANGHAI)
    day = now.astimezone(SHANGHAI) - timedelta(days=days)
    return day.replace(hour=local.hour, minute=local.minute, second=local.second, microsecond=0)


# --- reading --------------------------------------------------------------------------------------


def read_messages(path: Path, *, now: datetime, say: Callable[[str], None]) -> list[Message]:
    """The rows of a CSV with the column `text` and perhaps time, channel, place, external_no.

    UnableToReplay names the row and column of the first mistake. Blank rows are named and left out, texts
    beyond the longest a case holds are named and cut.
    """
    seen: Counter[str] = Counter()
    messages: list[Message] = []
    numbered: dict[str, int] = {}
    for number, row in _rows(path, say):
        message = _message(path, number, row, seen, now, say)
        if message is None:
            continue
        first = numbered.setdefault(message.key, number)
        if first == number:
            messages.append(message)
        else:
            say(f"  row {number}, column external_no: the same as in row {first}; left out")
    if not messages:
        raise UnableToReplay(f"{path}, row 2, column text: there is no message below the first row.")
    old = sum(message.at is not None and message.at < now - OLDEST for message in messages)
    if old:
        say(
            f"  {old} messages are older than the demo, which begins {now - OLDEST:%Y-%m-%d}; "
            "each keeps its hour, on a day since."
        )
    return messages


def _rows(path: Path, say: Callable[[str], None]) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(StringIO(_text_of(path), newline=""), strict=True)
    before = csv.field_size_limit(LONGEST_FIELD)  # one limit for the whole process
    number = 0
    try:
        names = [name.strip() for name in next(reader, [])]
        _check_names(path, names, say)
        for number, cells in enumerate(reader, start=2):
            if len(cells) > len(names):
                raise UnableToReplay(
                    f"{path}, row {number}: {len(cells)} columns, but the first row names {len(names)}. "
                    "Put quotation marks around a text that holds commas."
                )
            yield number, dict(zip(names, cells, strict=False))
    except csv.Error as error:
        raise UnableToReplay(
            f"{path}, row {number + 1}: this is no CSV from line {reader.line_num} on ({error}). "
            "Put quotation marks around texts with commas, and double those inside."
        ) from None
    finally:
        csv.field_size_limit(before)


def _text_of(path: Path) -> str:
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        until_there = content[: error.start].decode("utf-8-sig") + "?"
        before = list(csv.reader(StringIO(until_there, newline="")))
        place = f"row {len(before)}"
        if len(before) > 1 and len(before[-1]) <= len(before[0]):
            place += f", column {before[0][len(before[-1]) - 1]}"
        raise UnableToReplay(
            f"{path}, {place}: this is not UTF-8 (byte {error.start}); perhaps it is GBK. "
            "Save it as “CSV UTF-8”."
        ) from None


def _check_names(path: Path, names: list[str], say: Callable[[str], None]) -> None:
    known = f"Known columns: {', '.join(COLUMNS)}."
    if not any(names):
        raise UnableToReplay(f"{path}, row 1: the file is empty; write the names of the columns. {known}")
    if "text" not in names:
        raise UnableToReplay(f"{path}, row 1: there is no column “text”. {known}")
    for name in COLUMNS:
        if names.count(name) > 1:
            raise UnableToReplay(f"{path}, row 1: there are two columns “{name}”. Keep one.")
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        say(f"  left out, as the demo knows no such column: {', '.join(unknown)}")


def _message(
    path: Path,
    number: int,
    row: dict[str, str],
    seen: Counter[str],
    now: datetime,
    say: Callable[[str], None],
) -> Message | None:
    cells = {name: row.get(name, "").replace("\x00", "").strip() for name in COLUMNS}
    if not any(cells.values()):
        return None  # the empty row at the end of many a file
    if not cells["text"]:
        say(f"  row {number}, column text: empty; left out")
        return None
    if len(cells["text"]) > LONGEST_TEXT:
        say(f"  row {number}, column text: {len(cells['text'])} characters, cut to {LONGEST_TEXT}")
    for name, longest in (("place", LONGEST_PLACE), ("external_no", LONGEST_EXTERNAL_NO)):
        if len(cells[name]) > longest:
            raise UnableToReplay(
                f"{path}, row {number}, column {name}: {len(cells[name])} characters; "
                f"write at most {longest}."
            )
    channel = cells["channel"] or Channel.HOTLINE_12345.value
    if channel not in Channel.values:
        raise UnableToReplay(
            f"{path}, row {number}, column channel: “{channel[:40]}” is not one of "
            f"{', '.join(Channel.values)}."
        )
    return Message(
        row=number,
        text=cells["text"][:LONGEST_TEXT],
        at=_moment(path, number, cells["time"], now),
        channel=channel,
        place=cells["place"],
        external_no=cells["external_no"],
        key=_key(cells, channel, seen),
    )


def _moment(path: Path, number: int, told: str, now: datetime) -> datetime | None:
    if not told:
        return None
    try:
        at = datetime.fromisoformat(told)
    except ValueError:
        raise UnableToReplay(
            f"{path}, row {number}, column time: “{told[:40]}” is no time; write 2026-03-06 16:00."
        ) from None
    at = at.replace(tzinfo=SHANGHAI) if at.tzinfo is None else at
    if at > now:
        raise UnableToReplay(f"{path}, row {number}, column time: {told} is still to come.")
    return at


def _key(cells: dict[str, str], channel: str, seen: Counter[str]) -> str:
    """By its external number, else by what it says; the second that says the same is another message."""
    told = (channel, cells["external_no"]) if cells["external_no"] else tuple(cells.values())
    digest = hashlib.sha256("\x1f".join(told).encode()).hexdigest()[:40]
    if not cells["external_no"]:
        seen[digest] += 1
    return f"replay-{digest}" + (f"-{seen[digest]}" if seen[digest] > 1 else "")
