"""What it costs the service to tell a client that comes back all that it has missed: CPU for each event.

Run it with ``python benchmarks/resume.py [events] [times] [redis]``. All in one run: ``write`` is a process that does
nothing but write the same bytes, 64 KiB at a time, to a socket; ``resume`` the service, embedded or on a Redis of its
own, whose one client comes with position 0 again and again.
"""

import asyncio
import contextlib
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks.crowd import HANDSHAKE
from tests.e2e.studio import Service
from tests.fakes import of, queued
from tests.processor import cpu_s
from tests.servers import RedisServer

from auteur.adapters.log.redis.bus import RedisProgressBus
from auteur.adapters.log.sqlite.bus import SqliteProgressBus
from auteur.adapters.log.sqlite.database import SqliteDatabase
from auteur.adapters.redis.database import RedisDatabase
from auteur.domain.events import TaskProgressed, TaskStarted
from auteur.domain.ports import ProgressBus

NUMBERS = [int(word) for word in sys.argv[1:] if word.isdigit()]
EVENTS = NUMBERS[0] if NUMBERS else 10_000
TIMES = NUMBERS[1] if len(NUMBERS) > 1 else 20
PIECE = 64 << 10


async def fill(bus: ProgressBus) -> None:
    """A log of one task that goes on and on."""
    await bus.publish(queued())
    await bus.publish(TaskStarted(**of(), attempt=1, worker="w"))
    for number in range(3, EVENTS + 1):
        said = f"Pass {number} of {EVENTS}"
        await bus.publish(
            TaskProgressed(
                **of(), attempt=1, progress=round(number / EVENTS, 4), stage="rendering", message=said, eta_s=1.5
            )
        )


def heard(port: int, path: str) -> int:
    """Bytes that a client is told until it has heard the last event."""
    last, size, end = b"Pass %d of %d" % (EVENTS, EVENTS), 0, b""
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(HANDSHAKE % (path.encode(), port))
        buffer = bytearray(1 << 20)
        while last not in end:
            got = client.recv_into(buffer)
            assert got, "nobody hangs up here"
            size += got
            end = end[-64:] + bytes(memoryview(buffer)[max(0, got - 2048) : got])
    return size


def bare(size: int) -> None:
    """The floor, in a process of its own: says its port, and then what it took to write so many bytes."""
    door = socket.create_server(("127.0.0.1", 0))
    print(door.getsockname()[1], flush=True)
    took = 0.0
    for _ in range(TIMES):
        client, _ = door.accept()
        client.recv(1 << 16)
        piece = b"x" * PIECE
        began = time.process_time()
        for _ in range(size // PIECE):
            client.sendall(piece)
        client.sendall(b"Pass %d of %d" % (EVENTS, EVENTS))
        took += time.process_time() - began
        client.close()
    print(took, flush=True)


def floor(size: int) -> float:
    """Microseconds an event."""
    words = [sys.executable, __file__, str(EVENTS), str(TIMES), "bare", str(size)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        for _ in range(TIMES):
            heard(port, "/")
        return float(server.stdout.readline()) / TIMES / EVENTS * 1e6


@contextlib.asynccontextmanager
async def service(directory: Path, *, on_redis: bool) -> AsyncIterator[Service]:
    """One whose project has that log."""
    settings: dict[str, object] = {"log_level": "ERROR"}
    server = None
    if on_redis:
        server = RedisServer(directory / "redis").start()
        settings |= {"redis_url": server.url}
        async with RedisDatabase.at(server.url, deadline_s=10) as database:
            await fill(RedisProgressBus(database))
    else:
        place = directory / ".auteur"
        place.mkdir(mode=0o700)
        async with SqliteDatabase(place / "auteur.db") as database, SqliteProgressBus(database) as bus:
            await fill(bus)
    started = Service(directory, **settings)
    try:
        yield await started.start()
    finally:
        await started.kill()
        if server is not None:
            server.stop()


async def main() -> None:
    with tempfile.TemporaryDirectory() as held:
        async with service(Path(held), on_redis="redis" in sys.argv) as running:
            assert running.process is not None
            port = int(re.search(r":(\d+)$", running.url)[1])  # type: ignore[index]
            path = "/ws/film?after=0"
            size = await asyncio.to_thread(heard, port, path)
            before = cpu_s(running.process.pid)
            for _ in range(TIMES):
                await asyncio.to_thread(heard, port, path)
            each = (cpu_s(running.process.pid) - before) / TIMES / EVENTS * 1e6
    write = floor(size)
    print(f"{EVENTS} events of {size / EVENTS:.0f} bytes, {TIMES} times, on {os.cpu_count()} cores")
    print(f"write: {write:.2f} us an event")
    print(f"resume: {each:.2f} us an event, {each / write:.1f} of that")


if __name__ == "__main__":
    if "bare" in sys.argv:
        bare(int(sys.argv[-1]))
    else:
        asyncio.run(main())
