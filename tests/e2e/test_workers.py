"""A service that runs nothing itself, and workers that do."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from auteur.adapters.queue.taskiq import queue_name
from tests.e2e.studio import LONG, TINY, Service, Worker, endings, gone
from tests.faults.bystander import timed
from tests.servers import RedisServer
from tests.waiting import awaited

EVERYTHING = [
    "film_animatic", "film_board", "film_cameras", "film_contact_sheet", "film_continuity", "film_cut",
    "film_keyframes", "film_plans", "film_shot_list", "image_to_video", "text_to_image", "text_to_video",
]  # fmt: skip


class Fleet:
    """One API, one server, and as many workers as the test asks for."""

    def __init__(self, directory: Path) -> None:
        self.server = RedisServer(directory / "redis").start()
        self.workspace = directory / "workspace"
        self.workspace.mkdir()
        self.api = Service(self.workspace, redis_url=self.server.url, run_tasks="false")
        self.workers: list[Worker] = []

    async def worker(self, *options: str, **settings: object) -> Worker:
        worker = Worker(self.workspace, *options, redis_url=self.server.url, **settings)
        self.workers.append(worker)
        return await worker.start()

    async def info(self) -> dict[str, object]:
        async with self.api.http() as http:
            workers: dict[str, object] = (await http.get("/api/v1/info")).json()["workers"]
            return workers


@pytest.fixture
async def fleet(tmp_path: Path) -> AsyncIterator[Fleet]:
    made = Fleet(tmp_path)
    await made.api.start()
    yield made
    for process in (made.api, *made.workers):
        await process.kill()
        assert '"exception"' not in process.log, process.log[-4000:]
    made.server.stop()


async def test_a_task_waits_for_a_worker_and_the_client_is_told(fleet: Fleet) -> None:
    async with fleet.api.socket() as socket:
        task = await socket.start()
        accepted = next(m for m in socket.heard if m["type"] == "task_started")
        assert "No worker for text_to_image" in accepted["notice"]
        assert await fleet.info() == {
            "present": 0,
            "slots": 0,
            "unserved_task_types": EVERYTHING,
        }
        async with fleet.api.http() as http:
            health = await http.get("/health")
            assert (health.status_code, health.json()["checks"]["workers"]) == (200, "unavailable")
            assert 'auteur_tasks_unserved{task_type="text_to_image"} 1.0' in (await http.get("/metrics")).text
        await fleet.worker("--concurrency", "2")
        assert (await socket.ending(task))["type"] == "complete"
        async with awaited("the worker to be counted"):
            while await fleet.info() != {"present": 1, "slots": 2, "unserved_task_types": []}:
                await asyncio.sleep(0.1)
        again = await socket.start()
        assert "notice" not in next(m for m in socket.heard if m.get("task_id") == again)


async def test_a_worker_takes_only_what_it_was_asked_to(fleet: Fleet) -> None:
    await fleet.worker("--lanes", "interactive", "--task-types", "text_to_image")
    async with fleet.api.socket() as socket:
        heavy = await socket.start(quality="ultra")
        draft = await socket.start()
        await socket.ending(draft)
        await asyncio.sleep(1)
        assert not [m for m in socket.heard if m.get("task_id") == heavy and m["type"] == "progress"]
        await fleet.worker("--lanes", "heavy")
        assert (await socket.ending(heavy))["type"] == "complete"


async def test_a_worker_that_is_stopped_hands_back_and_exits_cleanly(fleet: Fleet) -> None:
    first = await fleet.worker(shutdown_drain=0)
    async with fleet.api.socket() as socket:
        task = await socket.start({**TINY, "steps": 120, "width_px": 256, "height_px": 256})
        await socket.wait(lambda m: m["type"] == "progress" and m["progress"] > 0)
        second = await fleet.worker()
        async with timed() as exit_:
            assert await first.stop() == 0
        assert exit_.is_within(10), exit_.took_s
        await socket.wait(lambda m: m.get("attempt") == 2)
        assert (await socket.ending(task))["type"] == "complete"
        assert await second.stop() == 0


async def test_a_running_task_is_cancelled_across_machines(fleet: Fleet) -> None:
    await fleet.worker()
    async with fleet.api.socket() as socket:
        task = await socket.start(LONG)
        await socket.wait(lambda m: m["type"] == "progress" and m["progress"] > 0)
        async with timed() as cancel:
            await socket.say("cancel", task_id=task)
            assert (await socket.ending(task))["error_code"] == "TASK_CANCELLED"
        assert cancel.is_within(2), cancel.took_s


async def test_a_message_that_cannot_be_understood_ends_its_task_and_does_not_come_again(fleet: Fleet) -> None:
    from taskiq import TaskiqMessage

    from auteur.adapters.queue.streams import StreamBrokers

    worker = await fleet.worker()
    async with StreamBrokers(fleet.server.url, prefix="auteur:project:queue:", lease_s=8) as brokers:
        broker = brokers(queue_name("interactive", "text_to_image", "previs"))
        for strange in (
            TaskiqMessage(task_id="1", task_name="somebody.else", labels={}, args=[], kwargs={}),
            TaskiqMessage(
                task_id="2", task_name="auteur.run", labels={}, args=[], kwargs={"project_id": "film", "task_id": "no"}
            ),
        ):
            await broker.kick(broker.formatter.dumps(strange))
        await broker.startup()
        message = broker.formatter.dumps(strange)
        message.message = b"this is no message"
        await broker.kick(message)
        async with fleet.api.socket() as socket:
            assert (await socket.ending(await socket.start()))["type"] == "complete"
        assert worker.log.count("a message cannot be understood") == 3
        async with awaited("the queue to be empty"):
            while fleet.server.ask("XLEN", "auteur:project:queue:interactive.text_to_image") != b":0":
                await asyncio.sleep(0.05)


async def test_a_task_that_takes_its_worker_down_every_time_ends(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    quick = {"worker_lease": 2}
    fleet.api = Service(fleet.workspace, redis_url=fleet.server.url, run_tasks="false", **quick)
    await fleet.api.start()
    try:
        async with fleet.api.socket() as socket:
            task = await socket.start(LONG)
            for attempt in (1, 2, 3):
                worker = await fleet.worker("--concurrency", "1", **quick)
                await socket.wait(lambda m, attempt=attempt: m.get("attempt") == attempt)  # type: ignore[misc]
                await worker.kill()
            await fleet.worker("--concurrency", "1", **quick)
            ending = await socket.ending(task)
            assert ending["error_code"] == "WORKER_LOST"
            assert ending["details"]["attempts"] == 3
            await gone(fleet.workspace / "film" / task)
    finally:
        for process in (fleet.api, *fleet.workers):
            await process.kill()
        fleet.server.stop()


async def test_a_flooding_project_does_not_fill_the_queue(fleet: Fleet) -> None:
    await fleet.worker("--concurrency", "1")
    await asyncio.sleep(2.5)
    async with fleet.api.socket("flood") as flood, fleet.api.socket("other") as other:
        params = {**TINY, "steps": 20}
        async with fleet.api.http() as http:
            body = {"task_type": "text_to_image", "quality": "draft", "params": params}
            answers = [await http.post("/api/v1/projects/flood/tasks", json=body) for _ in range(30)]
        assert {answer.status_code for answer in answers} == {202}
        task = await other.start(params)
        done = await other.ending(task)
        before = [m for m in flood.heard if m["type"] == "complete" and m["timestamp"] < done["timestamp"]]
        assert len(before) <= 6, "it waited for those that were ahead of it, not for thirty"
        for answer in answers:
            await flood.ending(answer.json()["task_id"])
        assert all(found == ["complete"] for found in endings(flood.from_log).values())


async def test_a_worker_needs_the_address_of_redis(tmp_path: Path) -> None:
    worker = Worker(tmp_path)
    with pytest.raises(AssertionError, match="BACKEND_REDIS_URL"):
        await worker.start()
    assert worker.process is not None
    assert await worker.process.wait() == 2
    await worker.kill()
