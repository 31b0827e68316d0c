"""The kinds of values bodies and parameters are made of: each as strict as its description says."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any

from django.utils.translation import gettext_lazy as _
from ninja import Header, Path, Schema
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
)
from pydantic_core import PydanticCustomError

from wangge.cases.moves import LONGEST_TEXT

NUMBER = "^[0-9]{6}-[0-9]{8}-[0-9]{5,9}$"
CODE = "^[A-Za-z0-9_.-]{1,60}$"
AREA = "^[0-9]{4,17}$"
DIGEST = "^[0-9a-f]{64}$"
#: A header value of printable ASCII, as RFC 9110 has it.
KEY = "^[\\x21-\\x7e]{1,255}$"
LARGEST_ID = 2**63 - 1
LARGEST_VERSION = 2**31 - 1

#: Moments outside are mistakes, and some of them no calendar can count with.
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def _written(value: Any) -> Any:
    """Moments and days are texts; a bare number could mean anything."""
    if not isinstance(value, str):
        raise PydanticCustomError("string_type", "Input should be a text")
    return value


def _within(moment: datetime) -> datetime:
    if not EARLIEST <= moment < LATEST:
        raise PydanticCustomError("out_of_range", "Input should lie in this century")
    return moment.astimezone(UTC)


def _day_within(day: date) -> date:
    if not EARLIEST.date() <= day < LATEST.date():
        raise PydanticCustomError("out_of_range", "Input should lie in this century")
    return day


Moment = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_within)]
Day = Annotated[date, BeforeValidator(_written), AfterValidator(_day_within)]
Text = Annotated[StrictStr, Field(max_length=LONGEST_TEXT)]
Code = Annotated[StrictStr, Field(pattern=CODE)]
AreaCode = Annotated[StrictStr, Field(pattern=AREA)]
CaseNumber = Annotated[StrictStr, Field(pattern=NUMBER)]
Digest = Annotated[StrictStr, Field(pattern=DIGEST)]
Yes = StrictBool
Version = Annotated[StrictInt, Field(ge=1, le=LARGEST_VERSION)]
Degree = Annotated[float, Field(allow_inf_nan=False, strict=True)]

NumberInPath = Annotated[str, Path(pattern=NUMBER, description="Number of the case.")]
CodeInPath = Annotated[str, Path(pattern=CODE)]
AreaInPath = Annotated[str, Path(pattern=AREA)]
DigestInPath = Annotated[str, Path(pattern=DIGEST)]
IdInPath = Annotated[int, Path(ge=1, le=LARGEST_ID)]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=40,
        description="The ETag of the case as you saw it; instead of `seen_version`.",
    ),
]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=KEY,
        description="A key of your own for this call. Sent again within 72 hours, it is not done twice.",
    ),
]


class Body(Schema):
    """What a program sends. A member we do not know is a mistake of one of the two."""

    model_config = ConfigDict(extra="forbid")


#: What pydantic calls a fault, in words.
FAULTS = {
    "missing": _("This is missing."),
    "extra_forbidden": _("There is no such member here."),
    "string_type": _("This must be a text."),
    "string_too_long": _("This text is too long."),
    "string_too_short": _("This text is too short."),
    "string_pattern_mismatch": _("This is not written as it should be."),
    "int_type": _("This must be a whole number."),
    "int_parsing": _("This must be a whole number."),
    "int_from_float": _("This must be a whole number."),
    "bool_type": _("This must be true or false."),
    "bool_parsing": _("This must be true or false."),
    "float_type": _("This must be a number."),
    "float_parsing": _("This must be a number."),
    "finite_number": _("This must be a number."),
    "enum": _("This is none of the words that are possible here."),
    "literal_error": _("This is none of the words that are possible here."),
    "list_type": _("This must be a list."),
    "too_long": _("This list is too long."),
    "too_short": _("This list is too short."),
    "model_attributes_type": _("This must be an object."),
    "model_type": _("This must be an object."),
    "dict_type": _("This must be an object."),
    "timezone_aware": _("This moment needs a time zone."),
    "timezone_naive": _("This moment needs a time zone."),
    "datetime_parsing": _("This is no moment such as 2026-03-06T09:00:00+08:00."),
    "datetime_from_date_parsing": _("This is no moment such as 2026-03-06T09:00:00+08:00."),
    "date_parsing": _("This is no day such as 2026-03-06."),
    "date_from_datetime_parsing": _("This is no day such as 2026-03-06."),
    "date_from_datetime_inexact": _("This is no day such as 2026-03-06."),
    "out_of_range": _("This lies too far in the past or the future."),
    "greater_than_equal": _("This number is too small."),
    "greater_than": _("This number is too small."),
    "less_than_equal": _("This number is too large."),
    "less_than": _("This number is too large."),
    "unknown_event": _("There is no such event."),
}
OTHER_FAULT = _("This value cannot be taken.")
