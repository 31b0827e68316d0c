"""The request as the doors see it: with the moment it came and the post it is made from."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import get_language

from wangge.organisations.models import Organisation
from wangge.organisations.posts import PostHolder

# What the session keeps: which appointment the person acts from, the name of its
# organisation, and when the person was last seen.
CHOSEN = "acts_from"
ACTS_FOR = "acts_for"
SEEN = "seen_at"


class StandingRequest(HttpRequest):
    """A request that has passed `StandingMiddleware`.

    `at` is the moment it came, aware, in UTC, read once. `posts` are the posts the signed-in person
    holds at that moment, `standing` the one acted from: None for strangers, for residents without a
    post, and for people with several posts who have not chosen yet.
    """

    at: datetime
    posts: list[PostHolder]
    standing: PostHolder | None


def standing_among(posts: list[PostHolder], chosen: object) -> PostHolder | None:
    """The chosen post, if it is still held; else the only one."""
    for post in posts:
        if post.appointment_id == chosen:
            return post
    return posts[0] if len(posts) == 1 else None


def choose_post(request: StandingRequest, post: PostHolder) -> None:
    request.session[CHOSEN] = post.appointment_id
    request.standing = post


def organisation_labels(posts: list[PostHolder]) -> dict[int, str]:
    """Names of the organisations the posts belong to, by organisation id, in the page's language."""
    found = Organisation.objects.filter(pk__in={post.organisation_id for post in posts})
    return {organisation.pk: organisation.label for organisation in found}


def standing_label(request: StandingRequest) -> str:
    """The organisation acted for, as the bar shows it. Asked of the database once per session and post."""
    if request.standing is None:
        return ""
    kept = request.session.get(ACTS_FOR)
    if not kept or kept[0] != request.standing.organisation_id:
        organisation = Organisation.objects.get(pk=request.standing.organisation_id)
        kept = [organisation.pk, organisation.name, organisation.name_en]
        request.session[ACTS_FOR] = kept
    _, name, name_en = kept
    return str(name_en if name_en and (get_language() or "").startswith("en") else name)
