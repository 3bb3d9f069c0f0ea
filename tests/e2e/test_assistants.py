"""The door for assistants, with the protocol's own client: over stdio and HTTP, in both eras, against real services."""

import asyncio
import base64
import contextlib
import io
import itertools
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import httpx2
import mcp_types
import pytest
from mcp import MCPError
from PIL import Image

from auteur.entrypoints.container import token_office
from auteur.entrypoints.settings import load_settings
from tests.e2e.assistant import WAYS, Assistant, assistant, picture_of
from tests.e2e.studio import LONG, TINY, Service
from tests.e2e.test_signing_in import OPERATOR, shown, token_for
from tests.waiting import awaited

DOOR = {"mcp": True}
open_door = pytest.mark.parametrize("service", [DOOR], indirect=True)
ASKED = {"project_id": "film", "task_type": "text_to_image", "quality": "draft"}


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[Service]:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    service = await Service(workspace, module=("tests.e2e.hasty",), token=OPERATOR, **DOOR).start()
    try:
        yield service
    finally:
        await service.stop()


# --- the main job ---------------------------------------------------------------------------------------------------


@open_door
@pytest.mark.parametrize("way", WAYS)
async def test_an_assistant_has_a_take_made_looks_at_it_and_has_it_made_better(service: Service, way: str) -> None:
    async with assistant(service, way) as asks:
        told = await asks.told("describe_service")
        offered = [made["name"] for made in told["task_types"]]
        assert {"image_to_video", "text_to_image", "text_to_video", "film_board", "film_animatic"} <= {*offered}

        params = {"prompt": "wide shot of a lighthouse at dusk"}
        submitted = await asks.told("submit_task", **ASKED, params=params, shot="12A", metadata={"by": "an assistant"})
        task = submitted["task"]
        where = {"project_id": "film", "task_id": task["task_id"]}
        assert (task["shot"], task["take"], task["metadata"]) == ("12A", 1, {"by": "an assistant"})

        watched = await asks.told("watch_task", **where, wait_s=120)
        assert watched["ended"]
        assert watched["task"]["status"] == "succeeded"
        shares = [progress for progress, _, _ in asks.progress]
        assert len(shares) > 2, "it was told how it goes"
        assert all(before < after for before, after in itertools.pairwise(shares)), "each time more, as is asked for"
        assert {total for _, total, _ in asks.progress} == {1.0}
        assert any("Pass" in (said or "") for _, _, said in asks.progress)

        result = await asks.call("show_task", **where, width_px=128)
        told = result.structured_content
        assert told["pictured"] == "frame.png"
        assert told["task"]["understood"]["not_understood"] == []
        picture = Image.open(io.BytesIO(base64.b64decode(picture_of(result).data)))
        picture.load()
        assert (picture.size, picture_of(result).mime_type) == ((128, 128), "image/webp")

        promoted = (await asks.told("promote_task", **where))["task"]
        assert promoted["quality"] == "standard"
        assert promoted["promoted_from"] == task["task_id"]
        assert promoted["params"]["seed"] == told["task"]["seed"]

        first = await asks.told("list_tasks", project_id="film", limit=1)
        assert [one["task_id"] for one in first["tasks"]] == [promoted["task_id"]]
        second = await asks.told("list_tasks", project_id="film", limit=1, cursor=first["next"])
        assert [one["task_id"] for one in second["tasks"]] == [task["task_id"]]
        found = await asks.told("list_tasks", project_id="film", status=["succeeded"], words="lighthouse", shot="12A")
        assert task["task_id"] in [one["task_id"] for one in found["tasks"]]
        assert (await asks.told("list_tasks", project_id="film", favourite=True))["tasks"] == []
        assert [one["project_id"] for one in (await asks.told("list_projects"))["projects"]] == ["film"]


@open_door
@pytest.mark.parametrize("way", ["stdio 2026", "http 2025"])
async def test_a_task_is_stopped(service: Service, way: str) -> None:
    async with assistant(service, way) as asks:
        task = (await asks.told("submit_task", **ASKED, params=LONG))["task"]
        where = {"project_id": "film", "task_id": task["task_id"]}
        await asks.told("cancel_task", **where)
        watched = await asks.told("watch_task", **where, wait_s=120)
        assert watched["task"]["status"] == "cancelled"
        assert watched["task"]["error"]["code"] == "TASK_CANCELLED"
        assert (await asks.told("cancel_task", **where))["next_step"] == "It is cancelled.", "harmless to repeat"


@open_door
@pytest.mark.parametrize("way", ["stdio 2026", "http 2026"])
async def test_a_film_shows_its_first_frame_and_what_is_no_picture_says_so(service: Service, way: str) -> None:
    async with assistant(service, way) as asks:
        frame = await asks.made({**TINY, "control": ["set"]})
        names = {made["name"]: made for made in frame["artifacts"]}
        shown_as = {"project_id": "film", "task_id": frame["task_id"]}
        (model,) = [name for name in names if name.endswith((".gltf", ".glb"))]
        told = await asks.told("show_task", **shown_as, artifact=model)
        assert "no picture" in told["why_not"]
        assert "pictured" not in told

        source = {"source_image": names["frame.png"]["path"], "duration_s": 0.5, "fps": 12}
        film = await asks.made(source, task_type="image_to_video")
        assert film["status"] == "succeeded", film
        result = await asks.call("show_task", project_id="film", task_id=film["task_id"])
        assert result.structured_content["pictured"] == film["artifacts"][0]["name"]
        assert film["artifacts"][0]["media_type"] == "video/mp4"
        Image.open(io.BytesIO(base64.b64decode(picture_of(result).data))).load()

        read = await asks.client.read_resource(names["frame.png"]["uri"])
        (content,) = read.contents
        assert isinstance(content, mcp_types.BlobResourceContents)
        on_disk = service.workspace / names["frame.png"]["path"]
        assert base64.b64decode(content.blob) == on_disk.read_bytes()
        (listed,) = (await asks.client.list_resources()).resources
        (project,) = (await asks.client.read_resource(listed.uri)).contents
        assert isinstance(project, mcp_types.TextResourceContents)
        assert json.loads(project.text)["counts"]["succeeded"] == 2


# --- what a model fills in ------------------------------------------------------------------------------------------


@open_door
@pytest.mark.parametrize("way", ["stdio 2025", "http 2026"])
async def test_the_schemas_hold_the_service_s_own_words(service: Service, way: str) -> None:
    async with assistant(service, way) as asks, service.http() as http:
        tools = {tool.name: tool for tool in (await asks.client.list_tools()).tools}
        types = (await http.get("/api/v1/task-types")).json()["task_types"]
        fields = tools["submit_task"].input_schema["properties"]
        assert fields["task_type"]["enum"] == [made["name"] for made in types]
        assert fields["quality"]["enum"] == ["draft", "standard", "high", "ultra"]
        assert fields["engine"]["enum"] == ["editorial", "previs"]
        assert [way["title"] for way in fields["params"]["anyOf"]] == [made["name"] for made in types]
        of_frames = next(way for way in fields["params"]["anyOf"] if way["title"] == "text_to_image")["properties"]
        assert of_frames["aspect"]["enum"] == ["1:1", "4:3", "16:9", "1.85:1", "2.39:1", "9:16"]
        text = json.dumps([tool.model_dump(mode="json") for tool in tools.values()])
        assert "$ref" not in text
        for tool in tools.values():
            assert tool.description
            assert all("description" in field for field in tool.input_schema["properties"].values()), tool.name
            assert tool.annotations is not None
        assert tools["cancel_task"].annotations.destructive_hint  # type: ignore[union-attr]
        assert tools["watch_task"].annotations.read_only_hint  # type: ignore[union-attr]
        assert "upload_picture" not in tools, "no folder was opened"


# --- one room -------------------------------------------------------------------------------------------------------


@open_door
async def test_the_same_key_is_the_same_task_on_every_door(service: Service) -> None:
    asked = {**ASKED, "params": TINY, "idempotency_key": "one wish"}
    async with assistant(service, "stdio 2026") as here, assistant(service, "http 2026") as there:
        ids = [(await asks.told("submit_task", **asked))["task"]["task_id"] for asks in (here, there, here)]
        error = await here.refused("submit_task", **{**asked, "params": {**TINY, "seed": 2}})
    async with service.http() as http:
        body = {"task_type": "text_to_image", "quality": "draft", "params": TINY}
        answer = await http.post("/api/v1/projects/film/tasks", json=body, headers={"Idempotency-Key": "one wish"})
        counts = (await http.get("/api/v1/projects/film")).json()["counts"]
    assert {*ids, answer.json()["task_id"]} == {ids[0]}
    assert sum(counts.values()) - counts["size_bytes"] == 1
    assert error["code"] == "IDEMPOTENCY_CONFLICT"


WRONG: list[tuple[str, dict[str, Any], tuple[str, str, dict[str, Any] | None]]] = [
    (
        "submit_task",
        {**ASKED, "params": {"promt": "x"}},
        ("POST", "/film/tasks", {"task_type": "text_to_image", "quality": "draft", "params": {"promt": "x"}}),
    ),
    (
        "submit_task",
        {**ASKED, "task_type": "sculpture", "params": {}},
        ("POST", "/film/tasks", {"task_type": "sculpture", "quality": "draft", "params": {}}),
    ),
    (
        "submit_task",
        {**ASKED, "quality": "best", "params": TINY},
        ("POST", "/film/tasks", {"task_type": "text_to_image", "quality": "best", "params": TINY}),
    ),
    ("show_task", {"project_id": "film", "task_id": "none"}, ("GET", "/film/tasks/none", None)),
    ("list_tasks", {"project_id": "film", "cursor": "x"}, ("GET", "/film/tasks?cursor=x", None)),
    ("cancel_task", {"project_id": "film", "task_id": "none"}, ("POST", "/film/tasks/none/cancel", None)),
    ("promote_task", {"project_id": "film", "task_id": "none"}, ("POST", "/film/tasks/none/promote", {})),
    ("list_tasks", {"project_id": "no good"}, ("GET", "/no%20good/tasks", None)),
]


@open_door
@pytest.mark.parametrize("way", ["stdio 2026", "http 2025"])
async def test_what_is_wrong_is_told_as_every_door_tells_it(service: Service, way: str) -> None:
    async with assistant(service, way) as asks, service.http() as http:
        for tool, given, (method, path, body) in WRONG:
            error = await asks.refused(tool, **given)
            answer = (await http.request(method, f"/api/v1/projects{path}", json=body)).json()["error"]
            told = {"code": error["code"], "message": error["message"], "details": error.get("details", {})}
            assert told == answer, tool
            assert not error["temporary"]


@pytest.mark.parametrize("way", WAYS)
async def test_a_token_may_here_what_it_may_everywhere(guarded: Service, way: str) -> None:
    reader, _ = await token_for(guarded, "film", "read")
    maker, _ = await token_for(guarded, "film", "read,submit")
    async with assistant(guarded, way, token=maker) as asks:
        task = await asks.made(TINY)
        assert task["status"] == "succeeded"
        told = await asks.told("describe_service")
        assert told["you"] == {"name": "Ada", "grants": [{"projects": ["film"], "may": ["read", "submit"]}]}
        where = {"project_id": "film", "task_id": task["task_id"]}
        assert (await asks.refused("cancel_task", **where))["code"] == "FORBIDDEN"
        other = {**where, "project_id": "other"}
        for tool in ("show_task", "watch_task", "cancel_task", "promote_task"):
            assert (await asks.refused(tool, **other))["code"] == "PROJECT_NOT_FOUND", tool
        with pytest.raises(MCPError, match="no such project"):
            await asks.client.read_resource("auteur://other")
    async with assistant(guarded, way, token=reader) as asks:
        assert (await asks.told("show_task", **where))["pictured"] == "frame.png"
        assert (await asks.refused("submit_task", **ASKED, params=TINY))["code"] == "FORBIDDEN"
        assert (await asks.refused("promote_task", **where))["code"] == "FORBIDDEN"


async def test_what_an_assistant_changes_leaves_a_line_with_who_it_was(guarded: Service) -> None:
    maker, token_id = await token_for(guarded, "film", "read,submit")
    async with assistant(guarded, "http 2026", token=maker) as asks:
        task = (await asks.told("submit_task", **ASKED, params=TINY))["task"]
    (line,) = [line for line in guarded.log_lines if line.get("audit") and line["event"] == "task accepted"]
    assert (line["principal"], line["task_id"], line["client"]) == (f"token:{token_id}", task["task_id"], "127.0.0.1")
    assert maker not in guarded.log


async def test_who_shows_no_token_that_counts_stays_outside(guarded: Service) -> None:
    request = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    async with guarded.http(headers={"Accept": "application/json, text/event-stream"}) as http:
        for headers in ({}, shown("aut_0123456789ab_" + "x" * 43)):
            answer = await http.post("/mcp", json=request, headers=headers)
            assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHENTICATED")
            assert answer.headers["www-authenticate"].startswith("Bearer")
        fine = await http.post("/mcp", json=request, headers=shown(OPERATOR))
        assert fine.status_code == 200


async def test_a_token_that_is_revoked_ends_the_wait(guarded: Service) -> None:
    maker, token_id = await token_for(guarded, "film", "read,submit")
    async with assistant(guarded, "stdio 2026", token=maker) as asks:
        task = (await asks.told("submit_task", **ASKED, params=LONG))["task"]
        where = {"project_id": "film", "task_id": task["task_id"]}
        watching = asyncio.create_task(asks.refused("watch_task", **where, wait_s=300))
        async with awaited("the wait to have begun"):
            while not asks.progress:
                await asyncio.sleep(0.02)
        await revoke(guarded, token_id)
        assert (await watching)["code"] == "UNAUTHENTICATED"


async def revoke(service: Service, token_id: str) -> None:
    async with token_office(load_settings(workspace_root=service.workspace)) as office:
        await office.revoke(token_id)


async def limited(tmp_path: Path, **limits: int) -> tuple[Service, str]:
    """A service, and a token for it."""
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    service = await Service(workspace, token=OPERATOR, **DOOR, **limits).start()
    maker, _ = await token_for(service, "film", "read,submit,cancel")
    return service, maker


@pytest.mark.parametrize("way", ["stdio 2026", "http 2026"])
async def test_a_wait_is_one_of_the_conversations_that_somebody_may_have(tmp_path: Path, way: str) -> None:
    service, maker = await limited(tmp_path, principal_sockets=1)
    try:
        async with assistant(service, way, token=maker) as asks:
            task = (await asks.told("submit_task", **ASKED, params=LONG))["task"]
            where = {"project_id": "film", "task_id": task["task_id"]}
            watching = asyncio.create_task(asks.call("watch_task", **where, wait_s=300))
            async with awaited("the first wait to have its stream"):
                while len(asks.progress) < 2:
                    await asyncio.sleep(0.02)
            error = await asks.refused("watch_task", **where, wait_s=60)
            assert error["code"] == "TOO_MANY_CONVERSATIONS"
            assert error["temporary"]
            watching.cancel()
            await asyncio.wait({watching})
            async with awaited("the first to have ended, which makes room"):
                while (await asks.call("watch_task", **where, wait_s=0.2)).is_error:
                    await asyncio.sleep(0.02)
    finally:
        await service.kill()


@pytest.mark.parametrize("way", ["stdio 2026", "http 2026"])
async def test_requests_are_counted_as_on_every_door(tmp_path: Path, way: str) -> None:
    service, maker = await limited(tmp_path, principal_requests_per_second=4)
    try:
        async with assistant(service, way, token=maker) as asks:
            async with awaited("one of many calls to be refused"):
                while not any(line.get("error_code") == "RATE_LIMITED" for line in service.log_lines):
                    calls = [asks.call("list_projects") for _ in range(12)]
                    results = await asyncio.gather(*calls, return_exceptions=True)
            if way.startswith("stdio"):
                told = [one.structured_content for one in results if not isinstance(one, BaseException)]
                refused = [one["error"] for one in told if "error" in one]
                assert {(error["code"], error["temporary"]) for error in refused} == {("RATE_LIMITED", True)}
            async with awaited("it to be answered again"):
                while not await is_answered(asks):
                    await asyncio.sleep(0.5)
    finally:
        await service.kill()


async def is_answered(asks: Assistant) -> bool:
    """Where the door is the service's own, a request that is too much is no call at all, and raises."""
    with contextlib.suppress(MCPError, httpx2.HTTPError):
        return not (await asks.call("list_projects")).is_error
    return False


# --- waiting --------------------------------------------------------------------------------------------------------


@open_door
@pytest.mark.parametrize("way", WAYS)
async def test_a_wait_is_bounded_and_who_stops_waiting_stops_no_task(service: Service, way: str) -> None:
    async with assistant(service, way) as asks, service.socket() as socket:
        task_id = await socket.start(LONG)
        where = {"project_id": "film", "task_id": task_id}
        told = await asks.told("watch_task", **where, wait_s=0.5)
        assert not told["ended"]
        assert "again" in told["next_step"]

        asks.progress.clear()
        watching = asyncio.create_task(asks.call("watch_task", **where, wait_s=300))
        async with awaited("the second wait to have begun"):
            while not asks.progress:
                await asyncio.sleep(0.02)
        watching.cancel()
        await asyncio.wait({watching})
        async with service.http() as http:
            task = (await http.get(f"/api/v1/projects/film/tasks/{task_id}")).json()
            assert task["status"] == "running"
            assert not task["cancel_requested"]
        told = await asks.told("watch_task", **where, wait_s=0)
        assert told["task"]["status"] == "running", "and the next question is answered"


async def test_a_service_that_is_restarted_in_the_middle_of_a_wait_is_waited_for(tmp_path: Path) -> None:
    """At another port, with another secret of its own."""
    service = Service(tmp_path, require_token=True)
    await token_for(service, "film", "read")  # somebody else's, without which it would not start
    await service.start()
    async with assistant(service, "stdio 2026") as asks:
        task = (
            await asks.told("submit_task", **ASKED, params={**LONG, "width_px": 192, "height_px": 192, "steps": 60})
        )["task"]
        where = {"project_id": "film", "task_id": task["task_id"]}
        watching = asyncio.create_task(asks.told("watch_task", **where, wait_s=300))
        async with awaited("the wait to have begun"):
            while len(asks.progress) < 2:
                await asyncio.sleep(0.02)
        await service.kill()
        away = await asks.refused("list_projects")
        assert away["code"] == "SERVICE_UNAVAILABLE"
        assert away["temporary"]
        again = await service.again()
        try:
            assert again.url != service.url
            told = await watching
            assert told["task"]["status"] == "succeeded"
            shares = [progress for progress, _, _ in asks.progress]
            assert all(before < after for before, after in itertools.pairwise(shares)), "also where it began anew"
        finally:
            await again.kill()


@pytest.mark.parametrize("way", ["http 2026", "http 2025"])
async def test_a_service_that_stops_answers_who_waits_at_its_own_door(tmp_path: Path, way: str) -> None:
    service = await Service(tmp_path, **DOOR, shutdown_drain=0).start()
    async with assistant(service, way) as asks:
        task = (await asks.told("submit_task", **ASKED, params=LONG))["task"]
        where = {"project_id": "film", "task_id": task["task_id"]}
        watching = asyncio.create_task(asks.told("watch_task", **where, wait_s=300))
        async with awaited("the wait to have begun"):
            while len(asks.progress) < 2:
                await asyncio.sleep(0.02)
        assert await service.stop() == 0
        assert not (await watching)["ended"]
        assert "Traceback" not in service.log


@open_door
async def test_two_assistants_work_at_once(service: Service) -> None:
    async def work(asks: Assistant, project: str) -> str:
        given = {"project_id": project, "task_type": "text_to_image", "quality": "draft", "params": TINY}
        task = (await asks.told("submit_task", **given))["task"]
        told = await asks.told("watch_task", project_id=project, task_id=task["task_id"], wait_s=120)
        return str(told["task"]["status"])

    async with assistant(service, "stdio 2026") as here, assistant(service, "http 2026") as there:
        both = [work(asks, f"{name}-{n}") for name, asks in (("a", here), ("b", there)) for n in range(3)]
        assert await asyncio.gather(*both) == ["succeeded"] * 6


# --- what nobody should send ----------------------------------------------------------------------------------------


@open_door
@pytest.mark.parametrize("way", WAYS)
async def test_what_no_tool_takes_is_refused_and_the_next_is_answered(service: Service, way: str) -> None:
    deep: dict[str, Any] = {}
    for _ in range(40):
        deep = {"x": deep}
    async with assistant(service, way) as asks:
        with pytest.raises(MCPError, match="no tool"):
            await asks.call("rm", path="/")
        given = {**ASKED, "params": TINY}
        error = await asks.refused("submit_task", **{**given, "colour": "red"})
        assert error["details"]["problems"] == [{"field": "colour", "message": "Extra inputs are not permitted"}]
        for wrong in ({"project_id": 7}, {"idempotency_key": "schlüssel"}, {"idempotency_key": "two\nlines"}):
            assert (await asks.refused("submit_task", **{**given, **wrong}))["code"] == "VALIDATION_ERROR"
        assert (await asks.refused("watch_task", project_id="film", task_id="t", wait_s=1e9))["code"] == (
            "VALIDATION_ERROR"
        )
        assert (await asks.refused("submit_task", **{**given, "params": deep}))["code"] == "INVALID_MESSAGE"
        for project in ("..", "../..", "film/../other", "film%2f..", "\n", "-"):
            error = await asks.refused("list_tasks", project_id=project)
            assert error["code"] == "INVALID_PROJECT_ID", project
        for uri in ("auteur://film/artifacts/../../session", "auteur://film/nothing", "file:///etc/passwd"):
            with pytest.raises(MCPError):
                await asks.client.read_resource(uri)
        assert (await asks.told("list_projects"))["projects"] == []


@open_door
async def test_what_is_too_large_is_refused(service: Service) -> None:
    huge = {**ASKED, "params": {"prompt": "x" * 300_000}}
    async with assistant(service, "stdio 2026") as asks:
        assert (await asks.refused("submit_task", **huge))["code"] == "BODY_TOO_LARGE"
        assert (await asks.told("list_projects"))["projects"] == []
    async with service.http(headers={"Accept": "application/json, text/event-stream"}) as http:
        params = {"name": "submit_task", "arguments": huge}
        answer = await http.post("/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "BODY_TOO_LARGE")


@open_door
async def test_the_door_stands_behind_the_edge(service: Service) -> None:
    request = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    accept = {"Accept": "application/json, text/event-stream"}
    async with service.http(headers=accept) as http:
        assert (await http.post("/mcp", json=request)).status_code == 200
        for headers, status, code in (
            ({"Origin": "http://evil.example"}, 403, "FORBIDDEN_ORIGIN"),
            ({"Origin": "null"}, 403, "FORBIDDEN_ORIGIN"),
            ({"Sec-Fetch-Site": "cross-site"}, 403, "FORBIDDEN_ORIGIN"),
            ({"Host": "evil.example"}, 421, "WRONG_HOST"),
        ):
            answer = await http.post("/mcp", json=request, headers=headers)
            assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
        for method in ("GET", "DELETE", "PUT"):
            assert (await http.request(method, "/mcp")).status_code == 405, "there are no sessions"
        simple = await http.post("/mcp", content=json.dumps(request), headers={"Content-Type": "text/plain"})
        assert simple.status_code in (400, 415), "what a page may send without being asked is no request"


async def test_there_is_no_door_unless_it_is_set(service: Service) -> None:
    async with service.http() as http:
        answer: httpx.Response = await http.post("/mcp", json={})
        assert answer.status_code == 404
