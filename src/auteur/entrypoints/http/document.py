"""The OpenAPI document, told whole: what routes share, or check by themselves, is said here once for all of them.

FastAPI describes what it checks. That a project's id has a form, that a cursor is what the service sent, that a query
parameter is never null, which answers and headers any request may meet: the routes see to that, and the document has
to say it, or a client that is made of it asks for what is refused.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from auteur.entrypoints.http.access import SESSION_COOKIE, need_of
from auteur.entrypoints.http.bodies import BODIES
from auteur.entrypoints.http.errors import ERRORS
from auteur.entrypoints.http.failures import failures_of
from auteur.entrypoints.http.shown import ExamplesOfDocument
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
_OF_USERS = ("/api/v1/projects", "/api/v1/session", "/api/v1/tickets")
_BY_FASTAPI = "Validation Error"
_CONTENT: Mapping[str, Schema] = {
    "/metrics": {"text/plain": {"schema": {"type": "string"}}},
    "/api/v1/projects/{project_id}/events": {
        "text/event-stream": {"schema": {"$ref": "#/components/schemas/LogEvent"}}
    },
    "/api/v1/projects/{project_id}/artifacts/{path}": {
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},  # what generators know
        "*/*": {},
    },
}
_LOG_EVENT: Schema = {
    "title": "LogEvent",
    "description": "Each event of the stream.",
    "type": "object",
    "required": ["id", "data"],
    "properties": {
        "id": {"type": "string", "description": "The position; give it as Last-Event-ID to go on behind it."},
        "data": {
            "type": "string",
            "contentMediaType": "application/json",
            "description": "The message of the socket, as `/api/async` describes it.",
        },
    },
}
_PARAMETERS = {
    "project_id": "The project: begins with a letter or digit, and has up to 128 of `A-Z a-z 0-9 . _ -`.",
    "task_id": "The task, as its `task_id` says.",
    "path": "The file within the project, as its `url` ends.",
    "last-event-id": "The position after which to go on: the `id` of the last event that came.",
    "favourite": "Only those that are marked so, or only those that are not.",
    "shot": "Only takes of this shot.",
    "task_type": "Only tasks of this type.",
    "quality": "Only tasks of this quality.",
    "limit": "How many a page may have.",
}
_HEADERS: Schema = {
    "X-Request-ID": {"description": "Names the request in the log.", "required": True, "schema": {"type": "string"}},
    "Retry-After": {
        "description": "Seconds after which the same request may succeed.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    },
    "Location": {"description": "Where it is.", "required": True, "schema": {"type": "string"}},
    "ETag": {
        "description": "Another one if ever a byte is; for If-None-Match and If-Range.",
        "required": True,
        "schema": {"type": "string"},
    },
    "WWW-Authenticate": {
        "description": "How to say who asks.",
        "required": True,
        "schema": {"type": "string"},
        "example": 'Bearer realm="auteur"',
    },
    "Content-Range": {
        "description": "How long the file is.",
        "required": True,
        "schema": {"type": "string"},
        "example": "bytes */184320",
    },
}
_FINE = {"200": "What was asked for.", "201": "It was taken in.", "202": "Accepted.", "204": "It is gone."}
_MADE = {  # by operation, the answer that names what was made
    ("post", "/api/v1/projects/{project_id}/tasks"): "202",
    ("post", "/api/v1/projects/{project_id}/tasks/{task_id}/promote"): "202",
    ("post", "/api/v1/projects/{project_id}/uploads"): "201",
}
_TAGS = {
    "tasks": "Ask for tasks, read, mark, promote, cancel and delete them.",
    "projects": "Projects with their shots, and what happens in one as it happens.",
    "artifacts": "What tasks made, and pictures for them.",
    "film": "Films of scripts, and the sets and casts that shots share.",
    "webhooks": "Receivers that are told of endings, and what could not be delivered to them.",
    "catalogue": "What can be asked for.",
    "access": "Who asks: sessions of browsers, and tickets for their sockets.",
    "health": "Whether the service is well.",
    "operations": "What operators and their tools read.",
}
_ABOUT = """Ask for a task, hear how far it is, fetch what it made. The same over a WebSocket, which `/api/async`
describes, and in part as server-sent events.

Every error has one shape, and a stable `code` for programs; with each status stands which codes it may carry. Beside
those, whatever is no request of HTTP is refused before any route reads it: 408, 414, 426, 431, 501 and 505 in the same
shape, and 429 or 503 with `TOO_MANY_CONNECTIONS`.

What may be sent is strict: a field, or a parameter of a query, that nobody knows is refused by name. What is answered
may grow: ignore what you do not know."""
_SCHEMES: Schema = {
    "token": {"type": "http", "scheme": "bearer", "description": "One that was made here, or the identity provider's."},
    "session": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE, "description": "POST /api/v1/session opens."},
}
_LATER = ("429", "503", "507")


def tell_whole(app: FastAPI, *, asks_everybody: bool) -> None:
    """Has the OpenAPI document say what FastAPI cannot know. ``asks_everybody``: whether nobody comes in without saying
    who they are; else it is told that one may."""
    describe = app.openapi
    told: Schema = {}

    def whole() -> Schema:
        nonlocal told
        document = describe()  # kept by FastAPI until another route is added
        if document is not told:
            _complete(document)
            _tell_who_is_let_in(document, asks_everybody=asks_everybody)
            told = document
        return document

    app.openapi = whole  # type: ignore[method-assign]


def operation_id(route: APIRoute) -> str:
    """A route is called what its function is called: `submit_task`, `list_tasks`, `read_task`."""
    return route.name


def _complete(document: Schema) -> None:
    components = document["components"]
    schemas = components["schemas"]
    _lift(ErrorView.model_json_schema(mode="serialization"), schemas)
    for body in BODIES:
        _lift(body.model_json_schema(), schemas)
    shown = ExamplesOfDocument(components.setdefault("examples", {}))
    for method, path, operation in _operations(document):
        for parameter in operation.get("parameters", ()):
            _tell_parameter(parameter, path)
        for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
            if media_type == "application/json":
                shown.of_body(content)
        answers = operation["responses"]
        _tell_failures(operation, method, path, shown)
        if path in ("/health", "/health/ready"):
            answers["503"] = {**answers["200"], "description": "New work cannot be taken; the answer says why."}
        if path in _CONTENT:
            answers["200"]["content"] = {media_type: dict(told) for media_type, told in _CONTENT[path].items()}
        for status, answer in answers.items():
            if answer["description"] == "Successful Response":
                answer["description"] = _FINE[status]
            for content in answer.get("content", {}).values():
                shown.of_answer(content)
        if path.endswith("/artifacts/{path}"):
            answers["206"] = {**answers["200"], "description": "The parts that Range asked for."}
        for status, answer in answers.items():
            answer["headers"] = {**answer.get("headers", {}), **_headers_of(method, path, status)}
        operation["responses"] = dict(sorted(answers.items()))
    for name, schema in schemas.items():
        _plain(schema, told=name.endswith("View"))
    schemas["LogEvent"] = _LOG_EVENT
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    components["schemas"] = dict(sorted(schemas.items()))
    document["tags"] = [{"name": name, "description": said} for name, said in _TAGS.items()]
    document["info"]["description"] = _ABOUT


def _tell_failures(operation: Schema, method: str, path: str, shown: ExamplesOfDocument) -> None:
    """By status, the codes that the answer may have, each with an example."""
    need, _ = need_of(method.upper(), path)
    failures = failures_of(operation["operationId"], need, of_a_project="{project_id}" in path)
    if failures is None:  # all that it says is what its routes say
        failures = dict.fromkeys(_ANYWHERE, ())
    else:
        for status in [*operation["responses"]]:
            if status[0] in "45" and int(status) not in failures:
                del operation["responses"][status]
    for status, told in failures.items():
        answer = operation["responses"].setdefault(str(status), {})
        content: Schema = {"schema": _reference(ErrorView.__name__)}
        is_general = status in _ANYWHERE and len(told) < 2 and not (status in ERRORS and path.startswith(_OF_USERS))
        said = _ANYWHERE[status] if is_general else ERRORS.get(status, "It cannot be had so.")
        if answer.get("description") in (None, _BY_FASTAPI):
            answer["description"] = said
        if told:
            answer["description"] += f" {', '.join(f'`{code}`' for _, code, _, _ in told)}."
            content["examples"] = {failure[1]: shown.of_failure(failure) for failure in told}
        answer["content"] = {"application/json": content}


def _headers_of(method: str, path: str, status: str) -> Schema:
    names = ["X-Request-ID"]
    if status in _LATER and not path.startswith("/health"):
        names.append("Retry-After")
    if status == _MADE.get((method, path)) or status == "307":
        names.append("Location")
    if path.endswith("/artifacts/{path}") and status in ("200", "206", "304"):
        names.append("ETag")
    if status == "401":
        names.append("WWW-Authenticate")
    if status == "416":
        names.append("Content-Range")
    return {name: _HEADERS[name] for name in names}


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
    schema.pop("title", None)
    if "anyOf" in schema:
        given = [one for one in schema.pop("anyOf") if one != {"type": "null"}]
        schema |= given[0] if len(given) == 1 else {"anyOf": given}
    pattern = _PATTERNS.get((parameter["in"], parameter["name"]))
    if parameter["name"] == "cursor":
        pattern = _CURSORS.get(path)
    if pattern is not None:
        schema["pattern"] = pattern
    if said := _PARAMETERS.get(parameter["name"]):
        parameter.setdefault("description", said)


def _lift(schema: Schema, schemas: Schema) -> None:
    """Puts the schema, with its definitions, where the document's references lead."""
    whole = _with_references(schema)
    for name, definition in whole.pop("$defs", {}).items():
        schemas.setdefault(name, definition)
    schemas[whole["title"]] = whole


def _plain(schema: Schema, *, told: bool) -> None:
    """Fields without titles, which say their name once more and of which generators make names of classes; and what is
    told without defaults, by which they take it for always there."""
    for field in schema.get("properties", {}).values():
        field.pop("title", None)
        if told:
            field.pop("default", None)


def _with_references(schema: Any) -> Any:
    """With references as the document has them; and, as FastAPI leaves it out, without a default of null."""
    if isinstance(schema, list):
        return [_with_references(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: _with_references(value) for name, value in schema.items() if value is not None}
    reference = found.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/$defs/"):
        found |= _reference(reference.removeprefix("#/$defs/"))
    return found


def _reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
