"""Made-up histories of cases: the rows and lines the acts would have written, without the acts.

Each history consists of the same lines with the same facts as the acts write, and every cached column is
worked out by the same clocks; `tests/demo` holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from wangge.cases.closing import OUTCOME_OF
from wangge.cases.intake import RECEIPT_LENGTH, RECEIPT_LETTERS, search_vector, title_of
from wangge.cases.models import CallbackAnswer, Case, CaseNote, Leg
from wangge.cases.places import parts_of
from wangge.cases.states import PAST, State
from wangge.cases.words import (
    CallbackChannel,
    Channel,
    NoteKind,
    Outcome,
    RequestType,
    Satisfaction,
    Solved,
)
from wangge.demo.chronicler import Chronicler
from wangge.demo.telling import PACE, PUBLIC, SELF_SERVICE, TIMETABLE, by_day
from wangge.duties.models import Priority
from wangge.duties.queries import Lead
from wangge.foundation.journal.actors import Actor
from wangge.foundation.journal.bulk import PastAct
from wangge.foundation.journal.hashing import new_salt, salted_digest
from wangge.foundation.worktime.counting import deadline
from wangge.organisations.posts import PostHolder
from wangge.organisations.roles import Role

#: How many cases each district gets of ten: the seat of the prefecture has most of the people.
_SHARES = {"230717": 5, "230718": 2, "230719": 3}
_CHANNELS = (
    *(Channel.HOTLINE_12345,) * 5,
    *(Channel.APP,) * 2,
    *(Channel.GRID_PATROL,) * 2,
    Channel.MINI_PROGRAM,
    Channel.WALK_IN,
)
#: Of twenty-five callbacks; None: nobody was reached on three days.
_ANSWERS = (*(Solved.SOLVED,) * 20, *(Solved.PARTLY,) * 3, Solved.NOT_SOLVED, None)
_SATISFACTION = {
    Solved.SOLVED: (
        *(Satisfaction.SATISFIED,) * 9,
        *(Satisfaction.VERY_SATISFIED,) * 6,
        *(Satisfaction.BASICALLY_SATISFIED,) * 4,
        Satisfaction.NO_ANSWER,
    ),
    Solved.PARTLY: (Satisfaction.BASICALLY_SATISFIED, Satisfaction.DISSATISFIED, Satisfaction.NO_ANSWER),
    Solved.NOT_SOLVED: (Satisfaction.DISSATISFIED, Satisfaction.VERY_DISSATISFIED),
}
#: How urgent a request is taken to be before anybody has read it.
_AT_FIRST = Priority.NORMAL
#: The last minutes before the present belong to those who sit at the pages.
_MARGIN = timedelta(minutes=5)


@dataclass
class History:
    """A case with everything that hangs from it, not yet in the database."""

    case: Case
    leg: Leg | None = None
    notes: list[CaseNote] = field(default_factory=list)
    answers: list[CallbackAnswer] = field(default_factory=list)
    acts: list[PastAct] = field(default_factory=list)


def history_of(chronicler: Chronicler, at: datetime) -> History:
    """One case that came in at `at`, as far as it had come by the chronicler's now."""
    course = _Course(chronicler, at)
    course.run()
    return course.history


class _Course:
    """One history being made up."""

    def __init__(self, chronicler: Chronicler, at: datetime) -> None:
        self.chronicler = chronicler
        self.random = chronicler.random
        self.configuration = chronicler.configuration
        district = self.random.choices(list(_SHARES), weights=list(_SHARES.values()))[0]
        category = self.random.choice(chronicler.categories)
        self.phrases = chronicler.phrases[category]
        self.area, place = chronicler.somewhere(district)
        text = self.random.choice(self.phrases["texts"]).format(place=place).strip("，。 ") + "。"
        self.matter = chronicler.matter_of(category, text)
        self.pace = PACE.get(self.matter.priority, 1.0)
        self.desk = chronicler.players.over(district, Role.CENTER_INTAKE)
        channel = self.random.choice(_CHANNELS)
        by = self._who_brings_it_in(channel)
        self.case = self._new_case(at, district, place, text, channel, by)
        self.history = History(self.case, acts=[self._registered(by)])

    # --- the plot ---

    def run(self) -> None:
        if not self._on("start_screening", self.desk, self._after(3, 50), to=State.SCREENING):
            return
        if self.case.request_type == RequestType.CONSULT and self.random.random() < 0.5:
            if self._answered():
                self._archived()
            return
        if not self._classified():
            return
        lead = self.chronicler.lead(self.matter, self.area, self.at)
        if lead is None or not self._dispatched(lead) or not self._signed():
            return
        if not all(self._worked(note) for note in self.random.sample(self.phrases["work_notes"], 2)):
            return
        if self._fed_back() and self._checked() and self._called_back():
            self._archived()

    # --- time ---

    @property
    def at(self) -> datetime:
        """When the last act was done."""
        return self.history.acts[-1].at

    def _after(self, low: float, high: float) -> datetime:
        """Some minutes after the last act, fewer where it is urgent, and at night only then."""
        at = self.at + timedelta(minutes=self.random.uniform(low, high) * self.pace)
        return by_day(at, self.random) if self.pace >= 0.5 else at

    def _due(self, limit: str, at: datetime) -> datetime:
        return deadline(
            at, self.configuration.limit(str(self.case.priority), limit), self.chronicler.calendar
        ).known_due_at

    # --- the acts ---

    def _on(self, act: str, by: Actor, at: datetime, *, to: State | None = None, **facts: Any) -> bool:
        """Add an act; False when it would lie in the future."""
        if at >= self.chronicler.now - _MARGIN:
            return False
        if to is not None:
            facts["to"] = to.value
            self.case.state = to
        self.case.version += 1
        self.history.acts.append(PastAct(f"case.{PAST[act]}", by.bare(), at, facts))
        return True

    def _noted(
        self, act: str, kind: NoteKind, text: str, by: PostHolder, at: datetime, **facts: Any
    ) -> CaseNote | None:
        """Add an act with the note it leaves; None when it would lie in the future."""
        salt = new_salt()
        note = CaseNote(
            pk=self.chronicler.next_note(), kind=kind, text=text, salt=salt,
            digest=salted_digest(text, salt), unit_id=by.organisation_id, at=at,
        )  # fmt: skip
        if not self._on(act, by, at, note=note.pk, digest=note.digest, **facts):
            return None
        self.history.notes.append(note)
        return note

    def _who_brings_it_in(self, channel: str) -> Actor:
        players, area = self.chronicler.players, self.area
        if channel in SELF_SERVICE:
            return PUBLIC
        if channel == Channel.GRID_PATROL and len(area) >= 15:
            return players.over_or(area[:15], Role.GRID_WORKER, self.desk)
        if channel == Channel.WALK_IN and len(area) >= 12:
            return players.over_or(area[:12], Role.COMMUNITY_WORKER, self.desk)
        return self.desk

    def _new_case(self, at: datetime, district: str, place: str, text: str, channel: str, by: Actor) -> Case:
        number = self.chronicler.number(district, at)
        parts = parts_of(self.area)
        if parts is None:
            raise ValueError(f"{self.area} is no area.")
        limit = self.configuration.limit(_AT_FIRST, "dispatch")
        return Case(
            number=number,
            salt=new_salt(),
            lookup_secret="".join(self.random.choices(RECEIPT_LETTERS, k=RECEIPT_LENGTH)),
            request_type=(self.matter.request_types or [RequestType.HELP])[0],
            channel=channel,
            title=title_of(text),
            text=text,
            search=search_vector(number, text, place),
            place=place,
            area_code=self.area,
            **parts._asdict(),
            place_confidence=1.0,
            registered_unit_id=by.organisation_id if isinstance(by, PostHolder) else None,
            state=State.REGISTERED,
            priority=_AT_FIRST,
            registered_at=at,
            dispatch_due_at=deadline(at, limit, self.chronicler.calendar).due_at,
            is_demo=True,
        )

    def _registered(self, by: Actor) -> PastAct:
        case = self.case
        facts = {
            "to": State.REGISTERED.value,
            "channel": str(case.channel),
            "type": str(case.request_type),
            "priority": _AT_FIRST.value,
            "area": case.area_code,
            "dispatch_limit": str(self.configuration.limit(_AT_FIRST, "dispatch")),
            "calendar": self.chronicler.calendar.version,
            "external_due": None,
            "confidential": False,
            "photos": [],
            "digest": salted_digest(case.text, case.salt),
        }
        return PastAct("case.registered", by.bare(), case.registered_at, facts)

    def _answered(self) -> bool:
        text, at = self.random.choice(self.phrases["feedback"]), self._after(5, 60)
        if self._noted("answer", NoteKind.FEEDBACK, text, self.desk, at, to=State.ANSWERED) is None:
            return False
        self.case.ended_at = self.case.feedback_at = at
        return True

    def _classified(self) -> bool:
        case, matter, at = self.case, self.matter, self._after(2, 30)
        limit = self.configuration.limit(matter.priority, "dispatch")
        verification = (
            matter.verification_required
            or case.request_type == RequestType.COMPONENT
            or matter.category.code in self.configuration.public_safety
        )
        if not self._on(
            "classify", self.desk, at, to=State.TO_DISPATCH, matter=matter.code,
            category=matter.category.code, priority=matter.priority, area=case.area_code,
            dispatch_limit=str(limit), verification=verification,
        ):  # fmt: skip
            return False
        case.matter = matter
        case.category = matter.category.code
        case.priority = matter.priority
        case.verification_required = verification
        case.accepted_at = at
        due_at = deadline(case.registered_at, limit, self.chronicler.calendar).known_due_at
        case.dispatch_due_at = min(due_at, case.dispatch_due_at or due_at)
        return True

    def _dispatched(self, lead: Lead) -> bool:
        case, unit, at = self.case, lead.organisation, self._after(2, 60)
        stages = ("sign", "contact", "feedback")
        limits = {stage: self.configuration.limit(str(case.priority), stage) for stage in stages}
        objection = self.configuration.objection_limit
        if not self._on(
            "dispatch", self.desk, at, to=State.DISPATCHED, by_catalogue=True, rule=lead.rule.pk,
            admission=lead.admission.pk if lead.admission else None, leg=1, unit=unit.code,
            calendar=self.chronicler.calendar.version, object_limit=str(objection),
            **{f"{stage}_limit": str(limit) for stage, limit in limits.items()},
        ):  # fmt: skip
            return False
        due = {stage: deadline(at, limits[stage], self.chronicler.calendar).known_due_at for stage in stages}
        self.history.leg = case.leg = Leg(
            pk=self.chronicler.next_leg(),
            number=1,
            unit=unit,
            rule_id=lead.rule.pk,
            by_catalogue=True,
            basis=lead.rule.basis,
            dispatched_at=at,
            sign_due_at=due["sign"],
            contact_due_at=due["contact"],
            feedback_due_at=due["feedback"],
            object_due_at=deadline(at, objection, self.chronicler.calendar).known_due_at,
        )
        case.first_unit = case.lead_unit = unit
        case.first_dispatched_at = at
        case.feedback_due_at = due["feedback"]
        return True

    def _signed(self) -> bool:
        """By the unit, or at its limit by the clock."""
        # One in twenty-five lies unread for days.
        leg, at = self._leg, self._after(5, 400 if self.random.random() > 0.04 else 60 * 24 * 4)
        if at < leg.sign_due_at:
            if not self._on("sign", self._officer, at, to=State.IN_PROGRESS, leg=1):
                return False
            leg.signed_at = at
            return True
        limit_at = leg.sign_due_at.isoformat()
        if not self._on(
            "auto_sign", TIMETABLE, leg.sign_due_at, to=State.IN_PROGRESS, leg=1, limit_at=limit_at
        ):
            return False
        leg.signed_at, leg.auto_signed = leg.sign_due_at, True
        return True

    def _worked(self, text: str) -> bool:
        contacted = self._leg.contacted_at is None
        # One case in twelve lies a while; a few of them beyond the promise.
        slow = 6.0 if self.random.random() < 0.08 else 1.0
        at = self._after(10, 60 * 50 * slow)
        if self._noted(
            "handle", NoteKind.WORK, text, self._officer, at, leg=1, contacted=contacted, photos=[]
        ) is None:  # fmt: skip
            return False
        if contacted:
            self._leg.contacted_at = at
        return True

    def _fed_back(self) -> bool:
        text, at = self.random.choice(self.phrases["feedback"]), self._after(10, 900)
        if self._noted(
            "feed_back", NoteKind.FEEDBACK, text, self._officer, at, to=State.FEEDBACK_GIVEN, leg=1, photos=[]
        ) is None:  # fmt: skip
            return False
        self.case.feedback_at = self._leg.feedback_at = at
        return True

    def _checked(self) -> bool:
        """On site where it must be; else the desk lets it pass."""
        checked = self.case.verification_required
        if not checked:
            return self._on(
                "pass", self.desk, self._after(30, 500), to=State.CALLBACK_DUE, checked=False, photos=[]
            )
        grid, ask = self.case.grid or None, "请到现场核查办理结果。"
        if self._noted(
            "verify", NoteKind.CHECK, ask, self.desk, self._after(10, 200), to=State.VERIFYING, grid=grid
        ) is None:  # fmt: skip
            return False
        by, finding = self.chronicler.players.checker(self.case), "现场查看，已办理。"
        if self._noted(
            "pass", NoteKind.CHECK, finding, by, self._after(30, 500), to=State.CALLBACK_DUE, checked=True,
            photos=[],
        ) is None:  # fmt: skip
            return False
        self.case.verified = True
        return True

    def _called_back(self) -> bool:
        solved = self.random.choice(_ANSWERS)
        if solved is None:
            return self._called_in_vain()
        satisfaction = self.random.choice(_SATISFACTION[solved])
        # What is not solved was beyond anybody's duty, or it would have been done again.
        contacted = solved != Solved.SOLVED or self.random.random() < 0.96
        within_duty = contacted and solved != Solved.NOT_SOLVED
        outcome = Outcome.EXPLAINED if solved == Solved.NOT_SOLVED else OUTCOME_OF[solved]
        answer = CallbackAnswer(
            reached=True, contacted=contacted, solved=solved.value, satisfaction=satisfaction.value
        )
        if not self._called(
            answer, self._after(300, 2400), to=State.CLOSED, within_duty=within_duty, outcome=outcome.value
        ):
            return False
        self._closed(outcome)
        return True

    def _called_in_vain(self) -> bool:
        attempts = self.configuration.callback_attempts
        for attempt in range(1, attempts + 1):
            at = by_day(self.at + timedelta(days=1, minutes=self.random.uniform(0, 90)), self.random)
            last = {"to": State.CLOSED, "outcome": Outcome.UNREACHABLE.value} if attempt == attempts else {}
            if not self._called(
                CallbackAnswer(reached=False), at, **{"to": State.CALLBACK_DUE, "attempt": attempt, **last}
            ):
                return False
        self._closed(Outcome.UNREACHABLE)
        return True

    def _called(self, answer: CallbackAnswer, at: datetime, **facts: Any) -> bool:
        answer.pk = self.chronicler.next_answer()
        answer.round, answer.channel, answer.at = 1, CallbackChannel.PHONE.value, at
        if not self._on(
            "call_back", self.chronicler.players.caller(self.case), at, answer=answer.pk, round=1,
            channel=answer.channel, reached=answer.reached, requester_contacted=answer.contacted,
            solved=answer.solved or None, satisfaction=answer.satisfaction or None, **facts,
        ):  # fmt: skip
            return False
        self.history.answers.append(answer)
        return True

    def _closed(self, outcome: Outcome) -> None:
        self.case.outcome = outcome
        self.case.ended_at = self._leg.ended_at = self.at

    def _archived(self) -> None:
        due = timedelta(days=self.configuration.archive_days, minutes=self.random.uniform(5, 300))
        self._on("archive", TIMETABLE, self.at + due, to=State.ARCHIVED)

    # --- the pieces ---

    @property
    def _leg(self) -> Leg:
        if self.history.leg is None:
            raise LookupError(f"{self.case.number} has no leg yet.")
        return self.history.leg

    @property
    def _officer(self) -> PostHolder:
        return self.chronicler.players.officer(self.case)
