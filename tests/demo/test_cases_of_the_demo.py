"""The demo's cases, acted and bulk-written alike: sound journals, true columns, every state, nobody real."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import pytest
from django.db import models, transaction

from cases.soundness import assert_sound
from demo.conftest import AT, EARLIER
from wangge.cases.clocks import case_clock, leg_clock
from wangge.cases.dispatch import auto_sign_case
from wangge.cases.history import Event, events_of, replay
from wangge.cases.models import (
    Assist,
    Attachment,
    CallbackAnswer,
    Case,
    CaseCounter,
    CaseNote,
    Leg,
    Objection,
    Pause,
    Shelving,
)
from wangge.cases.states import STANDING, State
from wangge.cases.words import Outcome
from wangge.demo.reading import messages
from wangge.demo.seed import demo_stories
from wangge.demo.telling import TIMETABLE, Teller
from wangge.foundation.journal.models import Line
from wangge.foundation.journal.queries import lines_of
from wangge.foundation.journal.verifying import verify_journal
from wangge.foundation.privacy.models import Identity
from wangge.foundation.privacy.screening import find_identifiers
from wangge.foundation.worktime.calendars import calendar_version
from wangge.organisations.models import Organisation
from wangge.territory.models import GridDetail

ACTED = models.Q(client_key__startswith="demo-")
BULK = models.Q(client_key=None)


@pytest.fixture(scope="module")
def histories(demo: None) -> dict[str, list[Event]]:
    """The journal of every case, by its number."""
    lines: dict[str, list[Line]] = defaultdict(list)
    for line in Line.objects.filter(subject_kind="case").order_by("subject_id", "seq"):
        lines[line.subject_id].append(line)
    return {number: events_of(own) for number, own in lines.items()}


def cases(*conditions: models.Q) -> models.QuerySet[Case]:
    return Case.objects.defer("search").filter(*conditions).select_related("leg__unit", "lead_unit")


# --- the journal is the truth ------------------------------------------------------------------------


def test_the_whole_journal_is_sound_and_sealed(demo: None):
    verdict = verify_journal()
    assert verdict.findings == ()
    assert verdict.checkpoints == 1
    assert verdict.lines > 5000


def test_every_state_follows_from_the_journal(histories: dict[str, list[Event]]):
    there = {case.number: case.state for case in cases()}
    assert there.keys() == histories.keys()
    assert {number: str(replay(history)) for number, history in histories.items()} == there


def test_both_clocks_of_every_case_follow_from_the_journal(histories: dict[str, list[Event]]):
    for case in cases():
        history = histories[case.number]
        clock = case_clock(history, calendar_version)
        assert case.dispatch_due_at == clock.dispatch.due_at, case.number
        if case.state not in STANDING:
            running = clock.feedback.due_at if clock.feedback else None
            # What was opened again has no promise of an answer until it is dispatched again.
            assert case.feedback_due_at in (None, running), case.number
            assert (case.feedback_due_at is None) == (running is None or bool(case.reopenings)), case.number
        if case.leg is not None:
            leg = leg_clock(history, case.leg.number, calendar_version)
            assert leg.unit == case.leg.unit.code
            assert case.leg.sign_due_at == leg.sign.due_at, case.number
            assert case.leg.contact_due_at == leg.contact.due_at, case.number
            if case.state not in STANDING:
                assert case.leg.feedback_due_at == leg.feedback.due_at, case.number


def test_what_must_hold_of_every_case_holds_of_these(demo: None):
    """The same checks as after every act of the cases room, on a case of every state and kind."""
    seen: set[tuple[str, str, bool]] = set()
    for case in cases().order_by("pk"):
        kind = (case.state, case.outcome, case.client_key is None)
        if kind not in seen:
            seen.add(kind)
            assert_sound(case)
    assert len(seen) > 20


def test_who_wrote_the_rows_wrote_the_same_facts(demo: None):
    """A bulk-written line has the facts, and kinds of facts, of the same act done by somebody."""
    acted = facts_by_act(lines_about(ACTED))
    acted |= {"case.auto_signed": facts_of_signing_by_clock()}
    bulk = facts_by_act(lines_about(BULK))
    assert {"case.called_back", "case.answered", "case.archived"} <= bulk.keys()
    for act, shapes in bulk.items():
        assert shapes <= acted[act], act


def lines_about(condition: models.Q) -> Iterator[Line]:
    numbers = Case.objects.filter(condition).values("number")
    return Line.objects.filter(subject_kind="case", subject_id__in=numbers).iterator()


def facts_by_act(lines: Iterable[Line]) -> dict[str, set[frozenset[tuple[str, str]]]]:
    shapes: dict[str, set[frozenset[tuple[str, str]]]] = defaultdict(set)
    for line in lines:
        shapes[line.act].add(shape_of(line))
    return dict(shapes)


def shape_of(line: Line) -> frozenset[tuple[str, str]]:
    """The names of the facts with the kinds of their values; an optional one may be there or be null."""
    return frozenset(
        (name, type(value).__name__) for name, value in line.facts.items() if name != "admission"
    )


def facts_of_signing_by_clock() -> set[frozenset[tuple[str, str]]]:
    """No story of the demo waits that long; one that could is made to."""
    with transaction.atomic():
        case = cases(ACTED).filter(state=State.DISPATCHED).select_related("leg").order_by("pk")[0]
        assert case.leg is not None
        auto_sign_case(by=TIMETABLE, case=case, at=case.leg.sign_due_at)
        line = lines_of(case.subject).last()
        transaction.set_rollback(True)
    assert line is not None
    return {shape_of(line)}


# --- nothing is ahead of its time --------------------------------------------------------------------

#: Days that are meant to lie ahead.
AHEAD = re.compile(r"_due_at$|^planned_end_at$|^review_date$|^resume_after_date$")


def test_nothing_has_happened_that_is_still_to_come(demo: None):
    for model in (Case, Leg, Objection, Assist, Pause, Shelving, CallbackAnswer, CaseNote, Attachment, Line):
        for field in model._meta.concrete_fields:
            if isinstance(field, models.DateTimeField) and not AHEAD.search(field.name):
                late = model._default_manager.filter(**{f"{field.name}__gt": AT})
                assert not late.exists(), f"{model.__name__}.{field.name}"


def test_each_act_follows_the_one_before(histories: dict[str, list[Event]]):
    for number, history in histories.items():
        moments = [event.at for event in history]
        assert moments == sorted(moments), number


def test_numbers_are_of_the_day_of_receipt_and_go_on_from_there(demo: None):
    used: dict[tuple[str, str], int] = defaultdict(int)
    for case in cases():
        district, day, serial = case.number.split("-")
        assert district == case.district
        assert day == f"{case.registered_at + timedelta(hours=8):%Y%m%d}"
        used[district, day] = max(used[district, day], int(serial))
    counted = {(row.district, f"{row.day:%Y%m%d}"): row.last for row in CaseCounter.objects.all()}
    assert counted == used


# --- what there is to see ----------------------------------------------------------------------------


def test_every_state_and_every_outcome_occurs(demo: None):
    assert set(cases().values_list("state", flat=True)) == set(State.values)
    assert set(cases().exclude(outcome="").values_list("outcome", flat=True)) == set(Outcome.values)


def test_every_message_is_told_as_it_was_meant(demo: None):
    told = {case.client_key: case for case in cases(ACTED)}
    assert len(told) == len(messages())
    for row in messages():
        case = told[f"demo-{row['key']}"]
        assert_told(case, row["outcome"].split(":")[0], row["key"])


def assert_told(case: Case, outcome: str, key: str) -> None:
    state = State.ARCHIVED if case.state == State.ARCHIVED else None
    if outcome.startswith("closed_"):
        assert case.outcome == outcome.removeprefix("closed_"), key
        assert case.state in {State.CLOSED, State.ARCHIVED}, key
    elif outcome in {"redo", "objection_upheld", "objection_accepted"}:
        assert case.outcome, key
        assert case.redos == (outcome == "redo"), key
        assert case.reassignments == (outcome == "objection_accepted"), key
    elif outcome == "redo_open":
        assert (case.state, case.redos) == (State.IN_PROGRESS, 1), key
    elif outcome == "reopened":
        assert (case.state, case.reopenings) == (State.SCREENING, 1), key
    else:
        assert case.state == (state if outcome in {"informed", "answered"} and state else outcome), key


@pytest.mark.parametrize(
    "at",
    [
        datetime.fromisoformat("2026-10-05T03:30:00+08:00"),  # at night in a long holiday
        datetime.fromisoformat("2027-02-28T23:59:30+08:00"),  # on a Sunday, at the end of a month
    ],
)
def test_what_stands_open_stands_as_meant_whenever_the_demo_is_started(undone: None, at: datetime):
    standing = {
        "registered", "screening", "to_dispatch", "dispatched", "in_progress", "objection_review", "paused",
        "shelved", "feedback_given", "verifying", "callback_due", "redo_open", "reopened", "merged",
    }  # fmt: skip
    Case.objects.filter(ACTED).update(client_key=None)
    teller = Teller(now=at)
    # Two of each outcome, and what is merged with what it is merged into.
    stories = {story.key: story for story in demo_stories()}
    chosen = [s for word in standing for s in [s for s in stories.values() if s.outcome == word][:2]]
    chosen += [stories[f"demo-{s.merge_into}"] for s in chosen if s.merge_into]
    for story in sorted({s.key: s for s in chosen}.values(), key=teller.beginning):
        case = teller.tell(story)
        if story.outcome in standing:
            assert_told(case, story.outcome, str(story.key))
        assert not Line.objects.filter(subject_id=case.number, at__gt=at).exists()


def test_a_story_is_told_the_same_way_again(undone: None):
    """Whatever was told before it: each has its own dice."""
    story = next(story for story in demo_stories() if story.key == "demo-H01")
    before = Case.objects.get(client_key=story.key)
    acts = [(line.act, line.at) for line in lines_of(before.subject)]
    Case.objects.filter(pk=before.pk).update(client_key=None)
    again = Teller(now=AT).tell(story)
    assert [(line.act, line.at) for line in lines_of(again.subject)] == acts


def test_the_earlier_cases_look_like_a_season(demo: None):
    bulk = cases(BULK)
    assert bulk.count() == EARLIER
    assert bulk.filter(registered_at__lt=AT - timedelta(days=60)).count() > EARLIER / 5
    ended = bulk.filter(state__in=[State.CLOSED, State.ARCHIVED])
    assert ended.count() > EARLIER * 0.7
    assert set(bulk.values_list("district", flat=True)) == {"230717", "230718", "230719"}
    assert len(set(bulk.values_list("category", flat=True))) > 15
    assert len(set(bulk.values_list("channel", flat=True))) > 4
    assert Leg.objects.filter(case__in=bulk, auto_signed=True).exists()
    late = ended.filter(feedback_at__gt=models.F("feedback_due_at")).count()
    assert 0 < late < ended.count() / 4


def test_everything_there_is_in_time_has_been_done_in_time(demo: None):
    """The worker that starts with the demo finds no backlog that should have been gone long ago."""
    archive = AT - timedelta(days=30, hours=6)
    assert not cases().filter(state__in=["closed", "informed", "answered"], ended_at__lt=archive).exists()
    assert not cases().filter(state="dispatched", leg__sign_due_at__lt=AT).exists()
    waits = cases().filter(state="feedback_given", verification_required=False)
    assert not waits.filter(feedback_at__lt=AT - timedelta(hours=24)).exists()


# --- nobody real -------------------------------------------------------------------------------------


def test_every_row_says_that_it_is_demo(demo: None):
    assert not cases().filter(is_demo=False).exists()
    assert not Organisation.objects.filter(is_demo=False).exists()


def test_no_phone_can_ring(demo: None):
    phones = [identity.phone.unseal() for identity in Identity.objects.all()]
    phones += Organisation.objects.values_list("work_phone", flat=True)
    phones += GridDetail.objects.values_list("supervision_phone", flat=True)
    assert len(phones) > 1000
    # No mobile number begins 100, and no number in Yichun begins with a one.
    silent = re.compile(r"1000000\d{4}|0458-100\d{4}")
    assert {phone for phone in phones if not silent.fullmatch(phone)} == set()


def test_nobody_else_has_the_same_phone(demo: None):
    own = cases().filter(requester_user=None, requester__isnull=False)
    phones = [case.requester.phone.unseal() for case in own.select_related("requester") if case.requester]
    assert len(set(phones)) == len(phones)


def test_texts_and_notes_hold_no_identifier(demo: None):
    texts = [*cases().values_list("text", flat=True), *CaseNote.objects.values_list("text", flat=True)]
    assert [text[:20] for text in texts if find_identifiers(text)] == []
