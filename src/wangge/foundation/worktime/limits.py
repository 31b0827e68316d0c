"""Limits: how long something may take, in the five units in which the rules speak.

min  minutes, around the clock               30min
ch   clock hours, around the clock           24ch   (an emergency hour, 紧急工作时, is one of these)
wh   working hours, office hours only        4wh
nd   natural days                            7nd
wd   working days                            3wd
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from wangge.foundation.refusals import Refusal


class Unit(StrEnum):
    MINUTE = "min"
    CLOCK_HOUR = "ch"
    WORKING_HOUR = "wh"
    NATURAL_DAY = "nd"
    WORKING_DAY = "wd"

    @property
    def in_days(self) -> bool:
        """Counted in whole days that end at close of business."""
        return self in (Unit.NATURAL_DAY, Unit.WORKING_DAY)

    @property
    def in_working_time(self) -> bool:
        """Counted in office hours alone; the other units run at night and on days off as well."""
        return self in (Unit.WORKING_HOUR, Unit.WORKING_DAY)


# About ten years each. Longer than that is a slip of the pen, and every count walks day by day.
LONGEST = {
    Unit.MINUTE: 5_000_000,
    Unit.CLOCK_HOUR: 87_600,
    Unit.WORKING_HOUR: 17_500,
    Unit.NATURAL_DAY: 3_650,
    Unit.WORKING_DAY: 2_500,
}
_SECONDS = {Unit.MINUTE: 60, Unit.CLOCK_HOUR: 3600, Unit.WORKING_HOUR: 3600}
_WRITTEN = re.compile(
    r"(?P<amount>[+-]?[0-9]{1,12}(?:\.[0-9]{1,6})?)\s*(?P<unit>min|ch|wh|nd|wd)", re.IGNORECASE
)


class UnableToReadLimit(Refusal):
    """A limit is not written as one; the message says what to write instead."""


@dataclass(frozen=True, slots=True)
class Limit:
    """An amount in a unit: `Limit(Decimal(4), Unit.WORKING_HOUR)`, written `4wh`.

    Minutes and hours may carry decimals as long as they come to whole seconds; days are whole.
    Raises `UnableToReadLimit` for anything that could not be counted.
    """

    amount: Decimal
    unit: Unit

    def __post_init__(self) -> None:
        written = f"{self.amount:f}{self.unit}"
        if self.amount <= 0:
            raise UnableToReadLimit(
                "limit_not_positive",
                format_lazy(
                    _("“{written}” gives no time at all. Write an amount above nought, such as 1{unit}."),
                    written=written,
                    unit=self.unit.value,
                ),
            )
        if self.amount > LONGEST[self.unit]:
            raise UnableToReadLimit(
                "limit_too_long",
                format_lazy(
                    _("“{written}” is longer than ten years. Write at most {longest}{unit}."),
                    written=written,
                    longest=LONGEST[self.unit],
                    unit=self.unit.value,
                ),
            )
        if self.unit.in_days and self.amount % 1:
            raise UnableToReadLimit(
                "limit_not_whole_days",
                format_lazy(
                    _(
                        "“{written}”: days are counted whole. "
                        "Write {rounded}{unit}, or hours such as 4wh or 12ch."
                    ),
                    written=written,
                    rounded=int(self.amount) + 1,
                    unit=self.unit.value,
                ),
            )
        if not self.unit.in_days and self.amount * _SECONDS[self.unit] % 1:
            raise UnableToReadLimit(
                "limit_not_whole_seconds",
                format_lazy(
                    _(
                        "“{written}” does not come to whole seconds. "
                        "Write fewer decimals, such as {rounded}{unit}."
                    ),
                    written=written,
                    rounded=max(self.amount.quantize(Decimal("0.1")), Decimal("0.1")),
                    unit=self.unit.value,
                ),
            )

    @classmethod
    def parse(cls, text: str) -> Limit:
        """Read `4wh`, `0.5 ch`, `3WD`; full-width digits and letters are read as well."""
        found = _WRITTEN.fullmatch(unicodedata.normalize("NFKC", text).strip())
        if not found:
            raise UnableToReadLimit(
                "limit_unreadable",
                format_lazy(
                    _(
                        "“{text}” is not a limit. Write a number and one of the units min (minutes), "
                        "ch (clock hours), wh (working hours), nd (natural days), wd (working days), "
                        "for instance 30min, 24ch, 4wh, 7nd or 3wd."
                    ),
                    text=text,
                ),
            )
        return cls(Decimal(found["amount"]), Unit(found["unit"].lower()))

    def __str__(self) -> str:
        return f"{self.amount.normalize():f}{self.unit}"

    @property
    def duration(self) -> timedelta:
        """The length of a limit in minutes or hours, exactly."""
        if self.unit.in_days:
            raise ValueError(f"{self} is counted in days, not in a length of time")
        return timedelta(seconds=int(self.amount * _SECONDS[self.unit]))

    @property
    def days(self) -> int:
        """The number of days of a limit in days."""
        if not self.unit.in_days:
            raise ValueError(f"{self} is a length of time, not a number of days")
        return int(self.amount)
