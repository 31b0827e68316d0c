"""Thousands of earlier cases, bulk-written with valid journals: what a district looks like after a season.

Each history is made of the same lines with the same facts as the acts write, and every cached column is
worked out from it by the same clocks and the same table of moves; `tests/demo` holds the two together.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from wangge.cases.closing import OUTCOME_OF
from wangge.cases.intake import search_vector, title_of
from wangge.cases.limits import CaseConfiguration, configuration
from wangge.cases.models import CallbackAnswer, Case, CaseNote, Leg
from wangge.cases.states import PAST, State
from wangge.cases.words import CallbackChannel, Channel, NoteKind, RequestType, Satisfaction, Solved
from wangge.demo.organisations import COMMUNITY, TOWN_UNIT
from wangge.demo.players import Players
from wangge.demo.reading import DISTRICTS, toml
from wangge.demo.stories import Teller
from wangge.duties.models import DispatchRule, Matter
from wangge.duties.queries import UnableToNameLead, who_leads
from wangge.foundation.journal.actors import Actor
from wangge.foundation.journal.bulk import PastAct, write_chains
from wangge.foundation.journal.hashing import new_salt, salted_digest
from wangge.foundation.privacy.actions import keep_identities
from wangge.foundation.worktime.calendars import current_calendar
from wangge.foundation.worktime.counting import deadline
from wangge.foundation.worktime.workcalendar import SHANGHAI, WorkCalendar
from wangge.organisations.models import Organisation
from wangge.organisations.posts import PostHolder
from wangge.organisations.roles import Role
from wangge.territory.codes import Level
from wangge.territory.models import PlaceName
from wangge.territory.queries import areas_within

COUNT = 3000
DAYS = 90
#: How many cases each district gets of ten: the seat of the prefecture has most of the people.
_SHARES = {"230717": 5, "230718": 2, "230719": 3}
_CHANNELS = (Channel.HOTLINE_12345,) * 5 + (
    Channel.APP,
    Channel.GRID_PATROL,
    Channel.GRID_PATROL,
    Channel.WALK_IN,
)
_SOLVED = (Solved.SOLVED,) * 17 + (Solved.PARTLY,) * 2
_SATISFACTION = (
    *(Satisfaction.SATISFIED,) * 9,
    *(Satisfaction.VERY_SATISFIED,) * 6,
    *(Satisfaction.BASICALLY_SATISFIED,) * 4,
    Satisfaction.DISSATISFIED,
    Satisfaction.NO_ANSWER,
)


@dataclass
class _Written:
    """A case with everything that hangs from it, not yet in the database."""

    case: Case
    leg: Leg | None = None
    notes: list[CaseNote] = field(default_factory=list)
    answers: list[CallbackAnswer] = field(default_factory=list)
    acts: list[PastAct] = field(default_factory=list)


def seed_bulk_cases(*, now: datetime, count: int = COUNT, seed: int = 17) -> int:
    """Write `count` cases over the last ninety days, oldest first, in one transaction."""
    writer = _Writer(now=now, seed=seed)
    moments = sorted(now - timedelta(days=writer.random.uniform(0.5, DAYS)) for _position in range(count))
    written = [writer.write(moment) for moment in moments]
    with transaction.atomic():
        _insert(written, now)
    return len(written)


class _Writer:
    """Makes up histories; the same seed makes the same ones."""

    def __init__(self, *, now: datetime, seed: int) -> None:
        self.now = now
        self.random = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self.people = Teller(now=now, seed=seed)
        self.players = Players(now)
        self.calendar: WorkCalendar = current_calendar()
        self.configuration: CaseConfiguration = configuration()
        self.phrases = toml("phrases.toml")
        self.matters = [
            matter
            for matter in Matter.objects.select_related("category")
            if matter.category.code in self.phrases
        ]
        self.places = {
            district: list(PlaceName.objects.filter(area__prefix__startswith=district).select_related("area"))
            for district in DISTRICTS
        }
        self.grids = {
            district: list(areas_within(district, Level.GRID).values_list("code", flat=True))
            for district in DISTRICTS
        }
        self._led_below = set(
            DispatchRule.objects.filter(lead_kind__in=[COMMUNITY, TOWN_UNIT]).values_list(
                "matter__code", flat=True
            )
        )
        self._leads: dict[tuple[str, str, date | None], Any] = {}
        self._numbers: Counter[tuple[str, date]] = _numbers_in_use()

    # --- one case ---

    def write(self, at: datetime) -> _Written:
        district = self.random.choices(list(_SHARES), weights=list(_SHARES.values()))[0]
        matter = self.random.choice(self.matters)
        area, place = self._somewhere(district)
        phrases = self.phrases[matter.category.code]
        text = self.random.choice(phrases["texts"]).format(place=place)
        case = self._registered(at, district, area, place, matter, text)
        told = _Written(case)
        by = self.players.over(district, Role.CENTER_INTAKE)
        self._tell_registered(told, by)
        self._on(told, "start_screening", by, self._minutes(3, 50))
        self._classified(told, by, matter)
        lead = self._lead(matter, area, at)
        if lead is None:
            return told
        self._dispatched(told, by, lead)
        self._signed(told)
        for note in self.random.sample(phrases["work_notes"], 2):
            if not self._worked(told, note):
                return told
        self._finish(told, self.random.choice(phrases["feedback"]), by)
        return told

    def _somewhere(self, district: str) -> tuple[str, str]:
        places = self.places[district]
        if places and self.random.random() < 0.8:
            place = self.random.choice(places)
            return place.area.code, place.name
        return self.random.choice(self.grids[district]), ""

    def _registered(
        self, at: datetime, district: str, area: str, place: str, matter: Matter, text: str
    ) -> Case:
        day = at.astimezone(SHANGHAI).date()
        self._numbers[district, day] += 1
        number = f"{district}-{day:%Y%m%d}-{self._numbers[district, day]:05d}"
        return Case(
            number=number,
            salt=new_salt(),
            lookup_secret="".join(self.random.choices("ABCDEFGHJKMNPQRSTUVWXYZ23456789", k=6)),
            request_type=(matter.request_types or [RequestType.HELP])[0],
            channel=self.random.choice(_CHANNELS),
            title=title_of(text),
            text=text,
            search=search_vector(number, text, place),
            place=place,
            area_code=area,
            district=district,
            town=area[:9] if len(area) >= 9 else "",
            community=area[:12] if len(area) >= 12 else "",
            grid=area[:15] if len(area) >= 15 else "",
            place_confidence=1.0,
            state=State.REGISTERED,
            priority="normal",
            registered_at=at,
            dispatch_due_at=deadline(
                at, self.configuration.limit("normal", "dispatch"), self.calendar
            ).due_at,
            is_demo=True,
        )

    def _lead(self, matter: Matter, area: str, at: datetime) -> Any:
        """Looked up once a matter and district; None where the catalogue names nobody.

        Only what committees and towns lead depends on more: on the place, and on admissions of the day.
        """
        below = matter.code in self._led_below
        key = (matter.code, area[: 12 if below else 6], at.date() if below else None)
        if key not in self._leads:
            try:
                self._leads[key] = who_leads(
                    matter=matter, area_code=area, day=at.astimezone(SHANGHAI).date()
                )
            except UnableToNameLead:
                self._leads[key] = None
        return self._leads[key]

    # --- its acts ---

    def _minutes(self, low: float, high: float) -> timedelta:
        return timedelta(minutes=self.random.uniform(low, high))

    def _on(
        self, told: _Written, act: str, by: Actor, after: timedelta, *, to: State | None = None, **facts: Any
    ) -> bool:
        """Add an act some time after the one before; False when that would lie in the future."""
        at = told.acts[-1].at + after
        if at >= self.now - timedelta(minutes=5):
            return False
        if to is not None:
            facts["to"] = to.value
            told.case.state = to
        elif act == "start_screening":
            facts["to"] = State.SCREENING.value
            told.case.state = State.SCREENING
        told.case.version += 1
        told.acts.append(PastAct(f"case.{PAST[act]}", by.bare(), at, facts))
        return True

    def _note(self, told: _Written, kind: NoteKind, text: str, by: PostHolder) -> str:
        salt = new_salt()
        note = CaseNote(
            kind=kind, text=text, salt=salt, digest=salted_digest(text, salt), unit_id=by.organisation_id
        )
        told.notes.append(note)
        return note.digest

    def _tell_registered(self, told: _Written, by: Actor) -> None:
        case = told.case
        told.acts.append(
            PastAct(
                "case.registered",
                by.bare(),
                case.registered_at,
                {
                    "to": State.REGISTERED.value,
                    "channel": str(case.channel),
                    "type": str(case.request_type),
                    "priority": "normal",
                    "area": case.area_code,
                    "dispatch_limit": str(self.configuration.limit("normal", "dispatch")),
                    "calendar": self.calendar.version,
                    "external_due": None,
                    "confidential": False,
                    "photos": [],
                    "digest": salted_digest(case.text, case.salt),
                },
            )
        )

    def _classified(self, told: _Written, by: Actor, matter: Matter) -> None:
        case = told.case
        limit = self.configuration.limit(matter.priority, "dispatch")
        if not self._on(
            told, "classify", by, self._minutes(2, 30), to=State.TO_DISPATCH, matter=matter.code,
            category=matter.category.code, priority=matter.priority, area=case.area_code,
            dispatch_limit=str(limit), verification=matter.verification_required,
        ):  # fmt: skip
            return
        case.matter = matter
        case.category = matter.category.code
        case.priority = matter.priority
        case.verification_required = matter.verification_required
        case.accepted_at = told.acts[-1].at
        due_at = deadline(case.registered_at, limit, self.calendar).known_due_at
        case.dispatch_due_at = min(due_at, case.dispatch_due_at or due_at)

    def _dispatched(self, told: _Written, by: Actor, lead: Any) -> None:
        case, unit = told.case, lead.organisation
        if case.state != State.TO_DISPATCH:
            return
        limits = {
            stage: self.configuration.limit(case.priority, stage) for stage in ("sign", "contact", "feedback")
        }
        facts = {
            "by_catalogue": True,
            "rule": lead.rule.pk,
            "admission": lead.admission.pk if lead.admission else None,
            "leg": 1,
            "unit": unit.code,
            "calendar": self.calendar.version,
            **{f"{stage}_limit": str(limit) for stage, limit in limits.items()},
        }
        if not self._on(told, "dispatch", by, self._minutes(2, 60), to=State.DISPATCHED, **facts):
            return
        at = told.acts[-1].at
        due = {stage: deadline(at, limit, self.calendar).known_due_at for stage, limit in limits.items()}
        told.leg = Leg(
            number=1,
            unit=unit,
            rule_id=lead.rule.pk,
            by_catalogue=True,
            basis=lead.rule.basis,
            dispatched_at=at,
            sign_due_at=due["sign"],
            contact_due_at=due["contact"],
            feedback_due_at=due["feedback"],
            object_due_at=deadline(at, self.configuration.objection_limit, self.calendar).known_due_at,
        )
        case.first_unit = case.lead_unit = unit
        case.first_dispatched_at = at
        case.feedback_due_at = due["feedback"]

    def _signed(self, told: _Written) -> None:
        if told.leg is None:
            return
        by = self._officer(told)
        if self._on(told, "sign", by, self._minutes(5, 300), to=State.IN_PROGRESS, leg=1):
            told.leg.signed_at = told.acts[-1].at

    def _worked(self, told: _Written, text: str) -> bool:
        if told.leg is None or told.case.state != State.IN_PROGRESS:
            return False
        by = self._officer(told)
        digest = self._note(told, NoteKind.WORK, text, by)
        contacted = told.leg.contacted_at is None
        # One case in twelve lies a while; a few of them beyond the promise.
        slow = 6.0 if self.random.random() < 0.08 else 1.0
        hours = {"emergency": 0.4, "urgent": 6, "consult": 3}.get(str(told.case.priority), 50) * slow
        done = self._on(
            told,
            "handle",
            by,
            self._minutes(10, 60 * hours),
            leg=1,
            contacted=contacted,
            photos=[],
            digest=digest,
        )
        if not done:
            told.notes.pop()
            return False
        told.notes[-1].at = told.acts[-1].at
        if contacted:
            told.leg.contacted_at = told.acts[-1].at
        return True

    def _finish(self, told: _Written, feedback: str, desk: PostHolder) -> None:
        case, leg, by = told.case, told.leg, self._officer(told)
        if leg is None:
            return
        digest = self._note(told, NoteKind.FEEDBACK, feedback, by)
        if not self._on(
            told,
            "feed_back",
            by,
            self._minutes(10, 900),
            to=State.FEEDBACK_GIVEN,
            leg=1,
            photos=[],
            digest=digest,
        ):
            told.notes.pop()
            return
        told.notes[-1].at = case.feedback_at = leg.feedback_at = told.acts[-1].at
        if case.verification_required and not self._on(
            told, "verify", desk, self._minutes(10, 200), to=State.VERIFYING, grid=case.grid or None
        ):
            return
        checked = case.verification_required
        if not self._on(
            told, "pass", desk, self._minutes(30, 500), to=State.CALLBACK_DUE, checked=checked, photos=[]
        ):
            return
        case.verified = checked
        self._called_back(told)

    def _called_back(self, told: _Written) -> None:
        case = told.case
        solved, satisfaction = self.random.choice(_SOLVED), self.random.choice(_SATISFACTION)
        contacted = self.random.random() < 0.96 or solved == Solved.PARTLY
        outcome = OUTCOME_OF[solved]
        done = self._on(
            told,
            "call_back",
            self.players.caller(case),
            self._minutes(300, 2400),
            to=State.CLOSED,
            round=1,
            channel=CallbackChannel.PHONE.value,
            reached=True,
            requester_contacted=contacted,
            solved=solved.value,
            satisfaction=satisfaction.value,
            within_duty=contacted,
            outcome=outcome.value,
        )
        if not done:
            return
        at = told.acts[-1].at
        told.answers.append(
            CallbackAnswer(
                round=1,
                channel=CallbackChannel.PHONE,
                at=at,
                reached=True,
                contacted=contacted,
                solved=solved,
                satisfaction=satisfaction,
            ),
        )
        case.outcome, case.ended_at = outcome, at
        if told.leg is not None:
            told.leg.ended_at = at

    def _officer(self, told: _Written) -> PostHolder:
        unit: Organisation | None = told.case.lead_unit
        if unit is None:
            raise LookupError(f"{told.case.number} has no unit.")
        return self.players.officer_of(unit)


# --- writing ---


def _numbers_in_use() -> Counter[tuple[str, date]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT district, day, last FROM cases_casecounter")
        return Counter({(district, day): last for district, day, last in cursor.fetchall()})


def _insert(written: list[_Written], now: datetime) -> None:
    """Cases, legs, notes, answers, journals, counters; a case and its leg point at each other."""
    people = Teller(now=now, seed=99)
    contacts = [people.contact() for _told in written]
    identities = keep_identities(((contact.name, contact.phone) for contact in contacts), at=now)
    for told, identity in zip(written, identities, strict=True):
        told.case.requester = identity
    legs = [told for told in written if told.leg is not None]
    states = {told.case.number: told.case.state for told in legs}
    for told in legs:
        told.case.state = State.REGISTERED  # until its leg is there, the database refuses a case with a unit
    Case.objects.bulk_create([told.case for told in written], batch_size=500)
    for told in legs:
        if told.leg is not None:
            told.leg.case = told.case
    Leg.objects.bulk_create([told.leg for told in legs if told.leg is not None], batch_size=500)
    for told in legs:
        told.case.leg = told.leg
        told.case.state = states[told.case.number]
    Case.objects.bulk_update([told.case for told in legs], ["leg", "state"], batch_size=500)
    CaseNote.objects.bulk_create(list(_notes(written)), batch_size=1000)
    CallbackAnswer.objects.bulk_create(list(_answers(written)), batch_size=1000)
    write_chains((told.case.subject, told.acts) for told in written)
    _count_numbers(written)


def _notes(written: list[_Written]) -> Iterator[CaseNote]:
    for told in written:
        for note in told.notes:
            note.case = told.case
            yield note


def _answers(written: list[_Written]) -> Iterator[CallbackAnswer]:
    for told in written:
        for answer in told.answers:
            answer.case = told.case
            yield answer


def _count_numbers(written: list[_Written]) -> None:
    last: Counter[tuple[str, date]] = Counter()
    for told in written:
        district, day, serial = told.case.number.split("-")
        key = (district, date(int(day[:4]), int(day[4:6]), int(day[6:])))
        last[key] = max(last[key], int(serial))
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO cases_casecounter (district, day, last) VALUES (%s, %s, %s)"
            " ON CONFLICT (district, day)"
            " DO UPDATE SET last = greatest(cases_casecounter.last, excluded.last)",
            [(district, day, number) for (district, day), number in last.items()],
        )
