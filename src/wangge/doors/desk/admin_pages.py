"""What the system and the security administrator look after: accounts and posts; lockouts and the seals."""

from __future__ import annotations

from datetime import timedelta

from axes.models import AccessAttempt
from django import forms
from django.conf import settings
from django.db.models import F, Prefetch
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _

from wangge.doors.shell.fragments import show
from wangge.doors.shell.guards import holder_of, role_required
from wangge.doors.shell.standing import StandingRequest
from wangge.foundation.accounts.models import User
from wangge.foundation.journal.models import Checkpoint, Head
from wangge.foundation.journal.queries import backlog
from wangge.organisations.models import Appointment
from wangge.organisations.roles import Role

SIZE = 30


class AccountFilterForm(forms.Form):
    name = forms.CharField(
        label=_("Account name"),
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=_("Role"), required=False, choices=[("", _("All")), *Role.choices])


@role_required(Role.SYSTEM_ADMIN)
def accounts(request: StandingRequest) -> HttpResponseBase:
    """Accounts that hold or held a post in the district, in order of name."""
    district = holder_of(request).district
    form = AccountFilterForm(request.GET, auto_id="filter-%s", label_suffix="")
    form.is_valid()
    here = Appointment.objects.filter(post__area__prefix__startswith=district)
    if role := form.cleaned_data.get("role"):
        here = here.filter(post__role=role)
    users = User.objects.filter(pk__in=here.values("user_id"))
    if name := form.cleaned_data.get("name", "").strip().lower():
        users = users.filter(username__startswith=name)
    # No account name holds a NUL, and the database takes none.
    after = request.GET.get("after", "").replace("\0", "")
    if after:
        users = users.filter(username__gt=after)
    held = Appointment.objects.select_related("post__organisation", "post__area").order_by("-valid_from")
    rows = list(
        users.prefetch_related(Prefetch("appointments", queryset=held, to_attr="held")).order_by("username")[
            : SIZE + 1
        ]
    )
    context = {
        "form": form,
        "users": rows[:SIZE],
        "next": rows[SIZE - 1].username if len(rows) > SIZE else "",
        "is_first": not after,
    }
    return show(request, "desk/accounts.html", context, piece="desk/parts/account_list.html")


@role_required(Role.SECURITY_ADMIN)
def security(request: StandingRequest) -> HttpResponseBase:
    """Failed sign-ins and who is locked out by them; how far the journal is sealed and answered."""
    since = request.at - timedelta(hours=settings.AXES_COOLOFF_TIME)
    attempts = list(AccessAttempt.objects.order_by("-attempt_time")[:100])
    context = {
        "attempts": [
            (one, one.failures_since_start >= settings.AXES_FAILURE_LIMIT and one.attempt_time > since)
            for one in attempts
        ],
        "limit": settings.AXES_FAILURE_LIMIT,
        "minutes": round(settings.AXES_COOLOFF_TIME * 60),
        "seal": Checkpoint.objects.order_by("-number").first(),
        "seals": Checkpoint.objects.order_by("-number")[1:10],
        "backlog": backlog(),
        "algorithm": settings.JOURNAL_HASH,
        "unsealed": Head.objects.exclude(sealed_seq=F("seq")).count(),
    }
    return show(request, "desk/security.html", context)
