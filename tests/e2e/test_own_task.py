"""`auteur generate` with no service on its workspace: it makes what it was asked for, and nobody else's work."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis import Redis

from tests.e2e.studio import LONG, TINY, Service, Worker, environment
from tests.entrypoints.test_cli import SMALL, auteur
from tests.servers import RedisServer
from tests.waiting import awaited
from tests.warm import command_line

BODY = {"task_type": "text_to_image", "params": TINY, "quality": "draft"}
TASKS = "/api/v1/projects/default/tasks"


@pytest.fixture
def fleet(redis_server: RedisServer, tmp_path: Path) -> dict[str, object]:
    return {"redis_url": redis_server.url, "redis_state_prefix": f"{tmp_path.name}:", "worker_lease": 2}


@pytest.fixture
async def front(tmp_path: Path, fleet: dict[str, object]) -> AsyncIterator[Service]:
    """A replica on a machine of its own that takes requests and runs nothing."""
    service = Service(tmp_path / "shared", **fleet, run_tasks="false")
    service.workspace.mkdir()
    await service.start()
    # the command line on another machine does not find it in the workspace
    (service.workspace / ".auteur" / "service.json").unlink()
    yield service
    await service.kill()


async def test_in_a_fleet_only_its_own_task_is_made(front: Service, fleet: dict[str, object]) -> None:
    async with front.http() as http:
        others = [
            (await http.post(TASKS, json={**BODY, "params": {**TINY, "seed": seed}})).json()["task_id"]
            for seed in range(4)
        ]
        for _ in range(2):
            code, out, err = await auteur(front.workspace, "generate", "a field", *SMALL, "-q", "draft", **fleet)
            assert code == 0, err
            assert Path(out.strip()).is_file()
        found = (await http.get(TASKS)).json()["tasks"]
        made = [task for task in found if task["task_id"] not in others]
        assert [task["status"] for task in made] == ["succeeded"] * 2
        assert [(task["status"], task["attempt"]) for task in found if task["task_id"] in others] == [("queued", 0)] * 4
        events = await front.events("default")
        assert {m["task_id"] for m in events if m["type"] == "progress"} == {task["task_id"] for task in made}


def lose_messages(server: RedisServer, prefix: str) -> int:
    """Deletes what was sent to workers, and by whom: only who does the chores finds those tasks again."""
    with Redis.from_url(server.url) as client:
        sent = [key for key in client.scan_iter() if prefix in key.decode() and (b"queue:" in key or b"claim:" in key)]
        return int(client.delete(*sent))


async def is_present(server: RedisServer, prefix: str, pid: int) -> None:
    """Returns when the process has put itself down among the workers."""
    with Redis.from_url(server.url) as client:
        async with awaited("the process among the workers"):
            while True:
                for key in client.scan_iter(match=f"*{prefix}*workers"):
                    if f"/{pid}/".encode() in b"".join(client.zrange(key, 0, -1)):
                        return
                await asyncio.sleep(0.05)


async def test_while_it_works_the_others_tasks_are_recovered_and_its_own_is_not(
    front: Service, fleet: dict[str, object], redis_server: RedisServer, tmp_path: Path
) -> None:
    """It is here before anybody else: whoever has been here longest does the chores, and it must not be that one."""
    async with front.http() as http:
        lost = (await http.post(TASKS, json=BODY)).json()["task_id"]
    await front.kill()
    assert lose_messages(redis_server, tmp_path.name)
    elsewhere = tmp_path / "elsewhere"  # where it does not find the service that is started after it
    elsewhere.mkdir()
    words = [f"--param={name}={value}" for name, value in LONG.items() if name != "prompt"]
    process = await command_line(
        "auteur.entrypoints.cli", "generate", "a forest", "-q", "draft", *words,
        env=environment(elsewhere, **fleet), cwd=elsewhere,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    back = Service(front.workspace, **fleet, run_tasks="false")
    worker = Worker(front.workspace, **fleet)
    try:
        await is_present(redis_server, tmp_path.name, process.pid)
        await back.start()
        async with back.socket("default", after="0") as socket:
            working = await socket.wait(lambda m: m["type"] == "progress" and m["progress"] > 0)
            own = working["task_id"]
            asked = [await socket.start({**TINY, "seed": seed}) for seed in range(3)]
            await worker.start()
            for task in (*asked, lost):
                assert (await socket.ending(task))["type"] == "complete"
            await socket.say("cancel", task_id=own)
            assert (await socket.ending(own))["error_code"] == "TASK_CANCELLED", "it was still at work"
            begun = [m for m in socket.heard if m.get("task_id") == own and m.get("stage") == "started"]
            assert len(begun) == 1, "a task that is alive is not begun again"
        _, err = await process.communicate()
        assert process.returncode == 1
        assert b"TASK_CANCELLED" in err
    finally:
        if process.returncode is None:
            process.kill()
        for service in (worker, back):
            if service.process is not None:
                await service.kill()


async def test_when_it_dies_its_task_is_taken_over(front: Service, fleet: dict[str, object]) -> None:
    words = [f"--param={name}={value}" for name, value in LONG.items() if name != "prompt"]
    process = await command_line(
        "auteur.entrypoints.cli", "generate", "a forest", "-q", "draft", *words,
        env=environment(front.workspace, **fleet), cwd=front.workspace,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    worker = Worker(front.workspace, **fleet)
    try:
        async with front.socket("default", after="0") as socket:
            begun = await socket.wait(lambda m: m["type"] == "progress" and m["progress"] > 0)
            process.kill()
            await process.communicate()
            await worker.start()
            await socket.wait(lambda m: m.get("stage") == "started" and m["attempt"] == 2)
            await socket.say("cancel", task_id=begun["task_id"])
            assert (await socket.ending(begun["task_id"]))["error_code"] == "TASK_CANCELLED"
    finally:
        await worker.kill()


@pytest.mark.parametrize("backend", ["sqlite"])
async def test_what_a_service_left_behind_stays_for_the_next_service(tmp_path: Path, backend: str) -> None:
    service = await Service(tmp_path, backend=backend, max_concurrent_tasks=1).start()
    async with service.socket("default") as socket:
        long = await socket.start(LONG)
        left = [await socket.start({**TINY, "seed": seed}) for seed in range(2)]
        await socket.wait(lambda m: m["type"] == "progress" and m["progress"] > 0)
    await service.kill()
    code, _, err = await auteur(tmp_path, "generate", "a field", *SMALL, "-q", "draft")
    assert code == 0, err
    back = await service.again()
    try:
        async with back.socket("default", after="0") as socket:
            await socket.say("cancel", task_id=long)
            for task in left:
                assert (await socket.ending(task))["type"] == "complete"
            first = next(m["task_id"] for m in socket.heard if m["type"] == "complete")
            assert first not in left, "the command line's own was made first, the others only by the service"
    finally:
        await back.kill()
