"""The inbox: what was sent to this account or to the post it acts from."""

from __future__ import annotations

from django.db.models import Q
from django.http import Http404
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from wangge.doors.desk.queue_order import Bookmark
from wangge.doors.desk.roles import CASES, DESK
from wangge.doors.shell.fragments import done, go, show
from wangge.doors.shell.guards import holder_of, role_required
from wangge.doors.shell.standing import StandingRequest
from wangge.foundation.notices.access import notice_for
from wangge.foundation.notices.actions import mark_all_read, mark_read
from wangge.foundation.notices.models import Notice, Recipient, RecipientKind
from wangge.foundation.notices.queries import inbox, unread_count
from wangge.organisations.posts import PostHolder

SIZE = 30


def readers_of(holder: PostHolder) -> tuple[Recipient, ...]:
    return (
        Recipient(RecipientKind.USER, str(holder.user_id)),
        Recipient(RecipientKind.POST, holder.post_id),
    )


@role_required(*DESK)
def notices(request: StandingRequest) -> HttpResponseBase:
    readers = readers_of(holder_of(request))
    found = inbox(*readers)
    if bookmark := Bookmark.read(request.GET.get("before", "")):
        found = found.filter(
            Q(deliver_at__lt=bookmark.due_at) | Q(deliver_at=bookmark.due_at, id__lt=bookmark.id)
        )
    rows = list(found[: SIZE + 1])
    shown = rows[:SIZE]
    context = {
        "notices": shown,
        "unread": unread_count(*readers),
        "older": Bookmark(shown[-1].deliver_at, shown[-1].pk) if len(rows) > SIZE else None,
        "is_first": bookmark is None,
    }
    return show(request, "desk/notices.html", context)


@role_required(*DESK)
@require_POST
def open_notice(request: StandingRequest, notice_id: int) -> HttpResponseBase:
    """Read it, and go to what it is about."""
    holder = holder_of(request)
    readers = readers_of(holder)
    try:
        notice = notice_for(readers, notice_id)
    except Notice.DoesNotExist:
        raise Http404 from None
    mark_read(notice=notice, readers=readers, at=request.at)
    if notice.about_kind == "case" and holder.role in CASES:
        return go(request, reverse("desk:case", args=[notice.about_id]))
    return go(request, "desk:notices")


@role_required(*DESK)
@require_POST
def all_read(request: StandingRequest) -> HttpResponseBase:
    mark_all_read(readers=readers_of(holder_of(request)), at=request.at)
    return done(request, _("All notices are marked as read."), "desk:notices")
