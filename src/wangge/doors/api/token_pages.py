"""Where the system administrator makes and revokes the tokens of their district's posts."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from wangge.doors.api.models import ApiToken
from wangge.doors.api.scopes import Scope
from wangge.doors.api.token_forms import TokenForm
from wangge.doors.api.tokens import revoke_token, tokens_in
from wangge.doors.shell.fragments import UNPROCESSABLE, done, put_refusal, show
from wangge.doors.shell.guards import holder_of, role_required
from wangge.doors.shell.standing import StandingRequest
from wangge.foundation.refusals import Refusal
from wangge.organisations.queries import in_force
from wangge.organisations.roles import Role

CREATED = 201
SIZE = 50


@role_required(Role.SYSTEM_ADMIN)
def tokens(request: StandingRequest) -> HttpResponseBase:
    """The list, and the form for another; a new token is shown on the answer to its form, and never again."""
    by = holder_of(request)
    if request.method != "POST":
        return _page(request, TokenForm(by=by, at=request.at))
    form = TokenForm(request.POST, by=by, at=request.at)
    if not form.is_valid():
        return _page(request, form, status=UNPROCESSABLE)
    try:
        token, text = form.perform()
    except Refusal as refusal:
        put_refusal(form, refusal)
        return _page(request, form, status=UNPROCESSABLE)
    return show(request, "api/token_made.html", {"token": token, "text": text}, status=CREATED)


@role_required(Role.SYSTEM_ADMIN)
@require_POST
def revoke(request: StandingRequest, token_id: int) -> HttpResponseBase:
    by = holder_of(request)
    token = tokens_in(by.district).filter(pk=token_id).first()
    if token is None:
        raise Http404
    revoke_token(by=by, at=request.at, token=token)
    return done(request, _("The token is revoked. The program gets in no more."), "tokens:list")


def _page(request: StandingRequest, form: TokenForm, *, status: int = 200) -> HttpResponse:
    before = request.GET.get("before", "")
    rows = tokens_in(holder_of(request).district)
    if before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: SIZE + 1])
    held = set(
        in_force(request.at).filter(pk__in=[one.appointment_id for one in found]).values_list("pk", flat=True)
    )
    context = {
        "form": form,
        "tokens": [
            (one, _state(one, request, held), [Scope(scope).label for scope in one.scopes])
            for one in found[:SIZE]
        ],
        "next": found[SIZE - 1].pk if len(found) > SIZE else None,
    }
    return show(request, "api/tokens.html", context, status=status)


def _state(token: ApiToken, request: StandingRequest, held: set[int]) -> str:
    if token.revoked_at is not None:
        return "revoked"
    if token.expires_at <= request.at:
        return "over"
    return "good" if token.appointment_id in held else "unheld"
