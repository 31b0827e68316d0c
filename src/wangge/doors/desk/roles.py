"""Which roles may open which pages of the desk: data the guards and the menu share.

What somebody sees on a page, and which row they may open, is for the rooms to say.
"""

from __future__ import annotations

from wangge.organisations.authority import MAY
from wangge.organisations.roles import CENTER, COMMUNITY, DEPARTMENT, FIELD, PUBLIC, TOWN, Role

#: Everybody with a desk. Grid workers have a phone instead (doors/field).
DESK = frozenset(set(Role) - PUBLIC - FIELD)

#: Cases wait for them.
QUEUE = CENTER | COMMUNITY | DEPARTMENT | {Role.CALLBACK_AGENT, Role.TOWN_DISPATCHER}

#: May look up cases, each as far as `cases.access.visibility` lets them.
CASES = QUEUE | {
    Role.TOWN_LEADER,
    Role.DISTRICT_LEADER,
    Role.JOINT_MEETING_OFFICE,
    Role.AUDITOR,
}

#: Take requests in for others.
REGISTER = frozenset(role for role in DESK if "case.register" in MAY[role])

#: Read how a whole area stands.
OVERVIEW = TOWN | CENTER | {Role.DISTRICT_LEADER, Role.JOINT_MEETING_OFFICE}

#: Keep watch over what communities are asked to do.
ADMISSIONS = frozenset({Role.RELIEF_OFFICE, Role.ADMISSION_REVIEWER})

#: Keep watch over looks at personal data.
LOOKS = frozenset({Role.PRIVACY_OFFICER, Role.AUDITOR})


def who_may(act: str) -> frozenset[Role]:
    """The roles with a desk whose duties include an act on cases."""
    return frozenset(role for role in DESK if f"case.{act}" in MAY[role])


#: May look at the requester's contact at some stage of some case.
CONTACT = who_may("reveal")

#: Where the day of each role begins.
HOMES: dict[Role, str] = {
    **dict.fromkeys(QUEUE, "desk:queue"),
    Role.TOWN_LEADER: "desk:overview",
    Role.DISTRICT_LEADER: "desk:overview",
    Role.JOINT_MEETING_OFFICE: "desk:overview",
    Role.RELIEF_OFFICE: "desk:admissions",
    Role.ADMISSION_REVIEWER: "desk:admissions",
    Role.PRIVACY_OFFICER: "desk:looks",
    Role.SYSTEM_ADMIN: "desk:accounts",
    Role.SECURITY_ADMIN: "desk:security",
    Role.AUDITOR: "desk:journal",
}
