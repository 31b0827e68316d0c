"""Calendars in the database: versions are added, never changed, and old deadlines stay what they were."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from foundation.worktime.almanac import CALENDAR, at, local
from wangge.foundation.worktime import calendars
from wangge.foundation.worktime.actions import UnableToImportDays, import_days, set_office_hours
from wangge.foundation.worktime.counting import deadline
from wangge.foundation.worktime.day_lists import read_days
from wangge.foundation.worktime.defaults import load_defaults
from wangge.foundation.worktime.limits import Limit
from wangge.foundation.worktime.models import CalendarDay, CalendarVersion
from wangge.foundation.worktime.workcalendar import OfficeHours

NOW = at("2026-11-20 09:00")
NOTICE_2027 = read_days(
    ["date,kind,name,name_en"]
    + [f"2027-10-0{day},holiday,国庆节,National Day" for day in range(1, 8)]
    + ["2027-01-01,holiday,元旦,New Year's Day", "2027-10-09,adjusted_workday,国庆节,National Day"]
)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    # What a rolled-back test published must not be remembered by the next one.
    calendars.forget_calendars()
    yield
    calendars.forget_calendars()


@pytest.mark.django_db
def test_a_new_installation_has_the_calendar_that_comes_with_the_product() -> None:
    calendar = calendars.current_calendar()
    assert calendar.days == CALENDAR.days
    assert calendar.announced_years == CALENDAR.announced_years
    assert calendar.office_hours == CALENDAR.office_hours
    due_at = deadline(at("2026-09-30 16:00"), Limit.parse("3wd"), calendar).known_due_at
    assert local(due_at) == "Sat 2026-10-10 17:30"


@pytest.mark.django_db
def test_loading_the_defaults_again_changes_nothing() -> None:
    before = CalendarVersion.objects.count(), CalendarDay.objects.count()
    load_defaults()
    assert (CalendarVersion.objects.count(), CalendarDay.objects.count()) == before


@pytest.mark.django_db
def test_the_next_notice_makes_a_new_version_and_old_deadlines_keep_theirs() -> None:
    old = calendars.current_calendar()
    start, limit = at("2026-12-31 16:00"), Limit.parse("1wd")
    promised = deadline(start, limit, old)
    assert promised.provisional

    version = import_days(days=NOTICE_2027, source="国办发明电〔2026〕9号", at=NOW)
    calendars.forget_calendars()
    new = calendars.current_calendar()

    assert new.version == version.number > old.version
    counted_anew = deadline(start, limit, new)
    assert local(counted_anew.known_due_at) == "Mon 2027-01-04 17:30"
    assert not counted_anew.provisional
    pinned = deadline(start, limit, calendars.calendar_version(old.version))
    assert pinned == promised
    assert local(pinned.known_due_at) == "Fri 2027-01-01 17:30"


@pytest.mark.django_db
def test_a_notice_that_is_known_already_makes_no_new_version() -> None:
    first = import_days(days=NOTICE_2027, source="a notice", at=NOW)
    again = import_days(days=NOTICE_2027, source="the same notice", at=NOW)
    assert again.number == first.number


@pytest.mark.django_db
def test_imported_days_and_hours_outlive_the_next_migrate() -> None:
    import_days(days=NOTICE_2027, source="a notice", at=NOW)
    hours = OfficeHours.parse(["09:00-12:00", "14:00-18:00"])
    version = set_office_hours(hours=hours, source="the office of the district", at=NOW)
    load_defaults()
    calendars.forget_calendars()
    present = calendars.current_calendar()
    assert present.version == version.number
    assert present.office_hours == hours
    assert not present.is_workday(date(2027, 10, 1))


@pytest.mark.django_db
def test_years_the_package_has_learnt_are_added_by_the_next_migrate() -> None:
    present = calendars.latest_version("CN")
    older = CalendarVersion.objects.create(
        region="CN",
        created_at=NOW,
        source="an older package",
        office_hours=["09:00-17:00"],
        announced_years=[year for year in present.announced_years if year < 2026],
    )
    assert calendars.calendar_version(older.number).provisional(date(2026, 10, 1))
    load_defaults()
    calendars.forget_calendars()
    learnt = calendars.current_calendar()
    assert learnt.version > older.number
    assert not learnt.is_workday(date(2026, 10, 1))
    assert learnt.office_hours.written() == ["09:00-17:00"]


@pytest.mark.django_db
def test_a_calendar_is_read_once_and_then_remembered(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(2):
        calendar = calendars.current_calendar()
    with django_assert_num_queries(0):
        assert calendars.current_calendar() is calendar
        assert calendars.calendar_version(calendar.version) is calendar


@pytest.mark.django_db(transaction=True)
def test_a_version_is_seen_as_soon_as_it_is_committed() -> None:
    old = calendars.current_calendar()
    with transaction.atomic():
        version = import_days(days=NOTICE_2027, source="a notice", at=NOW)
        assert calendars.current_calendar() is old
    assert calendars.current_calendar().version == version.number


@pytest.mark.django_db(transaction=True)
def test_two_who_publish_at_once_lose_neither_change() -> None:
    def change_hours() -> None:
        set_office_hours(hours=OfficeHours.parse(["09:00-17:00"]), source="new hours", at=NOW)
        connection.close()

    with transaction.atomic():
        import_days(days=NOTICE_2027, source="a notice", at=NOW)
        other = threading.Thread(target=change_hours)
        other.start()
        other.join(timeout=0.3)
        assert other.is_alive(), "the second waits for the first"
    other.join(timeout=20)
    present = calendars.current_calendar()
    assert present.office_hours.written() == ["09:00-17:00"]
    assert not present.is_workday(date(2027, 10, 1))


# --- refusals ---


@pytest.mark.django_db
def test_a_notice_without_national_day_is_refused_as_incomplete() -> None:
    part = {day: named for day, named in NOTICE_2027.items() if day != date(2027, 10, 1)}
    with pytest.raises(UnableToImportDays) as refusal:
        import_days(days=part, source="half a notice", at=NOW)
    assert refusal.value.code == "notice_incomplete"
    assert "2027" in str(refusal.value)
    assert calendars.current_calendar().announced_years == CALENDAR.announced_years


@pytest.mark.django_db
def test_an_empty_list_and_a_nameless_notice_are_refused() -> None:
    with pytest.raises(UnableToImportDays) as empty:
        import_days(days={}, source="a notice", at=NOW)
    with pytest.raises(UnableToImportDays) as nameless:
        import_days(days=NOTICE_2027, source="  ", at=NOW)
    assert [empty.value.code, nameless.value.code] == ["notice_empty", "source_missing"]


@pytest.mark.django_db
def test_an_unknown_region_or_version_is_refused() -> None:
    with pytest.raises(calendars.UnableToFindCalendar) as region:
        calendars.current_calendar("XX")
    with pytest.raises(calendars.UnableToFindCalendar) as version:
        calendars.calendar_version(10_000_000)
    assert [region.value.code, version.value.code] == ["calendar_missing", "calendar_version_unknown"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement", ["UPDATE worktime_calendarday SET name = ''", "DELETE FROM worktime_calendarversion"]
)
def test_no_version_can_be_changed_or_removed(statement: str) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.django_db
def test_a_day_of_a_contradictory_kind_does_not_get_into_the_table() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        CalendarDay.objects.create(
            version=calendars.latest_version("CN"), date=date(2027, 1, 1), is_workday=True, kind="holiday"
        )
