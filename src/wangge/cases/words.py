"""The trade's words for a case: how it came in, what is asked, how it can end (domain notes §4, §6)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    HOTLINE_12345 = "hotline_12345", _("12345 hotline")
    APP = "app", _("App")
    MINI_PROGRAM = "mini_program", _("Mini program")
    QR = "qr", _("Grid QR code")
    WALK_IN = "walk_in", _("Walk-in")
    GRID_PATROL = "grid_patrol", _("Grid patrol")
    REPORTER = "reporter", _("Reporter's tip")
    DELIBERATION = "deliberation", _("Deliberation")
    MEDIA = "media", _("Media")
    SUPERIOR = "superior", _("Superior body")
    SENSOR = "sensor", _("Sensor")
    PROACTIVE = "proactive", _("Proactive")


class RequestType(models.TextChoices):
    """北京市接诉即办工作条例 art. 2, and the two kinds of city management."""

    CONSULT = "consult", _("Question")
    HELP = "help", _("Request for help")
    COMPLAINT = "complaint", _("Complaint")
    REPORT = "report", _("Report")
    SUGGEST = "suggest", _("Suggestion")
    COMPONENT = "component", _("City component")
    INCIDENT = "incident", _("City incident")


class InformReason(models.TextChoices):
    """Why a request is not dispatched (北京市接诉即办工作条例 art. 11)."""

    EMERGENCY_LINE = "emergency_line", _("Belongs to an emergency line (110, 119, 120, 122)")
    STATUTORY_CHANNEL = "statutory_channel", _("Has a statutory channel of its own")
    DUPLICATE_NO_NEW_FACT = "duplicate_no_new_fact", _("Already being handled, nothing new")
    SECRET_OR_PRIVACY = "secret_or_privacy", _("Concerns secrets or somebody's privacy")
    OUT_OF_SCOPE = "out_of_scope", _("Outside the duties of public bodies")
    UNLAWFUL_OR_IMPROPER = "unlawful_or_improper", _("Unlawful or improper")


class Outcome(models.TextChoices):
    SOLVED = "solved", _("Solved")
    PARTLY = "partly", _("Partly solved")
    EXPLAINED = "explained", _("Explained")
    UNSOLVED = "unsolved", _("Not solved")
    UNREACHABLE = "unreachable", _("Requester could not be reached")


class ObjectionGround(models.TextChoices):
    """A dispatch may be objected to on legal or geographic ground only."""

    NOT_OUR_AREA = "not_our_area", _("The place is outside our area")
    NOT_OUR_DUTY = "not_our_duty", _("The law gives this duty to another body")
    NOT_ADMITTED = "not_admitted", _("The matter is not admitted for communities")


class Solved(models.TextChoices):
    SOLVED = "solved", _("Solved")
    PARTLY = "partly", _("Partly solved")
    NOT_SOLVED = "not_solved", _("Not solved")


class Satisfaction(models.TextChoices):
    VERY_SATISFIED = "very_satisfied", _("Very satisfied")
    SATISFIED = "satisfied", _("Satisfied")
    BASICALLY_SATISFIED = "basically_satisfied", _("Basically satisfied")
    DISSATISFIED = "dissatisfied", _("Dissatisfied")
    VERY_DISSATISFIED = "very_dissatisfied", _("Very dissatisfied")
    NO_ANSWER = "no_answer", _("No answer")


class CallbackChannel(models.TextChoices):
    PHONE = "phone", _("Phone")
    SMS = "sms", _("Text message")
    APP = "app", _("App")


class PauseReason(models.TextChoices):
    """The only grounds on which a clock may stand still (domain notes §4, clock rule 4)."""

    WAITING_FOR_REQUESTER = "waiting_for_requester", _("Waiting for information from the requester")
    STATUTORY_PROCEDURE = "statutory_procedure", _("Court or statutory procedure")
    FORCE_MAJEURE = "force_majeure", _("Force majeure")


class ShelvingReason(models.TextChoices):
    OWNERSHIP = "ownership", _("Ownership unsettled")
    FUNDING = "funding", _("No funds yet")
    SEASON = "season", _("Season")
    POLICY = "policy", _("Policy pending")


class NoteKind(models.TextChoices):
    """What a free text on a case is; it stands in an erasable row, its digest in the journal."""

    SCREENING = "screening", _("Screening note")
    ADVICE = "advice", _("Advice to the requester")
    DISPATCH = "dispatch", _("Reason for the dispatch")
    OBJECTION = "objection", _("Objection")
    RULING = "ruling", _("Ruling")
    WORK = "work", _("Work log")
    ASSIST = "assist", _("Assistance")
    FEEDBACK = "feedback", _("Feedback to the requester")
    CHECK = "check", _("Check")
    CALLBACK = "callback", _("Callback")
    REQUESTER = "requester", _("Requester's words")
    REASON = "reason", _("Reason")
    EXPLANATION = "explanation", _("Explanation to the requester")


#: Notes that the requester reads as they stand; all others stay with those who work on the case.
TOLD_TO_REQUESTER = frozenset({NoteKind.ADVICE, NoteKind.FEEDBACK, NoteKind.REQUESTER, NoteKind.EXPLANATION})
