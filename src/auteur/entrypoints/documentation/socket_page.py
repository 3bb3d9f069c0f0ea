"""The AsyncAPI document as a page."""

from collections.abc import Mapping
from typing import Any

from auteur.entrypoints.documentation.html import (
    Html,
    code,
    element,
    folded,
    joined,
    link,
    prose,
    shown_json,
    table,
    words,
)
from auteur.entrypoints.documentation.page import Entry, chapter, framed
from auteur.entrypoints.documentation.schemas import fields_of, kind_of, whole

Document = Mapping[str, Any]


def socket_page(document: Document, *, root: str) -> str:
    """The page. ``root``: where a browser finds the service."""
    page = _Page(document)
    info, operations = document["info"], document["operations"]
    asked = {name: one for name, one in operations.items() if one["action"] == "receive"}
    said = {tag for one in asked.values() for tag in _names(one["messages"])}
    heard = [tag for tag in document["components"]["messages"] if tag not in said]
    payloads = {_name(one["payload"]) for one in document["components"]["messages"].values()}
    schemas = document["components"]["schemas"]
    # each message stands where it is said or heard, and any of them is nothing to read
    others = {name: one for name, one in schemas.items() if name not in payloads and "oneOf" not in one}
    contents = [
        Entry(
            "connecting", "Connecting", [Entry(f"channel-{name}", one["title"]) for name, one in page.channels.items()]
        ),
        Entry("asking", "What a client may ask", [Entry(f"operation-{name}", code(name)) for name in asked]),
        Entry("hearing", "What a client hears", [Entry(f"message-{tag}", code(tag)) for tag in heard]),
        Entry("schemas", "Schemas"),
    ]
    return framed(
        f"{info['title']} {info['version']}: WebSocket",
        prose(info["description"], root),
        contents,
        chapter("connecting", "Connecting", page.servers(), *(page.channel(name) for name in page.channels)),
        chapter("asking", "What a client may ask", *(page.operation(name, one) for name, one in asked.items())),
        chapter("hearing", "What a client hears", *(page.message(tag) for tag in heard)),
        chapter("schemas", "Schemas", whole(others)),
        root=root,
        document="asyncapi.json",
    )


class _Page:
    def __init__(self, document: Document) -> None:
        self._components: Document = document["components"]
        self._servers: Document = document["servers"]
        self.channels: Document = document["channels"]

    def servers(self) -> Html:
        """Where it is, and how to sign in there."""
        rows = [
            (
                code(f"{one['protocol']}://{one['host']}{one.get('pathname', '')}"),
                words(one["description"]),
                joined([code(_name(way)) for way in one["security"]], ", "),
            )
            for one in self._servers.values()
        ]
        ways = [
            (code(name), words(scheme["description"])) for name, scheme in self._components["securitySchemes"].items()
        ]
        return joined(
            [
                table(("server", "is", "sign in by"), rows, "Servers"),
                table(("sign in by", "meaning"), ways, "Ways of signing in"),
            ]
        )

    def channel(self, name: str) -> Html:
        """An address, with what it takes and how it ends."""
        channel = self.channels[name]
        about = str(channel["description"]).partition("\n\n")[0]
        parameters = [
            (code(parameter), "path", words(one["description"])) for parameter, one in channel["parameters"].items()
        ]
        queries = [
            (code(parameter), "query", words(one["description"]))
            for binding in channel.get("bindings", {}).values()
            for parameter, one in binding["query"]["properties"].items()
        ]
        closing = [(code(number), words(why)) for number, why in channel.get("x-close-codes", {}).items()]
        return element(
            "section",
            element("h3", channel["title"]),
            element("p", code(channel["address"]), class_="address"),
            prose(about),
            table(("parameter", "in", "meaning"), [*parameters, *queries], f"Parameters of {channel['address']}"),
            table(("close code", "meaning"), closing, "Close codes") if closing else "",
            id=f"channel-{name}",
            class_="operation",
        )

    def operation(self, name: str, operation: Document) -> Html:
        """What is said, and what may be answered."""
        (tag,) = _names(operation["messages"])
        replies = [link(f"#message-{reply}", code(reply)) for reply in _names(operation["reply"]["messages"])]
        return element(
            "section",
            element("h3", operation["title"]),
            element("p", code(tag), " is answered by ", joined(replies, " or "), class_="address"),
            prose(operation["description"]),
            self._payload(tag),
            id=f"operation-{name}",
            class_="operation",
        )

    def message(self, tag: str) -> Html:
        """What is heard."""
        message = self._components["messages"][tag]
        return element(
            "section",
            element("h3", code(tag)),
            prose(message["description"]),
            self._payload(tag),
            id=f"message-{tag}",
            class_="operation",
        )

    def _payload(self, tag: str) -> Html:
        message = self._components["messages"][tag]
        schema = self._components["schemas"][_name(message["payload"])]
        examples = [
            folded(joined(["Example ", code(one["name"])]), shown_json(one["payload"])) for one in message["examples"]
        ]
        return joined([fields_of(schema, tag) if "properties" in schema else kind_of(schema), *examples])


def _names(references: Any) -> list[str]:
    return [_name(reference) for reference in references]


def _name(reference: Document) -> str:
    return str(reference["$ref"]).rpartition("/")[2]
