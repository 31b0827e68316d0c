"""What can be wrong with a row, in two sentences each: what it is, and how to mend it.

A fault is kept as a code with its parameters and put into words when somebody reads it, in their language.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Words = str | Promise


@dataclass(frozen=True)
class Problem:
    """`refuses`: the row is not taken in. Otherwise it is in, and this was left out of it."""

    what: Words
    mend: Words
    refuses: bool = True


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong in one row. `value` is what was written, unless it says who somebody is."""

    code: str
    column: str = ""
    value: str = ""
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def refuses(self) -> bool:
        return PROBLEMS[self.code].refuses


def what(code: str, params: dict[str, Any]) -> str:
    return _filled(PROBLEMS[code].what, params)


def mend(code: str, params: dict[str, Any]) -> str:
    return _filled(PROBLEMS[code].mend, params)


def _filled(words: Words, params: dict[str, Any]) -> str:
    try:
        return str(words) % params
    except (KeyError, TypeError, ValueError):
        return _("The row cannot be read.")


PROBLEMS: dict[str, Problem] = {
    # How the row is written.
    "encoding": Problem(
        gettext_lazy("This row is not written in %(encoding)s like the rest of the file."),
        gettext_lazy("Save the whole file anew in one encoding, best as “CSV UTF-8”."),
    ),
    "nul": Problem(
        gettext_lazy("There is a character in this row that no text has (NUL); the file is damaged here."),
        gettext_lazy("Export the row anew."),
    ),
    "quotes": Problem(
        gettext_lazy("The quotation marks of this row do not fit together."),
        gettext_lazy("Put the whole cell in quotation marks and double those within, or export anew."),
    ),
    "row_too_long": Problem(
        gettext_lazy("This row has more than %(most)s characters."),
        gettext_lazy("Look whether a line break is missing, and shorten the row."),
    ),
    "too_many_cells": Problem(
        gettext_lazy("This row has %(count)s cells, the header only %(titles)s."),
        gettext_lazy("Put cells that hold a comma in quotation marks, and remove what has no title."),
    ),
    # What stands in a cell.
    "missing": Problem(
        gettext_lazy("Nothing is written here."),
        gettext_lazy("Fill the cell in: without it there is no case."),
    ),
    "too_long": Problem(
        gettext_lazy("This has %(length)s characters."),
        gettext_lazy("Shorten it to %(most)s."),
    ),
    "not_a_time": Problem(
        gettext_lazy("“%(value)s” is no date and time."),
        gettext_lazy("Write it as 2026-03-06 09:30, or add its form to “times” of the mapping."),
    ),
    "no_such_hour": Problem(
        gettext_lazy("There was no such hour in %(zone)s: the clocks were put forward."),
        gettext_lazy("Correct the hour, or name the time zone the file is written in."),
    ),
    "hour_twice": Problem(
        gettext_lazy("This hour came twice in %(zone)s; it was taken for the first."),
        gettext_lazy("If it was the second, tell it to whoever reads the case."),
        refuses=False,
    ),
    "in_the_future": Problem(
        gettext_lazy("This lies in the future."),
        gettext_lazy("Correct the date, or name the time zone the file is written in."),
    ),
    "long_ago": Problem(
        gettext_lazy("This lies before 1990."),
        gettext_lazy("Correct the date."),
    ),
    "ends_before_it_begins": Problem(
        gettext_lazy("The record ended before it was received."),
        gettext_lazy("Correct one of the two times."),
    ),
    "due_before_it_begins": Problem(
        gettext_lazy("The deadline lies before the request was received; it was kept as it is."),
        gettext_lazy("Ask the other system which of the two is right."),
        refuses=False,
    ),
    "unknown_word": Problem(
        gettext_lazy("“%(value)s” is not among the words of the mapping."),
        gettext_lazy("Write one of: %(words)s; or add the word to the mapping."),
    ),
    "number_lost": Problem(
        gettext_lazy("The number was kept as a figure of more than 15 digits; its last digits are lost."),
        gettext_lazy("Format the column as text, fill the numbers in again, and save."),
    ),
    "number_form": Problem(
        gettext_lazy("This cannot be a number of the other system."),
        gettext_lazy("Write the number as the other system shows it, in at most 80 characters."),
    ),
    "phone_form": Problem(
        gettext_lazy("This is no phone number."),
        gettext_lazy("Write a mobile number or a fixed line with its area code; nothing if it is unknown."),
    ),
    # Where it is.
    "half_a_point": Problem(
        gettext_lazy("A point needs both longitude and latitude."),
        gettext_lazy("Fill in the other one, or remove both."),
    ),
    "not_a_point": Problem(
        gettext_lazy("“%(value)s” is no coordinate."),
        gettext_lazy("Write decimal degrees: longitude from -180 to 180, latitude from -90 to 90."),
    ),
    "area_unknown": Problem(
        gettext_lazy("“%(value)s” is no area in use of what this file is imported for."),
        gettext_lazy("Correct the code or name, or register the area first."),
    ),
    "name_unknown": Problem(
        gettext_lazy("No area here is called “%(value)s”; the case lies in %(area)s as a whole."),
        gettext_lazy("Choose the place when you classify case by case, or correct the name."),
        refuses=False,
    ),
    "name_ambiguous": Problem(
        gettext_lazy("%(count)s areas are called “%(value)s” (%(codes)s); the case lies in %(area)s."),
        gettext_lazy("Name the town too, or write the area's code."),
        refuses=False,
    ),
    "other_area": Problem(
        gettext_lazy("The point lies in %(area)s, the words name another area."),
        gettext_lazy("Correct one of the two."),
    ),
    "no_place": Problem(
        gettext_lazy("Nothing says in which area this is."),
        gettext_lazy("Fill in an area or a point, or import the file for a district."),
    ),
    "outside": Problem(
        gettext_lazy("The place lies outside the area of your post."),
        gettext_lazy("Let the command centre of that area import the row."),
    ),
    # What is known already.
    "different": Problem(
        gettext_lazy("This number came in before with another request; nothing was overwritten."),
        gettext_lazy("Compare with case %(number)s. If it is a new request, it needs a number of its own."),
    ),
    "moved_on": Problem(
        gettext_lazy("This request is in already; its deadline, end or status there has changed since."),
        gettext_lazy("Look whether case %(number)s is to be told of it. Nothing was changed."),
        refuses=False,
    ),
    "refused": Problem(
        gettext_lazy("%(said)s"),
        gettext_lazy("Mend the row and import the file again."),
    ),
}  # fmt: skip
