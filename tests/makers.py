"""One of anything, made by the acts that make it in life."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

import town as places
from town import Person, Town
from wangge.cases import closing, dispatch, handling, screening
from wangge.cases.access import case_for, requester_of
from wangge.cases.intake import Contact, Place, register_case
from wangge.cases.models import Case
from wangge.cases.states import State
from wangge.cases.words import Channel, RequestType
from wangge.duties.models import Priority
from wangge.foundation.journal.actors import Actor
from wangge.organisations.roles import CENTER, Role

#: Lin as Lin gives it: a phone number that no operator has given to anybody.
LIN = Contact(name="林秀英", phone="10000001001", address="林都花园3号楼2单元501室")
TEXT = "林都花园3号楼前的路灯三天没亮了，晚上老人下楼看不清路。"

_serial = itertools.count(1)


@dataclass
class _Walk:
    """A case on its way through its states, and what its maker asked for."""

    town: Town
    case: Case
    at: datetime
    matter: str
    step: timedelta
    asked: dict[str, Any] = field(default_factory=dict)

    def by(self, name: str) -> Any:
        return self.town.people[name].holder

    @property
    def handler(self) -> Any:
        """Who acts for the unit that leads now."""
        return handler_of(self.town, self.case).holder


def make_case(
    town: Town,
    state: str = State.REGISTERED,
    *,
    at: datetime | None = None,
    step: timedelta = timedelta(minutes=10),
    text: str = TEXT,
    area_code: str = places.GRID,
    place_words: str = "林都花园3号楼前",
    point: tuple[float, float] | None = None,
    channel: str = Channel.HOTLINE_12345,
    request_type: str = RequestType.HELP,
    contact: Contact | None = LIN,
    anonymous: bool = False,
    confidential: bool = False,
    priority: str = Priority.NORMAL,
    matter: str = "lamp",
    by: Actor | None = None,
    **asked: Any,
) -> Case:
    """A case brought into `state` by the acts of the people whose business that is.

    Registered at `at` (the town's quiet morning unless said otherwise), each following act `step` later.
    `asked` reaches the registration (photos, external_no, client_key, external_due_at …).
    Any `matter` of the town by its short name; `noise` is led by the committee, `pipe` by the water company.
    """
    began = at or town.at
    if by is None:
        by = town.chen.holder if area_code.startswith(places.DISTRICT) else town.bai.holder
    if state == State.ANSWERED and request_type == RequestType.HELP:
        request_type = RequestType.CONSULT
    registered = register_case(
        by=by, at=began, text=text, channel=channel, request_type=request_type, contact=contact,
        place=Place(area_code, place_words, *(point or (None, None))), anonymous=anonymous,
        confidential=confidential, priority=priority, is_demo=True, **asked,
    )  # fmt: skip
    walk = _Walk(town, registered.case, began, matter, step)
    for act in PATHS[State(state)]:
        walk.at += walk.step
        walk.case = act(walk)
    # As a page would find it, with all that hangs from it loaded.
    return reloaded(walk.case)


def reloaded(case: Case) -> Case:
    """The case as the database has it now."""
    return case_for(requester_of(case), case.number)


def handler_of(town: Town, case: Case) -> Person:
    """Who handles cases for the unit that leads this one."""
    assert case.lead_unit is not None
    roles = {Role.DEPARTMENT_HANDLER, Role.COMMUNITY_WORKER, Role.TOWN_DISPATCHER}
    return next(
        person
        for person in town.people.values()
        if person.holder.organisation_id == case.lead_unit_id and person.role in roles
    )


def make_photo(colour: str = "steelblue", size: tuple[int, int] = (320, 240)) -> SimpleUploadedFile:
    """A photo as a browser sends it; two of the same colour and size are the same photo."""
    content = io.BytesIO()
    Image.new("RGB", size, colour).save(content, "JPEG")
    return SimpleUploadedFile(f"photo-{next(_serial)}.jpg", content.getvalue(), content_type="image/jpeg")


def someone_else(town: Town, person: Person) -> Person:
    """A member of the centre who is not this person: for acts that come in between."""
    return next(other for other in town.people.values() if other.role in CENTER and other != person)


# --- the acts on the way -----------------------------------------------------------------------------


def _start_screening(walk: _Walk) -> Case:
    return screening.start_screening(
        by=walk.by("chen"), case=walk.case, at=walk.at, seen_version=walk.case.version
    )


def _inform(walk: _Walk) -> Case:
    return screening.inform_requester(
        by=walk.by("chen"), case=walk.case, at=walk.at, seen_version=walk.case.version,
        reason="statutory_channel", advice="请向区人民法院申请执行，电话12368。",
    )  # fmt: skip


def _answer(walk: _Walk) -> Case:
    return screening.answer_directly(
        by=walk.by("chen"), case=walk.case, at=walk.at, seen_version=walk.case.version,
        answer="低保申请请带身份证、户口本到社区窗口办理。",
    )  # fmt: skip


def _classify(walk: _Walk) -> Case:
    return screening.classify_case(
        by=walk.by("chen"), case=walk.case, at=walk.at, seen_version=walk.case.version,
        matter=walk.town.matters[walk.matter],
    )  # fmt: skip


def _dispatch(walk: _Walk) -> Case:
    return dispatch.dispatch_case(
        by=walk.by("chen"), case=walk.case, at=walk.at, seen_version=walk.case.version
    )


def _sign(walk: _Walk) -> Case:
    return dispatch.sign_case(by=walk.handler, case=walk.case, at=walk.at, seen_version=walk.case.version)


def _object(walk: _Walk) -> Case:
    return dispatch.object_to_dispatch(
        by=walk.handler, case=walk.case, at=walk.at, seen_version=walk.case.version, ground="not_our_area",
        explanation="该路段由公路部门养护，见移交清单第3条。",
    )  # fmt: skip


def _pause(walk: _Walk) -> Case:
    return handling.pause_case(
        by=walk.by("tang"), case=walk.case, at=walk.at, seen_version=walk.case.version,
        reason="waiting_for_requester", planned_end_at=walk.at + timedelta(days=2),
        note="等待诉求人补充房号。",
    )  # fmt: skip


def _shelve(walk: _Walk) -> Case:
    return handling.shelve_case(
        by=walk.by("tang"), case=walk.case, at=walk.at, seen_version=walk.case.version, reason="season",
        plan="冻土期无法开挖，解冻后由城管局施工。", resume_after_date=_day(walk.at) + timedelta(days=60),
    )  # fmt: skip


def _feed_back(walk: _Walk) -> Case:
    return handling.give_feedback(
        by=walk.handler, case=walk.case, at=walk.at, seen_version=walk.case.version,
        text="已更换灯泡和线路，今晚恢复照明。",
    )  # fmt: skip


def _verify(walk: _Walk) -> Case:
    return closing.ask_verification(
        by=walk.by("chen"), case=walk.case, at=walk.at, seen_version=walk.case.version
    )


def _pass(walk: _Walk) -> Case:
    if walk.case.verification_required and walk.case.state == State.FEEDBACK_GIVEN:
        walk.case = _verify(walk)
        walk.at += walk.step
    return closing.pass_case(
        by=walk.by("chen"), case=walk.case, at=walk.at, seen_version=walk.case.version,
        finding="现场已恢复。",
    )  # fmt: skip


def _call_back(walk: _Walk) -> Case:
    return closing.call_back(
        by=walk.by("fang"), case=walk.case, at=walk.at, seen_version=walk.case.version, reached=True,
        contacted=True, solved="solved", satisfaction="satisfied",
    )  # fmt: skip


def _archive(walk: _Walk) -> Case:
    walk.at += timedelta(days=31)
    return closing.archive_case(by=Actor.system("timetable"), case=walk.case, at=walk.at)


def _withdraw(walk: _Walk) -> Case:
    return closing.withdraw_case(
        by=requester_of(walk.case), case=walk.case, at=walk.at, seen_version=walk.case.version
    )


def _merge(walk: _Walk) -> Case:
    other = make_case(
        walk.town, at=walk.at, text="路灯坏了，和前面说的是同一处。", area_code=walk.case.area_code
    )
    return screening.merge_case(
        by=walk.by("chen"), case=walk.case, into=other, at=walk.at, seen_version=walk.case.version
    )


def _day(at: datetime) -> date:
    return at.date()


Act = Callable[[_Walk], Case]
_SCREENED: tuple[Act, ...] = (_start_screening,)
_CLASSIFIED: tuple[Act, ...] = (*_SCREENED, _classify)
_DISPATCHED: tuple[Act, ...] = (*_CLASSIFIED, _dispatch)
_SIGNED: tuple[Act, ...] = (*_DISPATCHED, _sign)
_FED_BACK: tuple[Act, ...] = (*_SIGNED, _feed_back)
_PASSED: tuple[Act, ...] = (*_FED_BACK, _pass)
_CLOSED: tuple[Act, ...] = (*_PASSED, _call_back)

#: The acts that lead from registration to each state, by the shortest road.
PATHS: dict[State, tuple[Act, ...]] = {
    State.REGISTERED: (),
    State.SCREENING: _SCREENED,
    State.INFORMED: (*_SCREENED, _inform),
    State.ANSWERED: (*_SCREENED, _answer),
    State.TO_DISPATCH: _CLASSIFIED,
    State.DISPATCHED: _DISPATCHED,
    State.OBJECTION_REVIEW: (*_DISPATCHED, _object),
    State.IN_PROGRESS: _SIGNED,
    State.PAUSED: (*_SIGNED, _pause),
    State.SHELVED: (*_SIGNED, _shelve),
    State.FEEDBACK_GIVEN: _FED_BACK,
    State.VERIFYING: (*_FED_BACK, _verify),
    State.CALLBACK_DUE: _PASSED,
    State.CLOSED: _CLOSED,
    State.ARCHIVED: (*_CLOSED, _archive),
    State.WITHDRAWN: (_withdraw,),
    State.MERGED: (*_SCREENED, _merge),
}
