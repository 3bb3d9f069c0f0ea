"""What a storm of the existing frontend's clients costs: after a restart, at a change of project, and where refused.

Its clients come back all at the same moment, keep no position, and are greeted with the state and the endings of before
each time. Measured at one real service with 60 made pictures in the project: CPU of the service for each client, how
long it takes until the last one has its greeting, how long somebody else waits meanwhile for `/health/live`; beside the
same crowd in our own dialect. A change of project is each client opening its next socket before it leaves the last one.

    python benchmarks/legacy.py [clients]
"""

import asyncio
import json
import select
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.e2e.studio import TINY, Service
from tests.processor import cpu_s

CLIENTS = int(sys.argv[1]) if sys.argv[1:2] and sys.argv[1].isdecimal() else 200
MADE, SWITCHES = 60, 5
TOKEN = "t" * 40
SHOWN = {"Authorization": f"Bearer {TOKEN}"}
PATIENT: dict[str, Any] = {"max_size": None, "open_timeout": 120, "ping_interval": None}


class Bystander:
    """Somebody who asks for a sign of life again and again, in a process of its own: the crowd is in this one."""

    def __init__(self, service: Service) -> None:
        self._url = f"{service.url}/health/live"
        self.waits: list[float] = []

    async def __aenter__(self) -> "Bystander":
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, __file__, "--stand-by", self._url, stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert self._process.stdout is not None
        await self._process.stdout.readline()  # it has begun
        return self

    async def __aexit__(self, *exc: object) -> None:
        told, _ = await self._process.communicate(b"stop")
        self.waits = json.loads(told)


def stand_by(url: str) -> None:
    """Until there is something to read."""
    waits: list[float] = []
    with httpx.Client() as http:
        sys.stdout.write("begun\n")
        sys.stdout.flush()
        while not select.select([sys.stdin], [], [], 0.01)[0]:
            began = time.perf_counter()
            http.get(url)
            waits.append(time.perf_counter() - began)
    sys.stdout.write(json.dumps(waits))


async def greeted(address: str, last: Callable[[dict[str, object]], bool]) -> None:
    async with connect(address, additional_headers=SHOWN, **PATIENT) as socket:
        async for text in socket:
            if last(json.loads(text)):
                return


async def measured(service: Service, name: str, clients: int, crowd: Callable[[], Awaitable[object]]) -> float:
    """CPU of the service for each client, in milliseconds."""
    assert service.process is not None
    await asyncio.sleep(1.5)
    async with Bystander(service) as bystander:
        before, began = cpu_s(service.process.pid), time.perf_counter()
        await crowd()
        took_s = time.perf_counter() - began
        await asyncio.sleep(0.3)  # who has gone is seen to be gone
        spent_ms = (cpu_s(service.process.pid) - before) / clients * 1e3
    worst_ms = max(bystander.waits) * 1e3
    print(
        f"{name}: {spent_ms:.2f} ms of CPU each, the last after {took_s:.2f} s;"
        f" another waited {worst_ms:.0f} ms at most, {statistics.median(bystander.waits) * 1e3:.1f} ms in the middle",
        flush=True,
    )
    return spent_ms


async def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        service = await Service(
            Path(directory), token=TOKEN, require_token=True, ws_messages_per_second=1000, principal_sockets=10_000,
            principal_requests_per_second=100_000, max_concurrent_tasks=2,
        ).start()  # fmt: skip
        base = service.url.replace("http", "ws", 1)
        try:
            newest = ""
            for project in ("film", *(f"film-{number}" for number in range(SWITCHES))):
                async with service.socket(project, additional_headers=SHOWN) as socket:
                    ids = [await socket.start({**TINY, "seed": number}) for number in range(MADE)]
                    for task_id in ids:
                        await socket.ending(task_id)
                    newest = ids[-1] if project == "film" else newest

            def has_all(frame: dict[str, object]) -> bool:
                payload = frame.get("payload")
                return isinstance(payload, dict) and payload.get("task_id") == newest

            async def at_once(address: str, last: Callable[[dict[str, object]], bool]) -> None:
                await asyncio.gather(*(greeted(address, last) for _ in range(CLIENTS)))

            ours = await measured(
                service, f"{CLIENTS} in our dialect, with the state each", CLIENTS,
                lambda: at_once(f"{base}/ws/film", lambda frame: frame["type"] == "connected"),
            )  # fmt: skip
            theirs = await measured(
                service, f"{CLIENTS} of the existing frontend, with 50 endings each", CLIENTS,
                lambda: at_once(f"{base}/legacy/ws/film", has_all),
            )  # fmt: skip
            print(f"  ratio {theirs / ours:.2f}", flush=True)

            async def read(socket: ClientConnection) -> None:
                with suppress(ConnectionClosed):
                    while True:
                        await socket.recv()

            async def switch() -> None:
                async def one() -> None:
                    last = reading = None
                    for number in range(SWITCHES):
                        address = f"{base}/legacy/ws/film-{number}"
                        socket = await connect(address, additional_headers=SHOWN, **PATIENT)
                        if last is not None and reading is not None:
                            await last.close(1001)
                            await reading
                        last, reading = socket, asyncio.create_task(read(socket))
                    assert last is not None
                    await last.close(1001)

                await asyncio.gather(*(one() for _ in range(CLIENTS)))

            await measured(
                service, f"{CLIENTS} that change their project {SWITCHES} times", CLIENTS * SWITCHES, switch
            )  # fmt: skip

            async def refused() -> None:
                async def one() -> None:
                    with suppress(InvalidStatus):
                        async with connect(f"{base}/legacy/ws/film", open_timeout=120):
                            raise AssertionError("let in without a token")

                await asyncio.gather(*(one() for _ in range(CLIENTS)))

            once = await measured(service, f"{CLIENTS} that are refused", CLIENTS, refused)
            tries = 12  # 1 + 2 + 4 … seconds: so many in the first hour
            print(f"  in an hour one that is refused tries {tries} times: {once * tries:.0f} ms of CPU", flush=True)
            async with service.http(headers=SHOWN) as http:
                metrics = (await http.get("/metrics")).text
            (left,) = [line for line in metrics.splitlines() if line.startswith("auteur_websockets_open ")]
            print(f"left: {left}", flush=True)
        finally:
            await service.kill()


if __name__ == "__main__":
    if "--stand-by" in sys.argv:
        stand_by(sys.argv[-1])
    else:
        asyncio.run(main())
