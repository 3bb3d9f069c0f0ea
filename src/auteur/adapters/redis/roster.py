"""`Roster` on Redis: who is at work renews a lease."""

import asyncio
import contextlib
import math
import time
from collections.abc import Callable, Collection, Sequence
from typing import Self

import structlog
from pydantic import TypeAdapter

from auteur.adapters.background import end
from auteur.adapters.redis.database import ATTEND, RedisDatabase
from auteur.domain.errors import BusUnavailableError
from auteur.domain.ports import Worker

log = structlog.get_logger(__name__)

_WORKER = TypeAdapter(Worker)


class RedisRoster:
    """`Roster` on a `RedisDatabase`. ``worker``: who attends here.

    A lease is renewed every fifth of ``lease_s``. Nobody is called gone before this process has itself been heard for a
    whole lease without a break: after an outage, or a restart, all get the time to say that they are still there. Open
    with ``async with``.
    """

    def __init__(
        self,
        database: RedisDatabase,
        *,
        worker: Worker,
        lease_s: float = 6.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._worker = worker
        self._entry = _WORKER.dump_json(worker)
        self._lease_s = lease_s
        self._monotonic = monotonic
        self._heard_since: float | None = None
        self._heard_at = -math.inf
        self._crew: list[Worker] = []
        self._run = ""
        self._renewing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._renewing = asyncio.create_task(self._renew(), name="redis-roster")
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._renewing is not None:
            await end([self._renewing])
        with contextlib.suppress(BusUnavailableError):
            await self._database.execute(("ZREM", self._database.key("workers"), self._entry))

    async def crew(self) -> Sequence[Worker]:
        """Everybody who was present when our lease was renewed last: not long ago."""
        if self._monotonic() - self._heard_at > self._lease_s / 2:
            await self._attend()
        return self._crew

    async def leads(self) -> bool:
        return min(await self._attend(), key=lambda worker: (worker.since, worker.name)).name == self._worker.name

    async def gone(self, workers: Collection[str]) -> Collection[str]:
        if not workers:
            return set()
        present = {worker.name for worker in await self._attend()}
        if self._heard_since is None or self._monotonic() - self._heard_since < self._lease_s:
            return set()
        return set(workers) - present

    async def _renew(self) -> None:
        while True:
            delay_s = self._lease_s / 5
            try:
                await self._attend()
            except BusUnavailableError:
                delay_s = min(delay_s, 0.3)
            except Exception:  # the lease must go on whatever others have written about themselves
                log.exception("the roster cannot be read")
            await asyncio.sleep(delay_s)

    async def _attend(self) -> list[Worker]:
        """Renews our lease; returns who is present."""
        try:
            run, entries = await self._database.evaluate(
                ATTEND, [self._database.key("workers")], self._entry, int(self._lease_s * 1000)
            )
        except BusUnavailableError:
            if self._monotonic() - self._heard_at > self._lease_s / 2:  # others may have been cut off as long as we
                self._heard_since = None
            raise
        now = self._monotonic()
        if self._heard_since is None or run != self._run or now - self._heard_at > self._lease_s / 2:
            self._heard_since, self._run = now, run
        self._heard_at = now
        self._crew = sorted((_WORKER.validate_json(entry) for entry in entries), key=lambda worker: worker.name)
        return self._crew
