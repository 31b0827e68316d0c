"""What clients were told, what stands in the database afterwards, and what does not fit: values only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from threading import Lock
from typing import Any


class Acknowledged:
    """What was answered with success, counted at the client: the product may forget none of it."""

    def __init__(self) -> None:
        self.numbers: dict[str, set[str]] = {}  # client key: the numbers it was answered with
        self.photos: set[str] = set()  # keys of requests that came with a photo
        self.acts: set[tuple[str, str]] = set()  # number, word of the act
        self.sent: set[str] = set()  # every key that left, answered or not
        self.count = 0
        self.retried = 0
        self._lock = Lock()

    def sending(self, key: str) -> None:
        with self._lock:
            self.sent.add(key)

    def case(self, key: str, number: str, *, with_photo: bool) -> None:
        with self._lock:
            self.numbers.setdefault(key, set()).add(number)
            self.count += 1
            if with_photo:
                self.photos.add(key)

    def act(self, number: str, act: str) -> None:
        with self._lock:
            self.acts.add((number, act))
            self.count += 1

    def again(self) -> None:
        with self._lock:
            self.retried += 1


@dataclass
class CaseKept:
    """A case as the database has it: its journal in order, and what followed from each line.

    `told` holds, per line, how many notices went to the requester because of it; None where none is due.
    `unsound` says what of its row does not follow from its journal.
    """

    key: str
    number: str
    acts: list[str]
    told: list[int | None] = field(default_factory=list)
    photos_on_disk: int = 0
    unsound: str = ""


@dataclass
class Kept:
    """Everything that stands once all is quiet."""

    cases: list[CaseKept]
    findings: list[str] = field(default_factory=list)  # of `verify_journal`
    wakeups_left: int = 0
    delivered_twice: int = 0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Kept:
        return cls(**{**told, "cases": [CaseKept(**case) for case in told["cases"]]})


@dataclass
class Report:
    lost: list[str]
    doubled: list[str]
    unsound: list[str]

    def __str__(self) -> str:
        return "\n".join(f"{name}: {line}" for name, lines in asdict(self).items() for line in lines)


def compare(acknowledged: Acknowledged, kept: Kept) -> Report:
    by_number = {case.number: case for case in kept.cases}
    return Report(
        lost=[*_lost_cases(acknowledged, kept), *_lost_acts(acknowledged, by_number), *_lost_answers(kept)],
        doubled=[*_doubled_cases(acknowledged, kept), *_doubled_acts(kept), *_doubled_answers(kept)],
        unsound=[
            *kept.findings,
            *(f"{case.number}: {case.unsound}" for case in kept.cases if case.unsound),
            *(f"{case.number} came from nobody: {case.key}" for case in kept.cases
              if case.key not in acknowledged.sent),
        ],
    )  # fmt: skip


def _lost_cases(acknowledged: Acknowledged, kept: Kept) -> Iterable[str]:
    there = {(case.key, case.number): case for case in kept.cases}
    for key, numbers in sorted(acknowledged.numbers.items()):
        for number in sorted(numbers):
            case = there.get((key, number))
            if case is None:
                yield f"{number} was acknowledged for {key} and is not there"
            elif key in acknowledged.photos and not case.photos_on_disk:
                yield f"the photo of {number}"


def _lost_acts(acknowledged: Acknowledged, cases: dict[str, CaseKept]) -> Iterable[str]:
    for number, act in sorted(acknowledged.acts):
        if number not in cases or act not in cases[number].acts:
            yield f"{act} of {number} was acknowledged and is not in the journal"


def _lost_answers(kept: Kept) -> Iterable[str]:
    if kept.wakeups_left:
        yield f"{kept.wakeups_left} wake-ups were never answered"
    for case in kept.cases:
        for act, told in zip(case.acts, case.told, strict=True):
            if told == 0:
                yield f"{act} of {case.number} was never told to the requester"


def _doubled_cases(acknowledged: Acknowledged, kept: Kept) -> Iterable[str]:
    for key, count in Counter(case.key for case in kept.cases).items():
        if count > 1:
            yield f"{key} made {count} cases"
    for key, numbers in acknowledged.numbers.items():
        if len(numbers) > 1:
            yield f"{key} was answered with {', '.join(sorted(numbers))}"


def _doubled_acts(kept: Kept) -> Iterable[str]:
    for case in kept.cases:
        for act, count in Counter(case.acts).items():
            if count > 1:
                yield f"{act} of {case.number} stands {count} times in the journal"


def _doubled_answers(kept: Kept) -> Iterable[str]:
    if kept.delivered_twice:
        yield f"{kept.delivered_twice} notices were delivered twice"
    for case in kept.cases:
        for act, told in zip(case.acts, case.told, strict=True):
            if told is not None and told > 1:
                yield f"{act} of {case.number} was told the requester {told} times"
