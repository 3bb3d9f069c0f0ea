"""The bare engine, Taskiq as it comes: ``python benchmarks/bare.py kick URL COUNT`` or ``work URL``."""

import asyncio
import sys

from taskiq.receiver import Receiver
from taskiq_redis import RedisStreamBroker

WHAT, URL = sys.argv[1:3]
broker = RedisStreamBroker(URL, queue_name="bare", consumer_id="0")


@broker.task(task_name="noop")
async def noop(number: int) -> None:
    """Nothing."""


async def kick(count: int) -> None:
    await broker.startup()
    for start in range(0, count, 50):
        await asyncio.gather(*(noop.kiq(number) for number in range(start, min(start + 50, count))))
    await broker.shutdown()


async def work() -> None:
    broker.is_worker_process = True
    await broker.startup()
    receiver = Receiver(broker, max_async_tasks=100, run_startup=False)
    await receiver.listen(asyncio.Event())


asyncio.run(kick(int(sys.argv[3])) if WHAT == "kick" else work())
