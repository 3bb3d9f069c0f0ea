import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from auteur.adapters.engines.child import EngineBrokenError
from auteur.adapters.engines.process import EngineCrashedError, EngineProcesses
from auteur.domain.errors import HandlerError
from auteur.entrypoints.container import build
from auteur.entrypoints.settings import load_settings
from tests.waiting import LONG_S

HERE = "tests.adapters.test_engine_process"


def echo(arguments: Mapping[str, Any], report: Callable[[Mapping[str, Any]], None]) -> dict[str, Any]:
    for number in range(arguments["reports"]):
        report({"progress": number})
    print("a library that talks")  # noqa: T201
    return {"pid": os.getpid(), "said": arguments["said"]}


def refuse(arguments: Mapping[str, Any], report: Callable[[Mapping[str, Any]], None]) -> dict[str, Any]:
    raise HandlerError("No.", retryable=arguments["retryable"], why="because")


def crash(arguments: Mapping[str, Any], report: Callable[[Mapping[str, Any]], None]) -> dict[str, Any]:
    raise ZeroDivisionError("inside")


def die(arguments: Mapping[str, Any], report: Callable[[Mapping[str, Any]], None]) -> dict[str, Any]:
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def hold_the_interpreter(arguments: Mapping[str, Any], report: Callable[[Mapping[str, Any]], None]) -> dict[str, Any]:
    report({"pid": os.getpid()})
    return {"sum": sum(range(10**12))}  # one call into C that no Python thread interrupts


def go_on(arguments: Mapping[str, Any], report: Callable[[Mapping[str, Any]], None]) -> dict[str, Any]:
    while True:
        report({"pid": os.getpid()})
        time.sleep(0.01)


def break_down(arguments: Mapping[str, Any], report: Callable[[Mapping[str, Any]], None]) -> dict[str, Any]:
    report({"pid": os.getpid()})
    try:
        raise ZeroDivisionError("inside")
    except ZeroDivisionError as error:
        raise EngineBrokenError("The device is lost.") from error


def policy(arguments: Mapping[str, Any], report: Callable[[Mapping[str, Any]], None]) -> dict[str, Any]:
    return {"policy": os.sched_getscheduler(0), "niceness": os.nice(0)}


@pytest.fixture
async def processes() -> AsyncIterator[EngineProcesses]:
    async with EngineProcesses(max_idle=2) as pool:
        yield pool


async def test_a_job_reports_and_returns(processes: EngineProcesses) -> None:
    said: list[Mapping[str, Any]] = []
    result = await processes.run(f"{HERE}:echo", {"reports": 3, "said": "é"}, said.append)
    assert said == [{"progress": 0}, {"progress": 1}, {"progress": 2}]
    assert result["said"] == "é"
    assert result["pid"] != os.getpid()


async def test_a_process_is_kept_warm_for_the_next_job(processes: EngineProcesses) -> None:
    pids = [(await processes.run(f"{HERE}:echo", {"reports": 0, "said": ""}, print))["pid"] for _ in range(3)]
    assert len(set(pids)) == 1


async def test_a_refusal_comes_back_as_it_was_raised(processes: EngineProcesses) -> None:
    with pytest.raises(HandlerError, match="No") as refused:
        await processes.run(f"{HERE}:refuse", {"retryable": True}, print)
    assert (refused.value.retryable, refused.value.details) == (True, {"why": "because"})


async def test_a_crash_brings_its_traceback_and_leaves_the_process_usable(processes: EngineProcesses) -> None:
    with pytest.raises(EngineCrashedError, match="ZeroDivisionError: inside"):
        await processes.run(f"{HERE}:crash", {}, print)
    await processes.run(f"{HERE}:echo", {"reports": 0, "said": ""}, print)


async def test_a_process_that_dies_can_be_tried_again(processes: EngineProcesses) -> None:
    with pytest.raises(HandlerError) as lost:
        await processes.run(f"{HERE}:die", {}, print)
    assert lost.value.retryable


async def test_a_job_that_holds_the_interpreter_is_stopped_for_real(processes: EngineProcesses) -> None:
    begun: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
    job = asyncio.create_task(processes.run(f"{HERE}:hold_the_interpreter", {}, begun.put_nowait))
    pid = (await begun.get())["pid"]
    job.cancel()
    async with asyncio.timeout(LONG_S):
        with pytest.raises(asyncio.CancelledError):
            await job
    assert not Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize(
    ("settings", "gives_way"),
    [
        ({}, True),
        ({"engine_priority": "low"}, True),
        ({"engine_priority": "normal"}, False),
        ({"redis_url": "redis://127.0.0.1:6379/0"}, False),
        ({"redis_url": "redis://127.0.0.1:6379/0", "run_tasks": False}, False),
        ({"redis_url": "redis://127.0.0.1:6379/0", "engine_priority": "low"}, True),
    ],
)
async def test_engines_give_way_only_where_embedded_or_asked_to(
    settings: dict[str, Any], gives_way: bool, tmp_path: Path
) -> None:
    async with build(load_settings(workspace_root=tmp_path, **settings)).processes() as pool:
        found = await pool.run(f"{HERE}:policy", {}, print)
    ours = {"policy": os.sched_getscheduler(0), "niceness": os.nice(0)}
    assert found == ({**ours, "niceness": min(os.nice(0) + 10, 19)} if gives_way else ours)


async def test_engines_keep_their_priority_unless_told_to_give_way(processes: EngineProcesses) -> None:
    ours = {"policy": os.sched_getscheduler(0), "niceness": os.nice(0)}
    assert await processes.run(f"{HERE}:policy", {}, print) == ours


async def test_a_file_in_the_working_directory_takes_no_modules_place(
    processes: EngineProcesses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('this is not the json you look for')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    assert (await processes.run(f"{HERE}:echo", {"reports": 0, "said": "fine"}, print))["said"] == "fine"


@pytest.fixture
def apart(processes: EngineProcesses) -> EngineProcesses:
    return processes.apart(at_most=1, stop_grace_s=20)


async def pid_of(pool: EngineProcesses) -> int:
    return int((await pool.run(f"{HERE}:echo", {"reports": 0, "said": ""}, print))["pid"])


async def cancelled(pool: EngineProcesses, job: str) -> int:
    """Cancels the job after its first report; returns the process in which it was."""
    begun: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
    running = asyncio.create_task(pool.run(f"{HERE}:{job}", {}, begun.put_nowait))
    pid = (await begun.get())["pid"]
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    return int(pid)


async def test_a_job_that_stops_when_asked_to_leaves_its_process_to_the_next(apart: EngineProcesses) -> None:
    pids = {await cancelled(apart, "go_on") for _ in range(5)}
    assert pids == {await pid_of(apart)}


async def test_a_job_that_does_not_stop_within_the_grace_is_killed(processes: EngineProcesses) -> None:
    impatient = processes.apart(at_most=1, stop_grace_s=0.2)
    pid = await cancelled(impatient, "hold_the_interpreter")
    assert not Path(f"/proc/{pid}").exists()
    assert await pid_of(impatient) != pid


async def test_a_second_cancel_does_not_wait_for_the_grace(apart: EngineProcesses) -> None:
    begun: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
    running = asyncio.create_task(apart.run(f"{HERE}:hold_the_interpreter", {}, begun.put_nowait))
    pid = (await begun.get())["pid"]
    for _ in range(2):
        running.cancel()
        await asyncio.sleep(0)
    async with asyncio.timeout(LONG_S):
        with pytest.raises(asyncio.CancelledError):
            await running
    assert not Path(f"/proc/{pid}").exists()


async def test_where_one_process_is_the_most_jobs_wait_for_each_other(apart: EngineProcesses) -> None:
    assert not apart.is_full
    assert (
        len({await asyncio.create_task(pid_of(apart)), *await asyncio.gather(*(pid_of(apart) for _ in range(8)))}) == 1
    )


async def test_a_job_that_waits_may_be_cancelled_and_the_running_one_goes_on(apart: EngineProcesses) -> None:
    begun: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
    running = asyncio.create_task(apart.run(f"{HERE}:go_on", {}, begun.put_nowait))
    await begun.get()
    assert apart.is_full
    waiting = asyncio.create_task(pid_of(apart))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await begun.get()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_process_that_says_it_is_broken_is_not_used_again(apart: EngineProcesses) -> None:
    said: list[Mapping[str, Any]] = []
    with pytest.raises(HandlerError, match="The device is lost") as broken:
        await apart.run(f"{HERE}:break_down", {}, said.append)
    assert isinstance(broken.value.__cause__, EngineCrashedError)
    assert "ZeroDivisionError: inside" in str(broken.value.__cause__)
    assert await pid_of(apart) != said[0]["pid"]


async def test_a_process_that_was_killed_is_told_from_one_that_ended(processes: EngineProcesses) -> None:
    with pytest.raises(HandlerError, match="may have run out of memory"):
        await processes.run(f"{HERE}:die", {}, print)


async def test_the_children_of_a_pool_apart_end_with_the_pool_it_came_from() -> None:
    async with EngineProcesses(max_idle=1) as pool:
        pid = await pid_of(pool.apart(at_most=1, stop_grace_s=1))
        assert Path(f"/proc/{pid}").exists()
    assert not Path(f"/proc/{pid}").exists()
