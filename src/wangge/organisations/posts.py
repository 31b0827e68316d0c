"""Somebody in the post they act from: what every act of the rooms above is given as `by`."""

from __future__ import annotations

from dataclasses import dataclass

from wangge.foundation.journal.actors import Actor
from wangge.organisations.roles import PUBLIC, Role


@dataclass(frozen=True)
class PostHolder(Actor):
    """An actor with a post, valid at the moment it was looked up.

    `area_prefix` is the code prefix of the area the post works for; a department's post works for the
    district its department belongs to.
    """

    user_id: int = 0
    role: Role = Role.RESIDENT
    organisation_id: int = 0
    organisation_code: str = ""
    area_prefix: str = ""
    appointment_id: int = 0

    @property
    def district(self) -> str:
        """The six digits of the district the post lies in."""
        return self.area_prefix[:6]

    @property
    def is_staff(self) -> bool:
        return self.role not in PUBLIC
