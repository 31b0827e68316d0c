"""Who plays which part in the demo's stories: the holders of the posts, read once."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from datetime import datetime

from wangge.cases.models import Case
from wangge.foundation.accounts.models import User
from wangge.organisations.authority import ACTS_FOR_UNIT
from wangge.organisations.posts import PostHolder
from wangge.organisations.queries import holder_of, in_force, posts_of
from wangge.organisations.roles import Role

#: Who answers for a unit first, if it has several.
_UNIT_ORDER = (
    Role.DEPARTMENT_HANDLER,
    Role.COMMUNITY_WORKER,
    Role.TOWN_DISPATCHER,
    Role.COMMUNITY_SECRETARY,
    Role.DEPARTMENT_LEAD,
    Role.TOWN_LEADER,
    Role.GRID_LEAD,
)


class Players:
    """Every post that is held at the moment, kept for the length of a seeding."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._over: dict[tuple[str, Role], PostHolder] = {}
        self._of: dict[int, list[PostHolder]] = defaultdict(list)
        for holder in map(holder_of, in_force(at).order_by("pk")):
            self._over.setdefault((holder.area_prefix, holder.role), holder)
            if holder.role in ACTS_FOR_UNIT:
                self._of[holder.organisation_id].append(holder)

    def over(self, area_code: str, role: Role) -> PostHolder:
        """The holder of a role over an area, the nearest one; for a grid's own worker give the grid."""
        for length in range(len(area_code), 3, -1):
            if (found := self._over.get((area_code[:length], role))) is not None:
                return found
        raise LookupError(f"Nobody in the demo is {role} over {area_code}.")

    def over_or(self, area_code: str, role: Role, otherwise: PostHolder) -> PostHolder:
        """The same, or somebody else where nobody holds such a post."""
        try:
            return self.over(area_code, role)
        except LookupError:
            return otherwise

    def account(self, username: str) -> PostHolder:
        """The first post of a demo account."""
        return posts_of(User.objects.get(username=username).pk, self._at)[0]

    def intake(self, case: Case) -> PostHolder:
        return self.over(case.district, Role.CENTER_INTAKE)

    def supervisor(self, case: Case) -> PostHolder:
        return self.over(case.district, Role.CENTER_SUPERVISOR)

    def caller(self, case: Case) -> PostHolder:
        return self.over(case.district, Role.CALLBACK_AGENT)

    def officer(self, case: Case) -> PostHolder:
        """Somebody who acts for the unit that leads the case."""
        found = self._of.get(case.lead_unit_id or 0)
        if not found:
            raise LookupError(f"Nobody in the demo acts for the unit of {case.number}.")
        return min(found, key=lambda holder: _UNIT_ORDER.index(holder.role))

    def checker(self, case: Case) -> PostHolder:
        """The grid's worker where the grid is known and its committee does not lead, else the desk."""
        if case.grid:
            with contextlib.suppress(LookupError):
                worker = self.over(case.grid, Role.GRID_WORKER)
                if worker.organisation_id != case.lead_unit_id:
                    return worker
        return self.intake(case)
