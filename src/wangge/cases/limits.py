"""The case rules' configuration, read from its tables and kept for a few seconds."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from wangge.cases.models import CaseRule, StageLimit
from wangge.foundation.worktime.limits import Limit

STAGES = ("dispatch", "sign", "contact", "feedback")
_KEPT_SECONDS = 10.0


@dataclass(frozen=True)
class CaseConfiguration:
    """Limits by (priority, stage) and the numbers of the case rules."""

    limits: dict[tuple[str, str], Limit]
    objection_limit: Limit
    max_reassignments: int
    max_redos: int
    reopen_days: int
    archive_days: int
    callback_attempts: int
    pause_for_requester: Limit
    extension_total_days: int
    shelving_review_days: int
    shelving_max_days: int
    lookup_days: int
    identity_years: int
    feedback_pass_hours: int
    export_most: int
    export_wait_days: int
    export_hours: int
    public_safety: frozenset[str]

    def limit(self, priority: str, stage: str) -> Limit:
        return self.limits[priority, stage]


class _Kept:
    """One configuration per process, read again after `_KEPT_SECONDS`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._value: CaseConfiguration | None = None
        self._read_at = 0.0

    def get(self) -> CaseConfiguration:
        with self._lock:
            if self._value is None or time.monotonic() - self._read_at > _KEPT_SECONDS:
                self._value, self._read_at = _read(), time.monotonic()
            return self._value

    def forget(self) -> None:
        with self._lock:
            self._value = None


_kept = _Kept()


def configuration() -> CaseConfiguration:
    return _kept.get()


def forget_configuration() -> None:
    """For those who have just changed it and want to see it at once."""
    _kept.forget()


def _read() -> CaseConfiguration:
    rules = dict(CaseRule.objects.values_list("key", "value"))
    return CaseConfiguration(
        limits={
            (priority, stage): Limit.parse(limit)
            for priority, stage, limit in StageLimit.objects.values_list("priority", "stage", "limit")
        },
        objection_limit=Limit.parse(rules["objection_limit"]),
        max_reassignments=int(rules["max_reassignments"]),
        max_redos=int(rules["max_redos"]),
        reopen_days=int(rules["reopen_days"]),
        archive_days=int(rules["archive_days"]),
        callback_attempts=int(rules["callback_attempts"]),
        pause_for_requester=Limit.parse(rules["pause_for_requester"]),
        extension_total_days=int(rules["extension_total_days"]),
        shelving_review_days=int(rules["shelving_review_days"]),
        shelving_max_days=int(rules["shelving_max_days"]),
        lookup_days=int(rules["lookup_days"]),
        identity_years=int(rules["identity_years"]),
        feedback_pass_hours=int(rules["feedback_pass_hours"]),
        export_most=int(rules["export_most"]),
        export_wait_days=int(rules["export_wait_days"]),
        export_hours=int(rules["export_hours"]),
        public_safety=frozenset(rules["public_safety"].split()),
    )
