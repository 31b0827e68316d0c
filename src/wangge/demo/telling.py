"""Playing a message through the real acts, one after another, as far as its story goes."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from wangge.cases import closing, dispatch, handling, screening
from wangge.cases.access import requester_of
from wangge.cases.intake import Contact, Place, register_case
from wangge.cases.limits import configuration
from wangge.cases.models import Case
from wangge.cases.states import State
from wangge.cases.words import Channel, ObjectionGround, PauseReason, ShelvingReason
from wangge.demo.people import person
from wangge.demo.players import Players
from wangge.demo.stories import Story
from wangge.duties.models import Matter, Priority
from wangge.foundation.journal.actors import Actor
from wangge.foundation.journal.models import Wakeup
from wangge.foundation.worktime.workcalendar import SHANGHAI
from wangge.organisations.models import Organisation
from wangge.organisations.roles import Role
from wangge.territory.codes import Level
from wangge.territory.queries import areas_within, place_candidates

#: Anonymous requests come from nobody; the journal says so.
PUBLIC = Actor(kind="public", id="anonymous")
TIMETABLE = Actor.system("timetable")

#: Channels whose requests a member of the public sends in.
SELF_SERVICE = frozenset({Channel.APP, Channel.MINI_PROGRAM, Channel.QR, Channel.REPORTER})

#: How fast things go, against a normal case.
PACE: dict[str, float] = {Priority.EMERGENCY: 0.05, Priority.URGENT: 0.2, Priority.CONSULT: 0.5}
_HOURS_AT_THE_DESK = {"registered": 0.6, "screening": 1.0, "to_dispatch": 1.5, "merged": 1.5}
_STILL_OPEN = frozenset(
    {"in_progress", "objection_review", "paused", "feedback_given", "verifying", "callback_due", "redo_open"}
)
_STILL_FRESH = timedelta(hours=20)
#: A place that only the text speaks of, and nobody gave as the place, has to be about certain.
_SURE_ENOUGH = 0.5


class Teller:
    """Tells stories as they would have happened up to `now`. The same story is told the same way."""

    def __init__(self, *, now: datetime) -> None:
        self.now = now
        self.players = Players(now)
        self.matters = {matter.code: matter for matter in Matter.objects.select_related("category")}
        self._grids: dict[str, list[str]] = {}

    def tell(self, story: Story) -> Case:
        """Play the story from its beginning to the state it is meant to stand in now: all of it or, where
        an act is refused, nothing."""
        with transaction.atomic():
            telling = self.begin(story)
            telling.play()
            self.settle(telling.case)
        return telling.case

    def begin(self, story: Story, *, at: datetime | None = None) -> Telling:
        """Register the message; the rest follows with `play`, in the caller's transaction.

        A story that begins at a given moment goes as far as the time since then allows; one that is left
        to choose hurries where it must.
        """
        return Telling(self, story, at or self.beginning(story), hurries=at is None)

    def settle(self, case: Case) -> None:
        """What follows from an act of the past followed long ago; the last day's is left to the worker."""
        old = Q(line__subject_kind=case.subject.kind, line__subject_id=case.subject.id)
        Wakeup.objects.filter(old, not_before__lt=self.now - _STILL_FRESH).delete()

    # --- where and when ---

    def beginning(self, story: Story) -> datetime:
        """Ended stories lie up to ninety days back; open ones began lately, as their state allows."""
        chance = chance_of(story, "beginning")
        outcome = story.outcome.split(":")[0]
        if outcome == "reopened":
            # So lately that the desk has still to look at it.
            return self.now - timedelta(days=chance.uniform(6, 13))
        pace = PACE.get(story.priority or Priority.NORMAL, 1.0)
        hours = _HOURS_AT_THE_DESK.get(outcome)
        if outcome == "dispatched":
            hours = 2.5 * pace + 0.5
        if hours is None and outcome in _STILL_OPEN:
            hours = chance.uniform(24, 110) * pace + 3
        if hours is None:
            hours = chance.uniform(12 * 24, 88 * 24)
        else:
            hours *= chance.uniform(0.8, 1.2)
        return self.now - timedelta(hours=hours)

    def place_of(self, story: Story) -> Place:
        """The surest area the words may mean, or some grid of the district for vague ones."""
        hits = place_candidates(where_in(story.text, story.place), within=story.district, limit=1)
        if hits and (story.place or hits[0].confidence >= _SURE_ENOUGH):
            return Place(hits[0].area_code, story.place, confidence=hits[0].confidence)
        if story.district not in self._grids:
            grids = areas_within(story.district, Level.GRID).values_list("code", flat=True)
            self._grids[story.district] = list(grids) or [story.district]
        grid = chance_of(story, "place").choice(self._grids[story.district])
        return Place(grid, story.place, confidence=0.3)


def where_in(text: str, place: str) -> str:
    """The words a clerk would look for a place in: those given for it, else the beginning of the text."""
    return place or text[:200]


def chance_of(story: Story, about: str) -> random.Random:
    """The dice of one story, so that it falls out the same whatever was told before it."""
    return random.Random(f"{about} {story.key or story.text}")  # noqa: S311 - repeatable on purpose


def by_day(at: datetime, chance: random.Random) -> datetime:
    """The moment itself, or the next morning for one at night: people work between eight and eight."""
    local = at.astimezone(SHANGHAI)
    if 8 <= local.hour < 20:
        return at
    day = local if local.hour < 8 else local + timedelta(days=1)
    return day.replace(hour=8, minute=30 + chance.randrange(25)).astimezone(UTC)


class _TheEnd(Exception):
    """The next act would lie in the future."""


class Telling:
    """One story under way. `known`: its case was there before, and is left as it is."""

    def __init__(self, teller: Teller, story: Story, at: datetime, *, hurries: bool) -> None:
        self.teller = teller
        self.story = story
        self.hurries = hurries
        self.at = at.astimezone(UTC)
        self.pace = PACE.get(story.priority or Priority.NORMAL, 1.0)
        self.chance = chance_of(story, "acts")
        self.known = False
        self.case = self._register()

    @property
    def players(self) -> Players:
        return self.teller.players

    def play(self) -> None:
        """Act upon act, until the story or the time up to now is over; Refusal where an act is refused."""
        if self.known:
            return
        with contextlib.suppress(_TheEnd):
            self._plot()
            self._archive()

    def _after(self, low: float, high: float) -> datetime:
        """The moment of the next act, some paced minutes on; _TheEnd when that is still to come."""
        step = timedelta(minutes=self.chance.uniform(low, high) * self.pace)
        return self._on(min(step, self._longest) if self.hurries else step)

    def _in_office(self, low: float, high: float) -> datetime:
        """The same, but not at night, unless it is urgent."""
        at = self._after(low, high)
        wait = by_day(at, self.chance) - at if self.pace >= 0.5 else timedelta()
        return at if self.hurries and wait > self._longest else self._on(wait)

    @property
    def _longest(self) -> timedelta:
        """How long one act may take when others have to follow before now."""
        return (self.teller.now - self.at) / 8

    def _on(self, step: timedelta) -> datetime:
        if self.at + step >= self.teller.now:
            raise _TheEnd
        self.at += step
        return self.at

    def _lately(self) -> datetime:
        """Some hours before the present: what still waits at the desk has not waited for days."""
        self.at = max(self.at, self.teller.now - timedelta(hours=self.chance.uniform(1, 6)))
        return self._after(1, 10)

    def _next_day(self) -> datetime:
        """A call on another day, however urgent the case was."""
        self._on(timedelta(days=1))
        return self._in_office(0, 30)

    # --- the plot ---

    def _plot(self) -> None:
        outcome, _, detail = self.story.outcome.partition(":")
        if outcome == "registered":
            return
        self._screen()
        if outcome == "screening":
            return
        if outcome in {"informed", "answered"} or not self.story.matter:
            self._end_at_the_desk(outcome, detail)
            return
        self._classify()
        if outcome == "merged":
            self._merge()
        if outcome in {"merged", "to_dispatch"}:
            return
        self._dispatch()
        if outcome == "dispatched":
            return
        self._sign()
        if outcome.startswith("objection"):
            self._object(outcome)
        if outcome == "objection_review":
            return
        self._work()
        if outcome in _TURNS:
            _TURNS[outcome](self)
        if outcome in _TURNS or outcome == "in_progress":
            return
        self._feed_back()
        if outcome == "feedback_given":
            return
        self._check()
        if outcome in {"verifying", "callback_due"}:
            return
        if outcome == "redo_open":
            self._send_back()
            return
        # Only what was done over twice and is still not right closes as unsolved.
        for _redo in range({"redo": 1, "closed_unsolved": 2}.get(outcome, 0)):
            self._redo()
        self._call_back()
        if outcome == "reopened":
            self._reopen()

    # --- the acts ---

    def _register(self) -> Case:
        story = self.story
        place = self.teller.place_of(story)
        registered = register_case(
            by=self._who_brings_it_in(place),
            at=self.at,
            text=story.text,
            place=place,
            channel=story.channel,
            request_type=story.request_type,
            priority=story.priority or Priority.NORMAL,
            contact=None if story.anonymous else self._contact(),
            anonymous=story.anonymous,
            confidential=story.confidential,
            external_no=story.external_no,
            client_key=story.key,
            is_demo=True,
        )
        self.known = not registered.created
        return registered.case

    def _contact(self) -> Contact:
        return person(self.story.person)

    def _who_brings_it_in(self, place: Place) -> Actor:
        channel, area = self.story.channel, place.area_code
        if channel in SELF_SERVICE:
            return self.players.account(self.story.account) if self.story.account else PUBLIC
        desk = self.players.over(area[:6], Role.CENTER_INTAKE)
        if channel == Channel.GRID_PATROL and len(area) >= 15:
            return self.players.over_or(area[:15], Role.GRID_WORKER, desk)
        if channel in {Channel.WALK_IN, Channel.DELIBERATION} and len(area) >= 12:
            return self.players.over_or(area[:12], Role.COMMUNITY_WORKER, desk)
        return desk

    def _screen(self) -> None:
        self.case = screening.start_screening(
            by=self.players.intake(self.case),
            case=self.case,
            at=self._after(2, 20),
            seen_version=self.case.version,
        )

    def _end_at_the_desk(self, outcome: str, detail: str) -> None:
        by, at, version = self.players.intake(self.case), self._after(3, 25), self.case.version
        if outcome == "answered":
            answer = self.story.feedback or "您好，您咨询的问题已由工作人员当场答复。"
            self.case = screening.answer_directly(
                by=by, case=self.case, at=at, seen_version=version, answer=answer
            )
            return
        advice = self.story.feedback or self.story.dispatch_note or "感谢您的来电，已为您记录。"
        self.case = screening.inform_requester(
            by=by, case=self.case, at=at, seen_version=version, reason=detail or "out_of_scope", advice=advice
        )

    def _classify(self) -> None:
        matter = self.teller.matters[self.story.matter]
        self.case = screening.classify_case(
            by=self.players.intake(self.case),
            case=self.case,
            at=self._after(2, 15),
            seen_version=self.case.version,
            matter=matter,
            priority=self.story.priority or matter.priority,
        )

    def _dispatch(self) -> None:
        self.case = dispatch.dispatch_case(
            by=self.players.intake(self.case),
            case=self.case,
            at=self._after(2, 25),
            seen_version=self.case.version,
            reason=self.story.dispatch_note,
        )

    def _sign(self) -> None:
        self.case = dispatch.sign_case(
            by=self.players.officer(self.case),
            case=self.case,
            at=self._after(10, 90),
            seen_version=self.case.version,
        )

    def _work(self, notes: tuple[str, ...] = ()) -> None:
        notes = notes or self.story.work_notes or ("已联系诉求人，安排人员到现场查看。",)
        for position, note in enumerate(notes):
            self.case = handling.log_work(
                by=self.players.officer(self.case),
                case=self.case,
                at=self._in_office(40, 60 * 20),
                seen_version=self.case.version,
                text=note,
                contacted=position == 0 and not self.story.anonymous,
            )

    def _object(self, outcome: str) -> None:
        self.case = dispatch.object_to_dispatch(
            by=self.players.officer(self.case),
            case=self.case,
            at=self._after(20, 100),
            seen_version=self.case.version,
            ground=ObjectionGround.NOT_OUR_DUTY,
            explanation=self.story.objection or "经核实不属于本单位职责。",
        )
        if outcome == "objection_review":
            return
        supervisor, at = self.players.supervisor(self.case), self._after(30, 200)
        if outcome == "objection_accepted" and (other := self._another_unit()) is not None:
            self.case = dispatch.reassign_case(
                by=supervisor,
                case=self.case,
                at=at,
                seen_version=self.case.version,
                unit=other,
                reason=self.story.ruling or "异议成立，按职责改派。",
            )
            self._sign()
            return
        self.case = dispatch.uphold_dispatch(
            by=supervisor,
            case=self.case,
            at=at,
            seen_version=self.case.version,
            ruling=self.story.ruling or "经核对派单目录和网格编码，属于你单位职责，维持派单。",
        )

    def _another_unit(self) -> Organisation | None:
        """The unit the ruling names, in the case's own district."""
        return Organisation.objects.filter(
            kind=self.story.other_unit, area__prefix=self.case.district, active=True
        ).first()

    def _archive(self) -> None:
        """What ended long ago was archived when that was due."""
        case = self.case
        if case.ended_at is None or case.state not in {State.CLOSED, State.INFORMED, State.ANSWERED}:
            return
        self._on(case.ended_at + timedelta(days=configuration().archive_days, hours=3) - self.at)
        self.case = closing.archive_case(by=TIMETABLE, case=case, at=self.at)

    def _merge(self) -> None:
        """One problem, one case: into the one the message repeats, if that is still open."""
        other = Case.objects.filter(client_key=f"demo-{self.story.merge_into}").first()
        if other is None or not other.is_open or other.district != self.case.district:
            return
        self.case = screening.merge_case(
            by=self.players.intake(self.case),
            case=self.case,
            into=other,
            at=self._after(2, 15),
            seen_version=self.case.version,
        )

    def _pause(self) -> None:
        at = self._after(5, 60)
        self.case = handling.pause_case(
            by=self.players.supervisor(self.case),
            case=self.case,
            at=at,
            seen_version=self.case.version,
            reason=PauseReason.WAITING_FOR_REQUESTER,
            planned_end_at=self.teller.now + timedelta(days=2),
            note=self.story.feedback or "等待诉求人补充房屋位置和联系时间。",
        )

    def _shelve(self) -> None:
        at = self._after(5, 60)
        spring = self.teller.now.astimezone(SHANGHAI).date() + timedelta(days=160)
        self.case = handling.shelve_case(
            by=self.players.supervisor(self.case),
            case=self.case,
            at=at,
            seen_version=self.case.version,
            reason=ShelvingReason.SEASON,
            plan=self.story.feedback or "冻土期无法开挖，已列入开春首批施工计划，由牵头单位负责。",
            resume_after_date=spring,
        )

    def _withdraw(self) -> None:
        self.case = closing.withdraw_case(
            by=requester_of(self.case),
            case=self.case,
            at=self._after(10, 600),
            seen_version=self.case.version,
            words=self.story.comment or "已经自己解决了，不用再来了。",
        )

    def _feed_back(self) -> None:
        self.case = handling.give_feedback(
            by=self.players.officer(self.case),
            case=self.case,
            at=self._lately() if self.story.outcome == "feedback_given" else self._in_office(60, 60 * 30),
            seen_version=self.case.version,
            text=self.story.feedback or "已办理完毕，请您查看。",
        )

    def _check(self) -> None:
        if self.case.verification_required or self.story.outcome == "verifying":
            self.case = closing.ask_verification(
                by=self.players.intake(self.case),
                case=self.case,
                at=self._after(20, 200),
                seen_version=self.case.version,
                ask="请到现场核查办理结果。",
            )
            if self.story.outcome == "verifying":
                return
            self.case = closing.pass_case(
                by=self.players.checker(self.case),
                case=self.case,
                at=self._in_office(60, 400),
                seen_version=self.case.version,
                finding="现场查看，已办结。",
            )
        else:
            self.case = closing.pass_case(
                by=self.players.intake(self.case),
                case=self.case,
                at=self._after(30, 300),
                seen_version=self.case.version,
            )

    def _call_back(self) -> None:
        story = self.story
        if story.anonymous:
            self._try_in_vain()
            return
        self.case = closing.call_back(
            by=self.players.caller(self.case),
            case=self.case,
            at=self._in_office(60 * 8, 60 * 36),
            seen_version=self.case.version,
            reached=True,
            contacted=story.contacted,
            solved=story.solved,
            satisfaction=story.satisfaction,
            within_duty=story.outcome == "closed_unsolved",
            comment=story.comment,
        )

    def _try_in_vain(self) -> None:
        for _attempt in range(3):
            self.case = closing.call_back(
                by=self.players.caller(self.case),
                case=self.case,
                at=self._next_day(),
                seen_version=self.case.version,
                reached=False,
            )

    def _send_back(self) -> None:
        """The callback says that it is not solved: back to the unit."""
        self.case = closing.call_back(
            by=self.players.caller(self.case),
            case=self.case,
            at=self._in_office(60 * 8, 60 * 36),
            seen_version=self.case.version,
            reached=True,
            contacted=True,
            solved="not_solved",
            satisfaction="dissatisfied",
            comment="还是老样子。",
        )

    def _redo(self) -> None:
        self._send_back()
        self._work(self.story.redo_notes)
        self._feed_back()
        self._check()

    def _reopen(self) -> None:
        self.case = closing.reopen_case(
            by=requester_of(self.case),
            case=self.case,
            at=self._lately(),
            seen_version=self.case.version,
            words=self.story.comment or "过了两天又坏了，还没解决。",
        )


_TURNS: dict[str, Callable[[Telling], None]] = {
    "paused": Telling._pause,
    "shelved": Telling._shelve,
    "withdrawn": Telling._withdraw,
}
