"""Writes ``src/wire.ts``, the types of the TypeScript client, from what the service says of itself.

``python clients/typescript/wire.py`` writes it; a test fails while it is not current. Sources: the schemas of the
messages and the components of the OpenAPI document, so that a type here is what is on the wire.
"""

import json
import tempfile
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from auteur.entrypoints.app import create_app
from auteur.entrypoints.container import build
from auteur.entrypoints.settings import load_settings
from auteur.protocol.incoming import BatchRequest, GenerationRequest, Marks, NamedRequest, PromotionRequest
from auteur.protocol.outgoing import PROTOCOL_VERSION
from auteur.protocol.schemas import HEARD, SAID, message_components

TARGET = Path(__file__).parent / "src" / "wire.ts"
_HEAD = "// Written by `make docs` from the service's schemas; change them there.\n"
_REQUESTS: tuple[type[BaseModel], ...] = (GenerationRequest, NamedRequest, BatchRequest, PromotionRequest, Marks)
_LEFT_OUT = {("TaskListView", "partial")}
"""Fields that have no null and are left out all the same."""
_NOT_OURS = ("HTTPValidationError", "ValidationError")
_WIDTH = 116
Schema = Mapping[str, Any]


def wire() -> str:
    """The file."""
    messages, views = message_components(), _components()
    said: dict[str, Schema] = {}
    for model in (*SAID, *_REQUESTS):
        _gather(model.__name__, model.model_json_schema(), said)
    # a message leaves out what has no value; a view in it is the client's to make whole, so that it is one type
    heard = {name: schema for name, schema in messages.items() if name not in said and name not in views}
    for name, schema in views.items():
        if name not in said and name not in _NOT_OURS and not name.startswith("Body_"):
            _gather(name, schema, heard)
    lines = [_HEAD, f"export const PROTOCOL_VERSION = {PROTOCOL_VERSION};", ""]
    for name, schema in sorted(said.items()):
        lines += [*_declared(name, schema, is_said=True), ""]
    for name, schema in sorted(heard.items()):
        if "oneOf" not in schema:
            lines += [*_declared(name, schema, is_said=False), ""]
    lines += _union("ClientMessage", [model.__name__ for model in SAID], "Whatever clients say.")
    lines += ["", *_union("ServerMessage", [model.__name__ for model in HEARD], "Whatever clients hear.")]
    lines += ["", *(line for what in ("Task", "Result", "Artifact") for line in _nulls(what, heard[f"{what}View"]))]
    return "\n".join(lines) + "\n"


def _components() -> Mapping[str, Schema]:
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(build(load_settings(workspace_root=Path(folder), backend="memory")))
        components: Mapping[str, Schema] = app.openapi()["components"]["schemas"]
        return components


def _gather(name: str, schema: Schema, known: dict[str, Schema]) -> None:
    """Notes a schema, and those that it is made of, under their names."""
    known.setdefault(name, schema)
    for inner, definition in schema.get("$defs", {}).items():
        _gather(inner, definition, known)


def _declared(name: str, schema: Schema, *, is_said: bool) -> Iterator[str]:
    yield from _comment(schema.get("description", ""), "")
    if "properties" not in schema:
        yield f"export type {name} = {_type(schema, is_said=is_said)};"
        return
    yield f"export interface {name} {{"
    required = schema.get("required", ())
    for field, inner in schema["properties"].items():
        yield from _comment(inner.get("description", ""), "  ")
        # of what is told, what has a default other than null is told with it
        is_left_out = (
            (field not in required and (is_said or "default" not in inner))
            or (_may_be_null(inner) and "default" in inner)
            or (name, field) in _LEFT_OUT
        )
        mark = "?" if is_left_out and "const" not in inner else ""
        # what is said may be undefined: written as JSON it is left out
        more = " | undefined" if mark and is_said else ""
        yield f"  {_key(field)}{mark}: {_type(inner, is_said=is_said)}{more};"
    yield "}"


def _type(schema: Schema, *, is_said: bool) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return " | ".join(dict.fromkeys(_type(one, is_said=is_said) for one in schema[several]))
    match schema.get("type"):
        case "integer" | "number":
            return "number"
        case "string":
            return "Blob" if schema.get("format") == "binary" else "string"
        case "boolean":
            return "boolean"
        case "null":
            return "null"
        case "array":
            items = _type(schema.get("items", {}), is_said=is_said)
            return f"({items})[]" if " " in items else f"{items}[]"
        case "object" if "properties" in schema:
            required = schema.get("required", ())
            fields = (
                f"{_key(name)}{'' if name in required or not is_said else '?'}: {_type(inner, is_said=is_said)}"
                for name, inner in schema["properties"].items()
            )
            return f"{{ {'; '.join(fields)} }}"
        case "object":
            values = schema.get("additionalProperties", True)
            return f"Record<string, {'unknown' if isinstance(values, bool) else _type(values, is_said=is_said)}>"
    return "unknown"


def _may_be_null(schema: Schema) -> bool:
    return any(one.get("type") == "null" for one in schema.get("anyOf", ()))


def _key(name: str) -> str:
    return name if name.isidentifier() else json.dumps(name)


def _comment(text: str, indent: str) -> Iterator[str]:
    told = " ".join(text.replace("``", "`").split()).replace("*/", "* /")
    if not told:
        return
    if len(indent) + len(told) + 7 <= _WIDTH:
        yield f"{indent}/** {told} */"
        return
    yield f"{indent}/**"
    for line in textwrap.wrap(told, _WIDTH - len(indent) - 3):
        yield f"{indent} * {line}"
    yield f"{indent} */"


def _union(name: str, members: list[str], told: str) -> Iterator[str]:
    yield f"/** {told} */"
    yield f"export type {name} ="
    for member in members:
        yield f"  | {member}{';' if member == members[-1] else ''}"


def _nulls(what: str, schema: Schema) -> Iterator[str]:
    """The fields that are always there over HTTP, null where there is nothing to say, and left out in messages."""
    properties = schema["properties"]
    fields = [
        name for name in schema["required"] if _may_be_null(properties[name]) and "default" not in properties[name]
    ]
    yield f"export const {what.upper()}_NULLS = {json.dumps(fields)} as const;"


if __name__ == "__main__":
    TARGET.write_text(wire())
