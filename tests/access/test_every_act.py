"""Every act, tried by everybody wherever it may lie: who may, does it; who may not, changes nothing."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse

from access.filled_in import form_of
from access.matrix import ACTS, rows, those_who_try
from access.visits import Visitor, World, written
from town import Town
from wangge.cases.models import Case
from wangge.doors.desk.case_pages import FORMS

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
    others |= {"export_cases", "export_ask", "export_approve", "export_refuse", "export_fetch"}
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
        address, told = form_of(world, visitor, name, stands, case)
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
