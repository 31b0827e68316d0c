"""What a requester does with their own case, and what they are told when it cannot be done."""

from __future__ import annotations

from datetime import timedelta

import pytest

from doors.resident import reporting as steps
from doors.resident.conftest import look_up
from makers import make_case, reloaded
from town import recently
from wangge.cases.access import requester_of
from wangge.cases.closing import call_back, pass_case, rate_case, reopen_case
from wangge.cases.models import CallbackAnswer, CaseNote
from wangge.cases.screening import ask_review, inform_requester
from wangge.cases.states import State
from wangge.cases.words import NoteKind
from wangge.foundation.worktime import clock

GOOD = {"contacted": "yes", "solved": "solved", "satisfaction": "satisfied", "comment": ""}


def tell(client, case, act, **given):
    return client.post(f"/requests/{case.number}/{act}", {"version": case.version, **given})


# --- answering and rating ---------------------------------------------------------------------------


def test_solved_and_contacted_closes_the_case(town):
    case = make_case(town, State.CALLBACK_DUE, at=recently(20))
    response = tell(look_up(case), case, "rate", **GOOD)
    assert response["Location"] == f"/requests/{case.number}"
    case = reloaded(case)
    assert (case.state, case.outcome) == (State.CLOSED, "solved")
    assert CallbackAnswer.objects.get().by_requester


def test_not_solved_stays_open_until_it_was_looked_into(town):
    case = make_case(town, State.CALLBACK_DUE, at=recently(20))
    client = look_up(case)
    tell(client, case, "rate", **{**GOOD, "solved": "not_solved", "satisfaction": "dissatisfied"})
    assert reloaded(case).state == State.CALLBACK_DUE
    page = client.get(f"/requests/{case.number}")
    assert "rate" not in page.context["acts"]
    assert "核实" in page.context["stand"].following


@pytest.mark.parametrize("missing", ["contacted", "solved", "satisfaction"])
def test_every_question_wants_an_answer(town, missing):
    case = make_case(town, State.CALLBACK_DUE, at=recently(20))
    given = {name: value for name, value in GOOD.items() if name != missing}
    response = tell(look_up(case), case, "rate", **given)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [missing]
    assert not CallbackAnswer.objects.exists()


def test_a_second_rating_is_refused_kindly(town):
    case = make_case(town, State.CALLBACK_DUE, at=recently(20))
    client = look_up(case)
    tell(client, case, "rate", **{**GOOD, "solved": "partly"})
    again = reloaded(case)
    assert client.get(f"/requests/{case.number}/rate").status_code == 409
    assert tell(client, again, "rate", **GOOD).status_code == 409
    assert CallbackAnswer.objects.count() == 1


def test_a_number_in_a_comment_is_masked(town):
    case = make_case(town, State.CALLBACK_DUE, at=recently(20))
    response = look_up(case).post(
        f"/requests/{case.number}/rate",
        {"version": case.version, **GOOD, "comment": f"谢谢，打{steps.PHONE}找我"},
        follow=True,
    )
    assert CaseNote.objects.get(kind=NoteKind.REQUESTER).text == "谢谢，打100****1001找我"
    assert "遮住" in steps.page(response)


def test_what_happened_in_between_is_shown_and_nothing_is_sent(town):
    case = make_case(town, State.FEEDBACK_GIVEN, at=recently(20))
    client = look_up(case)
    seen = case.version
    case = pass_case(by=town.chen.holder, case=case, at=recently(1), seen_version=seen, finding="已看过。")
    response = client.post(f"/requests/{case.number}/rate", {**GOOD, "version": seen, "comment": "很快"})
    assert response.status_code == 409
    assert response.context["stale"]
    assert "很快" in steps.page(response)
    assert reloaded(case).state == State.CALLBACK_DUE
    assert str(response.context["form"]["version"].value()) == str(case.version)
    assert tell(client, case, "rate", **GOOD).status_code == 302


def test_somebody_who_was_called_meanwhile_learns_that_it_is_closed(town):
    case = make_case(town, State.CALLBACK_DUE, at=recently(20))
    client = look_up(case)
    call_back(
        by=town.fang.holder, case=case, at=recently(1), seen_version=case.version, reached=True,
        contacted=True, solved="solved", satisfaction="satisfied",
    )  # fmt: skip
    response = tell(client, case, "rate", **GOOD)
    assert response.status_code == 409
    assert "已办结" in steps.page(response)


@pytest.mark.parametrize("state", [State.REGISTERED, State.IN_PROGRESS, State.INFORMED, State.ARCHIVED])
def test_nothing_is_rated_before_or_after_its_time(town, state):
    case = make_case(town, state, at=recently(20))
    client = look_up(case)
    assert client.get(f"/requests/{case.number}/rate").status_code == 409
    assert tell(client, case, "rate", **GOOD).status_code == 409
    assert not CallbackAnswer.objects.filter(by_requester=True).exists()


# --- not solved: open again ---------------------------------------------------------------------------


def test_what_is_not_solved_is_opened_again(town):
    case = make_case(town, State.CLOSED, at=recently(20))
    client = look_up(case)
    assert "reopen" in client.get(f"/requests/{case.number}").context["acts"]
    assert tell(client, case, "reopen", words="昨晚又灭了").status_code == 302
    assert reloaded(case).state == State.SCREENING
    assert "昨晚又灭了" in steps.page(client.get(f"/requests/{case.number}"))


def test_opening_again_wants_a_reason(town):
    case = make_case(town, State.CLOSED, at=recently(20))
    response = tell(look_up(case), case, "reopen", words=" ")
    assert response.status_code == 422
    assert "words" in response.context["form"].errors


def test_after_fifteen_days_it_is_too_late(town):
    case = make_case(town, State.CLOSED, at=clock.now() - timedelta(days=17))
    client = look_up(case)
    assert "reopen" not in client.get(f"/requests/{case.number}").context["acts"]
    response = tell(client, case, "reopen", words="又坏了")
    assert response.status_code == 409
    assert "15" in steps.page(response)
    assert reloaded(case).state == State.CLOSED


def test_a_case_is_opened_again_once(town):
    case = make_case(town, State.CLOSED, at=recently(40))
    at = recently(20)
    case = reopen_case(by=requester_of(case), case=case, at=at, seen_version=case.version, words="没好")
    case = inform_requester(
        by=town.chen.holder, case=case, at=at, seen_version=case.version, reason="out_of_scope",
        advice="请找物业。",
    )  # fmt: skip
    assert tell(look_up(case), case, "reopen", words="还是没好").status_code == 409


# --- a second look ------------------------------------------------------------------------------------


def test_a_decision_not_to_dispatch_is_looked_at_again_once(town):
    case = make_case(town, State.INFORMED, at=recently(20))
    client = look_up(case)
    page = client.get(f"/requests/{case.number}")
    assert "12368" in steps.page(page)
    assert tell(client, case, "review", words="法院说不归他们管").status_code == 302
    case = reloaded(case)
    assert case.state == State.SCREENING
    case = inform_requester(
        by=town.chen.holder, case=case, at=recently(1), seen_version=case.version,
        reason="statutory_channel", advice="请找仲裁委。",
    )  # fmt: skip
    assert "ask_review" not in client.get(f"/requests/{case.number}").context["acts"]
    assert tell(client, case, "review", words="再看一次").status_code == 409


def test_a_second_look_wants_a_reason(town):
    case = make_case(town, State.INFORMED, at=recently(20))
    assert "words" in tell(look_up(case), case, "review", words="").context["form"].errors


# --- withdrawing --------------------------------------------------------------------------------------


def test_a_request_is_taken_back(town):
    case = make_case(town, State.IN_PROGRESS, at=recently(20))
    client = look_up(case)
    assert tell(client, case, "withdraw", words="已经自己修好了").status_code == 302
    assert reloaded(case).state == State.WITHDRAWN
    assert client.get(f"/requests/{case.number}").context["acts"] == {}


def test_what_has_ended_is_not_taken_back(town):
    case = make_case(town, State.CLOSED, at=recently(20))
    assert tell(look_up(case), case, "withdraw").status_code == 409


def test_a_danger_goes_on_without_the_one_who_reported_it(town):
    case = make_case(town, State.IN_PROGRESS, at=recently(20), matter="manhole")
    client = look_up(case)
    assert client.get(f"/requests/{case.number}/withdraw").context["dangerous"]
    response = client.post(f"/requests/{case.number}/withdraw", {"version": case.version}, follow=True)
    assert response.redirect_chain[0][0] == "/"
    assert "险情" in steps.page(response)
    case.refresh_from_db(fields=["state"])
    assert case.state == State.IN_PROGRESS
    assert client.get(f"/requests/{case.number}").status_code == 302


# --- with an account ----------------------------------------------------------------------------------


def test_the_owner_acts_with_the_account_as_well(lin, town):
    case = make_case(town, State.CALLBACK_DUE, at=recently(20), by=steps.as_resident(town.lin), channel="app")
    assert tell(lin, case, "rate", **GOOD).status_code == 302
    assert reloaded(case).state == State.CLOSED
    assert town.client("qin").get(f"/requests/{case.number}").status_code == 302


def test_a_review_asked_meanwhile_by_somebody_else_with_the_receipt_is_not_asked_twice(town):
    case = make_case(town, State.INFORMED, at=recently(20))
    client = look_up(case)
    ask_review(by=requester_of(case), case=case, at=recently(1), seen_version=case.version, words="请复核")
    assert tell(client, case, "review", words="请再看一次").status_code == 409


def test_an_answer_given_in_another_window_is_not_given_twice(town):
    case = make_case(town, State.CALLBACK_DUE, at=recently(20))
    client = look_up(case)
    rate_case(
        by=requester_of(case), case=case, at=recently(1), seen_version=case.version, contacted=True,
        solved="partly",
    )  # fmt: skip
    assert tell(client, case, "rate", **GOOD).status_code == 409
    assert CallbackAnswer.objects.count() == 1
