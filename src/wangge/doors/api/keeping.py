"""Calls that may be sent twice and are done once: an Idempotency-Key, and what its first call was answered.

The key's row is written in the transaction of the act. Whoever sends the same call at the same moment waits
there for the first and gets its answer; a call that was refused or died leaves no row, and may be sent again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from wangge.doors.api.bearer import ApiRequest
from wangge.doors.api.models import KeptAnswer
from wangge.foundation.refusals import Refusal

#: How long a call may be repeated.
KEPT = timedelta(hours=72)


class KeyReused(Refusal):
    """The key came with another call before (HTTP 409)."""

    def __init__(self) -> None:
        super().__init__(
            "key_used", _("This Idempotency-Key was already used for another call. Take a new one.")
        )


def once(request: ApiRequest, key: str | None, act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What `act` answers, or answered the first time; ids and codes only. Refusals pass through."""
    if key is None:
        return act()
    with transaction.atomic():
        if not _reserve(request, key):
            return _kept(request, key).answer or {}
        answer = act()
        KeptAnswer.objects.filter(token=request.auth.token, key=_digest(key)).update(answer=answer)
    return answer


@contextmanager
def one_content(request: ApiRequest, key: str | None) -> Iterator[str | None]:
    """For an act that knows its own key: the key as that act takes it, KeyReused for another body.

    The row stands outside the act's transaction, so no lock of the act is held any longer for it.
    """
    if key is None:
        yield None
        return
    mine = _reserve(request, key)
    if not mine:
        _kept(request, key)
    try:
        yield f"api-{request.auth.token.pk}-{_digest(key)[:40]}"
    except BaseException:
        if mine:
            KeptAnswer.objects.filter(token=request.auth.token, key=_digest(key)).delete()
        raise


def sweep(*, at: datetime) -> int:
    """Forget answers nobody asks for again."""
    return KeptAnswer.objects.filter(at__lt=at - KEPT).delete()[0]


def _reserve(request: ApiRequest, key: str) -> bool:
    """Is this the first call with the key? Waits for one that is under way."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO api_keptanswer (token_id, key, digest, at) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (token_id, key) DO NOTHING RETURNING id",
            (request.auth.token.pk, _digest(key), _call_of(request), request.at),
        )
        return cursor.fetchone() is not None


def _kept(request: ApiRequest, key: str) -> KeptAnswer:
    kept = KeptAnswer.objects.filter(token=request.auth.token, key=_digest(key)).first()
    if kept is None or kept.digest != _call_of(request):
        raise KeyReused
    return kept


def _call_of(request: ApiRequest) -> str:
    told = f"{request.method} {request.path} {request.headers.get('If-Match', '')}\n".encode()
    return hashlib.sha256(told + request.body).hexdigest()


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
