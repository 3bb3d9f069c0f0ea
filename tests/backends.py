"""Every backend as the contract suites see it: two processes' worth of bus and store on the same ground."""

import contextlib
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fakeredis import FakeAsyncRedis, FakeServer

from auteur.adapters.log.memory import (
    MemoryHub,
    MemoryProgressBus,
    MemoryProjectLibrary,
    MemoryStateStore,
    MemoryWebhookOutbox,
    MemoryWebhookStore,
)
from auteur.adapters.log.redis.bus import RedisProgressBus
from auteur.adapters.log.redis.library import RedisProjectLibrary
from auteur.adapters.log.redis.outbox import RedisWebhookOutbox
from auteur.adapters.log.redis.store import RedisStateStore
from auteur.adapters.log.redis.webhooks import RedisWebhookStore
from auteur.adapters.log.sqlite.bus import SqliteProgressBus
from auteur.adapters.log.sqlite.database import SqliteDatabase
from auteur.adapters.log.sqlite.library import SqliteProjectLibrary
from auteur.adapters.log.sqlite.outbox import SqliteWebhookOutbox
from auteur.adapters.log.sqlite.store import SqliteStateStore
from auteur.adapters.log.sqlite.webhooks import SqliteWebhookStore
from auteur.adapters.redis.database import RedisDatabase, Script
from auteur.domain.ports import ProgressBus, ProjectLibrary, StateStore, WebhookOutbox, WebhookStore
from tests.servers import RedisServer
from tests.waiting import LONG_S

BACKENDS = ["memory", "sqlite", "fakeredis", "redis"]
HISTORY = 50


@dataclass
class Ground:
    """``buses`` and ``stores``: one for each of two processes."""

    buses: tuple[ProgressBus, ProgressBus]
    stores: tuple[StateStore, StateStore]
    webhooks: tuple[WebhookStore, WebhookStore]
    outboxes: tuple[WebhookOutbox, WebhookOutbox]
    libraries: tuple[ProjectLibrary, ProjectLibrary]


class FakeRedisDatabase(RedisDatabase):
    """What fakeredis lacks: INFO, and scripts with flags."""

    async def _ask_run(self, server: Any) -> str:
        return "fakefake"

    def _text(self, script: Script, run: str) -> str:
        return super()._text(script, run).partition("\n")[2]


def memory_ground(
    hub: MemoryHub,
    bus: type[MemoryProgressBus] = MemoryProgressBus,
    store: type[MemoryStateStore] = MemoryStateStore,
    outbox: type[MemoryWebhookOutbox] = MemoryWebhookOutbox,
) -> Ground:
    """Two of each on the hub."""
    return Ground(
        (bus(hub), bus(hub)),
        (store(hub), store(hub)),
        (MemoryWebhookStore(hub), MemoryWebhookStore(hub)),
        (outbox(hub), outbox(hub)),
        (MemoryProjectLibrary(hub), MemoryProjectLibrary(hub)),
    )


@contextlib.asynccontextmanager
async def ground(backend: str, directory: Path, server: Callable[[], RedisServer]) -> AsyncIterator[Ground]:
    """``server``: gives the real server where one is needed."""
    if backend == "memory":
        hub = MemoryHub(history_limit=HISTORY)
        yield memory_ground(hub, MemoryProgressBus)
        return
    async with contextlib.AsyncExitStack() as stack:
        enter = stack.enter_async_context
        if backend == "sqlite":
            files = [await enter(SqliteDatabase(directory / "log.db")) for _ in range(2)]

            buses = [
                await enter(SqliteProgressBus(file, history_limit=HISTORY, poll_interval_s=0.01, words_at_a_time=2))
                for file in files
            ]
            yield Ground(
                (buses[0], buses[1]),
                (SqliteStateStore(files[0]), SqliteStateStore(files[1])),
                (SqliteWebhookStore(files[0]), SqliteWebhookStore(files[1])),
                (SqliteWebhookOutbox(files[0]), SqliteWebhookOutbox(files[1])),
                (SqliteProjectLibrary(files[0]), SqliteProjectLibrary(files[1])),
            )
            return
        databases = [await enter(database) for database in redis_databases(backend, server)]
        channel = f"channel-{uuid.uuid4()}"
        shared = [
            await enter(RedisProgressBus(database, channel=channel, history_limit=HISTORY)) for database in databases
        ]

        one, other = databases
        yield Ground(
            (shared[0], shared[1]),
            (RedisStateStore(one), RedisStateStore(other)),
            (RedisWebhookStore(one), RedisWebhookStore(other)),
            (RedisWebhookOutbox(one), RedisWebhookOutbox(other)),
            (RedisProjectLibrary(one), RedisProjectLibrary(other)),
        )


def redis_databases(backend: str, server: Callable[[], RedisServer]) -> list[RedisDatabase]:
    """Two on the same ground, which is theirs alone."""
    prefix = f"test-{uuid.uuid4().hex}:"
    if backend == "fakeredis":
        fake = FakeServer()
        return [FakeRedisDatabase(FakeAsyncRedis(server=fake), prefix=prefix, deadline_s=5) for _ in range(2)]
    return [RedisDatabase.at(server().url, prefix=prefix, deadline_s=LONG_S) for _ in range(2)]
