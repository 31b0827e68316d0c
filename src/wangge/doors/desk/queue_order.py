"""The queue in the order of its promises: what is due soonest stands first, so what is late leads.

Keyset paging: the place in the list is found by (due, id), nothing is skipped over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import models
from django.db.models import F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from wangge.cases.models import Case
from wangge.cases.states import AT_DESK, WITH_UNIT, State

#: Where no promise runs, after everything that has one.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
_RUNNING = sorted(WITH_UNIT - {State.PAUSED, State.SHELVED})


@dataclass(frozen=True)
class Bookmark:
    """Where one page ends: the promise and the id of its last case."""

    due_at: datetime
    id: int

    @classmethod
    def read(cls, text: str) -> Bookmark | None:
        """The bookmark in an address, or None for what is none."""
        due, _, number = text.partition("_")
        try:
            return cls(datetime.fromtimestamp(int(due) / 1_000_000, UTC), int(number))
        except (ValueError, OverflowError, OSError):
            return None

    def __str__(self) -> str:
        return f"{round(self.due_at.timestamp() * 1_000_000)}_{self.id}"


@dataclass(frozen=True)
class QueuePage:
    cases: list[Case]
    earlier: Bookmark | None
    later: Bookmark | None


def queue_page(
    cases: QuerySet[Case], *, after: Bookmark | None = None, before: Bookmark | None = None, size: int = 20
) -> QueuePage:
    """The `size` cases after (or before) a bookmark, in the order of their promises."""
    ordered = cases.select_related("lead_unit", "matter", "leg").annotate(
        promised_at=Coalesce(
            models.Case(
                When(state__in=sorted(AT_DESK), then=F("dispatch_due_at")),
                When(state__in=_RUNNING, then=F("feedback_due_at")),
            ),
            Value(NEVER),
            output_field=models.DateTimeField(),
        )
    )
    found: list[Case]
    if before is not None:
        found = list(
            ordered.filter(
                Q(promised_at__lt=before.due_at) | Q(promised_at=before.due_at, id__lt=before.id)
            ).order_by("-promised_at", "-id")[: size + 1]
        )
        more_before, more_after = len(found) > size, True
        found = found[:size][::-1]
    else:
        if after is not None:
            ordered = ordered.filter(
                Q(promised_at__gt=after.due_at) | Q(promised_at=after.due_at, id__gt=after.id)
            )
        found = list(ordered.order_by("promised_at", "id")[: size + 1])
        more_before, more_after = after is not None, len(found) > size
        found = found[:size]
    return QueuePage(
        found,
        earlier=_bookmark(found[0]) if found and more_before else None,
        later=_bookmark(found[-1]) if found and more_after else None,
    )


def _bookmark(case: Case) -> Bookmark:
    promised_at: datetime = case.promised_at  # type: ignore[attr-defined]  # annotated above
    return Bookmark(promised_at, case.pk)
