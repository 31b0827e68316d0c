"""Playing a message through the real acts, one after another, as far as its story goes."""

from __future__ import annotations

import contextlib
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from wangge.cases import closing, dispatch, handling, screening
from wangge.cases.access import requester_of
from wangge.cases.intake import Contact, Place, register_case
from wangge.cases.models import Case
from wangge.cases.words import Channel, ObjectionGround, PauseReason, ShelvingReason
from wangge.demo.players import Players
from wangge.demo.reading import toml
from wangge.duties.models import Matter, Priority
from wangge.foundation.journal.actors import Actor
from wangge.foundation.worktime.workcalendar import SHANGHAI
from wangge.organisations.models import Organisation
from wangge.organisations.roles import Role
from wangge.territory.codes import Level
from wangge.territory.queries import areas_within, place_candidates

#: Anonymous requests come from nobody; the journal says so.
PUBLIC = Actor(kind="public", id="anonymous")

#: Channels whose requests a member of the public sends in.
SELF_SERVICE = frozenset({Channel.APP, Channel.MINI_PROGRAM, Channel.QR, Channel.REPORTER})


@dataclass(frozen=True)
class Story:
    """One message and how it is to be played. `outcome` is a word of `data/messages*.csv`."""

    text: str
    district: str
    channel: str = Channel.HOTLINE_12345
    request_type: str = "help"
    matter: str = ""
    priority: str = ""
    place: str = ""
    anonymous: bool = False
    confidential: bool = False
    outcome: str = "closed_solved"
    dispatch_note: str = ""
    work_notes: tuple[str, ...] = ()
    redo_notes: tuple[str, ...] = ()
    objection: str = ""
    ruling: str = ""
    other_unit: str = ""
    merge_into: str = ""
    feedback: str = ""
    contacted: bool = True
    solved: str = "solved"
    satisfaction: str = "satisfied"
    comment: str = ""
    external_no: str = ""
    key: str | None = None


class Teller:
    """Tells stories with their own clock; the same seed tells them the same way."""

    def __init__(self, *, now: datetime, seed: int = 2026) -> None:
        self.now = now
        self.random = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self.players = Players(now)
        self.matters = {matter.code: matter for matter in Matter.objects.select_related("category")}
        self._grids: dict[str, list[str]] = {}
        self._serial = 0

    def tell(self, story: Story, *, at: datetime | None = None) -> Case:
        """Play the story from `at` (by default a fitting moment in the past) as far as it goes by now."""
        return _Telling(self, story, at or self.beginning(story)).play()

    # --- where and when ---

    def beginning(self, story: Story) -> datetime:
        """Ended stories lie up to ninety days back; open ones began lately, as their state allows."""
        outcome = story.outcome.split(":")[0]
        if outcome == "reopened":
            return self.now - timedelta(days=self.random.uniform(6, 13))
        pace = _PACE.get(story.priority or Priority.NORMAL, 1.0)
        hours = _HOURS_AT_THE_DESK.get(outcome)
        if outcome == "dispatched":
            hours = 2.5 * pace + 0.5
        if hours is None and outcome in _STILL_OPEN:
            hours = self.random.uniform(24, 110) * pace + 3
        if hours is None:
            hours = self.random.uniform(6 * 24, 88 * 24)
        else:
            hours *= self.random.uniform(0.8, 1.2)
        return self.now - timedelta(hours=hours)

    def place_of(self, story: Story) -> Place:
        """The surest area the words may mean, or some grid of the district for vague ones."""
        hits = place_candidates(story.place, within=story.district, limit=1) if story.place else []
        if hits:
            return Place(hits[0].area_code, story.place, confidence=hits[0].confidence)
        if story.district not in self._grids:
            grids = areas_within(story.district, Level.GRID).values_list("code", flat=True)
            self._grids[story.district] = list(grids) or [story.district]
        return Place(self.random.choice(self._grids[story.district]), story.place, confidence=0.3)

    def contact(self) -> Contact:
        """An invented person with a number that cannot ring; each is used once."""
        told = toml("people.toml")
        self._serial += 1
        names = [name for key, pool in told["names"].items() if key.startswith("given") for name in pool]
        name = self.random.choice(told["names"]["surnames"]) + self.random.choice(names)
        return Contact(name=name, phone=f"1000000{1000 + self._serial % 9000:04d}")

    def minutes(self, low: float, high: float) -> timedelta:
        return timedelta(minutes=self.random.uniform(low, high))


_PACE: dict[str, float] = {Priority.EMERGENCY: 0.05, Priority.URGENT: 0.2, Priority.CONSULT: 0.5}
_HOURS_AT_THE_DESK = {"registered": 0.6, "screening": 1.0, "to_dispatch": 1.5, "merged": 1.5}
_STILL_OPEN = frozenset(
    {"in_progress", "objection_review", "paused", "feedback_given", "verifying", "callback_due", "redo_open"}
)


class _TheEnd(Exception):
    """The next act would lie in the future."""


class _Telling:
    """One story under way."""

    def __init__(self, teller: Teller, story: Story, at: datetime) -> None:
        self.teller = teller
        self.story = story
        self.at = at.astimezone(UTC)
        self.pace = _PACE.get(story.priority or Priority.NORMAL, 1.0)
        self.case = self._register()

    @property
    def players(self) -> Players:
        return self.teller.players

    def play(self) -> Case:
        with contextlib.suppress(_TheEnd):
            self._plot()
        return self.case

    def _after(self, low: float, high: float) -> datetime:
        """The moment of the next act, some paced minutes on; _TheEnd when that is still to come."""
        self.at += self.teller.minutes(low * self.pace, high * self.pace)
        if self.at >= self.teller.now:
            raise _TheEnd
        return self.at

    def _in_office(self, low: float, high: float) -> datetime:
        """The same, but not at night: people are called between eight and eight."""
        at = self._after(low, high)
        local = at.astimezone(SHANGHAI)
        if self.pace >= 0.5 and not 8 <= local.hour < 20:
            day = local if local.hour < 8 else local + timedelta(days=1)
            self.at = day.replace(hour=8, minute=30 + self.teller.random.randrange(25)).astimezone(UTC)
            if self.at >= self.teller.now:
                raise _TheEnd
        return self.at

    def _lately(self) -> datetime:
        """Some hours before the present: what still waits at the desk has not waited for days."""
        self.at = max(self.at, self.teller.now - timedelta(hours=self.teller.random.uniform(1, 6)))
        return self._after(1, 10)

    def _next_day(self) -> datetime:
        """A call on another day, however urgent the case was."""
        self.at += timedelta(days=1)
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
        self_service = story.channel in SELF_SERVICE
        by = PUBLIC if self_service else self._who_takes_it_in(place)
        return register_case(
            by=by,
            at=self.at,
            text=story.text,
            place=place,
            channel=story.channel,
            request_type=story.request_type,
            priority=story.priority or Priority.NORMAL,
            contact=None if story.anonymous else self.teller.contact(),
            anonymous=story.anonymous,
            confidential=story.confidential,
            external_no=story.external_no,
            client_key=story.key,
            is_demo=True,
        ).case

    def _who_takes_it_in(self, place: Place) -> Actor:
        channel, area = self.story.channel, place.area_code
        if channel == Channel.GRID_PATROL and len(area) == 15:
            return self._over_or_intake(area, Role.GRID_WORKER)
        if channel in {Channel.WALK_IN, Channel.DELIBERATION} and len(area) >= 12:
            return self._over_or_intake(area[:12], Role.COMMUNITY_WORKER)
        return self.players.over(area[:6], Role.CENTER_INTAKE)

    def _over_or_intake(self, area: str, role: Role) -> Actor:
        try:
            return self.players.over(area, role)
        except LookupError:
            return self.players.over(area[:6], Role.CENTER_INTAKE)

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
            at=self._in_office(60, 60 * 30),
            seen_version=self.case.version,
            text=self.story.feedback or "已办理完毕，请您查看。",
        )

    def _check(self) -> None:
        if self.case.verification_required:
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


_TURNS = {"paused": _Telling._pause, "shelved": _Telling._shelve, "withdrawn": _Telling._withdraw}


def story_of(row: dict[str, str]) -> Story:
    """A row of `data/messages.csv` as a story; `data/README.md` says what its words mean."""
    traits = set(filter(None, row["traits"].split(";")))
    solved = {"partly": "partly", "not": "not_solved"}.get(row["callback_solved"], row["callback_solved"])
    notes, redo_notes = [], []
    objection = ruling = other_unit = ""
    for step in filter(None, (part.strip() for part in row["work_notes"].split("|"))):
        marked, _, rest = step.partition("：")
        if marked == "异议":
            objection = rest
        elif marked == "裁定":
            ruling = rest
        elif marked.startswith("改派["):
            ruling, other_unit = rest, marked[3:-1]
        elif marked == "重办":
            redo_notes.append(rest)
        else:
            notes.append(step)
    return Story(
        text=row["text"],
        district=row["district"],
        channel=row["channel"],
        request_type=row["request_type"] or "help",
        matter=row["matter"],
        priority=row["priority"],
        place=row["place"],
        anonymous="anonymous" in traits,
        confidential="confidential" in traits,
        outcome=row["outcome"],
        dispatch_note=row["dispatch_note"],
        work_notes=tuple(notes),
        redo_notes=tuple(redo_notes),
        objection=objection,
        ruling=ruling,
        other_unit=other_unit,
        merge_into=next(
            (trait.partition(":")[2] for trait in traits if trait.startswith("duplicate_of:")), ""
        ),
        feedback=row["feedback"],
        contacted=row["callback_contacted"] != "no",
        solved=solved or "solved",
        satisfaction=row["callback_satisfaction"] or "no_answer",
        comment=row["comment"],
        key=f"demo-{row['key']}",
    )
