"""Every act, tried by everybody wherever it may lie: who may, does it; who may not, changes nothing."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse

import town as places
from access.matrix import ACTS, rows, those_who_try
from access.visits import Visitor, World, beyond, written
from town import Town, point_in
from wangge.cases.models import Case
from wangge.doors.desk.case_pages import FORMS
from wangge.foundation.privacy.models import Purpose

ROWS = rows(ACTS)
REFUSALS = {403: "x", 404: ".", 422: "!"}


@pytest.mark.parametrize("door", ["desk", "field", "resident"])
def test_every_act_is_done_by_whom_the_matrix_says_and_refused_to_everybody_else(
    town: Town, door: str
) -> None:
    world = World(town)
    wrong = []
    for what, stands, cells in ROWS:
        if not what.startswith(f"{door}:"):
            continue
        for column in those_who_try(ROWS, what, stands):
            came_of_it = _try(world, world.visitors[column], what, stands)
            if came_of_it != cells[column]:
                wrong.append(f"{what} {stands} {column}: {came_of_it}, the matrix says {cells[column]}")
    assert not wrong, "\n".join(wrong)


def test_every_form_of_an_act_has_its_rows() -> None:
    written_down = {what.partition(":")[2].split()[0] for what, _stands, _cells in ROWS}
    assert set(FORMS) <= written_down, "an act without a row: somebody reads domain notes §2 and adds it"
    acts_of_residents = {"rate", "reopen", "review", "withdraw", "my_data"}
    acts_in_the_field = {"report", "check"}
    others = {"register", "contact", "notice"}
    assert written_down == set(FORMS) | acts_of_residents | acts_in_the_field | others


def _try(world: World, visitor: Visitor, what: str, stands: str) -> str:
    """Send the form; the letter of what came of it. Afterwards everything is as it was before."""
    name, _space, circumstance = what.partition(" ")
    case = world.case(what if circumstance else name, visitor, stands)
    world.lay(visitor, case, stands)
    with transaction.atomic():
        if name == "desk:assist" and stands == "own":
            world.ask_to_assist(visitor, case)
        if circumstance == "confidential":
            Case.objects.filter(pk=case.pk).update(confidential=True)
        address, told = _form(world, visitor, name, stands, case)
        before = written()
        response = visitor.client.post(address, told)
        changed = written() != before
        transaction.set_rollback(True)
    return _letter(response, changed)


def _letter(response: HttpResponse, changed: bool) -> str:
    status = response.status_code
    if changed:
        return "+" if status < 400 else f"changed something and said {status}"
    if status == 302:
        goes_to = response.headers["Location"]
        if goes_to.startswith(reverse(settings.LOGIN_URL)):
            return "L"
        if goes_to.startswith(f"{reverse('resident:follow')}?number="):
            return "?"
    return REFUSALS.get(status, f"changed nothing and said {status}")


def _form(world: World, visitor: Visitor, name: str, stands: str, case: Case) -> tuple[str, dict[str, Any]]:
    """Where the form goes, and what a willing clerk would write in it."""
    act = name.partition(":")[2]
    if act == "register":
        area = places.GRID if stands == "near" else beyond(visitor.role)
        return reverse(name), {**_REGISTER, "client_key": str(uuid.uuid4()), "area": area}
    if name == "field:report":
        lon, lat = point_in(places.GRID if stands == "near" else beyond(visitor.role))
        return reverse(name), {**_REPORT, "client_key": str(uuid.uuid4()), "lon": lon, "lat": lat}
    if act == "notice":
        reader = visitor.user_id if stands == "near" and visitor.user_id else world.town.qin.user.pk
        return reverse(name, args=[world.notice_to(reader).pk]), {}
    told = dict(FILLED_IN[act])
    if act in {"reassign", "assign_assist"}:
        told["unit"] = world.town.bodies["civil"].pk
    version = "version" if name.startswith("resident:") else "seen_version"
    return reverse(name, args=[case.number]), {version: case.version, **told}


_REGISTER = {
    "channel": "walk_in", "text": "河畔小区门口的路灯不亮。", "request_type": "help", "priority": "normal",
    "who": "anonymous",
}  # fmt: skip
_REPORT = {"text": "井盖松动，踩上去会响。", "kind": "component"}

FILLED_IN: dict[str, dict[str, Any]] = {
    "start_screening": {},
    "inform": {"reason": "out_of_scope", "advice": "请与物业公司协商。"},
    "answer": {"answer": "请带身份证到窗口办理。"},
    "classify": {"matter": "ROAD-05"},
    "dispatch": {},
    "uphold": {"ruling": "网格编码在辖区内。"},
    "reassign": {"reason": "属民政职责。"},
    "sign": {},
    "object": {"ground": "not_our_duty", "explanation": "移交清单第3条。"},
    "handle": {"text": "已到现场查看。"},
    "feed_back": {"text": "已更换灯泡，今晚恢复照明。"},
    "assign_assist": {"ask": "请协助看护现场。"},
    "assist": {"text": "已协助看护。"},
    "verify": {},
    "pass": {"finding": "现场已恢复。"},
    "reject_feedback": {"finding": "仍不亮。"},
    "call_back": {
        "channel": "phone", "reached": "yes", "contacted": "yes", "solved": "solved",
        "satisfaction": "satisfied", "within_duty": "yes",
    },
    "contact": {"purpose": Purpose.VISIT.value, "reason": "上门查看"},
    "check": {"found": "done", "finding": "灯亮了。"},
    "rate": {"contacted": "yes", "solved": "solved", "satisfaction": "satisfied"},
    "reopen": {"words": "又不亮了。"},
    "review": {"words": "路灯归城管局管。"},
    "withdraw": {"words": "已经好了。"},
    "my_data": {},
}  # fmt: skip
