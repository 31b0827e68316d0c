"""Handing a case to exactly one lead unit, and what the unit may say to that (派单、签收、退单、改派)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from wangge.cases.models import Assist, Case, Leg, Objection
from wangge.cases.moves import Step, UnableToAct, UnableToRead, begin, required
from wangge.cases.words import NoteKind, ObjectionGround
from wangge.duties.queries import Lead, UnableToNameLead, check_admission, who_leads
from wangge.foundation.journal.actors import Actor
from wangge.foundation.journal.canonical import iso_utc
from wangge.foundation.worktime.calendars import current_calendar
from wangge.foundation.worktime.counting import deadline
from wangge.foundation.worktime.workcalendar import SHANGHAI
from wangge.organisations.models import Organisation, OrganisationType


class UnableToDispatch(UnableToRead):
    """The case cannot be handed to this unit; the message says what to do instead."""


def proposed_lead(*, case: Case, at: datetime) -> Lead:
    """Whom the dispatch catalogue names for the case today, or UnableToNameLead."""
    if case.matter is None:
        raise UnableToNameLead("no_matter", _("Classify the case first."), field="matter")
    return who_leads(matter=case.matter, area_code=case.area_code, day=at.astimezone(SHANGHAI).date())


@transaction.atomic
def dispatch_case(
    *,
    by: Actor,
    case: Case,
    at: datetime,
    seen_version: int,
    unit: Organisation | None = None,
    reason: str = "",
) -> Case:
    """Hand the case to the unit the catalogue names, or to `unit` with a written reason.

    Starts the promise of an answer (from the first dispatch, never reset) and the unit's own leg.
    """
    step = begin(case=case, act="dispatch", by=by, at=at, seen_version=seen_version)
    return _hand_over(step, unit, reason)


@transaction.atomic
def sign_case(*, by: Actor, case: Case, at: datetime, seen_version: int) -> Case:
    """The unit confirms that it has the case."""
    step = begin(case=case, act="sign", by=by, at=at, seen_version=seen_version)
    leg = step.leg
    leg.signed_at = at
    leg.save(update_fields=["signed_at"])
    return step.done(facts={"leg": leg.number})


@transaction.atomic
def auto_sign_case(*, by: Actor, case: Case, at: datetime) -> Case:
    """At the sign limit the clock signs: a case cannot be parked by not signing."""
    step = begin(case=case, act="auto_sign", by=by, at=at, seen_version=None)
    leg = step.leg
    leg.signed_at = at
    leg.auto_signed = True
    leg.save(update_fields=["signed_at", "auto_signed"])
    return step.done(facts={"leg": leg.number, "limit_at": iso_utc(leg.sign_due_at)})


@transaction.atomic
def object_to_dispatch(
    *, by: Actor, case: Case, at: datetime, seen_version: int, ground: str, explanation: str
) -> Case:
    """The unit objects, once per leg, on legal or geographic ground; its clock keeps running."""
    step = begin(case=case, act="object", by=by, at=at, seen_version=seen_version)
    if ground not in ObjectionGround.values:
        raise UnableToRead("required", _("Choose the ground of the objection."), field="ground")
    explanation = required(
        explanation, _("Give the clause or the map evidence the objection rests on."), "explanation"
    )
    leg = step.leg
    leg.objected = leg.open_objection = True
    leg.save(update_fields=["objected", "open_objection"])
    Objection.objects.create(leg=leg, ground=ground, raised_at=at)
    return step.done(
        facts={"leg": leg.number, "ground": ground}, note=step.note(NoteKind.OBJECTION, explanation)
    )


@transaction.atomic
def uphold_dispatch(*, by: Actor, case: Case, at: datetime, seen_version: int, ruling: str) -> Case:
    """The desk rules that the dispatch stands; the leg's clock never stopped."""
    step = begin(case=case, act="uphold", by=by, at=at, seen_version=seen_version)
    ruling = required(ruling, _("Write the ground of the ruling; the unit will read it."), "ruling")
    leg = step.leg
    _rule(leg, accepted=False, at=at)
    if leg.signed_at is None:
        # The unit has read it, or it could not have objected; with the ruling the case is its own.
        leg.signed_at = at
        leg.save(update_fields=["signed_at"])
    return step.done(facts={"leg": leg.number}, note=step.note(NoteKind.RULING, ruling))


@transaction.atomic
def reassign_case(
    *,
    by: Actor,
    case: Case,
    at: datetime,
    seen_version: int,
    unit: Organisation | None = None,
    reason: str = "",
) -> Case:
    """The objection is accepted: a new leg with another unit. The case clock goes on as it was."""
    step = begin(case=case, act="reassign", by=by, at=at, seen_version=seen_version)
    leg = step.leg
    reason = required(reason, _("Write why another unit is to lead."), "reason")
    if unit is None:
        raise UnableToDispatch("required", _("Choose the unit that is to lead."), field="unit")
    if unit.pk == leg.unit_id:
        raise UnableToDispatch(
            "same_unit",
            _("This unit has the case now. Uphold the dispatch, or choose another."),
            field="unit",
        )
    _rule(leg, accepted=True, at=at)
    leg.ended_at = at
    leg.save(update_fields=["ended_at"])
    step.case.reassignments += 1
    return _hand_over(step, unit, reason)


# --- the pieces ---


def _rule(leg: Leg, *, accepted: bool, at: datetime) -> None:
    Objection.objects.filter(leg=leg).update(accepted=accepted, ruled_at=at)
    leg.open_objection = False
    leg.save(update_fields=["open_objection"])


def _hand_over(step: Step, unit: Organisation | None, reason: str) -> Case:
    """Begin the unit's leg; keep who, why, on which rule, under which limits."""
    case, at = step.case, step.at
    if case.matter is None:
        raise UnableToDispatch("no_matter", _("Classify the case first."), field="matter")
    lead, rule_facts = _choose(step, unit, reason)
    calendar = current_calendar()
    limits = {
        stage: step.configuration.limit(case.priority, stage) for stage in ("sign", "contact", "feedback")
    }
    due = {stage: deadline(at, limit, calendar).known_due_at for stage, limit in limits.items()}
    number = Leg.objects.filter(case=case).count() + 1
    leg = Leg.objects.create(
        case=case,
        number=number,
        unit=lead,
        rule_id=rule_facts["rule"],
        by_catalogue=rule_facts["by_catalogue"],
        basis=rule_facts.pop("basis"),
        dispatched_at=at,
        sign_due_at=due["sign"],
        contact_due_at=due["contact"],
        object_due_at=deadline(at, step.configuration.objection_limit, calendar).known_due_at,
        feedback_due_at=due["feedback"],
    )
    # Who now leads no longer assists.
    Assist.objects.filter(case=case, unit=lead, ended_at__isnull=True).update(ended_at=at)
    case.leg = leg
    case.lead_unit = lead
    if case.first_unit_id is None:
        case.first_unit = lead
    if case.feedback_due_at is None:
        # The promise of an answer begins. A hotline's own deadline counts if it is earlier, the first time.
        external = case.external_due_at if case.first_dispatched_at is None else None
        case.feedback_due_at = min(due["feedback"], external) if external else due["feedback"]
    case.first_dispatched_at = case.first_dispatched_at or at
    case.verified = False
    note = step.note(NoteKind.DISPATCH, reason)
    return step.done(
        facts={
            **rule_facts,
            "leg": number,
            "unit": lead.code,
            "calendar": calendar.version,
            **{f"{stage}_limit": str(limit) for stage, limit in limits.items()},
            "object_limit": str(step.configuration.objection_limit),
        },
        note=note,
    )


def _choose(step: Step, unit: Organisation | None, reason: str) -> tuple[Organisation, dict[str, Any]]:
    """The catalogue's lead, or the desk's own choice with its reason; both only within admission."""
    case = step.case
    try:
        lead = proposed_lead(case=case, at=step.at)
    except UnableToNameLead:
        if unit is None:
            raise
        lead = None
    if lead is not None and (unit is None or unit.pk == lead.organisation.pk):
        return _able(lead.organisation), {
            "by_catalogue": True,
            "rule": lead.rule.pk,
            "admission": lead.admission.pk if lead.admission else None,
            "basis": lead.rule.basis,
        }
    if unit is None:
        raise UnableToDispatch("required", _("Choose the unit that is to lead."), field="unit")
    if not reason.strip():
        raise UnableToDispatch(
            "reason_required",
            _("The catalogue names another unit. Write why this one is to lead."),
            field="reason",
        )
    if not unit.active or not case.area_code.startswith(unit.area.prefix):
        raise UnableToDispatch(
            "unit_elsewhere", _("This unit does not answer for the place of the case."), field="unit"
        )
    if case.matter is None:
        raise UnableToAct("no_matter", _("Classify the case first."))
    admission = check_admission(
        organisation=unit,
        matter=case.matter,
        area_code=case.area_code,
        day=step.at.astimezone(SHANGHAI).date(),
    )
    return _able(unit), {
        "by_catalogue": False,
        "rule": None,
        "admission": admission.pk if admission else None,
        "basis": "",
    }


def _able(unit: Organisation) -> Organisation:
    """Whoever dispatches, checks and calls back does not handle."""
    if unit.type == OrganisationType.CENTER:
        raise UnableToDispatch(
            "centre",
            _("The command centre dispatches and calls back; choose a unit that handles."),
            field="unit",
        )
    return unit
