"""Schemas and answers of real servers, where they lie beside the checkout."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from defusedxml.ElementTree import parse
from jsonschema import Draft7Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

CHECKOUT = Path(__file__).resolve().parents[3]
OPEN311 = Path(os.environ.get("WANGGE_SHARED_DATA") or CHECKOUT.parent / "shared" / "data") / "open311"
SCHEMAS = OPEN311 / "schema_georeport_v2"


#: What the schemas ask for above all, where they do not lie here.
_NEEDED = {
    "services": ["service_code", "service_name", "metadata", "type"],
    "requests": ["service_request_id", "status", "service_code", "requested_datetime"],
}


def validator(name: str) -> Draft7Validator:
    """For `services`, `service-definition` or `requests`."""
    if not SCHEMAS.is_dir():
        needed = {"type": "object", "required": _NEEDED.get(name, ["service_code", "attributes"])}
        return Draft7Validator({"type": "array", "items": needed} if name in _NEEDED else needed)
    registry: Registry[Any] = Registry().with_resources(
        (file.name, Resource(json.loads(file.read_text(encoding="utf-8")), DRAFT7))
        for file in SCHEMAS.glob("*.json")
    )
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema, registry=registry, format_checker=FormatChecker())


def names_in(file: Path, path: str) -> set[str]:
    """Names of the elements below each element at `path` in a real answer that lies here."""
    return {child.tag for found in parse(file).iterfind(path) for child in found}
