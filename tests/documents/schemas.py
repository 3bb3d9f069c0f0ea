"""What has changed between two JSON Schemas, and whether who speaks by the older one is broken by it.

What is said to the service may be asked for less strictly, never more; what is heard of it may grow, and never lack
what was promised.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]
_FOR_PEOPLE = frozenset({"title", "description", "examples", "example"})
_LOWEST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_HIGHEST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")


@dataclass(frozen=True, slots=True)
class Change:
    """``subject``: the route, message or schema, as the changelog has to name it. ``breaks``: whether a client made by
    the older document is."""

    subject: str
    what: str
    breaks: bool

    def __str__(self) -> str:
        return f"{self.subject}: {self.what}{' (breaks clients)' if self.breaks else ''}"


@dataclass(frozen=True, slots=True)
class Direction:
    """Which way a schema travels; some go both ways."""

    said: bool
    heard: bool


def changed(subject: str, where: str, old: Any, new: Any, way: Direction) -> Iterator[Change]:
    """Between two schemas at one place. Components that they refer to are compared where they stand."""
    if old == new:
        return
    if isinstance(old, bool) or isinstance(new, bool):  # true takes anything, false nothing
        narrower = new is False or old is True
        yield Change(subject, f"{where} takes {'less' if narrower else 'more'}", narrower if way.said else not narrower)
        return
    if "$ref" in old or "$ref" in new:
        if old.get("$ref") != new.get("$ref"):
            yield Change(subject, f"{where} is {_named(new)}, and was {_named(old)}", True)
        return
    yield from _kinds(subject, where, old, new, way)
    yield from _values(subject, where, old, new)
    yield from _bounds(subject, where, old, new, way)
    yield from _fields(subject, where, old, new, way)
    if "items" in old and "items" in new:
        yield from changed(subject, f"each of {where}", old["items"], new["items"], way)
    others, now = old.get("additionalProperties", True), new.get("additionalProperties", True)
    yield from changed(subject, f"other fields of {where}", others, now, way)
    if old.get("default") != new.get("default"):
        before, after = old.get("default"), new.get("default")
        yield Change(subject, f"{where} is {after!r} where it is left out, and was {before!r}", False)


def _kinds(subject: str, where: str, old: Schema, new: Schema, way: Direction) -> Iterator[Change]:
    before, now = _ways(old), _ways(new)
    for kind in sorted(before.keys() - now.keys()):
        yield Change(subject, f"{where} is no {kind} any more", way.said or not now.keys() & before.keys())
    for kind in sorted(now.keys() - before.keys()):
        yield Change(subject, f"{where} may be {kind}", way.heard)
    for kind in sorted(before.keys() & now.keys()):
        if before[kind] is not old and now[kind] is not new:
            yield from changed(subject, where, before[kind], now[kind], way)


def _ways(schema: Schema) -> dict[str, Schema]:
    """What it may be, by a name for it: several with ``anyOf``, or else one."""
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return {name: way for one in schema[word] for name, way in _ways(one).items()}
    if "$ref" in schema:
        return {_named(schema): schema}
    kinds = schema.get("type", "anything")
    form = f" ({schema['format']})" if "format" in schema else ""
    if isinstance(kinds, str):
        return {kinds + form: schema}
    return {kind + form: {**schema, "type": kind} for kind in kinds}


def _values(subject: str, where: str, old: Schema, new: Schema) -> Iterator[Change]:
    before, now = _listed(old), _listed(new)
    if before is None and now is None:
        return
    if before is None or now is None:
        what = "takes any value" if now is None else f"is one of {', '.join(sorted(now))}"
        yield Change(subject, f"{where} {what}", now is not None)
        return
    for value in sorted(before - now):
        yield Change(subject, f"{where} is never {value} any more", True)
    for value in sorted(now - before):
        yield Change(subject, f"{where} may be {value}", False)  # what is heard may grow, and what is said, too


def _listed(schema: Schema) -> set[str] | None:
    if "const" in schema:
        return {json.dumps(schema["const"])}
    return {json.dumps(value) for value in schema["enum"]} if "enum" in schema else None


def _bounds(subject: str, where: str, old: Schema, new: Schema, way: Direction) -> Iterator[Change]:
    for names, closer in ((_LOWEST, 1), (_HIGHEST, -1)):
        for name in names:
            before, now = old.get(name), new.get(name)
            if before == now:
                continue
            narrower = before is None or (now is not None and (now - before) * closer > 0)
            yield Change(subject, f"{name} of {where} is {now}, and was {before}", way.said and narrower)
    for name in ("pattern", "uniqueItems", "multipleOf"):
        if old.get(name) != new.get(name):
            yield Change(
                subject, f"{name} of {where} is {new.get(name)}, and was {old.get(name)}", way.said and name in new
            )


def _fields(subject: str, where: str, old: Schema, new: Schema, way: Direction) -> Iterator[Change]:
    before, now = old.get("properties", {}), new.get("properties", {})
    needed_before, needed = set(old.get("required", ())), set(new.get("required", ()))
    for name in sorted(before.keys() - now.keys()):
        yield Change(subject, f"{_field(where, name)} is gone", True)
    for name in sorted(now.keys() - before.keys()):
        is_needed = name in needed
        yield Change(
            subject, f"{_field(where, name)} is new{' and required' if is_needed else ''}", way.said and is_needed
        )
    for name in sorted(before.keys() & now.keys()):
        if name in needed - needed_before:
            yield Change(subject, f"{_field(where, name)} is required now", way.said)
        if name in needed_before - needed:
            yield Change(subject, f"{_field(where, name)} may be left out now", way.heard)
        yield from changed(subject, _field(where, name), before[name], now[name], way)


def _field(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _named(schema: Schema) -> str:
    return str(schema["$ref"]).rpartition("/")[2] if "$ref" in schema else f"a {schema.get('type', 'thing')}"


def references_in(part: Any) -> Iterator[str]:
    """The names of the schemas that it refers to."""
    if isinstance(part, Mapping):
        reference = part.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/components/schemas/"):
            yield reference.rpartition("/")[2]
        for inside in part.values():
            yield from references_in(inside)
    elif isinstance(part, list):
        for inside in part:
            yield from references_in(inside)


def reached(schemas: Mapping[str, Any], roots: Iterable[str]) -> set[str]:
    """The schemas that are reached from those, themselves among them."""
    found: set[str] = set()
    waiting = [*roots]
    while waiting:
        name = waiting.pop()
        if name not in found and name in schemas:
            found.add(name)
            waiting += references_in(schemas[name])
    return found


def components_changed(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    *,
    said: set[str],
    heard: set[str],
    subjects: Mapping[str, str] | None = None,
) -> Iterator[Change]:
    """Between two sets of schemas. ``said``, ``heard``: which travel which way; ``subjects``: what a schema is called
    in the changelog, if not as it is."""
    for name in sorted(old.keys() | new.keys()):
        subject = (subjects or {}).get(name, name)
        if name not in new:
            yield Change(subject, "is gone", True)
        elif name in old:
            way = Direction(said=name in said, heard=name in heard or name not in said)
            yield from changed(subject, "", old[name], new[name], way)
