"""The organisation tree of the district, who holds which post, and who is on duty; read-only."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Prefetch, Q
from django.http import Http404
from django.http.response import HttpResponseBase

from wangge.doors.desk.roles import DESK
from wangge.doors.shell.fragments import show
from wangge.doors.shell.guards import holder_of, role_required
from wangge.doors.shell.standing import StandingRequest
from wangge.organisations import queries
from wangge.organisations.models import Appointment, DutyShift, Organisation, OrganisationType, Post

#: How far ahead the roster is shown.
AHEAD = timedelta(days=7)


@role_required(*DESK)
def organisations(request: StandingRequest) -> HttpResponseBase:
    """Every body of the district, by type, with who is on the roster now."""
    found = queries.organisations(holder_of(request).district).select_related("area")
    on_duty: dict[int, list[DutyShift]] = {}
    for shift in DutyShift.objects.filter(
        starts_at__lte=request.at, ends_at__gt=request.at, organisation__in=found
    ).select_related("appointment__user", "appointment__post"):
        on_duty.setdefault(shift.organisation_id, []).append(shift)
    grouped = {
        OrganisationType(type_).label: [
            (body, on_duty.get(body.pk, [])) for body in found if body.type == type_
        ]
        for type_ in OrganisationType.values
    }
    return show(request, "desk/organisations.html", {"groups": {k: v for k, v in grouped.items() if v}})


@role_required(*DESK)
def organisation(request: StandingRequest, code: str) -> HttpResponseBase:
    """One body: its posts and holders, who answers for it now, and the roster ahead."""
    body = (
        Organisation.objects.filter(code=code, area__prefix__startswith=holder_of(request).district)
        .select_related("area", "parent")
        .first()
    )
    if body is None:
        raise Http404
    held = Appointment.objects.filter(
        Q(valid_from__lte=request.at), Q(valid_to__isnull=True) | Q(valid_to__gt=request.at)
    ).select_related("user")
    posts = (
        Post.objects.filter(organisation=body, active=True)
        .select_related("area")
        .prefetch_related(Prefetch("appointments", queryset=held, to_attr="held"))
        .order_by("role", "area__code")
    )
    context = {
        "body": body,
        "posts": posts,
        "on_duty": queries.on_duty(body.pk, request.at),
        "shifts": DutyShift.objects.filter(
            organisation=body, ends_at__gt=request.at, starts_at__lt=request.at + AHEAD
        )
        .select_related("appointment__user", "appointment__post")
        .order_by("starts_at", "pk"),
        "below": body.children.filter(active=True).order_by("code"),
    }
    return show(request, "desk/organisation.html", context)
