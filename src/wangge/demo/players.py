"""Who plays which part in the demo's stories: the holders of the posts, looked up once."""

from __future__ import annotations

from datetime import datetime

from wangge.cases.models import Case
from wangge.organisations.authority import ACTS_FOR_UNIT
from wangge.organisations.models import Organisation
from wangge.organisations.posts import PostHolder
from wangge.organisations.queries import holders, holders_over
from wangge.organisations.roles import Role

#: Who answers for a unit first, if it has several.
_UNIT_ORDER = (
    Role.DEPARTMENT_HANDLER,
    Role.COMMUNITY_WORKER,
    Role.TOWN_DISPATCHER,
    Role.COMMUNITY_SECRETARY,
    Role.DEPARTMENT_LEAD,
)


class Players:
    """Looks posts up in the database and remembers them for the length of a seeding."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._over: dict[tuple[str, Role], PostHolder] = {}
        self._of: dict[int, PostHolder] = {}

    def over(self, area_code: str, role: Role) -> PostHolder:
        """The holder of a role over an area; for a grid's own worker give the grid."""
        key = (area_code, role)
        if key not in self._over:
            found = holders_over(area_code, [role], self._at)
            if not found:
                raise LookupError(f"Nobody in the demo is {role} over {area_code}.")
            self._over[key] = max(found, key=lambda holder: len(holder.area_prefix))
        return self._over[key]

    def intake(self, case: Case) -> PostHolder:
        return self.over(case.district, Role.CENTER_INTAKE)

    def supervisor(self, case: Case) -> PostHolder:
        return self.over(case.district, Role.CENTER_SUPERVISOR)

    def caller(self, case: Case) -> PostHolder:
        return self.over(case.district, Role.CALLBACK_AGENT)

    def leader(self, case: Case) -> PostHolder:
        return self.over(case.district, Role.DISTRICT_LEADER)

    def officer_of(self, unit: Organisation) -> PostHolder:
        """Somebody who acts for the unit."""
        if unit.pk not in self._of:
            found = holders(unit.pk, ACTS_FOR_UNIT, self._at)
            if not found:
                raise LookupError(f"Nobody in the demo acts for {unit.code}.")
            self._of[unit.pk] = min(found, key=lambda holder: _rank(holder.role))
        return self._of[unit.pk]

    def officer(self, case: Case) -> PostHolder:
        if case.lead_unit is None:
            raise LookupError(f"{case.number} has no unit.")
        return self.officer_of(case.lead_unit)

    def checker(self, case: Case) -> PostHolder:
        """The grid's worker where the grid is known, else the desk."""
        if case.grid and (case.lead_unit is None or case.lead_unit.kind != "community"):
            try:
                return self.over(case.grid, Role.GRID_WORKER)
            except LookupError:
                pass
        return self.intake(case)


def _rank(role: Role) -> int:
    return _UNIT_ORDER.index(role) if role in _UNIT_ORDER else len(_UNIT_ORDER)
