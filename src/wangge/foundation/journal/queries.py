"""Reading the journal: history of a thing, and how far the worker is behind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q, QuerySet

from wangge.foundation.journal.actors import Subject
from wangge.foundation.journal.models import Line, Wakeup


def lines_of(subject: Subject) -> QuerySet[Line]:
    """Every line of one subject, oldest first."""
    return Line.objects.filter(subject_kind=subject.kind, subject_id=subject.id).order_by("seq")


def lines_of_many(kind: str, ids: Iterable[str]) -> QuerySet[Line]:
    return Line.objects.filter(subject_kind=kind, subject_id__in=list(ids)).order_by("subject_id", "seq")


@dataclass(frozen=True)
class Backlog:
    """What the worker has still to answer. `stuck` wake-ups failed and wait for their next try."""

    waiting: int
    stuck: int
    oldest_at: datetime | None

    def age_seconds(self, at: datetime) -> float:
        return max(0.0, (at - self.oldest_at).total_seconds()) if self.oldest_at else 0.0


def backlog() -> Backlog:
    told = Wakeup.objects.aggregate(
        waiting=Count("id"), stuck=Count("id", filter=Q(attempts__gt=0)), oldest=Min("not_before")
    )
    return Backlog(told["waiting"], told["stuck"], told["oldest"])
