"""What has changed between two documents of the interface, and what of it the changelog does not say.

``python -m tests.documents.compare`` prints it: between the documents as they were released, in docs/released, and
those that the code makes now.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from auteur.entrypoints.reference import PAGES
from tests.documents.schemas import Change, Direction, changed, components_changed, reached, references_in

ROOT = Path(__file__).parents[2]
RELEASED = ROOT / "docs" / "released"
Document = Mapping[str, Any]
_METHODS = ("get", "put", "post", "delete", "patch")  # HEAD is told of with every GET


def released(name: str) -> Document:
    """The document as it was last released."""
    document: Document = json.loads((RELEASED / name).read_text("utf-8"))
    return document


def current(name: str) -> Document:
    """The document as the code makes it."""
    document: Document = json.loads(PAGES[name]())
    return document


# --- OpenAPI ---------------------------------------------------------------------------------------------------------


def openapi_changes(old: Document, new: Document) -> list[Change]:
    """Between two OpenAPI documents."""
    before, now = _routes(old), _routes(new)
    found: list[Change] = []
    for route in sorted(before.keys() | now.keys()):
        if route not in now:
            found.append(Change(route, "is gone", True))
        elif route not in before:
            found.append(Change(route, "is new", False))
        else:
            found += _route_changes(route, before[route], now[route])
    old_schemas, schemas = (document["components"]["schemas"] for document in (old, new))
    said, heard = set[str](), set[str]()
    for document, known in ((old, old_schemas), (new, schemas)):
        for operation in _routes(document).values():
            asked = [operation.get("parameters", []), operation.get("requestBody", {})]
            said |= reached(known, references_in(asked))
            heard |= reached(known, references_in(operation["responses"]))
    found += components_changed(old_schemas, schemas, said=said, heard=heard)
    return found


def _routes(document: Document) -> dict[str, Any]:
    return {
        f"{method.upper()} {path}": operation
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if method in _METHODS
    }


def _route_changes(route: str, old: Document, new: Document) -> Iterator[Change]:
    if old["operationId"] != new["operationId"]:
        yield Change(route, f"is called {new['operationId']}, and was {old['operationId']}", True)
    if old.get("tags") != new.get("tags"):
        yield Change(route, f"is among {new.get('tags')}, and was among {old.get('tags')}", False)
    if (
        ({} in old.get("security", [{}]) or not old.get("security"))
        and new.get("security")
        and {} not in new["security"]
    ):
        yield Change(route, "asks who comes", True)
    before, now = (
        {(one["in"], one["name"]): one for one in operation.get("parameters", ())} for operation in (old, new)
    )
    for key in sorted(before.keys() | now.keys()):
        name = f"parameter {key[1]}"
        if key not in now:
            yield Change(route, f"{name} is gone", True)
        elif key not in before:
            needed = bool(now[key].get("required"))
            yield Change(route, f"{name} is new{' and required' if needed else ''}", needed)
        else:
            if bool(now[key].get("required")) != bool(before[key].get("required")):
                needed = bool(now[key].get("required"))
                yield Change(route, f"{name} {'is required' if needed else 'may be left out'} now", needed)
            yield from changed(
                route, name, before[key]["schema"], now[key]["schema"], Direction(said=True, heard=False)
            )
    yield from _body_changes(route, old.get("requestBody"), new.get("requestBody"))
    yield from _answer_changes(route, old["responses"], new["responses"])


def _body_changes(route: str, old: Document | None, new: Document | None) -> Iterator[Change]:
    if old is None or new is None:
        if old is not new:
            needed = new is None or bool(new.get("required"))
            yield Change(route, "takes no body any more" if new is None else "takes a body", needed)
        return
    if bool(new.get("required")) != bool(old.get("required")):
        yield Change(route, "needs its body" if new.get("required") else "needs no body", bool(new.get("required")))
    yield from _content_changes(route, "the body", old["content"], new["content"], Direction(said=True, heard=False))


def _content_changes(route: str, what: str, old: Document, new: Document, way: Direction) -> Iterator[Change]:
    for media_type in sorted(old.keys() | new.keys()):
        if media_type not in new:
            yield Change(route, f"{what} is no {media_type} any more", True)
        elif media_type not in old:
            yield Change(route, f"{what} may be {media_type}", way.heard)
        else:
            before, now = (content[media_type].get("schema", {}) for content in (old, new))
            yield from changed(route, what, before, now, way)


def _answer_changes(route: str, old: Document, new: Document) -> Iterator[Change]:
    for status in sorted(old.keys() | new.keys()):
        fine = status < "4"
        if status not in new:
            yield Change(route, f"is not answered with {status} any more", fine or bool(_codes(old[status])))
        elif status not in old:
            yield Change(route, f"may be answered with {status}", fine)
        else:
            before, now = old[status], new[status]
            for code in sorted(_codes(before) - _codes(now)):
                yield Change(route, f"{status} never carries {code} any more", True)
            for code in sorted(_codes(now) - _codes(before)):
                yield Change(route, f"{status} may carry {code}", False)
            for name in sorted(before.get("headers", {}).keys() ^ now.get("headers", {}).keys()):
                gone = name in before.get("headers", {})
                yield Change(route, f"{status} has {'no' if gone else 'a'} header {name}", gone)
            way = Direction(said=False, heard=True)
            yield from _content_changes(
                route, f"answer {status}", before.get("content", {}), now.get("content", {}), way
            )


def _codes(answer: Document) -> set[str]:
    """Of an error, the codes that it may carry, which its examples are named by."""
    examples = answer.get("content", {}).get("application/json", {}).get("examples", {})
    return {name for name in examples if name.isupper()}


# --- AsyncAPI --------------------------------------------------------------------------------------------------------


def asyncapi_changes(old: Document, new: Document) -> list[Change]:
    """Between two AsyncAPI documents. A message is called by its type, a channel by its address."""
    found: list[Change] = []
    for name in sorted(old["channels"].keys() | new["channels"].keys()):
        before, now = old["channels"].get(name), new["channels"].get(name)
        if before is None or now is None:
            found.append(Change((before or now)["address"], "is gone" if now is None else "is new", now is None))
        else:
            found += _channel_changes(before, now)
    for name in sorted(old["operations"].keys() | new["operations"].keys()):
        before, now = old["operations"].get(name), new["operations"].get(name)
        if before is None or now is None:
            found.append(Change(name, "is no operation any more" if now is None else "is a new operation", now is None))
        else:
            found += _operation_changes(name, before, now)
    messages, now = old["components"]["messages"], new["components"]["messages"]
    for tag in sorted(messages.keys() | now.keys()):
        if tag not in messages or tag not in now:
            found.append(Change(tag, "is gone" if tag not in now else "is new", tag not in now))
    subjects = {
        _name(message["payload"]): tag for tag, message in {**messages, **now}.items() if "$ref" in message["payload"]
    }
    said, heard = set[str](), set[str]()
    for document in (old, new):
        ways: dict[str, set[str]] = {"receive": said, "send": heard}
        for operation in document["operations"].values():
            known = document["components"]["messages"]
            tags = [_name(reference) for reference in operation["messages"]]
            payloads = [_name(known[tag]["payload"]) for tag in tags if tag in known]
            ways[operation["action"]] |= reached(document["components"]["schemas"], payloads)
    whole = ("ClientMessage", "ServerMessage")  # any of the messages, which are compared one by one
    old_schemas, schemas = (
        {name: schema for name, schema in document["components"]["schemas"].items() if name not in whole}
        for document in (old, new)
    )
    gone = {_name(messages[tag]["payload"]) for tag in messages.keys() - now.keys()}
    old_schemas = {name: schema for name, schema in old_schemas.items() if name not in gone}
    found += components_changed(old_schemas, schemas, said=said, heard=heard, subjects=subjects)
    return found


def _channel_changes(old: Document, new: Document) -> Iterator[Change]:
    subject = new["address"]
    if old["address"] != new["address"]:
        yield Change(subject, f"was {old['address']}", True)
    before, now = old.get("x-close-codes", {}), new.get("x-close-codes", {})
    for code in sorted(before.keys() ^ now.keys()):
        yield Change(subject, f"is {'never closed' if code in before else 'also closed'} with {code}", code in before)
    for name in sorted(old["parameters"].keys() ^ new["parameters"].keys()):
        yield Change(subject, f"parameter {name} is {'gone' if name in old['parameters'] else 'new'}", True)
    query, asked = (one.get("bindings", {}).get("ws", {}).get("query", {}) for one in (old, new))
    yield from changed(subject, "the query", query, asked, Direction(said=True, heard=False))


def _operation_changes(name: str, old: Document, new: Document) -> Iterator[Change]:
    if old["action"] != new["action"]:
        yield Change(name, "goes the other way", True)
    before, now = ({_name(one) for one in operation.get("reply", {}).get("messages", ())} for operation in (old, new))
    for tag in sorted(before - now):
        yield Change(name, f"is not answered by {tag} any more", True)
    for tag in sorted(now - before):
        yield Change(name, f"may be answered by {tag}", False)
    before, now = ({_name(one) for one in operation["messages"]} for operation in (old, new))
    for tag in sorted(before - now):
        yield Change(name, f"has no {tag} any more", True)


def _name(reference: Document) -> str:
    return str(reference["$ref"]).rpartition("/")[2]


# --- the changelog ---------------------------------------------------------------------------------------------------


def unreleased(changelog: str, before: str = "") -> list[str]:
    """The lines of the section on top, each with what belongs to it, without those of the changelog ``before``: as it
    was when the documents were released, whatever its sections were called then."""
    _, _, rest = changelog.partition("\n## Unreleased\n")
    section = re.split(r"^## ", rest, flags=re.MULTILINE)[0]
    known = set(_lines(before))
    return [line for line in _lines(section) if line not in known]


def _lines(text: str) -> list[str]:
    return [" ".join(re.split(r"\n\s*\n|^#", line, flags=re.MULTILINE)[0].split()) for line in _items(text)]


def _items(text: str) -> list[str]:
    return re.split(r"^- ", text, flags=re.MULTILINE)[1:]


def untold(changes: Iterable[Change], lines: list[str]) -> list[Change]:
    """Those that no line names: as `` `POST …/tasks` ``, `` `progress` ``, `` `TaskView` `` or `` `TaskView.eta_s` ``.
    A line for what breaks clients has to say so: breaking."""

    def is_told(change: Change) -> bool:
        naming = [
            line for line in lines if any(_names(code, change.subject) for code in re.findall(r"`([^`]+)`", line))
        ]
        return any("breaking" in line.lower() for line in naming) if change.breaks else bool(naming)

    return [change for change in changes if not is_told(change)]


def _names(code: str, subject: str) -> bool:
    if " " not in subject and not subject.startswith("/"):
        return code == subject or code.startswith(f"{subject}.")
    wanted, given = (re.sub(r"\{[^}]*\}", "{}", text) for text in (subject, code))
    if wanted == given:
        return True
    method, _, path = wanted.rpartition(" ")
    said, _, end = given.rpartition(" ")
    return said == method and end.startswith("…/") and path.endswith(end.removeprefix("…"))


DOCUMENTS = {"openapi.json": openapi_changes, "asyncapi.json": asyncapi_changes}

if __name__ == "__main__":
    for document, changes_of in DOCUMENTS.items():
        for found in changes_of(released(document), current(document)):
            sys.stdout.write(f"{document}: {found}\n")
