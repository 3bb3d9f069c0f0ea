"""Embedded and fleet: the same submissions, the same story."""

import asyncio
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.studio import TINY, Listener, Message, Service, Worker
from tests.servers import RedisServer


async def tell(socket: Listener) -> list[Message]:
    """Submissions of every outcome, one after the other; all that was heard of them."""
    await socket.ending(await socket.start())
    await socket.ending(await socket.start({**TINY, "seed": 2}, metadata={"shot": "12A"}))
    slow = await socket.start({**TINY, "steps": 200, "width_px": 256, "height_px": 256})
    await socket.wait(lambda m: m.get("task_id") == slow and m["type"] == "progress" and m["progress"] > 0)
    await socket.say("cancel", task_id=slow)
    await socket.ending(slow)
    frame = next(m for m in socket.heard if m["type"] == "complete")["result"]["artifacts"][0]["path"]
    move = {"source_image": frame, "duration_s": 0.5, "fps": 12, "width_px": 64, "height_px": 64, "seed": 1}
    await socket.ending(await socket.start(move, task_type="image_to_video"))
    bad = await socket.say("start_generation", task_type="text_to_image", params={"steps": 0})
    await socket.answer(bad)
    return socket.heard


def as_told(heard: list[Message]) -> list[Any]:
    """The story without what differs from run to run: ids, times, how often progress was told."""
    names: dict[str, int] = {}

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            left_out = ["id", "timestamp", "position", "duration", "metrics", "eta_s", "reply_to", "progress"]
            if value.get("kind") == "video":  # it says inside which task's frame it moves over
                left_out += ["sha256", "size_bytes"]
            return {name: plain(inner) for name, inner in value.items() if name not in left_out}
        if isinstance(value, list):
            return [plain(inner) for inner in value]
        if isinstance(value, str):
            for task_id, number in names.items():
                value = value.replace(task_id, f"task {number}")
        return value

    story = []
    for message in heard:
        if "task_id" in message:
            names.setdefault(message["task_id"], len(names) + 1)
        if message["type"] == "progress" and message["progress"] > 0:
            continue  # how often it is told, and whether once more before the ending, is a matter of time
        if message["type"] == "progress":
            story.append(("progress", names[message["task_id"]], message["attempt"], message["stage"]))
        else:
            story.append((message["type"], plain(message)))
    return [next(same) for _, same in groupby(story, key=repr)]


@pytest.mark.parametrize("backend", ["memory", "sqlite"])
async def test_the_embedded_service_and_the_fleet_tell_the_same_story(tmp_path: Path, backend: str) -> None:
    for name in ("embedded", "fleet"):
        (tmp_path / name).mkdir()
    embedded = await Service(tmp_path / "embedded", backend=backend).start()
    server = RedisServer(tmp_path / "redis").start()
    api = await Service(tmp_path / "fleet", redis_url=server.url, run_tasks="false").start()
    worker = await Worker(tmp_path / "fleet", redis_url=server.url).start()
    try:
        async with embedded.socket() as at_home, api.socket() as away:
            while not (await api_workers(api))["present"]:
                await asyncio.sleep(0.05)
            home, fleet = as_told(await tell(at_home)), as_told(await tell(away))
        assert home == fleet
        assert len([step for step in home if step[0] == "complete"]) == 3
    finally:
        for process in (embedded, api, worker):
            await process.kill()
        server.stop()


async def api_workers(api: Service) -> dict[str, Any]:
    async with api.http() as http:
        workers: dict[str, Any] = (await http.get("/api/v1/info")).json()["workers"]
        return workers
