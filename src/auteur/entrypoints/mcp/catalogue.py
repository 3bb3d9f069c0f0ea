"""What the service can make, as it says itself, and the tools' schemas made to fit it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from auteur.entrypoints.mcp.room import RefusedError, Room

_FRESH_S = 30.0
_MOST_SCHEMA_BYTES = 24 << 10
"""Of all task types in one tool: a model reads them with every conversation. What is more is told when it is asked for
(`describe_service`)."""

_ASK = {"type": "object", "description": "Its parameters are told by `describe_service`."}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What can be asked for. ``task_types``: as the service tells them."""

    info: Mapping[str, Any]
    task_types: tuple[Mapping[str, Any], ...] = ()

    @property
    def engines(self) -> list[str]:
        """All engines, each once."""
        return sorted({way["engine"] for made in self.task_types for way in made["engines"]})


class CatalogueKeeper:
    """Asks for the catalogue and keeps it for a short while; it is the same for everybody who may ask at all."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._kept: Catalogue | None = None
        self._read_at = 0.0

    async def read(self, room: Room) -> Catalogue:
        """The catalogue; that of before where the service is away. Raises `RefusedError` where there is none."""
        now = self._monotonic()
        if self._kept is not None and now - self._read_at < _FRESH_S:
            return self._kept
        try:
            info = await room.ask("GET", "/info")
            made = await room.ask("GET", "/task-types")
        except RefusedError as error:
            if self._kept is not None and error.temporary:
                return self._kept
            raise
        self._kept, self._read_at = Catalogue(info, tuple(made["task_types"])), now
        return self._kept


def schema_of(model: type[BaseModel], catalogue: Catalogue | None = None) -> dict[str, Any]:
    """The JSON Schema of a tool's arguments or answer: references resolved, and what the catalogue knows as values."""
    schema = plain(model.model_json_schema())
    fields = schema.get("properties", {})
    if catalogue is not None:
        _fit(fields, catalogue)
    return schema


def _fit(fields: dict[str, Any], catalogue: Catalogue) -> None:
    for name, values in (
        ("task_type", [made["name"] for made in catalogue.task_types]),
        ("quality", list(catalogue.info.get("qualities", ()))),
        ("engine", catalogue.engines),
    ):
        if name in fields and values:
            fields[name] = {**{k: v for k, v in fields[name].items() if k == "description"}, "enum": values}
    if "quality" in fields and "default_quality" in catalogue.info and fields.keys() >= {"params", "task_type"}:
        fields["quality"]["description"] += f" {catalogue.info['default_quality']} if left out."
    if "task_type" in fields and catalogue.task_types:
        told = " ".join(f"{made['name']}: {made['summary']}" for made in catalogue.task_types)
        fields["task_type"]["description"] += f" {told}"


def params_schema(catalogue: Catalogue) -> dict[str, Any] | None:
    """Parameters of one of the task types, each alternative named by its type. Where all would be too long, those stay
    that cannot be left out, the shortest first, and the others are told when it is asked; None where none has room."""
    ways = [{"title": made["name"], **plain(made["params_schema"])} for made in catalogue.task_types]
    room, whole = _MOST_SCHEMA_BYTES, set()
    for way in sorted(ways, key=lambda way: (not way.get("required"), len(str(way)))):
        if len(str(way)) <= room:
            room -= len(str(way))
            whole.add(way["title"])
    if not whole:
        return None
    told = [way if way["title"] in whole else {"title": way["title"], **_ASK} for way in ways]
    return {"anyOf": told} if len(told) > 1 else told[0]


def plain(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema with its references resolved, without titles that repeat names, and without null where leaving out
    says the same: shorter, and read by more programs."""
    definitions = schema.get("$defs", {})

    def read(value: Any, inside: tuple[str, ...] = ()) -> Any:
        if isinstance(value, list):
            return [read(one, inside) for one in value]
        if not isinstance(value, dict):
            return value
        if "$ref" in value:
            name = str(value["$ref"]).rpartition("/")[2]
            if name in inside:  # it refers to itself: any value
                return {}
            beside = {k: v for k, v in value.items() if k != "$ref"}
            return read({**definitions.get(name, {}), **beside}, (*inside, name))
        found: dict[str, Any] = {}
        for key, part in value.items():
            if key == "properties":  # by their names, among which any word may be, `title` too
                found[key] = {name: read(one, inside) for name, one in part.items()}
            elif key == "description":
                found[key] = " ".join(str(part).replace("``", "`").split())
            elif key not in ("$defs", "title"):
                found[key] = read(part, inside)
        return _without_null(found)

    read_whole: dict[str, Any] = read(schema)
    return read_whole


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    ways = schema.get("anyOf")
    if not isinstance(ways, list) or {"type": "null"} not in ways or schema.get("default", ...) is not None:
        return schema
    others = [way for way in ways if way != {"type": "null"}]
    kept = {k: v for k, v in schema.items() if k not in ("anyOf", "default")}
    return {**others[0], **kept} if len(others) == 1 else {**kept, "anyOf": others}
