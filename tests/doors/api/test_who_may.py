"""What a token opens: its scope first, then its post. Written by hand, like tests/access/matrix.py."""

from __future__ import annotations

import json

import pytest

import town as places
from doors.api.programs import Program, problem_of, program_of
from makers import make_case
from town import Town, recently
from wangge.cases.models import Case
from wangge.cases.states import State
from wangge.doors.api.act_bodies import BODIES
from wangge.doors.api.api import api
from wangge.doors.api.scopes import POSTS, Scope
from wangge.organisations.roles import DEPARTMENT, Role

#: Which scope opens which address: read, register, act, territory, duties, webhooks; `+` opens, `x` does not.
SCOPES = """
#                                   rd rg ac te du wh
get_me                              +  +  +  +  +  +
register_case                       x  +  x  x  x  x
list_cases                          +  x  x  x  x  x
get_case                            +  x  x  x  x  x
get_timeline                        +  x  x  x  x  x
get_clocks                          +  x  x  x  x  x
get_moves                           +  x  x  x  x  x
get_photo                           +  x  x  x  x  x
send_photo                          x  +  +  x  x  x
list_areas                          x  x  x  +  x  x
get_area                            x  x  x  +  x  x
grid_at                             x  x  x  +  x  x
list_matters                        x  x  x  x  +  x
get_matter                          x  x  x  x  +  x
who_leads                           x  x  x  x  +  x
list_organisations                  x  x  x  x  +  x
get_organisation                    x  x  x  x  +  x
subscribe                           x  x  x  x  x  +
list_webhooks                       x  x  x  x  x  +
get_webhook                         x  x  x  x  x  +
list_deliveries                     x  x  x  x  x  +
resume_webhook                      x  x  x  x  x  +
unsubscribe                         x  x  x  x  x  +
"""
#: Every act has this row.
ACTS = "x  x  +  x  x  x"
COLUMNS = (
    Scope.CASES_READ, Scope.CASES_REGISTER, Scope.CASES_ACT, Scope.TERRITORY_READ, Scope.DUTIES_READ,
    Scope.WEBHOOKS_MANAGE,
)  # fmt: skip

#: What a post gets of a case in Lin's street led by its own unit (or by the urban bureau where no unit of
#: theirs leads), and of one far away: o the case, . nothing. T: with its text; -: without.
POSTS_AND_CASES = {
    Role.GRID_WORKER: "o- .", Role.PART_TIME_GRID_WORKER: "o- .",
    Role.GRID_LEAD: "oT .", Role.COMMUNITY_SECRETARY: "oT .", Role.COMMUNITY_WORKER: "oT .",
    Role.TOWN_DISPATCHER: "oT .", Role.TOWN_LEADER: "o- .",
    Role.DEPARTMENT_HANDLER: "oT .", Role.DEPARTMENT_LEAD: "oT .",
    Role.CENTER_INTAKE: "oT .", Role.CENTER_SUPERVISOR: "oT .", Role.CALLBACK_AGENT: "oT .",
    Role.JOINT_MEETING_OFFICE: "o- .", Role.DISTRICT_LEADER: "o- .",
    Role.RELIEF_OFFICE: ". .", Role.ADMISSION_REVIEWER: ". .", Role.PRIVACY_OFFICER: ". .",
}  # fmt: skip


def operations() -> dict[str, tuple[str, str]]:
    description = json.loads(json.dumps(api.get_openapi_schema()))
    return {
        operation["operationId"]: (method, path.removeprefix("/api/v1"))
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    }


def table() -> dict[str, str]:
    lines = [line.split(None, 1) for line in SCOPES.splitlines() if line.strip() and not line.startswith("#")]
    acts = {body.act: ACTS for body in BODIES}
    return {name: cells.replace(" ", "") for name, cells in lines} | {
        act: cells.replace(" ", "") for act, cells in acts.items()
    }


def test_every_operation_has_its_row() -> None:
    assert table().keys() == operations().keys()


def test_every_post_a_token_may_act_from_has_its_row() -> None:
    assert POSTS_AND_CASES.keys() == set(POSTS)


@pytest.mark.parametrize("scope", COLUMNS)
def test_a_scope_opens_what_the_table_says_and_nothing_else(town: Town, scope: Scope) -> None:
    program = program_of(town, "chen", scope)
    case = make_case(town, State.REGISTERED, at=recently(4))
    wrong = []
    for name, (method, path) in operations().items():
        opens = table()[name][COLUMNS.index(scope)] == "+"
        answer = call(program, method, path, case.number)
        missing = answer.status_code == 403 and problem_of(answer)["code"] == "missing_scope"
        if missing == opens or answer.status_code == 401:
            wrong.append(f"{name}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_nobody_gets_in_without_a_token_or_with_a_session(town: Town) -> None:
    for name, (method, path) in operations().items():
        for program in (Program(), Program("wangge_wrong"), Program(client=town.client("chen"))):
            program.headers = {}
            answer = call(program, method, path, "230717-20260306-00001")
            assert answer.status_code in {401, 429}, name


def call(program: Program, method: str, path: str, number: str):
    filled = path.replace("{number}", number).replace("{webhook_id}", "1").replace("{digest}", "0" * 64)
    filled = filled.replace("{code}", "230717" if "/areas/" in path else "ROAD-05")
    if path == "/photos":
        return program.client.post(
            "/api/v1/photos", headers={"Authorization": f"Bearer {program.token}"}, data={"x": "1"}
        )
    if method == "get":
        return program.get(filled + ("?lon=1&lat=1" if path == "/grid_at" else ""))
    return program.delete(filled) if method == "delete" else program.post(filled, {})


@pytest.mark.parametrize("role", sorted(POSTS_AND_CASES))
def test_a_post_finds_through_the_api_what_it_finds_at_the_desk(town: Town, role: Role) -> None:
    person = town.with_role(Role(role))
    program = program_of(town, person)
    near = make_case(town, State.IN_PROGRESS, at=recently(4))
    far = make_case(town, State.IN_PROGRESS, at=recently(4), area_code=places.NEXT_GRID, matter="pipe")
    if Role(role) in {Role.CENTER_INTAKE, Role.CENTER_SUPERVISOR, Role.CALLBACK_AGENT, Role.DISTRICT_LEADER,
                      Role.JOINT_MEETING_OFFICE}:  # fmt: skip
        Case.objects.filter(pk=far.pk).update(district=places.OTHER_DISTRICT, area_code=places.OTHER_GRID)
    expected_near, expected_far = POSTS_AND_CASES[Role(role)].split()
    assert _seen(program, near) == expected_near
    assert _seen(program, far) == expected_far
    listed = {row["number"] for row in program.get("/cases").json()["items"]}
    assert listed == ({near.number} if expected_near != "." else set())
    assert Role(role) not in DEPARTMENT or near.lead_unit_id == person.holder.organisation_id


def _seen(program: Program, case: Case) -> str:
    answer = program.get(f"/cases/{case.number}")
    if answer.status_code == 404:
        for part in ("timeline", "clocks", "moves", f"photos/{'0' * 64}"):
            assert program.get(f"/cases/{case.number}/{part}").status_code == 404
        assert program.act(case.number, "sign", case.version).status_code == 404
        return "."
    told = answer.json()
    assert answer.status_code == 200
    assert ("三天没亮" in answer.content.decode()) == (told["text"] is not None)
    assert "10000001001" not in answer.content.decode()
    assert "林秀英" not in answer.content.decode()
    return "oT" if told["text"] else "o-"
