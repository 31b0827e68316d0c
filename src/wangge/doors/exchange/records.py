"""A row becomes a record: every cell read, the place found, and all that is wrong named at once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from wangge.cases.intake import Contact, Place, place_at
from wangge.cases.places import parts_of
from wangge.cases.taking_in import ForeignCase, Ready, check_foreign
from wangge.cases.words import RequestType
from wangge.doors.exchange.mapping import POINT, TIME, WORD, Mapping
from wangge.doors.exchange.problems import Fault
from wangge.doors.exchange.reading import Table
from wangge.doors.exchange.tables import Row
from wangge.doors.exchange.values import (
    AHEAD,
    EARLIEST,
    Unreadable,
    degrees_of,
    long_text,
    moment_of,
    number_of,
    quoted,
    text_of,
    word_of,
)
from wangge.duties.models import Priority
from wangge.foundation.journal.actors import Actor
from wangge.foundation.refusals import Refusal
from wangge.territory.codes import Level, UnableToReadCode, parse_code
from wangge.territory.memory import snapshot

_TOWN_ENDINGS = ("街道办事处", "街道", "乡", "镇")
_COMMUNITY_ENDINGS = ("社区居民委员会", "社区居委会", "村民委员会", "村委会", "居委会", "社区", "村")
_DISTRICT_ENDINGS = ("区", "县", "市")
#: Refusals of the rooms in the report's own words.
_IN_OUR_WORDS = {
    "phone_form": "phone_form",
    "wrong_area": "outside",
    "no_place": "no_place",
}
_FIELD_OF = {
    "phone": "phone",
    "name": "caller",
    "address": "caller_address",
    "text": "text",
    "place": "place",
}


@dataclass
class Read:
    """What came of one row: a record that can be written, or none; and what is wrong with it."""

    row: int
    external_no: str = ""
    ready: Ready | None = None
    faults: list[Fault] = field(default_factory=list)

    @property
    def is_refused(self) -> bool:
        return self.ready is None


class Reader:
    """Reads the rows of one table under one mapping, for one district and importer."""

    def __init__(
        self, table: Table, mapping: Mapping, *, by: Actor, channel: str, district: str, at: datetime
    ) -> None:
        self.table, self.mapping = table, mapping
        self.by, self.channel, self.district, self.at = by, channel, district, at
        self.names = Names(district)

    def read(self, row: Row) -> Read:
        return _Row(self, row).read()


class _Row:
    """One row while it is read."""

    def __init__(self, reader: Reader, row: Row) -> None:
        self.reader, self.row = reader, row
        self.mapping, self.header = reader.mapping, reader.table.header
        self.read_ = Read(row.number, faults=list(row.faults))

    def read(self) -> Read:
        read = self.read_
        told = self._cells()
        read.external_no = told.get("external_no", "")
        extra = len(self.row.cells) - len(self.header.titles)
        if extra > 0 and any(text_of(cell, self.mapping) for cell in self.row.cells[-extra:]):
            self._fault("too_many_cells", count=len(self.row.cells), titles=len(self.header.titles))
        self._times(told)
        place = self._place(told)
        if any(fault.refuses for fault in read.faults) or place is None:
            return read
        try:
            read.ready = check_foreign(
                _record(told, place),
                by=self.reader.by,
                channel=self.reader.channel,
                source_system=self.mapping.source_system,
            )
        except Refusal as refusal:
            read.faults.append(self._in_words(refusal))
        return read

    # --- cells ---

    def _cells(self) -> dict[str, Any]:
        """Every field the file has a column for, as far as it can be read."""
        told: dict[str, Any] = {}
        for name, places in self.header.fields.items():
            column = self.mapping.columns[name]
            try:
                value, note = self._cell(name, places)
            except Unreadable as unreadable:
                self.read_.faults.append(unreadable.fault(column.field, self.header.title_of(name)))
                continue
            if note:
                self._fault(note, name, zone=self.mapping.time_zone.key)
            if value not in (None, ""):
                told[name] = value
            elif column.required:
                self._fault("missing", name)
        return told

    def _cell(self, name: str, places: tuple[int, ...]) -> tuple[Any, str]:
        column = self.mapping.columns[name]
        cell = self.reader.table.cell(self.row, places[0])
        if name == "external_no":
            return number_of(cell, self.mapping), ""
        if column.field.kind == TIME:
            return moment_of(cell, self.mapping, self.reader.at)
        if column.field.kind == WORD:
            return word_of(cell, column, self.mapping), ""
        if column.field.kind == POINT:
            return degrees_of(cell, self.mapping, 180 if name == "lon" else 90), ""
        texts = [text_of(self.reader.table.cell(self.row, place), self.mapping) for place in places]
        joined = (column.join or " ").join(dict.fromkeys(text for text in texts if text))
        return long_text(joined, column.field), ""

    def _times(self, told: dict[str, Any]) -> None:
        received, due, ended = (told.get(name) for name in ("received_at", "due_at", "ended_at"))
        for name, moment in (("received_at", received), ("ended_at", ended)):
            if moment is not None and moment > self.reader.at + AHEAD:
                self._fault("in_the_future", name)
        for name, moment in (("received_at", received), ("due_at", due), ("ended_at", ended)):
            if moment is not None and moment < EARLIEST:
                self._fault("long_ago", name)
        if received is not None and ended is not None and ended < received:
            self._fault("ends_before_it_begins", "ended_at")
        if received is not None and due is not None and due < received:
            self._fault("due_before_it_begins", "due_at")

    # --- the place ---

    def _place(self, told: dict[str, Any]) -> Place | None:
        words, lon, lat = told.get("place", ""), told.get("lon"), told.get("lat")
        if (lon is None) != (lat is None):
            if not any(fault.code == "not_a_point" for fault in self.read_.faults):
                self._fault("half_a_point", "lat" if lat is None else "lon")
            return None
        if lon is not None and lat is not None and (round(lon, 6), round(lat, 6)) in self.mapping.no_place:
            lon = lat = None
        area = self._area(told)
        if area is None:
            return None
        place = place_at(words=words, lon=lon, lat=lat, area_code=area)
        if not place.area_code.startswith(area):
            self._fault("other_area", "lon", area=place.area_code)
            return None
        if not place.area_code or parts_of(place.area_code) is None:
            self._fault("no_place", "area_code" if "area_code" in self.header.fields else "place")
            return None
        return place

    def _area(self, told: dict[str, Any]) -> str | None:
        """The smallest area that is named without doubt; "" where nothing names one; None if wrongly."""
        names, area = self.reader.names, self.reader.district
        if code := told.get("area_code"):
            found = names.code(code)
            if found is None:
                self._fault("area_unknown", "area_code", quote=code)
            return found
        if name := told.get("district_name"):
            codes = names.find(Level.DISTRICT, name, "")
            if (area not in codes) if area else (len(codes) != 1):
                self._fault("area_unknown", "district_name", quote=name)
                return None
            area = area or codes[0]
        for field_name, level in (("town_name", Level.TOWN_UNIT), ("community_name", Level.COMMUNITY)):
            name = told.get(field_name)
            if not name:
                continue
            codes = names.find(level, name, area)
            if len(codes) == 1:
                area = codes[0]
            elif codes:
                self._fault(
                    "name_ambiguous", field_name, quote=name, count=len(codes), codes=", ".join(codes[:5]),
                    area=area,
                )  # fmt: skip
            else:
                self._fault("name_unknown", field_name, quote=name, area=area)
        return area

    # --- faults ---

    def _fault(self, code: str, name: str = "", *, quote: str = "", **params: Any) -> None:
        if quote:
            params["value"] = quoted(quote)
        self.read_.faults.append(Fault(code, self.header.title_of(name), quoted(quote), params))

    def _in_words(self, refusal: Refusal) -> Fault:
        name = _FIELD_OF.get(refusal.field or "", "")
        code = _IN_OUR_WORDS.get(refusal.code)
        if code is None:
            return Fault("refused", self.header.title_of(name), "", {"said": str(refusal.message)[:300]})
        return Fault(code, self.header.title_of(name))


def _record(told: dict[str, Any], place: Place) -> ForeignCase:
    contact = Contact(told.get("caller", ""), told.get("phone", ""), told.get("caller_address", ""))
    anonymous = told.get("anonymous") == "yes"
    return ForeignCase(
        external_no=told["external_no"],
        text=told["text"],
        place=place,
        title=told.get("title", ""),
        request_type=told.get("request_type", RequestType.HELP.value),
        priority=told.get("priority", Priority.NORMAL.value),
        contact=Contact() if anonymous else contact,
        anonymous=anonymous,
        confidential=told.get("confidential") == "yes",
        received_at=told.get("received_at"),
        due_at=told.get("due_at"),
        ended_at=told.get("ended_at"),
        status=told.get("status", ""),
        source=told.get("source", ""),
        unit=told.get("unit", ""),
        categories=_levels(told),
        opinion=told.get("opinion", ""),
        result=told.get("result", ""),
        reply_wanted=_flag(told, "reply_wanted"),
        extension_asked=_flag(told, "extension_asked"),
    )


def _levels(told: dict[str, Any]) -> tuple[str, ...]:
    """Five levels, as far down as they are filled in; a gap in between is kept as one."""
    levels = [told.get(f"category_{number}", "") for number in range(1, 6)]
    while levels and not levels[-1]:
        levels.pop()
    return tuple(levels)


def _flag(told: dict[str, Any], name: str) -> bool | None:
    return {"yes": True, "no": False}.get(told.get(name, ""))


class Names:
    """The areas of a district by what people call them, in full and without the ending."""

    def __init__(self, district: str) -> None:
        self.district = district
        self._by_name: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._by_stem: dict[tuple[str, str], list[str]] = defaultdict(list)
        for area in snapshot().tree.areas.values():
            if area.active and area.code.startswith(district):
                for name in {area.name, area.name_en} - {""}:
                    self._by_name[area.level, name.casefold()].append(area.code)
                    self._by_stem[area.level, _stem(area.level, name)].append(area.code)

    def find(self, level: Level, name: str, within: str) -> list[str]:
        """Codes of the areas of this level called so, by the whole name before the stem."""
        name = "".join(name.split()) if not name.isascii() else name.strip()
        for codes in (
            self._by_name.get((level, name.casefold())),
            self._by_stem.get((level, _stem(level, name))),
        ):
            fit = [code for code in codes or () if code.startswith(within)]
            if fit:
                return fit
        return []

    def code(self, written: str) -> str | None:
        """The code of an area in use within the district; None for anything else."""
        try:
            code = parse_code(written).code
        except UnableToReadCode:
            return None
        return code if code.startswith(self.district) and parts_of(code) is not None else None


def _stem(level: str, name: str) -> str:
    endings = {
        Level.DISTRICT: _DISTRICT_ENDINGS, Level.TOWN_UNIT: _TOWN_ENDINGS, Level.COMMUNITY: _COMMUNITY_ENDINGS
    }.get(Level(level), ())  # fmt: skip
    for ending in endings:
        if name.endswith(ending) and len(name) > len(ending) + 1:
            return name[: -len(ending)].casefold()
    return name.casefold()


def with_number(read: Read, fault: Fault, number: str) -> Fault:
    """A fault that names the case a number stands for."""
    return replace(fault, params={**fault.params, "number": number or "-"})
