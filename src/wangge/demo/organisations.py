"""The demo's bodies and the people in their posts: real names of towns and committees, invented staff.

Bodies, posts and appointments number thousands of rows, so they are written in bulk, with the journal lines
the acts of `organisations` would have written; `tests/demo` holds the two together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from wangge.demo.accounts import SEEDER
from wangge.demo.reading import DISTRICTS, toml
from wangge.foundation.accounts.models import User
from wangge.foundation.journal.actors import Subject
from wangge.foundation.journal.bulk import PastAct, write_chains
from wangge.foundation.journal.canonical import iso_utc
from wangge.organisations.authority import ACTS_FOR_UNIT
from wangge.organisations.models import Appointment, DutyShift, Organisation, OrganisationType, Post
from wangge.organisations.roles import CENTER, Role
from wangge.territory.codes import Level
from wangge.territory.models import Area

TOWN_UNIT, COMMUNITY = "town_unit", "community"
#: How the account names of invented staff begin. They have no password.
STAFF = "demo."
#: Work lines of the demo: an unassigned pattern that can never ring.
WORK_PHONE = "1000000{number:04d}"
#: The roster of who works round the clock: shifts of a week, some behind us and a quarter of a year ahead.
SHIFT = timedelta(days=7)
SHIFTS_BEHIND, SHIFTS_AHEAD = 1, 13


@transaction.atomic
def seed_organisations(*, at: datetime, now: datetime) -> int:
    """Found every body that is missing as of `at`, with its posts, one person in each, and a roster around
    `now` where somebody is on duty at night; returns how many bodies."""
    known = set(Organisation.objects.values_list("code", flat=True))
    told = {body["code"]: body for body in _bodies() if body["code"] not in known}
    areas = {
        area.code: area
        for area in Area.objects.filter(level__in=[Level.DISTRICT, Level.TOWN_UNIT, Level.COMMUNITY])
    }
    bodies = Organisation.objects.bulk_create(
        Organisation(
            code=body["code"],
            kind=body["kind"],
            type=body["type"],
            name=body["name"],
            name_en=body["name_en"],
            area=areas[body["area"]],
            work_phone=WORK_PHONE.format(number=number),
            is_demo=True,
        )
        for number, body in enumerate(told.values())
    )
    appointments = _fill(
        ((body, Role(role), body.area) for body in bodies for role in told[body.code]["roles"]), at
    )
    in_body: dict[str, list[Appointment]] = defaultdict(list)
    for appointment in appointments:
        in_body[appointment.post.organisation.code].append(appointment)
    shifts = DutyShift.objects.bulk_create(
        shift
        for body in bodies
        if told[body.code]["round_the_clock"]
        for shift in _roster(body, in_body[body.code], now)
    )
    acts = {
        body.code: [
            PastAct(
                "organisation.founded",
                SEEDER,
                at,
                {"kind": body.kind, "type": str(body.type), "area": body.area.code, "parent": None},
            )
        ]
        for body in bodies
    }
    for shift in shifts:
        facts = {
            "user": str(shift.appointment.user_id),
            "from": iso_utc(shift.starts_at),
            "to": iso_utc(shift.ends_at),
        }
        acts[shift.organisation.code].append(PastAct("organisation.duty_set", SEEDER, at, facts))
    write_chains((Subject("organisation", code), lines) for code, lines in acts.items())
    return len(bodies)


@transaction.atomic
def seed_grid_workers(*, at: datetime) -> int:
    """One grid worker for every grid of the demo that never had one; returns how many were appointed."""
    committees = {
        body.area.code: body for body in Organisation.objects.filter(kind=COMMUNITY).select_related("area")
    }
    staffed = set(
        Appointment.objects.filter(post__role=Role.GRID_WORKER).values_list("post__area__code", flat=True)
    )
    grids = Area.objects.filter(level=Level.GRID, active=True, is_demo=True).exclude(code__in=staffed)
    return len(
        _fill(
            (
                (committees[grid.code[:12]], Role.GRID_WORKER, grid)
                for grid in grids.order_by("code")
                if grid.code[:12] in committees
            ),
            at,
        )
    )


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


def _fill(posts: Iterable[tuple[Organisation, Role, Area]], at: datetime) -> list[Appointment]:
    """The posts, made where they are missing, and in each an invented person who cannot sign in."""
    wanted = list(posts)
    there = {
        (post.organisation_id, post.role, post.area_id): post
        for post in Post.objects.filter(organisation__in={body.pk for body, _role, _area in wanted})
    }
    missing = [place for place in wanted if (place[0].pk, place[1], place[2].pk) not in there]
    for post in Post.objects.bulk_create(
        Post(organisation=body, role=role, area=area) for body, role, area in missing
    ):
        there[post.organisation_id, post.role, post.area_id] = post
    users = User.objects.bulk_create(
        User(username=_username(body, role, area), password="!", created_at=at)  # noqa: S106 - opens nothing
        for body, role, area in wanted
    )
    appointments = []
    for user, (body, role, area) in zip(users, wanted, strict=True):
        post = there[body.pk, role, area.pk]
        post.organisation = body
        appointments.append(Appointment(user=user, post=post, valid_from=at))
    Appointment.objects.bulk_create(appointments)
    write_chains(
        (
            Subject("post", str(appointment.post_id)),
            [
                PastAct(
                    "post.filled",
                    SEEDER,
                    at,
                    {
                        "user": str(appointment.user_id),
                        "role": str(appointment.post.role),
                        "organisation": appointment.post.organisation.code,
                        "until": None,
                    },
                )
            ],
        )
        for appointment in appointments
    )
    return appointments


def _username(body: Organisation, role: Role, area: Area) -> str:
    """`demo.230717.urban_management.department_lead`; the grid is named where the post has one."""
    where = "" if area.code == body.area.code else f".{area.code[12:]}"
    return f"{STAFF}{body.code}.{role.value}{where}"


def _roster(body: Organisation, appointments: list[Appointment], now: datetime) -> list[DutyShift]:
    """Week by week, those who act for the body in turn."""
    acting = [row for row in appointments if row.post.role in ACTS_FOR_UNIT | CENTER] or appointments
    begin = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return [
        DutyShift(
            organisation=body,
            appointment=acting[week % len(acting)],
            starts_at=begin + week * SHIFT,
            ends_at=begin + (week + 1) * SHIFT,
        )
        for week in range(-SHIFTS_BEHIND, SHIFTS_AHEAD)
    ]
