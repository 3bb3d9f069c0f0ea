"""Both documents are sound, say what is said, and are taken by the tools that people use."""

import copy
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from tests.documents.compare import current
from tests.documents.node import MODULES, needs_node, run_node

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"
WARNING = 1
"""As the parser counts: 0 is an error, 1 a warning, 2 a piece of information."""


@cache
def openapi() -> Any:
    return current("openapi.json")


@cache
def asyncapi() -> Any:
    return current("asyncapi.json")


def golden(kind: str) -> list[Path]:
    return sorted((GOLDEN / kind).glob("*.json"))


def nodes(part: Any) -> Iterator[Any]:
    yield part
    for inside in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from nodes(inside)


def at(document: Any, reference: str) -> Any:
    found = document
    for step in reference.removeprefix("#/").split("/"):
        found = found[step.replace("~1", "/").replace("~0", "~")]
    return found


@cache
def validator(document: Callable[[], Any], name: str) -> Any:
    schemas = document()["components"]["schemas"]
    return jsonschema_rs.Draft202012Validator(
        {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}
    )


@pytest.mark.parametrize("document", [openapi, asyncapi])
def test_every_reference_leads_somewhere_and_no_definition_is_hidden_in_a_payload(document: Callable[[], Any]) -> None:
    references = [node["$ref"] for node in nodes(document()) if isinstance(node, dict) and "$ref" in node]
    assert len(references) > 100
    for reference in set(references):
        assert at(document(), reference) is not None
    assert not any("$defs" in node for node in nodes(document()) if isinstance(node, dict))


def test_every_answer_is_typed_and_every_operation_has_a_name_of_its_own() -> None:
    operations = [
        (f"{method} {path}", operation)
        for path, methods in openapi()["paths"].items()
        for method, operation in methods.items()
        if method != "head"
    ]
    names = [operation["operationId"] for _, operation in operations]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", name) for name in names)
    tags = [tag["name"] for tag in openapi()["tags"]]
    for route, operation in operations:
        assert operation["tags"][0] in tags, f"say in http/document.py what {operation['tags'][0]} is"
        for status, answer in operation["responses"].items():
            for media_type, content in answer.get("content", {}).items():
                if media_type == "application/json":
                    name = content["schema"]["$ref"].rpartition("/")[2]
                    assert openapi()["components"]["schemas"][name].get("properties"), (route, status)
            if status[0] in "45" and not route.startswith("get /health"):
                untold = f"name in http/failures.py what {operation['operationId']} may answer instead, as {status}"
                assert all(one.get("examples") for one in answer["content"].values()), untold


@pytest.mark.parametrize("path", golden("incoming"), ids=lambda path: path.stem)
def test_what_a_client_says_is_as_the_document_has_it(path: Path) -> None:
    validator(asyncapi, "ClientMessage").validate(json.loads(path.read_text("utf-8")))


@pytest.mark.parametrize("path", golden("outgoing"), ids=lambda path: path.stem)
def test_what_a_client_hears_is_as_the_document_has_it(path: Path) -> None:
    message = json.loads(path.read_text("utf-8"))
    tag = message["type"]
    name = asyncapi()["components"]["messages"][tag]["payload"]["$ref"].rpartition("/")[2]
    validator(asyncapi, name).validate(message)
    known = asyncapi()["components"]["schemas"][name]["properties"]
    assert message.keys() <= known.keys()
    assert {"name": path.stem, "payload": message} in asyncapi()["components"]["messages"][tag]["examples"]
    for field in asyncapi()["components"]["schemas"][name]["required"]:
        assert not validator(asyncapi, name).is_valid({key: value for key, value in message.items() if key != field})


def legacy_frames() -> list[Any]:
    """What passed in the session of docs/legacy-session.md, the first frame of each kind."""
    text = (ROOT / "docs" / "legacy-session.md").read_text("utf-8")
    return [
        (way, json.loads(frame))
        for way, frame in re.findall(r"^`(->|<-) [^`]*`\n\n```json\n(.*?)^```", text, re.S | re.M)
    ]


@pytest.mark.parametrize(
    ("way", "frame"), legacy_frames(), ids=lambda part: part if isinstance(part, str) else part["type"]
)
def test_a_frame_of_the_existing_frontend_is_as_the_document_has_it(way: str, frame: Any) -> None:
    tag = "legacy_said" if way == "->" else f"legacy_{frame['type']}"
    name = asyncapi()["components"]["messages"][tag]["payload"]["$ref"].rpartition("/")[2]
    for one in (frame, *(example["payload"] for example in asyncapi()["components"]["messages"][tag]["examples"])):
        validator(asyncapi, name).validate(one)
    if way == "<-":
        payload = asyncapi()["components"]["schemas"]["LegacyPayload"]
        assert frame["payload"].keys() <= payload["properties"].keys()
        assert not validator(asyncapi, name).is_valid({**frame, "type": "task_lost"})
        assert not validator(asyncapi, name).is_valid({**frame, "payload": {}})
    else:
        assert not validator(asyncapi, name).is_valid({**frame, "id": "beside the payload"})


def test_each_type_of_frame_of_the_existing_frontend_passed_in_its_session() -> None:
    heard = {frame["type"] for way, frame in legacy_frames() if way == "<-"}
    told = asyncapi()["operations"]["legacy_hear"]["messages"]
    assert {f"legacy_{tag}" for tag in heard} == {one["$ref"].rpartition("/")[2] for one in told}


@pytest.mark.parametrize("path", golden("views"), ids=lambda path: path.stem)
def test_what_is_read_over_http_is_as_the_document_has_it(path: Path) -> None:
    view = json.loads(path.read_text("utf-8"))
    name = path.stem.partition(".")[0]
    validator(openapi, name).validate(view)
    assert view.keys() <= openapi()["components"]["schemas"][name]["properties"].keys()
    shown = openapi()["components"]["examples"].get(path.stem)
    assert shown is None or shown["value"] == view


@pytest.mark.parametrize("path", golden("errors"), ids=lambda path: path.stem)
def test_an_error_is_as_the_document_has_it(path: Path) -> None:
    said = json.loads(path.read_text("utf-8"))
    validator(openapi, "ErrorView").validate(said["body"])
    where = [
        (route, status)
        for route, methods in openapi()["paths"].items()
        for operation in methods.values()
        for status, answer in operation["responses"].items()
        if path.stem in answer.get("content", {}).get("application/json", {}).get("examples", {})
    ]
    assert {status for _, status in where} == {str(said["status"])}


async def parsed(document: Any) -> Any:
    code, told = await run_node(Path(__file__).with_name("parse_asyncapi.mjs"), given=json.dumps(document))
    assert code == 0, told
    return json.loads(told)


@needs_node
async def test_the_official_parser_accepts_the_conversation() -> None:
    told = await parsed(asyncapi())
    assert told["accepted"]
    assert [one for one in told["diagnostics"] if one["severity"] <= WARNING] == []
    assert {one["code"] for one in told["diagnostics"]} <= {"asyncapi-latest-version"}


def broken_reference(document: Any) -> None:
    document["components"]["messages"]["pong"]["payload"] = {"$ref": "#/components/schemas/PangMessage"}


def unknown_parameter(document: Any) -> None:
    document["channels"]["project"]["parameters"] = {}


@needs_node
@pytest.mark.parametrize("fault", [broken_reference, unknown_parameter])
async def test_the_official_parser_finds(fault: Callable[[Any], None]) -> None:
    document = copy.deepcopy(asyncapi())
    fault(document)
    told = await parsed(document)
    assert [one for one in told["diagnostics"] if one["severity"] <= WARNING] != []


@needs_node
async def test_types_are_made_of_both_documents_and_hold_the_golden_messages(tmp_path: Path) -> None:
    """A message of the service is a value of its type, and one that is not as the document says does not compile."""
    schemas = {"openapi": "3.1.0", "info": {"title": "messages", "version": "1"}, "paths": {}}
    schemas |= {"components": {"schemas": asyncapi()["components"]["schemas"]}}
    for name, document in (("http", openapi()), ("messages", schemas)):
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
        made = await run_node(
            MODULES / "openapi-typescript" / "bin" / "cli.js",
            str(tmp_path / f"{name}.json"), "-o", str(tmp_path / f"{name}.ts"),
        )  # fmt: skip
        assert made[0] == 0, made[1]
    lines = ['import type { components as m } from "./messages";', 'import type { components as h } from "./http";']
    for number, path in enumerate(golden("outgoing")):
        tag = json.loads(path.read_text("utf-8"))["type"]
        name = asyncapi()["components"]["messages"][tag]["payload"]["$ref"].rpartition("/")[2]
        lines.append(f'export const o{number}: m["schemas"]["{name}"] = {path.read_text("utf-8")};')
    for number, path in enumerate(golden("views")):
        name = path.stem.partition(".")[0]
        lines.append(f'export const v{number}: h["schemas"]["{name}"] = {path.read_text("utf-8")};')
    wrong = 'export const x: m["schemas"]["PongMessage"] = {};'
    lines += [
        "// @ts-expect-error: what a pong answers is missing; the compiler complains where that is no error",
        wrong,
    ]
    (tmp_path / "golden.ts").write_text("\n".join(lines))
    compiler = MODULES / "typescript" / "bin" / "tsc"
    options = ["--strict", "--noEmit", "--target", "es2022", "--moduleResolution", "bundler", "--module", "esnext"]
    code, told = await run_node(compiler, *options, str(tmp_path / "golden.ts"))
    assert code == 0, told
