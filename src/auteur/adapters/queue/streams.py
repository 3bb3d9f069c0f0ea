"""Taskiq's Redis Streams broker, with a lease on every message that is being worked on."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, Self

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from taskiq import AckableMessage, AsyncBroker
from taskiq_redis import RedisStreamBroker

_BLOCK_MS = 2000


class LeasedStreamBroker(RedisStreamBroker):
    """`RedisStreamBroker` that takes one message at a time and says, as long as it lives, which it works on.

    As it comes, the broker fetches many at once, which an idle worker would then miss; takes messages away from workers
    that are alive, by their age; looks for those of dead workers only while new ones arrive; keeps what is acknowledged
    in the stream for ever; and ends when somebody has flushed the server.
    """

    def __init__(self, url: str, *, lease_s: float, **options: Any) -> None:
        super().__init__(url, consumer_id="0", xread_block=_BLOCK_MS, xread_count=1, **options)
        self._lease_s = lease_s
        self._held: set[bytes] = set()

    async def listen(self) -> AsyncGenerator[AckableMessage, None]:
        renewing = asyncio.create_task(self._renew(), name=f"lease-{self.queue_name}")
        looked_at = 0.0
        try:
            async with Redis(connection_pool=self.connection_pool) as redis:
                while True:
                    try:
                        entries: Any = ()
                        if time.monotonic() - looked_at > self._lease_s / 4:
                            _, entries, *_ = await redis.xautoclaim(
                                self.queue_name,
                                self.consumer_group_name,
                                self.consumer_name,
                                min_idle_time=int(self._lease_s * 1000),
                                count=1,
                            )
                        if not entries:
                            looked_at = time.monotonic()
                            entries = await self._read_next(redis)
                    except ResponseError as error:
                        if "NOGROUP" not in str(error):
                            raise
                        await self._declare_consumer_group()
                        continue
                    for entry_id, content in entries:
                        self._held.add(entry_id)
                        yield AckableMessage(data=content[b"data"], ack=self._done_with(entry_id))
        finally:
            renewing.cancel()
            await asyncio.wait({renewing})

    async def _read_next(self, redis: "Redis") -> list[Any]:
        fetched: Any = await redis.xreadgroup(
            self.consumer_group_name, self.consumer_name, {self.queue_name: ">"}, count=1, block=_BLOCK_MS
        )
        if isinstance(fetched, dict):
            return [entry for entries in fetched.values() for entry in entries]
        return [entry for _, entries in fetched or () for entry in entries]

    def _done_with(self, entry_id: bytes) -> Callable[[], Awaitable[None]]:
        async def acknowledge() -> None:
            self._held.discard(entry_id)
            async with Redis(connection_pool=self.connection_pool) as redis:
                pipeline = redis.pipeline(transaction=False)
                pipeline.xack(self.queue_name, self.consumer_group_name, entry_id)
                pipeline.xdel(self.queue_name, entry_id)
                await pipeline.execute()

        return acknowledge

    async def _renew(self) -> None:
        """Claims anew what is held, so that it does not look abandoned."""
        while True:
            await asyncio.sleep(self._lease_s / 4)
            if self._held:
                with contextlib.suppress(RedisError, OSError, RuntimeError):
                    async with Redis(connection_pool=self.connection_pool) as redis:
                        await redis.xclaim(
                            self.queue_name,
                            self.consumer_group_name,
                            self.consumer_name,
                            min_idle_time=0,
                            message_ids=list(self._held),
                            justid=True,
                        )


class StreamBrokers:
    """One broker a queue, made when first asked for, under keys that begin with ``prefix``.

    ``lease_s``: after how long the messages of a silent worker are taken. Close with ``async with``.
    """

    def __init__(self, url: str, *, prefix: str, lease_s: float) -> None:
        self._url = url
        self._prefix = prefix
        self._lease_s = lease_s
        self._brokers: dict[str, AsyncBroker] = {}

    def __call__(self, queue: str) -> AsyncBroker:
        """The broker of the queue."""
        if queue not in self._brokers:
            self._brokers[queue] = LeasedStreamBroker(
                self._url,
                lease_s=self._lease_s,
                queue_name=f"{self._prefix}{queue}",
                consumer_group_name="workers",
                protocol=2,
                retry=Retry(NoBackoff(), 0),
                socket_timeout=_BLOCK_MS / 1000 + 2,
                socket_connect_timeout=2,
            )
        return self._brokers[queue]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        for broker in self._brokers.values():
            with contextlib.suppress(RedisError, OSError):
                await broker.shutdown()
