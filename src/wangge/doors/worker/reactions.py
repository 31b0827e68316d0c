"""What follows an act: the one page that answers "what happens when …?".

`REACTIONS` names, for each word of the journal, the acts that answer it. A reaction only tells or does
by acts of the rooms, and bears being run twice: every notice carries its line as key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from wangge.cases.models import Case, Leg
from wangge.cases.states import MOVE_OF
from wangge.cases.words import PauseReason, ShelvingReason
from wangge.doors.worker import messages
from wangge.duties.models import Priority
from wangge.foundation.journal.models import Line
from wangge.foundation.notices.actions import send
from wangge.foundation.notices.models import Recipient, RecipientKind
from wangge.foundation.notices.templates import Value
from wangge.foundation.webhooks.actions import enqueue
from wangge.foundation.webhooks.queries import wanting
from wangge.organisations.models import Organisation
from wangge.organisations.posts import PostHolder
from wangge.organisations.queries import holders_over, on_duty
from wangge.organisations.roles import Role

Reaction = Callable[[Line], None]

__all__ = ["REACTIONS", "messages", "react"]


def react(line: Line) -> None:
    """Answer one line; words nobody waits for are answered by doing nothing."""
    for reaction in (*REACTIONS.get(line.act, ()), *ALWAYS):
        reaction(line)


# --- telling the requester ---


def tell_received(line: Line) -> None:
    case = _case(line)
    if case.dispatch_due_at is not None:
        _tell_requester(line, case, "case.received", no=case.number, date=case.dispatch_due_at)


def tell_dispatched(line: Line) -> None:
    case = _case(line)
    unit = _body(line)
    if unit is not None and case.feedback_due_at is not None:
        _tell_requester(line, case, "case.dispatched", unit=_name(unit), due=case.feedback_due_at)


def tell_merged(line: Line) -> None:
    case = _case(line)
    _tell_requester(line, case, "case.handled_together", no=case.number)


def tell_not_dispatched(line: Line) -> None:
    case = _case(line)
    _tell_requester(line, case, "case.not_dispatched_read", no=case.number)


def tell_answered(line: Line) -> None:
    case = _case(line)
    _tell_requester(line, case, "case.answered", no=case.number)


def tell_feedback(line: Line) -> None:
    case = _case(line)
    _tell_requester(line, case, "case.feedback_given", unit=_unit_name(case), no=case.number)


def tell_rate(line: Line) -> None:
    _tell_requester(line, _case(line), "case.rate")


def tell_paused(line: Line) -> None:
    case = _case(line)
    _tell_requester(line, case, "case.paused", no=case.number, reason=PauseReason(line.facts["reason"]).label)


def tell_extended(line: Line) -> None:
    case = _case(line)
    if case.feedback_due_at is not None:
        _tell_requester(line, case, "case.time_extended", no=case.number, due=case.feedback_due_at)


def tell_shelved(line: Line) -> None:
    case = _case(line)
    review = datetime.fromisoformat(line.facts["review"]).date()
    reason = ShelvingReason(line.facts["reason"]).label
    _tell_requester(line, case, "case.put_off", no=case.number, reason=reason, review=review)


def tell_taken_up(line: Line) -> None:
    case = _case(line)
    if case.feedback_due_at is not None:
        _tell_requester(line, case, "case.taken_up", no=case.number, due=case.feedback_due_at)


# --- telling those who must act ---


def tell_urgent_arrival(line: Line) -> None:
    """A queue is enough for most; an emergency is told to whoever sits at the desk."""
    case = _case(line)
    if _presses(case) and case.is_open and case.dispatch_due_at is not None:
        desk = _over(case, Role.CENTER_INTAKE, line.at)
        _tell(line, case, desk, "desk.arrived", urgent=True, no=case.number, due=case.dispatch_due_at)


def tell_unit(line: Line) -> None:
    """The officer on duty of the unit it was handed to; nobody if that turn is over or begun by now."""
    case = _case(line)
    leg = Leg.objects.filter(case=case, number=line.facts["leg"], ended_at=None, signed_at=None).first()
    if leg is not None:
        officers = on_duty(leg.unit_id, line.at)
        _tell(
            line, case, officers, "desk.for_you", urgent=_presses(case), no=case.number, due=leg.sign_due_at
        )


def tell_unit_withdrawn(line: Line) -> None:
    _tell_lead(line, "desk.withdrawn")


def tell_unit_merged(line: Line) -> None:
    _tell_lead(line, "desk.merged")


def tell_unit_signed_by_clock(line: Line) -> None:
    _tell_lead(line, "desk.signed_by_clock", with_due=True)


def tell_unit_upheld(line: Line) -> None:
    _tell_lead(line, "desk.upheld", with_due=True)


def tell_unit_sent_back(line: Line) -> None:
    _tell_lead(line, "desk.sent_back")


def tell_supervisor_objection(line: Line) -> None:
    case = _case(line)
    supervisors = _over(case, Role.CENTER_SUPERVISOR, line.at)
    _tell(
        line,
        case,
        supervisors,
        "desk.objection",
        urgent=_presses(case),
        unit=_unit_name(case),
        no=case.number,
    )


def tell_assistants(line: Line) -> None:
    case = _case(line)
    unit = _body(line)
    if unit is not None:
        _tell(line, case, on_duty(unit.pk, line.at), "desk.assist", urgent=_presses(case), no=case.number)


def tell_desk_feedback(line: Line) -> None:
    case = _case(line)
    if case.verification_required:
        _tell(line, case, _over(case, Role.CENTER_INTAKE, line.at), "desk.feedback", no=case.number)


def tell_grid_worker(line: Line) -> None:
    case = _case(line)
    if case.grid:
        workers = _over(case, Role.GRID_WORKER, line.at)
        _tell(line, case, workers, "field.check", no=case.number)


def tell_redo(line: Line) -> None:
    """After a callback: only where the case went back to its unit."""
    if line.facts.get("to") != "in_progress":
        return
    case = _case(line)
    _tell_lead(line, "desk.redo", with_due=True)
    if case.feedback_due_at is not None:
        _tell_requester(line, case, "case.done_again", no=case.number, due=case.feedback_due_at)


def tell_closed(line: Line) -> None:
    """After a callback that ended it: somebody else did, and what may still be said has its days."""
    if line.facts.get("to") == "closed":
        case = _case(line)
        _tell_requester(line, case, "case.closed", no=case.number)


def tell_desk_reopened(line: Line) -> None:
    case = _case(line)
    _tell(line, case, _over(case, Role.CENTER_INTAKE, line.at), "desk.reopened", no=case.number)


def tell_desk_review(line: Line) -> None:
    case = _case(line)
    _tell(line, case, _over(case, Role.CENTER_INTAKE, line.at), "desk.review", no=case.number)


# --- telling other programs ---


def announce(line: Line) -> None:
    """Every act on a case, to the programs that want to hear of it: what it was, never what was said."""
    to = wanting(line.act) if line.subject_kind == "case" and line.act in ANNOUNCED else []
    if to:
        case = _case(line)
        unit = case.lead_unit.code if case.lead_unit is not None else ""
        data = {"number": case.number, "state": line.facts.get("to"), "area": case.area_code, "unit": unit}
        enqueue(line=line, to=to, area_code=case.area_code, unit=unit, data=data)


#: What other programs may hear of: the moves of a case. Looks at a contact are nobody else's business.
ANNOUNCED = frozenset(MOVE_OF)
#: What follows every line.
ALWAYS: tuple[Reaction, ...] = (announce,)

REACTIONS: dict[str, tuple[Reaction, ...]] = {
    "case.registered": (tell_received, tell_urgent_arrival),
    "case.informed": (tell_not_dispatched,),
    "case.review_asked": (tell_desk_review,),
    "case.answered": (tell_answered,),
    "case.merged": (tell_merged, tell_unit_merged),
    "case.dispatched": (tell_unit, tell_dispatched),
    "case.auto_signed": (tell_unit_signed_by_clock,),
    "case.objected": (tell_supervisor_objection,),
    "case.upheld": (tell_unit_upheld,),
    "case.reassigned": (tell_unit, tell_dispatched),
    "case.assist_asked": (tell_assistants,),
    "case.paused": (tell_paused,),
    "case.resumed": (tell_taken_up,),
    "case.extended": (tell_extended,),
    "case.shelved": (tell_shelved,),
    "case.reactivated": (tell_taken_up,),
    "case.fed_back": (tell_feedback, tell_desk_feedback),
    "case.verification_asked": (tell_grid_worker,),
    "case.passed": (tell_rate,),
    "case.shelving_ended": (tell_rate,),
    "case.feedback_rejected": (tell_unit_sent_back,),
    "case.called_back": (tell_redo, tell_closed),
    "case.reopened": (tell_desk_reopened,),
    "case.withdrawn": (tell_unit_withdrawn,),
}


# --- the pieces ---


def _case(line: Line) -> Case:
    return Case.objects.defer("search", "text").select_related("lead_unit", "leg").get(number=line.subject_id)


def _body(line: Line) -> Organisation | None:
    """The body an act named, whoever may have the case by now."""
    return Organisation.objects.filter(code=line.facts["unit"]).first()


def _name(unit: Organisation) -> dict[str, str]:
    return {"zh-hans": unit.name, "en": unit.name_en or unit.name}


def _unit_name(case: Case) -> dict[str, str]:
    return _name(case.lead_unit) if case.lead_unit is not None else {"zh-hans": "", "en": ""}


def _presses(case: Case) -> bool:
    """Only what cannot wait until morning is told at night."""
    return case.priority in {Priority.EMERGENCY, Priority.URGENT}


def _over(case: Case, role: Role, at: datetime) -> list[PostHolder]:
    return holders_over(case.area_code, [role], at)


def _tell_requester(line: Line, case: Case, template: str, **params: Value) -> None:
    """Whoever holds the receipt, and the account behind the request if there is one; nobody any more
    where the requester has left."""
    if case.requester_left:
        return
    recipients = [Recipient(RecipientKind.REQUESTER, case.number)]
    if case.requester_user_id is not None:
        recipients.append(Recipient(RecipientKind.USER, str(case.requester_user_id)))
    for to in recipients:
        send(to=to, template=template, params=params, about=line.subject, at=line.at, key=_key(line))


def _tell(
    line: Line,
    case: Case,
    people: Iterable[PostHolder],
    template: str,
    *,
    urgent: bool = False,
    **params: Any,
) -> None:
    """To the posts, not the persons: whoever holds one when it is read, reads it."""
    for post_id in dict.fromkeys(holder.post_id for holder in people):
        send(
            to=Recipient(RecipientKind.POST, post_id),
            template=template,
            params=params,
            about=case.subject,
            at=line.at,
            key=_key(line),
            urgent=urgent,
        )


def _tell_lead(line: Line, template: str, *, with_due: bool = False) -> None:
    case = _case(line)
    if case.lead_unit_id is None:
        return
    params: dict[str, Value] = {"no": case.number}
    if with_due:
        if case.feedback_due_at is None:
            return
        params["due"] = case.feedback_due_at
    _tell(line, case, on_duty(case.lead_unit_id, line.at), template, urgent=_presses(case), **params)


def _key(line: Line) -> str:
    return f"line:{line.pk}"
