"""Signing in and out, changing a password, choosing the post to act from."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from wangge.doors.shell.choices import remember_language
from wangge.doors.shell.fragments import UNPROCESSABLE, done, go, put_refusal, show
from wangge.doors.shell.guards import safe_next, signed_in, spend_or_refuse
from wangge.doors.shell.homes import home_of
from wangge.doors.shell.standing import StandingRequest, choose_post, organisation_labels
from wangge.foundation.accounts import actions as accounts
from wangge.foundation.accounts.models import User
from wangge.foundation.journal.actions import append
from wangge.foundation.journal.actors import Actor, Subject
from wangge.foundation.refusals import Refusal


class SignInForm(AuthenticationForm):
    """Django's, with one spelling per account name, so that attempts are counted together."""

    error_messages = {
        "invalid_login": gettext_lazy("Account name or password is not right. Please try again."),
        "inactive": gettext_lazy("This account is closed."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = gettext_lazy("Account name")
        self.fields["password"].label = gettext_lazy("Password")

    def clean_username(self) -> str:
        return User.normalize_username(self.cleaned_data["username"])


class SignIn(LoginView):
    template_name = "shell/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        spend_or_refuse(cast(StandingRequest, request), "login")
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        remember_language(response, form.get_user().language)
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = UNPROCESSABLE
        return response


def home(request: StandingRequest) -> HttpResponseBase:
    """To the first page of whoever is here."""
    if request.standing is None and len(request.posts) > 1:
        return go(request, "shell:posts")
    return go(request, home_of(request.standing))


@signed_in
def posts(request: StandingRequest) -> HttpResponseBase:
    """A person with several posts acts from one at a time, and says from which."""
    if request.method == "POST":
        for post in request.posts:
            if str(post.appointment_id) == request.POST.get("post"):
                choose_post(request, post)
                return go(request, safe_next(request))
        raise Http404
    names = organisation_labels(request.posts)
    choices = [(post, names.get(post.organisation_id, "")) for post in request.posts]
    return show(request, "shell/posts.html", {"choices": choices, "next": safe_next(request)})


class PasswordForm(forms.Form):
    old_password = forms.CharField(
        label=gettext_lazy("Present password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new_password = forms.CharField(
        label=gettext_lazy("New password"),
        help_text=gettext_lazy("At least 10 characters, letters and digits both."),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    repeated = forms.CharField(
        label=gettext_lazy("New password once more"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("repeated") and given["repeated"] != given.get("new_password"):
            self.add_error("repeated", _("The two new passwords differ."))
        return given


@signed_in
def password(request: StandingRequest) -> HttpResponseBase:
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = cast(User, request.user)
        try:
            changed = accounts.change_password(
                user=user,
                old_password=form.cleaned_data["old_password"],
                new_password=form.cleaned_data["new_password"],
                at=request.at,
            )
        except Refusal as refusal:
            put_refusal(form, refusal)
        else:
            append(
                act="account.password_changed",
                subject=Subject("account", str(user.pk)),
                by=request.standing or Actor("user", str(user.pk)),
                facts={},
                at=request.at,
            )
            update_session_auth_hash(request, changed)
            return done(request, _("Your password has been changed."), "shell:home")
    status = UNPROCESSABLE if form.errors else 200
    return show(request, "shell/password.html", {"form": form}, status=status)


@require_POST
def stay(request: StandingRequest) -> HttpResponse:
    """The middleware has just noted that somebody is there; 401 when the session is over."""
    return HttpResponse(status=204 if request.user.is_authenticated else 401)
