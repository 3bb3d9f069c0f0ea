"""The OpenAPI document as a page."""

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from auteur.entrypoints.documentation.html import Html, code, element, folded, joined, prose, shown_json, table, words
from auteur.entrypoints.documentation.page import Entry, chapter, framed
from auteur.entrypoints.documentation.schemas import kind_of, whole

Document = Mapping[str, Any]
_METHODS = ("post", "get", "put", "patch", "delete")
_SHOWN = {"project_id": "film", "path": "5b0c7a52-9d0e-4c5c-8a41-3f7f2f9f6c11/1/frame.png"}
_A_TASK = "5b0c7a52-9d0e-4c5c-8a41-3f7f2f9f6c11"


def http_page(document: Document, *, root: str, base_url: str) -> str:
    """The page. ``root``: where a browser finds the service; ``base_url``: where a program does."""
    page = _Page(document, base_url)
    info = document["info"]
    by_tag = {tag["name"]: [*page.operations(tag["name"])] for tag in document["tags"]}
    contents = [
        *(
            Entry(f"tag-{tag}", tag.capitalize(), [Entry(_anchor(op), words(op["summary"])) for _, _, op in found])
            for tag, found in by_tag.items()
        ),
        Entry("signing-in", "Signing in"),
        Entry("errors", "Errors"),
        Entry("schemas", "Schemas"),
    ]
    return framed(
        f"{info['title']} {info['version']}: HTTP",
        prose(info.get("description", ""), root),
        contents,
        *(
            chapter(
                f"tag-{tag['name']}",
                tag["name"].capitalize(),
                prose(tag["description"]),
                *(page.operation(*one) for one in by_tag[tag["name"]]),
            )
            for tag in document["tags"]
        ),
        chapter("signing-in", "Signing in", page.schemes()),
        chapter("errors", "Errors", page.errors()),
        chapter("schemas", "Schemas", whole(document["components"]["schemas"])),
        root=root,
        document="openapi.json",
    )


def _anchor(operation: Document) -> str:
    return f"operation-{operation['operationId']}"


class _Page:
    def __init__(self, document: Document, base_url: str) -> None:
        self._document = document
        self._base_url = base_url
        self._examples: Document = document["components"].get("examples", {})

    def operations(self, tag: str) -> Iterator[tuple[str, str, Document]]:
        """Method, path and operation of those that have the tag."""
        for path, operations in self._document["paths"].items():
            for method in _METHODS:
                operation = operations.get(method)
                if operation is not None and tag in operation.get("tags", ()):
                    yield method, path, operation

    def operation(self, method: str, path: str, operation: Document) -> Html:
        """A route with all that is said of it."""
        signed = [*operation.get("security", ())]
        asks = "" if not signed else "signed in, where the service asks for it" if {} in signed else "signed in"
        return element(
            "section",
            element("h3", words(operation["summary"])),
            element(
                "p",
                element("span", method.upper(), class_=f"method {method}"),
                " ",
                code(path),
                class_="address",
            ),
            element("p", "operation ", code(operation["operationId"]), f" · {asks}" if asks else "", class_="aside"),
            prose(operation.get("description", "")),
            self._parameters(operation),
            self._body(method, path, operation),
            self._answers(operation),
            id=_anchor(operation),
            class_="operation",
        )

    def _parameters(self, operation: Document) -> Html:
        parameters = operation.get("parameters", ())
        if not parameters:
            return Html("")
        rows = [
            (
                code(one["name"]),
                one["in"],
                joined(
                    [
                        kind_of(one["schema"]),
                        "" if one.get("required") else element("span", " optional", class_="optional"),
                    ]
                ),
                words(one.get("description", "")),
            )
            for one in parameters
        ]
        return table(("parameter", "in", "type", "meaning"), rows, f"Parameters of {operation['operationId']}")

    def _body(self, method: str, path: str, operation: Document) -> Html:
        contents = operation.get("requestBody", {}).get("content", {})
        parts: list[Html] = []
        body: Any = None
        for media_type, content in contents.items():
            parts.append(element("p", "Body: ", code(media_type), ", ", kind_of(content["schema"])))
            for name, value in self._shown(content):
                body = value
                parts.append(folded(joined(["Example ", code(name)]), shown_json(value)))
        command = _command(method, self._base_url + path, body, upload="multipart/form-data" in contents)
        return joined([*parts, folded("With curl", element("pre", element("code", command), tabindex="0"))])

    def _answers(self, operation: Document) -> Html:
        rows, shown = [], []
        for status, answer in operation["responses"].items():
            contents = answer.get("content", {})
            kinds = [
                kind_of(content["schema"]) if "$ref" in content.get("schema", {}) else code(media_type)
                for media_type, content in contents.items()
            ]
            headers = [code(name) for name in answer.get("headers", {}) if name != "X-Request-ID"]
            rows.append((code(status), words(answer["description"]), joined(kinds, " or "), joined(headers, ", ")))
            if status < "4":
                shown += [
                    folded(joined(["Answer ", code(status), " ", code(name)]), shown_json(value))
                    for content in contents.values()
                    for name, value in self._shown(content)
                ]
        name = f"Answers of {operation['operationId']}"
        return joined([table(("status", "meaning", "holds", "headers"), rows, name), *shown])

    def _shown(self, content: Document) -> Iterator[tuple[str, Any]]:
        for name, example in content.get("examples", {}).items():
            reference = str(example.get("$ref", "")).rpartition("/")[2]
            yield name, self._examples[reference]["value"] if reference else example["value"]

    def schemes(self) -> Html:
        """How who asks may say so."""
        rows = [
            (code(name), scheme.get("scheme") or f"{scheme['in']} {scheme['name']}", words(scheme["description"]))
            for name, scheme in self._document["components"]["securitySchemes"].items()
        ]
        return table(("scheme", "is", "meaning"), rows, "Ways of signing in")

    def errors(self) -> Html:
        """One of each code."""
        codes = {name: example["value"] for name, example in self._examples.items() if name.isupper()}
        return joined(folded(code(name), shown_json(value)) for name, value in sorted(codes.items()))


def _command(method: str, address: str, body: Any, *, upload: bool) -> str:
    for name, value in {**_SHOWN, "task_id": _A_TASK}.items():
        address = address.replace(f"{{{name}}}", value)
    parts = ["curl"] + (["-X", method.upper()] if method != "get" and not (body or upload) else [])
    if method in ("patch", "put") and body is not None:
        parts += ["-X", method.upper()]
    if address.endswith("/events"):
        parts.append("-N")
    parts.append(shlex.quote(address))
    if upload:
        parts += ["-F", "file=@still.png"]
    if body is not None:
        parts += ["\\\n  -H", "'Content-Type: application/json'", "\\\n  -d", shlex.quote(json.dumps(body))]
    return " ".join(parts)
