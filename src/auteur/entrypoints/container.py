"""The composition root: what every deployment has, and which deployment it is.

Every adapter meets its port here, in `embedded` or in `fleet`, and nowhere else.
"""

import asyncio
import os
import random
import socket
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta

import structlog
from dependency_injector import containers, providers
from dependency_injector.providers import Provider

from auteur.adapters.background import end
from auteur.adapters.engines.discovery import Engines, discover, installed
from auteur.adapters.engines.process import EngineProcesses
from auteur.adapters.engines.tools import EngineTools
from auteur.adapters.files.workspace import WorkspaceArtifactStore
from auteur.adapters.live.feed import ProjectFeed
from auteur.adapters.live.websocket import SessionLimits
from auteur.adapters.metrics import MeteredProgressBus, Metrics
from auteur.adapters.queue.local import Run
from auteur.domain.archive import ProjectArchive, Retention
from auteur.domain.dispatcher import TaskDispatcher
from auteur.domain.errors import UnavailableError
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
from auteur.domain.project import ProjectReader
from auteur.domain.quality import QualityMapper
from auteur.domain.task import Task
from auteur.entrypoints.deployment import Deployment
from auteur.entrypoints.embedded import Embedded
from auteur.entrypoints.fleet import Fleet, Guest
from auteur.entrypoints.service_file import WorkspaceInUseError, announced, running_service
from auteur.entrypoints.settings import PREFIX, Settings, WrongSettingError, choose

__all__ = [
    "Container",
    "WorkspaceInUseError",
    "build",
    "lifetime",
    "requeue_running",
    "running_service",
    "shut_down",
]

log = structlog.get_logger(__name__)

_MAINTENANCE_S = 60.0

Handlers = dict[str, TaskHandler]


def utc_now() -> datetime:
    """The clock of production: aware UTC."""
    return datetime.now(UTC)


def new_uuid() -> str:
    """The ids of production."""
    return str(uuid.uuid4())


def _engines(processes: EngineProcesses, artifacts: ArtifactStore, settings: Settings) -> Engines:
    """The engines that are installed and chosen; one that cannot be used is left out, and the log says so.

    Raises `WrongSettingError` where an engine that was asked for by name cannot be had, or none at all.
    """
    wanted = {name.strip() for name in settings.engines.split(",") if name.strip()}
    found = discover(installed(), EngineTools(processes, artifacts), wanted)
    choose("ENGINES", settings.engines, set(found.names))
    for problem in found.problems:
        if problem.name in wanted:
            raise WrongSettingError(f"{PREFIX}ENGINES: {problem}")
        log.error("an engine is left out", engine=problem.name, package=problem.package, reason=problem.reason)
    if not found.handlers:
        raise WrongSettingError("no engine is installed, not even auteur's own: install the package again")
    return found


def _handlers(engines: Engines) -> Handlers:
    return dict(engines.handlers)


def _processes(settings: Settings) -> EngineProcesses:
    max_idle = settings.max_concurrent_tasks if settings.run_tasks else 0
    return EngineProcesses(max_idle=max_idle, gives_way=settings.engines_give_way)


def _mapper(settings: Settings, handlers: Handlers) -> QualityMapper:
    accepts = {t.name: t.preset_parameters for handler in handlers.values() for t in handler.task_types}
    return QualityMapper(
        settings.presets(), settings.default_quality, accepts, settings.preset_overrides(sorted(handlers))
    )


def _dispatcher(
    bus: ProgressBus,
    store: StateStore,
    queue: TaskQueue,
    registry: WorkerRegistry,
    handlers: Handlers,
    mapper: QualityMapper,
    clock: Clock,
    settings: Settings,
) -> TaskDispatcher:
    return TaskDispatcher(
        bus,
        store,
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
    store: StateStore,
    artifacts: ArtifactStore,
    registry: WorkerRegistry,
    handlers: Handlers,
    clock: Clock,
    worker: Worker,
    settings: Settings,
) -> Executor:
    return Executor(
        bus,
        store,
        artifacts,
        registry,
        handlers,
        clock,
        worker=worker.name,
        limits=ExecutorLimits(max_attempts=settings.max_attempts, cancel_grace_s=settings.cancel_grace),
        on_crash=_log_crash,
    )


def _retention(settings: Settings) -> Retention:
    days = settings.retention_days
    return Retention(
        age=None if days is None else timedelta(days=days),
        tasks=settings.retention_tasks,
        size_bytes=settings.retention_bytes,
    )


def _run(executor: Executor, archive: ProjectArchive) -> Run:
    """Runs a task, and lets go what the project then no longer keeps."""

    async def run(project_id: str, task_id: str, gone: str | None) -> None:
        await executor.run(project_id, task_id, gone)
        try:
            await archive.retain(project_id)
        except UnavailableError as error:
            log.warning("what need not be kept stays for now", project_id=project_id, reason=error.message)

    return run


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


def _session_limits(settings: Settings) -> SessionLimits:
    return SessionLimits(outbox_messages=settings.ws_message_queue_size, messages_per_s=settings.ws_messages_per_second)


class Container(containers.DeclarativeContainer):
    """What every deployment has: plain singletons, made when first asked for; opened and closed by `lifetime`."""

    settings: Provider[Settings] = providers.Dependency(instance_of=Settings)
    resumes: Provider[bool] = providers.Dependency(instance_of=bool)

    # filled by the deployment: `Embedded`, `Fleet` or `Guest`
    log_bus: Provider[ProgressBus] = providers.Dependency()
    store: Provider[StateStore] = providers.Dependency()
    registry: Provider[WorkerRegistry] = providers.Dependency()
    queue: Provider[TaskQueue] = providers.Dependency()
    deployment: Provider[Deployment] = providers.Dependency()
    parts: Provider[Embedded | Fleet | Guest] = providers.Dependency()

    clock: Provider[Clock] = providers.Object(utc_now)
    new_id: Provider[NewId] = providers.Object(new_uuid)
    closing: Provider[asyncio.Event] = providers.Singleton(asyncio.Event)
    metrics: Provider[Metrics] = providers.Singleton(Metrics)
    bus: Provider[ProgressBus] = providers.Singleton(MeteredProgressBus, log_bus, metrics)
    artifacts: Provider[ArtifactStore] = providers.Singleton(WorkspaceArtifactStore, settings.provided.workspace)
    processes: Provider[EngineProcesses] = providers.Singleton(_processes, settings)
    engines: Provider[Engines] = providers.Singleton(_engines, processes, artifacts, settings)
    handlers: Provider[Handlers] = providers.Singleton(_handlers, engines)
    worker: Provider[Worker] = providers.Singleton(_worker, settings, handlers)
    mapper: Provider[QualityMapper] = providers.Singleton(_mapper, settings, handlers)
    reader: Provider[ProjectReader] = providers.Singleton(ProjectReader, store)
    archive: Provider[ProjectArchive] = providers.Singleton(
        ProjectArchive, bus, store, artifacts, clock, providers.Singleton(_retention, settings)
    )
    executor: Provider[Executor] = providers.Singleton(
        _executor, bus, store, artifacts, registry, handlers, clock, worker, settings
    )
    run: Provider[Run] = providers.Singleton(_run, executor, archive)
    dispatcher: Provider[TaskDispatcher] = providers.Singleton(
        _dispatcher, bus, store, queue, registry, handlers, mapper, clock, settings
    )
    pool_monitor: Provider[PoolMonitor] = providers.Singleton(PoolMonitor, store, registry, clock)
    feed: Provider[ProjectFeed] = providers.Singleton(ProjectFeed, bus, reader, clock, new_id)
    session_limits: Provider[SessionLimits] = providers.Singleton(_session_limits, settings)


def build(settings: Settings, *, own_tasks_only: bool = False) -> Container:
    """A container for these settings; nothing is opened yet.

    ``own_tasks_only``: runs here and at once what is asked for here, and nothing that others asked for or left.
    """
    container = Container(settings=providers.Object(settings), resumes=providers.Object(not own_tasks_only))
    parts = _deployment_for(settings, own_tasks_only)(
        settings=container.settings,
        worker=container.worker,
        run=container.run,
        dispatcher=container.dispatcher,
    )
    container.parts.override(providers.Object(parts))
    for name in ("log_bus", "store", "registry", "queue", "deployment"):
        container.providers[name].override(parts.providers[name])
    return container


def _deployment_for(settings: Settings, own_tasks_only: bool) -> type[Embedded | Fleet | Guest]:
    if settings.redis_url is None:
        return Embedded
    return Guest if own_tasks_only else Fleet


@asynccontextmanager
async def lifetime(container: Container, *, url: str | None = None, resume: bool = True) -> AsyncIterator[None]:
    """Opens what the container made, in order, and closes it in reverse.

    Embedded, one process at a time runs the tasks of a workspace; with Redis any number do, and none needs it to start.
    ``url``: where this one answers, told to others on the same machine. ``resume``: take up what others left; a
    container for its own tasks only never does. Raises `WorkspaceInUseError`, `OSError` where the workspace cannot be
    made, `BusUnavailableError` where the log cannot be opened.
    """
    settings, deployment = container.settings(), container.deployment()
    async with AsyncExitStack() as stack:
        settings.private_directory.mkdir(parents=True, exist_ok=True)
        await stack.enter_async_context(deployment.storage())
        if url is not None:
            stack.enter_context(announced(settings, url))
        await stack.enter_async_context(container.processes())
        stack.push_async_callback(shut_down, container)
        await stack.enter_async_context(deployment.at_work(resume=resume and container.resumes()))
        if resume and container.resumes():
            maintenance = asyncio.create_task(_maintain(container), name="maintenance")
            stack.push_async_callback(end, [maintenance])
        yield


async def _maintain(container: Container) -> None:
    """Lets go what is too old to be kept, now and then, where this process leads."""
    while True:
        try:
            if await container.registry().is_leader():
                await container.archive().maintain()
        except UnavailableError:
            pass  # said by those who watch the connection
        except Exception:
            log.exception("maintenance failed")
        await asyncio.sleep(_MAINTENANCE_S * random.uniform(0.7, 1.0))


async def shut_down(container: Container) -> None:
    """Refuses new work, tells clients to come back, drains or hands back what runs. Harmless to repeat."""
    container.dispatcher().close()
    container.closing().set()
    await requeue_running(container, container.settings().shutdown_drain)


async def requeue_running(container: Container, drain_s: float) -> None:
    """Takes no task up any more; after ``drain_s`` those that still run go back. Harmless to repeat."""
    await container.deployment().requeue_running(drain_s)
