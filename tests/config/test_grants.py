"""What the app's login may do to each table, asked of the database itself."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.conf import settings
from django.db import ProgrammingError, connection, transaction

from database import as_owner
from wangge.config.commands.doctor import examine
from wangge.config.grants import append_only_tables, grant_to_app

RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")


def rights_on(table):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r FROM unnest(%s::text[]) r WHERE has_table_privilege(current_user, %s, r)",
            [list(RIGHTS), f'"{table}"'],
        )
        return {right for (right,) in cursor.fetchall()}


def test_what_is_appended_cannot_be_changed_or_removed(db):
    assert "journal_line" in append_only_tables()
    for table in append_only_tables():
        assert rights_on(table) == {"SELECT", "INSERT"}, table


def test_a_line_of_the_journal_cannot_be_rewritten(db):
    for statement in (
        "UPDATE journal_line SET act = 'x'",
        "DELETE FROM journal_line",
        "TRUNCATE journal_line",
    ):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_every_other_table_is_for_daily_work_and_no_more(db):
    tables = {
        model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed
    }
    for table in tables - append_only_tables():
        assert rights_on(table) == {"SELECT", "INSERT", "UPDATE", "DELETE"}, table
    assert rights_on("django_migrations") == {"SELECT"}


def test_jobs_can_be_left_and_taken_under_the_apps_login(db):
    """procrastinate brings tables, types and functions of its own."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege(current_user, 'procrastinate_jobs', 'INSERT')")
        assert cursor.fetchone() == (True,)
        cursor.execute(
            "SELECT count(*) FROM pg_proc WHERE proname LIKE 'procrastinate%'"
            " AND NOT has_function_privilege(current_user, oid, 'EXECUTE')"
        )
        assert cursor.fetchone() == (0,)


def complaints():
    return [finding.bad for finding in examine() if not finding.well]


def test_the_doctor_finds_the_database_of_the_tests_well(db):
    findings = {finding.good: finding.well for finding in examine()}
    for good in (
        "Text is stored as UTF8.",
        "Chinese characters count as letters.",
        "All migrations are applied.",
        "The running login wangge_app is an ordinary one.",
        "The running login owns no table.",
        "The running login can add to the journal and change nothing in it.",
    ):
        assert findings[good], good


@pytest.mark.django_db(transaction=True)
def test_the_doctor_notices_a_right_too_many():
    with as_owner(settings.TEST_DATABASE) as owner:
        owner.execute("GRANT DELETE ON journal_line TO wangge_app")
        try:
            assert "The running login may DELETE journal_line." in complaints()
        finally:
            owner.execute("REVOKE DELETE ON journal_line FROM wangge_app")


@pytest.mark.django_db(transaction=True)
def test_the_doctor_notices_pages_that_run_under_the_owner(monkeypatch):
    """Somebody wrote the owner's address into DATABASE_URL, because it works."""
    connection.close()
    for part in ("USER", "PASSWORD"):
        monkeypatch.setitem(connection.settings_dict, part, settings.DATABASES["owner"][part])
    try:
        said = complaints()
    finally:
        monkeypatch.undo()
        connection.close()
    assert any(text.startswith("The running login owns ") for text in said)
    assert any("TRUNCATE journal_line" in text for text in said)


@pytest.mark.django_db(transaction=True)
def test_granting_to_the_owner_itself_is_refused():
    with pytest.raises(RuntimeError, match="use the same login"):
        grant_to_app(owner="default", app="default")
