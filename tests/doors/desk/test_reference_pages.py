"""What every desk may read: areas and grids, the dispatch catalogue, organisations and duty, notices."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

import makers
import town as places
from doors.desk.reading import HTMX, link, text_of
from town import FOUNDER, Town, recently
from wangge.cases.states import State
from wangge.doors.desk.roles import DESK
from wangge.foundation.journal.actors import Subject
from wangge.foundation.notices.actions import deliver_due, send
from wangge.foundation.notices.models import Notice, Recipient, RecipientKind
from wangge.foundation.worktime import clock
from wangge.organisations.actions import put_on_duty
from wangge.organisations.models import Appointment
from wangge.organisations.roles import FIELD, PUBLIC, Role

# --- areas -------------------------------------------------------------------------------------------


def test_a_post_begins_at_its_own_area_and_goes_down_to_grids(town: Town, desk) -> None:
    client = desk(town.xu)
    page = text_of(client.get(reverse("desk:areas")))
    assert "Chaoyang Subdistrict" in page
    assert "Yonghong Community Community 2 730" in page
    grid = text_of(client.get(reverse("desk:area", args=[places.GRID])))
    assert "Households 320" in grid
    assert "Chaoyang Subdistrict / Yonghong" not in grid  # the path is in the crumbs, one link each


@pytest.mark.parametrize(
    "code", [places.NEXT_STREET, places.DISTRICT, places.OTHER_GRID, "999", "x", "230717001099"]
)
def test_other_areas_are_not_found(town: Town, desk, code: str) -> None:
    assert desk(town.xu).get(f"{reverse('desk:areas')}/{code}").status_code == 404


def test_the_map_of_the_district_is_geojson_that_knows_when_it_is_old(town: Town, desk) -> None:
    client = desk(town.wu)
    answer = client.get(reverse("desk:grid_map"), {"within": places.COMMUNITY})
    found = json.loads(answer.content)
    assert [grid["properties"]["code"] for grid in found["features"]] == [places.GRID, places.SECOND_GRID]
    again = client.get(
        reverse("desk:grid_map"), {"within": places.COMMUNITY},
        headers={"If-None-Match": answer.headers["ETag"]},
    )  # fmt: skip
    assert again.status_code == 304


@pytest.mark.parametrize("within", [places.OTHER_DISTRICT, "23", "x", "230717'"])
def test_maps_of_elsewhere_are_not_found(town: Town, desk, within: str) -> None:
    assert desk(town.wu).get(reverse("desk:grid_map"), {"within": within}).status_code == 404


# --- the catalogue -----------------------------------------------------------------------------------


def test_matters_are_listed_and_found_by_word_and_category(town: Town, desk) -> None:
    client = desk(town.he)
    assert "6 matters in force today." in text_of(client.get(reverse("desk:duties")))
    found = text_of(client.get(reverse("desk:duties"), {"words": "井盖"}, headers=HTMX))
    assert "Manhole cover missing or broken" in found
    assert "Street lamp out" not in found
    found = text_of(client.get(reverse("desk:duties"), {"category": "water_sewer"}, headers=HTMX))
    assert "Leaking water main" in found
    assert "Manhole" not in found
    assert "No matter fits" in text_of(client.get(reverse("desk:duties"), {"words": "没有这种事"}))


def test_a_matter_says_who_leads_on_what_basis_and_whether_it_is_admitted(town: Town, desk) -> None:
    client = desk(town.he)
    lamp = text_of(client.get(reverse("desk:duty", args=["ROAD-05"])))
    assert "Yimei Urban Management Bureau" in lamp
    assert "伊美区派单目录（演示）" in lamp
    assert "Not admitted: no community may be asked to lead or to assist in this." in lamp
    noise = text_of(client.get(reverse("desk:duty", args=["NEIGH-01"])))
    assert "社区依法自治事项清单（试行）：调解邻里纠纷" in noise
    assert client.get(reverse("desk:duty", args=["NONE-01"])).status_code == 404


# --- organisations -----------------------------------------------------------------------------------


def test_bodies_of_the_district_and_who_is_on_duty(town: Town, desk) -> None:
    now = clock.now()
    appointment = Appointment.objects.get(pk=town.wu.holder.appointment_id)
    put_on_duty(
        by=FOUNDER, appointment=appointment, starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=8), at=now,
    )  # fmt: skip
    client = desk(town.chen)
    page = text_of(client.get(reverse("desk:organisations")))
    assert "Yimei Urban Management Bureau Yimei District 0458-3600000 Department handler" in page
    assert "Wucui Command Centre" not in page
    body = text_of(client.get(reverse("desk:organisation", args=["230717.urban_management"])))
    assert "Answers for it now Department handler" in body
    assert town.wu.username in body
    assert "No shifts." not in body


def test_bodies_of_another_district_are_not_found(town: Town, desk) -> None:
    for code in ("230718.command_center", "nobody"):
        assert desk(town.chen).get(reverse("desk:organisation", args=[code])).status_code == 404


# --- notices -----------------------------------------------------------------------------------------


def told(town: Town, number: str, *, key: str = "line:1", hours: float = 1) -> Notice:
    """Wu's post is told that a case is for its unit."""
    notice = send(
        to=Recipient(RecipientKind.POST, town.wu.holder.post_id), template="desk.for_you",
        params={"no": number, "due": recently(-5)}, about=Subject("case", number), at=recently(hours),
        key=key, urgent=True,
    )  # fmt: skip
    deliver_due(at=clock.now())
    return notice


def test_a_notice_is_read_by_opening_what_it_is_about(town: Town, desk) -> None:
    case = makers.make_case(town, State.DISPATCHED, at=recently())
    notice = told(town, case.number)
    client = desk(town.wu)
    page = text_of(client.get(reverse("desk:notices")))
    assert f"{case.number} is dispatched to your unit" in page
    assert "1 not read yet" in page
    opened = client.post(reverse("desk:notice", args=[notice.pk]))
    assert opened.headers["Location"] == reverse("desk:case", args=[case.number])
    assert "0 not read yet" in text_of(client.get(reverse("desk:notices")))


def test_a_notice_for_another_post_is_not_found(town: Town, desk) -> None:
    notice = told(town, "230717-20260306-00001")
    assert desk(town.feng).post(reverse("desk:notice", args=[notice.pk])).status_code == 404
    assert "No notices" in text_of(desk(town.feng).get(reverse("desk:notices")))
    notice.refresh_from_db()
    assert notice.read_at is None


def test_all_are_marked_as_read_at_once(town: Town, desk) -> None:
    for number in range(3):
        told(town, f"230717-20260306-0000{number}", key=str(number))
    answer = desk(town.wu).post(reverse("desk:notices_read"), follow=True)
    assert "0 not read yet" in text_of(answer)


def test_older_notices_are_on_the_next_page(town: Town, desk) -> None:
    for number in range(33):
        told(town, f"230717-20260306-000{number:02d}", key=str(number), hours=40 - number)
    client = desk(town.wu)
    first = client.get(reverse("desk:notices"))
    assert "230717-20260306-00032" in text_of(first)
    assert "230717-20260306-00002" not in text_of(first)
    second = text_of(client.get(reverse("desk:notices") + link(first, "next")))
    assert "230717-20260306-00002" in second
    assert "230717-20260306-00003" not in second


def test_an_empty_inbox_says_so(town: Town, desk) -> None:
    assert "No notices" in text_of(desk(town.wu).get(reverse("desk:notices")))


# --- who may read all this ---------------------------------------------------------------------------

PAGES = ["areas", "grid_map", "duties", "organisations", "notices"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", sorted(DESK))
def test_every_desk_may_read_them(town: Town, desk, page: str, role: Role) -> None:
    assert desk(town.with_role(role)).get(reverse(f"desk:{page}")).status_code == 200


@pytest.mark.parametrize("role", sorted(PUBLIC | FIELD))
def test_who_has_no_desk_may_not(town: Town, desk, role: Role) -> None:
    client = desk(town.with_role(role))
    for page in PAGES:
        assert client.get(reverse(f"desk:{page}")).status_code == 403


def test_strangers_sign_in_first(town: Town, client: Client) -> None:
    for page in PAGES:
        assert client.get(reverse(f"desk:{page}")).status_code == 302
