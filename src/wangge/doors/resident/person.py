"""Who knocks at this door: a resident with an account, somebody with a receipt, or nobody we know.

Everybody acts here as a resident, whatever post they hold elsewhere: a clerk who reports a dark lamp in
front of their own house is a resident that evening.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.http import urlencode

from wangge.cases.access import NoSuchCase, case_for, requester_of
from wangge.cases.models import Case
from wangge.cases.rules import REQUESTER_KIND
from wangge.doors.shell.fragments import go
from wangge.doors.shell.standing import StandingRequest
from wangge.foundation.journal.actors import Actor
from wangge.organisations.posts import PostHolder
from wangge.organisations.roles import Role

P = ParamSpec("P")

#: How long a receipt opens its case in one browser without being used; it may be a shared machine.
IN_HAND = timedelta(minutes=30)
#: How many receipts one browser holds at once.
HANDFUL = 5
_SESSION = "receipts_in_hand"


def resident_of(request: StandingRequest) -> PostHolder | None:
    """The signed-in person as a resident, without any post; None for a stranger."""
    if not request.user.is_authenticated:
        return None
    user_id = int(request.user.pk)
    return PostHolder(kind="user", id=str(user_id), user_id=user_id, role=Role.RESIDENT)


def asker(request: StandingRequest) -> Actor:
    """Who brings a request in: the resident, or somebody who wants no account."""
    return resident_of(request) or Actor(kind="public", id="web")


@dataclass(frozen=True)
class Own:
    """A case in front of the person who made it, and as whom that person acts."""

    case: Case
    by: Actor
    signed_in: bool


def own_case(request: StandingRequest, number: str) -> Own | None:
    """The case, if it is this person's by account or by a receipt shown in this browser."""
    by: Actor | None = resident_of(request)
    if by is not None:
        try:
            return Own(case_for(by, number), by, signed_in=True)
        except NoSuchCase:
            pass
    if number not in in_hand(request):
        return None
    take_in_hand(request, number)
    by = Actor(kind=REQUESTER_KIND, id=number)
    try:
        case = case_for(by, number)
    except NoSuchCase:
        return None
    if case.requester_left:
        return None  # they withdrew from a danger that is still dealt with: the case is nobody's now
    return Own(case, requester_of(case), signed_in=False)


def of_own_case(
    view: Callable[Concatenate[StandingRequest, Own, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """A page about one's own case, by the `number` in its address. Whoever cannot show that it is theirs
    is asked for the receipt, and learns nothing about whether such a number exists."""

    @wraps(view)
    def guarded(request: StandingRequest, number: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        own = own_case(request, number)
        if own is None:
            return go(request, f"{resolve_url('resident:follow')}?{urlencode({'number': number})}")
        return view(request, own, *args, **kwargs)

    return guarded


# --- receipts in hand -----------------------------------------------------------------------------


def in_hand(request: StandingRequest) -> dict[str, int]:
    """Numbers of the cases this browser may open without an account, and until when."""
    now = int(request.at.timestamp())
    kept = request.session.get(_SESSION) or {}
    return {number: until for number, until in kept.items() if until > now}


def take_in_hand(request: StandingRequest, number: str) -> None:
    """This browser has shown the receipt of a case, or has just used it again."""
    held = in_hand(request)
    now = int(request.at.timestamp())
    # Written again only when half of the time is gone: reading a page is no reason to write a session.
    if held.get(number, 0) - now < IN_HAND.total_seconds() / 2:
        held.pop(number, None)
        held[number] = now + int(IN_HAND.total_seconds())
        request.session[_SESSION] = dict(list(held.items())[-HANDFUL:])


def lay_down(request: StandingRequest, number: str) -> None:
    """Forget a receipt before its time, on a machine that others use."""
    held = in_hand(request)
    if held.pop(number, None) is not None:
        request.session[_SESSION] = held
