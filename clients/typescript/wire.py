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
from auteur.protocol.projects import ProjectView
from auteur.protocol.translate import message_schemas
from auteur.protocol.views import TaskListView

TARGET = Path(__file__).parent / "src" / "wire.ts"
_HEAD = "// Written by `make docs` from the service's schemas; change them there.\n"
_REQUESTS: tuple[type[BaseModel], ...] = (GenerationRequest, NamedRequest, BatchRequest, PromotionRequest, Marks)
_WHOLE: tuple[type[BaseModel], ...] = (TaskListView, ProjectView)
"""What writes itself in a way of its own, of which its schema as it is written says nothing."""
_LEFT_OUT = {("TaskListView", "partial")}
"""Fields that have no null and are left out all the same."""
_NOT_OURS = ("HTTPValidationError", "ValidationError")
_WIDTH = 116
Schema = Mapping[str, Any]


def wire() -> str:
    """The file."""
    said: dict[str, Schema] = {}
    heard: dict[str, Schema] = {}
    for model in _REQUESTS:
        _gather(model.__name__, model.model_json_schema(), said)
    for model in _WHOLE:
        _gather(model.__name__, model.model_json_schema(mode="validation"), heard)
    messages = message_schemas()
    for name, schema in messages["incoming"].items():
        _gather(name, schema, said)
    for name, schema in messages["outgoing"].items():
        _gather(name, schema, heard)
    for name, schema in _components().items():
        if name not in said and name not in _NOT_OURS and not name.startswith("Body_"):
            _gather(name, schema, heard)
    lines = [_HEAD, f"export const PROTOCOL_VERSION = {PROTOCOL_VERSION};", ""]
    for name, schema in sorted(said.items()):
        lines += [*_declared(name, schema, is_said=True), ""]
    for name, schema in sorted(heard.items()):
        lines += [*_declared(name, schema, is_said=False), ""]
    lines += _union("ClientMessage", list(messages["incoming"]), "Whatever clients say.")
    lines += ["", *_union("ServerMessage", list(messages["outgoing"]), "Whatever clients hear.")]
    lines += ["", *_nulls("TASK_NULLS", heard["TaskView"]), *_nulls("RESULT_NULLS", heard["ResultView"])]
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
        is_left_out = field not in required and (is_said or _may_be_null(inner) or (name, field) in _LEFT_OUT)
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


def _nulls(name: str, schema: Schema) -> Iterator[str]:
    """The fields that are always there over HTTP, null where there is nothing to say, and left out in messages."""
    fields = [field for field in schema["required"] if _may_be_null(schema["properties"][field])]
    yield f"export const {name} = {json.dumps(fields)} as const;"


if __name__ == "__main__":
    TARGET.write_text(wire())
