"""The small invented town that all tests share, built with the rooms' own acts.

One street with two communities and three grids, the next street with one of each, and a second district
for what lies outside altogether. Lin lives here and asks; grid worker Zhou looks; desk clerk Chen screens
and dispatches; officer Wu's bureau leads; callback agent Fang calls; Qian works in the next street and may
see nothing. Every role has one holder.

The first test of a run builds it, later ones copy the rows back: a few milliseconds instead of a second.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from wangge.duties.actions import admit_matter, enter_matter, enter_rule
from wangge.duties.models import Category, CommunityAdmission, DispatchRule, Matter
from wangge.foundation.accounts.actions import create_account
from wangge.foundation.accounts.models import User
from wangge.foundation.journal.actors import Actor
from wangge.foundation.journal.models import Head, Line, Wakeup
from wangge.foundation.worktime import clock
from wangge.organisations.actions import appoint, found_organisation, post_in
from wangge.organisations.models import Appointment, DutyShift, Organisation, Post
from wangge.organisations.posts import PostHolder
from wangge.organisations.queries import posts_of
from wangge.organisations.roles import Role
from wangge.territory import memory
from wangge.territory.actions import add_area, add_place_name
from wangge.territory.grids import add_grid
from wangge.territory.models import (
    Area,
    GridBorder,
    GridDetail,
    PlaceKind,
    PlaceName,
    TerritoryRevision,
)

#: When the town was founded, and a quiet working morning two months later: Friday 2026-03-06, 09:00.
FOUNDED = datetime(2026, 1, 1, 0, 0, tzinfo=UTC)
MORNING = datetime(2026, 3, 6, 1, 0, tzinfo=UTC)
PASSWORD = "lamp-by-the-river-7"
FOUNDER = Actor.system("test")

DISTRICT = "230717"
STREET = "230717001"
NEXT_STREET = "230717002"
COMMUNITY = "230717001001"
SECOND_COMMUNITY = "230717001002"
NEXT_COMMUNITY = "230717002001"
GRID = "230717001001001"
SECOND_GRID = "230717001001002"
THIRD_GRID = "230717001002001"
NEXT_GRID = "230717002001001"
OTHER_DISTRICT = "230718"
OTHER_TOWN = "230718100"
OTHER_COMMUNITY = "230718100001"
OTHER_GRID = "230718100001001"

#: The western, southern edge of each grid; all are squares of `SIDE` degrees, side by side.
SIDE = 0.004
CORNERS = {
    GRID: (128.900, 47.720),
    SECOND_GRID: (128.904, 47.720),
    THIRD_GRID: (128.908, 47.720),
    NEXT_GRID: (128.912, 47.720),
    OTHER_GRID: (128.660, 47.720),
}

_AREAS = [
    (DISTRICT, "伊美区", "Yimei District"),
    (STREET, "朝阳街道", "Chaoyang Subdistrict"),
    (NEXT_STREET, "前进街道", "Qianjin Subdistrict"),
    (COMMUNITY, "永红社区", "Yonghong Community"),
    (SECOND_COMMUNITY, "朝阳社区", "Chaoyang Community"),
    (NEXT_COMMUNITY, "红光社区", "Hongguang Community"),
    (OTHER_DISTRICT, "乌翠区", "Wucui District"),
    (OTHER_TOWN, "翠峦镇", "Cuiluan Town"),
    (OTHER_COMMUNITY, "向阳社区", "Xiangyang Community"),
]
_GRIDS = [
    (GRID, "第一网格", "Grid 1", 320),
    (SECOND_GRID, "第二网格", "Grid 2", 410),
    (THIRD_GRID, "第三网格", "Grid 3", 380),
    (NEXT_GRID, "第一网格", "Grid 1", 350),
    (OTHER_GRID, "第一网格", "Grid 1", 300),
]
#: Names people use, and where they mean.
_PLACES = [
    ("林都花园", PlaceKind.ESTATE, GRID),
    ("河畔小区", PlaceKind.ESTATE, SECOND_GRID),
    ("新兴路", PlaceKind.ROAD, GRID),
    ("新兴路", PlaceKind.ROAD, SECOND_GRID),
    ("松涛家园", PlaceKind.ESTATE, NEXT_GRID),
]
# short name: (code, kind, type, name, name_en, area)
_BODIES = {
    "centre": ("230717.command_center", "command_center", "centre", "伊美区网格协调指挥中心",
               "Yimei Command Centre", DISTRICT),
    "urban": ("230717.urban_management", "urban_management", "department", "伊美区城市管理综合执法局",
              "Yimei Urban Management Bureau", DISTRICT),
    "water": ("230717.water_company", "water_company", "utility", "伊美区供水公司",
              "Yimei Water Company", DISTRICT),
    "civil": ("230717.civil_affairs", "civil_affairs", "department", "伊美区民政局",
              "Yimei Civil Affairs Bureau", DISTRICT),
    "office": ("230717.district_office", "district_office", "office", "伊美区人民政府办公室",
               "Yimei District Office", DISTRICT),
    "meeting": ("230717.joint_meeting_office", "joint_meeting_office", "office", "伊美区联席会议办公室",
                "Yimei Joint Meeting Office", DISTRICT),
    "relief": ("230717.relief_office", "relief_office", "office", "伊美区减负办",
               "Yimei Burden Relief Office", DISTRICT),
    "data": ("230717.data_bureau", "data_bureau", "department", "伊美区数据局",
             "Yimei Data Bureau", DISTRICT),
    "audit": ("230717.audit_office", "audit_office", "office", "伊美区审计局",
              "Yimei Audit Bureau", DISTRICT),
    "street": ("230717001", "town_unit", "town_unit", "朝阳街道办事处",
               "Chaoyang Subdistrict Office", STREET),
    "next_street": ("230717002", "town_unit", "town_unit", "前进街道办事处",
                    "Qianjin Subdistrict Office", NEXT_STREET),
    "committee": ("230717001001", "community", "committee", "永红社区居委会",
                  "Yonghong Residents' Committee", COMMUNITY),
    "second_committee": ("230717001002", "community", "committee", "朝阳社区居委会",
                         "Chaoyang Residents' Committee", SECOND_COMMUNITY),
    "next_committee": ("230717002001", "community", "committee", "红光社区居委会",
                       "Hongguang Residents' Committee", NEXT_COMMUNITY),
    "other_centre": ("230718.command_center", "command_center", "centre", "乌翠区网格协调指挥中心",
                     "Wucui Command Centre", OTHER_DISTRICT),
}  # fmt: skip
# name: (role, body, area of the post where it is not the body's)
_PEOPLE = {
    "lin": (Role.RESIDENT, "committee", ""),
    "ren": (Role.REPORTER, "committee", ""),
    "tian": (Role.VOLUNTEER, "committee", ""),
    "shi": (Role.IN_SERVICE_MEMBER, "committee", ""),
    "zhou": (Role.GRID_WORKER, "committee", GRID),
    "ma": (Role.PART_TIME_GRID_WORKER, "committee", GRID),
    "gao": (Role.GRID_LEAD, "committee", GRID),
    "sun": (Role.COMMUNITY_SECRETARY, "committee", ""),
    "he": (Role.COMMUNITY_WORKER, "committee", ""),
    "xu": (Role.TOWN_DISPATCHER, "street", ""),
    "zhao": (Role.TOWN_LEADER, "street", ""),
    "wu": (Role.DEPARTMENT_HANDLER, "urban", ""),
    "zheng": (Role.DEPARTMENT_LEAD, "urban", ""),
    "chen": (Role.CENTER_INTAKE, "centre", ""),
    "tang": (Role.CENTER_SUPERVISOR, "centre", ""),
    "fang": (Role.CALLBACK_AGENT, "centre", ""),
    "han": (Role.JOINT_MEETING_OFFICE, "meeting", ""),
    "cao": (Role.RELIEF_OFFICE, "relief", ""),
    "deng": (Role.ADMISSION_REVIEWER, "civil", ""),
    "song": (Role.DISTRICT_LEADER, "office", ""),
    "peng": (Role.PRIVACY_OFFICER, "data", ""),
    "lu": (Role.SYSTEM_ADMIN, "data", ""),
    "jiang": (Role.SECURITY_ADMIN, "data", ""),
    "cai": (Role.AUDITOR, "audit", ""),
    # The same roles elsewhere: strangers to what happens in Lin's street.
    "qian": (Role.COMMUNITY_WORKER, "next_committee", ""),
    "qin": (Role.RESIDENT, "next_committee", ""),
    "yu": (Role.GRID_WORKER, "next_committee", NEXT_GRID),
    "lei": (Role.TOWN_DISPATCHER, "next_street", ""),
    "feng": (Role.DEPARTMENT_HANDLER, "water", ""),
    "lu_civil": (Role.DEPARTMENT_HANDLER, "civil", ""),
    "pan": (Role.COMMUNITY_WORKER, "second_committee", ""),
    "bai": (Role.CENTER_INTAKE, "other_centre", ""),
    "mu": (Role.CALLBACK_AGENT, "other_centre", ""),
}
# short name: (code, category, name, name_en, priority, verification, lead kind, assist kinds, request types)
_MATTERS = {
    "lamp": ("ROAD-05", "road_facility", "路灯不亮", "Street lamp out", "normal", False,
             "urban_management", [], ["help", "complaint", "report"]),
    "manhole": ("ROAD-01", "road_facility", "井盖缺失、破损", "Manhole cover missing or broken", "emergency",
                True, "urban_management", ["community"], ["report", "component"]),
    "pipe": ("WATER-01", "water_sewer", "供水管道漏水", "Leaking water main", "urgent", True,
             "water_company", ["urban_management"], ["help", "report"]),
    "noise": ("NEIGH-01", "neighbour_dispute", "邻里噪声纠纷", "Noise between neighbours", "normal", False,
              "community", [], ["help", "complaint"]),
    "allowance": ("ASSIST-01", "assistance", "低保政策咨询", "Question about living allowance", "consult",
                  False, "civil_affairs", [], ["consult"]),
    # A matter no community has admitted: the catalogue names one all the same, and is refused.
    "forms": ("ASSIST-09", "assistance", "入户收集表格", "Collecting forms from door to door", "normal",
              False, "community", [], ["help"]),
}  # fmt: skip
_ADMITTED = {
    "noise": "社区依法自治事项清单（试行）：调解邻里纠纷",
    "manhole": "社区依法协助政府事项清单（试行）：协助现场看护",
}


@dataclass
class Person:
    """Somebody of the town: the account, and the post they act from."""

    name: str
    user: User
    holder: PostHolder

    @property
    def username(self) -> str:
        return self.user.username

    @property
    def role(self) -> Role:
        return self.holder.role


@dataclass
class Town:
    """Everything of the town by its short name; people also as attributes: `town.chen`."""

    people: dict[str, Person] = field(default_factory=dict)
    bodies: dict[str, Organisation] = field(default_factory=dict)
    matters: dict[str, Matter] = field(default_factory=dict)
    areas: dict[str, Area] = field(default_factory=dict)
    at: datetime = MORNING

    def __getattr__(self, name: str) -> Person:
        people: dict[str, Person] = self.__dict__.get("people", {})
        if name in people:
            return people[name]
        raise AttributeError(name)

    def with_role(self, role: Role) -> Person:
        """The first holder of a role, who works in or for Lin's street."""
        return next(person for person in self.people.values() if person.role == role)

    def client(self, person: Person | str) -> Client:
        """A browser in which this person is signed in."""
        who = self.people[person] if isinstance(person, str) else person
        client = Client()
        client.force_login(who.user, backend="django.contrib.auth.backends.ModelBackend")
        return client


def point_in(grid: str) -> tuple[float, float]:
    """Longitude and latitude of a grid's middle."""
    west, south = CORNERS[grid]
    return round(west + SIDE / 2, 6), round(south + SIDE / 2, 6)


def build_town() -> Town:
    town = Town()
    for code, name, name_en in _AREAS:
        town.areas[code] = add_area(
            code=code, name=name, name_en=name_en, by=FOUNDER, at=FOUNDED, is_demo=True
        )
    for code, name, name_en, households in _GRIDS:
        town.areas[code] = add_grid(
            code=code, name=name, name_en=name_en, geometry=_square(*CORNERS[code]), by=FOUNDER, at=FOUNDED,
            households_count=households, is_demo=True,
        )  # fmt: skip
    for name, kind, code in _PLACES:
        add_place_name(name=name, kind=kind, area_code=code, by=FOUNDER, at=FOUNDED, is_demo=True)
    for short, (code, kind, type_, name, name_en, area) in _BODIES.items():
        town.bodies[short] = found_organisation(
            by=FOUNDER, at=FOUNDED, code=code, kind=kind, type=type_, name=name, name_en=name_en,
            area=town.areas[area], work_phone="0458-3600000", is_demo=True,
        )  # fmt: skip
    for name, (role, body, area) in _PEOPLE.items():
        town.people[name] = _person(town, name, role, body, area)
    _catalogue(town)
    # What set the town up has long been answered; tests of the worker begin with a quiet house.
    Wakeup.objects.all().delete()
    return town


def _square(west: float, south: float) -> dict[str, Any]:
    east, north = round(west + SIDE, 6), round(south + SIDE, 6)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def _person(town: Town, name: str, role: Role, body: str, area: str) -> Person:
    user = create_account(username=f"{name}.{role}", password=PASSWORD, at=FOUNDED)
    post = post_in(organisation=town.bodies[body], role=role, area=town.areas[area] if area else None)
    appoint(by=FOUNDER, user=user, post=post, at=FOUNDED)
    return Person(name, user, posts_of(user.pk, FOUNDED)[0])


def _catalogue(town: Town) -> None:
    since = FOUNDED.date()
    district = town.areas[DISTRICT]
    categories = {category.code: category for category in Category.objects.all()}
    for short, row in _MATTERS.items():
        code, category, name, name_en, priority, verification, lead, assists, types = row
        matter = enter_matter(
            by=FOUNDER, at=FOUNDED, code=code, category=categories[category], name=name, name_en=name_en,
            priority=priority, valid_from=since, request_types=types, keywords=[name[:2]],
            verification_required=verification, is_demo=True,
        )  # fmt: skip
        town.matters[short] = matter
        enter_rule(
            by=FOUNDER, at=FOUNDED, matter=matter, area=district, lead_kind=lead, assist_kinds=assists,
            basis="伊美区派单目录（演示）", valid_from=since,
        )  # fmt: skip
        if short in _ADMITTED:
            # An admission holds for a year at most; tests run in years to come too.
            for year in range(since.year, clock.now().year + 2):
                admit_matter(
                    by=FOUNDER, at=FOUNDED, matter=matter, area=district, basis=_ADMITTED[short],
                    valid_from=date(year, 1, 1), valid_to=date(year + 1, 1, 1),
                )  # fmt: skip


# --- kept between tests ------------------------------------------------------------------------------

_TABLES = [
    model._meta.db_table
    for model in (
        User, Area, GridDetail, GridBorder, PlaceName, TerritoryRevision, Organisation, Post, Appointment,
        DutyShift, Matter, DispatchRule, CommunityAdmission, Head, Line,
    )
]  # fmt: skip


@dataclass
class _Kept:
    town: Town | None = None
    rows: dict[str, bytes] = field(default_factory=dict)


_kept = _Kept()


def _copy_out(table: str) -> bytes:
    with connection.cursor() as cursor, cursor.copy(f"COPY (SELECT * FROM {table}) TO STDOUT") as rows:
        return b"".join(bytes(block) for block in rows)


def _copy_in(table: str, content: bytes) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as rows:
        rows.write(content)


@pytest.fixture
def town(db: None) -> Town:
    """The town, in a state of its own for each test."""
    if _kept.town is None:
        built = build_town()
        _kept.rows = {table: content for table in _TABLES if (content := _copy_out(table))}
        _kept.town = built
    else:
        for table, content in _kept.rows.items():
            _copy_in(table, content)
        # Numbers given in between were rolled back with their rows; sequences never go back.
        memory.forget()
    return copy.deepcopy(_kept.town)


def recently(hours: float = 2) -> datetime:
    """A moment not long ago by the real clock, for what the pages are to find still under way."""
    return clock.now() - timedelta(hours=hours)
