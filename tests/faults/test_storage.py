"""An API and two workers on three disks, with one store of objects: a worker is killed and the store goes away."""

import asyncio
import hashlib
import io
import json
import os
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.e2e.studio import Listener, Message, Service, Worker, endings, is_ending
from tests.object_store import ObjectStore, keys_in
from tests.servers import RedisServer
from tests.waiting import awaited

FRAME = {"prompt": "a field", "width_px": 128, "height_px": 128, "steps": 10, "seed": 1}
SHOT = {"move": "push_in", "duration_s": 1, "fps": 12, "width": 128, "seed": 1}
PREFIX = "studio"
UPLOADS = "/api/v1/projects/film/uploads"


class Studio:
    """Nothing is shared but Redis and the store."""

    def __init__(self, directory: Path) -> None:
        self.redis = RedisServer(directory / "redis").start()
        self.objects = ObjectStore(directory / "objects").start()
        self.settings = {
            **self.objects.settings(PREFIX), "redis_url": self.redis.url, "max_queued_per_project": 1000,
            "worker_lease": 6,
        }  # fmt: skip
        self.disks = [directory / name for name in ("api", "worker-1", "worker-2")]
        for disk in self.disks:
            disk.mkdir()
        self.api = Service(self.disks[0], run_tasks="false", **self.settings)
        self.workers = [Worker(disk, "--concurrency", "2", **self.settings) for disk in self.disks[1:]]

    async def open(self) -> None:
        await self.api.start()
        await asyncio.gather(*(worker.start() for worker in self.workers))

    async def close(self) -> None:
        for process in (self.api, *self.workers):
            if process.process is not None:
                await process.kill()
        self.objects.stop()
        self.redis.stop()

    async def ask(self, count: int) -> list[str]:
        """Submits as a patient client would: every fifth is a shot over a picture that was brought."""
        source = (await self.post(UPLOADS, files={"file": ("a.png", a_picture())}))["path"]
        asked = []
        for number in range(count):
            shot = number % 5 == 4
            body = {
                "task_type": "image_to_video" if shot else "text_to_image",
                "quality": "draft",
                "params": {**SHOT, "source_image": source} if shot else {**FRAME, "seed": number},
            }
            path, headers = "/api/v1/projects/film/tasks", {"Idempotency-Key": f"key-{number}"}
            asked.append(str((await self.post(path, json=body, headers=headers))["task_id"]))
        return asked

    async def post(self, path: str, **content: Any) -> Message:
        async with self.api.http() as http:
            while True:
                answer = await http.post(path, **content)
                if answer.is_success:
                    found: Message = answer.json()
                    return found
                assert answer.status_code == 503, answer.text
                await asyncio.sleep(min(float(answer.headers["retry-after"]), 1))

    async def store_goes_away(self, away_s: float) -> dict[str, Any]:
        """Kills it, sees to it that the API says so, and starts it again; how long the API took to notice each."""
        self.objects.kill()
        began = time.monotonic()
        not_ready_after_s = await self.until_ready(503)
        async with self.api.http() as http:
            told = (await http.get("/health/ready")).json()["failing"]
            assert [(part["part"], part["code"]) for part in told] == [("workspace", "unreachable")]
            refused = await http.post(UPLOADS, files={"file": ("a.png", a_picture())})
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "WORKSPACE_UNAVAILABLE")
        assert int(refused.headers["retry-after"]) > 0
        await asyncio.sleep(max(away_s - (time.monotonic() - began), 0))
        await asyncio.to_thread(self.objects.start)
        away = time.monotonic() - began
        return {
            "store_away_s": round(away, 1),
            "not_ready_after_s": round(not_ready_after_s, 1),
            "ready_after_s": round(await self.until_ready(200), 1),
        }

    async def until_ready(self, status_code: int) -> float:
        began = time.monotonic()
        async with awaited(f"readiness to answer {status_code}"), self.api.http() as http:
            while (await http.get("/health/ready")).status_code != status_code:
                await asyncio.sleep(0.05)
        return time.monotonic() - began


def a_picture() -> bytes:
    into = io.BytesIO()
    Image.new("RGB", (320, 180), "orange").save(into, "PNG")
    return into.getvalue()


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    made = Studio(tmp_path)
    try:
        await made.open()
        yield made
    finally:
        await made.close()


async def break_it(studio: Studio, *, tasks: int, away_s: float) -> dict[str, Any]:
    """Lets tasks run, kills a worker after a sixth of them and the store after a third; figures of what came out."""
    began = time.monotonic()
    async with studio.api.socket() as socket:
        asking = asyncio.create_task(studio.ask(tasks))
        await ended(socket, tasks // 6)
        await studio.workers[0].kill()
        await ended(socket, tasks // 3)
        figures = await studio.store_goes_away(away_s)
        for task in await asking:
            await socket.ending(task, 300)
        told = endings(socket.from_log)
    assert set(told) == set(await asking)
    assert all(found == ["complete"] for found in told.values()), told
    figures |= await look(studio, tasks)
    return {"tasks": tasks, "took_s": round(time.monotonic() - began, 1), **figures}


async def ended(socket: Listener, count: int) -> None:
    """Returns when so many tasks have ended."""
    await socket.wait(lambda _: sum(map(is_ending, socket.heard)) >= count, 300)


async def look(studio: Studio, count: int) -> dict[str, Any]:
    """Reads every file of every record through the API, and lists what is left in the store."""
    digests, size_bytes, attempts, winners = 0, 0, Counter[int](), set()
    async with studio.api.http() as http:
        tasks: list[Message] = []
        cursor = ""
        while cursor is not None:
            query = {"limit": 100} | ({"cursor": cursor} if cursor else {})
            page = (await http.get("/api/v1/projects/film/tasks", params=query)).json()
            tasks, cursor = tasks + page["tasks"], page["next"]
        assert len(tasks) == count
        for task in tasks:
            attempts[task["attempt"]] += 1
            winners.add(f"{task['task_id']}/{task['attempt']}")
            for artifact in task["result"]["artifacts"]:
                whole = await http.get(artifact["url"])
                assert whole.status_code == 200, whole.text
                assert hashlib.sha256(whole.content).hexdigest() == artifact["sha256"]
                assert whole.headers["etag"] == f'"{artifact["sha256"]}"'
                part = await http.get(artifact["url"], headers={"Range": "bytes=5-20"})
                assert (part.status_code, part.content) == (206, whole.content[5:21])
                digests, size_bytes = digests + 1, size_bytes + len(whole.content)
    left = {"/".join(key.split("/")[1:3]) for key in await keys_in(studio.objects, PREFIX) if key.startswith("film/")}
    left = {place for place in left if not place.startswith("uploads/")}
    assert winners <= left
    return {
        "files_whole": digests,
        "megabytes": round(size_bytes / 1e6, 1),
        "by_attempt": {f"in attempt {attempt}": number for attempt, number in sorted(attempts.items())},
        "lost_attempts_left": len(left - winners),
    }


def logs_are_clean(studio: Studio) -> None:
    for process in (studio.api, *studio.workers):
        assert "Traceback" not in process.log, process.log[-4000:]
        assert '"exception"' not in process.log, process.log[-4000:]
        assert studio.objects.secret_key not in process.log


@pytest.mark.timeout(240)
async def test_workers_without_a_shared_disk_keep_every_result_whole_while_one_is_killed_and_the_store_away(
    studio: Studio,
) -> None:
    figures = await break_it(studio, tasks=12, away_s=2)
    logs_are_clean(studio)
    assert figures["lost_attempts_left"] == 0, figures


@pytest.mark.timeout(900)
@pytest.mark.skipif(not os.environ.get("AUTEUR_FAULTS"), reason="a long fault run: make faults")
async def test_a_hundred_tasks_with_the_store_away_for_twenty_seconds(studio: Studio) -> None:
    figures = await break_it(studio, tasks=100, away_s=20)
    with open(os.environ["AUTEUR_FAULTS"], "a", encoding="utf-8") as file:
        file.write(json.dumps({"storage": "hundred", **figures}) + "\n")
    logs_are_clean(studio)
    assert figures["lost_attempts_left"] == 0, figures
