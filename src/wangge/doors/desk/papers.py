"""What the desk prints: case sheet, dispatch slip, queue; never more than the same person's page shows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from wangge.cases.models import Case
from wangge.cases.states import State
from wangge.doors.desk.case_rows import Row
from wangge.doors.desk.case_sheet import CaseSheet, ClockLine, LegLine
from wangge.doors.shell.moments import full_text
from wangge.doors.shell.paper.blocks import Block, Facts, Lines, Paper, Table, Words
from wangge.duties.models import Priority

_Pairs = list[tuple[str, str]]


def foot_of(body: str, at: datetime) -> str:
    """Who printed it and when: a paper that lies about says where it came from."""
    return _("Printed by %(body)s, %(when)s. Internal.") % {"body": body, "when": full_text(at)}


def case_paper(sheet: CaseSheet, *, body: str, at: datetime) -> Paper:
    """办理单: the whole case as its page shows it."""
    case = sheet.case
    blocks: list[Block] = [
        Facts(_facts_of(sheet)),
        _text_of(sheet),
        Facts(_contact_of(sheet), _("Requester")),
        _clocks(sheet),
    ]
    if sheet.legs:
        rows = [
            (leg.unit, full_text(leg.leg.dispatched_at), _moment(leg.leg.signed_at), _why(leg))
            for leg in sheet.legs
        ]
        columns = (_("Unit"), _("Dispatched at"), _("Signed at"), _("Why this unit"))
        blocks.append(Table(columns, (4, 2.6, 2.6, 5), rows, _("Units, and why these")))
    blocks.append(
        Table(
            (_("When"), _("What"), _("Who"), _("Details")),
            (2.6, 3, 4, 6),
            [
                (full_text(line.at), str(line.how.words), line.who, _joined(line.detail, line.text))
                for line in sheet.timeline
            ],
            _("What happened"),
        )
    )
    if sheet.answers:
        blocks.append(_answers(sheet))
    number = _("No. %(number)s") % {"number": case.number}
    return Paper(_("Case sheet"), body, blocks, number=number, foot=foot_of(body, at))


def slip_paper(sheet: CaseSheet, *, body: str, at: datetime) -> Paper:
    """派单（交办单）: what the unit that has the case now must do, by when, and why it."""
    case, leg = sheet.case, sheet.legs[-1]
    facts: _Pairs = [
        (_("To"), leg.unit),
        (_("Dispatched at"), full_text(leg.leg.dispatched_at)),
        (_("Sign by"), _moment(leg.leg.sign_due_at)),
        (_("Feed back by"), _moment(case.feedback_due_at)),
        (_("Priority"), str(Priority(case.priority).label)),
        (_("Matter"), case.matter.label if case.matter else ""),
        (_("Place"), _joined(sheet.place_path, case.place if sheet.shows_text else "")),
        (_("Why this unit"), _why(leg)),
    ]
    if sheet.assists:
        facts.append((_("Assisting"), _("; ").join(unit for unit, *_moments in sheet.assists)))
    blocks: list[Block] = [
        Facts(_filled(facts)),
        _text_of(sheet),
        Facts(_contact_of(sheet), _("Requester")),
        Words(
            _("What to do"),
            "\n".join(
                [
                    _("1. Sign in time, or object with the legal ground or the border at fault."),
                    _("2. Get in touch with the requester, handle it, and feed back in plain words."),
                    _("3. The unit does not close the case: the requester is called back."),
                ]
            ),
        ),
        Lines((_("Received by"), _("Date"))),
    ]
    number = _("No. %(number)s") % {"number": case.number}
    return Paper(_("Dispatch slip"), body, blocks, number=number, foot=foot_of(body, at))


def queue_paper(rows: Iterable[Row], *, title: str, body: str, at: datetime, more: int = 0) -> Paper:
    """What waits, the earliest deadline first; `more` says how many did not fit."""
    table = [
        (
            str(place), row.number, _joined(row.title, row.place), str(State(row.state).label),
            str(Priority(row.priority).label), _due(row), row.unit,
        )
        for place, row in enumerate(rows, start=1)
    ]  # fmt: skip
    columns = (
        _("#"), _("Case number"), _("Case"), _("State"), _("Priority"), _("Deadline"), _("Lead unit"),
    )  # fmt: skip
    blocks: list[Block] = [Table(columns, (0.9, 3.2, 8, 1.7, 1.5, 2.5, 3.2), table)]
    if more:
        blocks.append(
            Words("", _("%(count)d more are not on this paper; narrow the list.") % {"count": more})
        )
    if not table:
        blocks = [Words("", _("Nothing waits for you"))]
    number = _("%(count)d cases as of %(when)s") % {"count": len(table) + more, "when": full_text(at)}
    return Paper(title, body, blocks, number=number, foot=foot_of(body, at), landscape=True)


# --- the pieces ---


def _facts_of(sheet: CaseSheet) -> _Pairs:
    case = sheet.case
    return _filled(
        [
            (_("Title"), sheet.title),
            (_("State"), str(State(case.state).label)),
            (_("Priority"), str(Priority(case.priority).label)),
            (_("Type"), str(case.get_request_type_display())),
            (_("Channel"), _joined(str(case.get_channel_display()), case.external_no)),
            (_("Category"), case.matter.category.label if case.matter else ""),
            (_("Matter"), case.matter.label if case.matter else ""),
            (_("Registered at"), full_text(case.registered_at)),
            (_("Ended at"), _moment(case.ended_at)),
            (_("Lead unit"), case.lead_unit.label if case.lead_unit else ""),
            (_("Outcome"), str(case.get_outcome_display()) if case.outcome else ""),
            (_("Place"), _joined(sheet.place_path, case.place if sheet.shows_text else "")),
        ]
    )


def _text_of(sheet: CaseSheet) -> Words:
    told = sheet.case.text if sheet.shows_text else _("Your post does not see the words of a request.")
    return Words(_("The request"), told)


def _contact_of(sheet: CaseSheet) -> _Pairs:
    """The masks of the page; paper never holds more."""
    case: Case = sheet.case
    requester = case.requester
    if case.anonymous:
        return [(_("Contact"), _("Anonymous. Nobody knows who asked."))]
    if not sheet.shows_contact:
        said = (
            _("Confidential: only intake and callback may know who asked.")
            if case.confidential
            else _("Your post does not see who asked.")
        )
        return [(_("Contact"), said)]
    if requester is None:
        return [(_("Contact"), _("The requester left no contact."))]
    if requester.erased_at is not None:
        return [(_("Contact"), _("The contact was erased when its time was over."))]
    return _filled(
        [
            (_("Name"), requester.name_masked),
            (_("Phone"), requester.phone_masked),
            (_("Address"), requester.address_masked),
        ]
    )


def _clocks(sheet: CaseSheet) -> Table:
    return Table(
        (_("Deadline of"), _("Limit"), _("Due"), _("Met"), _("Stands")),
        (4, 3, 2.6, 2.6, 2),
        [
            (_joined(str(clock.words), clock.round), clock.limit, _moment(clock.due_at),
             _moment(clock.met_at), _stands(clock))
            for clock in (*sheet.case_clocks, *sheet.leg_clocks)
        ],
        _("Deadlines"),
    )  # fmt: skip


def _answers(sheet: CaseSheet) -> Table:
    rows = []
    for answer in sheet.answers:
        said = (
            (
                _("yes") if answer.contacted else _("no"),
                str(answer.get_solved_display()),
                str(answer.get_satisfaction_display()),
            )
            if answer.reached
            else (_("not reached"), "", "")
        )
        rows.append((full_text(answer.at), str(answer.get_channel_display()), *said))
    columns = (_("When"), _("How"), _("Contacted in time"), _("Solved"), _("Satisfied"))
    return Table(columns, (2.6, 2, 2, 2, 2), rows, _("What the requester said"))


def _why(leg: LegLine) -> str:
    how = _("The dispatch catalogue names it.") if leg.by_catalogue else _("The desk's own choice.")
    return "\n".join(part for part in (how, leg.basis, leg.admission, leg.reason) if part)


def _stands(clock: ClockLine) -> str:
    if clock.late:
        return _("late")
    if clock.paused:
        return _("paused")
    return _("met") if clock.met_at else _("runs")


def _due(row: Row) -> str:
    if row.due_at is None:
        return ""
    return _joined(full_text(row.due_at), _("late") if row.overdue else _("paused") if row.paused else "")


def _moment(moment: datetime | None) -> str:
    return full_text(moment) if moment else ""


def _joined(*parts: str) -> str:
    return "\n".join(part for part in parts if part)


def _filled(pairs: _Pairs) -> _Pairs:
    return [(label, value) for label, value in pairs if value]
