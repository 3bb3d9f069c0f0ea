"""Every backend as the contract suites see it: two processes' worth of bus and store on the same ground."""

import contextlib
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fakeredis import FakeAsyncRedis, FakeServer

from auteur.adapters.log.memory import MemoryHub, MemoryProgressBus, MemoryStateStore
from auteur.adapters.log.redis.bus import RedisProgressBus
from auteur.adapters.log.redis.store import RedisStateStore
from auteur.adapters.log.sqlite import SqliteDatabase, SqliteProgressBus, SqliteStateStore
from auteur.adapters.redis.database import RedisDatabase, Script
from auteur.domain.ports import ProgressBus, StateStore
from tests.servers import RedisServer

BACKENDS = ["memory", "sqlite", "fakeredis", "redis"]
HISTORY = 50


@dataclass
class Ground:
    """``buses`` and ``stores``: one for each of two processes. ``lose_history``: has the log begin a new epoch."""

    buses: tuple[ProgressBus, ProgressBus]
    stores: tuple[StateStore, StateStore]
    lose_history: Callable[[], Awaitable[Any]]


class FakeRedisDatabase(RedisDatabase):
    """What fakeredis lacks: INFO, and scripts with flags."""

    async def _ask_run(self, server: Any) -> str:
        return "fakefake"

    def _text(self, script: Script, run: str) -> str:
        return super()._text(script, run).partition("\n")[2]


@contextlib.asynccontextmanager
async def ground(backend: str, directory: Path, server: Callable[[], RedisServer]) -> AsyncIterator[Ground]:
    """``server``: gives the real server where one is needed."""
    if backend == "memory":
        hub = MemoryHub(history_limit=HISTORY)

        async def lose_history() -> None:
            hub.epoch = "begunagain"
            hub.logs.clear()

        yield Ground(
            (MemoryProgressBus(hub), MemoryProgressBus(hub)),
            (MemoryStateStore(hub), MemoryStateStore(hub)),
            lose_history,
        )
        return
    async with contextlib.AsyncExitStack() as stack:
        enter = stack.enter_async_context
        if backend == "sqlite":
            files = [await enter(SqliteDatabase(directory / "log.db")) for _ in range(2)]

            async def begin_again() -> None:
                for file in files:
                    file.epoch = "begunagain"
                await files[0].call(
                    lambda connection: connection.executescript("DELETE FROM heads; DELETE FROM events")
                )

            buses = [
                await enter(SqliteProgressBus(file, history_limit=HISTORY, poll_interval_s=0.01)) for file in files
            ]
            yield Ground((buses[0], buses[1]), (SqliteStateStore(files[0]), SqliteStateStore(files[1])), begin_again)
            return
        databases = [await enter(database) for database in redis_databases(backend, server)]
        channel = f"channel-{uuid.uuid4()}"
        shared = [
            await enter(RedisProgressBus(database, channel=channel, history_limit=HISTORY)) for database in databases
        ]

        async def delete_log() -> None:
            _, key, *_ = databases[0].keys_of("film")
            await databases[0].execute(("DEL", key))

        yield Ground((shared[0], shared[1]), (RedisStateStore(databases[0]), RedisStateStore(databases[1])), delete_log)


def redis_databases(backend: str, server: Callable[[], RedisServer]) -> list[RedisDatabase]:
    """Two on the same ground, which is theirs alone."""
    prefix = f"test-{uuid.uuid4().hex}:"
    if backend == "fakeredis":
        fake = FakeServer()
        return [FakeRedisDatabase(FakeAsyncRedis(server=fake), prefix=prefix, deadline_s=5) for _ in range(2)]
    return [RedisDatabase.at(server().url, prefix=prefix) for _ in range(2)]
