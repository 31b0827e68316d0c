"""The inbox on the phone: what was sent to this account or to the post it acts from."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.http import Http404
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wangge.doors.shell.fragments import done, go, show
from wangge.doors.shell.guards import holder_of, role_required
from wangge.doors.shell.standing import StandingRequest
from wangge.foundation.notices.access import notice_for
from wangge.foundation.notices.actions import mark_all_read, mark_read
from wangge.foundation.notices.models import Notice, Recipient, RecipientKind
from wangge.foundation.notices.queries import inbox, unread_count
from wangge.organisations.posts import PostHolder
from wangge.organisations.roles import FIELD

PAGE = 20


@dataclass(frozen=True)
class NoticeLine:
    notice: Notice
    sentence: str


def readers_of(holder: PostHolder) -> tuple[Recipient, ...]:
    """For whom a notice must be to be this person's: the account, or the post acted from."""
    return (
        Recipient(RecipientKind.USER, str(holder.user_id)),
        Recipient(RecipientKind.POST, holder.post_id),
    )


@role_required(*FIELD)
@require_safe
def notices(request: StandingRequest) -> HttpResponseBase:
    readers = readers_of(holder_of(request))
    found = inbox(*readers)
    before = request.GET.get("before", "")
    mark = found.filter(pk=int(before)).first() if before.isdecimal() and len(before) < 19 else None
    if mark is not None:
        found = found.filter(
            Q(deliver_at__lt=mark.deliver_at) | Q(deliver_at=mark.deliver_at, pk__lt=mark.pk)
        )
    rows = list(found[: PAGE + 1])
    address = reverse("field:notices")
    context = {
        "lines": [NoticeLine(notice, notice.text) for notice in rows[:PAGE]],
        "unread": unread_count(*readers),
        "newer_url": address if mark is not None else "",
        "older_url": f"{address}?before={rows[PAGE - 1].pk}" if len(rows) > PAGE else "",
    }
    return show(request, "field/notices.html", context)


@role_required(*FIELD)
@require_POST
def open_notice(request: StandingRequest, notice_id: int) -> HttpResponseBase:
    """Read it, and go to what it is about."""
    readers = readers_of(holder_of(request))
    try:
        notice = notice_for(readers, notice_id)
    except Notice.DoesNotExist:
        raise Http404 from None
    mark_read(notice=notice, readers=readers, at=request.at)
    if notice.about_kind == "case":
        return go(request, "field:case", notice.about_id)
    return go(request, "field:notices")


@role_required(*FIELD)
@require_POST
def all_read(request: StandingRequest) -> HttpResponseBase:
    mark_all_read(readers=readers_of(holder_of(request)), at=request.at)
    return done(request, _("All notices are marked as read."), "field:notices")
