"""Taking in what another GeoReport server tells, the same way as files of other systems are taken in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import urllib3
from django.utils.translation import gettext as _
from urllib3.exceptions import HTTPError

from wangge.cases.intake import place_at
from wangge.cases.taking_in import Fate, ForeignCase, Ready, check_foreign, fates_of, take_in
from wangge.doors.open311.reading import (
    MOST_BYTES,
    Answer,
    Fault,
    ForeignRequest,
    UnableToReadAnswer,
    read_answer,
)
from wangge.foundation.journal.actors import Actor
from wangge.foundation.refusals import Refusal
from wangge.foundation.worktime.workcalendar import SHANGHAI

BATCH = 500
CONNECT_SECONDS, ANSWER_SECONDS = 10, 60
CLOSED = "closed"


@dataclass
class Pulled:
    """What became of an answer, or would become of it."""

    taken: int = 0
    known: int = 0
    different: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def refused(self) -> int:
        return len(self.faults)


def fetch(url: str) -> bytes:
    """The body at an address that whoever runs this server named. No redirects, no more than is read."""
    with urllib3.PoolManager(retries=False) as pool:
        try:
            response = pool.request(
                "GET",
                url,
                headers={"Accept": "application/json, text/xml"},
                redirect=False,
                preload_content=False,
                timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS),
            )
            with response:
                content = response.read(MOST_BYTES + 1)
        except HTTPError as error:
            raise UnableToReadAnswer(
                "no_answer", _("The other server did not answer (%(why)s).") % {"why": type(error).__name__}
            ) from None
    if response.status != 200:
        _raise_what_it_said(content)
        raise UnableToReadAnswer(
            "no_answer", _("The other server answered with status %(status)s.") % {"status": response.status}
        )
    return content


def _raise_what_it_said(content: bytes) -> None:
    """The other server's own error list, where it sent one."""
    try:
        read_answer(content, time_zone=SHANGHAI)
    except UnableToReadAnswer as refusal:
        if refusal.code == "errors":
            raise


def pull(
    answer: Answer,
    *,
    by: Actor,
    at: datetime,
    district: str,
    channel: str,
    source_system: str,
    dry_run: bool = False,
) -> Pulled:
    """Take the requests of an answer in, each once by (source_system, its number)."""
    pulled = Pulled(faults=list(answer.faults))
    for batch in _batches(answer.requests):
        positions, ready = [], list[Ready]()
        for position, request in batch:
            try:
                one = check_foreign(
                    foreign_case(request, district, at), by=by, channel=channel, source_system=source_system
                )
            except Refusal as refusal:
                pulled.faults.append(Fault(position, request.number, str(refusal)))
                continue
            positions.append(position)
            ready.append(one)
        if dry_run:
            fates = [
                told.fate if told else Fate.TAKEN for told in fates_of(ready, source_system=source_system)
            ]
        else:
            told_all = take_in(ready, by=by, at=at, channel=channel, source_system=source_system)
            fates = [told.fate for told in told_all]
        for position, one, fate in zip(positions, ready, fates, strict=True):
            _count(pulled, position, one, fate)
    pulled.faults.sort(key=lambda fault: fault.position)
    return pulled


def _count(pulled: Pulled, position: int, one: Ready, fate: Fate) -> None:
    if fate is Fate.TAKEN:
        pulled.taken += 1
    elif fate is Fate.DIFFERENT:
        pulled.different += 1
        why = _("Its number is in already, with another request.")
        pulled.faults.append(Fault(position, one.record.external_no, why))
    else:
        pulled.known += 1


def foreign_case(request: ForeignRequest, district: str, at: datetime) -> ForeignCase:
    """One request in our words. A request that ended there must say when: for a closed one that is
    `updated_datetime` (GeoReport v2)."""
    ended_at = None
    if request.status == CLOSED:
        ended_at = request.updated_at
        if ended_at is None:
            raise UnableToReadAnswer("no_end", _("It is closed and does not say since when."))
    day = (request.requested_at or at).astimezone(SHANGHAI).date()
    return ForeignCase(
        external_no=request.number,
        text=request.description or request.service_name,
        title=request.service_name,
        place=place_at(
            words=request.address[:200], lon=request.lon, lat=request.lat, area_code=district, on=day
        ),
        received_at=request.requested_at,
        due_at=request.expected_at,
        ended_at=ended_at,
        status=request.status,
        source="open311",
        unit=request.agency,
        categories=tuple(filter(None, (request.service_name,))),
        result=request.notes,
    )


def _batches(
    requests: Sequence[tuple[int, ForeignRequest]],
) -> Iterator[Sequence[tuple[int, ForeignRequest]]]:
    for first in range(0, len(requests), BATCH):
        yield requests[first : first + BATCH]
