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


def validator(name: str) -> Draft7Validator:
    """For `services`, `service-definition` or `requests`."""
    registry: Registry[Any] = Registry().with_resources(
        (file.name, Resource(json.loads(file.read_text(encoding="utf-8")), DRAFT7))
        for file in SCHEMAS.glob("*.json")
    )
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema, registry=registry, format_checker=FormatChecker())


def names_in(file: Path, path: str) -> set[str]:
    """Names of the elements below each element at `path` in a real answer."""
    return {child.tag for found in parse(file).iterfind(path) for child in found}
