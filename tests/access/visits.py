"""The people who visit, each with a browser, and the things they visit: near, or just beyond their reach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import reverse

import town as places
from access.matrix import ACCOUNT, COLUMNS, RECEIPT, STRANGER
from makers import make_case, make_photo
from town import MORNING, Person, Town, recently
from wangge.cases.exports import ASKERS, approve_export, request_export
from wangge.cases.models import Assist, Case, ExportRequest, Leg
from wangge.cases.queries import Filters
from wangge.cases.states import State
from wangge.cases.words import RequestType
from wangge.doors.desk.export_lists import Asked
from wangge.doors.desk.exporting import ask_for, write_export
from wangge.doors.desk.models import LargeExport
from wangge.doors.exchange.models import ImportRun, RunState
from wangge.doors.resident import drafts
from wangge.foundation.accounts.actions import create_account
from wangge.foundation.files.actions import store_photo
from wangge.foundation.files.models import StoredFile
from wangge.foundation.journal.actors import Subject
from wangge.foundation.notices.actions import deliver_due, send
from wangge.foundation.notices.models import Notice, Recipient
from wangge.foundation.worktime import clock
from wangge.organisations.authority import ACTS_FOR_UNIT
from wangge.organisations.roles import COMMUNITY, DEPARTMENT, FIELD, TOWN, Role

#: The state in which a case is visited, by address or its last part; others where it is to be checked.
STATES: dict[str, State] = {
    "start_screening": State.REGISTERED, "inform": State.SCREENING, "answer": State.SCREENING,
    "classify": State.SCREENING, "dispatch": State.TO_DISPATCH, "sign": State.DISPATCHED,
    "object": State.DISPATCHED, "handle": State.IN_PROGRESS, "feed_back": State.IN_PROGRESS,
    "assign_assist": State.IN_PROGRESS, "assist": State.IN_PROGRESS, "uphold": State.OBJECTION_REVIEW,
    "reassign": State.OBJECTION_REVIEW, "verify": State.FEEDBACK_GIVEN, "pass": State.FEEDBACK_GIVEN,
    "reject_feedback": State.FEEDBACK_GIVEN, "call_back": State.CALLBACK_DUE, "rate": State.CALLBACK_DUE,
    "reopen": State.CLOSED, "review": State.INFORMED, "withdraw": State.REGISTERED,
    "desk:contact": State.IN_PROGRESS, "desk:contact unsigned": State.DISPATCHED,
    "desk:contact closed": State.CLOSED, "desk:contact confidential": State.IN_PROGRESS,
    "field:contact signed": State.IN_PROGRESS,
}  # fmt: skip

#: Whose receipts fit into one browser at once, and so the cases somebody with a receipt visits.
IN_HAND = (State.VERIFYING, State.CALLBACK_DUE, State.CLOSED, State.INFORMED, State.REGISTERED)


@dataclass
class Visitor:
    """One column of the matrix: who it is, and their browser."""

    column: str
    client: Client
    user_id: int = 0
    person: Person | None = None

    @property
    def role(self) -> Role | None:
        return self.person.role if self.person else None

    @property
    def scope(self) -> str:
        return self.person.holder.area_prefix if self.person else ""


class World:
    """The town with one case in each state, and a browser for each column of the matrix."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.at = recently(4)
        photo = store_photo(make_photo(), at=self.at)
        self.photo: StoredFile = photo
        self.cases = {
            state: make_case(
                town, state, at=self.at, request_type=RequestType.CONSULT, photos=[photo],
                step=timedelta(minutes=5),
            )
            for state in dict.fromkeys([*STATES.values(), State.VERIFYING])
        }  # fmt: skip
        self._lies: dict[int, tuple[str, int, int | None]] = {}
        self.visitors = {column: self._visitor(column) for column in COLUMNS}

    def case(self, name: str, visitor: Visitor, stands: str) -> Case:
        """The case to visit under an address, in the state in which there is something to do there."""
        if visitor.column == RECEIPT and stands == "far":
            return self.cases[State.IN_PROGRESS]  # one whose receipt they have not
        act = name.partition(":")[2]
        return self.cases[STATES.get(name) or STATES.get(act, State.VERIFYING)]

    # --- who --------------------------------------------------------------------------------------

    def _visitor(self, column: str) -> Visitor:
        client = Client()
        if column == STRANGER:
            visitor = Visitor(column, client)
        elif column == RECEIPT:
            visitor = Visitor(column, client)
            for state in IN_HAND:
                self._show_receipt(client, self.cases[state])
        elif column == ACCOUNT:
            user = create_account(username="somebody", password=places.PASSWORD, at=MORNING)
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            visitor = Visitor(column, client, user.pk)
        else:
            person = self.town.with_role(Role(column))
            visitor = Visitor(column, self.town.client(person), person.user.pk, person)
        client.get(reverse("resident:privacy"))  # what a first visit writes into the session is written
        return visitor

    @staticmethod
    def _show_receipt(client: Client, case: Case) -> None:
        shown = {"number": case.number, "secret": case.lookup_secret.unseal()}
        response = client.post(reverse("resident:follow"), shown)
        assert response.headers["Location"] == reverse("resident:case", args=[case.number])

    # --- what -------------------------------------------------------------------------------------

    def lay(self, visitor: Visitor, case: Case, stands: str) -> None:
        """Let the case lie to this visitor as said: where it is, who leads it, whose request it is.

        Always the same case in the same state: only the relation differs between two visits.
        """
        area, unit = self._relation(visitor, stands)
        own = visitor.user_id if stands == "near" else self.town.qin.user.pk
        lies = (area, unit, own or None)
        if self._lies.get(case.pk) != lies:
            _place(case, area, own or None)
            _led_by(case, unit)
            self._lies[case.pk] = lies

    def _relation(self, visitor: Visitor, stands: str) -> tuple[str, int]:
        """Where the case is to lie, and which unit is to lead it."""
        role, bodies = visitor.role, self.town.bodies
        unit = bodies["urban"].pk
        if stands == "far":
            if role in DEPARTMENT:
                return places.GRID, bodies["water"].pk  # the same street, another unit's
            return beyond(role), unit
        if stands == "area":
            return places.GRID, bodies["water"].pk
        if stands == "own" and visitor.person and role in ACTS_FOR_UNIT | FIELD:
            unit = visitor.person.holder.organisation_id
        return places.GRID, unit

    def ask_to_assist(self, visitor: Visitor, case: Case) -> None:
        """Another unit leads, and has asked the visitor's to assist."""
        Case.objects.filter(pk=case.pk).update(lead_unit=self.town.bodies["water"].pk)
        Leg.objects.filter(case=case).update(unit=self.town.bodies["water"].pk)
        if visitor.person:
            Assist.objects.create(case=case, unit_id=visitor.person.holder.organisation_id, asked_at=self.at)

    def draft_of(self, visitor: Visitor) -> tuple[str, str]:
        """A report this browser has begun, with a photo: the key of the draft and the photo's digest."""
        key = drafts.new_key()
        told = {"text": "", "photos": [make_photo("seagreen")]}
        visitor.client.post(reverse("resident:report_what", args=[key]), told)
        return key, StoredFile.objects.exclude(pk=self.photo.pk).latest("pk").digest

    def import_run(self, near: bool) -> ImportRun:
        """A file taken in for Lin's district, or for the other one."""
        district = places.DISTRICT if near else places.OTHER_DISTRICT
        known = ImportRun.objects.filter(district=district).first()
        return known or ImportRun.objects.create(
            state=RunState.DONE, door="desk", district=district, channel="hotline_12345",
            source_system="hotline_12345", file_name="工单.csv", file_digest="0" * 64, mapping="",
            mapping_digest="0" * 64, created_at=self.at,
        )  # fmt: skip

    def long_list(self, visitor: Visitor, own: bool) -> LargeExport:
        """A long list written for this visitor, or for somebody else of their body."""
        other = self.town.people["bai"]
        whose = visitor.person if own and visitor.person else other
        known = LargeExport.objects.filter(user_id=whose.user.pk, post_id=whose.holder.post_id).first()
        if known is not None:
            return known
        asked = Asked(whose.holder, {}, self.at)
        export = ask_for(asked, what="organisations", form="csv", expected=1, language="zh-hans")
        write_export(export.pk, clock.now)
        export.refresh_from_db()
        return export

    def asked_export(self, visitor: Visitor, near: bool, *, approved: bool) -> ExportRequest:
        """A list with identities somebody asked for: the visitor to fetch it, another for the officer."""
        chen, officer, person = self.town.chen.holder, self.town.peng.holder, visitor.person
        by = person.holder if approved and near and person and person.role in ASKERS else chen
        if not near and visitor.column == Role.CENTER_INTAKE:
            by = self.town.people["xu"].holder
        case = self.cases[State.IN_PROGRESS]
        _led_by(case, by.organisation_id)
        asked = request_export(
            by=by, at=clock.now(), what="cases", filters=Filters(), purpose="contact", reason="逐户通知"
        )
        if approved:
            asked = approve_export(request_id=asked.pk, by=officer, at=clock.now())
        elif not near:
            ExportRequest.objects.filter(pk=asked.pk).update(district=places.OTHER_DISTRICT)
        return asked

    def notice_to(self, user_id: int) -> Notice:
        """A notice that has reached an account."""
        case = self.cases[State.VERIFYING]
        send(
            to=Recipient("user", str(user_id)), template="case.rate", params={}, urgent=True,
            about=Subject("case", case.number), at=self.at, key="visit",
        )  # fmt: skip
        deliver_due(at=clock.now())
        return Notice.objects.get(recipient_id=str(user_id), key="visit")


def beyond(role: Role | None) -> str:
    """The nearest grid that a post of this role in Lin's street does not reach."""
    if role in FIELD or role == Role.GRID_LEAD:
        return places.SECOND_GRID
    if role in COMMUNITY:
        return places.THIRD_GRID
    if role in TOWN:
        return places.NEXT_GRID
    return places.OTHER_GRID


def _place(case: Case, area: str, requester: int | None) -> None:
    Case.objects.filter(pk=case.pk).update(
        area_code=area, district=area[:6], town=area[:9], community=area[:12], grid=area[:15],
        requester_user=requester,
    )  # fmt: skip


def _led_by(case: Case, unit: int) -> None:
    if case.leg_id is not None:
        Case.objects.filter(pk=case.pk).update(lead_unit=unit)
        Leg.objects.filter(case=case).update(unit=unit)


def written() -> tuple[Any, ...]:
    """Everything an act may write, in one statement: cases and all that hangs from them, the journal,
    looks, notices."""
    tables = [
        "cases_case", "cases_leg", "cases_assist", "cases_casenote", "cases_attachment", "cases_objection",
        "cases_callbackanswer", "cases_exportrequest", "cases_pause", "cases_shelving", "notices_notice",
    ]  # fmt: skip
    sums = [f"(SELECT coalesce(sum(hashtext(t::text)::bigint), 0) FROM {table} t)" for table in tables]
    counts = [f"(SELECT count(*) FROM {table})" for table in ("journal_line", "privacy_look")]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(sums + counts)}")
        return tuple(cursor.fetchone())
