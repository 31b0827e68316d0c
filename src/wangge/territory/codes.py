"""Area codes: read, check and write them. Pure: whether an area is registered is asked in `queries`.

Sources: GB/T 2260 (county, 6 digits), GB/T 10114 (town segment, 3 digits), the statistical division
codes of the National Bureau of Statistics (committee segment, 3 digits), and the product's own rule for
governance grids (3 digits more) and micro grids (2 digits more). Beside them stands the unit grid of
city management, GB/T 30428.1 and CJ/T 213, 6+3+3+2 digits; it is another scheme over the same land, not
a level of this tree.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wangge.foundation.refusals import Refusal


class Level(TextChoices):
    PROVINCE = "province", _("Province")
    CITY = "city", _("City")
    DISTRICT = "district", _("District or county")
    TOWN_UNIT = "town_unit", _("Town or subdistrict")
    COMMUNITY = "community", _("Community or village")
    GRID = "grid", _("Grid")
    MICRO_GRID = "micro_grid", _("Micro grid")
    UNIT_GRID = "unit_grid", _("Unit grid of city management")


class Kind(TextChoices):
    """What an area is within its level. A code tells most kinds; basic and rural it does not tell apart."""

    PROVINCE = "province", _("Province")
    CITY = "city", _("City")
    DISTRICT = "district", _("District")
    COUNTY = "county", _("County")
    COUNTY_CITY = "county_city", _("County-level city")
    SUBDISTRICT = "subdistrict", _("Subdistrict")
    TOWN = "town", _("Town")
    TOWNSHIP = "township", _("Township")
    ENTERPRISE_TOWN = "enterprise_town", _("Unit of government and enterprise in one")
    COMMUNITY = "community", _("Community")
    VILLAGE = "village", _("Village")
    COMMITTEE_LIKE = "committee_like", _("Unit like a committee")
    BASIC = "basic", _("Basic grid")
    RURAL = "rural", _("Rural grid")
    DEDICATED = "dedicated", _("Dedicated grid")
    MICRO = "micro", _("Micro grid")
    UNIT = "unit", _("Unit grid")


class UnableToReadCode(Refusal):
    """The text is no area code. The message says which digits are wrong and which range is right."""


#: GB/T 2260, digits 1-2.
PROVINCES = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12]")
#: Digits of a code at each level of the tree; province and city fill up to six with zeros.
LENGTHS = {6: Level.DISTRICT, 9: Level.TOWN_UNIT, 12: Level.COMMUNITY, 15: Level.GRID, 17: Level.MICRO_GRID}
UNIT_GRID_LENGTH = 14
#: Prefecture-level cities without districts (不设区的地级市): their towns stand directly under XXXX00.
UNDIVIDED_CITIES = frozenset({"4419", "4420", "4604"})

BASIC_SEQUENCES = range(1, 800)
DEDICATED_SEQUENCES = range(801, 1000)

_COUNTY_KINDS = (
    (range(1, 21), Kind.DISTRICT),
    (range(21, 81), Kind.COUNTY),
    (range(81, 100), Kind.COUNTY_CITY),
)
_TOWN_KINDS = (
    (range(1, 100), Kind.SUBDISTRICT),
    (range(100, 200), Kind.TOWN),
    (range(200, 400), Kind.TOWNSHIP),
    (range(400, 600), Kind.ENTERPRISE_TOWN),
)
_COMMITTEE_KINDS = (
    (range(1, 200), Kind.COMMUNITY),
    (range(200, 400), Kind.VILLAGE),
    (range(400, 600), Kind.COMMITTEE_LIKE),
)


@dataclass(frozen=True, slots=True)
class ParsedCode:
    """A code taken apart. Two parsed codes are equal exactly if the codes are."""

    code: str
    level: Level
    kind: Kind
    prefix: str
    """What every code below this area starts with: "2307" for 230700, the code itself further down."""
    sequence: int
    """The area's own segment as a number: 3 for the grid that ends in 003, 17 for the district 230717."""

    @property
    def parent(self) -> str | None:
        """The code one level up; None above the province. A unit grid's parent is its community."""
        match self.level:
            case Level.PROVINCE:
                return None
            case Level.CITY:
                return self.code[:2] + "0000"
            case Level.DISTRICT:
                return self.code[:4] + "00"
            case Level.MICRO_GRID | Level.UNIT_GRID:
                return self.code[:-2]
            case _:
                return self.code[:-3]

    @property
    def ancestors(self) -> list[str]:
        """Codes from the province down to the parent."""
        found: list[str] = []
        parent = self.parent
        while parent is not None:
            found.insert(0, parent)
            parent = parse_code(parent).parent
        return found

    @property
    def district(self) -> str | None:
        return self.code[:6] if len(self.prefix) >= 6 else None

    @property
    def town_unit(self) -> str | None:
        return self.code[:9] if len(self.prefix) >= 9 else None

    @property
    def community(self) -> str | None:
        return self.code[:12] if len(self.prefix) >= 12 else None

    @property
    def grid(self) -> str | None:
        return self.code[:15] if self.level in (Level.GRID, Level.MICRO_GRID) else None

    @property
    def possible_kinds(self) -> tuple[Kind, ...]:
        """`kind`, and what else the stored kind may be: a village swallowed by the town has basic grids."""
        if self.level == Level.GRID and self.kind != Kind.DEDICATED:
            return (Kind.BASIC, Kind.RURAL)
        return (self.kind,)

    def __str__(self) -> str:
        return self.code


def parse_code(text: str) -> ParsedCode:
    """Read a code of 6, 9, 12, 14, 15 or 17 digits. Spaces and full-width digits are forgiven.

    The kind of a grid below 800 is the usual one: rural in a village, basic elsewhere.
    """
    code = "".join(unicodedata.normalize("NFKC", text).split())
    if not re.fullmatch(r"[0-9]+", code):
        raise UnableToReadCode("not_digits", _("An area code is written in digits only."), field="code")
    if len(code) == UNIT_GRID_LENGTH:
        return _parse_unit_grid(code)
    if len(code) not in LENGTHS:
        raise UnableToReadCode(
            "length",
            _(
                "The code has %(count)d digits. A district has 6, a town unit 9, a community or village 12, "
                "a grid 15, a micro grid 17 and a unit grid of city management 14."
            )
            % {"count": len(code)},
            field="code",
        )
    level, kind = _county(code, alone=len(code) == 6)
    if len(code) >= 9:
        level, kind = Level.TOWN_UNIT, _town(code)
    if len(code) >= 12:
        level, kind = Level.COMMUNITY, _committee(code)
    if len(code) >= 15:
        level, kind = Level.GRID, _grid(code, kind)
    if len(code) == 17:
        level, kind = Level.MICRO_GRID, Kind.MICRO
        _check_two_digits(code, "micro_sequence")
    prefix = {Level.PROVINCE: code[:2], Level.CITY: code[:4]}.get(level, code)
    own = 2 if level in (Level.PROVINCE, Level.CITY, Level.DISTRICT, Level.MICRO_GRID) else 3
    return ParsedCode(code, level, kind, prefix, int(prefix[-own:]))


def format_code(text: str) -> str:
    """The code in groups for reading aloud: "230717 001 001 003", micro grids with two digits more."""
    parsed = parse_code(text)
    code = parsed.code
    groups = [code[:6], code[6:9], code[9:12], code[12:15], code[15:]]
    if parsed.level == Level.UNIT_GRID:
        groups = [code[:6], code[6:9], code[9:12], code[12:]]
    return " ".join(group for group in groups if group)


def grid_code(community: str, sequence: int) -> str:
    """The 15-digit code of the grid with this sequence in a community or village."""
    return _below(community, Level.COMMUNITY, f"{sequence:03d}")


def micro_grid_code(grid: str, sequence: int) -> str:
    return _below(grid, Level.GRID, f"{sequence:02d}")


def unit_grid_code(community: str, sequence: int) -> str:
    """The 14-digit cell of city management, GB/T 30428.1."""
    return _below(community, Level.COMMUNITY, f"{sequence:02d}")


def _below(parent: str, level: Level, segment: str) -> str:
    parsed = parse_code(parent)
    if parsed.level != level:
        raise UnableToReadCode(
            "wrong_level",
            _("%(code)s is not a code of the level “%(level)s”.")
            % {"code": parsed.code, "level": level.label},
            field="code",
        )
    return parse_code(parsed.code + segment).code


def _county(code: str, *, alone: bool) -> tuple[Level, Kind]:
    if not PROVINCES.fullmatch(code[:2]):
        raise _wrong(code, 0, 2, "province", _("a province of GB/T 2260, for example 23 for Heilongjiang"))
    city, county = int(code[2:4]), int(code[4:6])
    if alone and county == 0:
        return (Level.PROVINCE, Kind.PROVINCE) if city == 0 else (Level.CITY, Kind.CITY)
    if city == 0:
        raise _wrong(code, 2, 4, "city", _("01–99 when a county follows"))
    if county == 0 and code[:4] not in UNDIVIDED_CITIES:
        raise _wrong(code, 4, 6, "county", _("01–99 when a town unit follows"))
    return Level.DISTRICT, _kind_of(county, _COUNTY_KINDS) or Kind.DISTRICT


def _town(code: str) -> Kind:
    kind = _kind_of(int(code[6:9]), _TOWN_KINDS)
    if kind is None:
        right = _(
            "001–099 (subdistrict), 100–199 (town), 200–399 (township) or 400–599 (government and enterprise)"
        )
        raise _wrong(code, 6, 9, "town_segment", right)
    return kind


def _committee(code: str) -> Kind:
    kind = _kind_of(int(code[9:12]), _COMMITTEE_KINDS)
    if kind is None:
        right = _(
            "001–199 (residents' committee), 200–399 (villagers' committee) or 400–599 (like a committee)"
        )
        raise _wrong(code, 9, 12, "committee_segment", right)
    return kind


def _grid(code: str, committee: Kind) -> Kind:
    sequence = int(code[12:15])
    if sequence in DEDICATED_SEQUENCES:
        return Kind.DEDICATED
    if sequence not in BASIC_SEQUENCES:
        raise _wrong(
            code, 12, 15, "grid_sequence", _("001–799 (basic or rural grid) or 801–999 (dedicated grid)")
        )
    return Kind.RURAL if committee == Kind.VILLAGE else Kind.BASIC


def _parse_unit_grid(code: str) -> ParsedCode:
    parse_code(code[:12])
    _check_two_digits(code, "unit_sequence")
    return ParsedCode(code, Level.UNIT_GRID, Kind.UNIT, code, int(code[12:]))


def _check_two_digits(code: str, error: str) -> None:
    if code[-2:] == "00":
        raise _wrong(code, len(code) - 2, len(code), error, _("01–99"))


def _kind_of(number: int, kinds: tuple[tuple[range, Kind], ...]) -> Kind | None:
    return next((kind for numbers, kind in kinds if number in numbers), None)


def _wrong(code: str, start: int, end: int, error: str, right: str | Promise) -> UnableToReadCode:
    return UnableToReadCode(
        error,
        _("Digits %(first)d–%(last)d of the code are %(digits)s. Right is: %(right)s.")
        % {"first": start + 1, "last": end, "digits": code[start:end], "right": right},
        field="code",
    )
