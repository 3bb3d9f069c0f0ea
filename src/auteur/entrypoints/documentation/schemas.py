"""JSON Schemas as tables of fields, each schema once, with links between them."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from auteur.entrypoints.documentation.html import Html, code, element, joined, link, prose, table, words

Schema = Mapping[str, Any]
_BOUNDS = (("minimum", "maximum", ""), ("minLength", "maxLength", " characters"), ("minItems", "maxItems", " of them"))


def kind_of(schema: Schema) -> Html:
    """What it is, in a word or two; a link where it is described elsewhere."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        return link(f"#schema-{name}", code(name))
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return joined([kind_of(one) for one in schema[word]], " or ")
    if "const" in schema:
        return code(json.dumps(schema["const"]))
    if "enum" in schema:
        return joined([code(json.dumps(value)) for value in schema["enum"]], " or ")
    if schema.get("type") == "array":
        return joined(["list of ", kind_of(schema.get("items", {}))])
    if schema.get("type") == "object":
        others = schema.get("additionalProperties", True)
        if isinstance(others, Mapping) and others:
            return joined(["object of ", kind_of(others)])
        return Html("object")
    kind = str(schema.get("type", "anything"))
    return joined([kind, f" ({schema['format']})" if "format" in schema else ""])


def fields_of(schema: Schema, name: str) -> Html:
    """The fields of an object as a table; of anything else, what it is."""
    properties: Mapping[str, Schema] = schema.get("properties", {})
    if not properties:
        return element("p", kind_of(schema))
    required = set(schema.get("required", ()))
    rows = [
        (
            code(field),
            joined([kind_of(described), "" if field in required else element("span", " optional", class_="optional")]),
            joined(_said_of(described), " "),
        )
        for field, described in properties.items()
    ]
    return table(("field", "type", "meaning"), rows, f"Fields of {name}")


def _said_of(schema: Schema) -> Iterator[Html]:
    if description := schema.get("description"):
        yield words(str(description).replace("``", "`").rstrip(".") + ".")
    ways = [schema, *(way for way in schema.get("anyOf", ()) if "$ref" not in way)]
    for way in ways:
        for least, most, unit in _BOUNDS:
            if least in way and most in way:
                yield _bound(code(way[least]), " to ", code(way[most]), f"{unit}.")
            elif least in way or most in way:
                yield _bound(
                    "At least " if least in way else "At most ", code(way.get(least, way.get(most))), f"{unit}."
                )
        if "pattern" in way:
            yield _bound("As the expression ", code(way["pattern"]), " has it.")
    if schema.get("default") is not None:
        yield _bound("Where it is left out: ", code(json.dumps(schema["default"])), ".")
    for example in schema.get("examples", ())[:1]:
        yield _bound("As ", code(json.dumps(example, ensure_ascii=False)), ".")


def _bound(*inside: object) -> Html:
    return element("span", *inside, class_="bound")


def described(name: str, schema: Schema) -> Html:
    """A schema with its fields, where links to it lead."""
    return element(
        "section",
        element("h3", code(name)),
        prose(str(schema.get("description", ""))),
        fields_of(schema, name),
        id=f"schema-{name}",
        class_="schema",
    )


def whole(schemas: Mapping[str, Schema]) -> Html:
    """All of them, by name."""
    return joined(described(name, schema) for name, schema in sorted(schemas.items()))
