"""Where a person's day begins, by the post they act from."""

from __future__ import annotations

from wangge.organisations.posts import PostHolder
from wangge.organisations.roles import FIELD


def home_of(holder: PostHolder | None) -> str:
    """The url name of the first page. Every door calls its first page `home`."""
    if holder is None or not holder.is_staff:
        return "resident:home"
    return "field:home" if holder.role in FIELD else "desk:home"
