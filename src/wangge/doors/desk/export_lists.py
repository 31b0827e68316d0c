"""The lists of the desk as tables: which columns, which rows, who may have them. They hold no identities.

Each list says what its page says, of the same rows and in the same order, to the same roles. Rows are read in
keyset batches, so that a hundred thousand need no more memory than one batch.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wangge.cases import queries
from wangge.cases.access import cases_for, visibility
from wangge.cases.models import Case
from wangge.cases.states import State
from wangge.doors.desk.audit_pages import FIELDS, LookFilterForm, acts_in, looks_in
from wangge.doors.desk.case_filters import CaseFilterForm
from wangge.doors.desk.case_rows import shown_title
from wangge.doors.desk.duty_pages import matters_found
from wangge.doors.desk.post_words import words_for
from wangge.doors.desk.queue_order import queue_page
from wangge.doors.desk.roles import CASES, DESK, LOOKS, QUEUE
from wangge.doors.desk.timeline_words import happening
from wangge.doors.shell.sheets import Column, Kind, Row
from wangge.duties.models import Priority
from wangge.foundation.journal.models import Line
from wangge.foundation.privacy.models import Look, Purpose
from wangge.foundation.worktime.workcalendar import SHANGHAI
from wangge.organisations.posts import PostHolder
from wangge.organisations.queries import organisations
from wangge.organisations.roles import Role
from wangge.territory import queries as territory
from wangge.territory.codes import Level
from wangge.territory.models import GridDetail

_M = TypeVar("_M", Line, Look)

BATCH = 500
#: What the address of a list narrows it to.
Narrowing = Mapping[str, str]


@dataclass(frozen=True)
class Asked:
    """Whose list it is, narrowed to what, as of when."""

    by: PostHolder
    narrowing: Narrowing
    at: datetime


@dataclass(frozen=True)
class ExportList:
    """One list: `narrowed_by` names what of its page's address counts."""

    code: str
    title: str | Promise
    roles: frozenset[Role]
    columns: tuple[Column, ...]
    count: Callable[[Asked], int]
    rows: Callable[[Asked], Iterator[Row]]
    narrowed_by: frozenset[str] = frozenset()


# --- cases ---

_CASE_COLUMNS = (
    Column(gettext_lazy("Case number"), 24),
    Column(gettext_lazy("Case"), 48),
    Column(gettext_lazy("State"), 14),
    Column(gettext_lazy("Priority"), 10),
    Column(gettext_lazy("Type"), 14),
    Column(gettext_lazy("Channel"), 14),
    Column(gettext_lazy("Category"), 18),
    Column(gettext_lazy("Matter"), 22),
    Column(gettext_lazy("Area"), 44),
    Column(gettext_lazy("Area code"), 18),
    Column(gettext_lazy("Lead unit"), 30),
    Column(gettext_lazy("Registered at"), 17, Kind.MOMENT),
    Column(gettext_lazy("Deadline"), 17, Kind.MOMENT),
    Column(gettext_lazy("Overdue"), 9),
    Column(gettext_lazy("First dispatched at"), 17, Kind.MOMENT),
    Column(gettext_lazy("Feedback given at"), 17, Kind.MOMENT),
    Column(gettext_lazy("Ended at"), 17, Kind.MOMENT),
    Column(gettext_lazy("Outcome"), 16),
    Column(gettext_lazy("Times reopened"), 10, Kind.NUMBER),
    Column(gettext_lazy("Times done over"), 10, Kind.NUMBER),
    Column(gettext_lazy("Confidential"), 10),
)


def case_row(case: Case, asked: Asked) -> Row:
    """Needs `lead_unit`, `matter__category` and `leg` loaded; asks the database nothing."""
    return (
        case.number,
        shown_title(case, visibility(asked.by, case).text),
        str(State(case.state).label),
        str(Priority(case.priority).label),
        case.get_request_type_display(),
        case.get_channel_display(),
        case.matter.category.label if case.matter else "",
        case.matter.label if case.matter else "",
        territory.path_label(case.area_code),
        case.area_code,
        case.lead_unit.label if case.lead_unit else "",
        case.registered_at,
        case.due_at,
        _yes_no(case.is_overdue(asked.at)),
        case.first_dispatched_at,
        case.feedback_at,
        case.ended_at,
        case.get_outcome_display() if case.outcome else "",
        case.reopenings,
        case.redos,
        _yes_no(case.confidential),
    )


def cases_found(asked: Asked) -> QuerySet[Case]:
    """What the page of all cases shows under these filters."""
    filters = CaseFilterForm(asked.narrowing, by=asked.by).filters()
    cases = cases_for(asked.by).select_related("leg", "lead_unit", "matter__category")
    return queries.filtered(cases, filters, asked.at)


def case_batches(found: QuerySet[Case]) -> Iterator[list[Case]]:
    """Newest first, found by id: the last batch costs what the first does."""
    before: int | None = None
    while True:
        page = queries.page_of(found, size=BATCH, before=before)
        if page.cases:
            yield page.cases
        if page.older_than is None:
            return
        before = page.older_than


def _case_rows(asked: Asked) -> Iterator[Row]:
    for batch in case_batches(cases_found(asked)):
        yield from (case_row(case, asked) for case in batch)


def waiting(asked: Asked) -> QuerySet[Case]:
    """My queue, or one state of it."""
    cases = queries.queue_for(asked.by)
    state = asked.narrowing.get("state", "")
    return cases.filter(state=state) if state in State.values else cases


def _queue_rows(asked: Asked) -> Iterator[Row]:
    after = None
    while True:
        page = queue_page(waiting(asked).select_related("matter__category"), after=after, size=BATCH)
        yield from (case_row(case, asked) for case in page.cases)
        if page.later is None:
            return
        after = page.later


# --- reference ---


def _organisation_rows(asked: Asked) -> Iterator[Row]:
    for body in organisations(asked.by.district).select_related("area"):
        yield (
            body.code, body.label, body.get_type_display(), body.area.label, body.area.code, body.work_phone,
            _yes_no(body.active),
        )  # fmt: skip


def _duty_rows(asked: Asked) -> Iterator[Row]:
    for matter in matters_found(asked.narrowing, asked.at.astimezone(SHANGHAI).date()):
        yield (
            matter.code, matter.label, matter.category.label, str(Priority(matter.priority).label),
            _yes_no(matter.verification_required), matter.valid_from, matter.valid_to,
        )  # fmt: skip


def _area_rows(asked: Asked) -> Iterator[Row]:
    scope = asked.by.area_prefix
    if not scope:
        return
    grids = territory.areas_within(scope, Level.GRID)
    households = dict(GridDetail.objects.filter(area__in=grids).values_list("area__code", "households_count"))
    for area in territory.areas_within(scope):
        yield (
            area.code, area.label, area.get_level_display(), area.get_kind_display(),
            territory.path_label(area.code), households.get(area.code), area.valid_from,
        )  # fmt: skip


def _area_count(asked: Asked) -> int:
    return territory.areas_within(asked.by.area_prefix).count() if asked.by.area_prefix else 0


# --- oversight ---


def _journal_rows(asked: Asked) -> Iterator[Row]:
    for batch in _by_id(acts_in(asked.by.district)):
        words = words_for(line.post_label for line in batch)
        for line in batch:
            yield (
                line.at, line.subject_id, line.seq, line.act, str(happening(line.act).words),
                words.get(line.post_label, line.post_label or line.actor_kind),
                json.dumps(line.facts, ensure_ascii=False, sort_keys=True),
                bytes(line.hash).hex(), bytes(line.previous_hash).hex(),
            )  # fmt: skip


def _looks_found(asked: Asked) -> QuerySet[Look]:
    form = LookFilterForm(asked.narrowing)
    form.is_valid()
    return looks_in(asked.by.district, form.cleaned_data.get("purpose", ""))


def _look_rows(asked: Asked) -> Iterator[Row]:
    told = asked.by.role == Role.PRIVACY_OFFICER
    for batch in _by_id(_looks_found(asked)):
        words = words_for(look.role_label for look in batch)
        for look in batch:
            yield (
                look.at,
                words.get(look.role_label, look.role_label),
                str(Purpose(look.purpose).label),
                " · ".join(str(FIELDS.get(name, name)) for name in look.fields),
                look.about_id,
                look.reason if told else "",
            )


def _by_id(rows: QuerySet[_M]) -> Iterator[list[_M]]:
    """Newest first, found by id."""
    ordered = rows.order_by("-pk")
    before: int | None = None
    while batch := list((ordered if before is None else ordered.filter(pk__lt=before))[:BATCH]):
        yield batch
        before = batch[-1].pk


def _yes_no(value: bool) -> str:
    return _("yes") if value else _("no")


_NUMBER, _AREA, _NAME = gettext_lazy("Case number"), gettext_lazy("Area"), gettext_lazy("Name")

LISTS: dict[str, ExportList] = {
    one.code: one
    for one in (
        ExportList(
            "queue", gettext_lazy("My queue"), QUEUE, _CASE_COLUMNS,
            lambda asked: waiting(asked).count(), _queue_rows, frozenset({"state"}),
        ),
        ExportList(
            "cases", gettext_lazy("All cases"), CASES, _CASE_COLUMNS,
            lambda asked: cases_found(asked).count(), _case_rows,
            frozenset(CaseFilterForm.base_fields),
        ),
        ExportList(
            "organisations", gettext_lazy("Organisations"), DESK,
            (
                Column(gettext_lazy("Code"), 30), Column(_NAME, 36), Column(gettext_lazy("Kind"), 20),
                Column(_AREA, 24), Column(gettext_lazy("Area code"), 18),
                Column(gettext_lazy("Work phone"), 18), Column(gettext_lazy("In use"), 8),
            ),
            lambda asked: organisations(asked.by.district).count(), _organisation_rows,
        ),
        ExportList(
            "duties", gettext_lazy("Dispatch catalogue"), DESK,
            (
                Column(gettext_lazy("Code"), 14), Column(gettext_lazy("Matter"), 36),
                Column(gettext_lazy("Category"), 24), Column(gettext_lazy("Priority"), 10),
                Column(gettext_lazy("Check on site"), 10),
                Column(gettext_lazy("In force from"), 13, Kind.DAY),
                Column(gettext_lazy("In force until"), 13, Kind.DAY),
            ),
            lambda asked: sum(1 for _row in _duty_rows(asked)), _duty_rows, frozenset({"words", "category"}),
        ),
        ExportList(
            "areas", gettext_lazy("Areas and grids"), DESK,
            (
                Column(gettext_lazy("Code"), 20), Column(_NAME, 24), Column(gettext_lazy("Level"), 14),
                Column(gettext_lazy("Kind"), 14), Column(_AREA, 48),
                Column(gettext_lazy("Households"), 11, Kind.NUMBER),
                Column(gettext_lazy("In use since"), 13, Kind.DAY),
            ),
            _area_count, _area_rows,
        ),
        ExportList(
            "journal", gettext_lazy("Journal"), frozenset({Role.AUDITOR}),
            (
                Column(gettext_lazy("When"), 17, Kind.MOMENT), Column(_NUMBER, 24),
                Column(gettext_lazy("Line"), 7, Kind.NUMBER), Column(gettext_lazy("Code"), 24),
                Column(gettext_lazy("Act"), 28), Column(gettext_lazy("Who"), 40),
                Column(gettext_lazy("Facts"), 60), Column(gettext_lazy("Hash"), 66),
                Column(gettext_lazy("Hash before"), 66),
            ),
            lambda asked: acts_in(asked.by.district).count(), _journal_rows,
        ),
        ExportList(
            "looks", gettext_lazy("Looks at personal data"), LOOKS,
            (
                Column(gettext_lazy("When"), 17, Kind.MOMENT), Column(gettext_lazy("Who"), 40),
                Column(gettext_lazy("Purpose"), 36), Column(gettext_lazy("What was shown"), 24),
                Column(_NUMBER, 24), Column(gettext_lazy("Reason given"), 40),
            ),
            lambda asked: _looks_found(asked).count(), _look_rows, frozenset({"purpose"}),
        ),
    )
}  # fmt: skip


def narrowing_of(chosen: ExportList, address: Mapping[str, str]) -> dict[str, str]:
    """What of an address narrows this list."""
    return {name: address[name] for name in sorted(chosen.narrowed_by) if address.get(name)}
