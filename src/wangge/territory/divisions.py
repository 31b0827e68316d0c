"""Loading the divisions of a district: what is new is added, what is not as it was is told.

A code is given once and for ever, so nothing is ever overwritten or deleted here: a name that changed is
changed only on request, and so is the retirement of what the source no longer has.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from wangge.foundation.journal.actions import Entry, append_many
from wangge.foundation.journal.actors import Actor
from wangge.foundation.refusals import Refusal
from wangge.territory.actions import area_facts, subject_of
from wangge.territory.codes import Level, UnableToReadCode, parse_code
from wangge.territory.division_files import LEVELS, Divisions
from wangge.territory.memory import territory_changed
from wangge.territory.models import Area

#: The same body under its longer and its shorter name: 永红社区居委会 is 永红社区.
_ENDINGS = ("居民委员会", "村民委员会", "居委会", "村委会", "委员会", "办事处")


class UnableToLoadDivisions(Refusal):
    """The source has no such district."""


class Note(StrEnum):
    """What there is to say of a code beyond that it is new or known."""

    RENAMED = "renamed"
    RECODED = "recoded"
    GONE = "gone"
    HELD = "held"
    NO_PARENT = "no_parent"
    NO_CHILDREN = "no_children"
    NOT_A_CODE = "not_a_code"
    NO_NAME = "no_name"
    TWO_NAMES = "two_names"
    SAME_NAME = "same_name"
    RETIRED_BEFORE = "retired_before"


@dataclass(frozen=True)
class Remark:
    note: Note
    code: str
    text: str


@dataclass
class Plan:
    """What loading would do, in the order of the codes."""

    district: str
    new: list[tuple[str, str]] = field(default_factory=list)
    known: int = 0
    renamed: list[tuple[str, str]] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def remark(self, note: Note, code: str, text: str) -> None:
        self.remarks.append(Remark(note, code, text))


def plan_divisions(divisions: Divisions) -> Plan:
    """Hold the source against the register; writes nothing."""
    plan = Plan(divisions.district)
    stored = {
        area.code: area
        for area in Area.objects.filter(code__startswith=divisions.district)
        if len(area.code) in LEVELS
    }
    names = _readable(divisions, plan)
    if divisions.district not in names and divisions.district not in stored:
        raise UnableToLoadDivisions(
            "no_district",
            _("The source has no district %(code)s, and neither has this installation.")
            % {"code": divisions.district},
        )
    for code, name in sorted(names.items()):
        _hold_against(code, name, stored, names, plan)
    _what_is_gone(stored, names, plan)
    _same_names(names, plan)
    _empty_towns(names, plan)
    return plan


@transaction.atomic
def load_divisions(
    plan: Plan, *, by: Actor, at: datetime, rename: bool = False, retire: bool = False
) -> list[Area]:
    """Add what is new; with `rename` take over changed names, with `retire` end what is gone.

    What still has grids, or anything else in use below it, is not retired: its grids are moved first.
    """
    entries: list[Entry] = []
    added: list[Area] = []
    for level in (Level.CITY, Level.DISTRICT, Level.TOWN_UNIT, Level.COMMUNITY):
        areas = [_area(code, name, at) for code, name in plan.new if parse_code(code).level == level]
        # A parent is there before its children.
        added += Area.objects.bulk_create(areas, batch_size=500)
    entries += [Entry("area.added", subject_of(area.code), area_facts(area), new=True) for area in added]
    if rename:
        for code, name in plan.renamed:
            Area.objects.filter(code=code).update(name=name, name_en="")
            entries.append(Entry("area.renamed", subject_of(code), {"code": code}))
    if retire:
        for area in Area.objects.filter(code__in=plan.gone):
            area.active = False
            # A period has at least a day; what was added and is gone on one day lasts until the next.
            area.valid_to = max(localdate(at), area.valid_from + timedelta(days=1))
            area.save(update_fields=["active", "valid_to"])
            facts = {"code": area.code, "valid_to": area.valid_to.isoformat()}
            entries.append(Entry("area.retired", subject_of(area.code), facts))
    append_many(entries, by=by, at=at)
    territory_changed()
    return added


# --- the pieces ---


def _readable(divisions: Divisions, plan: Plan) -> dict[str, str]:
    """Codes and names that can stand in the tree, parents included; the others are told."""
    names: dict[str, str] = {}
    for code, name in sorted(divisions.names.items(), key=lambda pair: (len(pair[0]), pair[0])):
        try:
            parsed = parse_code(code)
        except UnableToReadCode as wrong:
            plan.remark(Note.NOT_A_CODE, code, _("Left out: %(why)s") % {"why": wrong.message})
            continue
        if not name:
            plan.remark(Note.NO_NAME, code, _("Left out: it has no name."))
        elif len(code) > 6 and parsed.parent not in names and not _stands(parsed.parent):
            plan.remark(
                Note.NO_PARENT, code,
                _("Left out: the level above, %(parent)s, is missing.") % {"parent": parsed.parent},
            )  # fmt: skip
        else:
            names[code] = name
    for code in divisions.doubled:
        plan.remark(Note.TWO_NAMES, code, _("Two names in the source; the first one counts."))
    return names


def _stands(code: str | None) -> bool:
    return code is not None and Area.objects.filter(code=code, active=True).exists()


def _hold_against(code: str, name: str, stored: dict[str, Area], names: dict[str, str], plan: Plan) -> None:
    area = stored.get(code)
    if area is None:
        plan.new.append((code, name))
        before = [
            one.code
            for one in stored.values()
            if one.code[: len(code) - 3] == code[:-3] and len(one.code) == len(code)
            and one.code not in names and _stem(one.name) == _stem(name)
        ]  # fmt: skip
        if before and len(code) > 6:
            plan.remark(
                Note.RECODED, code,
                _("“%(name)s” stood under %(before)s before; a code is never changed, so it is added anew.")
                % {"name": name, "before": ", ".join(before)},
            )  # fmt: skip
        return
    plan.known += 1
    if not area.active:
        plan.remark(Note.RETIRED_BEFORE, code, _("Retired here; a code is never given twice."))
    elif _stem(area.name) != _stem(name):
        plan.renamed.append((code, name))
        plan.remark(
            Note.RENAMED, code,
            _("Called “%(here)s” here, “%(there)s” in the source.") % {"here": area.name, "there": name},
        )  # fmt: skip


def _what_is_gone(stored: dict[str, Area], names: dict[str, str], plan: Plan) -> None:
    """In use here and missing in the source. What has something in use below it is held."""
    gone = {code for code, area in stored.items() if area.active and code not in names and len(code) > 6}
    in_use = set(
        Area.objects.filter(active=True, code__startswith=plan.district).exclude(code__in=gone)
        .values_list("code", flat=True)
    )  # fmt: skip
    for code in sorted(gone):
        if any(below != code and below.startswith(code) for below in in_use):
            plan.remark(
                Note.HELD, code, _("No longer in the source, but in use: there are areas or grids below it.")
            )
        else:
            plan.gone.append(code)
            plan.remark(Note.GONE, code, _("No longer in the source."))


def _same_names(names: dict[str, str], plan: Plan) -> None:
    """One name for several areas of a level: told apart by code, and by their town where that differs."""
    codes: dict[tuple[int, str], list[str]] = defaultdict(list)
    for code, name in names.items():
        codes[len(code), _stem(name)].append(code)
    for (_length, _name), those in sorted(codes.items(), key=lambda pair: pair[1]):
        if len(those) > 1:
            plan.remark(
                Note.SAME_NAME, those[0],
                _("“%(name)s” is the name of %(codes)s; files must name the town or the code.")
                % {"name": names[those[0]], "codes": ", ".join(those)},
            )  # fmt: skip


def _empty_towns(names: dict[str, str], plan: Plan) -> None:
    with_children = {code[:-3] for code in names if len(code) == 12}
    if not any(len(code) == 12 for code in names):
        plan.remark(Note.NO_CHILDREN, plan.district, _("No community or village of it is in the source."))
        return
    for code in sorted(names):
        if len(code) == 9 and code not in with_children:
            plan.remark(Note.NO_CHILDREN, code, _("No community or village of it is in the source."))


def _area(code: str, name: str, at: datetime) -> Area:
    parsed = parse_code(code)
    parent = parsed.parent if len(code) > 6 else None
    if parsed.level == Level.DISTRICT and Area.objects.filter(code=parsed.parent).exists():
        parent = parsed.parent
    return Area(
        code=code,
        prefix=parsed.prefix,
        level=parsed.level,
        kind=parsed.kind,
        name=name[:80],
        parent_id=parent,
        valid_from=localdate(at),
        external_codes=[],
    )


def _stem(name: str) -> str:
    for ending in _ENDINGS:
        if name.endswith(ending) and len(name) > len(ending) + 1:
            return name[: -len(ending)]
    return name
