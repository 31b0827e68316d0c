"""One body for each act of a post on a case: what it takes, and the one call it makes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import Field

from wangge.cases import closing, dispatch, handling, screening
from wangge.cases.models import Case
from wangge.cases.words import (
    CallbackChannel,
    InformReason,
    ObjectionGround,
    PauseReason,
    Satisfaction,
    ShelvingReason,
    Solved,
)
from wangge.doors.api.looking_up import MOST_PHOTOS, matter_of, other_case, photos_of, unit_of
from wangge.doors.api.tokens import Caller
from wangge.doors.api.words import AreaCode, Body, CaseNumber, Code, Day, Digest, Moment, Text, Version, Yes
from wangge.duties.models import Priority
from wangge.foundation.files.models import StoredFile
from wangge.organisations.models import Organisation

Photos = Annotated[list[Digest], Field(max_length=MOST_PHOTOS)]


@dataclass(frozen=True)
class Order:
    """Who acts on what, when, and which version they had seen."""

    caller: Caller
    case: Case
    at: datetime
    seen_version: int

    @property
    def told(self) -> dict[str, Any]:
        return {"by": self.caller.by, "case": self.case, "at": self.at, "seen_version": self.seen_version}

    def unit(self, code: str | None) -> Organisation | None:
        return unit_of(code, self.case.district)

    def photos(self, digests: list[str]) -> list[StoredFile]:
        return photos_of(self.caller, digests)


class ActBody(Body):
    """Members that every act takes. `seen_version` may come as If-Match instead."""

    act: ClassVar[str]
    seen_version: Version | None = None

    def perform(self, order: Order) -> Case:
        raise NotImplementedError


# --- screening ---


class StartScreening(ActBody):
    act = "start_screening"

    def perform(self, order: Order) -> Case:
        return screening.start_screening(**order.told)


class Inform(ActBody):
    """Do not dispatch; the requester reads why, and where to turn."""

    act = "inform"
    reason: InformReason
    advice: Text

    def perform(self, order: Order) -> Case:
        return screening.inform_requester(**order.told, reason=self.reason, advice=self.advice)


class Answer(ActBody):
    """Answer a question at once."""

    act = "answer"
    answer: Text

    def perform(self, order: Order) -> Case:
        return screening.answer_directly(**order.told, answer=self.answer)


class Classify(ActBody):
    """Which matter it is, how urgent, and where it stands if that is known better now."""

    act = "classify"
    matter: Code
    priority: Priority | None = None
    area_code: AreaCode | None = None
    note: Text = ""

    def perform(self, order: Order) -> Case:
        return screening.classify_case(
            **order.told,
            matter=matter_of(self.matter),
            priority=self.priority or "",
            area_code=self.area_code or "",
            note=self.note,
        )


class Merge(ActBody):
    """One problem, one case: this one ends in the other."""

    act = "merge"
    into: CaseNumber

    def perform(self, order: Order) -> Case:
        return screening.merge_case(**order.told, into=other_case(order.caller, self.into))


# --- dispatch ---


class Dispatch(ActBody):
    """To the unit the catalogue names, or with a written reason to another."""

    act = "dispatch"
    unit: Code | None = None
    reason: Text = ""

    def perform(self, order: Order) -> Case:
        return dispatch.dispatch_case(**order.told, unit=order.unit(self.unit), reason=self.reason)


class Sign(ActBody):
    act = "sign"

    def perform(self, order: Order) -> Case:
        return dispatch.sign_case(**order.told)


class Object(ActBody):
    act = "object"
    ground: ObjectionGround
    explanation: Text

    def perform(self, order: Order) -> Case:
        return dispatch.object_to_dispatch(**order.told, ground=self.ground, explanation=self.explanation)


class Uphold(ActBody):
    act = "uphold"
    ruling: Text

    def perform(self, order: Order) -> Case:
        return dispatch.uphold_dispatch(**order.told, ruling=self.ruling)


class Reassign(ActBody):
    act = "reassign"
    unit: Code
    reason: Text

    def perform(self, order: Order) -> Case:
        return dispatch.reassign_case(**order.told, unit=order.unit(self.unit), reason=self.reason)


# --- handling ---


class Handle(ActBody):
    """Write down what was done."""

    act = "handle"
    text: Text
    contacted: Yes = False
    photos: Photos = []

    def perform(self, order: Order) -> Case:
        return handling.log_work(
            **order.told, text=self.text, contacted=self.contacted, photos=order.photos(self.photos)
        )


class AssignAssist(ActBody):
    act = "assign_assist"
    unit: Code
    ask: Text

    def perform(self, order: Order) -> Case:
        unit = unit_of(self.unit, order.case.district)
        assert unit is not None
        return handling.ask_assistance(**order.told, unit=unit, ask=self.ask)


class Assist(ActBody):
    act = "assist"
    text: Text
    finished: Yes = True
    photos: Photos = []

    def perform(self, order: Order) -> Case:
        return handling.report_assistance(
            **order.told, text=self.text, finished=self.finished, photos=order.photos(self.photos)
        )


class FeedBack(ActBody):
    """The unit says it is done; the requester reads this as it stands."""

    act = "feed_back"
    text: Text
    photos: Photos = []

    def perform(self, order: Order) -> Case:
        return handling.give_feedback(**order.told, text=self.text, photos=order.photos(self.photos))


class Pause(ActBody):
    act = "pause"
    reason: PauseReason
    planned_end_at: Moment
    note: Text

    def perform(self, order: Order) -> Case:
        return handling.pause_case(
            **order.told, reason=self.reason, planned_end_at=self.planned_end_at, note=self.note
        )


class Resume(ActBody):
    act = "resume"

    def perform(self, order: Order) -> Case:
        return handling.resume_case(**order.told)


class Extend(ActBody):
    """More time. `limit` is an amount and a unit, such as 2wd or 24ch."""

    act = "extend"
    limit: Annotated[str, Field(strict=True, pattern="^[0-9.]{1,6}[a-z]{1,3}$")]
    reason: Text

    def perform(self, order: Order) -> Case:
        return handling.extend_case(**order.told, limit=self.limit, reason=self.reason)


class Shelve(ActBody):
    act = "shelve"
    reason: ShelvingReason
    plan: Text
    resume_after_date: Day | None = None

    def perform(self, order: Order) -> Case:
        return handling.shelve_case(
            **order.told, reason=self.reason, plan=self.plan, resume_after_date=self.resume_after_date
        )


class Reactivate(ActBody):
    act = "reactivate"

    def perform(self, order: Order) -> Case:
        return handling.reactivate_case(**order.told)


class EndShelving(ActBody):
    act = "end_shelving"
    reason: Text

    def perform(self, order: Order) -> Case:
        return handling.end_shelving(**order.told, reason=self.reason)


# --- closing ---


class Verify(ActBody):
    act = "verify"
    ask: Text = ""

    def perform(self, order: Order) -> Case:
        return closing.ask_verification(**order.told, ask=self.ask)


class Pass(ActBody):
    act = "pass"
    finding: Text = ""
    photos: Photos = []

    def perform(self, order: Order) -> Case:
        return closing.pass_case(**order.told, finding=self.finding, photos=order.photos(self.photos))


class RejectFeedback(ActBody):
    act = "reject_feedback"
    finding: Text
    photos: Photos = []

    def perform(self, order: Order) -> Case:
        return closing.reject_feedback(**order.told, finding=self.finding, photos=order.photos(self.photos))


class CallBack(ActBody):
    """One try to hear from the requester; where they have answered already, only `within_duty` is asked."""

    act = "call_back"
    reached: Yes = True
    channel: CallbackChannel = CallbackChannel.PHONE
    contacted: Yes | None = None
    solved: Solved | None = None
    satisfaction: Satisfaction = Satisfaction.NO_ANSWER
    within_duty: Yes = True
    comment: Text = ""

    def perform(self, order: Order) -> Case:
        return closing.call_back(
            **order.told,
            reached=self.reached,
            channel=self.channel,
            contacted=self.contacted,
            solved=self.solved or "",
            satisfaction=self.satisfaction,
            within_duty=self.within_duty,
            comment=self.comment,
        )


#: In the order of the room's table.
BODIES: tuple[type[ActBody], ...] = (
    StartScreening, Inform, Answer, Classify, Merge, Dispatch, Sign, Object, Uphold, Reassign, Handle,
    AssignAssist, Assist, Pause, Resume, Extend, Shelve, Reactivate, EndShelving, FeedBack, Verify, Pass,
    RejectFeedback, CallBack,
)  # fmt: skip
