"""The public board: how requests of an area stand, and nothing that tells whose they are."""

from __future__ import annotations

import pytest

import town as places
from doors.resident import reporting as steps
from makers import LIN, make_case
from town import recently
from wangge.cases.handling import give_feedback
from wangge.cases.models import Case
from wangge.cases.states import State
from wangge.doors.resident import public_pages

PLANTED = {
    "phone": "10000001001",
    "landline": "0458-3612345",
    "id": "230702199003077653",
    "e-mail": "xiuying.lin@example.com",
    "plate": "黑FA1234",
}


def lines(client, **asked):
    return client.get("/board", asked).context["lines"]


def test_a_request_is_shown_by_matter_place_phase_and_dates(visitor, town):
    case = make_case(town, State.IN_PROGRESS, at=recently(20))
    [line] = lines(visitor)
    assert line.what == "路灯不亮"
    assert line.place == "朝阳街道 / 永红社区 / 第一网格"
    assert line.unit == town.bodies["urban"].name
    assert (line.registered_at, line.late) == (case.registered_at, False)
    page = steps.page(visitor.get("/board"))
    assert case.number not in page
    assert case.text not in page
    assert case.place not in page


def test_the_answer_of_the_unit_is_shown_when_it_has_ended(visitor, town):
    make_case(town, State.CLOSED, at=recently(20))
    [line] = lines(visitor)
    assert line.result == "已更换灯泡和线路，今晚恢复照明。"


@pytest.mark.parametrize("written", PLANTED.values(), ids=PLANTED)
def test_nothing_of_a_person_reaches_the_board_whatever_was_written(visitor, town, written):
    """Domain invariant 10; the same text without the planted piece is there, so the search can find."""
    case = make_case(
        town, State.IN_PROGRESS, at=recently(20), text=f"路灯不亮，{written}", place_words=f"三号楼{written}"
    )
    case = give_feedback(
        by=town.wu.holder, case=case, at=recently(3), seen_version=case.version,
        text=f"已联系林女士（{written}），林都花园3号楼2单元501室门前路灯修好。",
    )  # fmt: skip
    Case.objects.filter(pk=case.pk).update(state=State.CLOSED, ended_at=recently(1), outcome="solved")
    page = steps.page(visitor.get("/board"))
    assert "门前路灯修好" in page
    for secret in (written, LIN.name, LIN.phone, "501室", "2单元", "3号楼", "林女士", case.number):
        assert secret not in page


def test_confidential_reports_are_not_on_the_board(visitor, town):
    make_case(town, State.CLOSED, at=recently(20), confidential=True, request_type="report")
    assert lines(visitor) == []


@pytest.mark.parametrize(
    "state",
    [
        State.REGISTERED,
        State.SCREENING,
        State.INFORMED,
        State.ANSWERED,
        State.WITHDRAWN,
        State.MERGED,
    ],
)
def test_what_was_not_taken_up_is_nobodys_news(visitor, town, state):
    case = make_case(town, state, at=recently(20))
    assert case not in visitor.get("/board").context["page"].cases


def test_matters_of_a_persons_own_life_are_shown_coarsely(visitor, town):
    case = make_case(town, State.CLOSED, at=recently(20), matter="noise")
    [line] = lines(visitor)
    assert (line.what, line.place, line.result) == ("邻里纠纷", "朝阳街道 / 永红社区", "")
    assert case.grid == places.GRID


def test_what_is_put_off_says_why(visitor, town):
    make_case(town, State.SHELVED, at=recently(20))
    [line] = lines(visitor)
    assert "季节" in str(line.reason)
    assert not line.late


def test_nobody_on_the_board_is_you(visitor, town):
    make_case(town, State.CALLBACK_DUE, at=recently(20))
    assert str(lines(visitor)[0].label) == "等居民确认"


def test_a_broken_promise_stands_on_the_board(visitor, town):
    make_case(town, State.IN_PROGRESS)
    assert lines(visitor)[0].late


def test_the_board_is_narrowed_by_area_and_category(visitor, town):
    make_case(town, State.IN_PROGRESS, at=recently(20))
    make_case(town, State.IN_PROGRESS, at=recently(20), area_code=places.NEXT_GRID, matter="pipe")
    assert len(lines(visitor)) == 2
    assert len(lines(visitor, area=places.DISTRICT)) == 2
    assert [line.what for line in lines(visitor, area=places.NEXT_STREET)] == ["供水管道漏水"]
    assert len(lines(visitor, area=places.STREET, community=places.SECOND_COMMUNITY)) == 0
    # Another town was chosen while the old one's community still stood in the form.
    assert len(lines(visitor, area=places.NEXT_STREET, community=places.COMMUNITY)) == 1
    assert [line.what for line in lines(visitor, category="road_facility")] == ["路灯不亮"]
    assert len(lines(visitor, category="no_such", area="x' OR 1=1")) == 2


def test_the_board_turns_pages_without_skipping(visitor, town, monkeypatch):
    monkeypatch.setattr(public_pages, "BOARD_SIZE", 2)
    for _number in range(5):
        make_case(town, State.IN_PROGRESS, at=recently(20))
    seen, address = [], "/board?area=230717"
    while address:
        response = visitor.get(address)
        seen += response.context["page"].cases
        address = response.context["older_url"]
    assert [case.pk for case in seen] == sorted((case.pk for case in seen), reverse=True)
    assert len(seen) == 5
    back = visitor.get(response.context["newer_url"])
    assert back.context["page"].cases == seen[2:4]


def test_an_empty_board_says_so(visitor, town):
    assert "没有符合条件的诉求" in steps.page(visitor.get("/board"))
