"""The way to one notice on somebody's behalf; a stranger's notice does not exist."""

from __future__ import annotations

from collections.abc import Collection

from wangge.foundation.notices.models import Notice, Recipient
from wangge.foundation.notices.queries import inbox


def notice_for(readers: Collection[Recipient], notice_id: int) -> Notice:
    """Raises Notice.DoesNotExist for one that is not theirs or not delivered."""
    return inbox(*readers).get(pk=notice_id)
