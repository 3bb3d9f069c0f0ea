"""Board, frames, shots: a batch of tasks that wait for each other, embedded and on a fleet, whoever dies meanwhile."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.studio import LONG, TINY, Service, Worker, endings, is_ending
from tests.servers import RedisServer
from tests.waiting import awaited

BATCHES, TASKS = "/api/v1/projects/film/batches", "/api/v1/projects/film/tasks"
MOVE = {"duration_s": 0.5, "fps": 12, "seed": 1, "width_px": 64, "height_px": 64}


def a_board(shots: int, frame: dict[str, Any] = TINY) -> dict[str, Any]:
    """Frames, each with a shot that moves over it; the shots first, as nothing asks for an order."""
    return {
        "requests": [
            {
                "name": f"shot-{number}", "task_type": "image_to_video", "quality": "draft", "shot": str(number),
                "params": {**MOVE, "source_image": {"from_task": f"#frame-{number}"}},
            }
            for number in range(shots)
        ]
        + [
            {
                "name": f"frame-{number}", "task_type": "text_to_image", "quality": "draft", "shot": str(number),
                "params": {**frame, "seed": number},
            }
            for number in range(shots)
        ]
    }  # fmt: skip


@pytest.fixture(params=["embedded", "fleet"])
async def studio(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Service]:
    """What is asked; on the fleet another process makes it."""
    if request.param == "embedded":
        service = await Service(tmp_path).start()
        yield service
        await service.kill()
        assert '"level": "error"' not in service.log, service.log[-4000:]
        return
    server = RedisServer(tmp_path / "redis").start()
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    api = await Service(workspace, redis_url=server.url, run_tasks="false").start()
    worker = await Worker(workspace, redis_url=server.url).start()
    yield api
    for process in (api, worker):
        await process.kill()
        assert '"level": "error"' not in process.log, process.log[-4000:]
    server.stop()


async def test_a_board_becomes_frames_and_the_frames_become_shots(studio: Service) -> None:
    async with studio.socket() as socket, studio.http() as http:
        answer = await http.post(BATCHES, json=a_board(3), headers={"Idempotency-Key": "board"})
        assert answer.status_code == 202, answer.text
        tasks, names = answer.json()["tasks"], answer.json()["names"]
        assert [task["status"] for task in tasks] == ["blocked"] * 3 + ["queued"] * 3
        assert [task["waits_for"] for task in tasks[:3]] == [[names[f"frame-{n}"]] for n in range(3)]
        assert [task["task_id"] for task in tasks] == [
            names[f"{kind}-{n}"] for kind in ("shot", "frame") for n in range(3)
        ]
        for task in tasks:
            assert (await socket.ending(task["task_id"]))["type"] == "complete"
        for number in range(3):
            frame, shot = names[f"frame-{number}"], names[f"shot-{number}"]
            said = [m for m in socket.heard if m.get("task_id") == shot]
            assert (said[0]["type"], said[0]["waits_for"], said[0]["queue_position"]) == ("task_started", [frame], 0)
            assert (said[1]["type"], said[1]["stage"], said[1]["attempt"]) == ("progress", "queued", 0)
            order = [m["task_id"] for m in socket.heard if is_ending(m) and m["task_id"] in (frame, shot)]
            assert order == [frame, shot]
            made = (await http.get(f"{TASKS}/{shot}")).json()
            assert made["params"]["source_image"] == {"from_task": frame}
            assert made["result"]["params"]["source_image"] == f"{frame}/1/frame.png"
            assert (made["waits_for"], made["take"]) == ([], 1)
            again = {"task_type": "image_to_video", "quality": "draft", "params": made["result"]["params"]}
            repeat = await socket.ending((await http.post(TASKS, json=again)).json()["task_id"])
            assert repeat["result"]["artifacts"][0]["sha256"] == made["result"]["artifacts"][0]["sha256"]
        repeated = await http.post(BATCHES, json=a_board(3), headers={"Idempotency-Key": "board"})
        assert [task["task_id"] for task in repeated.json()["tasks"]] == [task["task_id"] for task in tasks]
        other = await http.post(BATCHES, json=a_board(2), headers={"Idempotency-Key": "board"})
        assert (other.status_code, other.json()["error"]["code"]) == (409, "IDEMPOTENCY_CONFLICT")
        assert all(ended == ["complete"] for ended in endings(await studio.events()).values())


async def test_what_waits_for_a_cancelled_frame_fails_and_says_so(studio: Service) -> None:
    async with studio.socket() as socket, studio.http() as http:
        asked = await socket.say("start_batch", **a_board(1, {**LONG}))
        started = await socket.wait(lambda m: m["type"] == "batch_started")
        assert started["reply_to"] == asked
        frame, shot = started["names"]["frame-0"], started["names"]["shot-0"]
        assert started["task_ids"] == [shot, frame]
        state = (await http.get("/api/v1/projects/film")).json()
        assert state["counts"]["blocked"] == 1
        assert (await http.delete("/api/v1/projects/film")).json()["error"]["code"] == "PROJECT_BUSY"
        listed = (await http.get(TASKS, params={"status": "blocked"})).json()["tasks"]
        assert [task["task_id"] for task in listed] == [shot]
        await socket.say("cancel", task_id=frame)
        failed = await socket.ending(shot)
        assert failed["error_code"] == "INPUT_FAILED"
        assert (failed["details"]["from_task"], failed["details"]["code"]) == (frame, "TASK_CANCELLED")


async def test_a_batch_that_cannot_be_used_is_refused_whole(studio: Service) -> None:
    async with studio.socket() as socket, studio.http() as http:
        board = a_board(2)
        board["requests"][1]["params"]["source_image"] = {"from_task": "#nobody"}
        board["requests"][2]["params"]["steps"] = 0
        refused = await http.post(BATCHES, json=board)
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, "INVALID_BATCH")
        problems = refused.json()["error"]["details"]["problems"]
        assert [(p["index"], p["name"], p["field"]) for p in problems] == [
            (1, "shot-1", "params.source_image"), (2, "frame-0", "params.steps"),
        ]  # fmt: skip
        told = await socket.answer(await socket.say("start_batch", **board))
        assert (told["error_code"], told["details"]["problems"]) == ("INVALID_BATCH", problems)
        assert (await http.get("/api/v1/projects/film")).json()["tasks"] == []


# --- kill -9 -------------------------------------------------------------------------------------------------------


async def test_a_service_that_dies_before_it_settles_does_so_at_its_next_start(tmp_path: Path) -> None:
    dying = await Service(tmp_path, module=("tests.e2e.dying", "before_settling")).start()
    async with dying.http() as http:
        answer = (await http.post(BATCHES, json=a_board(1))).json()
    assert dying.process is not None
    async with awaited("it to die"):
        await dying.process.wait()
    service = await Service(tmp_path).start()
    try:
        async with service.socket(after="0") as socket:
            for task in answer["tasks"]:
                assert (await socket.ending(task["task_id"]))["type"] == "complete"
        assert endings(await service.events()) == {task["task_id"]: ["complete"] for task in answer["tasks"]}
    finally:
        await service.kill()


async def test_what_a_worker_that_died_did_not_settle_is_settled_by_the_fleet(tmp_path: Path) -> None:
    server = RedisServer(tmp_path / "redis").start()
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    settings = {"redis_url": server.url, "worker_lease": 2}
    dying = await Service(workspace, module=("tests.e2e.dying", "before_settling"), **settings).start()
    api = await Service(workspace, run_tasks="false", **settings).start()
    try:
        async with api.socket() as socket:
            asked = await socket.say("start_batch", **a_board(1))
            started = await socket.wait(lambda m: m["type"] == "batch_started")
            assert dying.process is not None
            async with awaited("it to die"):
                await dying.process.wait()
            shot = started["names"]["shot-0"]
            said = await socket.wait(lambda m: m.get("task_id") == shot and m["type"] == "progress")
            assert (said["stage"], started["reply_to"]) == ("queued", asked)
            worker = await Worker(workspace, **settings).start()
            try:
                assert (await socket.ending(shot))["type"] == "complete"
                assert endings(await api.events()) == {task: ["complete"] for task in started["task_ids"]}
            finally:
                await worker.kill()
    finally:
        await dying.kill()
        await api.kill()
        server.stop()


async def test_a_service_that_dies_within_a_batch_has_accepted_nothing_of_it(tmp_path: Path) -> None:
    dying = await Service(tmp_path, module=("tests.e2e.dying", "within_a_batch")).start()
    board, key = a_board(15), {"Idempotency-Key": "board"}
    async with dying.http() as http:
        with pytest.raises(Exception, match=r".*"):
            await http.post(BATCHES, json=board, headers=key)
    await dying.kill()
    service = await Service(tmp_path, max_concurrent_tasks=1).start()
    try:
        async with service.http() as http:
            assert (await http.get("/api/v1/projects/film")).json()["tasks"] == []
            answer = await http.post(BATCHES, json=board, headers=key)
            assert answer.status_code == 202
            state = (await http.get("/api/v1/projects/film")).json()
            assert sum(state["counts"][name] for name in ("blocked", "queued", "running", "succeeded")) == 30
    finally:
        await service.kill()
