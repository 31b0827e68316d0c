"""The tests stand where the product stands: on PostgreSQL, under the login of the app."""

import pytest
from django.contrib.sessions.models import Session
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone


def test_the_login_is_the_apps(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_database() LIKE 'wangge\\_test%'")
        assert cursor.fetchone() == ("wangge_app", True)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (a int)",
        "TRUNCATE django_session",
        "DROP TABLE django_session",
        "DELETE FROM django_migrations",
    ],
)
def test_the_app_may_not_change_tables_or_forget_migrations(db, statement):
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("turn", [1, 2])
@pytest.mark.django_db(transaction=True)
def test_what_a_test_commits_is_gone_in_the_next(turn):
    assert Session.objects.count() == 0
    Session.objects.create(session_key="kept", session_data="", expire_date=timezone.now())
