"""Writes the reference pages and the documents of the interface from what the code says of itself.

``python -m auteur.entrypoints.reference docs`` writes them; a test fails while they are not current.
"""

import inspect
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from auteur.adapters.live.close_codes import CLOSE_CODES
from auteur.adapters.secret_files import SUFFIX, secrets_among
from auteur.domain import errors
from auteur.entrypoints import asyncapi
from auteur.entrypoints.app import create_app  # and with it every error that can be told of, as a class
from auteur.entrypoints.cli.reference import commands_page
from auteur.entrypoints.container import build
from auteur.entrypoints.engine_settings import EngineRoutingSettings
from auteur.entrypoints.http.errors import status_of
from auteur.entrypoints.settings import PREFIX, Settings, load_settings
from auteur.protocol.incoming import MAX_METADATA_BYTES, NamedRequest
from auteur.protocol.json import MAX_JSON_DEPTH
from auteur.protocol.outgoing import PROTOCOL_VERSION, QueuePlace
from auteur.protocol.projects import ProjectView
from auteur.protocol.translate import message_schemas

_OF_ENGINES = EngineRoutingSettings.model_fields
_WRITTEN = "<!-- Written by `make docs` from the code; change it there. -->\n"


_OF_HTTP = (
    (
        "BAD_REQUEST",
        "400",
        False,
        "No request of HTTP, one that could be read in two ways, or a preflight for nothing.",
    ),
    ("BODY_TOO_LARGE", "413", False, "The body has more bytes than `limit_bytes`."),
    ("FORBIDDEN_ORIGIN", "403", False, "Pages of this origin may not ask that; the answer names the setting."),
    ("HEADERS_TOO_LARGE", "431", False, "A header, or all of them, are larger than any that are read."),
    ("HTTP_VERSION_NOT_SUPPORTED", "505", False, "The service speaks HTTP/1.1."),
    ("METHOD_NOT_ALLOWED", "405", False, "The path knows other methods; `Allow` names them."),
    ("NOT_ACCEPTABLE", "406", False, "It cannot be had in the form that was asked for."),
    ("NOT_ANSWERED", "503", True, "A socket could not be opened in time."),
    ("NOT_IMPLEMENTED", "501", False, "A method, or a Transfer-Encoding, that the service does not know."),
    ("RANGE_NOT_SATISFIABLE", "416", False, "The file has no such part; `Content-Range` says how long it is."),
    ("REQUEST_TIMEOUT", "408", True, "The head or the body of the request did not come in time."),
    ("TOO_MANY_CONNECTIONS", "429, 503", True, "From one address (429), or in all (503)."),
    ("UPGRADE_REQUIRED", "426", False, "A socket is opened with version 13 of the WebSocket protocol."),
    ("URI_TOO_LONG", "414", False, "The address of the request is longer than any that is read."),
    ("WRONG_HOST", "421", False, "The service does not answer for that host name; the answer names the setting."),
)
"""Code, status, whether the same request may succeed later, meaning: of what no class of errors stands for."""


def protocol_page() -> str:
    """The WebSocket conversation: every message with its fields, close codes, error codes."""
    schemas = message_schemas()
    lines = [
        _WRITTEN,
        "# The protocol",
        "",
        f"Version {PROTOCOL_VERSION}. `WS /ws/{{project_id}}`, text frames of JSON. `?after=POSITION` resumes",
        "after a message's `position`; `?after=0` begins with the oldest event that is kept. Server-sent events at",
        "`/api/v1/projects/{project_id}/events` carry the same messages, their id is the position.",
        "The studio's existing frontend is spoken to in its own dialect, at `/legacy/ws/{project_id}`",
        "([dialects.md](dialects.md)).",
        "",
        "What a client says is strict: an unknown field is refused by name. What it hears may grow: ignore what you do",
        f"not know. A message has at most 64 KiB and {MAX_JSON_DEPTH} levels; `metadata` is flat, of at most",
        f"{MAX_METADATA_BYTES} bytes.",
        "",
        "## Said by clients",
        *(line for schema in schemas["incoming"].values() for line in _message(schema)),
        "",
        "## Heard by clients",
        *(line for schema in schemas["outgoing"].values() for line in _message(schema)),
        "",
        "## Inside messages",
        "",
        "The same objects as over HTTP. What has no value is null there, and left out of messages. Every `url` is a",
        "path on the host that was asked.",
        *(line for name, schema in _objects() for line in _object(name, schema)),
        "",
        "## Close codes",
        "",
        *(f"- `{code}`: {why}" for code, why in CLOSE_CODES.items()),
        "",
        "## Error codes",
        "",
        "The same code on the socket and over HTTP. Temporary: the same request may succeed later.",
        "",
        "| code | HTTP | temporary | meaning |",
        "|---|---|---|---|",
        *sorted(_error_rows()),
        "",
        "Over HTTP, and before a socket is open, also what is said of a request before any of the service reads it:",
        "",
        "| code | HTTP | temporary | meaning |",
        "|---|---|---|---|",
        *(f"| `{code}` | {status} | {'yes' if again else 'no'} | {said} |" for code, status, again, said in _OF_HTTP),
        "",
    ]
    return "\n".join(lines)


def settings_page() -> str:
    """Every setting with its default."""
    lines = [
        _WRITTEN,
        "# Settings",
        "",
        "Environment variables, or lines of `.env` in the working directory. Durations are seconds. A secret may be in",
        "a file instead, which the variable ending in `_FILE` names: one line of at most 64 KiB.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    fields = {name: field for name, field in Settings.model_fields.items() if name not in _OF_ENGINES}
    secret = secrets_among(Settings.model_fields)
    for name, field in (*fields.items(), *_OF_ENGINES.items()):
        default = field.default
        shown = "" if default is None else json.dumps(default) if isinstance(default, dict | bool) else str(default)
        called = [name, name + SUFFIX] if name in secret else [name]
        variable = ", ".join(f"`{PREFIX}{spelt.upper()}`" for spelt in called)
        lines.append(f"| {variable} | {f'`{shown}`' if shown else 'not set'} | {field.description} |")
    return "\n".join([*lines, ""])


def _message(schema: Mapping[str, Any]) -> Iterator[str]:
    yield from _object(schema["properties"]["type"]["const"], schema)


def _objects() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What messages hold, each after what it is part of."""
    for model in (NamedRequest, QueuePlace, ProjectView):
        schema = model.model_json_schema()
        inside = schema.pop("$defs", {})
        yield schema["title"], schema
        yield from sorted(((name, part) for name, part in inside.items() if "properties" in part), key=_reading_order)


def _reading_order(named: tuple[str, Mapping[str, Any]]) -> int:
    order = ("TaskWebhookRequest", "CountsView", "TaskView", "ResultView", "ArtifactView", "RoutingView", "FailureView")
    return order.index(named[0])


def _object(title: str, schema: Mapping[str, Any]) -> Iterator[str]:
    properties = schema["properties"]
    required = set(schema.get("required", ()))
    yield ""
    yield f"### `{title}`"
    yield ""
    yield " ".join(schema.get("description", "").split()).replace("``", "`")
    yield ""
    yield "| field | type | |"
    yield "|---|---|---|"
    for name, field in properties.items():
        if name != "type":
            optional = "" if name in required else "optional"
            said = field.get("description", "")
            yield f"| `{name}` | {_type(field)} | {', '.join(filter(None, (optional, said)))} |"


def _type(field: Mapping[str, Any]) -> str:
    if "$ref" in field:
        return str(field["$ref"].rpartition("/")[2])
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if "anyOf" in field:
        return " or ".join(kind for kind in map(_type, field["anyOf"]) if kind != "null")
    kind = str(field.get("format") or field.get("type", "any"))
    if kind == "array":
        return f"list of {_type(field['items'])}"
    return kind


def _error_rows() -> Iterator[str]:
    """Of this package's own classes, whatever else has been loaded here."""
    ours = [kind for kind in _family(errors.AuteurError) if kind.__module__.startswith("auteur.")]
    by_code = {kind.code: kind for kind in ours if "code" in vars(kind)}
    for code, kind in by_code.items():
        said = " ".join(inspect.cleandoc(kind.__doc__ or "").partition("\n\n")[0].split()).replace("``", "`")
        failure = issubclass(kind, errors.TaskFailure)
        status = "ends a task" if failure else str(status_of(kind.__new__(kind)))
        yield f"| `{code}` | {status} | {'yes' if kind.temporary else 'no'} | {said} |"


def _family(kind: type[errors.AuteurError]) -> Iterator[type[errors.AuteurError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _family(child)


def openapi_document() -> str:
    """What `/api/openapi.json` says, of a service as it is without a setting."""
    with tempfile.TemporaryDirectory() as workspace:
        return _written(create_app(build(_unset(Path(workspace)))).openapi())


def asyncapi_document() -> str:
    """What `/api/asyncapi.json` says, of a service as it is without a setting."""
    return _written(asyncapi.document(_unset(Path())))


def _unset(workspace: Path) -> Settings:
    """The settings as they are where nothing is set, whatever is set here."""
    defaults = {name: field.get_default(call_default_factory=True) for name, field in Settings.model_fields.items()}
    return load_settings(**{**defaults, "workspace_root": workspace, "backend": "memory", "engines": "storyboard"})


def _written(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


PAGES = {
    "protocol.md": protocol_page,
    "settings.md": settings_page,
    "cli.md": commands_page,
    "openapi.json": openapi_document,
    "asyncapi.json": asyncapi_document,
}

if __name__ == "__main__":
    for name, page in PAGES.items():
        Path(sys.argv[1], name).write_text(page(), encoding="utf-8")
