"""Every act of the desk through the API: done by whom the desk lets, refused in the same words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

import town as places
from cases.acts import actor_for
from doors.api.programs import REPORT, Program, problem_of, program_of
from makers import make_case, make_photo
from town import Town, recently
from wangge.cases.models import Case
from wangge.cases.states import PAST, State
from wangge.cases.words import RequestType
from wangge.doors.api.act_bodies import BODIES
from wangge.foundation.journal.queries import lines_of
from wangge.foundation.worktime import clock
from wangge.organisations.posts import PostHolder

#: Where an act begins, and what a willing clerk sends with it.
ACTS: dict[str, tuple[State, dict[str, Any]]] = {
    "start_screening": (State.REGISTERED, {}),
    "inform": (State.SCREENING, {"reason": "out_of_scope", "advice": "请与物业公司协商。"}),
    "answer": (State.SCREENING, {"answer": "请带身份证到窗口办理。"}),
    "classify": (State.SCREENING, {"matter": "ROAD-05", "priority": "urgent"}),
    "merge": (State.SCREENING, {}),
    "dispatch": (State.TO_DISPATCH, {}),
    "sign": (State.DISPATCHED, {}),
    "object": (State.DISPATCHED, {"ground": "not_our_duty", "explanation": "移交清单第3条。"}),
    "uphold": (State.OBJECTION_REVIEW, {"ruling": "网格编码在辖区内。"}),
    "reassign": (State.OBJECTION_REVIEW, {"unit": "230717.water_company", "reason": "异议成立。"}),
    "handle": (State.IN_PROGRESS, {"text": "已到现场。", "contacted": True}),
    "assign_assist": (State.IN_PROGRESS, {"unit": "230717.civil_affairs", "ask": "请协助联系住户。"}),
    "assist": (State.IN_PROGRESS, {"text": "已联系住户。"}),
    "pause": (State.IN_PROGRESS, {"reason": "force_majeure", "note": "暴雪。"}),
    "resume": (State.PAUSED, {}),
    "extend": (State.IN_PROGRESS, {"limit": "2ch", "reason": "等待配件。"}),
    "shelve": (State.IN_PROGRESS, {"reason": "season", "plan": "解冻后施工。"}),
    "reactivate": (State.SHELVED, {}),
    "end_shelving": (State.SHELVED, {"reason": "权属争议，经研究不予实施。"}),
    "feed_back": (State.IN_PROGRESS, {"text": "已更换灯泡。"}),
    "verify": (State.FEEDBACK_GIVEN, {"ask": "请看是否已亮。"}),
    "pass": (State.VERIFYING, {"finding": "灯已亮。"}),
    "reject_feedback": (State.VERIFYING, {"finding": "仍不亮。"}),
    "call_back": (State.CALLBACK_DUE, {"reached": True, "contacted": True, "solved": "solved"}),
}  # fmt: skip


def case_for_act(town: Town, act: str) -> tuple[Case, dict[str, Any]]:
    state, told = ACTS[act]
    case = make_case(town, state, at=recently(3), request_type=RequestType.CONSULT, step=timedelta(minutes=5))
    if act == "merge":
        told = {"into": make_case(town, at=recently(3)).number}
    if act == "pause":
        told = {**told, "planned_end_at": (clock.now() + timedelta(days=1)).isoformat()}
    if act == "assist":
        wu = program_of(town, "wu")
        asked = wu.act(case.number, "assign_assist", case.version, unit="230717001", ask="请协助。")
        assert asked.status_code == 200, asked.content
        case = Case.objects.select_related("lead_unit").get(pk=case.pk)
    return case, told


def doer(town: Town, case: Case, act: str) -> Program:
    holder = actor_for(town, case, act)
    assert isinstance(holder, PostHolder)
    person = next(one for one in town.people.values() if one.holder == holder)
    return program_of(town, person)


def test_every_body_is_tried_here() -> None:
    assert ACTS.keys() == {body.act for body in BODIES}


@pytest.mark.parametrize("act", ACTS)
def test_an_act_is_done_and_journalled_like_at_the_desk(town: Town, act: str) -> None:
    case, told = case_for_act(town, act)
    program = doer(town, case, act)
    moves = {move["act"]: move for move in program.get(f"/cases/{case.number}/moves").json()["items"]}
    assert moves[act]["allowed"], moves[act]
    done = program.act(case.number, act, case.version, **told)
    assert done.status_code == 200, done.content.decode()
    fresh = Case.objects.get(pk=case.pk)
    assert done.json()["state"] == fresh.state
    assert done.json()["version"] == fresh.version == case.version + 1
    assert done.headers["ETag"] == f'"{fresh.version}"'
    assert lines_of(case.subject).last().act == f"case.{PAST[act]}"


@pytest.mark.parametrize("act", ACTS)
def test_an_act_is_refused_where_it_does_not_fit(town: Town, act: str) -> None:
    _case, told = case_for_act(town, act)
    closed = make_case(town, State.CLOSED, at=recently(3))
    before = lines_of(closed.subject).count()
    refusal = doer(town, _case, act).act(closed.number, act, closed.version, **told)
    assert refusal.status_code in {403, 409}, refusal.content
    assert problem_of(refusal)["code"] in {"wrong_state", "wrong_unit", "wrong_role"}
    assert lines_of(closed.subject).count() == before


@pytest.mark.parametrize("act", ACTS)
def test_an_act_that_is_not_the_posts_is_refused(town: Town, act: str) -> None:
    case, told = case_for_act(town, act)
    stranger = program_of(town, "han")  # the joint meeting's office sees it, and does nothing to it
    refusal = stranger.act(case.number, act, case.version, **told)
    assert refusal.status_code == 403
    assert problem_of(refusal)["detail"] == "这不属于您岗位的职责。"


# --- versions -------------------------------------------------------------------------------------


def test_a_version_somebody_has_left_behind_is_stale(town: Town) -> None:
    case = make_case(town, State.IN_PROGRESS, at=recently(3))
    wu = program_of(town, "wu")
    assert wu.act(case.number, "handle", case.version, text="到了。").status_code == 200
    refusal = wu.act(case.number, "feed_back", case.version, text="好了。")
    assert refusal.status_code == 409
    assert problem_of(refusal)["code"] == "stale"
    assert problem_of(refusal)["version"] == case.version + 1


def test_the_etag_of_a_case_may_go_into_if_match(town: Town) -> None:
    case = make_case(town, State.IN_PROGRESS, at=recently(3))
    wu = program_of(town, "wu")
    etag = wu.get(f"/cases/{case.number}").headers["ETag"]
    path = f"/cases/{case.number}/acts/handle"
    assert wu.post(path, {"text": "到了。"}, If_Match=etag).status_code == 200
    stale = wu.post(path, {"text": "又到了。"}, If_Match=etag)
    assert (stale.status_code, problem_of(stale)["code"]) == (412, "stale")
    assert problem_of(stale)["version"] == case.version + 1


@pytest.mark.parametrize("etag", ["*", '"x"', '"0"', '"99999999999"', '"1", "2"'])
def test_if_match_names_one_version(town: Town, etag: str) -> None:
    case = make_case(town, State.IN_PROGRESS, at=recently(3))
    refusal = program_of(town, "wu").post(f"/cases/{case.number}/acts/handle", {"text": "x"}, If_Match=etag)
    assert refusal.status_code == 412


def test_nobody_acts_on_what_they_have_not_seen(town: Town) -> None:
    case = make_case(town, State.IN_PROGRESS, at=recently(3))
    refusal = program_of(town, "wu").post(f"/cases/{case.number}/acts/handle", {"text": "到了。"})
    assert (refusal.status_code, problem_of(refusal)["code"]) == (428, "version_required")


# --- what a body names ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "told", "field", "code"),
    [
        ("classify", {"matter": "NONE-1"}, "/matter", "unknown_matter"),
        ("dispatch", {"unit": "230718.command_center", "reason": "x"}, "/unit", "unknown_unit"),
        ("dispatch", {"unit": "230717.civil_affairs"}, "/reason", "reason_required"),
        ("reassign", {"unit": "230717.urban_management", "reason": "x"}, "/unit", "same_unit"),
        ("handle", {"text": "  "}, "/text", "required"),
        ("handle", {"text": "x", "photos": ["0" * 64]}, "/photos", "unknown_photo"),
        ("merge", {"into": "230717-20200101-00001"}, "/into", "not_found"),
        ("extend", {"limit": "9zz", "reason": "x"}, "/limit", None),
        ("inform", {"reason": "because", "advice": "x"}, "/reason", "enum"),
        ("pause", {"planned_end_at": "2026-03-06T09:00:00"}, "/planned_end_at", "timezone_aware"),
        ("pause", {"planned_end_at": "2020-03-06T09:00:00Z"}, "/planned_end_at", "ends_before_start"),
    ],
)  # fmt: skip
def test_a_field_at_fault_is_named(
    town: Town, act: str, told: dict[str, Any], field: str, code: str | None
) -> None:
    case, good = case_for_act(town, act)
    refusal = doer(town, case, act).act(case.number, act, case.version, **{**good, **told})
    assert refusal.status_code == 422, refusal.content
    (error,) = problem_of(refusal)["errors"]
    assert error["pointer"] == field
    assert code is None or error["code"] == code


def test_refusals_speak_the_language_asked_for(town: Town) -> None:
    case = make_case(town, State.CLOSED, at=recently(3))
    path, body = f"/cases/{case.number}/acts/handle", {"seen_version": case.version, "text": "x"}
    wu = program_of(town, "wu")
    chinese = wu.post(path, body)
    english = wu.post(path, body, Accept_Language="en")
    for other in ("zh-CN,zh;q=0.9,en;q=0.8", "de,fr", "*", "x" * 3000, ";;q=,"):
        assert problem_of(wu.post(path, body, Accept_Language=other)) == problem_of(chinese)
    assert problem_of(chinese)["detail"] == "诉求处于“办结”时不能这样办理。"
    assert problem_of(english)["detail"] == "This cannot be done while the case is “Closed”."
    assert english.headers["Content-Language"] == "en"
    assert "Accept-Language" in chinese.headers["Vary"]


# --- photos ---------------------------------------------------------------------------------------


def test_a_photo_is_sent_once_attached_and_read_again(town: Town) -> None:
    case = make_case(town, State.IN_PROGRESS, at=recently(3))
    wu, fang = program_of(town, "wu"), program_of(town, "fang")
    sent = wu.send_photo(make_photo("seagreen"))
    assert sent.status_code == 201
    digest = sent.json()["digest"]
    assert wu.send_photo(make_photo("seagreen")).json()["digest"] == digest
    assert wu.act(case.number, "handle", case.version, text="修好了。", photos=[digest]).status_code == 200
    entry = wu.get(f"/cases/{case.number}/timeline").json()["items"][-1]
    assert [photo["digest"] for photo in entry["photos"]] == [digest]
    photo = wu.get(entry["photos"][0]["url"])
    assert photo.headers["Content-Type"] == "image/jpeg"
    assert b"".join(photo.streaming_content)[:3] == b"\xff\xd8\xff"
    leader = program_of(town, "song")
    assert leader.get(entry["photos"][0]["url"]).status_code == 404, "leaders read no texts and see no photos"
    refusal = fang.act(case.number, "handle", case.version, text="x", photos=[digest])
    assert refusal.status_code == 403 or problem_of(refusal)["code"] == "unknown_photo"


def test_the_photo_of_another_token_is_not_there(town: Town) -> None:
    digest = program_of(town, "wu").send_photo(make_photo("gold")).json()["digest"]
    refusal = program_of(town, "chen").post("/cases", {**REPORT, "photos": [digest]})
    assert problem_of(refusal)["code"] == "unknown_photo"


# --- registering and reading ------------------------------------------------------------------------


def test_a_request_is_registered_at_the_grid_under_its_point(intake: Program) -> None:
    lon, lat = places.point_in(places.SECOND_GRID)
    made = intake.post("/cases", {**REPORT, "place": {"lon": lon, "lat": lat}})
    assert made.status_code == 201
    assert made.headers["Location"] == made.json()["url"]
    told = intake.get(made.json()["url"]).json()
    assert told["area_code"] == places.SECOND_GRID
    assert (told["lon"], told["lat"]) == (lon, lat)


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ({}, "no_place"),
        ({"lon": 128.9}, "half_a_point"),
        ({"area_code": "999999"}, None),
        ({"area_code": places.THIRD_GRID, "lon": 128.902, "lat": 47.722}, "two_places"),
        ({"lon": 181, "lat": 47.7}, "invalid"),
        ({"area_code": "河畔"}, "invalid"),
    ],
)
def test_a_place_that_is_none_is_refused(intake: Program, place: dict[str, Any], code: str | None) -> None:
    refusal = intake.post("/cases", {**REPORT, "place": place})
    assert refusal.status_code in {403, 422}
    assert code is None or problem_of(refusal)["code"] == code
    assert not Case.objects.exists()


def test_a_place_outside_the_posts_area_is_refused(town: Town) -> None:
    refusal = program_of(town, "he").post("/cases", REPORT | {"place": {"area_code": places.THIRD_GRID}})
    assert (refusal.status_code, problem_of(refusal)["code"]) == (403, "wrong_area")


def test_who_asked_is_told_masked_and_never_in_clear(town: Town, intake: Program) -> None:
    contact = {"name": "林秀英", "phone": "10000001001", "address": "林都花园3号楼2单元501室"}
    number = intake.post("/cases", {**REPORT, "contact": contact}).json()["number"]
    told = intake.get(f"/cases/{number}")
    assert told.json()["requester"]["name_masked"].startswith("林*")
    for path in ("", "/timeline", "/clocks", "/moves"):
        page = intake.get(f"/cases/{number}{path}").content.decode()
        assert not [word for word in contact.values() if word in page]
    secret = intake.post("/cases", {**REPORT, "contact": contact, "confidential": True}).json()["number"]
    assert program_of(town, "tang").get(f"/cases/{secret}").json()["requester"] is None


def test_a_list_is_read_page_by_page(town: Town, intake: Program) -> None:
    numbers = [make_case(town, at=recently(3)).number for _ in range(7)]
    seen, address = [], "/cases?limit=3&state=registered"
    while address:
        page = intake.get(address).json()
        seen += [row["number"] for row in page["items"]]
        address = page["next"]
    assert seen == numbers[::-1]
    assert intake.get("/cases?state=closed").json() == {"items": [], "next": None}
    assert len(intake.get("/cases?queue=true&limit=100").json()["items"]) == 7


def test_ratings_and_grounds_are_told_to_whom_the_desk_tells_them(town: Town) -> None:
    case = make_case(town, State.CLOSED, at=recently(3))
    facts = {
        who: program_of(town, who).get(f"/cases/{case.number}/timeline").json()["items"][-1]["facts"]
        for who in ("chen", "song")
    }
    assert facts["chen"]["solved"] == "solved"
    assert "solved" not in facts["song"]
    assert facts["song"]["outcome"] == "solved"
