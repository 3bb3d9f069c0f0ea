"""Each deployment as a client sees it: one address, and whatever is behind it."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.studio import Service, Worker
from tests.servers import RedisServer


@dataclass
class Site:
    """``on``: embedded, replicas or fleet; ``service``: where clients go; ``worker``: who does the work, where that is
    elsewhere; ``server``: its Redis."""

    on: str
    workspace: Path
    settings: dict[str, object]
    stack: contextlib.AsyncExitStack
    server: RedisServer | None = None
    processes: list[Service] = field(default_factory=list)
    service: Service = field(init=False)
    worker: Worker | None = None

    async def open(self) -> None:
        """Starts what clients talk to, and the worker of a fleet."""
        work = {"run_tasks": "false"} if self.on == "fleet" else {}
        if self.on == "fleet":
            self.worker = Worker(self.workspace, "--concurrency", "2", **self.settings)
            await self._keep(self.worker)
        self.service = Service(self.workspace, **{**self.settings, **work})
        await self._keep(self.service)

    async def _keep(self, process: Service) -> None:
        self.processes.append(process)
        self.stack.push_async_callback(process.kill)
        await process.start()

    @property
    def log(self) -> str:
        return "".join(process.log for process in self.processes)


@contextlib.asynccontextmanager
async def site_of(
    on: str, directory: Path, *, password: str = "", engines_crash: bool = False, **settings: object
) -> AsyncIterator[Site]:
    """The deployment at work; unless its engines are to crash, no traceback may be in any log of it afterwards.
    ``password``: of its Redis, if it has one."""
    workspace = directory / "workspace"
    workspace.mkdir()
    async with contextlib.AsyncExitStack() as stack:
        server = None
        if on != "embedded":
            server = RedisServer(directory / "redis")
            stack.callback(server.stop)
            server.start()
            url = server.url
            if password:
                assert server.ask("CONFIG", "SET", "requirepass", password) == b"+OK"
                url = url.replace("//", f"//:{password}@")
            settings = {"redis_url": url, "worker_lease": 6, **settings}
        made = Site(on, workspace, settings, stack, server)
        await made.open()
        yield made
    assert engines_crash or "Traceback" not in made.log, made.log[-5000:]
