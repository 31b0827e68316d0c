"""Who holds which post now, who is on duty, which bodies there are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from wangge.organisations.models import Appointment, DutyShift, Organisation
from wangge.organisations.posts import PostHolder
from wangge.organisations.roles import Role

#: Who answers for a body when nobody stands in its roster: those who do the work, or else those above.
_HANDLERS = frozenset(
    {
        Role.DEPARTMENT_HANDLER,
        Role.COMMUNITY_WORKER,
        Role.COMMUNITY_SECRETARY,
        Role.TOWN_DISPATCHER,
        Role.CENTER_INTAKE,
    }
)
_LEADERS = frozenset({Role.DEPARTMENT_LEAD, Role.GRID_LEAD, Role.TOWN_LEADER, Role.CENTER_SUPERVISOR})


def in_force(at: datetime) -> QuerySet[Appointment]:
    """Appointments that hold at the moment: within their days, of an active user, post and body."""
    return Appointment.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=at),
        valid_from__lte=at,
        user__is_active=True,
        post__active=True,
        post__organisation__active=True,
    ).select_related("post__organisation", "post__area")


def holder_of(appointment: Appointment) -> PostHolder:
    """The appointment as an actor; needs post, organisation and area loaded."""
    post = appointment.post
    organisation = post.organisation
    return PostHolder(
        kind="user",
        id=str(appointment.user_id),
        post_kind="post",
        post_id=str(post.pk),
        post_label=post.code,
        user_id=appointment.user_id,
        role=Role(post.role),
        organisation_id=organisation.pk,
        organisation_code=organisation.code,
        area_prefix=post.area.prefix,
        appointment_id=appointment.pk,
    )


def posts_of(user_id: int, at: datetime) -> list[PostHolder]:
    """Every post the user holds at that moment, in one statement, oldest appointment first."""
    return [holder_of(row) for row in in_force(at).filter(user_id=user_id).order_by("valid_from", "pk")]


def holders(organisation_id: int, roles: Iterable[Role], at: datetime) -> list[PostHolder]:
    """Who holds one of these roles in the organisation now."""
    rows = in_force(at).filter(post__organisation_id=organisation_id, post__role__in=list(roles))
    return [holder_of(row) for row in rows.order_by("pk")]


def holders_over(area_code: str, roles: Iterable[Role], at: datetime) -> list[PostHolder]:
    """Who holds one of these roles over an area that contains `area_code`."""
    prefixes = [area_code[:length] for length in range(4, len(area_code) + 1)]
    rows = in_force(at).filter(post__area__prefix__in=prefixes, post__role__in=list(roles))
    return [holder_of(row) for row in rows.order_by("pk")]


def on_duty(organisation_id: int, at: datetime) -> list[PostHolder]:
    """Who answers for the organisation at that moment: the roster, or else its handlers, or else its leads.

    Somebody in the roster who has been relieved since answers for nothing any more.
    """
    on_roster = DutyShift.objects.filter(
        organisation_id=organisation_id, starts_at__lte=at, ends_at__gt=at, appointment__in=in_force(at)
    )
    shifts = on_roster.select_related("appointment__post__organisation", "appointment__post__area")
    found = [holder_of(shift.appointment) for shift in shifts.order_by("starts_at", "pk")]
    return (
        found or holders(organisation_id, _HANDLERS, at) or holders(organisation_id, _LEADERS, at)
    )  # each asked only when the one before found nobody


def organisations(district: str = "") -> QuerySet[Organisation]:
    """The active bodies, of one district if its six digits are given."""
    found = Organisation.objects.filter(active=True)
    if district:
        found = found.filter(area__prefix__startswith=district)
    return found.order_by("code")
