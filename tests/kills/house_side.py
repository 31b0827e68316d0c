"""What is done inside the house that gets killed, in a process with its settings: `found`, then `read`.

Run as a program by `killing.py`; the tests' own process stays on the tests' own database.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import timedelta

import django

django.setup()

from django.db.models import Count  # noqa: E402

from cases.soundness import assert_sound  # noqa: E402
from kills.record import CaseKept, Kept  # noqa: E402
from town import FOUNDER, build_town  # noqa: E402
from wangge.cases.models import Attachment, Case  # noqa: E402
from wangge.foundation.files.disk import open_photo  # noqa: E402
from wangge.foundation.journal.models import Wakeup  # noqa: E402
from wangge.foundation.journal.queries import lines_of  # noqa: E402
from wangge.foundation.journal.verifying import verify_journal  # noqa: E402
from wangge.foundation.notices.models import DeliveryRecord, Notice  # noqa: E402
from wangge.foundation.privacy.keys import create_keys  # noqa: E402
from wangge.foundation.worktime import clock  # noqa: E402
from wangge.organisations.actions import put_on_duty  # noqa: E402
from wangge.organisations.models import Appointment  # noqa: E402

#: Lines that the requester is told about, once each.
TOLD = {"case.registered", "case.dispatched"}


def found() -> None:
    """The town, with somebody on duty where cases arrive."""
    create_keys(exist_ok=True)
    town = build_town()
    at = clock.now()
    put_on_duty(
        by=FOUNDER, appointment=Appointment.objects.get(pk=town.wu.holder.appointment_id), at=at,
        starts_at=at - timedelta(hours=1), ends_at=at + timedelta(days=1),
    )  # fmt: skip


def read() -> Kept:
    verdict = verify_journal()
    twice = DeliveryRecord.objects.values("notice").annotate(times=Count("pk")).filter(times__gt=1)
    return Kept(
        cases=[_case(case) for case in Case.objects.defer("search").order_by("pk")],
        findings=[str(finding) for finding in verdict.findings],
        wakeups_left=Wakeup.objects.count(),
        delivered_twice=twice.count(),
    )


def _case(case: Case) -> CaseKept:
    lines = list(lines_of(case.subject))
    told = Counter(
        Notice.objects.filter(recipient_kind="requester", recipient_id=case.number).values_list(
            "key", flat=True
        )
    )
    return CaseKept(
        key=case.client_key or "",
        number=case.number,
        acts=[line.act for line in lines],
        told=[told[f"line:{line.pk}"] if line.act in TOLD else None for line in lines],
        photos_on_disk=_photos(case),
        unsound=_unsound(case),
    )


def _photos(case: Case) -> int:
    """How many of its photos can be read from disk, thumbnail and all."""
    readable = 0
    for attached in Attachment.objects.filter(case=case).select_related("file"):
        for small in (False, True):
            with open_photo(attached.file, thumbnail=small) as photo:
                readable += bool(photo.read())
    return readable


def _unsound(case: Case) -> str:
    try:
        assert_sound(case)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


if __name__ == "__main__":
    if sys.argv[1] == "found":
        found()
    else:
        print(json.dumps(read().as_json()))
