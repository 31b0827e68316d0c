"""A notice in somebody's inbox."""

from __future__ import annotations

from datetime import timedelta

from town import Town, recently
from wangge.foundation.journal.actors import Subject
from wangge.foundation.notices.actions import deliver_due, send
from wangge.foundation.notices.models import Notice, Recipient, RecipientKind


def told(town: Town, name: str, number: str, *, hours: float = 2, key: str = "k") -> Notice:
    notice = send(
        to=Recipient(RecipientKind.POST, town.people[name].holder.post_id), template="field.check",
        params={"no": number}, about=Subject("case", number), at=recently(hours), key=key, urgent=True,
    )  # fmt: skip
    deliver_due(at=recently(hours) + timedelta(seconds=1))
    notice.refresh_from_db()
    return notice
