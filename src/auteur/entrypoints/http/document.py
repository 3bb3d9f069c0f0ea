"""The OpenAPI document, told whole: what routes share, or check by themselves, is said here once for all of them.

FastAPI describes what it checks. That a project's id has a form, that a cursor is what the service sent, that a query
parameter is never null, which answers and headers any request may meet: the routes see to that, and the document has
to say it, or a client that is made of it asks for what is refused.
"""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from auteur.entrypoints.http.access import SESSION_COOKIE, need_of
from auteur.protocol.views import ErrorView

Schema = dict[str, Any]

_PATTERNS = {
    ("path", "project_id"): r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$",
    ("query", "after"): r"^(|0|[A-Za-z0-9]{1,48}-[0-9]{1,15})$",
    ("header", "last-event-id"): r"^(|0|[A-Za-z0-9]{1,48}-[0-9]{1,15})$",
}
_CURSORS = {  # what is opaque to a client has a form all the same, and another is refused
    "/api/v1/projects": "^[^/]*/",
    "/api/v1/projects/{project_id}/tasks": r"^(|(open|ended|before)\.[0-9]{1,15}|ended)$",
}
_ANYWHERE = {
    400: "The request cannot be read.",
    403: "A page of a foreign origin.",
    421: "The service does not answer for that host.",
    500: "Something went wrong here.",
}
_CONTENT = {
    "/metrics": "text/plain",
    "/api/v1/projects/{project_id}/events": "text/event-stream",
    "/api/v1/projects/{project_id}/artifacts/{path}": "*/*",
}
_HEADERS: Schema = {
    "X-Request-ID": {"description": "Names the request in the log.", "required": True, "schema": {"type": "string"}},
    "Retry-After": {
        "description": "Seconds after which the same request may succeed.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    },
    "Location": {"description": "Where it is.", "required": True, "schema": {"type": "string"}},
}
_MADE = {  # by operation, the answer that names what was made
    ("post", "/api/v1/projects/{project_id}/tasks"): "202",
    ("post", "/api/v1/projects/{project_id}/tasks/{task_id}/promote"): "202",
    ("post", "/api/v1/projects/{project_id}/uploads"): "201",
}
_SCHEMES: Schema = {
    "token": {"type": "http", "scheme": "bearer", "description": "One that was made here, or the identity provider's."},
    "session": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE, "description": "POST /api/v1/session opens."},
}
_LATER = ("429", "503", "507")


def tell_whole(app: FastAPI, *, asks_everybody: bool) -> None:
    """Has the OpenAPI document say what FastAPI cannot know. ``asks_everybody``: whether nobody comes in without saying
    who they are; else it is told that one may."""
    describe = app.openapi

    def whole() -> Schema:
        document = describe()  # kept by FastAPI until another route is added
        if "x-whole" not in document:
            _complete(document)
            _tell_who_is_let_in(document, asks_everybody=asks_everybody)
            document["x-whole"] = True
        return document

    app.openapi = whole  # type: ignore[method-assign]


def _complete(document: Schema) -> None:
    schemas = document["components"]["schemas"]
    _lift_definitions(document["paths"], schemas)
    error = _reference(ErrorView.__name__)
    for method, path, operation in _operations(document):
        for parameter in operation.get("parameters", ()):
            _tell_parameter(parameter, path)
        answers = operation["responses"]
        for status, description in _ANYWHERE.items():
            answers.setdefault(
                str(status), {"description": description, "content": {"application/json": {"schema": error}}}
            )
        if path in ("/health", "/health/ready"):
            answers["503"] = {**answers["200"], "description": "New work cannot be taken; the answer says why."}
        if path in _CONTENT:
            answers["200"]["content"] = {_CONTENT[path]: {}}
        if path.endswith("/artifacts/{path}"):
            answers["206"] = {**answers["200"], "description": "The parts that Range asked for."}
        for status, answer in answers.items():
            headers = answer.setdefault("headers", {})
            headers["X-Request-ID"] = _HEADERS["X-Request-ID"]
            if status in _LATER and not path.startswith("/health"):
                headers["Retry-After"] = _HEADERS["Retry-After"]
            if status == _MADE.get((method, path)):
                headers["Location"] = _HEADERS["Location"]
        operation["responses"] = dict(sorted(answers.items()))


def _tell_who_is_let_in(document: Schema, *, asks_everybody: bool) -> None:
    """By the table that the door goes by."""
    document["components"]["securitySchemes"] = _SCHEMES
    shown: list[Schema] = [{name: []} for name in _SCHEMES]
    for method, path, operation in _operations(document):
        need, _ = need_of(method.upper(), path)
        if not need.asks:
            operation["security"] = []
        else:
            operation["security"] = shown if asks_everybody and not need.lets_in else [*shown, {}]


def _operations(document: Schema) -> Iterator[tuple[str, str, Schema]]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            yield method, path, operation


def _tell_parameter(parameter: Schema, path: str) -> None:
    """Its bounds and pattern; and, as a parameter that is there has a text, nothing of null."""
    schema = parameter["schema"]
    if "anyOf" in schema:
        given = [one for one in schema.pop("anyOf") if one != {"type": "null"}]
        schema |= given[0] if len(given) == 1 else {"anyOf": given}
    pattern = _PATTERNS.get((parameter["in"], parameter["name"]))
    if parameter["name"] == "cursor":
        pattern = _CURSORS.get(path)
    if pattern is not None:
        schema["pattern"] = pattern


def _lift_definitions(paths: Schema, schemas: Schema) -> None:
    """Puts the definitions that a body's schema brought with it where the document's references lead."""
    for operations in paths.values():
        for operation in operations.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                content["schema"] = _with_references(content["schema"])
                for name, definition in content["schema"].pop("$defs", {}).items():
                    schemas.setdefault(name, definition)


def _with_references(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_with_references(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: _with_references(value) for name, value in schema.items()}
    reference = found.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/$defs/"):
        found |= _reference(reference.removeprefix("#/$defs/"))
    return found


def _reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
