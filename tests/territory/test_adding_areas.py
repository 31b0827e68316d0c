"""Areas are registered once, under a parent in use, and their codes stay theirs for ever."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from territory.land import AT, CHEN, COMMUNITY, DAY, box, lay_out_grid, lay_out_street, point
from wangge.foundation.journal.models import Line
from wangge.territory.actions import UnableToAddArea, UnableToAddPlace, add_area, add_place_name
from wangge.territory.codes import UnableToReadCode
from wangge.territory.models import Area, PlaceKind
from wangge.territory.queries import UnableToFindArea, ancestors, area, areas_within, children, prefix_range

pytestmark = pytest.mark.django_db


@pytest.fixture
def street() -> None:
    lay_out_street()


def test_an_area_takes_level_kind_and_parent_from_its_code(street: None) -> None:
    added = add_area(code="230717001003", name="永兴社区", name_en="Yongxing Community", by=CHEN, at=AT)
    assert (added.level, added.kind, added.prefix) == ("community", "community", "230717001003")
    assert added.parent is not None
    assert added.parent.name == "朝阳街道"
    assert added.valid_from == DAY


def test_the_city_is_the_parent_of_its_districts_and_answers_to_its_prefix(street: None) -> None:
    assert area("2307").name == area("230700").name == "伊春市"
    assert [one.code for one in children("2307")] == ["230717"]
    assert [one.code for one in ancestors(COMMUNITY)] == ["230700", "230717", "230717001"]


def test_a_district_can_stand_without_its_city() -> None:
    assert add_area(code="230717", name="伊美区", by=CHEN, at=AT).parent is None


def test_registering_leaves_a_line_without_names(street: None) -> None:
    line = Line.objects.get(subject_kind="area", subject_id=COMMUNITY)
    assert (line.act, line.actor_id, line.at) == ("area.added", "7", AT)
    assert line.facts == {
        "code": COMMUNITY,
        "level": "community",
        "kind": "community",
        "valid_from": "2026-03-06",
    }


def test_an_area_has_a_label_in_both_languages(street: None) -> None:
    found = area("230717001")
    with translation.override("zh-hans"):
        assert found.label == "朝阳街道"
    with translation.override("en"):
        assert found.label == "Chaoyang Subdistrict"


def test_areas_are_found_by_prefix_in_order(street: None) -> None:
    lay_out_grid(1, box(0, 0, 1, 1))
    assert [one.code for one in areas_within(COMMUNITY)] == [COMMUNITY, COMMUNITY + "001"]
    assert areas_within("").count() == 6
    assert areas_within("230718").count() == 0


@pytest.mark.parametrize("prefix", ["2307", "230719", "230717999", "9"])
def test_a_prefix_range_holds_exactly_the_codes_that_start_with_it(prefix: str) -> None:
    low, high = prefix_range(prefix)
    for code in [
        "2307",
        "2306999",
        "2308",
        "230719",
        "2307190",
        "230718999999",
        "23072",
        "230717999001",
        "9",
        "99",
    ]:
        assert (low <= code < high) == code.startswith(prefix)


def test_a_code_is_never_given_twice(street: None) -> None:
    with pytest.raises(UnableToAddArea) as refused:
        add_area(code=COMMUNITY, name="又一个", by=CHEN, at=AT)
    assert refused.value.code == "code_taken"


def test_the_database_keeps_codes_unique_and_never_lets_one_go(street: None) -> None:
    found = area(COMMUNITY)
    with pytest.raises(IntegrityError, match="one_area_a_code"), transaction.atomic():
        Area.objects.create(
            code=COMMUNITY, prefix=COMMUNITY, level="community", kind="community", name="x",
            parent=found.parent, valid_from=DAY,
        )  # fmt: skip
    with pytest.raises(IntegrityError, match="never deleted"), transaction.atomic():
        found.delete()
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        Area.objects.filter(code=COMMUNITY).update(code="230717001009", prefix="230717001009")


@pytest.mark.parametrize(
    ("code", "level", "parent", "constraint"),
    [
        ("230717001600", "community", "230717001", "area_code_fits_level"),
        ("230717001", "community", "230717001", "area_code_fits_level"),
        ("230718100001", "community", "230717001", "area_parent_fits_code"),
        ("230717001009", "community", None, "area_parent_fits_code"),
    ],
)
def test_the_database_refuses_a_code_that_does_not_fit(
    street: None, code: str, level: str, parent: str | None, constraint: str
) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Area.objects.create(
            code=code, prefix=code, level=level, kind="community", name="x", parent_id=parent, valid_from=DAY
        )


def test_an_unknown_parent_is_refused_by_the_registry_naming_the_missing_level(street: None) -> None:
    """230718001001001 is well formed, but no such street is registered."""
    with translation.override("en"):
        with pytest.raises(UnableToAddArea, match="no District or county 230718") as refused:
            add_area(code="230718001001", name="某社区", by=CHEN, at=AT)
        assert refused.value.code == "parent_unknown"
        add_area(code="230718", name="乌翠区", by=CHEN, at=AT)
        with pytest.raises(UnableToFindArea, match="no Town or subdistrict 230718001"):
            area("230718001001001")


@pytest.mark.parametrize(("code", "missing"), [("230000", "Province 230000"), ("220100", "City 220100")])
def test_an_unknown_province_or_city_is_named_too(street: None, code: str, missing: str) -> None:
    with translation.override("en"), pytest.raises(UnableToFindArea, match=missing):
        area(code)


def test_a_retired_parent_takes_no_more_children(street: None) -> None:
    Area.objects.filter(code=COMMUNITY).update(active=False, valid_to=date(2027, 1, 1))
    with pytest.raises(UnableToAddArea) as refused:
        lay_out_grid(1, box(0, 0, 1, 1))
    assert refused.value.code == "parent_retired"


@pytest.mark.parametrize(
    ("code", "error"),
    [("230000", "not_in_tree"), ("23071700100103", "not_in_tree"), (COMMUNITY + "001", "needs_border")],
)
def test_only_levels_without_a_border_are_added_as_plain_areas(street: None, code: str, error: str) -> None:
    with pytest.raises(UnableToAddArea) as refused:
        add_area(code=code, name="某地", by=CHEN, at=AT)
    assert refused.value.code == error


def test_an_area_without_a_name_is_refused(street: None) -> None:
    with pytest.raises(UnableToAddArea) as refused:
        add_area(code="230717001003", name=" ", by=CHEN, at=AT)
    assert refused.value.code == "name_missing"


def test_what_is_no_code_is_refused_in_words(street: None) -> None:
    with pytest.raises(UnableToReadCode):
        add_area(code="230717601", name="某街道", by=CHEN, at=AT)


def test_a_place_name_is_learnt_with_its_aliases(street: None) -> None:
    lay_out_grid(1, box(0, 0, 1, 1))
    lon, lat = point(0.5, 0.5)
    place = add_place_name(
        name="林都花园", kind=PlaceKind.ESTATE, area_code=COMMUNITY + "001", aliases=["林都小区"],
        lon=lon, lat=lat, by=CHEN, at=AT,
    )  # fmt: skip
    line = Line.objects.filter(subject_id=COMMUNITY + "001").order_by("-seq")[0]
    assert (line.act, line.facts) == ("place.added", {"place": place.pk, "kind": "estate"})


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"name": "园"}, "name_too_short"),
        ({"lat": None}, "half_a_point"),
        ({"lon": 129.5}, "outside"),
        ({"name": "林海 小区"}, "known_already"),
    ],
)
def test_a_place_that_cannot_be_there_is_refused(street: None, given: dict[str, object], error: str) -> None:
    lay_out_grid(1, box(0, 0, 1, 1))
    lon, lat = point(0.5, 0.5)
    values: dict[str, object] = {"lon": lon, "lat": lat, "name": "新兴小区"}
    add_place_name(name="林海小区", kind=PlaceKind.ESTATE, area_code=COMMUNITY + "001", by=CHEN, at=AT)
    with pytest.raises(UnableToAddPlace) as refused:
        add_place_name(
            kind=PlaceKind.ESTATE, area_code=COMMUNITY + "001", by=CHEN, at=AT, **{**values, **given}  # type: ignore[arg-type]
        )  # fmt: skip
    assert refused.value.code == error
