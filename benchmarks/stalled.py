"""What clients that never read cost the others: p99 of event delays with 50 stalled sockets over the p99 with none.

The goal is a ratio of at most 1.5. A delay is from the event's own time to its arrival at a client that reads.
"""

import asyncio
import json
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.e2e.studio import TINY, Service
from tests.e2e.test_watching import open_sockets, stalled_socket
from websockets.asyncio.client import connect

TASKS = 60
STALLED = 50


async def delays_ms(service: Service, first_seed: int) -> list[float]:
    """Milliseconds from each event's own time to its arrival, while one client makes tasks and reads."""
    found: list[float] = []
    async with connect(f"{service.url.replace('http', 'ws', 1)}/ws/film", max_size=None) as socket:
        await socket.recv()
        for seed in range(first_seed, first_seed + TASKS):
            asked = {"type": "start_generation", "task_type": "text_to_image", "quality": "draft"}
            await socket.send(json.dumps({**asked, "params": {**TINY, "seed": seed}, "metadata": {"note": "x" * 3500}}))
            ended = False
            while not ended:
                message = json.loads(await socket.recv())
                delay = datetime.now(UTC) - datetime.fromisoformat(message["timestamp"])
                found.append(delay.total_seconds() * 1000)
                ended = message["type"] in ("complete", "error")
            await asyncio.sleep(0.03)
    return sorted(found)


async def main() -> None:
    with tempfile.TemporaryDirectory() as workspace:
        service = await Service(Path(workspace), log_level="ERROR").start()
        try:
            await delays_ms(service, 0)  # warm, and history enough to fill a stalled client's buffers
            alone = await delays_ms(service, 1000)
            clients = [await stalled_socket(service) for _ in range(STALLED)]
            async with service.http() as http:
                open_at_first = await open_sockets(http)
                await asyncio.sleep(2)  # until their buffers are full, here and in the kernel
                beside = await delays_ms(service, 2000)
                last_event = time.monotonic()
                while await open_sockets(http):
                    await asyncio.sleep(0.5)
                gone_s = time.monotonic() - last_event
            for client in clients:
                client.close()
        finally:
            await service.kill()
    p99 = [found[int(len(found) * 0.99)] for found in (alone, beside)]
    print(f"p99 of {len(alone)} events alone {p99[0]:.2f} ms, beside {open_at_first} stalled sockets {p99[1]:.2f} ms")
    print(f"ratio {p99[1] / p99[0]:.2f}, goal 1.5; all stalled sockets were gone {gone_s:.0f} s after the last event")


asyncio.run(main())
