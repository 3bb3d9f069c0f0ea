"""What clients that never read cost the others, and the service: measured on whichever deployment is given."""

import asyncio
import contextlib
import json
from datetime import UTC, datetime
from pathlib import Path

from websockets.asyncio.client import connect

from tests.e2e.studio import TINY, Service
from tests.e2e.test_watching import open_sockets, stalled_socket
from tests.faults.record import now
from tests.waiting import awaited

NOTE = {"note": "x" * 3500}


def resident_kib(service: Service) -> int:
    """Memory of the service's process."""
    assert service.process is not None
    status = Path(f"/proc/{service.process.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])


def descriptors(service: Service) -> int:
    """Files and sockets that the service's process holds."""
    assert service.process is not None
    return len(list(Path(f"/proc/{service.process.pid}/fd").iterdir()))


def loop_worked_s(service: Service) -> float:
    """Processor time that the service's event loop has had: what it did, however long others made it wait for that."""
    assert service.process is not None
    return int(Path(f"/proc/{service.process.pid}/schedstat").read_text().split()[0]) / 1e9


async def delays_ms(service: Service, tasks: int, first_seed: int) -> list[float]:
    """Milliseconds from each event's own time to its arrival, while one client makes tasks and reads."""
    found: list[float] = []
    async with connect(f"{service.url.replace('http', 'ws', 1)}/ws/film", max_size=None) as socket:
        await socket.recv()
        for seed in range(first_seed, first_seed + tasks):
            asked = {"type": "start_generation", "task_type": "text_to_image", "quality": "draft"}
            await socket.send(json.dumps({**asked, "params": {**TINY, "seed": seed}, "metadata": NOTE}))
            ended = False
            while not ended:
                message = json.loads(await socket.recv())
                delay = datetime.now(UTC) - datetime.fromisoformat(message["timestamp"])
                found.append(delay.total_seconds() * 1000)
                ended = message["type"] in ("complete", "error")
            await asyncio.sleep(0.03)
    return sorted(found)


async def measure(service: Service, *, tasks: int, clients: int) -> dict[str, float]:
    """The p99 of delays beside so many stalled clients to that beside none; when the last of them was gone; what each
    cost."""
    await delays_ms(service, tasks, 0)  # warm, and history enough to fill a stalled client's buffers
    alone = await delays_ms(service, tasks, 1000)
    before_kib = resident_kib(service)
    async with service.http() as http:
        idle = await open_sockets(http)
        with contextlib.ExitStack() as stack:
            for _ in range(clients):
                stack.callback((await stalled_socket(service)).close)
            async with awaited("the stalled clients to be there"):
                while await open_sockets(http) < idle + clients:
                    await asyncio.sleep(0.02)
            began = now()
            each_kib = max(resident_kib(service) - before_kib, 0) / clients
            beside = await delays_ms(service, tasks, 2000)
            async with awaited("the stalled clients to be gone"):
                while await open_sockets(http) > idle:
                    await asyncio.sleep(0.1)
            gone_s = now() - began
    alone_ms, beside_ms = (found[int(len(found) * 0.99)] for found in (alone, beside))
    return {
        "p99 alone, ms": round(alone_ms, 2),
        "p99 beside stalled, ms": round(beside_ms, 2),
        "ratio": round(beside_ms / alone_ms, 2),
        "all gone after, s": round(gone_s, 1),
        "memory each, KiB": round(each_kib),
    }
