"""The demo's messages as stories: what was said, and how it is to be played."""

from __future__ import annotations

from dataclasses import dataclass

from wangge.cases.words import Channel
from wangge.demo.people import ACCOUNTS_FROM, MESSAGES_FROM

#: Messages of the demo account `resident`: one waiting, one dispatched, one done over, two closed.
RESIDENTS_OWN = frozenset({"T10", "C09", "H04", "F04", "R10"})


@dataclass(frozen=True)
class Story:
    """One message and how it is to be played. `outcome` is a word of `data/messages*.csv`."""

    text: str
    district: str
    channel: str = Channel.HOTLINE_12345
    request_type: str = "help"
    matter: str = ""
    priority: str = ""
    place: str = ""
    anonymous: bool = False
    confidential: bool = False
    outcome: str = "closed_solved"
    dispatch_note: str = ""
    work_notes: tuple[str, ...] = ()
    redo_notes: tuple[str, ...] = ()
    objection: str = ""
    ruling: str = ""
    other_unit: str = ""
    merge_into: str = ""
    feedback: str = ""
    contacted: bool = True
    solved: str = "solved"
    satisfaction: str = "satisfied"
    comment: str = ""
    external_no: str = ""
    key: str | None = None
    #: Who asks: the number of an invented person, and the demo account they sign in with, if they have one.
    person: int = 0
    account: str = ""


def story_of(row: dict[str, str], position: int) -> Story:
    """A row of `data/messages.csv` as a story; `data/README.md` says what its words mean."""
    own = row["key"] in RESIDENTS_OWN
    traits = set(filter(None, row["traits"].split(";")))
    solved = {"partly": "partly", "not": "not_solved"}.get(row["callback_solved"], row["callback_solved"])
    notes, redo_notes = [], []
    objection = ruling = other_unit = ""
    for step in filter(None, (part.strip() for part in row["work_notes"].split("|"))):
        marked, _, rest = step.partition("：")
        if marked == "异议":
            objection = rest
        elif marked == "裁定":
            ruling = rest
        elif marked.startswith("改派["):
            ruling, other_unit = rest, marked[3:-1]
        elif marked == "重办":
            redo_notes.append(rest)
        else:
            notes.append(step)
    return Story(
        text=row["text"],
        district=row["district"],
        channel=row["channel"],
        request_type=row["request_type"] or "help",
        matter=row["matter"],
        priority=row["priority"],
        place=row["place"],
        anonymous="anonymous" in traits,
        confidential="confidential" in traits,
        outcome=row["outcome"],
        dispatch_note=row["dispatch_note"],
        work_notes=tuple(notes),
        redo_notes=tuple(redo_notes),
        objection=objection,
        ruling=ruling,
        other_unit=other_unit,
        merge_into=next(
            (trait.partition(":")[2] for trait in traits if trait.startswith("duplicate_of:")), ""
        ),
        feedback=row["feedback"],
        contacted=row["callback_contacted"] != "no",
        solved=solved or "solved",
        satisfaction=row["callback_satisfaction"] or "no_answer",
        comment=row["comment"],
        key=f"demo-{row['key']}",
        person=ACCOUNTS_FROM if own else MESSAGES_FROM + position,
        account="resident" if own else "",
    )
