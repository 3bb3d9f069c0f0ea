"""What the log costs on Redis: microseconds and bytes for each event, task and project, and events a second.

Alone on the server, from one process, at most 32 calls at a time; times of the server are its own (INFO commandstats).
Run it with ``python benchmarks/log.py [tasks]``.
"""

import asyncio
import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from auteur.domain.tracker import ProjectTracker
from tests.fakes import queued
from tests.servers import RedisServer

from auteur.adapters.log.redis.bus import RedisProgressBus
from auteur.adapters.log.redis.store import RedisStateStore
from auteur.adapters.redis.database import RedisDatabase
from auteur.domain.events import TaskProgressed, TaskStarted, TaskSucceeded
from auteur.domain.task import TaskResult

TASKS = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
PROJECTS, PROGRESS = 20, 8


async def one(tracker: ProjectTracker, number: int) -> None:
    names: dict[str, Any] = {"project_id": f"film-{number % PROJECTS}", "task_id": f"{number:036d}"}
    await tracker.record(queued(names["task_id"], names["project_id"], params={"prompt": "a" * 80, "steps": 20}))
    names["at"] = datetime.now(UTC)
    await tracker.record(TaskStarted(**names, attempt=1, worker="somewhere/host/1/abcdef12"))
    for step in range(PROGRESS):
        share = step / PROGRESS
        await tracker.record(TaskProgressed(**names, attempt=1, progress=share, stage="rendering", message="Pass 1"))
    result = TaskResult(engine="none", artifacts=(), params={"prompt": "a" * 80, "steps": 20})
    await tracker.record(TaskSucceeded(**names, attempt=1, result=result, duration_s=1.0))


async def measure(server: RedisServer) -> None:
    async with RedisDatabase.at(server.url, deadline_s=10) as database:
        bus = RedisProgressBus(database)
        tracker = ProjectTracker(bus, RedisStateStore(database))
        await tracker.record(queued("warm", "warm"))
        server.ask("CONFIG", "RESETSTAT")
        began, own = time.monotonic(), time.process_time()
        gate = asyncio.Semaphore(32)

        async def gated(number: int) -> None:
            async with gate:
                await one(tracker, number)

        await asyncio.gather(*(gated(number) for number in range(TASKS)))
        took_s, own_s = time.monotonic() - began, time.process_time() - own
        events = TASKS * (PROGRESS + 3)
        evalsha = (await database.execute(("INFO", "commandstats")))[0]["cmdstat_evalsha"]
        sizes: dict[str, int] = {}
        for name, key in zip(("meta", "log", "state", "open", "ended"), database.keys_of("film-0"), strict=True):
            sizes[name] = int((await database.execute(("MEMORY", "USAGE", key, "SAMPLES", 0)))[0] or 0)
    per_project = TASKS // PROJECTS
    print(f"{events / took_s:.0f} events/s from one process, which took {own_s / events * 1e6:.0f} us of CPU an event")
    print(f"the server: {evalsha['usec_per_call']:.0f} us a script, {evalsha['calls'] / events:.2f} scripts an event")
    print(f"memory: log {sizes['log'] / per_project / (PROGRESS + 3):.0f} bytes an event")
    print(f"memory: guard {sizes['ended'] / per_project:.0f} bytes an ended task")
    print(f"memory: snapshot {sizes['state'] / per_project:.0f} bytes a task, meta {sizes['meta']} bytes a project")
    print(f"cores: {os.cpu_count()}")


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        server = RedisServer(Path(directory) / "redis").start()
        try:
            asyncio.run(measure(server))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
