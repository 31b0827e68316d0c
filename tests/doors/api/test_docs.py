"""docs/api.md says what is so: its example of a receiver works, its tables are complete."""

from __future__ import annotations

import json
import re
import textwrap
import time
from datetime import UTC, datetime
from typing import Any

from doors.api.programs import Program
from town import Town
from wangge.cases.states import MOVE_OF
from wangge.config import data_folder
from wangge.doors.api.problems import TITLES
from wangge.doors.api.scopes import Scope
from wangge.doors.api.words import KEY
from wangge.foundation.webhooks.limits import webhook_limits
from wangge.foundation.webhooks.signing import headers, new_secret

PAGE = (data_folder.CHECKOUT / "docs" / "api.md").read_text(encoding="utf-8")


def blocks() -> list[str]:
    return [textwrap.dedent(block) for block in re.findall(r"(?:^    .*\n|^\n(?=    ))+", PAGE, flags=re.M)]


def test_the_receiver_of_the_page_knows_our_messages() -> None:
    (code,) = [block for block in blocks() if "def is_ours" in block]
    told: dict[str, Any] = {}
    exec(code, told)
    secret, body = new_secret(), '{"text":"路灯"}'.encode()
    signed = headers(secret, "msg_1", datetime.now(UTC), body)
    assert told["is_ours"](secret, signed, body)
    assert not told["is_ours"](new_secret(), signed, body)
    assert not told["is_ours"](secret, signed, body + b" ")
    assert not told["is_ours"](secret, {**signed, "webhook-id": "msg_2"}, body)
    old = headers(secret, "msg_1", datetime.fromtimestamp(time.time() - 400, UTC), body)
    assert not told["is_ours"](secret, old, body)


def test_every_scope_and_status_is_in_its_table() -> None:
    assert set(re.findall(r"^\| `([a-z]+:[a-z]+)` \|", PAGE, flags=re.M)) == set(Scope.values)
    statuses = {
        int(one) for row in re.findall(r"^\| (\d[\d, ]*) \|", PAGE, flags=re.M) for one in row.split(",")
    }
    assert statuses == set(TITLES)


def test_the_events_of_the_page_are_events() -> None:
    named = set(re.findall(r'"(case\.[a-z_]+)"', PAGE))
    assert named
    assert named <= set(MOVE_OF)


def test_the_numbers_of_the_page_are_the_numbers_in_force() -> None:
    limits = webhook_limits()
    assert limits.waits[:7] == (10, 30, 120, 600, 1800, 3600, 7200)
    assert limits.waits[7:] == (14400,)
    tries = [limits.waits[min(n, len(limits.waits) - 1)] for n in range(limits.attempts - 1)]
    assert 18 * 3600 < sum(tries) < 22 * 3600
    assert (limits.attempts, limits.events_per_post, limits.pause_after_hours) == (12, 50, 72)
    assert limits.keep_waiting_days == 7
    assert limits.answer_seconds == 10
    assert "255" in KEY


def test_the_registration_of_the_page_is_taken(town: Town, intake: Program) -> None:
    (block,) = [block for block in blocks() if "Idempotency-Key: 12345" in block]
    body = json.loads(re.search(r"-d '(\{.*\})'", block, flags=re.S).group(1))  # type: ignore[union-attr]
    made = intake.post("/cases", body, Idempotency_Key="12345-SX20260306-7")
    assert made.status_code == 201
    answer = json.loads(
        re.search(r"^201 (\{.*?\})", PAGE.replace("\n    ", "\n"), flags=re.S | re.M).group(1)
    )  # type: ignore[union-attr]
    assert made.json().keys() == answer.keys()
