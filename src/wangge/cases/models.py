"""A case and the rows that hang from it. The journal is the truth; the case's columns are its cache."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from wangge.cases.states import AT_DESK, ENDED, STANDING, WITH_UNIT, State
from wangge.cases.words import (
    CallbackChannel,
    Channel,
    InformReason,
    NoteKind,
    ObjectionGround,
    Outcome,
    PauseReason,
    RequestType,
    Satisfaction,
    ShelvingReason,
    Solved,
)
from wangge.duties.models import Matter, Priority
from wangge.foundation.files.models import StoredFile
from wangge.foundation.journal.actors import Subject
from wangge.foundation.privacy.fields import SealedTextField
from wangge.foundation.privacy.models import Identity, Purpose
from wangge.organisations.models import Organisation


class Case(models.Model):
    """One request or problem being handled (诉求、工单).

    `area_code` is the smallest area known for the place: a grid, or a community, town or district
    when nobody could say more. Its upper parts are repeated in `district`, `town` and `community`, so
    that each desk's list is one index, however many cases there are.
    """

    number = models.CharField(max_length=30, unique=True, db_collation="C")
    request_type = models.CharField(max_length=12, choices=RequestType.choices)
    channel = models.CharField(max_length=16, choices=Channel.choices)
    source_system = models.CharField(max_length=40, blank=True, db_collation="C")
    external_no = models.CharField(max_length=80, blank=True, db_collation="C")
    external_due_at = models.DateTimeField(null=True, blank=True)
    client_key = models.CharField(max_length=80, null=True, unique=True, db_collation="C")
    client_digest = models.CharField(max_length=64, blank=True, db_collation="C")
    salt = models.CharField(max_length=32, db_collation="C")
    lookup_secret = SealedTextField(purpose="case.lookup_secret", blank=True)

    title = models.CharField(max_length=120)
    text = models.TextField()
    search = SearchVectorField(null=True)
    place = models.CharField(max_length=200, blank=True)
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    area_code = models.CharField(max_length=17, db_collation="C")
    district = models.CharField(max_length=6, db_collation="C")
    town = models.CharField(max_length=9, blank=True, db_collation="C")
    community = models.CharField(max_length=12, blank=True, db_collation="C")
    grid = models.CharField(max_length=15, blank=True, db_collation="C")
    place_confidence = models.FloatField(default=0)

    anonymous = models.BooleanField(default=False)
    confidential = models.BooleanField(default=False)
    requester = models.ForeignKey(
        Identity, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    requester_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    registered_unit = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    state = models.CharField(max_length=20, choices=State.choices, db_collation="C")
    version = models.IntegerField(default=1)
    matter = models.ForeignKey(Matter, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    category = models.CharField(max_length=40, blank=True, db_collation="C")
    priority = models.CharField(max_length=12, choices=Priority.choices, default=Priority.NORMAL)
    first_unit = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    lead_unit = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    leg = models.ForeignKey("Leg", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged_cases"
    )

    registered_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    dispatch_due_at = models.DateTimeField(null=True, blank=True)
    first_dispatched_at = models.DateTimeField(null=True, blank=True)
    feedback_due_at = models.DateTimeField(null=True, blank=True)
    feedback_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    inform_reason = models.CharField(max_length=24, choices=InformReason.choices, blank=True)
    verification_required = models.BooleanField(default=False)
    verified = models.BooleanField(default=False)

    reassignments = models.SmallIntegerField(default=0)
    extensions = models.SmallIntegerField(default=0)
    redos = models.SmallIntegerField(default=0)
    reworks = models.SmallIntegerField(default=0)
    reopenings = models.SmallIntegerField(default=0)
    reviews = models.SmallIntegerField(default=0)
    meeting_due = models.BooleanField(default=False)
    is_demo = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source_system", "external_no"],
                condition=~Q(external_no=""),
                name="one_case_an_external_number",
            ),
            models.CheckConstraint(
                condition=Q(lead_unit__isnull=False, leg__isnull=False)
                | ~Q(
                    state__in=sorted(WITH_UNIT | {State.FEEDBACK_GIVEN, State.VERIFYING, State.CALLBACK_DUE})
                ),
                name="a_case_with_a_unit_has_one_lead",
            ),
            models.CheckConstraint(
                condition=Q(anonymous=False) | Q(requester__isnull=True, requester_user__isnull=True),
                name="anonymous_has_no_requester",
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="a_case_is_in_a_state"),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(ENDED)) | Q(ended_at__isnull=False),
                name="an_ended_case_has_its_end",
            ),
            models.CheckConstraint(
                condition=Q(state=State.MERGED, merged_into__isnull=False)
                | (~Q(state=State.MERGED) & Q(merged_into__isnull=True)),
                name="a_merged_case_names_the_other",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="no_case_is_merged_into_itself",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.CLOSED) | ~Q(outcome=""), name="a_closed_case_has_an_outcome"
            ),
        ]
        indexes = [
            models.Index(fields=["district", "-id"], name="case_district"),
            models.Index(fields=["town", "-id"], name="case_town"),
            models.Index(fields=["community", "-id"], name="case_community"),
            models.Index(fields=["grid", "-id"], name="case_grid"),
            models.Index(fields=["lead_unit", "-id"], name="case_lead_unit"),
            models.Index(fields=["requester_user", "-id"], name="case_requester_user"),
            models.Index(fields=["district", "state", "-id"], name="case_district_state"),
            models.Index(fields=["lead_unit", "state", "-id"], name="case_lead_unit_state"),
            models.Index(
                fields=["dispatch_due_at"],
                name="case_undispatched",
                condition=Q(state__in=sorted(AT_DESK)),
            ),
            models.Index(
                fields=["feedback_due_at"],
                name="case_unanswered",
                condition=Q(state__in=sorted(WITH_UNIT)),
            ),
            models.Index(
                fields=["ended_at"],
                name="case_to_archive",
                condition=Q(state__in=sorted({State.CLOSED, State.INFORMED, State.ANSWERED})),
            ),
            GinIndex(fields=["search"], name="case_search"),
        ]

    @property
    def subject(self) -> Subject:
        return Subject("case", self.number)

    @property
    def is_open(self) -> bool:
        return State(self.state) not in ENDED

    @property
    def requester_left(self) -> bool:
        """Who withdrew from a case that goes on without them holds no receipt any more."""
        return not self.lookup_secret

    @property
    def due_at(self) -> datetime | None:
        """The promise that runs now: to have an owner, then to have an answer; none once it was given.

        While a case is paused it is the one that will be moved on; nothing is overdue then.
        """
        if self.state in AT_DESK:
            return self.dispatch_due_at
        if self.state in WITH_UNIT and self.state != State.SHELVED:
            return self.feedback_due_at
        return None

    def is_overdue(self, at: datetime) -> bool:
        """Never stored: a deadline compared with now."""
        due_at = self.due_at
        return due_at is not None and at > due_at and self.state not in STANDING

    def __str__(self) -> str:
        return self.number


class ForeignRecord(models.Model):
    """What another system's record said of a case, as it said it: nothing here moves a clock or a state.

    `received_at` is when the request reached the other system, `ended_at` when it says it was over.
    Free text is masked like a case's own. The row can be erased; the journal holds ids and moments.
    """

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="foreign_record")
    received_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=60, blank=True)
    source = models.CharField(max_length=60, blank=True)
    unit = models.CharField(max_length=120, blank=True)
    categories = models.JSONField(default=list, blank=True)
    opinion = models.TextField(blank=True)
    result = models.TextField(blank=True)
    reply_wanted = models.BooleanField(null=True)
    extension_asked = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(received_at=None) | Q(ended_at=None) | Q(ended_at__gte=F("received_at")),
                name="a_record_ends_after_it_began",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id}"


class Leg(models.Model):
    """One unit's turn with a case, from its own dispatch, with its own clock (承办环节)."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="legs")
    number = models.SmallIntegerField()
    unit = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    rule_id = models.BigIntegerField(null=True, blank=True)
    by_catalogue = models.BooleanField(default=True)
    basis = models.CharField(max_length=300, blank=True)
    dispatched_at = models.DateTimeField()
    sign_due_at = models.DateTimeField()
    contact_due_at = models.DateTimeField()
    object_due_at = models.DateTimeField()
    feedback_due_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True, blank=True)
    auto_signed = models.BooleanField(default=False)
    contacted_at = models.DateTimeField(null=True, blank=True)
    feedback_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    open_objection = models.BooleanField(default=False)
    objected = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="one_leg_a_number"),
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_at__isnull=True), name="one_open_leg_a_case"
            ),
        ]
        indexes = [
            models.Index(
                fields=["sign_due_at"],
                name="leg_unsigned",
                condition=Q(signed_at__isnull=True, ended_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.number}"


class Objection(models.Model):
    """A unit says a dispatch was wrong (派单异议); the desk rules. Once per leg."""

    leg = models.OneToOneField(Leg, on_delete=models.CASCADE, related_name="objection")
    ground = models.CharField(max_length=20, choices=ObjectionGround.choices)
    raised_at = models.DateTimeField()
    ruled_at = models.DateTimeField(null=True, blank=True)
    accepted = models.BooleanField(null=True)

    def __str__(self) -> str:
        return f"{self.leg_id} {self.ground}"


class Assist(models.Model):
    """A unit asked to help (协办); the lead stays where it is."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="assists")
    unit = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "unit"], condition=Q(ended_at__isnull=True), name="one_open_assist_a_unit"
            )
        ]
        indexes = [models.Index(fields=["unit", "-id"], name="assist_unit")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.unit_id}"


class Pause(models.Model):
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="pauses")
    reason = models.CharField(max_length=24, choices=PauseReason.choices)
    from_at = models.DateTimeField()
    planned_end_at = models.DateTimeField()
    to_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(to_at__isnull=True), name="one_open_pause_a_case"
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.reason}"


class Shelving(models.Model):
    """挂账: objectively unsolvable for now, with a plan and a day to look again."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="shelvings")
    reason = models.CharField(max_length=12, choices=ShelvingReason.choices)
    from_at = models.DateTimeField()
    review_date = models.DateField()
    resume_after_date = models.DateField(null=True, blank=True)
    to_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(to_at__isnull=True), name="one_open_shelving_a_case"
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.reason}"


class CallbackAnswer(models.Model):
    """One try to hear from the requester, and what they said (回访、评价). Nobody changes a rating."""

    append_only = True

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="answers")
    round = models.SmallIntegerField()
    channel = models.CharField(max_length=8, choices=CallbackChannel.choices)
    at = models.DateTimeField()
    by_requester = models.BooleanField(default=False)
    reached = models.BooleanField()
    contacted = models.BooleanField(null=True)
    solved = models.CharField(max_length=12, choices=Solved.choices, blank=True)
    satisfaction = models.CharField(max_length=20, choices=Satisfaction.choices, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "round"], condition=Q(reached=True), name="one_answer_a_round"
            ),
            models.CheckConstraint(
                condition=Q(reached=False) | (Q(contacted__isnull=False) & ~Q(solved="")),
                name="an_answer_answers",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} round {self.round}"


class CaseNote(models.Model):
    """A free text written in an act. The journal holds its salted digest, so that nobody changes it
    unseen; this row can be erased."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notes")
    kind = models.CharField(max_length=12, choices=NoteKind.choices)
    text = models.TextField()
    salt = models.CharField(max_length=32)
    digest = models.CharField(max_length=64, db_collation="C")
    unit = models.ForeignKey(Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["case", "at"], name="case_note_at")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"


class Attachment(models.Model):
    """A photo of the place, before or after."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="attachments")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    note = models.ForeignKey(CaseNote, null=True, blank=True, on_delete=models.CASCADE, related_name="photos")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "file"], name="one_attachment_a_file")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.file_id}"


class CaseCounter(models.Model):
    """The last number given out for a district and day; counted outside the act's transaction."""

    district = models.CharField(max_length=6, db_collation="C")
    day = models.DateField()
    last = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["district", "day"], name="one_counter_a_district_and_day")
        ]

    def __str__(self) -> str:
        return f"{self.district} {self.day} {self.last}"


class StageLimit(models.Model):
    """How long a stage may take, by priority; configuration with its source."""

    priority = models.CharField(max_length=12, choices=Priority.choices, db_collation="C")
    stage = models.CharField(max_length=12, db_collation="C")
    limit = models.CharField(max_length=12)
    source = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["priority", "stage"], name="one_limit_a_stage")]

    def __str__(self) -> str:
        return f"{self.priority} {self.stage} {self.limit}"


class CaseRule(models.Model):
    """A number of the case rules, by key; configuration."""

    key = models.CharField(max_length=40, unique=True, db_collation="C")
    value = models.CharField(max_length=40)

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


class ExportState(models.TextChoices):
    """Of an export with identities: asked for, then answered, then made once or not at all."""

    ASKED = "asked", _("Waiting for a second person")
    APPROVED = "approved", _("Approved, not fetched yet")
    REFUSED = "refused", _("Refused")
    MADE = "made", _("Fetched")
    EXPIRED = "expired", _("Ran out")


class ExportRequest(models.Model):
    """Somebody asks for a list of cases with names, phones and addresses in clear.

    The list is fixed when it is asked for: `newest` is the newest case on it, `count` how many there were.
    Nothing is kept of the file itself; it is made while it is fetched, once.
    """

    what = models.CharField(max_length=20, db_collation="C")
    """The list: "queue" or "cases"."""
    filters = SealedTextField(purpose="export.filters")
    """JSON; sealed, for somebody may have searched for words that name a person."""
    newest = models.BigIntegerField()
    count = models.IntegerField()
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    reason = models.CharField(max_length=200)
    district = models.CharField(max_length=6, db_collation="C")
    state = models.CharField(max_length=10, choices=ExportState.choices, default=ExportState.ASKED)
    asker_user_id = models.BigIntegerField()
    asker_post_id = models.CharField(max_length=60, db_collation="C")
    asker_label = models.CharField(max_length=120)
    asked_at = models.DateTimeField()
    approver_post_id = models.CharField(max_length=60, blank=True, db_collation="C")
    approver_label = models.CharField(max_length=120, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    refusal = models.CharField(max_length=200, blank=True)
    lapses_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True, blank=True)
    rows = models.IntegerField(null=True, blank=True)
    identities = models.IntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(approver_post_id="") | ~Q(approver_post_id=F("asker_post_id")),
                name="nobody_approves_their_own_export",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "made"]) | ~Q(approver_post_id=""),
                name="an_approved_export_has_its_approver",
            ),
            models.CheckConstraint(
                condition=~Q(state="made") | Q(made_at__isnull=False), name="a_made_export_has_its_moment"
            ),
        ]
        indexes = [
            models.Index(fields=["district", "state", "-id"], name="export_by_district"),
            models.Index(fields=["asker_post_id", "-id"], name="export_by_asker"),
        ]

    @property
    def subject(self) -> Subject:
        return Subject("export", str(self.pk))

    def __str__(self) -> str:
        return f"export {self.pk} {self.state}"
