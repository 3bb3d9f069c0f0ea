"""Taskiq's Redis Streams broker, with a lease on every message that is being worked on."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, Self

from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError, ResponseError
from taskiq import AckableMessage, AsyncBroker, BrokerMessage
from taskiq_redis import RedisStreamBroker

from auteur.adapters.background import end
from auteur.adapters.redis.address import RedisAddress
from auteur.adapters.redis.database import RedisDatabase, Script
from auteur.adapters.redis.line import Line

AGAIN = "again"
"""Label of messages whose task was begun before: it has waited already, and goes first."""

_BLOCK_MS = 2000
_ONCE = Script(__package__, "once", "", ("once",))
_Entry = tuple[str, bytes, dict[bytes, bytes]]


class LeasedStreamBroker(RedisStreamBroker):
    """`RedisStreamBroker` that takes one message at a time and says, as long as it lives, which it works on.

    As it comes, the broker fetches many at once, which an idle worker would then miss; takes messages away from workers
    that are alive, by their age; looks for those of dead workers only while new ones arrive; keeps what is acknowledged
    in the stream for ever; and ends when somebody has flushed the server. ``database``: over whose connection it
    acknowledges, with what others say there; None: over one of its own.
    """

    def __init__(
        self, pool: BlockingConnectionPool, *, lease_s: float, database: RedisDatabase | None = None, **options: Any
    ) -> None:
        self._first = f"{options['queue_name']}:{AGAIN}"
        super().__init__("redis://", consumer_id="0", additional_streams={self._first: ">"}, **options)
        self.connection_pool = pool  # in place of the one it makes of a URL, which never connected
        self._lease_s = lease_s
        self._database = database
        self._held: dict[str, set[bytes]] = {self._first: set(), self.queue_name: set()}

    async def kick(self, message: BrokerMessage) -> None:
        if message.labels.get(AGAIN):
            message.labels["queue_name"] = self._first
        await super().kick(message)

    async def listen(self) -> AsyncGenerator[AckableMessage, None]:
        renewing = asyncio.create_task(self._renew(), name=f"lease-{self.queue_name}")
        line = Line(self.connection_pool.make_connection, deadline_s=_BLOCK_MS / 1000 + 2)
        looked_at = 0.0
        try:
            async with Redis(connection_pool=self.connection_pool) as redis:
                while True:
                    try:
                        taken: list[_Entry] = []
                        if time.monotonic() - looked_at > self._lease_s / 4:
                            taken = await self._take_abandoned(redis)
                        if not taken:
                            looked_at = time.monotonic()
                            taken = await self._take_new(line)
                    except ResponseError as error:
                        if "NOGROUP" not in str(error):
                            raise
                        await self._declare_consumer_group()
                        continue
                    for stream, entry_id, _ in taken:
                        self._held[stream].add(entry_id)
                    for stream, entry_id, content in taken:
                        yield AckableMessage(data=content[b"data"], ack=self._done_with(stream, entry_id))
        finally:
            await end([renewing])
            await line.close()

    async def _take_abandoned(self, redis: "Redis") -> "list[_Entry]":
        lease_ms = int(self._lease_s * 1000)
        for stream in self._held:
            _, entries, *_ = await redis.xautoclaim(
                stream, self.consumer_group_name, self.consumer_name, min_idle_time=lease_ms, count=1
            )
            if entries:
                return [(stream, entry_id, content) for entry_id, content in entries]
        return []

    async def _take_new(self, line: Line) -> "list[_Entry]":
        """One message of each stream at most, those that come again first. Over a line of its own: what waits for an
        answer there, waits behind it."""
        (fetched,) = await line.ask(
            [
                (
                    *("XREADGROUP", "GROUP", self.consumer_group_name, self.consumer_name, "COUNT", 1),
                    *("BLOCK", _BLOCK_MS, "STREAMS", *self._held, *(">" for _ in self._held)),
                )
            ]
        )
        if isinstance(fetched, Exception):
            raise fetched
        pairs = fetched.items() if isinstance(fetched, dict) else fetched or ()
        return [
            (stream.decode(), entry_id, dict(zip(fields[::2], fields[1::2], strict=True)))
            for stream, entries in pairs
            for entry_id, fields in entries
        ]

    def _done_with(self, stream: str, entry_id: bytes) -> Callable[[], Awaitable[None]]:
        async def acknowledge() -> None:
            self._held[stream].discard(entry_id)
            if self._database is not None:
                await self._database.execute(
                    ("XACK", stream, self.consumer_group_name, entry_id), ("XDEL", stream, entry_id)
                )
                return
            async with Redis(connection_pool=self.connection_pool) as redis:
                pipeline = redis.pipeline(transaction=False)
                pipeline.xack(stream, self.consumer_group_name, entry_id)
                pipeline.xdel(stream, entry_id)
                await pipeline.execute()

        return acknowledge

    async def _renew(self) -> None:
        """Claims anew what is held, so that it does not look abandoned."""
        while True:
            await asyncio.sleep(self._lease_s / 4)
            for stream, held in self._held.items():
                if not held:
                    continue
                with contextlib.suppress(RedisError, OSError, RuntimeError):
                    async with Redis(connection_pool=self.connection_pool) as redis:
                        await redis.xclaim(
                            stream,
                            self.consumer_group_name,
                            self.consumer_name,
                            min_idle_time=0,
                            message_ids=list(held),
                            justid=True,
                        )


class StreamBrokers:
    """One broker a queue, made when first asked for, under keys that begin with ``prefix``.

    ``lease_s``: after how long the messages of a silent worker are taken. ``database``: the same server, over whose
    connection is sent what need not wait. Close with ``async with``. Raises `AddressError`.
    """

    def __init__(self, url: str, *, prefix: str, lease_s: float, database: RedisDatabase | None = None) -> None:
        self._address = RedisAddress.parse(url)
        self._database = database
        self._prefix = prefix
        self._lease_s = lease_s
        self._brokers: dict[str, AsyncBroker] = {}

    def __call__(self, queue: str) -> AsyncBroker:
        """The broker of the queue."""
        if queue not in self._brokers:
            pool = self._address.pool(
                BlockingConnectionPool, socket_timeout=_BLOCK_MS / 1000 + 2, socket_connect_timeout=2
            )
            self._brokers[queue] = LeasedStreamBroker(
                pool,
                lease_s=self._lease_s,
                database=self._database,
                queue_name=f"{self._prefix}{queue}",
                consumer_group_name="workers",
            )
        return self._brokers[queue]

    async def send_once(self, queue: str, message: bytes, name: str, for_s: float) -> None:
        """Sends the message to the queue unless somebody has sent the one of this name within the time, in one trip.
        Needs the ``database``. Raises `BusUnavailableError`."""
        assert self._database is not None
        stream = f"{self._prefix}{queue}"
        claim = self._database.key(f"{{{stream}}}:claim:{name}")  # by its tag in the stream's slot
        await self._database.evaluate(_ONCE, [stream, claim], message, int(for_s * 1000))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        for broker in self._brokers.values():
            with contextlib.suppress(RedisError, OSError):
                await broker.shutdown()
