"""A check at the place: what the phone shows, what comes of it, and every way it is refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils.html import escape

import makers
from makers import make_case, make_photo
from town import GRID, NEXT_GRID, SECOND_GRID, Town, point_in, recently
from wangge.cases import closing
from wangge.cases.models import Attachment, Case, CaseNote
from wangge.cases.rules import OWN_UNIT
from wangge.cases.states import State
from wangge.cases.words import Channel, NoteKind
from wangge.foundation.files.actions import store_photo
from wangge.foundation.journal.queries import lines_of
from wangge.foundation.privacy.models import Look

FINDING = "灯已经亮了，电线也包好了。"


def send(client: Client, case: Case, **changed: Any) -> HttpResponse:
    sent = {"seen_version": case.version, "found": "done", "finding": FINDING, **changed}
    return client.post(
        f"/field/cases/{case.number}/check",
        {name: value for name, value in sent.items() if value is not None},
    )


@pytest.fixture
def case(town: Town) -> Case:
    at = recently()
    return make_case(
        town, State.VERIFYING, at=at, point=point_in(GRID), photos=[store_photo(make_photo("red"), at=at)]
    )


@pytest.fixture
def zhou(town: Town) -> Client:
    return town.client("zhou")


def reloaded(case: Case) -> Case:
    return makers.reloaded(case)


# --- what the page shows ----------------------------------------------------------------------------


def test_the_page_shows_what_was_reported_what_the_unit_did_and_where(case: Case, zhou: Client):
    page = zhou.get(f"/field/cases/{case.number}")
    said = page.content.decode()
    for words in (case.text, "已更换灯泡和线路", "伊美区城市管理综合执法局", "林都花园3号楼前", "case-map"):
        assert words in said
    assert f"{case.lon:.6f}" in said
    photo = Attachment.objects.get(case=case).file.digest
    for small in ("", "?small"):
        shown = zhou.get(f"/field/cases/{case.number}/photos/{photo}{small}")
        assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/jpeg")


def test_the_desk_may_say_what_to_look_at(town: Town, zhou: Client):
    case = make_case(town, State.FEEDBACK_GIVEN, at=recently())
    closing.ask_verification(
        by=town.chen.holder, case=case, at=recently(), seen_version=case.version, ask="看看电线有没有裸露。"
    )
    assert "看看电线有没有裸露。" in zhou.get(f"/field/cases/{case.number}").content.decode()


def test_words_and_photos_close_again_when_the_check_is_over(case: Case, town: Town, zhou: Client):
    send(zhou, case)
    said = zhou.get(f"/field/cases/{case.number}").content.decode()
    assert case.text not in said
    assert "林都花园3号楼前" not in said
    assert "路灯不亮" in said  # the matter and the state stay visible to the grid
    photo = Attachment.objects.filter(case=case, note=None).get().file.digest
    assert zhou.get(f"/field/cases/{case.number}/photos/{photo}").status_code == 404


def test_a_report_of_our_own_stays_readable_but_not_what_others_wrote(town: Town, zhou: Client):
    at = recently()
    case = make_case(
        town, State.CALLBACK_DUE, at=at, by=town.zhou.holder, channel=Channel.GRID_PATROL, contact=None,
        text="二号楼的井盖裂了一道缝。", photos=[store_photo(make_photo("red"), at=at)],
    )  # fmt: skip
    said = zhou.get(f"/field/cases/{case.number}").content.decode()
    assert case.text in said
    assert "已更换灯泡和线路" not in said
    photo = Attachment.objects.get(case=case).file.digest
    assert zhou.get(f"/field/cases/{case.number}/photos/{photo}").status_code == 200


# --- what comes of it -------------------------------------------------------------------------------


def test_found_done_it_goes_on_to_the_requester(case: Case, town: Town, zhou: Client):
    response = send(zhou, case, photos=[make_photo("green")])
    assert (response.status_code, response.headers["Location"]) == (302, "/field/checks")
    after = reloaded(case)
    assert (after.state, after.verified) == (State.CALLBACK_DUE, True)
    note = CaseNote.objects.get(case=case, kind=NoteKind.CHECK)
    assert note.text == FINDING
    assert note.photos.count() == 1
    line = lines_of(case.subject).last()
    assert line is not None
    assert (line.act, line.actor_id, line.facts["checked"]) == ("case.passed", town.zhou.holder.id, True)


def test_found_not_done_it_goes_back_to_the_unit(case: Case, zhou: Client):
    response = send(zhou, case, found="not_done", finding="还有一盏不亮。", photos=[make_photo("green")])
    assert response.status_code == 302
    after = reloaded(case)
    assert (after.state, after.reworks, after.verified) == (State.IN_PROGRESS, 1, False)
    assert CaseNote.objects.get(case=case, kind=NoteKind.CHECK).photos.count() == 1


def test_a_part_time_worker_checks_as_well(case: Case, town: Town):
    assert send(town.client("ma"), case).status_code == 302
    assert reloaded(case).state == State.CALLBACK_DUE


# --- what is refused --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"finding": ""}, "finding"),
        ({"finding": "长" * 4001}, "finding"),
        ({"found": None}, "found"),
        ({"found": "perhaps"}, "found"),
        ({"seen_version": None}, "seen_version"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_written(
    case: Case, zhou: Client, changed: dict[str, Any], field: str
):
    response = send(zhou, case, **changed)
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert reloaded(case).state == State.VERIFYING


def test_photos_of_the_place_stay_with_a_form_that_lacked_words(case: Case, zhou: Client):
    back = send(zhou, case, finding="", photos=[make_photo("green")])
    assert "已存 1 张照片" in back.content.decode()
    assert send(zhou, case, kept=back.context["form"]["kept"].value()).status_code == 302
    assert Attachment.objects.filter(case=case, note__kind=NoteKind.CHECK).count() == 1


def test_what_is_no_photo_is_refused(case: Case, zhou: Client):
    response = send(zhou, case, photos=[make_photo().__class__("p.jpg", b"%PDF-1.7 nothing to see")])
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {"photos"}
    assert reloaded(case).state == State.VERIFYING


def test_a_colleague_was_quicker_the_words_stay_and_can_be_sent_again(town: Town, zhou: Client):
    case = make_case(town, State.VERIFYING, at=recently(3))
    version = case.version
    closing.reject_feedback(
        by=town.chen.holder, case=case, at=recently(2), seen_version=version, finding="照片看不清。"
    )
    stale = send(zhou, case)
    assert stale.status_code == 409
    assert str(State.IN_PROGRESS.label) in stale.context["trouble"]
    assert FINDING in stale.content.decode(), "what was typed is still there"
    assert CaseNote.objects.filter(case=case, text=FINDING).count() == 0


def test_a_stale_form_on_a_case_still_to_check_comes_back_ready_to_send(case: Case, zhou: Client):
    response = send(zhou, case, seen_version=case.version - 1)
    assert response.status_code == 409
    form = response.context["form"]
    assert form["finding"].value() == FINDING
    assert int(form["seen_version"].value()) == case.version
    assert send(zhou, case, seen_version=form["seen_version"].value()).status_code == 302


def test_the_unit_that_did_the_work_does_not_check_it(town: Town, zhou: Client):
    case = make_case(town, State.VERIFYING, at=recently(), matter="noise")
    said = zhou.get(f"/field/cases/{case.number}").content.decode()
    assert escape(str(OWN_UNIT.reason)) in said
    assert 'name="finding"' not in said
    assert "100****1001" not in said, "and has nobody to visit"
    assert zhou.post(f"/field/cases/{case.number}/contact").status_code == 403
    assert not Look.objects.exists()
    response = send(zhou, case)
    assert response.status_code == 403
    assert FINDING in response.content.decode()
    assert reloaded(case).state == State.VERIFYING


@pytest.mark.parametrize("state", [State.IN_PROGRESS, State.FEEDBACK_GIVEN, State.CALLBACK_DUE, State.CLOSED])
def test_what_is_not_to_be_checked_is_not_decided_here(town: Town, zhou: Client, state: State):
    """Feedback that needs no check is passed by the desk; a grid worker is asked, never helps themself."""
    case = make_case(
        town, state, at=recently(), matter="manhole" if state == State.FEEDBACK_GIVEN else "lamp"
    )
    assert 'name="finding"' not in zhou.get(f"/field/cases/{case.number}").content.decode()
    response = send(zhou, case)
    assert response.status_code == 409
    assert reloaded(case).state == state


@pytest.mark.parametrize("grid", [SECOND_GRID, NEXT_GRID])
def test_another_grid_does_not_exist(town: Town, zhou: Client, grid: str):
    at = recently()
    case = make_case(
        town, State.VERIFYING, at=at, area_code=grid, photos=[store_photo(make_photo("red"), at=at)]
    )
    photo = Attachment.objects.get(case=case).file.digest
    assert zhou.get(f"/field/cases/{case.number}").status_code == 404
    assert send(zhou, case).status_code == 404
    assert zhou.post(f"/field/cases/{case.number}/contact").status_code == 404
    assert zhou.get(f"/field/cases/{case.number}/photos/{photo}").status_code == 404
    assert reloaded(case).state == State.VERIFYING


def test_a_photo_of_another_case_is_not_shown_here(town: Town, case: Case, zhou: Client):
    at = recently()
    elsewhere = make_case(town, at=at, area_code=NEXT_GRID, photos=[store_photo(make_photo("gold"), at=at)])
    photo = Attachment.objects.get(case=elsewhere).file.digest
    assert zhou.get(f"/field/cases/{case.number}/photos/{photo}").status_code == 404


@pytest.mark.parametrize("name", ["he", "wu", "chen", "fang", "lin"])
def test_other_posts_do_not_check_from_this_phone(case: Case, town: Town, name: str):
    client = town.client(name)
    assert client.get(f"/field/cases/{case.number}").status_code == 403
    assert send(client, case).status_code == 403
    assert client.post(f"/field/cases/{case.number}/contact").status_code == 403


# --- whom to visit ----------------------------------------------------------------------------------


def test_the_requester_is_masked_until_looked_at_for_the_visit(case: Case, town: Town, zhou: Client):
    said = zhou.get(f"/field/cases/{case.number}").content.decode()
    assert "林秀英" not in said
    assert "10000001001" not in said
    assert "100****1001" in said
    shown = zhou.post(f"/field/cases/{case.number}/contact").content.decode()
    assert "林秀英" in shown
    assert "10000001001" in shown
    assert "501室" not in shown, "a visit to the place needs no flat"
    look = Look.objects.get()
    assert (look.purpose, look.actor_id, sorted(look.fields)) == (
        "visit", town.zhou.holder.id, ["name", "phone"],
    )  # fmt: skip
    assert lines_of(case.subject).filter(act="identity.revealed").count() == 1


def test_a_look_is_asked_for_never_stumbled_upon(case: Case, zhou: Client):
    assert zhou.get(f"/field/cases/{case.number}/contact").status_code == 405
    assert not Look.objects.exists()


def test_a_part_time_worker_looks_at_the_place_not_at_the_person(case: Case, town: Town):
    client = town.client("ma")
    said = client.get(f"/field/cases/{case.number}").content.decode()
    assert "100****1001" not in said
    assert "只看现场即可" in said
    assert client.post(f"/field/cases/{case.number}/contact").status_code == 403
    assert not Look.objects.exists()


def test_before_and_after_the_check_the_contact_is_shut(town: Town, zhou: Client):
    case = make_case(town, State.IN_PROGRESS, at=recently())
    response = zhou.post(f"/field/cases/{case.number}/contact")
    assert response.status_code == 403
    assert "10000001001" not in response.content.decode()
    assert not Look.objects.exists()


def test_a_confidential_report_stays_without_a_face(town: Town, zhou: Client):
    case = make_case(town, State.VERIFYING, at=recently(), confidential=True, request_type="report")
    said = zhou.get(f"/field/cases/{case.number}").content.decode()
    assert "保密件" in said
    assert "100****1001" not in said
    assert zhou.post(f"/field/cases/{case.number}/contact").status_code == 403
    assert not Look.objects.exists()
