"""What it costs to tell: CPU of the service for each socket and event, and of the server for each process that listens.

Run it with ``python benchmarks/fanout.py [events]``.
"""

import asyncio
import socket
import sys
import tempfile
import threading
from contextlib import AsyncExitStack, suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.e2e.studio import Service
from tests.fakes import of, queued
from tests.processor import cpu_s
from tests.servers import RedisServer

from auteur.adapters.log.redis.bus import RedisProgressBus
from auteur.adapters.redis.database import RedisDatabase
from auteur.domain.events import TaskProgressed, TaskStarted

EVENTS = int(sys.argv[1]) if len(sys.argv) > 1 else 2000


async def publish(database: RedisDatabase, project: str) -> int:
    bus = RedisProgressBus(database)
    names = of(f"t-{project}", project)
    await bus.publish(queued(f"t-{project}", project))
    await bus.publish(TaskStarted(**names, attempt=1, worker="w"))
    for number in range(EVENTS):
        progress = TaskProgressed(
            **names, attempt=1, progress=number / EVENTS, stage="rendering", message=f"Pass {number}"
        )
        await bus.publish(progress)
    return EVENTS + 2


async def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        workspace = Path(directory) / "workspace"
        workspace.mkdir()
        server = RedisServer(Path(directory) / "redis").start()
        api = await Service(workspace, redis_url=server.url, run_tasks="false").start()
        assert api.process is not None
        assert server.process is not None
        try:
            async with RedisDatabase.at(server.url, deadline_s=10) as database:
                costs = {}
                for sockets in (0, 1, 20):
                    project = f"film-{sockets}"
                    async with AsyncExitStack() as stack:
                        heard = [await stack.enter_async_context(api.socket(project)) for _ in range(sockets)]
                        before = cpu_s(api.process.pid)
                        events = await publish(database, project)
                        for listener in heard:
                            await listener.wait(lambda m: str(m.get("position", "")).endswith(f"-{EVENTS + 2}"))
                        costs[sockets] = (cpu_s(api.process.pid) - before) / events * 1e6
                print(
                    f"service: {costs[0]:.0f} us an event that nobody here follows, {costs[1]:.0f} us with one socket,"
                )
                print(f"  and {(costs[20] - costs[1]) / 19:.0f} us for each further socket")
                for name, listening, follows in (
                    ("no other", 0, ""),
                    ("100 that follow another project", 100, "somewhere else"),
                    ("100 that follow this project", 100, "100 that follow this project"),
                ):
                    async with AsyncExitStack() as stack:
                        for _ in range(listening):
                            stack.enter_context(NobodyReads(server.port)).subscribe(_project(follows))
                        before = cpu_s(server.process.pid)
                        events = await publish(database, _project(name))
                        spent = (cpu_s(server.process.pid) - before) / events * 1e6
                    print(f"server: {spent:.0f} us an event, with {name} process listening")
        finally:
            await api.kill()
            server.stop()


def _project(name: str) -> str:
    return name.replace(" ", "-") or "nothing"


class NobodyReads:
    """A listening process, as far as the server can tell. What it is sent is thrown away by a thread of its own."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._thread = threading.Thread(target=self._drain, daemon=True)

    def __enter__(self) -> "NobodyReads":
        return self

    def __exit__(self, *exc: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    def subscribe(self, project: str) -> None:
        self._socket.sendall(b"SUBSCRIBE auteur:progress:{%s}\r\n" % project.encode())
        self._thread.start()

    def _drain(self) -> None:
        with suppress(OSError):
            while self._socket.recv(1 << 16):
                pass


if __name__ == "__main__":
    asyncio.run(main())
