"""Who may open a page at all. Whether they may see the row on it is for the room's `access.py`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from wangge.doors.shell.fragments import go
from wangge.doors.shell.standing import StandingRequest
from wangge.foundation.accounts.rate_limits import spend
from wangge.organisations.posts import PostHolder
from wangge.organisations.roles import Role

P = ParamSpec("P")
View = Callable[Concatenate[StandingRequest, P], HttpResponseBase]


class TooManyRequests(PermissionDenied):
    """More than the rate limit allows; shown as 429."""


def signed_in(view: View[P]) -> View[P]:
    """Anybody with an account. Strangers are asked to sign in and come back here."""

    @wraps(view)
    def guarded(request: StandingRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return to_sign_in(request)
        return view(request, *args, **kwargs)

    return guarded


def staff_required(view: View[P]) -> View[P]:
    """Anybody who acts from a post of the administration."""
    return _guarded(view, lambda holder: holder.is_staff)


def role_required(*roles: Role) -> Callable[[View[P]], View[P]]:
    """Only these roles."""

    def guard(view: View[P]) -> View[P]:
        return _guarded(view, lambda holder: holder.role in roles)

    return guard


def _guarded(view: View[P], suits: Callable[[PostHolder], bool]) -> View[P]:
    @wraps(view)
    def guarded(request: StandingRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return to_sign_in(request)
        if request.standing is None and len(request.posts) > 1:
            return go(request, f"{resolve_url('shell:posts')}?{urlencode({'next': return_path(request)})}")
        if request.standing is None or not suits(request.standing):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def holder_of(request: StandingRequest) -> PostHolder:
    """Who acts, inside a view whose guard has made sure that somebody does."""
    if request.standing is None:
        raise PermissionDenied
    return request.standing


def to_sign_in(request: StandingRequest) -> HttpResponseBase:
    return go(request, f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': return_path(request)})}")


def return_path(request: StandingRequest) -> str:
    """Where to come back to: this page, or for a form that was sent, the page it stood on."""
    if request.headers.get("HX-Request") == "true":
        origin = request.headers.get("HX-Current-URL", "")
    elif request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    else:
        origin = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(origin, {request.get_host()}):
        return resolve_url("shell:home")
    parts = urlsplit(origin)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def safe_next(request: StandingRequest, default: str = "shell:home") -> str:
    """The `next` a form or link carries, if it leads back into this site."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        return target
    return resolve_url(default)


def client_address(request: StandingRequest) -> str:
    """The caller's network address; behind our proxy, the last one that proxy wrote down."""
    if settings.SECURE_PROXY_SSL_HEADER:
        forwarded = request.headers.get("X-Forwarded-For", "")
        if forwarded:
            return forwarded.rsplit(",", 1)[-1].strip()
    return str(request.META.get("REMOTE_ADDR", ""))


def spend_or_refuse(request: StandingRequest, bucket: str) -> None:
    """Count one knock of this address against the limit set for the bucket; TooManyRequests past it."""
    limit, window_s = settings.RATE_LIMITS[bucket]
    if not spend(bucket, client_address(request), limit=limit, window_s=window_s, at=request.at):
        raise TooManyRequests(bucket)
