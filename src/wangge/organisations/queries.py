"""Who holds which post now, who is on duty, which bodies there are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from wangge.organisations.models import Appointment, DutyShift, Organisation
from wangge.organisations.posts import PostHolder
from wangge.organisations.roles import Role


def _in_force(at: datetime) -> Q:
    return Q(valid_from__lte=at) & (Q(valid_to__isnull=True) | Q(valid_to__gt=at))


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


def _appointments() -> QuerySet[Appointment]:
    return Appointment.objects.select_related("post__organisation", "post__area")


def posts_of(user_id: int, at: datetime) -> list[PostHolder]:
    """Every post the user holds at that moment, in one statement, oldest appointment first."""
    rows = _appointments().filter(
        _in_force(at),
        user_id=user_id,
        user__is_active=True,
        post__active=True,
        post__organisation__active=True,
    )
    return [holder_of(row) for row in rows.order_by("valid_from", "pk")]


def holders(organisation_id: int, roles: Iterable[Role], at: datetime) -> list[PostHolder]:
    """Who holds one of these roles in the organisation now."""
    rows = _appointments().filter(
        _in_force(at),
        post__organisation_id=organisation_id,
        post__role__in=list(roles),
        post__active=True,
        user__is_active=True,
    )
    return [holder_of(row) for row in rows.order_by("pk")]


def holders_over(area_code: str, roles: Iterable[Role], at: datetime) -> list[PostHolder]:
    """Who holds one of these roles over an area that contains `area_code`."""
    prefixes = [area_code[:length] for length in range(4, len(area_code) + 1)]
    rows = _appointments().filter(
        _in_force(at),
        post__area__prefix__in=prefixes,
        post__role__in=list(roles),
        post__active=True,
        user__is_active=True,
    )
    return [holder_of(row) for row in rows.order_by("pk")]


def on_duty(organisation_id: int, at: datetime) -> list[PostHolder]:
    """Who answers for the organisation at that moment: the roster, or else its handlers."""
    shifts = (
        DutyShift.objects.filter(organisation_id=organisation_id, starts_at__lte=at, ends_at__gt=at)
        .select_related("appointment__post__organisation", "appointment__post__area")
        .order_by("starts_at", "pk")
    )
    on_roster = [holder_of(shift.appointment) for shift in shifts]
    if on_roster:
        return on_roster
    return holders(
        organisation_id,
        [Role.DEPARTMENT_HANDLER, Role.COMMUNITY_WORKER, Role.COMMUNITY_SECRETARY, Role.TOWN_DISPATCHER],
        at,
    )


def organisations(district: str = "") -> QuerySet[Organisation]:
    found = Organisation.objects.filter(active=True)
    if district:
        found = found.filter(area__prefix__startswith=district)
    return found.order_by("code")
