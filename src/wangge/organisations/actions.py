"""Setting up bodies and posts, appointing and relieving people, and the duty roster."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from wangge.foundation.accounts.models import User
from wangge.foundation.journal.actions import append
from wangge.foundation.journal.actors import Actor, Subject
from wangge.foundation.journal.canonical import iso_utc
from wangge.foundation.refusals import Refusal
from wangge.organisations.authority import CALLS_BACK, HANDLES
from wangge.organisations.models import Appointment, DutyShift, Organisation, OrganisationType, Post
from wangge.organisations.roles import SEPARATED, Role
from wangge.territory.models import Area

#: Bodies that can be made to act on a case; who calls back belongs to none of them.
_HANDLING_BODIES = frozenset(
    {
        OrganisationType.DEPARTMENT,
        OrganisationType.UTILITY,
        OrganisationType.TOWN_UNIT,
        OrganisationType.COMMITTEE,
        OrganisationType.GRID_TEAM,
    }
)


class UnableToFound(Refusal):
    """The body or post cannot be set up as asked."""


class UnableToAppoint(Refusal):
    """The appointment would break a rule about posts."""


class UnableToRoster(Refusal):
    """The shift cannot stand in the roster."""


@transaction.atomic
def found_organisation(
    *,
    by: Actor,
    at: datetime,
    code: str,
    kind: str,
    type: str,
    name: str,
    area: Area,
    name_en: str = "",
    parent: Organisation | None = None,
    work_phone: str = "",
    is_demo: bool = False,
) -> Organisation:
    """Enter a body in the register. Its code is given once: refused when a body bears it, or ever bore it."""
    if Organisation.objects.filter(code=code).exists():
        raise UnableToFound(
            "code_taken",
            _("An organisation with this code exists. Choose another code."),
            field="code",
        )
    organisation = Organisation.objects.create(
        code=code, kind=kind, type=type, name=name, name_en=name_en, parent=parent, area=area,
        work_phone=work_phone, is_demo=is_demo,
    )  # fmt: skip
    append(
        act="organisation.founded",
        subject=Subject("organisation", code),
        by=by,
        at=at,
        facts={"kind": kind, "type": type, "area": area.code, "parent": parent.code if parent else None},
        new=True,
    )
    return organisation


def post_in(*, organisation: Organisation, role: Role, area: Area | None = None) -> Post:
    """The post of this role in the organisation, made when it is asked for first.

    Its area is the organisation's own, or one within it. Refused otherwise, and for a callback agent in
    a body that handles cases.
    """
    area = area or organisation.area
    if not area.prefix.startswith(organisation.area.prefix):
        raise UnableToFound(
            "area_outside",
            _("A post works within the area of its organisation. Choose an area inside it."),
            field="area",
        )
    if role in CALLS_BACK and organisation.type in _HANDLING_BODIES:
        raise UnableToFound(
            "caller_in_unit",
            _(
                "Callback agents never belong to a body that handles cases. Put the post in the command "
                "centre."
            ),
            field="organisation",
        )
    post, _made = Post.objects.get_or_create(organisation=organisation, role=role, area=area)
    return post


@transaction.atomic
def appoint(
    *, by: Actor, user: User, post: Post, at: datetime, valid_to: datetime | None = None
) -> Appointment:
    """Give a user a post from `at` on.

    Refused when the user already holds it, when it would join two of the three separated
    administrators' duties in one person (三员分立), or calling back with handling.
    """
    if valid_to is not None and valid_to <= at:
        raise UnableToAppoint(
            "ends_before_start", _("An appointment must end after it starts."), field="valid_to"
        )
    if not post.active or not post.organisation.active:
        raise UnableToAppoint(
            "post_closed", _("This post is no longer filled. Choose one of an active organisation.")
        )
    # Two appointments of one person wait for each other here, so that neither misses the other.
    if not User.objects.select_for_update().get(pk=user.pk).is_active:
        raise UnableToAppoint(
            "account_closed", _("This account is closed. Open it again, or appoint somebody else.")
        )
    held = list(_meeting(at, valid_to).filter(user=user).select_related("post"))
    if any(appointment.post_id == post.pk for appointment in held):
        raise UnableToAppoint("already_appointed", _("This person already holds this post."))
    _check_duties_apart(Role(post.role), {Role(appointment.post.role) for appointment in held})
    appointment = Appointment.objects.create(user=user, post=post, valid_from=at, valid_to=valid_to)
    append(
        act="post.filled",
        subject=Subject("post", str(post.pk)),
        by=by,
        at=at,
        facts={
            "user": str(user.pk),
            "role": post.role,
            "organisation": post.organisation.code,
            "until": iso_utc(valid_to) if valid_to else None,
        },
    )
    return appointment


def _meeting(start: datetime, end: datetime | None) -> QuerySet[Appointment]:
    """Appointments in force in some part of a time."""
    meets = Q(valid_to__isnull=True) | Q(valid_to__gt=start)
    return Appointment.objects.filter(meets if end is None else meets & Q(valid_from__lt=end))


def _check_duties_apart(role: Role, held: set[Role]) -> None:
    if role in SEPARATED and held & SEPARATED:
        raise UnableToAppoint(
            "separated_duties",
            _(
                "System, security and audit administration must be three different people. End the other "
                "appointment first, or appoint somebody else."
            ),
        )
    if (role in CALLS_BACK and held & HANDLES) or (role in HANDLES and held & CALLS_BACK):
        raise UnableToAppoint(
            "caller_handles",
            _(
                "Nobody may call back about work they take part in. End the other appointment first, or "
                "appoint somebody else."
            ),
        )


@transaction.atomic
def relieve(*, by: Actor, appointment: Appointment, at: datetime) -> Appointment:
    """End an appointment at `at`."""
    locked = Appointment.objects.select_for_update(of=("self",)).select_related("post").get(pk=appointment.pk)
    if locked.valid_to is not None and locked.valid_to <= at:
        raise UnableToAppoint("already_ended", _("This appointment has already ended."))
    if locked.valid_from >= at:
        raise UnableToAppoint(
            "not_begun", _("This appointment has not begun yet. End it on a later moment than it begins.")
        )
    locked.valid_to = at
    locked.save(update_fields=["valid_to"])
    append(
        act="post.vacated",
        subject=Subject("post", str(locked.post_id)),
        by=by,
        at=at,
        facts={"user": str(locked.user_id)},
    )
    return locked


@transaction.atomic
def put_on_duty(
    *, by: Actor, appointment: Appointment, starts_at: datetime, ends_at: datetime, at: datetime
) -> DutyShift:
    """Enter a shift in the roster.

    Refused when it ends before it starts, meets another of theirs, or reaches beyond the appointment.
    """
    if ends_at <= starts_at:
        raise UnableToRoster("ends_before_start", _("A shift must end after it starts."), field="ends_at")
    # Locked, so that two shifts entered at once see each other.
    locked = (
        Appointment.objects.select_for_update(of=("self",))
        .select_related("post__organisation")
        .get(pk=appointment.pk)
    )
    if starts_at < locked.valid_from or (locked.valid_to is not None and ends_at > locked.valid_to):
        raise UnableToRoster(
            "not_appointed",
            _("This person does not hold the post in all of that time."),
            field="starts_at",
        )
    overlapping = DutyShift.objects.filter(appointment=locked, starts_at__lt=ends_at, ends_at__gt=starts_at)
    if overlapping.exists():
        raise UnableToRoster(
            "overlap", _("This person is already on duty in part of that time."), field="starts_at"
        )
    organisation = locked.post.organisation
    shift = DutyShift.objects.create(
        organisation=organisation, appointment=locked, starts_at=starts_at, ends_at=ends_at
    )
    append(
        act="organisation.duty_set",
        subject=Subject("organisation", organisation.code),
        by=by,
        at=at,
        facts={"user": str(locked.user_id), "from": iso_utc(starts_at), "to": iso_utc(ends_at)},
    )
    return shift
