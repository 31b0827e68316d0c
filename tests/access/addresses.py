"""Every address of the site, and where a visitor finds the thing it leads to, near or far."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver

import town as places
from access.visits import Visitor, World, beyond
from wangge.cases.models import Attachment, Case
from wangge.cases.states import State
from wangge.doors.resident import drafts


def address_of(world: World, visitor: Visitor, name: str, stands: str) -> str:
    """Where this visitor finds the thing; a case is laid to them as it should lie."""
    if name == "resident:report_photo" and stands == "near":
        return reverse(name, args=world.draft_of(visitor))
    params = NAMES[name]
    case = world.case(name, visitor, stands)
    if "number" in params:
        world.lay(visitor, case, stands)
    given = {param: _param(world, visitor, name, param, stands, case) for param in params}
    address = reverse(name, kwargs=given)
    if name.startswith("open311:") and "form" in params:
        address += f"?jurisdiction_id={places.DISTRICT}"
    if name == "desk:grid_map":
        address += f"?within={visitor.scope if stands == 'near' else places.OTHER_DISTRICT}"
    return address


def _param(world: World, visitor: Visitor, name: str, param: str, stands: str, case: Case) -> Any:
    here = stands != "far"
    if name in {"open311:request", "open311:token"}:
        case = world.cases[State.VERIFYING if here else State.REGISTERED]  # taken up, and not yet looked at
    if param == "form":
        return "json"
    if param == "number":
        return case.number
    if param == "digest":
        return world.photo.digest
    if param == "attachment":
        return Attachment.objects.get(case=case).pk
    if param == "key":
        return drafts.new_key()
    if param == "language":
        return "en"
    if param in {"notice_id", "token_id"}:
        return 1
    if param == "export_id":
        return world.long_list(visitor, here).pk
    if param == "request_id":
        return 1
    if param == "run_id":
        return world.import_run(here).pk
    assert param == "code"
    return {
        "desk:area": (visitor.scope or places.GRID) if here else beyond(visitor.role),
        "desk:organisation": "230717.urban_management" if here else "230718.command_center",
        "desk:duty": "ROAD-05",
        "open311:service": "ROAD-05",
        "resident:grid": places.GRID,
        "resident:grid_code": places.GRID,
    }[name]


def _walk(resolver: URLResolver, namespace: str, params: list[str]) -> Iterator[tuple[str, list[str]]]:
    for found in resolver.url_patterns:
        here = [*params, *found.pattern.converters]
        if isinstance(found, URLResolver) and found.namespace == "api":
            continue  # for programs, with a matrix of its own: tests/doors/api/test_who_may.py
        if isinstance(found, URLPattern) and found.name == "nowhere":
            continue
        if isinstance(found, URLPattern):
            yield f"{namespace}{found.name}", here
        else:
            yield from _walk(found, f"{namespace}{found.namespace}:" if found.namespace else namespace, here)


#: Every name of the site with the parameters of its address.
NAMES = dict(_walk(get_resolver(), "", []))
