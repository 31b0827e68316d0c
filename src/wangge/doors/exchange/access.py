"""Whose imports somebody may see: those of their own area, if taking files in is their business."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404

from wangge.doors.exchange.menu import IMPORTERS
from wangge.doors.exchange.models import ImportRun
from wangge.organisations.posts import PostHolder


def runs_for(by: PostHolder) -> QuerySet[ImportRun]:
    if by.role not in IMPORTERS or not by.area_prefix:
        return ImportRun.objects.none()
    return ImportRun.objects.filter(district__startswith=by.area_prefix)


def run_for(by: PostHolder, run_id: int) -> ImportRun:
    """The run, or 404: strangers do not learn that it is there."""
    run = runs_for(by).filter(pk=run_id).first()
    if run is None:
        raise Http404
    return run
