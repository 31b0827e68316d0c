"""A call sent twice is done once: in turn, at the same moment, and not where the first was refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from doors.api.programs import REPORT, ROOT, Program, problem_of, program_of, token_for
from makers import make_case
from town import Town, recently
from wangge.cases.models import Case, CaseNote
from wangge.cases.states import State
from wangge.doors.api.keeping import sweep
from wangge.doors.api.models import KeptAnswer
from wangge.foundation.journal.models import Line
from wangge.foundation.journal.verifying import verify_journal
from wangge.foundation.webhooks.models import Subscription
from wangge.foundation.worktime import clock


def test_the_same_registration_again_is_the_same_case(intake: Program) -> None:
    first = intake.post("/cases", REPORT, Idempotency_Key="order-1")
    again = intake.post("/cases", REPORT, Idempotency_Key="order-1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["number"] == again.json()["number"]
    assert first.json()["secret"] == again.json()["secret"]
    assert Case.objects.count() == 1


@pytest.mark.parametrize(
    "change", [{"text": "另一件事。"}, {"priority": "urgent"}, {"title": "别的"}, {"external_no": "7"}]
)
def test_another_body_under_the_same_key_is_refused(intake: Program, change: dict[str, str]) -> None:
    intake.post("/cases", REPORT, Idempotency_Key="order-1")
    refusal = intake.post("/cases", {**REPORT, **change}, Idempotency_Key="order-1")
    assert (refusal.status_code, problem_of(refusal)["code"]) == (409, "key_used")
    assert Case.objects.count() == 1


def test_a_registration_that_was_refused_may_be_mended_under_its_key(intake: Program) -> None:
    assert intake.post("/cases", {**REPORT, "text": " "}, Idempotency_Key="order-1").status_code == 422
    assert intake.post("/cases", REPORT, Idempotency_Key="order-1").status_code == 201


def test_keys_of_two_tokens_do_not_meet(town: Town, intake: Program) -> None:
    other = program_of(town, "chen")
    first = intake.post("/cases", REPORT, Idempotency_Key="1").json()
    assert other.post("/cases", {**REPORT, "text": "别的事。"}, Idempotency_Key="1").status_code == 201
    assert intake.post("/cases", REPORT, Idempotency_Key="1").json()["number"] == first["number"]


def test_a_work_order_of_another_system_is_one_case_and_its_secret_not_anybodys(
    town: Town, intake: Program
) -> None:
    order = {**REPORT, "source_system": "12345", "external_no": "SX-1"}
    first = intake.post("/cases", order)
    again = program_of(town, "chen").post("/cases", order)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["number"] == first.json()["number"]
    assert again.json()["secret"] is None


def test_an_act_sent_again_answers_as_the_first_time(town: Town) -> None:
    case = make_case(town, State.IN_PROGRESS, at=recently(3))
    wu = program_of(town, "wu")
    path, body = f"/cases/{case.number}/acts/handle", {"seen_version": case.version, "text": "到了。"}
    first = wu.post(path, body, Idempotency_Key="visit-1")
    again = wu.post(path, body, Idempotency_Key="visit-1")
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert first.headers["ETag"] == again.headers["ETag"]
    assert CaseNote.objects.filter(case=case, kind="work").count() == 1
    assert wu.post(path, body).status_code == 409, "without the key it is stale"
    other = wu.post(path, {**body, "text": "又到了。"}, Idempotency_Key="visit-1")
    assert problem_of(other)["code"] == "key_used"
    elsewhere = wu.post(f"/cases/{case.number}/acts/feed_back", body, Idempotency_Key="visit-1")
    assert problem_of(elsewhere)["code"] == "key_used"


def test_an_act_that_was_refused_leaves_its_key_free(town: Town) -> None:
    case = make_case(town, State.IN_PROGRESS, at=recently(3))
    wu = program_of(town, "wu")
    path = f"/cases/{case.number}/acts/handle"
    assert wu.post(path, {"seen_version": 1, "text": "x"}, Idempotency_Key="v").status_code == 409
    assert not KeptAnswer.objects.exists()
    good = {"seen_version": case.version, "text": "x"}
    assert wu.post(path, good, Idempotency_Key="v").status_code == 200


def test_what_is_kept_of_an_answer_holds_no_words(town: Town, intake: Program) -> None:
    case = make_case(town, State.IN_PROGRESS, at=recently(3))
    body = {"seen_version": case.version, "text": "林秀英家的灯修好了。"}
    program_of(town, "wu").post(f"/cases/{case.number}/acts/handle", body, Idempotency_Key="v")
    intake.post("/cases", REPORT, Idempotency_Key="v")
    kept = list(KeptAnswer.objects.order_by("pk").values_list("answer", flat=True))
    assert kept[0].keys() == {"number", "act", "state", "version", "at", "url"}
    assert kept[1] is None


def test_answers_are_forgotten_after_three_days(intake: Program) -> None:
    intake.post("/cases", REPORT, Idempotency_Key="order-1")
    assert sweep(at=clock.now() + timedelta(hours=71)) == 0
    assert sweep(at=clock.now() + timedelta(hours=73)) == 1
    # The case knows its own key, however long ago.
    assert intake.post("/cases", REPORT, Idempotency_Key="order-1").status_code == 200
    sweep(at=clock.now() + timedelta(hours=73))
    assert intake.post("/cases", {**REPORT, "text": "别的。"}, Idempotency_Key="order-1").status_code == 409


def test_a_subscription_is_made_once_and_its_secret_told_to_who_sent_it(
    town: Town, settings: Settings
) -> None:
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    wu = program_of(town, "wu")
    body = {"url": "http://127.0.0.1:9/"}
    first = wu.post("/webhooks", body, Idempotency_Key="hook")
    again = wu.post("/webhooks", body, Idempotency_Key="hook")
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert Subscription.objects.count() == 1


# --- at the same moment -----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    """Over real connections, on the server of the tests."""

    def ask(
        self, live_server: LiveServer, token: str, calls: list[tuple[str, Any, str]]
    ) -> list[httpx.Response]:
        def one(call: tuple[str, Any, str]) -> httpx.Response:
            path, body, key = call
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
            return httpx.post(f"{live_server.url}{ROOT}{path}", json=body, headers=headers, timeout=60)

        with ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(one, calls))

    def test_twelve_hands_with_one_key_register_one_case(self, town: Town, live_server: LiveServer) -> None:
        token = token_for(town, "chen")[1]
        answers = self.ask(live_server, token, [("/cases", REPORT, "one")] * 12)
        assert sorted(answer.status_code for answer in answers) == [200] * 11 + [201]
        assert len({answer.json()["number"] for answer in answers}) == 1
        assert Case.objects.count() == Line.objects.filter(act="case.registered").count() == 1
        assert verify_journal().sound

    def test_of_twelve_bodies_under_one_key_one_is_taken(self, town: Town, live_server: LiveServer) -> None:
        token = token_for(town, "chen")[1]
        calls = [("/cases", {**REPORT, "text": f"第{n}件。"}, "one") for n in range(12)]
        answers = self.ask(live_server, token, calls)
        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 11
        assert Case.objects.count() == 1

    def test_eight_hands_with_one_key_act_once(self, town: Town, live_server: LiveServer) -> None:
        case = make_case(town, State.IN_PROGRESS, at=recently(3))
        token = token_for(town, "wu")[1]
        body = {"seen_version": case.version, "text": "到了。"}
        answers = self.ask(live_server, token, [(f"/cases/{case.number}/acts/handle", body, "one")] * 8)
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.text for answer in answers}) == 1
        assert CaseNote.objects.filter(case=case, kind="work").count() == 1
        assert Case.objects.get(pk=case.pk).version == case.version + 1

    def test_eight_hands_with_keys_of_their_own_act_once_and_seven_are_stale(
        self, town: Town, live_server: LiveServer
    ) -> None:
        case = make_case(town, State.IN_PROGRESS, at=recently(3))
        token = token_for(town, "wu")[1]
        body = {"seen_version": case.version, "text": "到了。"}
        path = f"/cases/{case.number}/acts/handle"
        answers = self.ask(live_server, token, [(path, body, f"key-{n}") for n in range(8)])
        assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
