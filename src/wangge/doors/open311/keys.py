"""Making and revoking keys, and finding the sender behind one."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from wangge.doors.open311.models import Open311Key
from wangge.foundation.journal.actions import append
from wangge.foundation.journal.actors import Actor
from wangge.foundation.refusals import Refusal
from wangge.foundation.worktime.workcalendar import SHANGHAI
from wangge.territory.models import Area

#: So that a key is known for one wherever it turns up by mistake.
MARK = "open311_"
LONGEST_KEY = 100
_sender = re.compile(r"[a-z0-9]([a-z0-9.-]{0,28}[a-z0-9])?")


class UnableToMakeKey(Refusal):
    """Codes: `bad_sender`, `required`."""


@transaction.atomic
def create_key(
    *, by: Actor, at: datetime, sender: str, name: str, jurisdiction: Area
) -> tuple[Open311Key, str]:
    """A new key and its text, which is told this once."""
    if not _sender.fullmatch(sender):
        raise UnableToMakeKey(
            "bad_sender",
            _("A sender is called by up to 30 small letters, digits, dots and hyphens."),
            field="sender",
        )
    name = name.replace("\x00", "").strip()
    if not name or len(name) > 80:
        raise UnableToMakeKey(
            "required", _("Say in at most 80 characters which program it is for."), field="name"
        )
    text = MARK + secrets.token_urlsafe(32)
    key = Open311Key.objects.create(
        sender=sender,
        name=name,
        jurisdiction=jurisdiction,
        prefix=text[: len(MARK) + 6],
        digest=digest_of(text),
        created_at=at,
    )
    append(
        act="open311.key_created",
        subject=key.subject,
        by=by,
        at=at,
        facts={"prefix": key.prefix, "sender": sender, "jurisdiction": jurisdiction.code},
        new=True,
    )
    return key, text


@transaction.atomic
def revoke_key(*, by: Actor, at: datetime, key: Open311Key) -> Open311Key:
    """From now on nobody sends or looks with it. Bears being repeated."""
    locked = Open311Key.objects.select_for_update().get(pk=key.pk)
    if locked.revoked_at is None:
        locked.revoked_at = at
        locked.save(update_fields=["revoked_at"])
        append(
            act="open311.key_revoked",
            subject=locked.subject,
            by=by,
            at=at,
            facts={"prefix": locked.prefix, "sender": locked.sender},
        )
    return locked


def key_of(text: str, at: datetime) -> Open311Key | None:
    """The key with this text, None for one that is unknown or revoked; remembers the day it was used."""
    if not text.startswith(MARK) or len(text) > LONGEST_KEY:
        return None
    key = (
        Open311Key.objects.filter(digest=digest_of(text), revoked_at=None)
        .select_related("jurisdiction")
        .first()
    )
    today = at.astimezone(SHANGHAI).date()
    if key is not None and key.last_used_date != today:
        Open311Key.objects.filter(pk=key.pk).update(last_used_date=today)
    return key


def digest_of(text: str) -> str:
    """A key is 256 random bits, so a plain digest gives nothing away."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
