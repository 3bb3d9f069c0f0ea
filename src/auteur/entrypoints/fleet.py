"""The fleet: the log, the queue and the registry in one Redis, and tasks run wherever a worker is."""

import asyncio
import dataclasses
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import ClassVar

import structlog
from dependency_injector import containers, providers
from dependency_injector.providers import Provider

from auteur.adapters.access.redis import RedisAccessStore
from auteur.adapters.background import end
from auteur.adapters.log.redis.bus import RedisProgressBus
from auteur.adapters.log.redis.library import RedisProjectLibrary
from auteur.adapters.log.redis.outbox import RedisWebhookOutbox
from auteur.adapters.log.redis.store import RedisStateStore
from auteur.adapters.log.redis.webhooks import RedisWebhookStore
from auteur.adapters.queue.local import LocalTaskQueue, Run, RunSent
from auteur.adapters.queue.presence import GuestRegistry, RedisWorkerRegistry
from auteur.adapters.queue.streams import StreamBrokers
from auteur.adapters.queue.taskiq import TaskiqQueue, TaskiqWorker, queue_name
from auteur.adapters.redis.database import RedisDatabase
from auteur.adapters.redis.server import risks_of
from auteur.domain.dispatcher import TaskDispatcher
from auteur.domain.errors import BusUnavailableError, UnavailableError
from auteur.domain.ports import (
    AccessStore,
    ProgressBus,
    ProjectLibrary,
    StateStore,
    TaskQueue,
    WebhookOutbox,
    WebhookStore,
    Worker,
    WorkerRegistry,
)
from auteur.domain.routing import EngineRouter
from auteur.entrypoints.deployment import Deployment, Finding, LogPart
from auteur.entrypoints.embedded import local_queue
from auteur.entrypoints.settings import PREFIX, Settings

log = structlog.get_logger(__name__)

_SWEEP_S = 2.0


@dataclass(eq=False, repr=False)
class _OnRedis:
    """What is the same for all that share a Redis, whether they take the fleet's tasks or not."""

    name = "redis"
    is_shared = True
    log_part: ClassVar[LogPart] = "redis"

    _database: RedisDatabase
    _bus: RedisProgressBus
    _registry: RedisWorkerRegistry
    _worker: Worker
    _settings: Settings

    @asynccontextmanager
    async def storage(self) -> AsyncIterator[None]:
        async with self._database, self._bus, self._registry:
            yield

    async def examine(self) -> Sequence[Finding]:
        """Says nothing of the address: it may hold a password."""
        try:
            async with self._database, self._registry:
                server = await self._database.describe()
                present = await self._registry.workers()
                late = await self._database.check_writable(self._settings.redis_progress_channel)
        except BusUnavailableError as error:
            cause = f"{error.cause.words} ({error.cause.code})" if error.cause else "cannot be used"
            return [Finding(False, "backend", f"redis: {cause}; look at {PREFIX}REDIS_URL and the server")]
        version = server.get("valkey_version") or server["redis_version"]
        told = f"redis {version}, {server['used_memory_human']} used, up {server['uptime_in_days']} days"
        workers = [worker for worker in present if worker.slots and worker.name != self._worker.name]
        slots = sum(worker.slots for worker in workers)
        at_work = f"{len(workers)} at work, {slots} tasks at a time" if workers else "none is at work"
        return [
            Finding(True, "backend", told),
            *(Finding(None, "backend", risk) for risk in [*risks_of(server), *([late.words] if late else [])]),
            Finding(bool(workers) or None, "workers", at_work),
        ]


@dataclass(eq=False, repr=False)
class FleetDeployment(_OnRedis):
    """`Deployment` of one replica or worker among any number; none needs Redis to start."""

    _brokers: StreamBrokers
    _taking: TaskiqWorker
    _dispatcher: TaskDispatcher

    @asynccontextmanager
    async def storage(self) -> AsyncIterator[None]:
        async with super().storage(), self._brokers:
            yield

    @asynccontextmanager
    async def at_work(self, *, resume: bool) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._taking)
            if resume:
                sweep = asyncio.create_task(_sweep(self._dispatcher), name="sweep")
                stack.push_async_callback(end, [sweep])
            yield

    async def requeue_running(self, drain_s: float) -> None:
        await self._taking.close(drain_s)


@dataclass(eq=False, repr=False)
class GuestDeployment(_OnRedis):
    """`Deployment` of a process that runs the tasks it has itself asked for, and nobody else's."""

    _queue: LocalTaskQueue

    @asynccontextmanager
    async def at_work(self, *, resume: bool) -> AsyncIterator[None]:
        yield

    async def requeue_running(self, drain_s: float) -> None:
        await self._queue.close(drain_s)


async def _sweep(dispatcher: TaskDispatcher) -> None:
    """Sees to it, again and again, that whatever was accepted is on its way."""
    while True:
        try:
            await dispatcher.recover()
        except UnavailableError:
            pass  # said by those who watch the connection
        except Exception:
            log.exception("sweep failed")
        await asyncio.sleep(_SWEEP_S * random.uniform(0.7, 1.0))


def _address(settings: Settings) -> str:
    assert settings.redis_url is not None
    return settings.redis_url.get_secret_value()


def _redis(settings: Settings) -> RedisDatabase:
    return RedisDatabase.at(_address(settings), prefix=settings.redis_state_prefix)


def _bus(database: RedisDatabase, settings: Settings) -> RedisProgressBus:
    return RedisProgressBus(
        database,
        channel=settings.redis_progress_channel,
        history_limit=settings.history_events,
        history_age_s=settings.history_days * 86_400,
    )


def _registry(database: RedisDatabase, worker: Worker, settings: Settings) -> RedisWorkerRegistry:
    return RedisWorkerRegistry(database, worker=worker, lease_s=settings.worker_lease)


def _brokers(settings: Settings, database: RedisDatabase) -> StreamBrokers:
    prefix = f"{settings.redis_state_prefix}queue:"
    return StreamBrokers(_address(settings), prefix=prefix, lease_s=settings.worker_lease, database=database)


def _queue(
    brokers: StreamBrokers, registry: WorkerRegistry, store: StateStore, database: RedisDatabase, router: EngineRouter
) -> TaskiqQueue:
    async def waiting() -> int:
        return sum(known.waits_for_worker for known in await store.unfinished())

    return TaskiqQueue(brokers, registry, waiting, database.claim, router.queue_engine, brokers.send_once)


def _taking(
    brokers: StreamBrokers,
    queue: TaskiqQueue,
    worker: Worker,
    run: RunSent,
    dispatcher: TaskDispatcher,
    settings: Settings,
) -> TaskiqWorker:
    return TaskiqWorker(
        brokers,
        queue,
        [queue_name(lane, *made.rsplit(".", 1)) for lane in worker.lanes for made in worker.makes],
        run,
        refuse=dispatcher.refuse,
        release=dispatcher.release,
        slots=worker.slots,
        lane_weights=settings.lane_weights,
        run_sent=run,
    )


def _guest(worker: Worker) -> Worker:
    """Present, so that its tasks are not taken for lost, but nobody may count on it."""
    return dataclasses.replace(worker, lanes=(), task_types=(), makes=(), slots=0)


class OnRedis(containers.DeclarativeContainer):
    """What all that share a Redis have. The first group is what `Container` lends it."""

    settings: Provider[Settings] = providers.Dependency(instance_of=Settings)
    worker: Provider[Worker] = providers.Dependency(instance_of=Worker)
    run: Provider[Run] = providers.Dependency()
    dispatcher: Provider[TaskDispatcher] = providers.Dependency(instance_of=TaskDispatcher)
    router: Provider[EngineRouter] = providers.Dependency(instance_of=EngineRouter)

    redis: Provider[RedisDatabase] = providers.Singleton(_redis, settings)

    log_bus: Provider[ProgressBus] = providers.Singleton(_bus, redis, settings)
    store: Provider[StateStore] = providers.Singleton(RedisStateStore, redis)
    library: Provider[ProjectLibrary] = providers.Singleton(RedisProjectLibrary, redis)
    webhook_store: Provider[WebhookStore] = providers.Singleton(RedisWebhookStore, redis)
    webhook_outbox: Provider[WebhookOutbox] = providers.Singleton(RedisWebhookOutbox, redis)
    access_store: Provider[AccessStore] = providers.Singleton(RedisAccessStore, redis)
    access_home: Provider[RedisDatabase] = redis


class Fleet(OnRedis):
    """Fills the ports that depend on the deployment: a replica or a worker."""

    brokers: Provider[StreamBrokers] = providers.Singleton(_brokers, OnRedis.settings, OnRedis.redis)

    registry: Provider[WorkerRegistry] = providers.Singleton(_registry, OnRedis.redis, OnRedis.worker, OnRedis.settings)
    queue: Provider[TaskQueue] = providers.Singleton(
        _queue, brokers, registry, OnRedis.store, OnRedis.redis, OnRedis.router
    )
    taking: Provider[TaskiqWorker] = providers.Singleton(
        _taking, brokers, queue, OnRedis.worker, OnRedis.run, OnRedis.dispatcher, OnRedis.settings
    )
    deployment: Provider[Deployment] = providers.Singleton(
        FleetDeployment,
        OnRedis.redis,
        OnRedis.log_bus,
        registry,
        OnRedis.worker,
        OnRedis.settings,
        brokers,
        taking,
        OnRedis.dispatcher,
    )


class Guest(OnRedis):
    """Fills the ports that depend on the deployment: a process with tasks of its own on the fleet's log."""

    presence: Provider[RedisWorkerRegistry] = providers.Singleton(
        _registry, OnRedis.redis, providers.Singleton(_guest, OnRedis.worker), OnRedis.settings
    )

    registry: Provider[WorkerRegistry] = providers.Singleton(GuestRegistry, presence, OnRedis.worker)
    queue: Provider[TaskQueue] = providers.Singleton(
        local_queue, OnRedis.run, OnRedis.dispatcher.provider, OnRedis.settings
    )
    deployment: Provider[Deployment] = providers.Singleton(
        GuestDeployment, OnRedis.redis, OnRedis.log_bus, presence, OnRedis.worker, OnRedis.settings, queue
    )
