"""Setting up bodies and posts, appointing and relieving people, and the duty roster."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from wangge.foundation.accounts.models import User
from wangge.foundation.journal.actions import append
from wangge.foundation.journal.actors import Actor, Subject
from wangge.foundation.refusals import Refusal
from wangge.organisations.models import Appointment, DutyShift, Organisation, Post
from wangge.organisations.roles import SEPARATED, Role
from wangge.territory.models import Area


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
    """The post of this role in the organisation, made when it is asked for first."""
    post, _made = Post.objects.get_or_create(
        organisation=organisation, role=role, area=area or organisation.area
    )
    return post


@transaction.atomic
def appoint(
    *, by: Actor, user: User, post: Post, at: datetime, valid_to: datetime | None = None
) -> Appointment:
    """Give a user a post from `at` on.

    Refused when the user already holds it, or when it would join two of the three separated
    administrators' duties in one person (三员分立).
    """
    User.objects.select_for_update().get(pk=user.pk)
    held = Appointment.objects.filter(user=user).exclude(valid_to__lte=at).select_related("post")
    roles = {Role(appointment.post.role) for appointment in held}
    if any(appointment.post_id == post.pk for appointment in held):
        raise UnableToAppoint("already_appointed", _("This person already holds this post."))
    if Role(post.role) in SEPARATED and roles & SEPARATED:
        raise UnableToAppoint(
            "separated_duties",
            _(
                "System, security and audit administration must be three different people. End the other "
                "appointment first, or appoint somebody else."
            ),
        )
    appointment = Appointment.objects.create(user=user, post=post, valid_from=at, valid_to=valid_to)
    append(
        act="post.filled",
        subject=Subject("post", str(post.pk)),
        by=by,
        at=at,
        facts={"user": str(user.pk), "role": post.role, "organisation": post.organisation.code},
    )
    return appointment


@transaction.atomic
def relieve(*, by: Actor, appointment: Appointment, at: datetime) -> Appointment:
    """End an appointment at `at`."""
    locked = Appointment.objects.select_for_update(of=("self",)).select_related("post").get(pk=appointment.pk)
    if locked.valid_to is not None and locked.valid_to <= at:
        raise UnableToAppoint("already_ended", _("This appointment has already ended."))
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
    """Enter a shift in the roster; refused when it ends before it starts or meets another of theirs."""
    if ends_at <= starts_at:
        raise UnableToRoster("ends_before_start", _("A shift must end after it starts."), field="ends_at")
    organisation = appointment.post.organisation
    overlapping = DutyShift.objects.filter(
        appointment=appointment, starts_at__lt=ends_at, ends_at__gt=starts_at
    )
    if overlapping.exists():
        raise UnableToRoster(
            "overlap", _("This person is already on duty in part of that time."), field="starts_at"
        )
    shift = DutyShift.objects.create(
        organisation=organisation, appointment=appointment, starts_at=starts_at, ends_at=ends_at
    )
    append(
        act="organisation.duty_set",
        subject=Subject("organisation", organisation.code),
        by=by,
        at=at,
        facts={"user": str(appointment.user_id), "from": starts_at.isoformat(), "to": ends_at.isoformat()},
    )
    return shift
