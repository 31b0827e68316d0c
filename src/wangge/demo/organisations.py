"""The demo's bodies and the people in their posts: real names of towns and committees, invented staff."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from wangge.demo.accounts import SEEDER
from wangge.demo.reading import DISTRICTS, toml
from wangge.foundation.accounts.models import User
from wangge.organisations.actions import appoint, found_organisation, post_in, put_on_duty
from wangge.organisations.models import Appointment, Organisation, OrganisationType
from wangge.organisations.roles import Role
from wangge.territory.codes import Level
from wangge.territory.models import Area

TOWN_UNIT, COMMUNITY = "town_unit", "community"
#: Work lines of the demo: an unassigned pattern that can never ring.
WORK_PHONE = "1000000{number:04d}"


def seed_organisations(*, at: datetime) -> int:
    """Found every body that is missing, with its posts and one person in each; returns how many."""
    known = set(Organisation.objects.values_list("code", flat=True))
    bodies = [body for body in _bodies() if body["code"] not in known]
    areas = {
        area.code: area
        for area in Area.objects.filter(level__in=[Level.DISTRICT, Level.TOWN_UNIT, Level.COMMUNITY])
    }
    for number, body in enumerate(bodies):
        with transaction.atomic():
            organisation = found_organisation(
                by=SEEDER,
                at=at,
                code=body["code"],
                kind=body["kind"],
                type=body["type"],
                name=body["name"],
                name_en=body["name_en"],
                area=areas[body["area"]],
                work_phone=WORK_PHONE.format(number=number),
                is_demo=True,
            )
            for role in body["roles"]:
                _fill(organisation, Role(role), organisation.area, at)
            if body["round_the_clock"]:
                _roster(organisation, at)
    return len(bodies)


def seed_grid_workers(*, at: datetime) -> int:
    """One grid worker for every grid that has people in it; returns how many were appointed."""
    committees = {
        body.area.code: body for body in Organisation.objects.filter(kind=COMMUNITY).select_related("area")
    }
    staffed = set(
        Appointment.objects.filter(post__role=Role.GRID_WORKER).values_list("post__area__code", flat=True)
    )
    grids = Area.objects.filter(level=Level.GRID, active=True).exclude(code__in=staffed).order_by("code")
    count = 0
    for grid in grids:
        committee = committees.get(grid.code[:12])
        if committee is not None:
            _fill(committee, Role.GRID_WORKER, grid, at)
            count += 1
    return count


def _bodies() -> list[dict[str, Any]]:
    told = toml("organisations.toml")
    derived = {entry["key"]: entry["roles"] for entry in told["derived"]}
    bodies: list[dict[str, Any]] = []
    for district in DISTRICTS:
        names = told["districts"][district]
        for kind in told["kind"]:
            own = kind.get("names", {}).get(district, kind["name"])
            bodies.append(
                {
                    "code": f"{district}.{kind['key']}",
                    "kind": kind["key"],
                    "type": kind["type"],
                    "name": own.format(district=names["name"]),
                    "name_en": kind["name_en"].format(district=names["name_en"]),
                    "area": district,
                    "roles": kind["roles"],
                    "round_the_clock": kind["round_the_clock"],
                }
            )
    levels = {
        Level.TOWN_UNIT: (TOWN_UNIT, OrganisationType.TOWN_UNIT, "人民政府", "办事处"),
        Level.COMMUNITY: (COMMUNITY, OrganisationType.COMMITTEE, "", ""),
    }
    for area in Area.objects.filter(level__in=list(levels)).order_by("code"):
        key, type_, of_town, of_street = levels[Level(area.level)]
        suffix = of_street if area.name.endswith("街道") else of_town
        name_en = area.name_en if key == COMMUNITY else f"{area.name_en} Office"
        bodies.append(
            {
                "code": f"{area.code}.{key}",
                "kind": key,
                "type": type_,
                "name": area.name + suffix,
                "name_en": name_en,
                "area": area.code,
                # Grid workers are appointed per grid.
                "roles": [
                    role
                    for role in derived[key]
                    if role not in {Role.GRID_WORKER, Role.PART_TIME_GRID_WORKER}
                ],
                "round_the_clock": False,
            }
        )
    return bodies


def _fill(organisation: Organisation, role: Role, area: Area, at: datetime) -> Appointment:
    """A post and an invented person in it, who cannot sign in (no password)."""
    user, _made = User.objects.get_or_create(
        username=f"{organisation.code}.{role.value}.{area.code}", defaults={"created_at": at, "password": "!"}
    )
    return appoint(by=SEEDER, user=user, post=post_in(organisation=organisation, role=role, area=area), at=at)


def _roster(organisation: Organisation, at: datetime) -> None:
    """Who works round the clock has somebody on duty for the next weeks, in shifts of a day."""
    appointments = Appointment.objects.filter(post__organisation=organisation).order_by("pk")
    first = appointments.first()
    if first is None:
        return
    for day in range(4):
        starts_at = at + timedelta(days=90 + 7 * day)
        put_on_duty(
            by=SEEDER, appointment=first, starts_at=starts_at, ends_at=starts_at + timedelta(days=7), at=at
        )
