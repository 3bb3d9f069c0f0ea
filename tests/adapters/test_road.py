"""The road of a task on the fleet, counted: every command that the server carries out for it, those in scripts too,
stands with its reason in docs/scaling.md, and nothing else happens."""

import asyncio
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from dependency_injector import providers
from redis.asyncio import Redis

from auteur.adapters.engines.discovery import Engines, FoundEngine
from auteur.adapters.queue.taskiq import TaskiqWorker
from auteur.adapters.redis.line import Line
from auteur.domain.ports import HandlerResult, TaskContext
from auteur.domain.task import Task, TaskStatus, TaskType
from auteur.entrypoints.container import Container, build, lifetime
from auteur.entrypoints.settings import load_settings
from tests.fakes import ScriptedHandler, a_command
from tests.servers import RedisServer
from tests.waiting import awaited

DOCUMENT = Path(__file__).parents[2] / "docs" / "scaling.md"
TASKS = 8
NOT_OF_A_TASK = {"info", "xautoclaim", "xclaim", "select", "client|setinfo", "auth", "script|load"}


class Nothing(ScriptedHandler):
    """Makes nothing, and says nothing of it."""

    @property
    def task_types(self) -> Sequence[TaskType]:
        return [replace(known, makes_files=False) for known in super().task_types]

    async def run(self, task: Task, context: TaskContext) -> HandlerResult:
        self.runs += 1
        return HandlerResult(drafts=())


def a_process(server: RedisServer, directory: Path, handler: ScriptedHandler, *, works: bool) -> Container:
    settings = load_settings(
        workspace_root=directory, redis_url=server.url, redis_state_prefix=f"{directory.name}:", run_tasks=works,
        worker_lease=60,
    )  # fmt: skip
    container = build(settings)
    found = FoundEngine("none", "tests", "", handler, tuple(handler.task_types))
    container.engines.override(providers.Object(Engines((found,), (), frozenset({"none"}))))
    return container


async def calls_of(client: Redis) -> Counter[str]:
    stats = await client.info("commandstats")
    calls = Counter({name.removeprefix("cmdstat_"): said["calls"] for name, said in stats.items()})
    return Counter({name: n for name, n in calls.items() if name not in NOT_OF_A_TASK})


async def test_a_task_costs_the_commands_that_are_named_and_six_trips(
    redis_server: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = Nothing()
    service = a_process(redis_server, tmp_path, handler, works=False)
    worker = a_process(redis_server, tmp_path, handler, works=True)
    trips = 0
    send = Line._send

    def counted(line: Line) -> None:
        nonlocal trips
        trips += 1
        send(line)

    monkeypatch.setattr(Line, "_send", counted)
    spent: list[tuple[int, Counter[str]]] = []
    async with Redis.from_url(redis_server.url) as client, lifetime(service), lifetime(worker):
        taking = worker.parts().taking()
        assert isinstance(taking, TaskiqWorker)
        async with awaited("a worker that is at work"):
            while not any(known.slots for known in await service.registry().workers()):
                await asyncio.sleep(0.02)
        for number in range(1, TASKS + 1):
            await asyncio.sleep(0.05)  # the worker waits for its next message
            before, trips = await calls_of(client), 0
            submitted = (await service.dispatcher().submit(a_command(f"m-{number}"))).task
            async with awaited("its ending, and the acknowledgement"):
                while handler.runs < number or taking._deliveries or taking.pool.running:
                    await asyncio.sleep(0.005)
            spent.append((trips, await calls_of(client) - before))
            read = await service.store().task("film", submitted.task_id)
            assert read.task.status is TaskStatus.SUCCEEDED
    # the cheapest: now and then somebody sweeps meanwhile, renews a lease or looks how much waits in all
    trips, calls = min(spent, key=lambda one: one[1].total())
    named = {
        command.lower(): int(times)
        for command, times in re.findall(r"^\| `([A-Z]+)` \| (\d+) \|", DOCUMENT.read_text(), re.MULTILINE)
    }
    assert calls == named
    assert min(trips for trips, _ in spent) == 6
