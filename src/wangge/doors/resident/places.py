"""Where it is: what somebody's words, a point on the map or a scanned code may mean, and how sure that is.

Nothing here asks where the visitor is. A point is used when somebody chose it on the map, and only then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wangge.cases.intake import Place
from wangge.doors.resident.drafts import Draft
from wangge.foundation.refusals import Refusal
from wangge.territory.codes import Level
from wangge.territory.models import Area
from wangge.territory.queries import areas_within, grid_at, path_label, place_candidates

#: From here a single candidate is taken without asking which it is.
SURE = 0.8
#: Below this we say that we are guessing.
LIKELY = 0.5
#: How much surer than the next one it must be.
AHEAD = 0.2
SHOWN = 4
#: The place is said early; a long letter is not searched to its end.
LOOKED_AT = 300

POINT = "point"
NONE = "none"


class UnableToPlace(Refusal):
    """The place is not settled yet; `field` is the one to look at."""


@dataclass(frozen=True)
class Candidate:
    """One meaning of what was said, ready for the page. `value` is what the form sends back."""

    value: str
    area_code: str
    label: str
    confidence: float
    reason: str

    @property
    def sure(self) -> str | Promise:
        return sure_words(self.confidence)


@dataclass(frozen=True)
class Found:
    """A settled place: the smallest area known, and how it was found."""

    area: str
    how: str
    sure: float
    lon: float | None = None
    lat: float | None = None


def sure_words(confidence: float) -> str | Promise:
    if confidence >= SURE:
        return gettext_lazy("quite sure")
    if confidence >= LIKELY:
        return gettext_lazy("likely")
    return gettext_lazy("not sure")


class Candidates:
    """What a draft offers to choose from: the scanned grid, the chosen point, the meanings of the words."""

    def __init__(self, draft: Draft, words: str, named_area: str = "") -> None:
        self.draft = draft
        self.words = words.strip()
        self.named_area = named_area

    @property
    def asked(self) -> str:
        """For which words these candidates were worked out: the form sends it back."""
        return f"{self.named_area}|{self.words}"

    @cached_property
    def all(self) -> list[Candidate]:
        found = [*self._point(), *self._code()]
        taken = {candidate.area_code for candidate in found}
        hits = place_candidates(
            (self.words or self.draft.text)[:LOOKED_AT], within=self.named_area, limit=SHOWN
        )
        for hit in hits:
            if hit.area_code not in taken and len(hit.area_code) > len(self.named_area):
                found.append(
                    Candidate(
                        hit.area_code, hit.area_code, path_label(hit.area_code), hit.confidence, hit.reason
                    )
                )
        return found

    @property
    def best(self) -> Candidate | None:
        """The one to mark before anybody has chosen."""
        chosen = self.draft.area if "where" in self.draft.done else ""
        for candidate in self.all:
            if chosen and candidate.area_code == chosen:
                return candidate
        return self.all[0] if self.all and self.all[0].confidence >= SURE else None

    @property
    def settled(self) -> Candidate | None:
        """The one candidate that needs no question, or None."""
        ranked = sorted(self.all, key=lambda candidate: -candidate.confidence)
        if not ranked or ranked[0].confidence < SURE:
            return None
        if len(ranked) > 1 and ranked[0].confidence - ranked[1].confidence < AHEAD:
            return None
        return ranked[0]

    @property
    def map_prefix(self) -> str:
        """The town or district to draw the map of: a phone shows a whole city too small to press on."""
        likely = self.best or (self.all[0] if self.all else None)
        return likely.area_code[:9] if likely else self.named_area

    def _point(self) -> list[Candidate]:
        if self.draft.how != POINT or self.draft.lon is None or self.draft.lat is None:
            return []
        hit = grid_at(self.draft.lon, self.draft.lat)
        if hit is None:
            return []
        said = _("You chose this point on the map.")
        return [Candidate(POINT, hit.grid_code, path_label(hit.grid_code), hit.confidence, said)]

    def _code(self) -> list[Candidate]:
        code = self.draft.code
        return [Candidate(code, code, path_label(code), 0.95, _("You scanned its code."))] if code else []


def settle(
    candidates: Candidates,
    *,
    asked: str,
    choice: str,
    lon: float | None,
    lat: float | None,
) -> Found:
    """Decide from what the form brought, in this order: a point just chosen on the map, a candidate just
    chosen, words that leave no question, the area named. UnableToPlace says what to look at."""
    draft, area = candidates.draft, candidates.named_area
    if lon is not None and lat is not None and ((lon, lat) != (draft.lon, draft.lat) or choice == POINT):
        hit = grid_at(lon, lat)
        if hit is not None:
            return Found(hit.grid_code, POINT, hit.confidence, lon, lat)
        if area:
            return Found(area, "named", 0.5, lon, lat)
        raise UnableToPlace(
            "outside",
            _("This point lies in no grid we know. Choose the subdistrict or town as well."),
            field="named_area",
        )
    if asked == candidates.asked:
        if choice == NONE:
            return _named(area)
        chosen = next((one for one in candidates.all if one.value == choice), None)
        if chosen is not None:
            how = "code" if chosen.area_code == draft.code else "words"
            return Found(chosen.area_code, how, chosen.confidence)
    elif candidates.words and (settled := candidates.settled) is not None:
        return Found(settled.area_code, "words", settled.confidence)
    if candidates.all:
        raise UnableToPlace("which", _("Choose which of these places it is."), field="choice")
    return _named(area)


def _named(area: str) -> Found:
    if not area:
        raise UnableToPlace(
            "no_place",
            _("We do not know this place yet. Choose the district, subdistrict or town."),
            field="named_area",
        )
    return Found(area, "named", 1.0)


def place_of(draft: Draft) -> Place:
    """The place as the case keeps it."""
    return Place(draft.area, draft.words.strip(), draft.lon, draft.lat, draft.sure)


# --- areas to choose from -------------------------------------------------------------------------


@dataclass(frozen=True)
class Branch:
    """A district and its subdistricts and towns."""

    district: Area
    towns: tuple[Area, ...]


def branches() -> list[Branch]:
    """Every district in use with what lies directly below it; one statement."""
    areas = list(areas_within("").filter(level__in=[Level.DISTRICT, Level.TOWN_UNIT]))
    return [
        Branch(
            area,
            tuple(town for town in areas if town.level == Level.TOWN_UNIT and town.code[:6] == area.code),
        )
        for area in areas
        if area.level == Level.DISTRICT
    ]


def area_choices(found: Sequence[Branch]) -> list[tuple[str, list[tuple[str, str]]]]:
    """For a select: a group per district, its first choice the district as a whole."""
    return [
        (
            branch.district.label,
            [
                (
                    branch.district.code,
                    _("%(district)s, I do not know more") % {"district": branch.district.label},
                ),
                *((town.code, town.label) for town in branch.towns),
            ],
        )
        for branch in found
    ]


def map_prefix(found: Sequence[Branch]) -> str:
    """What the map of the whole deployment is drawn for: its one district, or the city of all."""
    if len(found) == 1:
        return found[0].district.code
    cities = {branch.district.code[:4] for branch in found}
    return cities.pop() if len(cities) == 1 else ""


def grid_in_use(code: str) -> Area | None:
    """The grid with this code, None for what is no grid or no longer one."""
    if not (len(code) == 15 and code.isdecimal()):
        return None
    return Area.objects.filter(code=code, level=Level.GRID, active=True).first()
