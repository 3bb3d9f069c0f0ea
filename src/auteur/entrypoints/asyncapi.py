"""The WebSocket conversation as an AsyncAPI 3.0 document, made from the models that speak it.

Every message is one of the components, with its payload's schema beside it and examples as the service renders them.
What a client may ask is an operation with the replies that it may hear, known by their ``reply_to``.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel

from auteur.adapters.live.close_codes import CLOSE_CODES
from auteur.entrypoints.asyncapi_legacy import with_legacy
from auteur.entrypoints.http.access import SESSION_COOKIE, SUBPROTOCOL, TICKET_PREFIX
from auteur.entrypoints.http.documentation import base_url
from auteur.entrypoints.settings import Settings
from auteur.protocol.examples import PROJECT, incoming, outgoing
from auteur.protocol.incoming import MAX_METADATA_BYTES
from auteur.protocol.json import MAX_JSON_DEPTH
from auteur.protocol.outgoing import PROTOCOL_VERSION, render
from auteur.protocol.schemas import HEARD, SAID, message_components, tag_of

Schema = dict[str, Any]

PROJECT_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$"
POSITION = r"^(|0|[A-Za-z0-9]{1,48}-[0-9]{1,15})$"
_OPERATIONS: Mapping[str, tuple[str, str, str, tuple[str, ...]]] = {
    "start_generation": (
        "start_generation",
        "Ask for a task",
        "Everybody hears that it was accepted; who asked knows it by `reply_to`, which is the `id` that was sent. The "
        "same `id` with the same body again is the same task, and is answered with what was answered before.",
        ("task_started", "error"),
    ),
    "start_batch": (
        "start_batch",
        "Ask for several tasks, all or none",
        "Who asked hears which tasks they are; everybody hears of each that it was accepted.",
        ("batch_started", "task_started", "error"),
    ),
    "promote": (
        "promote",
        "Make a take again at another quality, or by another engine",
        "A task of its own, that is answered as one.",
        ("task_started", "error"),
    ),
    "cancel": (
        "cancel",
        "Ask for a task to stop",
        "No answer of its own: the task's ending is heard by everybody, `error` with `TASK_CANCELLED`, or what "
        "it ended in before. A task that has ended is an `error` with `TASK_ENDED`.",
        ("error",),
    ),
    "mark": (
        "mark",
        "Mark a task as a favourite, or circle a take of its shot",
        "Everybody hears of it. Where it was marked so before, only who asked is answered.",
        ("task_marked", "error"),
    ),
    "delete_task": (
        "delete_task",
        "Remove an ended task, record and files",
        "Everybody hears of it. Where it was gone before, only who asked is answered.",
        ("task_deleted", "error"),
    ),
    "delete_project": (
        "delete_project",
        "Remove a project whose tasks have ended",
        "Everybody hears of it, and every socket of the project is closed with 4410.",
        ("project_deleted", "error"),
    ),
    "ping": ("ping", "Ask whether the other side is there", "Costs nothing of the log.", ("pong",)),
}
"""By operation: what is said, in a line, at length, and the replies that may be heard."""

_ABOUT = f"""Ask for tasks and hear how far they are, over one socket for each project. Protocol version
{PROTOCOL_VERSION}. Text frames of JSON.

**What a client says is strict**: an unknown field is refused by name. A message has at most 64 KiB and {MAX_JSON_DEPTH}
levels; `metadata` is flat, of at most {MAX_METADATA_BYTES} bytes, and comes back on every message of the task.

**What it hears may grow**: ignore what you do not know. What has no value is left out.

**Nothing is missed**: what comes from the project's log has a `position`, and after a cut `?after=POSITION` goes on
behind it. The first message is `connected`: with `recovered` everything after the position follows; else its `state`
replaces all that the client knew. Every socket of a project is equal, and hears everything in the same order.

Over HTTP the same can be asked, and more: `/api/docs`."""


def document(settings: Settings) -> Mapping[str, Any]:
    """The document. Source: AsyncAPI specification 3.0.0."""
    said = {tag_of(model): model for model in SAID}
    heard = {tag_of(model): model for model in HEARD}
    shown = _examples()
    messages = {
        **{tag: _message(tag, model, shown[tag], "/id") for tag, model in said.items()},
        **{tag: _message(tag, model, shown[tag], "/reply_to") for tag, model in heard.items()},
    }
    logged = [tag for tag in heard if tag not in ("batch_started", "pong")]
    own: Schema = {
        "asyncapi": "3.0.0",
        "info": {
            "title": settings.app_name,
            "version": settings.version,
            "description": _ABOUT,
            "tags": [
                {"name": "asked", "description": "What a client may ask, and what it is answered."},
                {"name": "told", "description": "What every client of a project hears."},
            ],
        },
        "defaultContentType": "application/json",
        "servers": _servers(settings),
        "channels": {
            "project": {
                "address": "/ws/{project_id}",
                "title": "A project's socket",
                "description": "Every socket of a project hears everything. `?after=POSITION` resumes. The service "
                "closes with a code that says whether to come back:\n\n"
                + "\n".join(f"- `{code}`: {why}" for code, why in CLOSE_CODES.items()),
                "servers": [{"$ref": "#/servers/socket"}],
                "parameters": _parameters(),
                "messages": {tag: _reference("messages", tag) for tag in messages},
                "bindings": {
                    "ws": {
                        "method": "GET",
                        "query": {"type": "object", "properties": {"after": _after()}},
                        "bindingVersion": "0.1.0",
                    }
                },
                "x-close-codes": {str(code): why for code, why in CLOSE_CODES.items()},
            },
            "events": {
                "address": "/api/v1/projects/{project_id}/events",
                "title": "The same as server-sent events",
                "description": "What is told on the socket, for who only listens: each event's `data` is the socket's "
                "message, its `id` the position. `Last-Event-ID`, which browsers send by themselves, or `?after=` "
                "resumes.",
                "servers": [{"$ref": "#/servers/http"}],
                "parameters": _parameters(),
                "messages": {tag: _reference("messages", tag) for tag in logged},
            },
        },
        "operations": {
            **{name: _asked(name) for name in _OPERATIONS},
            "hear": {
                "action": "send",
                "title": "Hear what happens",
                "summary": "What happens to the project's tasks, as it happens; first `connected`.",
                "channel": {"$ref": "#/channels/project"},
                "tags": [{"name": "told"}],
                "messages": [{"$ref": f"#/channels/project/messages/{tag}"} for tag in heard],
            },
            "follow": {
                "action": "send",
                "title": "Follow what happens",
                "summary": "The same as server-sent events.",
                "channel": {"$ref": "#/channels/events"},
                "tags": [{"name": "told"}],
                "messages": [{"$ref": f"#/channels/events/messages/{tag}"} for tag in logged],
                "bindings": {
                    "http": {
                        "method": "GET",
                        "query": {"type": "object", "properties": {"after": _after()}},
                        "bindingVersion": "0.3.0",
                    }
                },
            },
        },
        "components": {
            "messages": messages,
            "schemas": message_components(),
            "securitySchemes": _security_schemes(),
        },
    }
    return with_legacy(own)


def _servers(settings: Settings) -> Schema:
    address = urlsplit(base_url(settings))
    secure = address.scheme == "https"
    common: Schema = {"host": address.netloc}
    if settings.service_path:
        common["pathname"] = settings.service_path
    security = [{"$ref": f"#/components/securitySchemes/{name}"} for name in ("token", "session")]
    ticket = {"$ref": "#/components/securitySchemes/ticket"}
    return {
        "socket": {
            **common,
            "protocol": "wss" if secure else "ws",
            "description": "WebSocket, version 13.",
            "security": [*security, ticket],
        },
        "http": {
            **common,
            "protocol": "https" if secure else "http",
            "description": "HTTP/1.1.",
            "security": security,
        },
    }


def _security_schemes() -> Schema:
    return {
        "token": {"type": "http", "scheme": "bearer", "description": "In the header Authorization of the handshake."},
        "session": {
            "type": "httpApiKey",
            "in": "cookie",
            "name": SESSION_COOKIE,
            "description": "POST /api/v1/session opens it.",
        },
        "ticket": {
            "type": "httpApiKey",
            "in": "header",
            "name": "Sec-WebSocket-Protocol",
            "description": "For browsers, which cannot show a token to a socket: POST /api/v1/tickets, then offer "
            f"`{SUBPROTOCOL}` and `{TICKET_PREFIX}…`. Good for one socket, once.",
        },
    }


def _parameters() -> Schema:
    return {
        "project_id": {
            "description": f"The project: `{PROJECT_ID}`. It begins with its first task.",
            "examples": [PROJECT],
        }
    }


def _after() -> Schema:
    return {
        "type": "string",
        "pattern": POSITION,
        "description": "The `position` of the last message that was heard; 0: from the oldest event that is kept.",
        "examples": ["k3x9-7"],
    }


def _asked(name: str) -> Schema:
    message, title, description, replies = _OPERATIONS[name]
    return {
        "action": "receive",
        "title": title,
        "summary": title,
        "description": description,
        "channel": {"$ref": "#/channels/project"},
        "tags": [{"name": "asked"}],
        "messages": [{"$ref": f"#/channels/project/messages/{message}"}],
        "reply": {
            "channel": {"$ref": "#/channels/project"},
            "messages": [{"$ref": f"#/channels/project/messages/{tag}"} for tag in replies],
        },
    }


def _message(tag: str, model: type[BaseModel], examples: list[Schema], correlation: str) -> Schema:
    said = " ".join((model.__doc__ or "").split()).replace("``", "`")
    message: Schema = {
        "name": tag,
        "title": model.__name__,
        "summary": said.partition(". ")[0].removesuffix(".") + ".",
        "description": said,
        "contentType": "application/json",
        "payload": _reference("schemas", model.__name__),
        "examples": examples,
    }
    if correlation.removeprefix("/") in model.model_fields:
        message["correlationId"] = {
            "description": "An answer's `reply_to` is the `id` of what was asked.",
            "location": f"$message.payload#{correlation}",
        }
    return message


def _examples() -> Mapping[str, list[Schema]]:
    """By type of message."""
    found: dict[str, list[Schema]] = {}
    for name, said in incoming().items():
        found.setdefault(name.partition(".")[0], []).append({"name": name, "payload": said})
    for name, message in outgoing().items():
        found.setdefault(name.partition(".")[0], []).append({"name": name, "payload": json.loads(render(message))})
    return found


def _reference(kind: str, name: str) -> Schema:
    return {"$ref": f"#/components/{kind}/{name}"}
