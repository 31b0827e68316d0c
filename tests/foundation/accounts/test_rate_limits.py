"""A caller may knock so often in a window, all processes counting together, and no address is kept."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from wangge.foundation.accounts.models import SpendingWindow
from wangge.foundation.accounts.rate_limits import spend, sweep

AT = datetime(2026, 3, 6, 1, 0, tzinfo=UTC)  # a whole multiple of ten minutes


def knock(key="192.0.2.7", bucket="intake", at=AT, limit=3):
    return spend(bucket, key, limit=limit, window_s=600, at=at)


@pytest.mark.django_db
def test_the_limit_is_the_last_that_passes():
    assert [knock() for _ in range(5)] == [True, True, True, False, False]


@pytest.mark.django_db
def test_callers_and_buckets_are_counted_apart():
    assert [knock() for _ in range(4)][-1] is False
    assert knock(key="192.0.2.8")
    assert knock(bucket="login")


@pytest.mark.django_db
def test_the_next_window_starts_from_nothing():
    for _ in range(4):
        knock(at=AT + timedelta(seconds=599))
    assert not knock(at=AT)
    assert knock(at=AT + timedelta(seconds=600))


@pytest.mark.django_db
def test_one_knock_is_one_statement():
    with CaptureQueriesContext(
        connection,
    ) as queries:
        knock()
    assert len(queries) == 1


@pytest.mark.django_db
def test_the_address_is_not_in_the_table():
    knock(key="192.0.2.7")
    digest = bytes(SpendingWindow.objects.get().key_digest)
    assert len(digest) == 32
    assert b"192.0.2.7" not in digest


@pytest.mark.django_db
def test_sweeping_takes_what_is_over_and_leaves_what_counts():
    knock(at=AT)
    knock(at=AT + timedelta(seconds=600))
    assert sweep(at=AT + timedelta(seconds=600)) == 1
    assert SpendingWindow.objects.get().window_start == AT + timedelta(seconds=600)


@pytest.mark.django_db(transaction=True)
def test_a_crowd_at_once_gets_exactly_the_limit():
    def many(_):
        try:
            return sum(knock(limit=20) for _ in range(10))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(many, range(4))) == 20


@pytest.mark.django_db
def test_the_table_stays_out_of_the_write_ahead_log():
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'accounts_spendingwindow'")
        assert cursor.fetchone() == ("u",)
