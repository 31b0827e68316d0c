"""Looking at who asked: with a purpose, journalled, and shown to the person concerned."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from wangge.cases.access import CLEARED_FOR_CONFIDENTIAL, Sight, may_open, visibility
from wangge.cases.models import Case
from wangge.cases.moves import UnableToAct
from wangge.foundation.journal.actors import Actor
from wangge.foundation.privacy.actions import reveal
from wangge.organisations.posts import PostHolder


@transaction.atomic
def look_at_contact(
    *,
    by: Actor,
    case: Case,
    at: datetime,
    purpose: str,
    reason: str = "",
    fields: Sequence[str] = ("name", "phone"),
) -> dict[str, str]:
    """The requester's contact in clear, for staff who may open the case; requesters read what is their own
    by `show_to_owner`. UnableToAct where the post, the moment or the confidentiality of the case forbids
    it; the privacy room refuses a look without a purpose."""
    staff = isinstance(by, PostHolder) and by.is_staff and may_open(by, case)
    if not staff or visibility(by, case).requester < Sight.REVEAL:
        raise UnableToAct(
            "not_visible",
            _("Your post may not look at the requester's contact, or not at this stage of the case."),
        )
    if case.requester is None:
        raise UnableToAct("no_contact", _("The requester left no contact."))
    cleared = isinstance(by, PostHolder) and by.role in CLEARED_FOR_CONFIDENTIAL
    return reveal(
        identity=case.requester,
        fields=fields,
        by=by,
        purpose=purpose,
        reason=reason,
        about=case.subject,
        at=at,
        confidential_cleared=cleared or not case.confidential,
    )
