"""How a deadline came about, step by step, in words a resident can follow.

A `Step` holds codes, ISO times and numbers only, so it can be kept, journalled or sent to another program;
the sentence is made when it is read, in the reader's language.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils.translation import get_language, gettext, ngettext, pgettext

from wangge.foundation.worktime.limits import Limit, Unit
from wangge.foundation.worktime.workcalendar import SHANGHAI, DayKind

Param = str | int | bool
Params = Mapping[str, Param]


@dataclass(frozen=True, slots=True)
class Step:
    """One explained step. `at` is the moment it speaks of, aware, in UTC; `params` is fit for JSON."""

    code: str
    at: datetime
    params: Params

    @property
    def text(self) -> str:
        """The step as a sentence in the language now active."""
        return SENTENCES[self.code](self.at.astimezone(SHANGHAI), self.params)


# --- days, moments, amounts ---


def describe_limit(limit: Limit) -> str:
    """`3wd` as "3 working days"."""
    amount = f"{limit.amount.normalize():f}"
    number = 1 if limit.amount == Decimal(1) else 2  # English says 0.5 hours
    match limit.unit:
        case Unit.MINUTE:
            said = ngettext("{amount} minute", "{amount} minutes", number)
        case Unit.CLOCK_HOUR:
            said = ngettext("{amount} hour", "{amount} hours", number)
        case Unit.WORKING_HOUR:
            said = ngettext("{amount} working hour", "{amount} working hours", number)
        case Unit.NATURAL_DAY:
            said = ngettext("{amount} natural day", "{amount} natural days", number)
        case Unit.WORKING_DAY:
            said = ngettext("{amount} working day", "{amount} working days", number)
    return said.format(amount=amount)


def describe_duration(duration: timedelta) -> str:
    """A length of time as "1 hour 30 minutes"."""
    minutes, seconds = divmod(int(duration.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = []
    if hours:
        parts.append(ngettext("{amount} hour", "{amount} hours", hours).format(amount=hours))
    if minutes or not (hours or seconds):
        parts.append(ngettext("{amount} minute", "{amount} minutes", minutes).format(amount=minutes))
    if seconds:
        parts.append(ngettext("{amount} second", "{amount} seconds", seconds).format(amount=seconds))
    said = parts[0]
    for part in parts[1:]:
        said = pgettext("duration", "{longer} {shorter}").format(longer=said, shorter=part)
    return said


def describe_day(day: date, *, unsaid_year: int | None = None) -> str:
    """ "Fri 6 March 2026"; the year is left out when it is `unsaid_year`."""
    if day.year == unsaid_year:
        said = pgettext("a day", "{weekday} {day} {month}")
    else:
        said = pgettext("a day", "{weekday} {day} {month} {year}")
    return said.format(weekday=_weekday(day), day=day.day, month=_month(day), year=day.year)


def describe_moment(moment: datetime, *, unsaid_year: int | None = None) -> str:
    local = moment.astimezone(SHANGHAI)
    clock = f"{local:%H:%M:%S}" if local.second or local.microsecond else f"{local:%H:%M}"
    day = describe_day(local.date(), unsaid_year=unsaid_year)
    return pgettext("a moment", "{day}, {clock}").format(day=day, clock=clock)


def _weekday(day: date) -> str:
    return (
        pgettext("weekday", "Mon"),
        pgettext("weekday", "Tue"),
        pgettext("weekday", "Wed"),
        pgettext("weekday", "Thu"),
        pgettext("weekday", "Fri"),
        pgettext("weekday", "Sat"),
        pgettext("weekday", "Sun"),
    )[day.weekday()]


def _month(day: date) -> str:
    return (
        pgettext("month", "January"),
        pgettext("month", "February"),
        pgettext("month", "March"),
        pgettext("month", "April"),
        pgettext("month", "May"),
        pgettext("month", "June"),
        pgettext("month", "July"),
        pgettext("month", "August"),
        pgettext("month", "September"),
        pgettext("month", "October"),
        pgettext("month", "November"),
        pgettext("month", "December"),
    )[day.month - 1]


# --- sentences ---


def _moment(value: Param, params: Params) -> str:
    return describe_moment(datetime.fromisoformat(str(value)), unsaid_year=_year(params))


def _year(params: Params) -> int | None:
    return int(params["year"]) if "year" in params else None


def _days(params: Params) -> str:
    """The day or run of days of a step, and whether they are weekend days worked in exchange."""
    first, last = date.fromisoformat(str(params["first"])), date.fromisoformat(str(params["last"]))
    said = describe_day(first, unsaid_year=_year(params))
    if last != first:
        said = pgettext("days", "{first} to {last}").format(
            first=said, last=describe_day(last, unsaid_year=first.year)
        )
    if params.get("kind") == DayKind.ADJUSTED_WORKDAY:
        said = gettext("{days} (worked in exchange for a day off)").format(days=said)
    return said


def _day_off(params: Params) -> str:
    """Why nobody works: the weekend, or the holiday by its name."""
    name = params["name"] if (get_language() or "").startswith("zh") else params["name_en"] or params["name"]
    if params["kind"] == DayKind.WEEKEND:
        return pgettext("day off", "weekend")
    return (
        pgettext("day off", "{name} holiday").format(name=name)
        if name
        else pgettext("day off", "public holiday")
    )


def _limit(params: Params) -> str:
    return describe_limit(Limit.parse(str(params["limit"])))


def _started(at: datetime, params: Params) -> str:
    if Limit.parse(str(params["limit"])).unit.in_days:
        said = gettext("{moment}: the clock starts, for {limit}; this day itself does not count.")
    else:
        said = gettext("{moment}: the clock starts, for {limit}.")
    return said.format(moment=describe_moment(at), limit=_limit(params))


def _opened(at: datetime, params: Params) -> str:
    said = gettext("That is outside office hours, so counting begins when the office opens: {moment}.")
    return said.format(moment=describe_moment(at, unsaid_year=_year(params)))


def _rested(_at: datetime, params: Params) -> str:
    return gettext("{days}: {day_off}, not counted.").format(days=_days(params), day_off=_day_off(params))


def _worked(_at: datetime, params: Params) -> str:
    said = gettext("{days}: {counted} of office time counted, {total} so far.")
    return said.format(
        days=_days(params),
        counted=describe_duration(timedelta(seconds=int(params["counted_seconds"]))),
        total=describe_duration(timedelta(seconds=int(params["total_seconds"]))),
    )


def _working_days(_at: datetime, params: Params) -> str:
    if params["from_number"] == params["to_number"]:
        said = gettext("{days}: working day {from_number}.")
    else:
        said = gettext("{days}: working days {from_number} to {to_number}.")
    return said.format(days=_days(params), from_number=params["from_number"], to_number=params["to_number"])


def _ran_on(_at: datetime, params: Params) -> str:
    said = gettext("Counted without a break, through nights, weekends and holidays: {limit}.")
    return said.format(limit=_limit(params))


def _natural_days(at: datetime, params: Params) -> str:
    said = gettext("{limit} from the day after: the last day is {day}.")
    return said.format(limit=_limit(params), day=describe_day(at.date(), unsaid_year=_year(params)))


def _moved(at: datetime, params: Params) -> str:
    said = gettext("{days}: {day_off}, so the last day moves to the next working day, {day}.")
    day = describe_day(at.date(), unsaid_year=_year(params))
    return said.format(days=_days(params), day_off=_day_off(params), day=day)


def _to_closing(at: datetime, params: Params) -> str:
    said = gettext("A limit in days lasts until close of business on its last day: {moment}.")
    return said.format(moment=describe_moment(at, unsaid_year=_year(params)))


def _paused(at: datetime, params: Params) -> str:
    if not params["added_seconds"]:
        said = gettext(
            "Paused from {from_moment} to {to_moment}; no office time fell into it, nothing is added."
        )
    elif params["working"]:
        said = gettext(
            "Paused from {from_moment} to {to_moment}: {added} of office time are added, up to {moment}."
        )
    else:
        said = gettext("Paused from {from_moment} to {to_moment}: {added} are added, up to {moment}.")
    return said.format(
        from_moment=_moment(params["from"], params),
        to_moment=_moment(params["to"], params),
        added=describe_duration(timedelta(seconds=int(params["added_seconds"]))),
        moment=describe_moment(at, unsaid_year=_year(params)),
    )


def _paused_open(at: datetime, params: Params) -> str:
    said = gettext("Paused since {moment}. The deadline will be worked out when the pause ends.")
    return said.format(moment=describe_moment(at, unsaid_year=_year(params)))


def _extended(at: datetime, params: Params) -> str:
    said = gettext("Extended by {limit}, counted on from {moment}.")
    return said.format(limit=_limit(params), moment=describe_moment(at, unsaid_year=_year(params)))


def _provisional(_at: datetime, params: Params) -> str:
    said = gettext("The days off of {years} are not announced yet; they are reckoned by weekends alone.")
    return said.format(years=params["years"])


def _due(at: datetime, params: Params) -> str:
    if params["closing"]:
        return gettext("Deadline: {moment}, close of business.").format(moment=describe_moment(at))
    return gettext("Deadline: {moment}.").format(moment=describe_moment(at))


SENTENCES: dict[str, Callable[[datetime, Params], str]] = {
    "started": _started,  # limit
    "opened": _opened,
    "rested": _rested,  # first, last, kind, name, name_en
    "worked": _worked,  # first, last, kind, counted_seconds, total_seconds
    "working_days": _working_days,  # first, last, kind, from_number, to_number
    "ran_on": _ran_on,  # limit
    "natural_days": _natural_days,  # limit
    "moved": _moved,  # first, last, kind, name, name_en
    "to_closing": _to_closing,
    "paused": _paused,  # from, to, added_seconds, working
    "paused_open": _paused_open,
    "extended": _extended,  # limit
    "provisional": _provisional,  # years
    "due": _due,  # closing
}
