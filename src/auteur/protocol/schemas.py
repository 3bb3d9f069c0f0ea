"""JSON Schemas of all messages as one set, whose references lead into it."""

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from auteur.protocol.incoming import IncomingMessage
from auteur.protocol.outgoing import AnyServerMessage

Schema = dict[str, Any]

SAID: tuple[type[BaseModel], ...] = get_args(IncomingMessage)
"""Every message of a client."""
HEARD: tuple[type[BaseModel], ...] = get_args(AnyServerMessage)
"""Every message of the service."""
COMPONENTS = "#/components/schemas/"
"""What a reference to one of them begins with."""
_ALWAYS_TOLD = frozenset({("ProjectView", "next")})
"""What is null in a message too where it has no value; all else is left out then."""


def message_components() -> Mapping[str, Schema]:
    """By name, the schemas of all messages and of what they hold; references lead to ``#/components/schemas``.

    `ClientMessage` and `ServerMessage` are any of a direction. A view in a message is not the same as over HTTP, where
    what has no value is null: here it is left out, and so nothing of it is required.
    """
    _, said = models_json_schema([(model, "validation") for model in SAID], ref_template=COMPONENTS + "{model}")
    _, heard = models_json_schema([(model, "serialization") for model in HEARD], ref_template=COMPONENTS + "{model}")
    schemas: dict[str, Schema] = {**said["$defs"]}
    for name, schema in heard["$defs"].items():
        if name in schemas:
            raise AssertionError(f"{name} is said and heard, and not the same")
        schemas[name] = as_told(name, schema)
    for schema in schemas.values():
        for field in schema.get("properties", {}).values():
            field.pop("title", None)  # it says the field's name once more
    schemas["ClientMessage"] = _any_of(SAID, "Whatever a client may say.")
    schemas["ServerMessage"] = _any_of(HEARD, "Whatever a client may hear.")
    return dict(sorted(schemas.items()))


def tag_of(model: type[BaseModel]) -> str:
    """What a message says in ``type``."""
    return str(get_args(model.model_fields["type"].annotation)[0])


def references_in(schema: Any) -> Iterator[str]:
    """The names of the components that it refers to."""
    if isinstance(schema, Mapping):
        reference = schema.get("$ref")
        if isinstance(reference, str):
            yield reference.rpartition("/")[2]
        for inside in schema.values():
            yield from references_in(inside)
    elif isinstance(schema, list):
        for inside in schema:
            yield from references_in(inside)


def as_told(name: str, schema: Schema) -> Schema:
    """The schema, called ``name``, of what is told: what has no value is left out."""
    if "properties" not in schema:
        return schema
    properties: Schema = {}
    required = set(schema.get("required", ()))
    for field, described in schema["properties"].items():
        described = {key: value for key, value in described.items() if key != "default"}
        ways = [way for way in described.get("anyOf", ()) if way != {"type": "null"}]
        if len(ways) == len(described.get("anyOf", ())) or (name, field) in _ALWAYS_TOLD:
            properties[field] = described
            continue
        rest = {key: value for key, value in described.items() if key != "anyOf"}
        properties[field] = {**rest, **(ways[0] if len(ways) == 1 else {"anyOf": ways})}
        required.discard(field)
    return {
        **schema,
        "properties": properties,
        "required": [field for field in properties if field in required],
    }


def _any_of(models: tuple[type[BaseModel], ...], description: str) -> Schema:
    references = [{"$ref": COMPONENTS + model.__name__} for model in models]
    return {"title": description, "description": description, "oneOf": references, "discriminator": "type"}
