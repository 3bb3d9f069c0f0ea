"""The other two stages: one process with its file, and a fleet whose workers are elsewhere."""

import asyncio
import re
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Self

from auteur.adapters.log.codec import decode_event
from auteur.adapters.log.redis.bus import RedisProgressBus
from auteur.adapters.redis.database import RedisDatabase
from auteur.domain.events import Event
from tests.e2e.studio import AS_IT_IS, Service, Worker
from tests.faults.lives import Lives
from tests.faults.moments import SAID
from tests.faults.proxy import Proxy
from tests.faults.stage import Stage
from tests.waiting import awaited

LEASE_S = 6.0


class Embedded(Stage):
    """One service, its log in one file. ``moment``: where in a task's life it strikes itself, and how, once allowed."""

    on = "embedded"

    def __init__(self, directory: Path, *, moment: tuple[str, str] | None = None, **settings: object) -> None:
        # engines share the machine as those of a fleet do: beside other tests they would else not run at all
        super().__init__(directory, **{"engine_priority": "normal", **settings})  # type: ignore[arg-type]
        self.workspace = directory / "workspace"
        self.allowed = directory / "allowed"
        self._moment = moment

    async def __aenter__(self) -> Self:
        await self.open_replicas()
        return self

    async def open_replicas(self, until: str = "/health/ready") -> None:
        self.workspace.mkdir(exist_ok=True)
        module: Sequence[str] = AS_IT_IS
        if self._moment is not None:
            module = ("tests.faults.moments", *self._moment, str(self.allowed))
        service = Service(self.workspace, module=module, **self.settings)
        await service.start(until=until)
        self.replicas.append(service)
        self._stack.push_async_callback(service.kill)

    async def struck(self) -> Service:
        """Lets it strike itself, and returns when it has."""
        self.allowed.touch()
        await struck_at(self.replicas[0])
        return self.replicas[0]

    async def restart(self) -> None:
        """Starts it again as it is, where it was."""
        service = self.replicas[0]
        service.module, service.port = AS_IT_IS, service.url.rpartition(":")[2]
        await service.start()

    async def lives(self) -> Lives:
        found: dict[str, list[Event]] = defaultdict(list)
        file = f"file:{self.workspace / '.auteur' / 'auteur.db'}?mode=ro"
        with sqlite3.connect(file, uri=True) as connection:
            for (body,) in connection.execute("SELECT body FROM events ORDER BY project_id, seq"):
                event = decode_event(body)
                found[event.task_id].append(event)
        connection.close()
        return found


class Fleet(Stage):
    """Two replicas that run nothing, and workers; each reaches the server through a proxy of its own."""

    on = "fleet"

    def __init__(self, directory: Path, *, workers: int = 1, **settings: object) -> None:
        at_work = {"worker_lease": LEASE_S, **settings}
        super().__init__(directory, **at_work)  # type: ignore[arg-type]
        self.workspace = directory / "workspace"
        self.allowed = directory / "allowed"
        self._count = workers

    async def open_replicas(self, until: str = "/health/ready") -> None:
        settings, self.settings = self.settings, {**self.settings, "run_tasks": "false"}
        await super().open_replicas(until)
        self.settings = settings
        await asyncio.gather(*(self.new_worker() for _ in range(self._count)))

    async def new_worker(self, moment: tuple[str, str] | None = None) -> Worker:
        """Another one at work. ``moment``: where in a task's life it strikes itself, and how, once allowed."""
        proxy = await self._stack.enter_async_context(Proxy(self.server.port))
        self.proxies.append(proxy)
        module: Sequence[str] = AS_IT_IS
        if moment is not None:
            module = ("tests.faults.moments", *moment, str(self.allowed))
        given = {"redis_url": proxy.url, "shutdown_drain": 2, **self.settings}
        worker = Worker(self.workspace, "--concurrency", "2", module=module, **given)
        self.workers.append(worker)
        self._stack.push_async_callback(_end, worker)
        return await worker.start()

    async def struck(self, moment: tuple[str, str]) -> Worker:
        """Has a worker come that strikes itself at the moment, and returns when it has."""
        self.allowed.touch()
        worker = await self.new_worker(moment)
        await struck_at(worker)
        return worker

    async def lives(self) -> Lives:
        found: dict[str, list[Event]] = defaultdict(list)
        async with RedisDatabase.at(self.server.url) as database:
            bus = RedisProgressBus(database)
            for project in self.projects:
                for recorded in await bus.history(project, None, 100_000):
                    found[recorded.event.task_id].append(recorded.event)
        return found


async def _end(worker: Worker) -> None:
    if worker.process is not None and worker.process.returncode is None:
        worker.thaw()
    await worker.kill()


async def struck_at(process: Service) -> datetime:
    """Waits until the process has struck itself; when that was, by its own account."""
    async with awaited("it to strike itself"):
        while not (found := re.search(rf"{SAID}\w+: (\S+)\n", process.log)):
            await asyncio.sleep(0.02)
    return datetime.fromisoformat(found[1])
