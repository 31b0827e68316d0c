"""Lists that leave the house. Every one is journalled; one with identities needs a purpose, a reason and a
second person, and every identity in it is a look its owner can see.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from wangge.cases.access import Sight, cases_for, visibility
from wangge.cases.limits import configuration
from wangge.cases.models import Case, ExportRequest, ExportState
from wangge.cases.queries import Filters, filtered, queue_for
from wangge.foundation.journal.actions import append
from wangge.foundation.journal.actors import Actor, Subject
from wangge.foundation.privacy.actions import REASON_AT_LEAST, reveal_many
from wangge.foundation.privacy.models import Purpose
from wangge.foundation.privacy.screening import mask_text
from wangge.foundation.privacy.sealing import index_of
from wangge.foundation.refusals import Refusal
from wangge.organisations.posts import PostHolder
from wangge.organisations.roles import Role

#: Who may ask: those who answer for a desk or a unit whose posts may look at contacts one by one.
ASKERS = frozenset(
    {
        Role.CENTER_INTAKE,
        Role.CALLBACK_AGENT,
        Role.TOWN_DISPATCHER,
        Role.COMMUNITY_SECRETARY,
        Role.DEPARTMENT_LEAD,
    }
)
#: Who may answer: the officer who answers for personal data (domain notes §2, §11), of the same district.
APPROVERS = frozenset({Role.PRIVACY_OFFICER})
#: What leaves. Identity numbers are level L4: in no list and in no export.
IDENTITY_FIELDS = ("name", "phone", "address")
#: The lists of cases that may be asked for with identities.
LISTS = frozenset({"queue", "cases"})


class UnableToExport(Refusal):
    """Codes: `wrong_role`, `wrong_list`, `purpose_missing`, `reason_missing`, `empty`, `too_many`,
    `own_request`, `not_found`, `answered`, `not_approved`, `expired`, `twice`."""


@dataclass(frozen=True)
class Exported:
    """A case and what of its requester leaves; empty where the asker might not look, or nothing is known."""

    case: Case
    identity: dict[str, str]


# --- lists without identities ---


@transaction.atomic
def note_export(
    *, by: Actor, at: datetime, what: str, form: str, narrowing: dict[str, str], rows: int
) -> str:
    """A list left the house: which one, how it was narrowed (a digest), how many rows. Its journal id."""
    drawn = f"{what}-{secrets.token_hex(8)}"
    append(
        act="export.made",
        subject=Subject("export", drawn),
        by=by,
        at=at,
        facts={"list": what, "form": form, "filter": filter_digest(narrowing), "rows": rows},
        new=True,
    )
    return drawn


def filter_digest(narrowing: object) -> str:
    """Equal filters have equal digests; the words themselves, which may name somebody, are not to be read."""
    told = json.dumps(narrowing, sort_keys=True, ensure_ascii=False)
    return index_of(told, "export.filter").hex()


# --- lists with identities ---


@transaction.atomic
def request_export(
    *, by: PostHolder, at: datetime, what: str, filters: Filters, purpose: str, reason: str
) -> ExportRequest:
    """Ask for a list of cases with name, phone and address in clear."""
    if by.role not in ASKERS:
        raise UnableToExport("wrong_role", _("Your post may not ask for lists with personal data."))
    if what not in LISTS:
        raise UnableToExport("wrong_list", _("This list holds no requesters."))
    if purpose not in Purpose.values or purpose in {Purpose.OWN, Purpose.SERVICE}:
        raise UnableToExport(
            "purpose_missing", _("Choose what you need the personal data for."), field="purpose"
        )
    reason = mask_text(" ".join(reason.split()))[:200]
    if len(reason) < REASON_AT_LEAST:
        raise UnableToExport("reason_missing", _("Write in a few words why you need it."), field="reason")
    found = _listed(what, filters, by, at)
    newest = found.order_by("-pk").values_list("pk", flat=True).first()
    if newest is None:
        raise UnableToExport("empty", _("There is no case on this list."))
    count, most = found.count(), configuration().export_most
    if count > most:
        raise UnableToExport(
            "too_many",
            _("At most %(most)d cases with personal data leave at once; this list has %(count)d. Narrow it.")
            % {"most": most, "count": count},
        )
    asked = ExportRequest.objects.create(
        what=what,
        filters=json.dumps(asdict(filters), ensure_ascii=False),
        newest=newest,
        count=count,
        purpose=purpose,
        reason=reason,
        district=by.district,
        asker_user_id=by.user_id,
        asker_post_id=by.post_id,
        asker_label=by.post_label,
        asked_at=at,
        lapses_at=at + timedelta(days=configuration().export_wait_days),
    )
    facts = {"list": what, "filter": filter_digest(asdict(filters)), "rows": count, "purpose": purpose}
    append(act="export.requested", subject=asked.subject, by=by, at=at, facts=facts, new=True)
    return asked


@transaction.atomic
def approve_export(*, request_id: int, by: PostHolder, at: datetime) -> ExportRequest:
    """The second person says yes; from now on it may be fetched once, for some hours."""
    asked = _to_answer(request_id, by, at)
    asked.state = ExportState.APPROVED
    asked.lapses_at = at + timedelta(hours=configuration().export_hours)
    return _answered(asked, by, at, act="export.approved")


@transaction.atomic
def refuse_export(*, request_id: int, by: PostHolder, at: datetime, reason: str) -> ExportRequest:
    """The second person says no, and why."""
    asked = _to_answer(request_id, by, at)
    reason = mask_text(" ".join(reason.split()))[:200]
    if len(reason) < REASON_AT_LEAST:
        raise UnableToExport("reason_missing", _("Write in a few words why not."), field="reason")
    asked.state, asked.refusal = ExportState.REFUSED, reason
    return _answered(asked, by, at, act="export.refused")


@transaction.atomic
def make_export(*, request_id: int, by: PostHolder, at: datetime) -> list[Exported]:
    """What was approved, with the identities open, once. Every one of them is a look, journalled.

    An identity opens only where the asker might look at it now on the page of its case; of confidential
    reports never.
    """
    asked = _locked(requests_for(by), request_id)
    if asked.asker_post_id != by.post_id or asked.asker_user_id != by.user_id:
        raise UnableToExport("wrong_role", _("Only who asked for it may fetch it."))
    if asked.state == ExportState.MADE:
        raise UnableToExport("twice", _("This list was fetched before. Ask again if you need it again."))
    if asked.state not in {ExportState.APPROVED, ExportState.EXPIRED}:
        raise UnableToExport("not_approved", _("Nobody has approved this list."))
    if asked.state == ExportState.EXPIRED or at >= asked.lapses_at:
        raise UnableToExport("expired", _("The time for fetching this list is over. Ask again."))
    filters = filters_of(asked)
    found = _listed(asked.what, filters, by, asked.asked_at).filter(pk__lte=asked.newest)
    cases = list(
        found.select_related("leg", "lead_unit", "matter__category", "requester").order_by("-pk")[
            : asked.count
        ]
    )
    shown = [case for case in cases if _opens(by, case)]
    plain = reveal_many(
        wanted=[(case.requester, case.subject) for case in shown if case.requester is not None],
        fields=IDENTITY_FIELDS,
        by=by,
        purpose=asked.purpose,
        reason=asked.reason,
        at=at,
    )
    asked.state, asked.made_at = ExportState.MADE, at
    asked.rows, asked.identities = len(cases), len(shown)
    asked.save()
    facts = {
        "list": asked.what, "filter": filter_digest(asdict(filters)), "rows": len(cases),
        "identities": len(shown),
    }  # fmt: skip
    append(act="export.made", subject=asked.subject, by=by, at=at, facts=facts)
    opened = {case.pk: values for case, values in zip(shown, plain, strict=True)}
    return [Exported(case, opened.get(case.pk, {})) for case in cases]


def expire_exports(at: datetime) -> int:
    """Close what nobody answered or fetched in time."""
    count = 0
    late = ExportRequest.objects.filter(
        state__in=[ExportState.ASKED, ExportState.APPROVED], lapses_at__lte=at
    )
    for pk in late.order_by("pk").values_list("pk", flat=True)[:200]:
        with transaction.atomic():
            asked = late.select_for_update(skip_locked=True).filter(pk=pk).first()
            if asked is None:
                continue
            asked.state = ExportState.EXPIRED
            asked.save(update_fields=["state"])
            append(act="export.expired", subject=asked.subject, by=Actor.system("timetable"), at=at)
            count += 1
    return count


# --- reads ---


def requests_for(by: PostHolder) -> QuerySet[ExportRequest]:
    """Their own requests; for who answers, those of the district."""
    if by.role in APPROVERS:
        return ExportRequest.objects.filter(district=by.district)
    if by.role in ASKERS:
        return ExportRequest.objects.filter(asker_post_id=by.post_id, asker_user_id=by.user_id)
    return ExportRequest.objects.none()


def filters_of(asked: ExportRequest) -> Filters:
    told = json.loads(asked.filters.unseal())
    return Filters(**{**told, "states": tuple(told["states"])})


def _listed(what: str, filters: Filters, by: PostHolder, at: datetime) -> QuerySet[Case]:
    return filtered(queue_for(by) if what == "queue" else cases_for(by), filters, at)


def _opens(by: PostHolder, case: Case) -> bool:
    requester = case.requester
    if requester is None or requester.erased_at is not None or case.confidential or requester.confidential:
        return False
    return visibility(by, case).requester >= Sight.REVEAL


def _to_answer(request_id: int, by: PostHolder, at: datetime) -> ExportRequest:
    if by.role not in APPROVERS:
        raise UnableToExport("wrong_role", _("Only the personal information officer may answer this."))
    asked = _locked(requests_for(by), request_id)
    if asked.asker_post_id == by.post_id or asked.asker_user_id == by.user_id:
        raise UnableToExport("own_request", _("Nobody answers what they asked for themselves."))
    if asked.state == ExportState.EXPIRED or (asked.state == ExportState.ASKED and at >= asked.lapses_at):
        raise UnableToExport("expired", _("This request has run out. It has to be asked again."))
    if asked.state != ExportState.ASKED:
        raise UnableToExport("answered", _("This request was answered before."))
    return asked


def _locked(among: QuerySet[ExportRequest], request_id: int) -> ExportRequest:
    asked = among.select_for_update().filter(pk=request_id).first()
    if asked is None:
        raise UnableToExport("not_found", _("There is no such request, or it is not yours to see."))
    return asked


def _answered(asked: ExportRequest, by: PostHolder, at: datetime, *, act: str) -> ExportRequest:
    asked.approver_post_id, asked.approver_label, asked.answered_at = by.post_id, by.post_label, at
    asked.save()
    append(act=act, subject=asked.subject, by=by, at=at, facts={"list": asked.what, "rows": asked.count})
    return asked


#: What a page shows of requests, newest first.
def latest(requests: QuerySet[ExportRequest], most: int) -> Sequence[ExportRequest]:
    return list(requests.order_by("-pk")[:most])
