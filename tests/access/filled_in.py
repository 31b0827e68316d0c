"""The forms of every act as a willing clerk, worker or resident fills them in."""

from __future__ import annotations

import uuid
from typing import Any

from django.urls import reverse

import town as places
from access.visits import Visitor, World, beyond
from town import point_in
from wangge.cases.models import Case
from wangge.foundation.privacy.models import Purpose


def form_of(world: World, visitor: Visitor, name: str, stands: str, case: Case) -> tuple[str, dict[str, Any]]:
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
    if act in {"export_cases", "export_ask"}:
        return reverse(name), FILLED_IN[act]
    if act in {"export_approve", "export_refuse", "export_fetch"}:
        asked = world.asked_export(visitor, stands != "far", approved=act == "export_fetch")
        return reverse(name, args=[asked.pk]), FILLED_IN[act]
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
    "export_cases": {"form": "xlsx"},
    "export_ask": {"purpose": Purpose.CONTACT.value, "reason": "逐户通知停水"},
    "export_approve": {},
    "export_refuse": {"reason": "范围过大"},
    "export_fetch": {"form": "csv"},
}  # fmt: skip
