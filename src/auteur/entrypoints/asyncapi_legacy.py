"""The existing frontend's socket in the AsyncAPI document: its channel, what it says and hears, and their schemas."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic.json_schema import models_json_schema

from auteur.protocol.dialects.legacy import REFERENCES, Frame, LegacyDialect, Said
from auteur.protocol.examples import PROJECT, incoming, outgoing
from auteur.protocol.schemas import COMPONENTS, as_told

Schema = dict[str, Any]

_SAID = "legacy_said"
_HEARD: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "heartbeat": ("Answers `heartbeat`.", ("pong",)),
    "task_progress": (
        "A task was accepted, waits, began, or got further.",
        ("task_started", "progress", "queue"),
    ),
    "task_complete": ("A task has ended, and what it was asked for is there.", ("complete",)),
    "task_error": (
        "A task has ended otherwise; without `task_id`: something that was said could not be used.",
        ("error", "error.failed"),
    ),
}
"""By type of frame: when it is heard, and of which messages its examples are made."""


def with_legacy(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The document with that socket in it."""
    project, components = document["channels"]["project"], document["components"]
    messages = _messages()
    channel = {
        **{name: project[name] for name in ("servers", "parameters")},
        "address": "/legacy/ws/{project_id}",
        "title": "The existing frontend's socket",
        "description": "The same conversation in the dialect of the studio's existing frontend: an envelope of `type`, "
        "`payload` and `timestamp` in both directions, and no position: whenever it connects, it is told the newest "
        "tasks that have ended and every open one. Where its client is to stay away, it is closed with 1000.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
    }
    return {
        **document,
        "channels": {**document["channels"], "legacy": channel},
        "operations": {**document["operations"], **_operations()},
        "components": {
            **components,
            "messages": {**components["messages"], **messages},
            "schemas": {**components["schemas"], **_schemas(components["schemas"])},
        },
    }


def _operations() -> Schema:
    channel = {"$ref": "#/channels/legacy"}
    told = [{"$ref": f"#/channels/legacy/messages/legacy_{tag}"} for tag in _HEARD]
    return {
        "legacy_say": {
            "action": "receive",
            "title": "Say something in the existing frontend's dialect",
            "summary": "Any of the messages of the other socket, its fields in `payload`.",
            "description": "`payload.id` is the idempotency key, drawn where there is none. `character_refs`, "
            "`style_refs` and `location_ref` are taken as metadata. A request is answered by the first frame of its "
            "task, whose `reply_to` is that `id`.",
            "channel": channel,
            "tags": [{"name": "asked"}],
            "messages": [{"$ref": f"#/channels/legacy/messages/{_SAID}"}],
            "reply": {"channel": channel, "messages": told},
        },
        "legacy_hear": {
            "action": "send",
            "title": "Hear what happens in the existing frontend's dialect",
            "summary": "What happens to the project's tasks, as it happens.",
            "channel": channel,
            "tags": [{"name": "told"}],
            "messages": told,
        },
    }


def _messages() -> Schema:
    """By name. The examples are the other socket's, in the words of this one."""
    dialect, shown, asked = LegacyDialect(), outgoing(), incoming()["start_generation"]
    said = {
        "type": "start_generation",
        "payload": {name: value for name, value in asked.items() if name not in ("type", "timestamp")}
        | {"character_refs": ["anna"]},
        "timestamp": asked["timestamp"],
    }
    dialect.read(said, PROJECT)  # an example that is refused would be none
    about = "`heartbeat`, or a message of the other socket with its fields in `payload`."
    messages = {_SAID: _message(_SAID, "LegacySaid", about, [("legacy_said", said)])}
    for tag, (when, sources) in _HEARD.items():
        examples = [
            (f"legacy_{source}", frame)
            for source in sources
            for frame in map(json.loads, dialect.write(shown[source])[:1])
            if frame["type"] == tag
        ]
        messages[f"legacy_{tag}"] = _message(tag, _schema_name(tag), when, examples)
    return messages


def _schemas(known: Schema) -> Schema:
    """By name, the schemas of what is said and of each type of frame that is heard. ``known``: what there is already,
    and they refer to as well."""
    template = COMPONENTS + "{model}"
    _, said = models_json_schema([(Said, "validation")], ref_template=template)
    _, heard = models_json_schema([(Frame, "serialization")], ref_template=template)
    frame, payload = (as_told(name, heard["$defs"].pop(name)) for name in ("Frame", "Payload"))
    if unknown := heard["$defs"].keys() - known.keys():
        raise AssertionError(f"a frame holds what no message does: {unknown}")
    references = {name: {"description": "As the request had it, null included."} for name in REFERENCES}
    schemas = {
        "LegacySaid": said["$defs"]["Said"],
        "LegacyPayload": {**payload, "properties": {**payload["properties"], **references}},
    }
    for tag in _HEARD:
        told = {"type": {"const": tag, "type": "string"}, "payload": {"$ref": COMPONENTS + "LegacyPayload"}}
        schemas[_schema_name(tag)] = {**frame, "properties": {**frame["properties"], **told}}
    for name, schema in schemas.items():
        schema["title"] = name
        for field in schema["properties"].values():
            field.pop("title", None)  # it says the field's name once more
    return schemas


def _schema_name(tag: str) -> str:
    return "Legacy" + "".join(part.title() for part in tag.split("_"))


def _message(tag: str, schema: str, said: str, examples: list[tuple[str, Any]]) -> Schema:
    return {
        "name": tag,
        "title": schema,
        "summary": said.partition(". ")[0].removesuffix(".") + ".",
        "description": said,
        "contentType": "application/json",
        "payload": {"$ref": f"#/components/schemas/{schema}"},
        "examples": [{"name": name, "payload": payload} for name, payload in examples],
    }
