"""Crash, stop, return: nothing accepted is lost, nothing ends twice."""

import asyncio
import json
import os
import signal
from pathlib import Path

import pytest

from tests.e2e.studio import LONG, TINY, Message, Service, endings, is_ending
from tests.faults.bystander import timed
from tests.waiting import awaited

MIDDLING = {"prompt": "a field", "width_px": 256, "height_px": 256, "steps": 20, "seed": 1}


def all_ended(count: int, heard: list[Message]) -> bool:
    return sum(is_ending(m) for m in heard) >= count


def children_of(pid: int) -> list[int]:
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("service", [{"max_concurrent_tasks": 1}], indirect=True)
async def test_ten_tasks_survive_a_kill_with_one_of_them_running(service: Service) -> None:
    async with service.socket() as socket:
        tasks = [await socket.start({**MIDDLING, "seed": i}) for i in range(10)]
        await socket.wait(lambda m: m["type"] == "progress" and m["progress"] > 0.2)
        bookmark = socket.heard[-1]["position"]
        await service.kill()
        before = socket.from_log
    back = await service.again()
    try:
        async with back.socket(after=bookmark) as socket:
            for task in tasks:
                await socket.ending(task)
            assert socket.heard[0]["recovered"] is True
            whole = await back.events()
        assert endings(whole) == {task: ["complete"] for task in tasks}
        positions = [int(m["position"].rpartition("-")[2]) for m in whole]
        assert positions == list(range(1, len(whole) + 1))
        assert before == whole[: len(before)], "what was heard before the crash is what the log says"
        attempts = {m["task_id"]: m["attempt"] for m in whole if m["type"] == "progress"}
        assert sorted(attempts.values()) == [1] * 9 + [2]
        for message in whole:
            if message["type"] == "complete":
                for artifact in message["result"]["artifacts"]:
                    assert (back.workspace / artifact["path"]).stat().st_size == artifact["size_bytes"]
    finally:
        await back.kill()


async def test_engines_do_not_outlive_a_killed_service(service: Service) -> None:
    async with service.socket() as socket:
        task = await socket.start(LONG)
        await socket.wait(lambda m: m.get("task_id") == task and m.get("progress", 0) > 0)
        assert service.process is not None
        engines = children_of(service.process.pid)
        assert engines
        await service.kill()
    async with awaited("the engines to end"):
        while any(alive(pid) for pid in engines):
            await asyncio.sleep(0.05)


async def test_an_engine_that_dies_is_replaced_and_the_task_goes_on(service: Service) -> None:
    async with service.socket() as socket:
        task = await socket.start({**MIDDLING, "steps": 60})
        await socket.wait(lambda m: m.get("task_id") == task and m.get("progress", 0) > 0.1)
        assert service.process is not None
        for pid in children_of(service.process.pid):
            os.kill(pid, signal.SIGKILL)
        end = await socket.ending(task)
        assert end["type"] == "complete"
        attempts = [m["attempt"] for m in socket.heard if m["type"] == "progress"]
        assert attempts == sorted(attempts)
        assert set(attempts) == {1, 2}


@pytest.mark.parametrize("service", [{"shutdown_drain": 1}], indirect=True)
async def test_a_stop_tells_the_clients_hands_back_what_runs_and_exits_well(service: Service) -> None:
    async with service.socket() as socket, service.socket("other"):
        task = await socket.start({**MIDDLING, "steps": 100})
        await socket.wait(lambda m: m.get("task_id") == task and m.get("progress", 0) > 0)
        stopping = asyncio.create_task(service.stop())
        assert await socket.closed() == 1012
        bookmark = socket.heard[-1]["position"]
        async with service.http() as http:  # while it drains
            assert (await http.get("/health/ready")).status_code == 503
            assert (await http.get("/health/live")).status_code == 200
            refused = await http.post(
                "/api/v1/projects/film/tasks", json={"task_type": "text_to_image", "params": TINY}
            )
            assert (refused.status_code, refused.json()["error"]["code"]) == (503, "SHUTTING_DOWN")
            assert "retry-after" in refused.headers
        assert await stopping == 0
    back = await service.again()
    try:
        async with back.socket(after=bookmark) as socket:
            end = await socket.ending(task)
            assert end["type"] == "complete"
            stages = [m["stage"] for m in socket.heard if m["type"] == "progress"]
            assert "queued" in stages, "the handing back was told"
            assert endings(await back.events()) == {task: ["complete"]}
    finally:
        await back.kill()


async def test_a_second_interrupt_does_not_wait_for_what_runs(service: Service) -> None:
    async with service.socket() as socket:
        task = await socket.start(LONG)
        await socket.wait(lambda m: m.get("task_id") == task and m.get("progress", 0) > 0)
        assert service.process is not None
        service.process.send_signal(signal.SIGINT)
        assert await socket.closed() == 1012
        service.process.send_signal(signal.SIGINT)
        async with timed() as exit_:
            assert await service.stop() == 0
        assert exit_.is_within(10), f"{exit_.took_s} s: the drain alone would take 15 s"
    back = await service.again()
    try:
        async with back.socket() as socket:
            hello = await socket.wait(lambda m: m["type"] == "connected")
            assert [(t["task_id"], t["attempt"]) for t in hello["state"]["tasks"]] in ([(task, 1)], [(task, 2)])
            await socket.say("cancel", task_id=task)
            await socket.ending(task)
    finally:
        await back.kill()


async def test_a_stop_lets_a_short_task_finish(service: Service) -> None:
    async with service.socket() as socket:
        task = await socket.start({**MIDDLING, "steps": 40})
        await socket.wait(lambda m: m.get("task_id") == task and m["type"] == "progress")
        assert await service.stop() == 0
    back = await service.again()
    try:
        whole = await back.events()
        assert endings(whole) == {task: ["complete"]}
        assert {m["attempt"] for m in whole if m["type"] == "progress"} == {1}
    finally:
        await back.kill()


@pytest.mark.parametrize("service", [{"max_concurrent_tasks": 3, "max_queued_per_project": 60}], indirect=True)
async def test_of_fifty_never_more_than_three_run(service: Service) -> None:
    async with service.socket() as socket, service.socket("other") as other:
        for i in range(25):
            await socket.start({**TINY, "seed": i})
            await other.start({**TINY, "seed": i})
            await asyncio.sleep(0.05)  # within the rate
        listeners = (socket, other)
        for listener in listeners:
            await listener.wait(lambda m, listener=listener: all_ended(25, listener.heard))
        # both projects' events on one time line, by the service's own clock
        story = sorted((m for listener in listeners for m in listener.from_log), key=lambda m: m["timestamp"])
    running: set[str] = set()
    most = 0
    for message in story:
        if message["type"] == "progress":
            running.add(message["task_id"])
        elif is_ending(message):
            running.discard(message["task_id"])
        most = max(most, len(running))
    assert most == 3
    assert list(endings(story).values()) == [["complete"]] * 50


async def test_a_second_service_on_the_same_workspace_is_refused_in_one_line(service: Service) -> None:
    second = Service(service.workspace)
    with pytest.raises(AssertionError):
        await second.start()
    assert second.process is not None
    assert await second.process.wait() == 1
    assert f"auteur: Another auteur runs on this workspace at {service.url}." in second.log
    assert "Traceback" not in second.log
    async with service.socket() as socket:
        await socket.ending(await socket.start())


async def test_a_bookmark_of_another_log_is_noticed_after_the_log_was_lost(service: Service) -> None:
    async with service.socket() as socket:
        done = await socket.ending(await socket.start())
    await service.stop()
    for path in (service.workspace / ".auteur").glob("auteur.db*"):
        path.unlink()
    back = await service.again()
    try:
        async with back.socket(after=done["position"]) as socket:
            hello = await socket.wait(lambda m: m["type"] == "connected")
            assert hello["recovered"] is False
            assert json.dumps(hello["state"]["tasks"]) == "[]"
    finally:
        await back.kill()
