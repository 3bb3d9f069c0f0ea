"""Two replicas on one Redis: whoever is asked, the answer is the same."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.studio import LONG, TINY, Listener, Service, endings
from tests.faults.bystander import timed
from tests.faults.record import digest
from tests.servers import RedisServer
from tests.waiting import awaited

Pair = tuple[Service, Service]


@pytest.fixture
async def pair(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Pair]:
    """Two replicas with a workspace in common."""
    server = RedisServer(tmp_path / "redis").start()
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    settings = getattr(request, "param", {})
    replicas = await asyncio.gather(*(Service(workspace, redis_url=server.url, **settings).start() for _ in range(2)))
    yield replicas[0], replicas[1]
    for replica in replicas:
        await replica.kill()
        assert '"level": "error"' not in replica.log, replica.log[-4000:]
    server.stop()


async def test_forty_sockets_on_two_replicas_hear_the_same_while_ten_other_projects_go_on(pair: Pair) -> None:
    async with contextlib.AsyncExitStack() as stack:

        async def join(number: int, project: str) -> Listener:
            return await stack.enter_async_context(pair[number % 2].socket(project))

        film = [await join(number, "film") for number in range(40)]
        others = {f"other-{n}": [await join(0, f"other-{n}"), await join(1, f"other-{n}")] for n in range(10)}
        tasks = [await film[n].start({**TINY, "seed": n}) for n in range(12)]
        elsewhere = {name: await ears[n % 2].start() for n, (name, ears) in enumerate(others.items())}
        for listener in film:
            for task in tasks:
                await listener.ending(task)
        for name, ears in others.items():
            for listener in ears:
                await listener.ending(elsewhere[name])
        heard = [{m["position"]: digest(m) for m in listener.from_log} for listener in film]
        assert all(one == heard[0] for one in heard)
        assert sorted(int(p.rpartition("-")[2]) for p in heard[0]) == list(range(1, len(heard[0]) + 1))
        assert endings(film[0].from_log) == {task: ["complete"] for task in tasks}
        for name, (here, there) in others.items():
            assert here.from_log == there.from_log
            assert {m["project_id"] for m in here.heard} == {name}
            assert endings(here.from_log) == {elsewhere[name]: ["complete"]}


async def test_the_same_request_to_both_replicas_is_one_task(pair: Pair) -> None:
    body = {"task_type": "text_to_image", "quality": "draft", "params": TINY}
    async with pair[0].http() as here, pair[1].http() as there:
        answers = await asyncio.gather(
            *(
                (here, there)[n % 2].post("/api/v1/projects/film/tasks", json=body, headers={"Idempotency-Key": "k"})
                for n in range(60)
            )
        )
        assert {answer.status_code for answer in answers} <= {200, 202}
        (task_id,) = {answer.json()["task_id"] for answer in answers}
        async with pair[1].socket(after="0") as socket:
            await socket.ending(task_id)
        assert endings(await pair[0].events()) == {task_id: ["complete"]}
        other = {**body, "params": {**TINY, "seed": 2}}
        refused = await there.post("/api/v1/projects/film/tasks", json=other, headers={"Idempotency-Key": "k"})
        assert refused.status_code == 409


async def test_a_task_is_cancelled_read_and_fetched_at_the_other_replica(pair: Pair) -> None:
    async with pair[0].socket() as here, pair[1].http() as there:
        running = await here.start(LONG)
        await here.wait(lambda m: m["type"] == "progress" and m["progress"] > 0)
        async with timed() as cancel:
            assert (await there.post(f"/api/v1/projects/film/tasks/{running}/cancel")).is_success
            assert (await here.ending(running))["error_code"] == "TASK_CANCELLED"
        assert cancel.is_within(13), cancel.took_s
        done = await here.ending(await here.start())
        task = (await there.get(f"/api/v1/projects/film/tasks/{done['task_id']}")).json()
        assert task["status"] == "succeeded"
        picture = await there.get(done["result"]["artifacts"][0]["url"])
        assert len(picture.content) == done["result"]["artifacts"][0]["size_bytes"]
        health = (await there.get("/health")).json()
        assert (health["checks"]["redis"], health["checks"]["database"]) == ("ok", "not_used")


async def test_a_client_comes_back_to_the_other_replica_with_its_bookmark(pair: Pair) -> None:
    async with pair[1].socket() as witness:
        async with pair[0].socket() as leaving:
            task = await leaving.start({**TINY, "steps": 60, "width_px": 256, "height_px": 256})
            await leaving.wait(lambda m: m["type"] == "progress" and m["progress"] > 0)
        bookmark = leaving.heard[-1]["position"]
        await witness.ending(task)
        async with pair[1].socket(after=bookmark) as back:
            await back.ending(task)
            assert back.heard[0]["recovered"] is True
            assert leaving.from_log + back.from_log == witness.from_log


async def who_makes_it(pair: Pair) -> tuple[Service, Service]:
    """The replica that renders, and the other."""
    async with awaited("one of the two to render"):
        while not any("rendering a frame" in replica.log for replica in pair):
            await asyncio.sleep(0.02)
    return pair if "rendering a frame" in pair[0].log else (pair[1], pair[0])


SLOW = {**TINY, "steps": 60, "width_px": 256, "height_px": 256}


@pytest.mark.parametrize("pair", [{"shutdown_drain": 0}], indirect=True)
async def test_what_a_stopped_replica_hands_back_is_made_by_the_other(pair: Pair) -> None:
    async with pair[0].socket() as first, pair[1].socket() as second:
        await second.wait(lambda m: m["type"] == "connected")
        task = await first.start(SLOW)
        leaving, staying = await who_makes_it(pair)
        told, socket = (first, second) if leaving is pair[0] else (second, first)
        await socket.wait(lambda m: m["type"] == "progress" and m["progress"] > 0)
        assert await leaving.stop() == 0
        assert await told.closed() == 1012
        async with timed() as hand_over:
            await socket.wait(lambda m: m.get("attempt") == 2)
        assert hand_over.is_within(15), hand_over.took_s
        assert (await socket.ending(task))["type"] == "complete"
        assert staying.process is not None


async def test_what_a_killed_replica_was_making_is_made_by_the_other(pair: Pair) -> None:
    async with pair[0].socket() as first, pair[1].socket() as second:
        await second.wait(lambda m: m["type"] == "connected")  # else its greeting may have the task already
        task = await first.start(SLOW)
        lost, _ = await who_makes_it(pair)
        socket = second if lost is pair[0] else first
        await socket.wait(lambda m: m["type"] == "progress" and m["progress"] > 0)
        async with timed() as hand_over:
            await lost.kill()
            again = await socket.wait(lambda m: m.get("attempt") == 2)
        assert hand_over.is_within(15), hand_over.took_s
        assert again["type"] == "progress"
        assert (await socket.ending(task))["type"] == "complete"
        assert endings(socket.from_log)[task] == ["complete"]
