"""Moments and spans in words: local time of the deployment, Chinese or English."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def day_text(day: date, today: date | None = None) -> str:
    """A day as "3月6日", with the year when it is not this one or this one is not known."""
    if today is not None and day.year == today.year:
        # Translators: a date without its year, in Django's format letters.
        return date_format(day, _("j M"))
    # Translators: a date with its year, in Django's format letters.
    return date_format(day, _("j M Y"))


def moment_text(moment: datetime, at: datetime | None = None) -> str:
    """A moment as "3月6日 09:30"; near `at`: "今天 09:30"."""
    local = timezone.localtime(moment)
    time = local.strftime("%H:%M")
    today = timezone.localtime(at).date() if at else None
    if today is not None:
        match (local.date() - today).days:
            case -1:
                return _("Yesterday %(time)s") % {"time": time}
            case 0:
                return _("Today %(time)s") % {"time": time}
            case 1:
                return _("Tomorrow %(time)s") % {"time": time}
    return f"{day_text(local.date(), today)} {time}"


def full_text(moment: datetime) -> str:
    """Nothing left to guess: "2026-03-06 09:30"."""
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M")


def span_text(span: timedelta) -> str:
    """How long, to the two largest units: "3 天 4 小时", "20 分钟"; the sign is for the caller to say."""
    seconds = abs(int(span.total_seconds()))
    days, rest = divmod(seconds, DAY)
    hours, rest = divmod(rest, HOUR)
    minutes = rest // MINUTE
    parts = []
    if days:
        parts.append(ngettext("%(count)d day", "%(count)d days", days) % {"count": days})
    if hours:
        parts.append(ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours})
    if minutes and not days:
        parts.append(ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes})
    return " ".join(parts) or _("less than a minute")


def ago_text(moment: datetime, at: datetime) -> str:
    """As "刚刚", "20 分钟前", "3 天前"; the date when it is more than a week ago or lies ahead."""
    seconds = int((at - moment).total_seconds())
    if seconds < -MINUTE or seconds >= 7 * DAY:
        return moment_text(moment, at)
    if seconds < MINUTE:
        return _("just now")
    if seconds < HOUR:
        unit = timedelta(minutes=seconds // MINUTE)
    elif seconds < DAY:
        unit = timedelta(hours=seconds // HOUR)
    else:
        unit = timedelta(days=seconds // DAY)
    return _("%(span)s ago") % {"span": span_text(unit)}
