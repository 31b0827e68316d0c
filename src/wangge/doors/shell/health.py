"""For whoever watches over the machines: is the process alive, and may it be sent people?"""

from __future__ import annotations

from typing import Any, cast

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from wangge.doors.shell.standing import StandingRequest
from wangge.foundation.journal.queries import backlog

#: Older than this, the oldest unanswered journal line means that no worker is at work.
WORKER_BEHIND_SECONDS = 300

_migrated = False


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers. Asks nothing of the database."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """The database answers and its tables are those of this version: 200, else 503.

    A worker that is behind is told but does not take the pages away.
    """
    at = cast(StandingRequest, request).at
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not migrations_applied():
            return JsonResponse({"status": "not ready", "migrations": "behind"}, status=503)
        told = backlog()
    except DatabaseError:
        return JsonResponse({"status": "not ready", "database": "down"}, status=503)
    age = told.age_seconds(at)
    worker: dict[str, Any] = {
        "status": "behind" if age > WORKER_BEHIND_SECONDS else "ok",
        "waiting": told.waiting,
        "stuck": told.stuck,
        "oldest_seconds": round(age),
    }
    return JsonResponse({"status": "ready", "database": "ok", "migrations": "ok", "worker": worker})


def migrations_applied() -> bool:
    """Whether every migration has run. Once true it stays true for this process."""
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrated
