"""The street of the walks, and the real processes that serve it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, time
from typing import Any

import pytest
from playwright.sync_api import Page, expect

import town as places
from serving import Serving
from town import FOUNDED, FOUNDER, SIDE, Town
from walks.people import Clerk
from wangge.duties.actions import admit_matter, enter_matter, enter_rule
from wangge.duties.models import Category
from wangge.foundation.notices.models import QuietHours
from wangge.foundation.worktime import clock
from wangge.organisations.actions import found_organisation
from wangge.organisations.roles import Role
from wangge.territory.actions import add_place_name
from wangge.territory.grids import add_grid
from wangge.territory.models import PlaceKind

#: The grid of the cold flat, south of the first one of its community.
COLD_GRID = "230717001001003"
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
PATIENCE_MS = 30_000


@pytest.fixture
def street(town: Town, transactional_db: None) -> Town:
    """The town, and what the walks need beyond it: a third grid with its estate, the heating company with
    somebody in it, and cold homes as a matter in which communities are admitted to help."""
    west, south = places.CORNERS[places.GRID]
    border = places._square(west, round(south - SIDE, 6))
    town.areas[COLD_GRID] = add_grid(
        code=COLD_GRID, name="第三网格", name_en="Grid 3", geometry=border, by=FOUNDER, at=FOUNDED,
        households_count=340, is_demo=True,
    )  # fmt: skip
    add_place_name(
        name="松林小区", kind=PlaceKind.ESTATE, area_code=COLD_GRID, by=FOUNDER, at=FOUNDED, is_demo=True
    )
    # The walks go by the real clock: told at night, a message would come in the morning.
    QuietHours.objects.update(starts=time(0), ends=time(0))
    district = town.areas[places.DISTRICT]
    town.bodies["heating"] = found_organisation(
        by=FOUNDER, at=FOUNDED, code="230717.heating_company", kind="heating_company", type="utility",
        name="伊美区供热公司", name_en="Yimei Heating Company", area=district, work_phone="0458-3600001",
        is_demo=True,
    )  # fmt: skip
    town.people["luo"] = places._person(town, "luo", Role.DEPARTMENT_HANDLER, "heating", "")
    cold = enter_matter(
        by=FOUNDER, at=FOUNDED, code="HEAT-01", category=Category.objects.get(code="heating"),
        name="室温不达标", name_en="Home too cold", priority="urgent", valid_from=FOUNDED.date(),
        request_types=["help", "complaint"], keywords=["暖气", "不热", "室温"], is_demo=True,
    )  # fmt: skip
    town.matters["cold"] = cold
    enter_rule(
        by=FOUNDER, at=FOUNDED, matter=cold, area=district, lead_kind="heating_company",
        assist_kinds=["town_unit", "community"], basis="黑龙江省城市供热条例（演示）",
        valid_from=FOUNDED.date(),
    )  # fmt: skip
    for year in range(FOUNDED.year, clock.now().year + 2):
        admit_matter(
            by=FOUNDER, at=FOUNDED, matter=cold, area=district,
            basis="社区依法协助政府事项清单（试行）：协助供热单位联系入户",
            valid_from=date(year, 1, 1), valid_to=date(year + 1, 1, 1),
        )  # fmt: skip
    return town


@pytest.fixture
def house_of_the_street(street: Town, serving: Serving) -> Iterator[Serving]:
    """Web and worker on the street's database, as real processes."""
    serving.start_web()
    serving.start_worker()
    yield serving
    print(serving.log()[-5_000:])  # pytest shows it where a walk failed


@pytest.fixture
def patient() -> Iterator[None]:
    """A busy machine is no fault of the pages."""
    expect.set_options(timeout=PATIENCE_MS)
    yield
    expect.set_options(timeout=5_000)  # Playwright's own


@pytest.fixture
def opened(
    house_of_the_street: Serving, open_page: Callable[..., Page], patient: None
) -> Callable[..., Page]:
    """`opened(**options)`: a browser of somebody's own before the street's house."""

    def open_one(**options: Any) -> Page:
        page = open_page(house_of_the_street.url, **options)
        page.context.set_default_timeout(PATIENCE_MS)
        return page

    return open_one


@pytest.fixture
def clerk(opened: Callable[..., Page], house_of_the_street: Serving, street: Town) -> Callable[..., Clerk]:
    """`clerk("chen")`: Chen at a desk of her own; `clerk("zhou", **PHONE)`: Zhou with a phone in hand.
    Signed in since the morning, or here and now with `signs_in=True`."""

    def come(name: str, *, signs_in: bool = False, **options: Any) -> Clerk:
        return Clerk(opened(**options), street, name, url=house_of_the_street.url, signs_in=signs_in)

    return come


@pytest.fixture
def phone(opened: Callable[..., Page]) -> Callable[[], Page]:
    """`phone()`: a small phone in somebody's hand, nobody signed in."""
    return lambda: opened(**PHONE)
