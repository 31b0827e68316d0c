"""Making and revoking tokens, and finding who stands behind one."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from wangge.doors.api.models import ApiToken
from wangge.doors.api.scopes import PEOPLE_ONLY, Scope
from wangge.foundation.journal.actions import append
from wangge.foundation.journal.actors import Actor
from wangge.foundation.journal.canonical import iso_utc
from wangge.foundation.notices.actions import send
from wangge.foundation.notices.models import Recipient, RecipientKind
from wangge.foundation.refusals import Refusal
from wangge.foundation.webhooks.actions import Party, end
from wangge.foundation.webhooks.queries import subscriptions_of
from wangge.foundation.worktime.workcalendar import SHANGHAI
from wangge.organisations.models import Appointment
from wangge.organisations.posts import PostHolder
from wangge.organisations.queries import holder_of, in_force
from wangge.organisations.roles import Role

#: So that a token is known for one wherever it turns up by mistake.
MARK = "wangge_"
LONGEST_DAYS = 366
OWNER_KIND = "token"


class UnableToMakeToken(Refusal):
    """Codes: `required`, `unknown_word`, `bad_days`, `not_in_force`, `people_only`."""


@dataclass(frozen=True)
class Caller:
    """Who calls: the token, and the post it acts from."""

    token: ApiToken
    by: PostHolder

    def may(self, scope: Scope) -> bool:
        return scope.value in self.token.scopes


@transaction.atomic
def create_token(
    *, by: Actor, at: datetime, name: str, appointment: Appointment, scopes: Sequence[str], days: int
) -> tuple[ApiToken, str]:
    """A new token and its text, which is told this once. Whoever holds the post is told that it was made."""
    name = name.replace("\x00", "").strip()
    if not name or len(name) > 80:
        raise UnableToMakeToken(
            "required", _("Say in at most 80 characters which program it is for."), field="name"
        )
    if not scopes or set(scopes) - set(Scope.values):
        raise UnableToMakeToken("unknown_word", _("Choose what the token may be used for."), field="scopes")
    if not 1 <= days <= LONGEST_DAYS:
        raise UnableToMakeToken(
            "bad_days", _("A token holds for 1 to %(most)s days.") % {"most": LONGEST_DAYS}, field="days"
        )
    if not in_force(at).filter(pk=appointment.pk).exists():
        raise UnableToMakeToken(
            "not_in_force", _("This appointment does not hold now. Choose another one."), field="appointment"
        )
    if Role(appointment.post.role) in PEOPLE_ONLY:
        raise UnableToMakeToken(
            "people_only", _("No program acts from this post. Choose another one."), field="appointment"
        )
    text = MARK + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        name=name,
        prefix=text[: len(MARK) + 6],
        digest=digest_of(text),
        scopes=sorted(set(scopes)),
        appointment=appointment,
        created_at=at,
        created_by_id=by.user_id if isinstance(by, PostHolder) else None,
        expires_at=at + timedelta(days=days),
    )
    append(
        act="token.created",
        subject=token.subject,
        by=by,
        at=at,
        facts={
            "prefix": token.prefix,
            "scopes": token.scopes,
            "appointment": appointment.pk,
            "until": iso_utc(token.expires_at),
        },
        new=True,
    )
    send(
        to=Recipient(RecipientKind.USER, str(appointment.user_id)),
        template="token.created",
        params={"until": token.expires_at.astimezone(SHANGHAI).date()},
        about=token.subject,
        at=at,
        key=f"token:{token.pk}",
    )
    return token, text


@transaction.atomic
def revoke_token(*, by: Actor, at: datetime, token: ApiToken) -> ApiToken:
    """From now on nobody gets in with it, and what it subscribed to ends. Bears being repeated."""
    locked = ApiToken.objects.select_for_update().get(pk=token.pk)
    if locked.revoked_at is None:
        locked.revoked_at = at
        locked.save(update_fields=["revoked_at"])
        append(act="token.revoked", subject=locked.subject, by=by, at=at, facts={"prefix": locked.prefix})
        _end_subscriptions(locked, by, at)
    return locked


def caller_of(text: str, at: datetime) -> Caller | None:
    """Who stands behind a token now, in one statement; None for one that is unknown, over or revoked, or
    whose appointment has ended."""
    if not text.startswith(MARK) or len(text) > 100:
        return None
    token = (
        ApiToken.objects.filter(digest=digest_of(text), revoked_at=None, expires_at__gt=at)
        .select_related("appointment__post__organisation", "appointment__post__area", "appointment__user")
        .first()
    )
    if token is None or not _holds(token.appointment, at):
        return None
    # The journal says which token it was, beside the person and the post.
    by = replace(holder_of(token.appointment), label=f"token:{token.prefix}")
    return Caller(token, by)


def note_use(token: ApiToken, at: datetime) -> None:
    """Remember the day."""
    today = at.astimezone(SHANGHAI).date()
    if token.last_used_date != today:
        ApiToken.objects.filter(pk=token.pk).update(last_used_date=today)


def tokens_in(district: str) -> QuerySet[ApiToken]:
    """The tokens of posts in a district, newest first."""
    return (
        ApiToken.objects.filter(appointment__post__area__prefix__startswith=district)
        .select_related("appointment__post__organisation", "appointment__user")
        .order_by("-pk")
    )


def owner_of(token: ApiToken) -> Party:
    return Party(OWNER_KIND, str(token.pk))


def end_spent(*, at: datetime) -> int:
    """End what tokens subscribed to that have run out since, or whose post is no longer held."""
    ended = 0
    spent = ApiToken.objects.filter(Q(expires_at__lte=at) | ~Q(appointment__in=in_force(at)))
    for token in spent.order_by("pk"):
        with transaction.atomic():
            ended += _end_subscriptions(token, Actor.system("timetable"), at)
    return ended


def digest_of(text: str) -> str:
    """A token is 256 random bits, so a plain digest gives nothing away."""
    return hashlib.sha256(text.encode()).hexdigest()


def _holds(appointment: Appointment, at: datetime) -> bool:
    """What `in_force` asks the database, of rows that are loaded."""
    post = appointment.post
    within = appointment.valid_from <= at and (appointment.valid_to is None or at < appointment.valid_to)
    return within and appointment.user.is_active and post.active and post.organisation.active


def _end_subscriptions(token: ApiToken, by: Actor, at: datetime) -> int:
    owner = owner_of(token)
    subscriptions = list(subscriptions_of(owner.kind, owner.id))
    for subscription in subscriptions:
        end(by=by, at=at, subscription=subscription)
    return len(subscriptions)
