"""The composition root: every adapter meets its port here, and nowhere else."""

import asyncio
import json
import os
import random
import socket
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any, cast

import structlog
from dependency_injector import containers, providers
from dependency_injector.providers import Provider
from filelock import FileLock, Timeout

from auteur.adapters.background import end
from auteur.adapters.engines.previs.animatic import AnimaticHandler
from auteur.adapters.engines.previs.storyboard import StoryboardHandler
from auteur.adapters.engines.process import EngineProcesses
from auteur.adapters.files.workspace import WorkspaceArtifactStore
from auteur.adapters.live.feed import ProjectFeed
from auteur.adapters.live.websocket import SessionLimits
from auteur.adapters.log.memory import MemoryHub, MemoryProgressBus, MemoryStateStore
from auteur.adapters.log.redis.bus import RedisProgressBus
from auteur.adapters.log.redis.store import RedisStateStore
from auteur.adapters.log.sqlite import SqliteDatabase, SqliteProgressBus, SqliteStateStore
from auteur.adapters.metrics import MeteredProgressBus, Metrics
from auteur.adapters.queue.local import LocalTaskQueue, SoleWorkerRegistry
from auteur.adapters.queue.presence import RedisWorkerRegistry
from auteur.adapters.queue.streams import StreamBrokers
from auteur.adapters.queue.taskiq import TaskiqQueue, TaskiqWorker, queue_name
from auteur.adapters.redis.database import RedisDatabase
from auteur.domain.dispatcher import TaskDispatcher
from auteur.domain.errors import ShuttingDownError, UnavailableError
from auteur.domain.executor import Executor, ExecutorLimits
from auteur.domain.pool import PoolMonitor
from auteur.domain.ports import (
    ArtifactStore,
    Clock,
    NewId,
    ProgressBus,
    StateStore,
    TaskHandler,
    TaskQueue,
    Worker,
    WorkerRegistry,
)
from auteur.domain.quality import QualityMapper
from auteur.domain.task import Task
from auteur.domain.tracker import ProjectTracker
from auteur.entrypoints.settings import Settings, choose

log = structlog.get_logger(__name__)

_SWEEP_S = 2.0

Handlers = dict[str, TaskHandler]


def utc_now() -> datetime:
    """The clock of production: aware UTC."""
    return datetime.now(UTC)


def new_uuid() -> str:
    """The ids of production."""
    return str(uuid.uuid4())


def _by_task_type(*handlers: TaskHandler) -> Handlers:
    return {task_type.name: handler for handler in handlers for task_type in handler.task_types}


def _processes(settings: Settings) -> EngineProcesses:
    return EngineProcesses(max_idle=settings.max_concurrent_tasks if settings.run_tasks else 0)


def _mapper(settings: Settings, handlers: Handlers) -> QualityMapper:
    accepts = {t.name: t.preset_parameters for handler in handlers.values() for t in handler.task_types}
    return QualityMapper(
        settings.presets(), settings.default_quality, accepts, settings.preset_overrides(sorted(handlers))
    )


def _tracker(bus: ProgressBus, store: StateStore, settings: Settings) -> ProjectTracker:
    return ProjectTracker(bus, store, snapshot_every=min(100, settings.history_events // 4))


def _dispatcher(
    tracker: ProjectTracker,
    queue: TaskQueue,
    registry: WorkerRegistry,
    handlers: Handlers,
    mapper: QualityMapper,
    clock: Clock,
    settings: Settings,
) -> TaskDispatcher:
    return TaskDispatcher(
        tracker,
        queue,
        registry,
        handlers,
        mapper,
        clock,
        max_queued_per_project=settings.max_queued_per_project,
        max_queued=settings.max_queued,
    )


def _executor(
    bus: ProgressBus,
    tracker: ProjectTracker,
    artifacts: ArtifactStore,
    registry: WorkerRegistry,
    handlers: Handlers,
    clock: Clock,
    worker: Worker,
    settings: Settings,
) -> Executor:
    return Executor(
        bus,
        tracker,
        artifacts,
        registry,
        handlers,
        clock,
        worker=worker.name,
        limits=ExecutorLimits(max_attempts=settings.max_attempts, cancel_grace_s=settings.cancel_grace),
        on_crash=_log_crash,
    )


def _worker(settings: Settings, handlers: Handlers) -> Worker:
    """This process. Its name says where it runs, and is never used again: a restarted container has its host and
    process id. Raises `WrongSettingError`."""
    presets = [settings.presets(), *settings.preset_overrides(sorted(handlers)).values()]
    lanes = {preset.lane for by_quality in presets for preset in by_quality.values()}
    return Worker(
        name=f"{settings.container_name}/{socket.gethostname()}/{os.getpid()}/{uuid.uuid4().hex[:8]}",
        since=utc_now(),
        lanes=choose("WORKER_LANES", settings.worker_lanes, lanes),
        task_types=choose("WORKER_TASK_TYPES", settings.worker_task_types, set(handlers)),
        slots=settings.max_concurrent_tasks if settings.run_tasks else 0,
    )


def _log_crash(task: Task, error: BaseException) -> None:
    log.error("handler crashed", attempt=task.attempt, exc_info=error)


def _queue(executor: Executor, settings: Settings) -> LocalTaskQueue:
    return LocalTaskQueue(
        executor.run, max_concurrent=settings.max_concurrent_tasks, lane_weights=settings.lane_weights
    )


def _brokers(settings: Settings) -> StreamBrokers:
    assert settings.redis_url is not None
    prefix = f"{settings.redis_state_prefix}queue:"
    return StreamBrokers(settings.redis_url.get_secret_value(), prefix=prefix, lease_s=settings.worker_lease)


def _fleet_queue(
    brokers: StreamBrokers, registry: WorkerRegistry, bus: ProgressBus, database: RedisDatabase
) -> TaskiqQueue:
    async def waiting() -> int:
        return sum(known.worker is None for known in await bus.unfinished())

    return TaskiqQueue(brokers, registry, waiting, database.claim)


def _fleet_worker(
    brokers: StreamBrokers,
    queue: TaskiqQueue,
    worker: Worker,
    executor: Executor,
    dispatcher: TaskDispatcher,
    settings: Settings,
) -> TaskiqWorker:
    return TaskiqWorker(
        brokers,
        queue,
        [queue_name(lane, task_type) for lane in worker.lanes for task_type in worker.task_types],
        executor.run,
        refuse=dispatcher.refuse,
        release=dispatcher.release,
        slots=worker.slots,
        lane_weights=settings.lane_weights,
    )


def _session_limits(settings: Settings) -> SessionLimits:
    return SessionLimits(outbox_messages=settings.ws_message_queue_size, messages_per_s=settings.ws_messages_per_second)


def _database(settings: Settings) -> SqliteDatabase:
    return SqliteDatabase(settings.private_directory / "auteur.db")


def _redis(settings: Settings) -> RedisDatabase:
    assert settings.redis_url is not None
    return RedisDatabase.at(settings.redis_url.get_secret_value(), prefix=settings.redis_state_prefix)


def _redis_bus(database: RedisDatabase, settings: Settings) -> ProgressBus:
    return RedisProgressBus(
        database,
        channel=settings.redis_progress_channel,
        history_limit=settings.history_events,
        history_age_s=settings.history_days * 86_400,
    )


def _redis_registry(database: RedisDatabase, worker: Worker, settings: Settings) -> WorkerRegistry:
    return RedisWorkerRegistry(database, worker=worker, lease_s=settings.worker_lease)


class Container(containers.DeclarativeContainer):
    """Plain singletons, made when first asked for; opened and closed by `lifetime`."""

    settings: Provider[Settings] = providers.Dependency(instance_of=Settings)
    clock: Provider[Clock] = providers.Object(utc_now)
    new_id: Provider[NewId] = providers.Object(new_uuid)
    closing: Provider[asyncio.Event] = providers.Singleton(asyncio.Event)
    metrics: Provider[Metrics] = providers.Singleton(Metrics)

    database: Provider[SqliteDatabase] = providers.Singleton(_database, settings)
    redis: Provider[RedisDatabase] = providers.Singleton(_redis, settings)
    hub: Provider[MemoryHub] = providers.Singleton(MemoryHub, history_limit=settings.provided.history_events)
    log_bus: Provider[ProgressBus] = providers.Selector(
        settings.provided.log_backend,
        memory=providers.Singleton(MemoryProgressBus, hub),
        redis=providers.Singleton(_redis_bus, redis, settings),
        sqlite=providers.Singleton(SqliteProgressBus, database, history_limit=settings.provided.history_events),
    )
    store: Provider[StateStore] = providers.Selector(
        settings.provided.log_backend,
        memory=providers.Singleton(MemoryStateStore, hub),
        redis=providers.Singleton(RedisStateStore, redis),
        sqlite=providers.Singleton(SqliteStateStore, database),
    )
    bus: Provider[ProgressBus] = providers.Singleton(MeteredProgressBus, log_bus, metrics)
    artifacts: Provider[ArtifactStore] = providers.Singleton(WorkspaceArtifactStore, settings.provided.workspace)
    processes: Provider[EngineProcesses] = providers.Singleton(_processes, settings)
    handlers: Provider[Handlers] = providers.Singleton(
        _by_task_type,
        providers.Singleton(StoryboardHandler, processes),
        providers.Singleton(AnimaticHandler, processes, artifacts),
    )
    worker: Provider[Worker] = providers.Singleton(_worker, settings, handlers)
    registry: Provider[WorkerRegistry] = providers.Selector(
        settings.provided.log_backend,
        memory=providers.Singleton(SoleWorkerRegistry, worker),
        sqlite=providers.Singleton(SoleWorkerRegistry, worker),
        redis=providers.Singleton(_redis_registry, redis, worker, settings),
    )
    mapper: Provider[QualityMapper] = providers.Singleton(_mapper, settings, handlers)
    tracker: Provider[ProjectTracker] = providers.Singleton(_tracker, bus, store, settings)
    executor: Provider[Executor] = providers.Singleton(
        _executor, bus, tracker, artifacts, registry, handlers, clock, worker, settings
    )
    local_queue: Provider[LocalTaskQueue] = providers.Singleton(_queue, executor, settings)
    brokers: Provider[StreamBrokers] = providers.Singleton(_brokers, settings)
    fleet: Provider[TaskiqQueue] = providers.Singleton(_fleet_queue, brokers, registry, bus, redis)
    queue: Provider[TaskQueue] = providers.Selector(
        settings.provided.log_backend, memory=local_queue, sqlite=local_queue, redis=fleet
    )
    dispatcher: Provider[TaskDispatcher] = providers.Singleton(
        _dispatcher, tracker, queue, registry, handlers, mapper, clock, settings
    )
    fleet_worker: Provider[TaskiqWorker] = providers.Singleton(
        _fleet_worker, brokers, fleet, worker, executor, dispatcher, settings
    )
    pool_monitor: Provider[PoolMonitor] = providers.Singleton(PoolMonitor, tracker, registry, clock)
    feed: Provider[ProjectFeed] = providers.Singleton(ProjectFeed, bus, tracker, clock, new_id)
    session_limits: Provider[SessionLimits] = providers.Singleton(_session_limits, settings)


def build(settings: Settings) -> Container:
    """A container for these settings; nothing is opened yet."""
    return Container(settings=providers.Object(settings))


class WorkspaceInUseError(Exception):
    """Another process runs tasks on this workspace; ``url`` is where it answers, if it said so."""

    def __init__(self, url: str | None) -> None:
        super().__init__("Another auteur runs on this workspace" + (f" at {url}." if url else "."))
        self.url = url


@asynccontextmanager
async def lifetime(container: Container, *, url: str | None = None, resume: bool = True) -> AsyncIterator[None]:
    """Opens what the container made, in order, and closes it in reverse.

    Embedded, one process at a time runs the tasks of a workspace; with Redis any number do, and none needs it to start.
    ``url``: where this one answers, told to others on the same machine. ``resume``: take up what others left.
    Raises `WorkspaceInUseError`, `OSError` where the
    workspace cannot be made, `BusUnavailableError` where the log cannot be opened.
    """
    settings = container.settings()
    private = settings.private_directory
    async with AsyncExitStack() as stack:
        private.mkdir(parents=True, exist_ok=True)
        if settings.log_backend == "sqlite":
            lock = FileLock(private / "lock", thread_local=False)
            try:
                lock.acquire(blocking=False)
            except Timeout:
                raise WorkspaceInUseError(running_service(settings)) from None
            stack.callback(lock.release)
            await stack.enter_async_context(container.database())
            await stack.enter_async_context(cast("Any", container.log_bus()))
        if settings.log_backend == "redis":
            for part in (container.redis(), container.log_bus(), container.registry(), container.brokers()):
                await stack.enter_async_context(cast("Any", part))
        if url is not None:
            _tell_where(settings, url)
            stack.callback(_tell_no_more, settings, url)
        await stack.enter_async_context(container.processes())
        stack.push_async_callback(shut_down, container)
        if settings.log_backend == "redis":
            await stack.enter_async_context(container.fleet_worker())
        if resume and settings.log_backend == "redis":
            sweep = asyncio.create_task(_sweep(container.dispatcher()), name="sweep")
            stack.push_async_callback(end, [sweep])
        elif resume:
            taken_up = await container.dispatcher().recover()
            if taken_up:
                log.info("taking up what was left", tasks=taken_up)
        yield


async def _sweep(dispatcher: TaskDispatcher) -> None:
    """Sees to it, again and again, that whatever was accepted is on its way, until new work is refused."""
    while True:
        try:
            await dispatcher.recover()
        except ShuttingDownError:
            return
        except UnavailableError:
            pass  # said by those who watch the connection
        except Exception:
            log.exception("sweep failed")
        await asyncio.sleep(_SWEEP_S * random.uniform(0.7, 1.0))


async def shut_down(container: Container) -> None:
    """Refuses new work, tells clients to come back, drains or hands back what runs. Harmless to repeat."""
    container.dispatcher().close()
    container.closing().set()
    await requeue_running(container, container.settings().shutdown_drain)


async def requeue_running(container: Container, drain_s: float) -> None:
    """Takes no task up any more; after ``drain_s`` those that still run go back. Harmless to repeat."""
    settings = container.settings()
    await (container.fleet_worker() if settings.log_backend == "redis" else container.local_queue()).close(drain_s)


def running_service(settings: Settings) -> str | None:
    """Where a service on this workspace said that it answers, None if none did."""
    with suppress(OSError, ValueError, KeyError):
        return str(json.loads(_service_file(settings).read_text())["url"])
    return None


def _tell_where(settings: Settings, url: str) -> None:
    _service_file(settings).write_text(json.dumps({"url": url, "pid": os.getpid()}))


def _tell_no_more(settings: Settings, url: str) -> None:
    if running_service(settings) == url:  # another replica may have told of itself since
        _service_file(settings).unlink(missing_ok=True)


def _service_file(settings: Settings) -> Any:
    return settings.private_directory / "service.json"
