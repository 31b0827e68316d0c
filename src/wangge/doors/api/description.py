"""The OpenAPI description: what ninja derives from the routes, with every problem declared on every one."""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import REF_TEMPLATE, OpenAPISchema

from wangge.doors.api.bearer import Bearer
from wangge.doors.api.problems import MEDIA_TYPE, Problem

#: What any address may answer, and in which header the rest is said.
ALWAYS = (400, 401, 403, 404, 405, 413, 415, 422, 429, 500)
#: Where something is changed.
WRITING = (409,)
#: Acts on a version of a case.
VERSIONED = (412, 428)

ENGLISH = {
    400: "The request cannot be read",
    401: "No valid token",
    403: "Not part of this post or token",
    404: "There is no such thing for this post",
    405: "Not this method",
    409: "It does not fit what is there now",
    412: "Somebody has acted since",
    413: "Too large",
    415: "This kind of content is not taken here",
    422: "Something in it must be mended",
    428: "Say which version you saw",
    429: "Too many requests in a short time",
    500: "A fault of the server",
}


def described(schema: OpenAPISchema, api: NinjaAPI) -> OpenAPISchema:
    components = schema["components"]
    problem = Problem.model_json_schema(ref_template=REF_TEMPLATE, mode="serialization")
    components["schemas"].update(problem.pop("$defs", {}))
    components["schemas"]["Problem"] = problem
    components["responses"] = {_name(status): _response(status) for status in ENGLISH}
    scopes = _scopes(api)
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            for status in _statuses(path, method):
                operation["responses"][str(status)] = {"$ref": f"#/components/responses/{_name(status)}"}
            operation["responses"] = {str(key): value for key, value in operation["responses"].items()}
            operation["security"] = [
                {"Bearer": [scope]} for scope in scopes.get(operation["operationId"], ())
            ] or [{"Bearer": []}]
            _say_headers(operation, path)
    components["securitySchemes"] = {
        "Bearer": {"type": "http", "scheme": "bearer", "description": "A token made at /desk/tokens/."}
    }
    return schema


def _statuses(path: str, method: str) -> tuple[int, ...]:
    statuses = ALWAYS if method == "get" else ALWAYS + WRITING
    return statuses + VERSIONED if "/acts/" in path else statuses


def _name(status: int) -> str:
    return f"Problem{status}"


def _response(status: int) -> dict[str, Any]:
    told: dict[str, Any] = {
        "description": ENGLISH[status],
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    headers = {401: "WWW-Authenticate", 405: "Allow", 429: "Retry-After"}
    if status in headers:
        told["headers"] = {headers[status]: {"schema": {"type": "string"}}}
    return told


def _scopes(api: NinjaAPI) -> dict[str, list[str]]:
    found = {}
    for bound in api._get_bound_routers():
        for view in bound.path_operations.values():
            for operation in view.operations:
                for auth in operation.auth_callbacks:
                    if isinstance(auth, Bearer):
                        found[operation.operation_id or ""] = [scope.value for scope in auth.scopes]
    return found


def _say_headers(operation: dict[str, Any], path: str) -> None:
    text = {"schema": {"type": "string"}}
    for status in ("200", "201"):
        response = operation["responses"].get(status)
        if response is None or "$ref" in response:
            continue
        if "/acts/" in path or operation["operationId"] == "get_case":
            response.setdefault("headers", {})["ETag"] = text
        if operation["operationId"] == "register_case":
            response.setdefault("headers", {})["Location"] = text
