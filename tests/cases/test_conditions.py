"""The further conditions of the table: once, in time, at most so often; a sentence per refusal."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

import town as places
from cases.acts import TIMETABLE, actor_for, after, attempt, case_in, last_line, perform
from makers import make_case, make_photo
from town import Town
from wangge.cases.access import requester_of
from wangge.cases.limits import forget_configuration
from wangge.cases.models import Attachment, CallbackAnswer, Case, CaseRule, Pause, Shelving
from wangge.cases.moves import UnableToRead
from wangge.cases.states import State
from wangge.duties.models import Category, CommunityAdmission
from wangge.duties.queries import UnableToNameLead
from wangge.foundation.files.actions import store_photo
from wangge.foundation.worktime.workcalendar import SHANGHAI

#: A long limit by default, so that days of pausing and waiting fit into it.
LONG = "complex"


def in_progress(town: Town, **asked: Any) -> Case:
    return make_case(town, State.IN_PROGRESS, **asked)


def reassigned(town: Town, case: Case, times: int) -> Case:
    """Objected to and given to another unit, so many times."""
    for _turn in range(times):
        handler = town.feng if case.lead_unit == town.bodies["water"] else town.wu
        case = perform(town, case, "object", by=handler.holder, at=after(case))
        case = perform(town, case, "reassign", by=town.tang.holder, at=after(case))
    return case


def local(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


def in_category(town: Town, matter: str, code: str) -> None:
    matter_row = town.matters[matter]
    matter_row.category = Category.objects.get(code=code)
    matter_row.save()


# --- signing and objecting ---


def test_the_clock_signs_only_when_the_limit_is_over(town: Town) -> None:
    case = make_case(town, State.DISPATCHED)
    due = case.leg.sign_due_at
    assert attempt(town, case, "auto_sign", by=TIMETABLE, at=due - timedelta(seconds=1)) == "sign_limit_over"
    case = perform(town, case, "auto_sign", by=TIMETABLE, at=due)
    case.leg.refresh_from_db()
    assert case.state == State.IN_PROGRESS
    assert case.leg.auto_signed
    assert case.leg.signed_at == due


def test_a_unit_signs_late_as_long_as_the_clock_has_not(town: Town) -> None:
    case = make_case(town, State.DISPATCHED)
    late = case.leg.sign_due_at + timedelta(minutes=5)
    case = perform(town, case, "sign", by=town.wu.holder, at=late)
    case.leg.refresh_from_db()
    assert not case.leg.auto_signed


def test_a_unit_objects_once_to_a_dispatch(town: Town) -> None:
    case = make_case(town, State.OBJECTION_REVIEW)
    case = perform(town, case, "uphold", by=town.tang.holder, at=after(case))
    assert case.state == State.IN_PROGRESS
    assert attempt(town, case, "object", by=town.wu.holder, at=after(case)) == "one_objection_a_leg"


def test_the_next_unit_has_an_objection_of_its_own(town: Town) -> None:
    case = reassigned(town, make_case(town, State.DISPATCHED), 1)
    assert attempt(town, case, "object", by=town.feng.holder, at=after(case)) == ""


def test_an_objection_comes_within_a_working_day(town: Town) -> None:
    case = in_progress(town)  # dispatched on Friday the 6th: until Monday's close of business
    assert case.leg.object_due_at == local(2026, 3, 9, 17, 30)
    assert attempt(town, case, "object", by=town.wu.holder, at=case.leg.object_due_at) == ""
    late = case.leg.object_due_at + timedelta(seconds=1)
    assert attempt(town, case, "object", by=town.wu.holder, at=late) == "objection_in_time"


def test_after_two_reassignments_the_decision_is_final(town: Town) -> None:
    case = reassigned(town, make_case(town, State.DISPATCHED), 2)
    assert case.reassignments == 2
    assert attempt(town, case, "object", by=town.wu.holder, at=after(case)) == "objections_left"
    # Were it under review all the same, it could be upheld but not passed on.
    Case.objects.filter(pk=case.pk).update(state=State.OBJECTION_REVIEW)
    assert attempt(town, case, "reassign", by=town.tang.holder, at=after(case)) == "reassignments_left"
    assert attempt(town, case, "uphold", by=town.tang.holder, at=after(case)) == ""


@pytest.mark.parametrize(
    ("act", "state", "told", "field"),
    [
        ("object", State.DISPATCHED, {"ground": "too_much_work"}, "ground"),
        ("object", State.DISPATCHED, {"explanation": "  "}, "explanation"),
        ("uphold", State.OBJECTION_REVIEW, {"ruling": ""}, "ruling"),
        ("reassign", State.OBJECTION_REVIEW, {"reason": ""}, "reason"),
        ("reassign", State.OBJECTION_REVIEW, {"unit": None}, "unit"),
        ("inform", State.SCREENING, {"reason": "too_difficult"}, "reason"),
        ("inform", State.SCREENING, {"advice": ""}, "advice"),
        ("answer", State.SCREENING, {"answer": "\x00 "}, "answer"),
        ("classify", State.SCREENING, {"priority": "vip"}, "priority"),
        ("ask_review", State.INFORMED, {"words": ""}, "words"),
        ("handle", State.IN_PROGRESS, {"text": ""}, "text"),
        ("handle", State.IN_PROGRESS, {"text": "长" * 4001}, "text"),
        ("assign_assist", State.IN_PROGRESS, {"ask": ""}, "ask"),
        ("pause", State.IN_PROGRESS, {"reason": "busy"}, "reason"),
        ("pause", State.IN_PROGRESS, {"note": ""}, "note"),
        ("extend", State.IN_PROGRESS, {"reason": ""}, "reason"),
        ("extend", State.IN_PROGRESS, {"limit": "soon"}, "limit"),
        ("extend", State.IN_PROGRESS, {"limit": "0nd"}, "limit"),
        ("shelve", State.IN_PROGRESS, {"reason": "no_time"}, "reason"),
        ("shelve", State.IN_PROGRESS, {"plan": ""}, "plan"),
        ("end_shelving", State.SHELVED, {"reason": ""}, "reason"),
        ("feed_back", State.IN_PROGRESS, {"text": ""}, "text"),
        ("pass", State.VERIFYING, {"finding": ""}, "finding"),
        ("reject_feedback", State.FEEDBACK_GIVEN, {"finding": ""}, "finding"),
        ("rate", State.CALLBACK_DUE, {"solved": ""}, "solved"),
        ("rate", State.CALLBACK_DUE, {"satisfaction": "five stars"}, "satisfaction"),
        ("call_back", State.CALLBACK_DUE, {"contacted": None}, "contacted"),
        ("call_back", State.CALLBACK_DUE, {"solved": ""}, "solved"),
        ("call_back", State.CALLBACK_DUE, {"channel": "pigeon"}, "channel"),
        ("reopen", State.CLOSED, {"words": ""}, "words"),
    ],
)
def test_what_is_left_out_is_named_and_nothing_is_written(
    town: Town, act: str, state: State, told: dict[str, Any], field: str
) -> None:
    case = case_in(town, state)
    assert attempt(town, case, act, by=actor_for(town, case, act), at=after(case), **told)
    with pytest.raises(UnableToRead) as refusal:
        perform(town, case, act, by=actor_for(town, case, act), at=after(case), **told)
    assert refusal.value.field == field


# --- whom a case is handed to ---


def test_the_catalogue_names_the_lead_and_the_reason_is_kept(town: Town) -> None:
    case = make_case(town, State.DISPATCHED)
    assert (case.lead_unit.code, case.leg.by_catalogue) == ("230717.urban_management", True)
    assert case.leg.basis == "伊美区派单目录（演示）"
    facts = last_line(case).facts
    assert facts["unit"] == "230717.urban_management"
    assert facts["rule"] == case.leg.rule_id


def test_the_desk_may_choose_another_unit_with_a_written_reason(town: Town) -> None:
    case = make_case(town, State.TO_DISPATCH)
    water = town.bodies["water"]
    assert (
        attempt(town, case, "dispatch", by=town.chen.holder, at=after(case), unit=water) == "reason_required"
    )
    done = perform(
        town, case, "dispatch", by=town.chen.holder, at=after(case), unit=water, reason="水管挖断了电缆。"
    )
    assert (done.lead_unit, done.leg.by_catalogue) == (water, False)


@pytest.mark.parametrize("act", ["dispatch", "reassign"])
def test_a_case_is_handed_only_to_a_unit_that_answers_for_its_place_and_handles(town: Town, act: str) -> None:
    case = make_case(town, State.TO_DISPATCH if act == "dispatch" else State.OBJECTION_REVIEW)

    def code(body: str) -> str:
        return attempt(
            town, case, act, by=town.chen.holder, at=after(case), unit=town.bodies[body], reason="试一试"
        )

    assert code("next_street") == code("other_centre") == "unit_elsewhere"
    assert code("centre") == "centre"
    assert code("street") == ""


def test_a_unit_is_not_replaced_by_itself(town: Town) -> None:
    case = make_case(town, State.OBJECTION_REVIEW)
    at = after(case)
    code = attempt(town, case, "reassign", by=town.tang.holder, at=at, unit=town.bodies["urban"])
    assert code == "same_unit"


@pytest.mark.parametrize("act", ["dispatch", "reassign", "assign_assist"])
def test_a_community_receives_only_what_was_admitted_and_is_in_force(town: Town, act: str) -> None:
    state = {"dispatch": State.TO_DISPATCH, "reassign": State.OBJECTION_REVIEW}.get(act, State.IN_PROGRESS)
    lamp = make_case(town, state)  # the lamp was never admitted for communities
    by = town.wu.holder if act == "assign_assist" else town.chen.holder
    committee = town.bodies["committee"]
    assert attempt(town, lamp, act, by=by, at=after(lamp), unit=committee) in {
        "not_admitted",
        "reason_required",
    }
    told: dict[str, Any] = {"unit": committee}
    if act != "assign_assist":
        told["reason"] = "社区离得近。"
    assert attempt(town, lamp, act, by=by, at=after(lamp), **told) == "not_admitted"

    cover = make_case(town, state, matter="manhole")  # looking after the place of a cover is admitted
    assert attempt(town, cover, act, by=by, at=after(cover), **told) == ""
    CommunityAdmission.objects.filter(valid_from=date(2026, 1, 1)).update(
        valid_to=date(2026, 3, 6)
    )  # until the day before
    assert attempt(town, cover, act, by=by, at=after(cover), **told) == "not_admitted"


def test_the_catalogue_cannot_hand_a_community_what_it_has_not_admitted(town: Town) -> None:
    case = make_case(town, State.TO_DISPATCH, matter="forms")
    with pytest.raises(UnableToNameLead) as refusal:
        perform(town, case, "dispatch", by=town.chen.holder, at=after(case))
    assert refusal.value.code == "not_admitted"
    noise = make_case(town, State.DISPATCHED, matter="noise")
    assert noise.lead_unit == town.bodies["committee"]
    assert last_line(noise).facts["admission"]


def test_assistance_is_asked_of_another_unit_of_the_place_and_once(town: Town) -> None:
    case = in_progress(town)

    def code(body: str) -> str:
        return attempt(town, case, "assign_assist", by=town.wu.holder, at=after(case), unit=town.bodies[body])

    assert code("urban") == "same_unit"
    assert code("next_street") == "unit_elsewhere"
    assert code("water") == ""
    case = perform(town, case, "assign_assist", by=town.wu.holder, at=after(case), unit=town.bodies["water"])
    assert code("water") == "already_asked"
    assert case.lead_unit == town.bodies["urban"]


# --- screening ---


def test_a_decision_not_to_dispatch_is_reviewed_once(town: Town) -> None:
    case = make_case(town, State.INFORMED)
    case = perform(town, case, "ask_review", by=requester_of(case), at=after(case))
    assert (case.state, case.reviews, case.ended_at, case.inform_reason) == (State.SCREENING, 1, None, "")
    case = perform(town, case, "inform", by=town.chen.holder, at=after(case))
    assert attempt(town, case, "ask_review", by=requester_of(case), at=after(case)) == "one_review"


def test_the_desk_corrects_the_place_within_the_district(town: Town) -> None:
    case = make_case(town, State.SCREENING, area_code=places.DISTRICT)

    def code(area: str) -> str:
        return attempt(town, case, "classify", by=town.chen.holder, at=after(case), area_code=area)

    assert code(places.OTHER_GRID) == "other_district"
    assert code("230717999") == code("23071700100100112345678") == code("２３０７１７") == "other_district"
    done = perform(town, case, "classify", by=town.chen.holder, at=after(case), area_code=places.NEXT_GRID)
    assert (done.area_code, done.town, done.community) == (
        places.NEXT_GRID, places.NEXT_STREET, places.NEXT_COMMUNITY,
    )  # fmt: skip


def test_facility_and_safety_cases_are_always_checked_on_site(town: Town) -> None:
    assert not make_case(town, State.TO_DISPATCH).verification_required
    assert make_case(town, State.TO_DISPATCH, matter="manhole").verification_required
    assert make_case(town, State.TO_DISPATCH, request_type="component").verification_required
    in_category(town, "lamp", "fire_safety")
    assert make_case(town, State.TO_DISPATCH).verification_required


def test_merging_ends_the_case_in_favour_of_an_open_one_nearby(town: Town) -> None:
    case = make_case(town, State.IN_PROGRESS)
    case = perform(town, case, "assign_assist", by=town.wu.holder, at=after(case))
    other = make_case(town, State.DISPATCHED)
    done = perform(town, case, "merge", by=town.chen.holder, at=after(case), into=other)
    done.leg.refresh_from_db()
    assert (done.state, done.merged_into) == (State.MERGED, other)
    assert done.leg.ended_at == done.ended_at
    assert not done.assists.filter(ended_at=None).exists()
    assert last_line(done).facts["into"] == other.number


@pytest.mark.parametrize("state", ["informed", "answered", "closed", "archived", "withdrawn", "merged"])
def test_nothing_is_merged_into_what_has_ended(town: Town, state: str) -> None:
    ended = make_case(town, state)
    case = make_case(town, State.SCREENING, at=after(ended))
    assert attempt(town, case, "merge", by=town.chen.holder, at=after(case), into=ended) == "ended"


def test_a_case_is_merged_neither_into_itself_nor_beyond_the_clerks_reach(town: Town) -> None:
    case = make_case(town, State.SCREENING)
    assert attempt(town, case, "merge", by=town.chen.holder, at=after(case), into=case) == "same_case"
    next_street = make_case(town, area_code=places.NEXT_GRID)
    assert attempt(town, case, "merge", by=town.xu.holder, at=after(case), into=next_street) == "wrong_area"
    assert attempt(town, case, "merge", by=town.chen.holder, at=after(case), into=next_street) == ""
    abroad = make_case(town, area_code=places.OTHER_GRID)
    assert attempt(town, case, "merge", by=town.chen.holder, at=after(case), into=abroad) == "wrong_area"


# --- more time ---


def test_an_emergency_is_never_extended(town: Town) -> None:
    case = in_progress(town, matter="manhole", step=timedelta(minutes=1))
    assert (
        attempt(town, case, "extend", by=town.zhao.holder, at=after(case), limit="1ch") == "may_be_extended"
    )


def test_more_time_is_asked_for_before_the_deadline(town: Town) -> None:
    case = in_progress(town)
    due = case.feedback_due_at
    assert attempt(town, case, "extend", by=town.zhao.holder, at=due) == ""
    late = due + timedelta(seconds=1)
    assert attempt(town, case, "extend", by=town.zhao.holder, at=late) == "before_deadline"


def test_the_town_grants_the_first_extension_and_the_centre_the_second(town: Town) -> None:
    case = in_progress(town)
    for person in (town.tang, town.xu):
        assert attempt(town, case, "extend", by=person.holder, at=after(case), limit="7nd") == "wrong_level"
    case = perform(town, case, "extend", by=town.zhao.holder, at=after(case), limit="7nd")
    assert attempt(town, case, "extend", by=town.zhao.holder, at=after(case), limit="7nd") == "wrong_level"
    case = perform(town, case, "extend", by=town.tang.holder, at=after(case), limit="7nd")
    assert case.extensions == 2
    assert (
        attempt(town, case, "extend", by=town.tang.holder, at=after(case), limit="1nd") == "may_be_extended"
    )


def test_where_no_town_is_known_the_centre_grants_the_first_too(town: Town) -> None:
    case = in_progress(town, area_code=places.DISTRICT)
    assert attempt(town, case, "extend", by=town.zhao.holder, at=after(case)) == "wrong_area"
    assert attempt(town, case, "extend", by=town.tang.holder, at=after(case)) == ""


def test_the_first_extension_is_no_longer_than_the_original_limit(town: Town) -> None:
    case = in_progress(town)  # seven natural days
    for limit, code in {"7nd": "", "8nd": "too_long", "5wd": "", "6wd": "too_long", "168ch": ""}.items():
        assert attempt(town, case, "extend", by=town.zhao.holder, at=after(case), limit=limit) == code, limit


def test_both_extensions_together_are_thirty_natural_days_at_most(town: Town) -> None:
    case = in_progress(town)
    case = perform(town, case, "extend", by=town.zhao.holder, at=after(case), limit="7nd")
    for limit, code in {
        "23nd": "",
        "24nd": "too_long",
        "552ch": "",
        "580ch": "too_long",
        "20wd": "too_long",
    }.items():
        assert attempt(town, case, "extend", by=town.tang.holder, at=after(case), limit=limit) == code, limit


# --- standing still ---


def test_a_pause_ends_after_it_begins(town: Town) -> None:
    case = in_progress(town)
    at = after(case)
    for end in (at, at - timedelta(hours=1)):
        assert (
            attempt(town, case, "pause", by=town.tang.holder, at=at, planned_end_at=end)
            == "ends_before_start"
        )


def test_waiting_for_the_requester_takes_five_working_days_in_all(town: Town) -> None:
    case = in_progress(town, priority=LONG)
    monday = local(2026, 3, 9, 8, 30)

    def code(at: datetime, end: datetime, reason: str = "waiting_for_requester") -> str:
        return attempt(town, case, "pause", by=town.tang.holder, at=at, planned_end_at=end, reason=reason)

    assert code(monday, local(2026, 3, 13, 17, 30)) == ""
    assert code(monday, local(2026, 3, 16, 8, 30)) == ""  # the weekend in between is no working time
    assert code(monday, local(2026, 3, 16, 8, 31)) == "too_long"
    assert code(monday, local(2026, 4, 30, 8, 30), "force_majeure") == ""
    assert code(monday, local(2026, 4, 30, 8, 30), "statutory_procedure") == ""
    # Three of the five days go by, then there are two left.
    case = perform(
        town, case, "pause", by=town.tang.holder, at=monday, planned_end_at=local(2026, 3, 13, 8, 30)
    )
    case = perform(town, case, "resume", by=town.tang.holder, at=local(2026, 3, 12, 8, 30))
    thursday = local(2026, 3, 12, 8, 45)
    assert code(thursday, local(2026, 3, 16, 8, 45)) == ""
    assert code(thursday, local(2026, 3, 16, 8, 46)) == "too_long"


def test_a_pause_counts_no_longer_than_was_approved(town: Town) -> None:
    """The worker was down for two days: the clock ran again when the pause was to end."""
    case = make_case(town, State.PAUSED)
    pause = Pause.objects.get(case=case)
    case = perform(
        town, case, "resume", by=TIMETABLE, at=pause.planned_end_at + timedelta(days=2), seen_version=None
    )
    pause.refresh_from_db()
    assert pause.to_at == pause.planned_end_at
    assert datetime.fromisoformat(last_line(case).facts["until"]) == pause.planned_end_at


def test_a_shelved_case_is_taken_up_on_a_day_within_a_year(town: Town) -> None:
    case = in_progress(town)

    def code(day: date | None) -> str:
        return attempt(town, case, "shelve", by=town.tang.holder, at=after(case), resume_after_date=day)

    assert code(date(2026, 3, 6)) == code(date(2026, 3, 5)) == code(date(2027, 3, 7)) == "bad_date"
    assert code(date(2026, 3, 7)) == code(date(2027, 3, 6)) == code(None) == ""


def test_a_shelved_case_is_looked_at_again_after_thirty_days(town: Town) -> None:
    case = make_case(town, State.SHELVED)
    assert Shelving.objects.get(case=case).review_date == date(2026, 4, 5)
    assert last_line(case).facts["review"] == "2026-04-05"


def test_what_the_district_gave_up_is_explained_and_never_counts_as_solved(town: Town) -> None:
    for solved in ("solved", "partly", "not_solved"):
        case = make_case(town, State.SHELVED)
        case = perform(town, case, "end_shelving", by=town.song.holder, at=after(case))
        assert (case.state, case.outcome) == (State.CALLBACK_DUE, "explained")
        case = perform(town, case, "call_back", by=town.fang.holder, at=after(case), solved=solved)
        assert (case.state, case.outcome) == (State.CLOSED, "explained")
    case = make_case(town, State.SHELVED)
    case = perform(town, case, "end_shelving", by=town.song.holder, at=after(case))
    case = perform(town, case, "rate", by=requester_of(case), at=after(case), solved="solved")
    assert (case.state, case.outcome) == (State.CLOSED, "explained")


# --- checking ---


def test_where_a_check_is_required_nothing_passes_without_one(town: Town) -> None:
    case = make_case(town, State.FEEDBACK_GIVEN, matter="manhole", step=timedelta(minutes=1))
    assert attempt(town, case, "pass", by=town.chen.holder, at=after(case)) == "checked_if_required"
    assert attempt(town, case, "pass", by=TIMETABLE, at=after(case)) == "checked_if_required"
    case = perform(town, case, "verify", by=town.chen.holder, at=after(case))
    case = perform(town, case, "pass", by=town.zhou.holder, at=after(case))
    assert case.verified
    assert last_line(case).facts["checked"] is True


def test_a_grid_worker_looks_where_the_desk_asked_for_it(town: Town) -> None:
    case = make_case(town, State.FEEDBACK_GIVEN)
    assert attempt(town, case, "pass", by=town.zhou.holder, at=after(case)) == "asked_to_look"
    assert attempt(town, case, "reject_feedback", by=town.zhou.holder, at=after(case)) == "asked_to_look"


def test_the_clock_does_not_pass_what_somebody_was_sent_to_look_at(town: Town) -> None:
    case = make_case(town, State.VERIFYING)
    assert attempt(town, case, "pass", by=TIMETABLE, at=after(case), finding="") == "required"


def test_feedback_sent_back_is_work_again(town: Town) -> None:
    case = make_case(town, State.VERIFYING)
    case = perform(town, case, "reject_feedback", by=town.zhou.holder, at=after(case))
    case.leg.refresh_from_db()
    assert (case.state, case.reworks, case.feedback_at, case.leg.feedback_at) == (
        State.IN_PROGRESS,
        1,
        None,
        None,
    )
    assert perform(town, case, "feed_back", by=town.wu.holder, at=after(case)).feedback_at


def test_photos_of_work_and_check_hang_from_their_notes(town: Town) -> None:
    case = make_case(town, State.IN_PROGRESS)
    photo = store_photo(make_photo(), at=case.registered_at)
    case = perform(town, case, "handle", by=town.wu.holder, at=after(case), photos=[photo])
    attached = Attachment.objects.get(case=case)
    photo.refresh_from_db()
    assert (attached.file, attached.note.text) == (photo, "已到现场。")
    assert photo.claimed_at == last_line(case).at
    assert last_line(case).facts["photos"] == [photo.digest]


# --- the requester's answer ---


def answer_by_phone(town: Town, case: Case, **told: Any) -> Case:
    return perform(town, case, "call_back", by=town.fang.holder, at=after(case), **told)


@pytest.mark.parametrize(
    ("contacted", "solved", "within_duty", "state", "outcome"),
    [
        (True, "solved", True, State.CLOSED, "solved"),
        (True, "partly", True, State.CLOSED, "partly"),
        (True, "not_solved", True, State.IN_PROGRESS, ""),
        (False, "solved", True, State.IN_PROGRESS, ""),
        (False, "not_solved", True, State.IN_PROGRESS, ""),
        (True, "not_solved", False, State.CLOSED, "explained"),
        (False, "solved", False, State.CLOSED, "solved"),
    ],
)
def test_what_comes_of_a_callback(
    town: Town, contacted: bool, solved: str, within_duty: bool, state: State, outcome: str
) -> None:
    case = make_case(town, State.CALLBACK_DUE)
    case = answer_by_phone(town, case, contacted=contacted, solved=solved, within_duty=within_duty)
    assert (case.state, case.outcome) == (state, outcome)
    assert case.redos == (1 if state == State.IN_PROGRESS else 0)


def test_a_case_is_done_over_twice_and_then_goes_to_the_joint_meeting(town: Town) -> None:
    case = make_case(town, State.CALLBACK_DUE)
    for redo in (1, 2):
        case = answer_by_phone(town, case, solved="not_solved")
        assert (case.state, case.redos) == (State.IN_PROGRESS, redo)
        case = perform(town, case, "feed_back", by=town.wu.holder, at=after(case))
        case = perform(town, case, "pass", by=town.chen.holder, at=after(case))
    case = answer_by_phone(town, case, solved="not_solved")
    assert (case.state, case.outcome, case.meeting_due) == (State.CLOSED, "unsolved", True)
    assert last_line(case).facts["meeting"] is True


def test_what_is_solved_at_last_needs_no_meeting(town: Town) -> None:
    case = make_case(town, State.CALLBACK_DUE)
    for _redo in range(2):
        case = answer_by_phone(town, case, solved="not_solved")
        case = perform(town, case, "feed_back", by=town.wu.holder, at=after(case))
        case = perform(town, case, "pass", by=town.chen.holder, at=after(case))
    case = answer_by_phone(town, case, solved="solved")
    assert (case.outcome, case.meeting_due) == ("solved", False)


def test_who_is_not_reached_is_tried_on_three_different_days(town: Town) -> None:
    case = make_case(town, State.CALLBACK_DUE)
    late_friday = local(2026, 3, 6, 23, 55)

    def not_reached(at: datetime) -> Case:
        return perform(town, case, "call_back", by=town.fang.holder, at=at, reached=False)

    case = not_reached(late_friday)
    at = late_friday + timedelta(minutes=4)
    assert attempt(town, case, "call_back", by=town.fang.holder, at=at, reached=False) == "tried_today"
    case = not_reached(late_friday + timedelta(minutes=10))  # past midnight: another day
    assert case.state == State.CALLBACK_DUE
    case = not_reached(late_friday + timedelta(days=3))
    assert (case.state, case.outcome) == (State.CLOSED, "unreachable")
    assert last_line(case).facts["attempt"] == 3


def test_somebody_reached_in_between_answers_for_the_round(town: Town) -> None:
    case = make_case(town, State.CALLBACK_DUE)
    case = perform(town, case, "call_back", by=town.fang.holder, at=after(case), reached=False)
    case = answer_by_phone(town, case)
    assert (case.state, case.outcome) == (State.CLOSED, "solved")


def test_tries_of_an_earlier_round_count_no_more(town: Town) -> None:
    case = make_case(town, State.CALLBACK_DUE)
    for day in (0, 1):
        at = after(case, days=day, minutes=1)
        case = perform(town, case, "call_back", by=town.fang.holder, at=at, reached=False)
    case = answer_by_phone(town, case, solved="not_solved")
    case = perform(town, case, "feed_back", by=town.wu.holder, at=after(case))
    case = perform(town, case, "pass", by=town.chen.holder, at=after(case))
    case = perform(town, case, "call_back", by=town.fang.holder, at=after(case, days=1), reached=False)
    assert case.state == State.CALLBACK_DUE


def test_the_anonymous_are_tried_like_everybody(town: Town) -> None:
    """Nobody can be called, but whoever holds the receipt has three days to say something."""
    case = make_case(town, State.CALLBACK_DUE, anonymous=True)
    for _day in range(3):
        assert case.state == State.CALLBACK_DUE
        case = perform(town, case, "call_back", by=town.fang.holder, at=after(case, days=1), reached=False)
    assert (case.state, case.outcome) == (State.CLOSED, "unreachable")


def test_a_requester_answers_once_a_round(town: Town) -> None:
    case = make_case(town, State.CALLBACK_DUE)
    case = perform(town, case, "rate", by=requester_of(case), at=after(case), solved="partly")
    assert case.state == State.CALLBACK_DUE
    assert attempt(town, case, "rate", by=requester_of(case), at=after(case)) == "one_answer"


@pytest.mark.parametrize(
    ("contacted", "solved", "state"),
    [
        (True, "solved", State.CLOSED),
        (False, "solved", State.CALLBACK_DUE),
        (True, "partly", State.CALLBACK_DUE),
        (True, "not_solved", State.CALLBACK_DUE),
    ],
)
def test_only_contacted_and_solved_closes_by_the_requesters_own_word(
    town: Town, contacted: bool, solved: str, state: State
) -> None:
    case = make_case(town, State.CALLBACK_DUE)
    case = perform(
        town, case, "rate", by=requester_of(case), at=after(case), contacted=contacted, solved=solved
    )
    assert case.state == state


def test_the_agent_judges_what_the_requester_said_and_changes_nothing_of_it(town: Town) -> None:
    case = make_case(town, State.CALLBACK_DUE)
    case = perform(
        town, case, "rate", by=requester_of(case), at=after(case), solved="not_solved",
        satisfaction="dissatisfied", comment="还是黑的。",
    )  # fmt: skip
    case = answer_by_phone(town, case, reached=False, solved="solved", satisfaction="very_satisfied")
    answer = CallbackAnswer.objects.get(case=case)
    assert (answer.solved, answer.satisfaction, answer.by_requester) == ("not_solved", "dissatisfied", True)
    assert case.state == State.IN_PROGRESS


def test_after_a_redo_the_requester_is_asked_anew(town: Town) -> None:
    case = make_case(town, State.CALLBACK_DUE)
    case = perform(town, case, "rate", by=requester_of(case), at=after(case), solved="not_solved")
    case = answer_by_phone(town, case)
    case = perform(town, case, "feed_back", by=town.wu.holder, at=after(case))
    case = perform(town, case, "pass", by=town.chen.holder, at=after(case))
    case = perform(town, case, "rate", by=requester_of(case), at=after(case), solved="solved")
    assert (case.state, case.outcome) == (State.CLOSED, "solved")
    assert list(case.answers.order_by("round").values_list("round", "solved")) == [
        (1, "not_solved"), (2, "solved"),
    ]  # fmt: skip


# --- after the end ---


def test_a_closed_case_is_opened_again_once_within_fifteen_days(town: Town) -> None:
    case = make_case(town, State.CLOSED)
    assert case.ended_at.astimezone(SHANGHAI).date() == date(2026, 3, 6)
    last_moment = local(2026, 3, 21, 23, 59)
    assert attempt(town, case, "reopen", by=requester_of(case), at=last_moment) == ""
    too_late = local(2026, 3, 22, 0, 0)
    assert attempt(town, case, "reopen", by=requester_of(case), at=too_late) == "reopened_in_time"

    case = perform(town, case, "reopen", by=requester_of(case), at=after(case))
    assert (case.state, case.reopenings, case.outcome, case.ended_at) == (State.SCREENING, 1, "", None)
    for act, by in (
        ("classify", town.chen), ("dispatch", town.chen), ("sign", town.wu), ("feed_back", town.wu),
        ("pass", town.chen), ("call_back", town.fang),
    ):  # fmt: skip
        case = perform(town, case, act, by=by.holder, at=after(case))
    assert case.state == State.CLOSED
    assert attempt(town, case, "reopen", by=requester_of(case), at=after(case)) == "one_reopening"


def test_what_was_is_not_forgotten_when_a_case_is_opened_again(town: Town) -> None:
    case = make_case(town, State.CLOSED)
    first = (case.first_unit, case.first_dispatched_at, case.registered_at, case.channel)
    case = perform(town, case, "reopen", by=requester_of(case), at=after(case))
    case = perform(town, case, "classify", by=town.chen.holder, at=after(case), matter=town.matters["pipe"])
    case = perform(town, case, "dispatch", by=town.chen.holder, at=after(case))
    assert case.lead_unit == town.bodies["water"]
    assert (case.first_unit, case.first_dispatched_at, case.registered_at, case.channel) == first
    assert list(case.legs.order_by("number").values_list("number", flat=True)) == [1, 2]


@pytest.mark.parametrize("state", [State.CLOSED, State.INFORMED, State.ANSWERED])
def test_thirty_days_after_the_end_a_case_is_archived(town: Town, state: State) -> None:
    case = make_case(town, state)
    due = case.ended_at + timedelta(days=30)
    assert attempt(town, case, "archive", by=TIMETABLE, at=due - timedelta(seconds=1)) == "archive_is_due"
    assert attempt(town, case, "archive", by=TIMETABLE, at=due) == ""


# --- withdrawing ---


@pytest.mark.parametrize("state", [State.PAUSED, State.SHELVED, State.OBJECTION_REVIEW, State.IN_PROGRESS])
def test_with_the_request_everything_that_hung_from_it_ends(town: Town, state: State) -> None:
    case = make_case(town, state)
    if state == State.IN_PROGRESS:
        case = perform(town, case, "assign_assist", by=town.wu.holder, at=after(case))
    case = perform(town, case, "withdraw", by=requester_of(case), at=after(case))
    case.leg.refresh_from_db()
    assert case.state == State.WITHDRAWN
    assert case.leg.ended_at == case.ended_at
    assert not case.leg.open_objection
    for rows in (
        case.pauses.filter(to_at=None),
        case.shelvings.filter(to_at=None),
        case.assists.filter(ended_at=None),
    ):
        assert not rows.exists()


def test_a_danger_to_the_public_is_handled_without_its_requester(town: Town) -> None:
    case = make_case(
        town,
        State.IN_PROGRESS,
        matter="manhole",
        step=timedelta(minutes=1),
        by=town.lin.holder,
        channel="app",
    )
    state, version = case.state, case.version
    case = perform(town, case, "withdraw", by=town.lin.holder, at=after(case), words="不想再管了")
    case.refresh_from_db()
    assert (case.state, case.version, case.requester_user) == (state, version + 1, None)
    assert case.requester.erased_at is not None
    assert not case.requester.phone.unseal()
    # It goes to its end like any other, and nobody is the requester of it any more.
    assert attempt(town, case, "withdraw", by=requester_of(case), at=after(case)) == "not_requester"
    assert attempt(town, case, "withdraw", by=town.lin.holder, at=after(case)) == "not_requester"
    case = perform(town, case, "feed_back", by=town.wu.holder, at=after(case))
    case = perform(town, case, "verify", by=town.chen.holder, at=after(case))
    case = perform(town, case, "pass", by=town.zhou.holder, at=after(case))
    assert attempt(town, case, "rate", by=requester_of(case), at=after(case)) == "not_requester"


def test_categories_of_public_safety_go_on_whatever_their_priority(town: Town) -> None:
    in_category(town, "lamp", "flood_snow")
    case = make_case(town, State.DISPATCHED)
    assert case.priority == "normal"
    assert perform(town, case, "withdraw", by=requester_of(case), at=after(case)).state == State.DISPATCHED


# --- the numbers are configuration ---


def test_the_numbers_of_the_rules_are_read_from_their_table(town: Town) -> None:
    CaseRule.objects.filter(key="reopen_days").update(value="1")
    CaseRule.objects.filter(key="callback_attempts").update(value="1")
    forget_configuration()
    try:
        case = make_case(town, State.CLOSED)
        at = case.ended_at + timedelta(days=2)
        assert attempt(town, case, "reopen", by=requester_of(case), at=at) == "reopened_in_time"
        case = make_case(town, State.CALLBACK_DUE)
        case = perform(town, case, "call_back", by=town.fang.holder, at=after(case), reached=False)
        assert case.outcome == "unreachable"
    finally:
        forget_configuration()
