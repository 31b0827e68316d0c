"""Tags of the desk's own pages."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context

from wangge.doors.desk.roles import CASES

register = template.Library()


@register.inclusion_tag("desk/parts/quick_find.html", takes_context=True)
def quick_find(context: Context) -> dict[str, Any]:
    """The search for a case in the bar, for those who may look cases up."""
    standing = context.get("standing")
    return {"may_find": standing is not None and standing.role in CASES}
