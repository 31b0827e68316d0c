"""Services: the matters in force that the district's dispatch catalogue has a rule for."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from wangge.cases.words import RequestType
from wangge.doors.open311.errors import not_found
from wangge.duties.models import DispatchRule, Matter
from wangge.duties.queries import matters_in_force
from wangge.territory.queries import within

#: The one question every service may ask: what kind of request it is.
KIND = "request_type"


def offered(district: str, day: date) -> QuerySet[Matter]:
    """What somebody in the district may report on this day. A matter nobody there owes is not offered."""
    rules = DispatchRule.objects.filter(
        Q(area__prefix__in=[district[:4], district]) | within(district, "area__prefix"),
        Q(valid_to__isnull=True) | Q(valid_to__gt=day),
        matter=OuterRef("pk"),
        valid_from__lte=day,
    )
    return matters_in_force(day).filter(Exists(rules))


def service(district: str, code: str, day: date) -> Matter:
    found = offered(district, day).filter(code=code).first() if "\x00" not in code else None
    if found is None:
        raise not_found("service_code")
    return found


def kinds(matter: Matter) -> list[str]:
    """The request types a sender may choose from; the first one stands where nothing is chosen."""
    known = [kind for kind in matter.request_types if kind in RequestType.values]
    return known or [RequestType.HELP.value]


def service_row(matter: Matter) -> dict[str, Any]:
    return {
        "service_code": matter.code,
        "service_name": matter.label,
        "description": _("%(category)s: %(matter)s")
        % {"category": matter.category.label, "matter": matter.label},
        "metadata": len(kinds(matter)) > 1,
        "type": "realtime",
        "keywords": ", ".join(matter.keywords),
        "group": matter.category.label,
    }


def definition(matter: Matter) -> dict[str, Any]:
    choices = kinds(matter)
    attributes = []
    if len(choices) > 1:
        attributes.append(
            {
                "variable": True,
                "code": KIND,
                "datatype": "singlevaluelist",
                "required": False,
                "datatype_description": None,
                "order": 1,
                "description": _("What kind of request it is"),
                "values": [{"key": kind, "name": str(RequestType(kind).label)} for kind in choices],
            }
        )
    return {"service_code": matter.code, "attributes": attributes}
