"""What follows each act: who is told what, once, however often the line is answered."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import translation

from cases.acts import CAST, actor_for, after, last_line, perform
from makers import make_case
from town import MORNING, Town
from wangge.cases.models import Case
from wangge.cases.states import PAST, State
from wangge.doors.worker.reactions import REACTIONS, react
from wangge.foundation.journal.actions import append
from wangge.foundation.journal.actors import Actor, Subject
from wangge.foundation.journal.models import Line, Wakeup
from wangge.foundation.journal.wakeups import drain
from wangge.foundation.notices.models import Notice
from wangge.foundation.worktime.workcalendar import SHANGHAI

REQUESTER = {"receipt", "lin"}  # who holds the receipt, and the account the request was made with

#: word: (state it is made in, what is filled in, {who is told: with which sentence}). A lamp, led by the
#: bureau, asked for by Lin. Words with nobody to tell are listed below.
TOLD: dict[str, tuple[State | None, dict[str, Any], dict[str, set[str]]]] = {
    "case.registered": (None, {}, {"case.received": REQUESTER}),
    "case.informed": (State.SCREENING, {}, {"case.not_dispatched_read": REQUESTER}),
    "case.review_asked": (State.INFORMED, {}, {"desk.review": {"chen"}}),
    "case.answered": (State.SCREENING, {}, {"case.answered": REQUESTER}),
    "case.merged": (
        State.IN_PROGRESS, {}, {"case.handled_together": REQUESTER, "desk.merged": {"wu"}},
    ),
    "case.dispatched": (
        State.TO_DISPATCH, {}, {"desk.for_you": {"wu"}, "case.dispatched": REQUESTER},
    ),
    "case.auto_signed": (State.DISPATCHED, {}, {"desk.signed_by_clock": {"wu"}}),
    "case.objected": (State.DISPATCHED, {}, {"desk.objection": {"tang"}}),
    "case.upheld": (State.OBJECTION_REVIEW, {}, {"desk.upheld": {"wu"}}),
    "case.reassigned": (
        State.OBJECTION_REVIEW, {}, {"desk.for_you": {"feng"}, "case.dispatched": REQUESTER},
    ),
    "case.assist_asked": (State.IN_PROGRESS, {}, {"desk.assist": {"lu_civil"}}),
    "case.paused": (State.IN_PROGRESS, {}, {"case.paused": REQUESTER}),
    "case.resumed": (State.PAUSED, {}, {"case.taken_up": REQUESTER}),
    "case.extended": (State.IN_PROGRESS, {}, {"case.time_extended": REQUESTER}),
    "case.shelved": (State.IN_PROGRESS, {}, {"case.put_off": REQUESTER}),
    "case.reactivated": (State.SHELVED, {}, {"case.taken_up": REQUESTER}),
    "case.shelving_ended": (State.SHELVED, {}, {"case.rate": REQUESTER}),
    "case.fed_back": (State.IN_PROGRESS, {}, {"case.feedback_given": REQUESTER}),
    "case.verification_asked": (State.FEEDBACK_GIVEN, {}, {"field.check": {"zhou"}}),
    "case.passed": (State.FEEDBACK_GIVEN, {}, {"case.rate": REQUESTER}),
    "case.feedback_rejected": (State.FEEDBACK_GIVEN, {}, {"desk.sent_back": {"wu"}}),
    "case.called_back": (
        State.CALLBACK_DUE, {"solved": "not_solved"}, {"desk.redo": {"wu"}, "case.done_again": REQUESTER},
    ),
    "case.reopened": (State.CLOSED, {}, {"desk.reopened": {"chen"}}),
    "case.withdrawn": (State.IN_PROGRESS, {}, {"desk.withdrawn": {"wu"}}),
}  # fmt: skip
SILENT = {
    "case.screening_started", "case.classified", "case.signed", "case.handled", "case.assisted", "case.rated",
    "case.archived", "case.ended_elsewhere",
}  # fmt: skip
ACT_OF = {f"case.{past}": act for act, past in PAST.items()}


def test_every_word_of_a_case_is_answered_or_silent_on_purpose() -> None:
    assert set(TOLD) | SILENT == {f"case.{past}" for past in PAST.values()}
    assert set(REACTIONS) == set(TOLD)


def line_of(town: Town, word: str) -> Line:
    """The line of an act just made."""
    state, told, _notices = TOLD[word]
    asked = {"by": town.lin.holder, "channel": "app", "request_type": "consult"}
    if state is None:
        return last_line(make_case(town, **asked))
    case, act = make_case(town, state, **asked), ACT_OF[word]
    at = case.leg.sign_due_at if act == "auto_sign" else after(case)
    return last_line(perform(town, case, act, by=actor_for(town, case, act), at=at, **told))


def told_by(town: Town, line: Line) -> dict[str, set[str]]:
    """{sentence: who is told} of the notices that answer this line."""
    names = {("post", town.people[name].holder.post_id): name for name in CAST}
    names |= {("user", town.lin.holder.id): "lin", ("requester", line.subject_id): "receipt"}
    found: dict[str, set[str]] = {}
    for notice in Notice.objects.filter(key=f"line:{line.pk}"):
        found.setdefault(notice.template, set()).add(names[notice.recipient_kind, notice.recipient_id])
    return found


@pytest.mark.parametrize("word", TOLD)
def test_each_act_is_told_to_those_it_concerns_and_once(town: Town, word: str) -> None:
    line = line_of(town, word)
    assert line.act == word
    react(line)
    assert told_by(town, line) == TOLD[word][2]
    count = Notice.objects.count()
    react(line)
    react(Line.objects.get(pk=line.pk))
    assert Notice.objects.count() == count
    for notice in Notice.objects.filter(key=f"line:{line.pk}"):
        assert notice.about == line.subject
        for language in ("zh-hans", "en"):
            with translation.override(language):
                assert "{" not in notice.text
                assert notice.text


def test_acts_nobody_waits_for_are_answered_by_silence(town: Town) -> None:
    makes = {"case.screening_started": State.SCREENING, "case.signed": State.IN_PROGRESS}
    for word, state in makes.items():
        line = last_line(make_case(town, state))
        assert line.act == word
        react(line)
    assert not Notice.objects.exists()


def test_a_callback_that_closes_the_case_is_told_to_the_requester(town: Town) -> None:
    line = last_line(make_case(town, State.CLOSED))
    react(line)
    react(line)
    assert told_by(town, line) == {"case.closed": {"receipt"}}
    assert {notice.text for notice in Notice.objects.all()} == {
        f"您的诉求{line.subject_id}已办结，点开查看结果。"
    }


def test_a_call_that_reached_nobody_needs_no_notice(town: Town) -> None:
    case = make_case(town, State.CALLBACK_DUE)
    fang = actor_for(town, case, "call_back")
    line = last_line(perform(town, case, "call_back", by=fang, at=after(case), reached=False))
    react(line)
    assert not Notice.objects.exists()


def test_words_of_later_versions_are_left_alone(town: Town) -> None:
    append(act="case.danced", subject=Subject("case", "1"), by=Actor.system("test"), at=MORNING)
    react(Line.objects.get(act="case.danced"))
    assert not Notice.objects.exists()


# --- urgency ---


def test_an_emergency_is_told_to_the_desk_at_once_and_at_night(town: Town) -> None:
    night = datetime(2026, 3, 6, 23, 30, tzinfo=SHANGHAI)
    react(last_line(make_case(town, at=night, priority="emergency")))
    [desk] = Notice.objects.filter(template="desk.arrived")
    assert desk.recipient_id == town.chen.holder.post_id
    assert desk.deliver_at == night
    react(last_line(make_case(town, at=night)))
    assert Notice.objects.filter(template="desk.arrived").count() == 1


def test_what_can_wait_until_morning_waits(town: Town) -> None:
    night = datetime(2026, 3, 6, 22, 0, tzinfo=SHANGHAI)
    case = make_case(town, State.TO_DISPATCH, at=night - timedelta(hours=1))
    react(last_line(perform(town, case, "dispatch", by=town.chen.holder, at=night)))
    morning = datetime(2026, 3, 7, 7, 30, tzinfo=SHANGHAI)
    assert {notice.deliver_at for notice in Notice.objects.all()} == {morning}
    pipe = make_case(town, State.TO_DISPATCH, matter="pipe", at=night - timedelta(hours=1))
    line = last_line(perform(town, pipe, "dispatch", by=town.chen.holder, at=night))
    react(line)
    mine = Notice.objects.filter(key=f"line:{line.pk}")
    assert mine.get(template="desk.for_you").deliver_at == night  # a burst main does not
    assert {notice.deliver_at for notice in mine.filter(template="case.dispatched")} == {morning}


def test_feedback_that_must_be_checked_is_told_to_the_desk(town: Town) -> None:
    line = last_line(make_case(town, State.FEEDBACK_GIVEN, matter="manhole", step=timedelta(minutes=1)))
    react(line)
    assert told_by(town, line)["desk.feedback"] == {"chen"}


# --- a worker that comes late ---


def test_a_unit_that_was_relieved_before_the_worker_came_is_not_told(town: Town) -> None:
    case = make_case(town, State.DISPATCHED)
    dispatched = last_line(case)
    case = perform(town, case, "object", by=town.wu.holder, at=after(case))
    case = perform(town, case, "reassign", by=town.tang.holder, at=after(case))
    reassigned = last_line(case)
    for line in (dispatched, reassigned):
        react(line)
    assert "desk.for_you" not in told_by(town, dispatched)
    assert told_by(town, reassigned)["desk.for_you"] == {"feng"}
    said = {
        Notice.objects.filter(key=f"line:{line.pk}", template="case.dispatched")[0].text
        for line in (dispatched, reassigned)
    }
    assert len(said) == 2  # each names the unit of its own line


def test_a_unit_that_has_signed_needs_no_call_to_sign(town: Town) -> None:
    case = make_case(town, State.DISPATCHED)
    line = last_line(case)
    perform(town, case, "sign", by=town.wu.holder, at=after(case))
    react(line)
    assert "desk.for_you" not in told_by(town, line)


def test_who_left_is_not_written_to(town: Town) -> None:
    case = make_case(
        town,
        State.IN_PROGRESS,
        matter="manhole",
        step=timedelta(minutes=1),
        by=town.lin.holder,
        channel="app",
    )
    case = perform(town, case, "withdraw", by=town.lin.holder, at=after(case))
    case = perform(town, case, "feed_back", by=town.wu.holder, at=after(case))
    react(last_line(case))
    assert not Notice.objects.filter(recipient_kind__in=["requester", "user"]).exists()


# --- through the outbox ---


def test_the_outbox_is_worked_off_line_by_line(town: Town) -> None:
    make_case(town, State.CLOSED, by=town.lin.holder, channel="app")
    assert Wakeup.objects.count() == Line.objects.filter(subject_kind="case").count()
    at = after(Case.objects.get())
    assert drain(react, at=at).failed == 0
    assert not Wakeup.objects.exists()
    count = Notice.objects.count()
    assert count > 5
    assert drain(react, at=at).answered == 0
    assert Notice.objects.count() == count


def test_a_line_that_cannot_be_answered_is_put_off_and_its_neighbours_are_not(town: Town) -> None:
    append(
        act="case.registered",
        subject=Subject("case", "230717-20260306-99999"),
        by=Actor.system("test"),
        at=MORNING,
    )
    case = make_case(town)
    done = drain(react, at=MORNING)
    assert (done.answered, done.failed) == (1, 1)
    [stuck] = Wakeup.objects.all()
    assert (stuck.attempts, stuck.failure, stuck.not_before) == (
        1,
        "DoesNotExist",
        MORNING + timedelta(seconds=2),
    )
    assert Notice.objects.filter(about_id=case.number).exists()
    assert drain(react, at=MORNING + timedelta(seconds=1)).failed == 0
    assert drain(react, at=MORNING + timedelta(seconds=2)).failed == 1
