"""Who acted, from which post, on what: opaque to the journal, which knows no room by name."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Actor:
    """Somebody in the post they act from.

    `label` and `post_label` are codes ("230717001.town_dispatcher"), never names of people: lines
    are kept for ten years and cannot be erased.
    """

    kind: str
    id: str
    label: str = ""
    post_kind: str = ""
    post_id: str = ""
    post_label: str = ""

    @classmethod
    def system(cls, part: str) -> Actor:
        """The product itself, e.g. `Actor.system("timetable")`."""
        return cls(kind="system", id=part)

    def bare(self) -> Actor:
        """The same actor as a plain value, whatever subclass carried it here."""
        return Actor(self.kind, self.id, self.label, self.post_kind, self.post_id, self.post_label)

    def without_post(self) -> Actor:
        return replace(self.bare(), post_kind="", post_id="", post_label="")


@dataclass(frozen=True, order=True)
class Subject:
    """The thing a line is about, e.g. `Subject("case", "230717-20260306-00017")`."""

    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.id}"
