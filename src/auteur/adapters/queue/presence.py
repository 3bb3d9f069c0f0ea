"""`WorkerRegistry` on Redis: who is at work renews a lease."""

import asyncio
import contextlib
import math
import time
from collections.abc import Callable, Collection, Sequence
from typing import Self

import structlog
from pydantic import TypeAdapter

from auteur.adapters.background import end
from auteur.adapters.redis.database import RedisDatabase, Script
from auteur.domain.errors import BusUnavailableError
from auteur.domain.ports import Worker

log = structlog.get_logger(__name__)

_WORKER = TypeAdapter(Worker)
ATTEND = Script(__package__, "attend", "allow-oom", ("attend",))


class RedisWorkerRegistry:
    """`WorkerRegistry` on a `RedisDatabase`. ``worker``: who attends here.

    A lease is renewed every fifth of ``lease_s``. Nobody is called gone before this process has itself been heard for a
    whole lease without a break: after an outage, a restart, or where somebody has flushed the server, all get the time
    to say that they are still there. Open with ``async with``.
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
        self._renewed_since: float | None = None
        self._renewed_at = -math.inf
        self._workers: list[Worker] = []
        self._run = ""
        self._renewing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._renewing = asyncio.create_task(self._renew(), name="redis-registry")
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._renewing is not None:
            await end([self._renewing])
        with contextlib.suppress(BusUnavailableError):
            await self._database.execute(("ZREM", self._database.key("workers"), self._entry))

    async def workers(self) -> Sequence[Worker]:
        """Everybody who was present when our lease was renewed last: not long ago."""
        if self._monotonic() - self._renewed_at > self._lease_s / 2:
            await self._renew_lease()
        return self._workers

    async def is_leader(self) -> bool:
        present = [worker for worker in await self._renew_lease() if worker.lanes]  # a guest does no chores
        leader = min(present, key=lambda worker: (worker.since, worker.name), default=None)
        return leader is not None and leader.name == self._worker.name

    async def expired(self, workers: Collection[str]) -> Collection[str]:
        if not workers:
            return set()
        present = {worker.name for worker in await self._renew_lease()}
        if self._renewed_since is None or self._monotonic() - self._renewed_since < self._lease_s:
            return set()
        return set(workers) - present

    async def _renew(self) -> None:
        while True:
            delay_s = self._lease_s / 5
            try:
                await self._renew_lease()
            except BusUnavailableError:
                delay_s = min(delay_s, 0.3)
            except Exception:  # the lease must go on whatever others have written about themselves
                log.exception("the registry cannot be read")
            await asyncio.sleep(delay_s)

    async def _renew_lease(self) -> list[Worker]:
        """Renews our lease; returns who is present."""
        try:
            run, (is_new, entries) = await self._database.evaluate(
                ATTEND, [self._database.key("workers")], self._entry, int(self._lease_s * 1000)
            )
        except BusUnavailableError:
            if self._monotonic() - self._renewed_at > self._lease_s / 2:  # others may have been cut off as long as we
                self._renewed_since = None
            raise
        now = self._monotonic()
        was_cut_off = run != self._run or now - self._renewed_at > self._lease_s / 2
        if self._renewed_since is None or was_cut_off or is_new:  # whoever took our entry took the others', too
            self._renewed_since, self._run = now, run
        self._renewed_at = now
        self._workers = sorted((_WORKER.validate_json(entry) for entry in entries), key=lambda worker: worker.name)
        return self._workers


class GuestRegistry:
    """`WorkerRegistry` as a guest sees it: a process that runs its own tasks on a fleet's log, and no chores.

    ``worker``: the guest as it is for itself; to the others it shows neither lanes nor slots.
    """

    def __init__(self, registry: RedisWorkerRegistry, worker: Worker) -> None:
        self._registry = registry
        self._worker = worker

    async def workers(self) -> Sequence[Worker]:
        others = [worker for worker in await self._registry.workers() if worker.name != self._worker.name]
        return sorted([*others, self._worker], key=lambda worker: worker.name)

    async def is_leader(self) -> bool:
        return False

    async def expired(self, workers: Collection[str]) -> Collection[str]:
        return await self._registry.expired(workers)
