"""Fixed-window rate limits, counted in the database so that all processes share one count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import connection
from django.utils.crypto import salted_hmac

_SPEND = """
    INSERT INTO accounts_spendingwindow (bucket, key_digest, window_start, spent, expires_at)
    VALUES (%s, %s, %s, 1, %s)
    ON CONFLICT (bucket, key_digest, window_start)
    DO UPDATE SET spent = accounts_spendingwindow.spent + 1
    RETURNING spent
"""


def spend(bucket: str, key: str, *, limit: int, window_s: int, at: datetime) -> bool:
    """Count one knock of `key` at `bucket`; False when it is past `limit` in the window around `at`.

    One statement. Windows start at whole multiples of `window_s` seconds since 1970. `key` is whatever
    tells callers apart (an address, an account); only its HMAC is stored. Call it outside the act's
    transaction: a refused act would take its own counting back.
    """
    start = datetime.fromtimestamp(at.timestamp() // window_s * window_s, UTC)
    digest = salted_hmac(f"wangge.rate_limits.{bucket}", key, algorithm="sha256").digest()
    with connection.cursor() as cursor:
        cursor.execute(_SPEND, (bucket, digest, start, start + timedelta(seconds=window_s)))
        (spent,) = cursor.fetchone()
    return bool(spent <= limit)


def sweep(*, at: datetime, batch: int = 5000) -> int:
    """Remove up to `batch` windows that are over; returns how many went."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM accounts_spendingwindow WHERE ctid = ANY (ARRAY(SELECT ctid"
            " FROM accounts_spendingwindow WHERE expires_at <= %s LIMIT %s FOR UPDATE SKIP LOCKED))",
            (at, batch),
        )
        return int(cursor.rowcount)
