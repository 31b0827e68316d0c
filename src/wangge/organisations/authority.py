"""Which role may do which act at all, and over which areas.

Whether the act fits the state of the thing, and whether the actor stands in the right relation to it
(its handling unit, its requester …), is for the room that owns the thing to say. Here is only the
duty that comes with a post. Acts are named `<thing>.<verb>`.
"""

from __future__ import annotations

from wangge.organisations.posts import PostHolder
from wangge.organisations.roles import COMMUNITY, DEPARTMENT, FIELD, Role

_REGISTER = {"case.register"}
_SCREEN = {"case.start_screening", "case.inform", "case.answer", "case.classify", "case.merge"}
_DISPATCH = {"case.dispatch"}
_HANDLE = {"case.sign", "case.object", "case.handle", "case.feed_back", "case.assign_assist", "case.assist"}
_RULE = {"case.uphold", "case.reassign"}
_CHECK = {"case.verify", "case.pass", "case.reject_feedback"}
_CALL_BACK = {"case.call_back"}

MAY: dict[Role, frozenset[str]] = {
    Role.RESIDENT: frozenset(_REGISTER),
    Role.REPORTER: frozenset(_REGISTER),
    Role.VOLUNTEER: frozenset(_REGISTER),
    Role.IN_SERVICE_MEMBER: frozenset(_REGISTER),
    Role.GRID_WORKER: frozenset(_REGISTER | {"case.pass", "case.reject_feedback"}),
    Role.PART_TIME_GRID_WORKER: frozenset(_REGISTER | {"case.pass", "case.reject_feedback"}),
    Role.GRID_LEAD: frozenset(_REGISTER | _HANDLE),
    Role.COMMUNITY_SECRETARY: frozenset(_REGISTER | _HANDLE),
    Role.COMMUNITY_WORKER: frozenset(_REGISTER | _HANDLE),
    Role.TOWN_DISPATCHER: frozenset(_REGISTER | _SCREEN | _DISPATCH | _HANDLE | {"case.verify"}),
    Role.TOWN_LEADER: frozenset({"case.extend"}),
    Role.DEPARTMENT_HANDLER: frozenset(_HANDLE),
    Role.DEPARTMENT_LEAD: frozenset(_HANDLE),
    Role.CENTER_INTAKE: frozenset(_REGISTER | _SCREEN | _DISPATCH | _CHECK),
    Role.CENTER_SUPERVISOR: frozenset(
        _RULE
        | _CHECK
        | {"case.extend", "case.pause", "case.resume", "case.shelve", "case.reactivate", "case.redo_judge"}
    ),
    Role.CALLBACK_AGENT: frozenset(_CALL_BACK),
    Role.JOINT_MEETING_OFFICE: frozenset(),
    Role.RELIEF_OFFICE: frozenset(),
    Role.ADMISSION_REVIEWER: frozenset(),
    Role.DISTRICT_LEADER: frozenset({"case.shelve", "case.end_shelving"}),
    Role.PRIVACY_OFFICER: frozenset(),
    Role.SYSTEM_ADMIN: frozenset(),
    Role.SECURITY_ADMIN: frozenset(),
    Role.AUDITOR: frozenset(),
}

#: Who belongs to a body that can be made to act, and acts for it as a whole.
ACTS_FOR_UNIT = COMMUNITY | DEPARTMENT | {Role.TOWN_DISPATCHER, Role.TOWN_LEADER}

#: Who works for an area through its desk rather than for one unit.
ACTS_FOR_AREA = FIELD | {
    Role.GRID_LEAD,
    Role.COMMUNITY_SECRETARY,
    Role.COMMUNITY_WORKER,
    Role.TOWN_DISPATCHER,
    Role.TOWN_LEADER,
    Role.CENTER_INTAKE,
    Role.CENTER_SUPERVISOR,
    Role.CALLBACK_AGENT,
    Role.DISTRICT_LEADER,
    Role.JOINT_MEETING_OFFICE,
    Role.AUDITOR,
    Role.PRIVACY_OFFICER,
}


def may(holder: PostHolder, act: str) -> bool:
    """Is this act among the duties of the post at all?"""
    return act in MAY[holder.role]


def covers(holder: PostHolder, area_code: str) -> bool:
    """Does the post's area hold this place? The tree of areas is the tree of code prefixes."""
    return bool(holder.area_prefix) and area_code.startswith(holder.area_prefix)
