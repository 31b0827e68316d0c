"""What made-up histories draw from: places, matters, phrases, who leads, numbers, and dice."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.db import connection, models

from wangge.cases.limits import CaseConfiguration, configuration
from wangge.cases.models import CallbackAnswer, CaseNote, Leg
from wangge.demo.guessing import Guesser
from wangge.demo.organisations import COMMUNITY, TOWN_UNIT
from wangge.demo.players import Players
from wangge.demo.reading import DISTRICTS, toml
from wangge.duties.models import CommunityAdmission, DispatchRule, Matter
from wangge.duties.queries import Lead, UnableToNameLead, who_leads
from wangge.foundation.worktime.calendars import current_calendar
from wangge.foundation.worktime.workcalendar import SHANGHAI, WorkCalendar
from wangge.territory.codes import Level
from wangge.territory.models import PlaceName
from wangge.territory.queries import areas_within


class Chronicler:
    """Makes up histories; the same seed makes the same ones."""

    def __init__(self, *, now: datetime, seed: int) -> None:
        self.now = now
        self.random = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self.players = Players(now)
        self.calendar: WorkCalendar = current_calendar()
        self.configuration: CaseConfiguration = configuration()
        self.phrases = toml("phrases.toml")
        matters = list(Matter.objects.select_related("category"))
        self.categories = sorted({matter.category.code for matter in matters} & set(self.phrases))
        self._guessers = {
            code: Guesser(matter for matter in matters if matter.category.code == code)
            for code in self.categories
        }
        self._any = {
            code: [matter for matter in matters if matter.category.code == code] for code in self.categories
        }
        self._places = {
            district: list(PlaceName.objects.filter(area__prefix__startswith=district).select_related("area"))
            for district in DISTRICTS
        }
        self._grids = {
            district: list(areas_within(district, Level.GRID).values_list("code", flat=True))
            for district in DISTRICTS
        }
        self._leads: dict[tuple[str, str, int], Lead | None] = {}
        below = DispatchRule.objects.filter(lead_kind__in=[COMMUNITY, TOWN_UNIT])
        self._led_below = set(below.values_list("matter_id", flat=True))
        self._turning_days = _turning_days()
        self._numbers = _numbers_in_use()
        self.next_leg = _serials(Leg)
        self.next_note = _serials(CaseNote)
        self.next_answer = _serials(CallbackAnswer)

    def moments(self, count: int, days: int) -> list[datetime]:
        """When requests come in: on any of these days, by day far more than at night, oldest first."""
        drawn: list[datetime] = []
        while len(drawn) < count:
            at = self.now - timedelta(days=self.random.uniform(0.3, days))
            if 7 <= at.astimezone(SHANGHAI).hour < 21 or self.random.random() < 0.15:
                drawn.append(at)
        return sorted(drawn)

    def number(self, district: str, at: datetime) -> str:
        day = at.astimezone(SHANGHAI).date()
        self._numbers[district, day] += 1
        return f"{district}-{day:%Y%m%d}-{self._numbers[district, day]:05d}"

    def matter_of(self, category: str, text: str) -> Matter:
        return self._guessers[category].guess(text) or self.random.choice(self._any[category])

    def somewhere(self, district: str) -> tuple[str, str]:
        places = self._places[district]
        if places and self.random.random() < 0.8:
            place = self.random.choice(places)
            return place.area.code, place.name
        return self.random.choice(self._grids[district]), ""

    def lead(self, matter: Matter, area: str, at: datetime) -> Lead | None:
        """Whom the catalogue names; None where nobody. Asked once while nothing changes in the catalogue:
        for a community or a town where they may lead, for a whole district elsewhere."""
        day = at.astimezone(SHANGHAI).date()
        asked = 12 if matter.pk in self._led_below else 6
        key = (matter.code, area[:asked], bisect_right(self._turning_days, day))
        if key not in self._leads:
            try:
                self._leads[key] = who_leads(matter=matter, area_code=area, day=day)
            except UnableToNameLead:
                self._leads[key] = None
        return self._leads[key]


# --- the pieces ---


def _turning_days() -> list[date]:
    """Every day on which a rule or an admission of the catalogue begins or ends."""
    days: set[date] = set()
    for model in (DispatchRule, CommunityAdmission):
        for period in model._default_manager.values_list("valid_from", "valid_to").distinct():
            days.update(day for day in period if day is not None)
    return sorted(days)


def _numbers_in_use() -> Counter[tuple[str, date]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT district, day, last FROM cases_casecounter")
        return Counter({(district, day): last for district, day, last in cursor.fetchall()})


def _serials(model: type[models.Model], block: int = 1000) -> Callable[[], int]:
    """Primary keys from the table's own sequence, given out before the rows are written."""
    ready: deque[int] = deque()
    table = connection.ops.quote_name(model._meta.db_table)

    def take() -> int:
        if not ready:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                    (table, block),
                )
                ready.extend(row[0] for row in cursor.fetchall())
        return ready.popleft()

    return take
