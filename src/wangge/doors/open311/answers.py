"""One value, two notations: what GeoReport v2 says in JSON and in XML.

A list of dicts in JSON is a root with one element for each in XML; a list within is an element with children
named after it, less its plural s (`values` holds `value`). What is unknown is null in JSON and an empty
element in XML, as other servers have it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as ET  # writes only; what others sent is read with defusedxml

from django.http import HttpResponse

Row = Mapping[str, Any]
JSON, XML = "json", "xml"
_TYPES = {JSON: "application/json; charset=utf-8", XML: "text/xml; charset=utf-8"}
#: What XML 1.0 cannot hold in any way, not even escaped.
_not_xml = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def many(form: str, root: str, item: str, rows: Sequence[Row], status: int = 200) -> HttpResponse:
    """A list of things: services, requests, errors."""
    if form == JSON:
        return _json(list(rows), status)
    element = ET.Element(root)
    for row in rows:
        _fill(ET.SubElement(element, item), row)
    return _xml(element, status)


def one(form: str, root: str, row: Row) -> HttpResponse:
    """One thing: the discovery, a service definition."""
    if form == JSON:
        return _json(row, 200)
    element = ET.Element(root)
    _fill(element, row)
    return _xml(element, 200)


def errors(form: str, status: int, descriptions: Sequence[str]) -> HttpResponse:
    rows = [{"code": str(status), "description": description} for description in descriptions]
    return many(form, "errors", "error", rows, status)


def _json(value: Any, status: int) -> HttpResponse:
    return HttpResponse(json.dumps(value, ensure_ascii=False), content_type=_TYPES[JSON], status=status)


def _xml(element: ET.Element, status: int) -> HttpResponse:
    content = ET.tostring(element, encoding="utf-8", xml_declaration=True)
    return HttpResponse(content, content_type=_TYPES[XML], status=status)


def _fill(element: ET.Element, row: Row) -> None:
    for name, value in row.items():
        child = ET.SubElement(element, name)
        if isinstance(value, list):
            for part in value:
                inner = ET.SubElement(child, name.removesuffix("s"))
                if isinstance(part, Mapping):
                    _fill(inner, part)
                else:
                    inner.text = _text(part)
        else:
            child.text = _text(value)


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return _not_xml.sub("", str(value))
