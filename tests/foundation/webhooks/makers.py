"""Lines and subscriptions as the acts make them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from wangge.foundation.journal.actions import append
from wangge.foundation.journal.actors import Actor, Subject
from wangge.foundation.journal.models import Line
from wangge.foundation.webhooks.actions import Party, enqueue, subscribe
from wangge.foundation.webhooks.models import Subscription
from wangge.foundation.webhooks.queries import wanting

AT = datetime(2026, 3, 6, 1, 0, tzinfo=UTC)
CLERK = Actor("user", "7")
OWNER = Party("token", "1")


def make_subscription(url: str, **told: Any) -> Subscription:
    given: dict[str, Any] = {"owner": OWNER, "contact": Party("post", "3"), "at": AT, "by": CLERK, **told}
    return subscribe(url=url, **given)


def happen(act: str = "case.signed", *, number: int = 1, area: str = "230717001001", unit: str = "") -> Line:
    """Something happens to a thing, and those who want to hear of it are to be told."""
    with transaction.atomic():
        subject = Subject("case", f"230717-20260306-{number:05d}")
        done = append(act=act, subject=subject, by=CLERK, at=AT, facts={"to": "in_progress"})
    line = Line.objects.get(pk=done.id)
    enqueue(line=line, to=wanting(act), area_code=area, unit=unit, data={"area": area})
    return line
