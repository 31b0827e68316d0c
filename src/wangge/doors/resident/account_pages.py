"""An account of one's own: a name and a password, no phone, no identity. Nobody needs one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import login
from django.db import transaction
from django.http.response import HttpResponseBase
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from wangge.doors.resident.knocks import spends
from wangge.doors.shell.fragments import UNPROCESSABLE, done, go, put_refusal, show
from wangge.doors.shell.guards import safe_next
from wangge.doors.shell.standing import StandingRequest
from wangge.foundation.accounts.actions import create_account
from wangge.foundation.accounts.models import User
from wangge.foundation.journal.actions import append
from wangge.foundation.journal.actors import Actor, Subject
from wangge.foundation.refusals import Refusal

BACKEND = "django.contrib.auth.backends.ModelBackend"


class AccountForm(forms.Form):
    username = forms.CharField(
        label=gettext_lazy("Account name"),
        help_text=gettext_lazy("Small letters and digits, beginning with a letter. Not your real name."),
        max_length=64,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
        error_messages={"required": gettext_lazy("Choose an account name.")},
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        help_text=gettext_lazy("At least 10 characters, letters and digits both."),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": gettext_lazy("Choose a password.")},
    )
    repeated = forms.CharField(
        label=gettext_lazy("Password once more"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": gettext_lazy("Write the password once more.")},
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("repeated") and given["repeated"] != given.get("password"):
            self.add_error("repeated", _("The two passwords differ."))
        return given


@spends("login")
def open_account(request: StandingRequest) -> HttpResponseBase:
    if request.user.is_authenticated:
        return go(request, "resident:mine")
    form = AccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = _opened(request, form.cleaned_data["username"], form.cleaned_data["password"])
        except Refusal as refusal:
            put_refusal(form, refusal)
        else:
            login(request, user, backend=BACKEND)
            return done(request, _("Your account is open."), safe_next(request, "resident:mine"))
    context = {"form": form, "next": safe_next(request, "resident:mine")}
    return show(request, "resident/account.html", context, status=UNPROCESSABLE if form.errors else 200)


@transaction.atomic
def _opened(request: StandingRequest, username: str, password: str) -> User:
    user = create_account(username=username, password=password, at=request.at, language=get_language() or "")
    append(
        act="account.opened",
        subject=Subject("account", str(user.pk)),
        by=Actor("user", str(user.pk)),
        facts={"by": "resident"},
        at=request.at,
        new=True,
    )
    return user
