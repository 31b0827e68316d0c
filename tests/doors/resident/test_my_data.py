"""谁看过我的信息: everybody who opened a requester's contact, and the contact itself, for its owner."""

from __future__ import annotations

from doors.resident import reporting as steps
from doors.resident.conftest import look_up
from makers import LIN, make_case
from town import recently
from wangge.cases.contact import look_at_contact
from wangge.cases.states import State
from wangge.foundation.journal.actors import Actor
from wangge.foundation.journal.queries import lines_of
from wangge.foundation.privacy.actions import erase_identity
from wangge.foundation.privacy.models import Look


def test_a_look_is_told_with_body_post_purpose_and_time_but_no_name(town):
    case = make_case(town, State.IN_PROGRESS, at=recently(20))
    look_at_contact(by=town.wu.holder, case=case, at=recently(1), purpose="contact")
    response = look_up(case).get(f"/requests/{case.number}/my-data")
    [line] = response.context["looks"]
    assert line.body == town.bodies["urban"].name
    assert line.look.purpose == "contact"
    page = steps.page(response)
    assert line.role in page
    assert town.wu.username not in page


def test_nobody_looked_yet(town):
    case = make_case(town, at=recently(20))
    response = look_up(case).get(f"/requests/{case.number}/my-data")
    assert response.context["looks"] == []
    assert LIN.phone not in steps.page(response)
    assert "100****1001" in steps.page(response)


def test_ones_own_look_is_no_news_and_changes_nothing(town):
    case = make_case(town, at=recently(20))
    client = look_up(case)
    before = lines_of(case.subject).count()
    response = client.post(f"/requests/{case.number}/my-data")
    assert LIN.phone in steps.page(response)
    assert LIN.name in steps.page(response)
    assert response.context["looks"] == []
    assert (Look.objects.count(), lines_of(case.subject).count()) == (1, before)


def test_who_left_nothing_has_nothing_to_be_looked_at(town):
    case = make_case(town, at=recently(20), anonymous=True, contact=None)
    client = look_up(case)
    assert client.get(f"/requests/{case.number}/my-data").context["identity"] is None
    assert client.post(f"/requests/{case.number}/my-data").status_code == 200


def test_what_was_erased_is_said_to_be_erased(town):
    case = make_case(town, State.CLOSED, at=recently(20))
    erase_identity(identity=case.requester, by=Actor.system("timetable"), about=case.subject, at=recently(1))
    client = look_up(case)
    response = client.post(f"/requests/{case.number}/my-data")
    assert response.status_code == 200
    assert response.context["shown"] == {}
    assert "删除" in steps.page(response)
