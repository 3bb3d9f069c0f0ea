"""The parts of the door for assistants that can be tried alone."""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from auteur.entrypoints.mcp.arguments import Submit
from auteur.entrypoints.mcp.catalogue import Catalogue, CatalogueKeeper, params_schema, plain, schema_of
from auteur.entrypoints.mcp.inside import InsideTransport
from auteur.entrypoints.mcp.room import Address, RefusedError, Room, artifact_path, task_path
from auteur.entrypoints.mcp.stdio import Lines
from auteur.entrypoints.mcp.tools import TOOLS
from auteur.entrypoints.mcp.watching import Rising
from tests.waiting import awaited

PAGE = Path(__file__).parents[2] / "docs" / "assistants.md"
OUTER: Scope = {"type": "http", "scheme": "http", "client": ("10.0.0.9", 7), "server": ("studio.example", 80)}


def test_the_tools_of_the_page_are_those_of_the_door() -> None:
    listed = re.findall(r"^\| `(\w+)` \| (.+?) \| (.*?) \|$", PAGE.read_text(), re.MULTILINE)

    def marks(tool: Any) -> str:
        return "reads" if tool.reads else "stops work" if tool.destroys else "makes"

    assert [(name, kind) for name, _, kind in listed] == [(tool.name, marks(tool)) for tool in TOOLS]


# --- schemas --------------------------------------------------------------------------------------------------------


def test_a_schema_is_told_without_references_and_without_null() -> None:
    schema = {
        "$defs": {"Part": {"title": "Part", "type": "object", "properties": {"title": {"type": "string"}}}},
        "properties": {
            "one": {"$ref": "#/$defs/Part", "description": "A ``part``,\n of it."},
            "maybe": {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}], "default": None, "title": "M"},
            "null_counts": {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": 3},
        },
    }
    assert plain(schema) == {
        "properties": {
            "one": {"type": "object", "properties": {"title": {"type": "string"}}, "description": "A `part`, of it."},
            "maybe": {"type": "integer", "minimum": 1},
            "null_counts": {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": 3},
        }
    }


def test_a_schema_that_refers_to_itself_has_an_end() -> None:
    node = {"type": "object", "properties": {"left": {"$ref": "#/$defs/Node"}, "right": {"$ref": "#/$defs/Node"}}}
    read = plain({"$defs": {"Node": node}, "$ref": "#/$defs/Node"})
    assert read == {"type": "object", "properties": {"left": {}, "right": {}}}


def type_of(name: str, schema: dict[str, Any], engine: str = "previs") -> dict[str, Any]:
    return {"name": name, "summary": f"{name}.", "params_schema": schema, "engines": [{"engine": engine}]}


def test_a_catalogue_too_long_for_one_tool_is_told_when_it_is_asked_for() -> None:
    small = type_of("a", {"type": "object", "title": "A", "properties": {}})
    large = type_of("b", {"type": "object", "description": "x" * 30_000})
    assert params_schema(Catalogue({}, (small,))) == {"title": "a", "type": "object", "properties": {}}
    assert params_schema(Catalogue({}, (large,))) is None
    told = params_schema(Catalogue({}, (large, small)))
    assert told is not None
    assert [way["title"] for way in told["anyOf"]] == [large["name"], small["name"]], "each by its name, in their order"
    assert "properties" not in told["anyOf"][0]
    assert "describe_service" in told["anyOf"][0]["description"]
    assert told["anyOf"][1] == params_schema(Catalogue({}, (small,)))
    assert params_schema(Catalogue({})) is None
    fields = schema_of(Submit, Catalogue({"qualities": ["draft"], "default_quality": "draft"}, (small, large)))
    assert fields["properties"]["task_type"]["enum"] == ["a", "b"]
    assert fields["properties"]["quality"]["enum"] == ["draft"]


def test_without_a_catalogue_the_tools_are_there_all_the_same() -> None:
    fields = schema_of(Submit, Catalogue({}))["properties"]
    assert fields["task_type"]["type"] == "string"
    assert "enum" not in fields["quality"]


async def test_a_catalogue_is_kept_for_a_while_and_while_the_service_is_away() -> None:
    now, answers, asked = [0.0], [200], []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        asked.append(scope["path"])
        await send({"type": "http.response.start", "status": answers[-1], "headers": []})
        await send({"type": "http.response.body", "body": b'{"task_types": [], "qualities": ["draft"]}'})

    keeper = CatalogueKeeper(lambda: now[0])
    async with room_of(app) as room:
        first = await keeper.read(room)
        now[0] = 29.0
        assert await keeper.read(room) is first
        assert len(asked) == 2
        now[0] = 31.0
        assert await keeper.read(room) is not first
        now[0], answers[:] = 90.0, [503]
        assert (await keeper.read(room)).info["qualities"] == ["draft"]
        answers[:] = [401]
        with pytest.raises(RefusedError):
            await keeper.read(room)


# --- asked within the process ---------------------------------------------------------------------------------------


@asynccontextmanager
async def room_of(app: Any) -> AsyncIterator[Room]:
    async with httpx.AsyncClient(transport=InsideTransport(app, OUTER)) as http:
        yield Room(http, lambda: Address("http://inside"), {"host": "studio.example"})


async def test_what_is_asked_inside_is_a_request_like_any_other() -> None:
    seen: list[tuple[Scope, bytes]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append((scope, (await receive())["body"]))
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": b'{"a"', "more_body": True})
        await send({"type": "http.response.body", "body": b": 1}"})

    async with room_of(app) as room:
        assert await room.ask("POST", "/x", query={"q": ["a b", "c"]}, body={"n": 1}, key="k") == {"a": 1}
    ((scope, body),) = seen
    assert (scope["method"], scope["path"], scope["query_string"]) == ("POST", "/api/v1/x", b"q=a+b&q=c")
    assert (scope["client"], body) == (("10.0.0.9", 7), b'{"n": 1}')
    headers = dict(scope["headers"])
    assert (headers[b"host"], headers[b"idempotency-key"]) == (b"studio.example", b"k")


async def test_events_are_told_while_they_come_and_who_goes_away_is_heard_of() -> None:
    gone = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b'id: 1\ndata: {"n": ', "more_body": True})
        await send({"type": "http.response.body", "body": b"1}\n\n: still here\n\n", "more_body": True})
        assert (await receive())["type"] == "http.disconnect"
        gone.set()

    async with room_of(app) as room, awaited("the event, and its end"):
        heard = room.events("film", None)
        assert await anext(heard) == {"n": 1}
        await heard.aclose()
        await gone.wait()


async def test_an_application_that_fails_is_a_service_that_does_not_answer() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("a fault of ours")

    async with room_of(app) as room:
        with pytest.raises(RefusedError) as refused:
            await room.ask("GET", "/x")
    assert (refused.value.code, refused.value.temporary) == ("SERVICE_UNAVAILABLE", True)
    assert "fault" not in refused.value.message


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"error": {"code": "QUEUE_FULL", "message": "m", "details": {}}}', "QUEUE_FULL"),
        (b"<html>no such host 10.0.0.1</html>", "SERVICE_UNAVAILABLE"),
        (b'{"error": "x"}', "SERVICE_UNAVAILABLE"),
        (b"[]", "SERVICE_UNAVAILABLE"),
    ],
)
async def test_what_refuses_is_told_in_one_shape_whoever_said_it(body: bytes, code: str) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"retry-after", b"7")]
        await send({"type": "http.response.start", "status": 429, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async with room_of(app) as room:
        with pytest.raises(RefusedError) as refused:
            await room.ask("GET", "/x")
    error = refused.value
    assert (error.code, error.temporary, error.retry_after_s) == (code, True, 7)
    assert "10.0.0.1" not in error.message


async def test_what_is_larger_than_may_be_handed_out_is_not_kept() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(64):
            await send({"type": "http.response.body", "body": b"x" * 1024, "more_body": True})

    async with room_of(app) as room, awaited("the refusal"):
        with pytest.raises(RefusedError, match="more than 2048 bytes"):
            await room.file("/projects/film/artifacts/a.png", 2048)


async def test_what_can_be_part_of_no_address_is_refused_here() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError("nothing is asked")

    async with room_of(app) as room:
        for asked in ({"query": {"q": "\ud800"}}, {"key": "schlüssel"}, {"body": {"x": float("nan")}}):
            with pytest.raises(RefusedError) as refused:
                await room.ask("POST", "/x", **asked)  # type: ignore[arg-type]
            assert not refused.value.temporary
    for path in ("\ud800", "", "a//b", "../x", "film/../x", "a/..", "x" * 2000):
        with pytest.raises(RefusedError, match="no such file"):
            artifact_path("film", path)
    assert artifact_path("film", "film/t/1/a b.png") == "/projects/film/artifacts/t/1/a%20b.png"
    for task_id in ("", "..", "a/b", "a\n", "x" * 65):
        with pytest.raises(RefusedError, match="no such task"):
            task_path("film", task_id)


def test_a_token_is_in_no_repr() -> None:
    assert "secret" not in repr(Address("http://studio.example", "secret"))


# --- progress, and lines --------------------------------------------------------------------------------------------


async def test_progress_rises_or_is_silent() -> None:
    told: list[float] = []

    async def tell(progress: float, said: str) -> None:
        told.append(progress)

    rising = Rising(tell)
    for share in (0.0, 0.0, 0.3, 0.2, 0.3, 0.31, 0.0, 1.0):
        await rising(share, "")
    assert told == [0.0, 0.3, 0.31, 1.0]


async def test_lines_are_read_however_they_come_and_none_is_longer_than_it_may_be() -> None:
    reads, writes = os.pipe()
    lines = Lines(reads, longest_bytes=10)
    try:
        os.write(writes, b"on")
        os.write(writes, b"e\ntwo\n\n" + b"x" * 11 + b"\n" + "grün\n".encode() + b"\xff\n" + b"y" * 200_00)
        os.write(writes, b"\nlast")
    finally:
        os.close(writes)
    async with awaited("the lines"):
        heard = [line async for line in lines]
    os.close(reads)
    assert heard == ["one", "two", "", "", "grün", "\ufffd", ""], "a line that was not ended is none"
