"""Making and revoking tokens, and finding who stands behind one."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
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
from wangge.organisations.queries import in_force
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


#: Asked before every call, so written out: to have it put together anew each time took a third of a call.
_FIND = """
    SELECT token.id, token.name, token.prefix, token.scopes, token.expires_at, token.last_used_date,
        held.id, held.user_id, post.id, post.role, body.id, body.code, area.prefix
    FROM api_apitoken token
    JOIN organisations_appointment held ON held.id = token.appointment_id
    JOIN accounts_user person ON person.id = held.user_id
    JOIN organisations_post post ON post.id = held.post_id
    JOIN organisations_organisation body ON body.id = post.organisation_id
    JOIN territory_area area ON area.id = post.area_id
    WHERE token.digest = %s AND token.revoked_at IS NULL AND token.expires_at > %s
        AND held.valid_from <= %s AND (held.valid_to IS NULL OR held.valid_to > %s)
        AND person.is_active AND post.active AND body.active
"""


def caller_of(text: str, at: datetime) -> Caller | None:
    """Who stands behind a token now, in one statement; None for one that is unknown, over or revoked, or
    whose appointment is not in force (`organisations.queries.in_force`)."""
    if not text.startswith(MARK) or len(text) > 100:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_FIND, (digest_of(text), at, at, at))
        row = cursor.fetchone()
    if row is None:
        return None
    key, name, prefix, scopes, expires_at, used, held, user, post, role, body, code, area = row
    token = ApiToken(
        id=key, name=name, prefix=prefix, scopes=scopes, expires_at=expires_at, last_used_date=used,
        appointment_id=held,
    )  # fmt: skip
    by = PostHolder(
        kind="user",
        id=str(user),
        # The journal says which token it was, beside the person and the post.
        label=f"token:{prefix}",
        post_kind="post",
        post_id=str(post),
        post_label=f"{code}/{role}",
        user_id=user,
        role=Role(role),
        organisation_id=body,
        organisation_code=code,
        area_prefix=area,
        appointment_id=held,
    )
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


def _end_subscriptions(token: ApiToken, by: Actor, at: datetime) -> int:
    owner = owner_of(token)
    subscriptions = list(subscriptions_of(owner.kind, owner.id))
    for subscription in subscriptions:
        end(by=by, at=at, subscription=subscription)
    return len(subscriptions)
