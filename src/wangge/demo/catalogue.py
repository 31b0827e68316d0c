"""The demo's matters and who leads them, in each of the three districts."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction

from wangge.demo.accounts import SEEDER
from wangge.demo.reading import DISTRICTS, toml
from wangge.duties.actions import admit_matter, enter_matter, enter_rule
from wangge.duties.models import Category, Matter
from wangge.territory.models import Area

#: Long before the oldest demo case.
IN_FORCE_FROM = date(2024, 1, 1)


def seed_catalogue(*, at: datetime) -> int:
    """Enter the matters that are missing with their rules and admissions; returns how many."""
    known = set(Matter.objects.values_list("code", flat=True))
    categories = {category.code: category for category in Category.objects.all()}
    districts = list(Area.objects.filter(code__in=DISTRICTS).order_by("code"))
    entered = 0
    for told in toml("matters.toml")["matter"]:
        if told["code"] in known:
            continue
        with transaction.atomic():
            matter = enter_matter(
                by=SEEDER,
                at=at,
                code=told["code"],
                category=categories[told["category"]],
                name=told["name"],
                name_en=told["name_en"],
                priority=told["priority"],
                valid_from=IN_FORCE_FROM,
                request_types=told["request_types"],
                keywords=told["keywords"],
                verification_required=told["verification_required"],
                is_demo=True,
            )
            for district in districts:
                enter_rule(
                    by=SEEDER,
                    at=at,
                    matter=matter,
                    area=district,
                    lead_kind=told["lead"],
                    assist_kinds=told["assists"],
                    basis=told["basis"],
                    basis_as_of_date=told.get("as_of"),
                    basis_verified=told.get("basis_note") != "unverified",
                    valid_from=IN_FORCE_FROM,
                )
                if "admission" in told:
                    _admit(matter, district, told["admission"]["basis"], at)
        entered += 1
    return entered


def _admit(matter: Matter, district: Area, basis: str, at: datetime) -> None:
    """An admission holds for at most a year; the demo reaches back, so it has one before as well."""
    today = at.date()
    for valid_from in (today - timedelta(days=200), today + timedelta(days=160)):
        admit_matter(
            by=SEEDER,
            at=at,
            matter=matter,
            area=district,
            basis=basis,
            valid_from=valid_from,
            valid_to=valid_from + timedelta(days=360),
        )
