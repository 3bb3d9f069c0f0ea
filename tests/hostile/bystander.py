"""Somebody who means no harm: in a process of its own, it asks for liveness and pings a socket all the while.

Prints a line for each answer: by whom, when it was asked for and how long it took, in seconds of the monotonic clock;
or that it was broken off. ``python -m tests.hostile.bystander HOST PORT``.
"""

import asyncio
import contextlib
import json
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from websockets.asyncio.client import connect

from auteur.adapters.background import end
from tests.faults.bystander import watch
from tests.faults.record import Waits
from tests.waiting import LONG_S

HTTP_EVERY_S, SOCKET_EVERY_S = 0.02, 0.1


@dataclass
class Watching:
    """What a bystander waited for: when and how long, by ``http``, ``socket`` and ``machine``, a process that does next
    to nothing."""

    waits: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def worst(self, since: float, until: float, *whats: str) -> tuple[float, float]:
        """The longest wait that began in that time, in seconds, and when; zeroes if there is none."""
        found = [
            (took, began)
            for what, waits in self.waits.items()
            for began, took in waits
            if what in whats and since <= began <= until
        ]
        return max(found, default=(0.0, 0.0))


@contextlib.asynccontextmanager
async def standing_by(host: str, port: int, home: Path):
    """A bystander at work; what it waited for."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.hostile.bystander", host, str(port), stdout=asyncio.subprocess.PIPE, cwd=home
    )
    watching, first = Watching(), asyncio.Event()

    async def read() -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            what, *numbers = line.decode().split(" ", 2)
            if what == "broken":
                watching.broken.append(" ".join(numbers).strip())
            else:
                began, took = map(float, numbers)
                watching.waits.setdefault(what, []).append((began, took))
            if watching.waits.keys() >= {"http", "socket"}:
                first.set()

    reading = asyncio.create_task(read())
    try:
        async with asyncio.timeout(LONG_S):
            await first.wait()
        yield watching
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
        await reading


def _say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


async def _ask_http(host: str, port: int) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    asked = f"GET /health/live HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode()
    with contextlib.closing(writer):
        while True:
            began = time.monotonic()
            writer.write(asked)
            answer = await reader.readuntil(b"\r\n\r\n")
            answer += await reader.readuntil(b"}")
            _say("http", began, time.monotonic() - began)
            if not answer.startswith(b"HTTP/1.1 200"):
                _say("broken", "http", answer[:80])
            await asyncio.sleep(HTTP_EVERY_S)


async def _ask_socket(host: str, port: int) -> None:
    async with connect(f"ws://{host}:{port}/ws/bystander") as connection:
        while True:
            began = time.monotonic()
            await connection.send(json.dumps({"type": "ping"}))
            while json.loads(await connection.recv())["type"] != "pong":
                pass
            _say("socket", began, time.monotonic() - began)
            await asyncio.sleep(SOCKET_EVERY_S)


async def _watch_the_machine() -> None:
    """What the machine lets anybody wait: how long a process needs for its answer that does next to nothing."""
    waits = Waits()
    watching = asyncio.create_task(watch(waits))
    try:
        while True:
            await asyncio.sleep(0.1)
            for began, took, _ in waits.seen:
                _say("machine", began, took)
            waits.seen.clear()
    finally:
        await end([watching])


async def _for_ever(what: str, asking, *args: object) -> None:
    while True:
        try:
            await asking(*args)
        except Exception as error:
            _say("broken", what, type(error).__name__, str(error)[:80].replace("\n", " "))
            await asyncio.sleep(0.1)


async def _stand_by(host: str, port: int) -> None:
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    asking = [
        asyncio.create_task(_for_ever("http", _ask_http, host, port)),
        asyncio.create_task(_for_ever("socket", _ask_socket, host, port)),
        asyncio.create_task(_watch_the_machine()),
    ]
    await stopping.wait()
    await end(asking)


if __name__ == "__main__":
    asyncio.run(_stand_by(sys.argv[1], int(sys.argv[2])))
