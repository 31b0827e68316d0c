"""Which role may do which act at all, and over which areas (domain notes §2, read row by row).

Whether the act fits the state of the thing, and whether the actor stands in the right relation to it
(its handling unit, its requester …), is for the room that owns the thing to say. Here is only the
duty that comes with a post. Acts are named `<thing>.<verb>`; acts of the clock (`case.auto_sign`,
`case.archive`) are nobody's duty.
"""

from __future__ import annotations

from wangge.organisations.posts import PostHolder
from wangge.organisations.roles import COMMUNITY, DEPARTMENT, FIELD, TOWN, Role

_REGISTER = {"case.register"}
#: What somebody may do with a request of their own.
_OWN = {"case.ask_review", "case.rate", "case.reopen", "case.withdraw"}
_SCREEN = {"case.start_screening", "case.inform", "case.answer", "case.classify", "case.merge"}
_DISPATCH = {"case.dispatch"}
_RULE = {"case.uphold", "case.reassign"}
_HANDLE = {
    "case.sign", "case.object", "case.handle", "case.assign_assist", "case.assist", "case.feed_back",
}  # fmt: skip
#: Looking at what a unit says it has done.
_LOOK = {"case.pass", "case.reject_feedback"}
_CHECK = _LOOK | {"case.verify"}
#: Seeing a requester's contact, with a purpose, journalled and shown to the requester.
_REVEAL = {"case.reveal"}

MAY: dict[Role, frozenset[str]] = {
    # People who take part. An errand-runner's or volunteer's own request is a request like any other.
    Role.RESIDENT: frozenset(_REGISTER | _OWN),
    Role.REPORTER: frozenset(_REGISTER | _OWN),
    Role.VOLUNTEER: frozenset(_REGISTER | _OWN),
    Role.IN_SERVICE_MEMBER: frozenset(_REGISTER | _OWN),
    # "Report, verify on site": full-time workers may see whom to visit while the case is there to check.
    Role.GRID_WORKER: frozenset(_REGISTER | _LOOK | _REVEAL),
    Role.PART_TIME_GRID_WORKER: frozenset(_REGISTER | _LOOK),
    # The community acts as a unit in what it admitted, and may refuse (object to) the rest.
    Role.GRID_LEAD: frozenset(_REGISTER | _HANDLE | _REVEAL),
    Role.COMMUNITY_SECRETARY: frozenset(_REGISTER | _HANDLE | _REVEAL),
    Role.COMMUNITY_WORKER: frozenset(_REGISTER | _HANDLE | _REVEAL),
    # "Dispatch inside scope, approve extension level 1"; its own town unit may also lead.
    Role.TOWN_DISPATCHER: frozenset(
        _REGISTER | _SCREEN | _DISPATCH | _CHECK | _HANDLE | _REVEAL | {"case.extend"}
    ),
    Role.TOWN_LEADER: frozenset(_DISPATCH | {"case.extend"}),
    Role.DEPARTMENT_HANDLER: frozenset(_HANDLE | _REVEAL),
    Role.DEPARTMENT_LEAD: frozenset(_HANDLE | _REVEAL),
    # "Screen, dispatch, rule on objections, supervise".
    Role.CENTER_INTAKE: frozenset(_REGISTER | _SCREEN | _DISPATCH | _RULE | _CHECK | _REVEAL),
    Role.CENTER_SUPERVISOR: frozenset(
        _RULE
        | _CHECK
        | {"case.extend", "case.pause", "case.resume", "case.shelve", "case.reactivate", "case.judge_redo"}
    ),
    Role.CALLBACK_AGENT: frozenset({"case.call_back"} | _REVEAL),
    Role.JOINT_MEETING_OFFICE: frozenset(),
    Role.RELIEF_OFFICE: frozenset(),
    Role.ADMISSION_REVIEWER: frozenset(),
    # "Decide escalations"; personal data stays shut.
    Role.DISTRICT_LEADER: frozenset({"case.shelve", "case.end_shelving"}),
    Role.PRIVACY_OFFICER: frozenset(),
    Role.SYSTEM_ADMIN: frozenset(),
    Role.SECURITY_ADMIN: frozenset(),
    Role.AUDITOR: frozenset(),
}

#: Who belongs to a body that can be made to act, and acts for it as a whole.
ACTS_FOR_UNIT = COMMUNITY | DEPARTMENT | TOWN

#: Who works for an area through its desk rather than for one unit.
ACTS_FOR_AREA = (
    FIELD
    | COMMUNITY
    | TOWN
    | {
        Role.CENTER_INTAKE,
        Role.CENTER_SUPERVISOR,
        Role.CALLBACK_AGENT,
        Role.DISTRICT_LEADER,
        Role.JOINT_MEETING_OFFICE,
        Role.AUDITOR,
        Role.PRIVACY_OFFICER,
    }
)

#: Who may not also answer for a unit: calling back is for somebody with no stake in the work.
CALLS_BACK = frozenset({Role.CALLBACK_AGENT})
HANDLES = ACTS_FOR_UNIT | FIELD


def may(holder: PostHolder, act: str) -> bool:
    """Is this act among the duties of the post at all?"""
    return act in MAY[holder.role]


def covers(holder: PostHolder, area_code: str) -> bool:
    """Does the post's area hold this place? The tree of areas is the tree of code prefixes."""
    return bool(holder.area_prefix) and area_code.startswith(holder.area_prefix)
