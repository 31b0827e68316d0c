"""Finding one's request again, with the receipt or with an account, and how it is told how it stands."""

from __future__ import annotations

import html
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import translation

from doors.resident import reporting as steps
from doors.resident.conftest import look_up
from makers import make_case, make_photo
from town import recently
from wangge.cases.closing import reject_feedback
from wangge.cases.handling import extend_case, give_feedback, log_work
from wangge.cases.models import Attachment
from wangge.cases.states import State
from wangge.doors.resident import person
from wangge.foundation.files.actions import store_photo
from wangge.foundation.notices.actions import deliver_due, send
from wangge.foundation.notices.models import Notice, Recipient
from wangge.foundation.worktime import clock


def test_number_and_secret_open_the_case_and_the_browser_remembers_it(town):
    case = make_case(town, State.IN_PROGRESS, at=recently())
    client = look_up(case)
    page = steps.page(client.get(f"/requests/{case.number}"))
    assert case.text in page
    assert case.lead_unit.name in page


@pytest.mark.parametrize("typed", [" {} ", "{}\u3000"])
def test_capitals_and_spaces_do_not_matter(town, typed):
    case = make_case(town, at=recently())
    secret = case.lookup_secret.unseal()
    given = {"number": typed.format(case.number), "secret": typed.format(secret.lower())}
    assert Client().post("/follow", given).status_code == 302


def test_a_wrong_number_and_a_wrong_secret_get_the_same_answer(town):
    case = make_case(town, at=recently())
    answers = []
    for given in (
        {"number": case.number, "secret": "ZZZZZZ"},
        {"number": "230717-20260306-99999", "secret": case.lookup_secret.unseal()},
    ):
        response = Client().post("/follow", given)
        assert response.status_code == 422
        answers.append([str(error) for error in response.context["form"].non_field_errors()])
    assert answers[0] == answers[1]
    assert answers[0]


def test_guessing_is_slowed_down(town, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "lookup": (2, 600)}
    case = make_case(town, at=recently())
    for _guess in range(2):
        assert Client().post("/follow", {"number": case.number, "secret": "ZZZZZZ"}).status_code == 422
    right = {"number": case.number, "secret": case.lookup_secret.unseal()}
    response = Client().post("/follow", right)
    assert response.status_code == 429
    assert "Retry-After" in response.headers


PAGES = ("", "/receipt", "/my-data", "/rate", "/reopen", "/review", "/withdraw", "/photos/1")


@pytest.mark.parametrize("page", PAGES)
def test_strangers_are_asked_for_the_receipt_whether_the_case_exists_or_not(town, page):
    case = make_case(town, State.CALLBACK_DUE, at=recently())
    for client in (Client(), town.client("qin"), town.client("wu"), town.client("chen")):
        for number in (case.number, "230717-20260306-99999"):
            response = client.get(f"/requests/{number}{page}")
            assert response.status_code == 302
            assert response["Location"] == f"/follow?number={number}"


@pytest.mark.parametrize("page", ["/rate", "/reopen", "/review", "/withdraw", "/my-data"])
def test_strangers_change_nothing(town, page):
    case = make_case(town, State.CALLBACK_DUE, at=recently())
    response = town.client("qin").post(f"/requests/{case.number}{page}", {"version": case.version})
    assert response["Location"].startswith("/follow")
    before = case.version
    case.refresh_from_db(fields=["version"])
    assert case.version == before


def test_another_case_stays_shut_for_a_browser_with_one_receipt(town):
    mine, other = make_case(town, at=recently()), make_case(town, at=recently())
    client = look_up(mine)
    assert client.get(f"/requests/{other.number}").status_code == 302


def test_the_receipt_in_hand_is_laid_down_after_half_an_hour(town):
    case = make_case(town, at=recently())
    client = look_up(case)
    # The session holds moments, so an old one is written instead of waiting.
    session = client.session
    session["receipts_in_hand"] = {case.number: int(clock.now().timestamp()) - 1}
    session.save()
    assert client.get(f"/requests/{case.number}").status_code == 302
    assert timedelta(minutes=30) == person.IN_HAND


def test_a_receipt_can_be_laid_down_on_a_shared_machine(town):
    case = make_case(town, at=recently())
    client = look_up(case)
    client.post(f"/requests/{case.number}/forget")
    assert client.get(f"/requests/{case.number}").status_code == 302


def test_looking_up_a_case_changes_the_session_so_that_none_can_be_planted(town):
    case = make_case(town, at=recently())
    client = Client()
    steps.say_what(client, steps.begin(client))
    planted = client.cookies["wangge_session"].value
    client.post("/follow", {"number": case.number, "secret": case.lookup_secret.unseal()})
    assert client.cookies["wangge_session"].value != planted


# --- the receipt ------------------------------------------------------------------------------------


def test_the_receipt_shows_number_secret_and_what_comes_by_when(visitor):
    number = steps.number_in(steps.send(visitor, steps.fill(visitor)))
    response = visitor.get(f"/requests/{number}/receipt")
    case = response.context["case"]
    page = steps.page(response)
    assert number in page
    assert case.lookup_secret.unseal() in page
    assert response.context["stand"].following
    assert response.context["code"].startswith("data:image/svg+xml")


def test_no_address_holds_the_secret(visitor):
    number = steps.number_in(steps.send(visitor, steps.fill(visitor)))
    response = visitor.get(f"/requests/{number}/receipt")
    secret = response.context["secret"]
    addresses = [part.split('"')[0] for part in steps.page(response).split('href="')[1:]]
    assert not [address for address in addresses if secret in address]
    assert secret not in response.context["code"]


def test_who_comes_back_with_the_receipt_is_not_shown_the_secret_again(visitor):
    number = steps.number_in(steps.send(visitor, steps.fill(visitor)))
    case = visitor.get(f"/requests/{number}/receipt").context["case"]
    later = look_up(case)
    page = steps.page(later.get(f"/requests/{number}/receipt"))
    assert number in page
    assert case.lookup_secret.unseal() not in page


def test_the_owner_signed_in_finds_the_secret_again(lin):
    number = steps.number_in(steps.send(lin, steps.fill(lin)))
    assert lin.get(f"/requests/{number}/receipt").context["secret"]


# --- my requests ------------------------------------------------------------------------------------


def test_my_requests_are_mine_alone(lin, town):
    number = steps.number_in(steps.send(lin, steps.fill(lin)))
    make_case(town, at=recently())
    rows = lin.get("/requests").context["rows"]
    assert [case.number for case, _stand in rows] == [number]
    assert town.client("qin").get("/requests").context["rows"] == []


def test_my_requests_ask_strangers_to_sign_in(visitor):
    assert visitor.get("/requests")["Location"] == "/login?next=%2Frequests"


def test_my_requests_turn_pages(lin, town, monkeypatch):
    for _number in range(3):
        make_case(town, at=recently(), by=steps.as_resident(town.lin), channel="app")
    monkeypatch.setattr("wangge.doors.resident.own_pages.PAGE_SIZE", 2)
    first = lin.get("/requests")
    older = lin.get(f"/requests?before={first.context['page'].older_than}")
    assert [len(first.context["rows"]), len(older.context["rows"])] == [2, 1]
    newer = lin.get(f"/requests?after={older.context['page'].newer_than}")
    assert newer.context["rows"] == first.context["rows"]


# --- how it stands ----------------------------------------------------------------------------------


@pytest.mark.parametrize("state", list(State))
def test_every_state_is_told_in_plain_words_in_both_languages(town, state):
    case = make_case(town, state, at=recently(20))
    client = look_up(case)
    sentences = []
    for language in ("zh-hans", "en"):
        client.cookies["wangge_language"] = language
        response = client.get(f"/requests/{case.number}")
        stand = response.context["stand"]
        with translation.override(language):
            assert str(stand.phase.label) in steps.page(response)
        assert html.escape(stand.sentence) in steps.page(response)
        sentences.append(stand.sentence)
    assert sentences[1].isascii() or case.lead_unit is not None
    assert sentences[0] != sentences[1]


def test_no_name_of_a_clerk_and_no_inner_note_is_shown(town):
    case = make_case(town, State.IN_PROGRESS, at=recently(20))
    log_work(
        by=town.wu.holder, case=case, at=recently(1), seen_version=case.version,
        text="内部记录：先压一压", contacted=True,
    )  # fmt: skip
    page = steps.page(look_up(case).get(f"/requests/{case.number}"))
    assert "先压一压" not in page
    assert not [person.username for person in town.people.values() if person.username in page]
    assert "办理单位联系了您" in page


def test_the_reason_of_a_pause_is_told(town):
    case = make_case(town, State.PAUSED, at=recently(20))
    page = steps.page(look_up(case).get(f"/requests/{case.number}"))
    assert "等待诉求人补充房号。" in page


def test_the_reason_for_more_time_is_told(town):
    case = make_case(town, State.IN_PROGRESS, at=recently(20))
    extend_case(
        by=town.zhao.holder, case=case, at=recently(1), seen_version=case.version, limit="3nd",
        reason="零件要从外地调运。",
    )  # fmt: skip
    assert "零件要从外地调运。" in steps.page(look_up(case).get(f"/requests/{case.number}"))


def test_what_is_shelved_says_why_and_when_it_is_looked_at_again(town):
    case = make_case(town, State.SHELVED, at=recently(20))
    stand = look_up(case).get(f"/requests/{case.number}").context["stand"]
    assert "季节" in stand.sentence
    assert "月" in stand.following
    assert "冻土期" not in steps.page(look_up(case).get(f"/requests/{case.number}"))


def test_both_promises_are_explained_step_by_step(town):
    case = make_case(town, State.IN_PROGRESS, at=recently(20))
    promises = look_up(case).get(f"/requests/{case.number}").context["promises"]
    assert [one.promise.stage for one in promises] == ["dispatch", "feedback"]
    assert all(one.promise.reckoning.steps for one in promises)


def test_a_broken_promise_is_admitted(town):
    case = make_case(town, State.IN_PROGRESS)  # months ago
    stand = look_up(case).get(f"/requests/{case.number}").context["stand"]
    assert stand.late
    assert "抱歉" in stand.following


def test_the_result_comes_with_its_photos(town):
    photo = store_photo(make_photo("orange"), at=recently(20))
    case = make_case(town, State.IN_PROGRESS, at=recently(20), photos=[photo])
    after = store_photo(make_photo("white"), at=recently(1))
    give_feedback(
        by=town.wu.holder, case=case, at=recently(1), seen_version=case.version, text="修好了。",
        photos=[after],
    )  # fmt: skip
    client = look_up(case)
    response = client.get(f"/requests/{case.number}")
    assert "修好了。" in steps.page(response)
    [before], [done] = response.context["photos"], response.context["result"].photos
    for attachment in (before, done):
        for size in ("", "?small"):
            answer = client.get(f"/requests/{case.number}/photos/{attachment.pk}{size}")
            assert answer["Content-Type"] == "image/jpeg"
    assert client.get(f"/requests/{case.number}/photos/{done.pk + 1}").status_code == 404


def test_an_answer_that_was_sent_back_is_no_result(town):
    case = make_case(town, State.FEEDBACK_GIVEN, at=recently(20))
    assert look_up(case).get(f"/requests/{case.number}").context["result"] is not None
    reject_feedback(
        by=town.chen.holder, case=case, at=recently(1), seen_version=case.version, finding="灯还是不亮。"
    )
    response = look_up(case).get(f"/requests/{case.number}")
    assert response.context["result"] is None
    assert "灯还是不亮。" not in steps.page(response)


def test_a_photo_of_another_case_is_not_found(town):
    photo = store_photo(make_photo("orange"), at=recently(20))
    other = make_case(town, at=recently(), photos=[photo])
    mine = make_case(town, at=recently())
    theirs = Attachment.objects.get(case=other).pk
    assert look_up(mine).get(f"/requests/{mine.number}/photos/{theirs}").status_code == 404


def test_messages_to_the_requester_are_shown_and_counted_as_read(town):
    case = make_case(town, State.CALLBACK_DUE, at=recently(20))
    send(
        to=Recipient("requester", case.number), template="case.rate", params={}, about=case.subject,
        at=recently(2), key="line:1", urgent=True,
    )  # fmt: skip
    deliver_due(at=clock.now())
    notice = Notice.objects.get()
    assert notice.text in steps.page(look_up(case).get(f"/requests/{case.number}"))
    notice.refresh_from_db()
    assert notice.read_at is not None
