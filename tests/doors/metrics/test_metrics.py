"""What Prometheus reads: the work that waits, how old it is, how long answers take; nothing of anybody."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from makers import make_case
from town import Town
from wangge.cases.states import State
from wangge.doors.worker.reactions import react
from wangge.foundation.journal.sealing import seal_heads
from wangge.foundation.journal.wakeups import drain
from wangge.foundation.worktime import clock

TOKEN = "a-token-of-the-tests"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(autouse=True)
def _token(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN


def read() -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    answer = Client(headers=BEARER).get("/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def value(name: str, **labels: str) -> float | None:
    return read().get((name, tuple(sorted(labels.items()))))


def test_open_cases_are_counted_with_their_age_and_what_is_late(town: Town) -> None:
    at = clock.now() - timedelta(days=20)
    make_case(town, State.IN_PROGRESS, at=at)
    make_case(town, State.CLOSED, at=at)
    assert value("wangge_cases_open", district="230717", state="in_progress") == 1
    assert value("wangge_cases_open", district="230717", state="closed") is None
    oldest = value("wangge_cases_oldest_seconds", district="230717", state="in_progress")
    assert oldest == pytest.approx(20 * 86400, abs=600)
    assert value("wangge_cases_overdue", district="230717") == 1


def test_the_worker_and_the_seals_are_watched(town: Town) -> None:
    make_case(town, State.REGISTERED)
    waiting = value("wangge_wakeups_waiting")
    assert waiting
    assert value("wangge_journal_seal_age_seconds") is None
    while drain(react, at=clock.now(), batch=100).answered:
        pass
    seal_heads(at=clock.now() - timedelta(minutes=5))
    assert value("wangge_wakeups_waiting") == 0
    assert value("wangge_journal_seal_age_seconds") == pytest.approx(300, abs=60)


def test_answers_are_timed_by_page_and_never_by_address(town: Town) -> None:
    case = make_case(town, State.REGISTERED)
    town.client("chen").get(f"/desk/cases/{case.number}")
    Client().get("/requests/13800000000")
    assert value("wangge_http_answer_seconds_count", method="GET", page="desk:case", status="2xx")
    text = Client(headers=BEARER).get("/metrics").content.decode()
    assert case.number not in text
    assert "13800000000" not in text


def test_a_made_up_method_makes_no_figure_of_its_own(db: None) -> None:
    Client().generic("BREW", "/healthz")
    assert value("wangge_http_answer_seconds_count", method="other", page="shell:healthz", status="4xx")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN[:-1]}])
def test_without_the_token_there_is_nothing(db: None, headers: dict[str, str]) -> None:
    assert Client(headers=headers).get("/metrics").status_code == 404


def test_an_installation_without_a_token_has_no_such_page(db: None, settings: Any) -> None:
    settings.METRICS_TOKEN = ""
    assert Client(headers={"Authorization": "Bearer "}).get("/metrics").status_code == 404


def test_logs_are_one_object_a_line_and_masked() -> None:
    program = (
        "import django, logging; django.setup(); "
        "logging.getLogger('wangge.test').warning('call %s\\nnow', '13800138000')"
    )
    told = {
        "DJANGO_SETTINGS_MODULE": "wangge.config.settings",
        "WANGGE_LOG_FORMAT": "json",
        "WANGGE_SECRET_KEY": "k" * 50,
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    }
    environment = {**os.environ, **told}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    (line,) = done.stderr.strip().splitlines()
    said = json.loads(line)
    assert said["level"] == "WARNING"
    assert said["logger"] == "wangge.test"
    assert said["message"] == "call 138****8000\nnow"
