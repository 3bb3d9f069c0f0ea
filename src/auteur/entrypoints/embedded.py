"""Embedded: the log in this process or in one file beside the results, and all tasks run here."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import structlog
from dependency_injector import containers, providers
from dependency_injector.providers import Provider
from filelock import FileLock, Timeout

from auteur.adapters.access.sqlite import SqliteAccessStore
from auteur.adapters.log.memory import (
    MemoryHub,
    MemoryProgressBus,
    MemoryProjectLibrary,
    MemoryStateStore,
    MemoryWebhookOutbox,
    MemoryWebhookStore,
)
from auteur.adapters.log.sqlite.bus import SqliteProgressBus
from auteur.adapters.log.sqlite.database import SqliteDatabase
from auteur.adapters.log.sqlite.library import SqliteProjectLibrary
from auteur.adapters.log.sqlite.outbox import SqliteWebhookOutbox
from auteur.adapters.log.sqlite.store import SqliteStateStore
from auteur.adapters.log.sqlite.webhooks import SqliteWebhookStore
from auteur.adapters.queue.local import LocalTaskQueue, Run, SoleWorkerRegistry
from auteur.domain.dispatcher import TaskDispatcher
from auteur.domain.ports import (
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
from auteur.entrypoints.service_file import WorkspaceInUseError, running_service
from auteur.entrypoints.settings import Settings

log = structlog.get_logger(__name__)


@contextmanager
def workspace_to_itself(settings: Settings) -> Iterator[None]:
    """While it is open, no other process runs the tasks of this workspace. Raises `WorkspaceInUseError`, `OSError`."""
    settings.private_directory.mkdir(parents=True, exist_ok=True)
    lock = FileLock(settings.private_directory / "lock", thread_local=False)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise WorkspaceInUseError(running_service(settings)) from None
    try:
        yield
    finally:
        lock.release()


def log_file(settings: Settings) -> Path | None:
    """The file with the log and the records; None where they are kept elsewhere."""
    return settings.private_directory / "auteur.db" if settings.log_backend == "sqlite" else None


class MemoryLog:
    """A log that ends with the process: nothing is opened, and nothing is shared."""

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        yield


class SqliteLog:
    """A log in one file; one process at a time runs the tasks of its workspace."""

    def __init__(self, settings: Settings, database: SqliteDatabase, bus: SqliteProgressBus) -> None:
        self._settings = settings
        self._database = database
        self._bus = bus

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Raises `WorkspaceInUseError`, `BusUnavailableError`."""
        async with AsyncExitStack() as stack:
            stack.enter_context(workspace_to_itself(self._settings))
            await stack.enter_async_context(self._database)
            await stack.enter_async_context(self._bus)
            yield


class EmbeddedDeployment:
    """`Deployment` in one process."""

    is_shared = False
    log_part: LogPart = "database"

    def __init__(
        self,
        settings: Settings,
        kept: MemoryLog | SqliteLog,
        access: SqliteAccessStore,
        queue: LocalTaskQueue,
        dispatcher: TaskDispatcher,
    ) -> None:
        self.name = settings.backend
        self._kept = kept
        self._access = access
        self._queue = queue
        self._dispatcher = dispatcher

    @asynccontextmanager
    async def storage(self) -> AsyncIterator[None]:
        async with self._kept.opened(), self._access:
            yield

    @asynccontextmanager
    async def at_work(self, *, resume: bool) -> AsyncIterator[None]:
        if resume and (taken_up := await self._dispatcher.recover()):
            log.info("taking up what was left", tasks=taken_up)
        yield

    async def requeue_running(self, drain_s: float) -> None:
        await self._queue.close(drain_s)

    async def examine(self) -> Sequence[Finding]:
        return [Finding(True, "backend", f"embedded, {self.name}; no Redis is used")]


def _database(settings: Settings) -> SqliteDatabase:
    return SqliteDatabase(settings.private_directory / "auteur.db")


def _access_store(settings: Settings) -> SqliteAccessStore:
    return SqliteAccessStore(settings.private_directory / "access.db")


def local_queue(run: Run, dispatcher: Callable[[], TaskDispatcher], settings: Settings) -> LocalTaskQueue:
    """The queue of tasks that run in this process; what waits for their outputs is carried on here.

    ``dispatcher``: gives it when it is there: it stands on the queue, and the queue on this.
    """

    async def run_and_settle(project_id: str, task_id: str, gone: str | None) -> None:
        await run(project_id, task_id, gone)
        await dispatcher().settle(project_id, task_id)

    return LocalTaskQueue(
        run_and_settle, max_concurrent=settings.max_concurrent_tasks, lane_weights=settings.lane_weights
    )


class Embedded(containers.DeclarativeContainer):
    """Fills the ports that depend on the deployment. The first group is what `Container` lends it."""

    settings: Provider[Settings] = providers.Dependency(instance_of=Settings)
    worker: Provider[Worker] = providers.Dependency(instance_of=Worker)
    run: Provider[Run] = providers.Dependency()
    dispatcher: Provider[TaskDispatcher] = providers.Dependency(instance_of=TaskDispatcher)
    router: Provider[EngineRouter] = providers.Dependency(instance_of=EngineRouter)

    hub: Provider[MemoryHub] = providers.Singleton(MemoryHub, history_limit=settings.provided.history_events)
    database: Provider[SqliteDatabase] = providers.Singleton(_database, settings)
    sqlite_bus: Provider[SqliteProgressBus] = providers.Singleton(
        SqliteProgressBus, database, history_limit=settings.provided.history_events
    )
    kept: Provider[MemoryLog | SqliteLog] = providers.Selector(
        settings.provided.backend,
        memory=providers.Singleton(MemoryLog),
        sqlite=providers.Singleton(SqliteLog, settings, database, sqlite_bus),
    )

    log_bus: Provider[ProgressBus] = providers.Selector(
        settings.provided.backend, memory=providers.Singleton(MemoryProgressBus, hub), sqlite=sqlite_bus
    )
    store: Provider[StateStore] = providers.Selector(
        settings.provided.backend,
        memory=providers.Singleton(MemoryStateStore, hub),
        sqlite=providers.Singleton(SqliteStateStore, database),
    )
    library: Provider[ProjectLibrary] = providers.Selector(
        settings.provided.backend,
        memory=providers.Singleton(MemoryProjectLibrary, hub),
        sqlite=providers.Singleton(SqliteProjectLibrary, database),
    )
    webhook_store: Provider[WebhookStore] = providers.Selector(
        settings.provided.backend,
        memory=providers.Singleton(MemoryWebhookStore, hub),
        sqlite=providers.Singleton(SqliteWebhookStore, database),
    )
    webhook_outbox: Provider[WebhookOutbox] = providers.Selector(
        settings.provided.backend,
        memory=providers.Singleton(MemoryWebhookOutbox, hub),
        sqlite=providers.Singleton(SqliteWebhookOutbox, database),
    )
    registry: Provider[WorkerRegistry] = providers.Singleton(SoleWorkerRegistry, worker)
    queue: Provider[TaskQueue] = providers.Singleton(local_queue, run, dispatcher.provider, settings)
    access_store: Provider[SqliteAccessStore] = providers.Singleton(_access_store, settings)
    access_home: Provider[SqliteAccessStore] = access_store
    deployment: Provider[Deployment] = providers.Singleton(
        EmbeddedDeployment, settings, kept, access_store, queue, dispatcher
    )
