"""How the parts of every deployment are made of the settings and of each other; the container says of which."""

import os
import socket
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from auteur.adapters.engines.discovery import Engines, discover
from auteur.adapters.engines.installed import installed
from auteur.adapters.engines.process import EngineProcesses
from auteur.adapters.engines.tools import EngineTools, LanguageModel
from auteur.adapters.live.limits import SessionLimits
from auteur.adapters.live.places import PlacesWatch
from auteur.adapters.queue.local import RunSent
from auteur.domain.archive import ProjectArchive, Retention
from auteur.domain.availability import EngineAvailability
from auteur.domain.dispatcher import TaskDispatcher
from auteur.domain.errors import UnavailableError
from auteur.domain.executor import Executor, ExecutorLimits, Sent
from auteur.domain.ports import (
    ArtifactStore,
    Clock,
    EngineStatus,
    InputFetcher,
    ProgressBus,
    ProjectLibrary,
    StateStore,
    TaskHandler,
    TaskQueue,
    WebhookSender,
    Worker,
    WorkerRegistry,
)
from auteur.domain.quality import ANY_TYPE, QualityMapper
from auteur.domain.routing import EngineRouter, unknown_in
from auteur.domain.task import Task
from auteur.entrypoints.settings import PREFIX, Settings, WrongSettingError, choose, variables
from auteur.entrypoints.webhooks import check_task_webhook

if TYPE_CHECKING:
    from auteur.adapters.tracing import Traces

log = structlog.get_logger(__name__)


def utc_now() -> datetime:
    """The clock of production: aware UTC."""
    return datetime.now(UTC)


def new_uuid() -> str:
    """The ids of production."""
    return str(uuid.uuid4())


def found_engines(processes: EngineProcesses, artifacts: ArtifactStore, settings: Settings) -> Engines:
    """The engines that are installed and chosen; one that cannot be used is left out, and the log says so.

    Raises `WrongSettingError` where an engine that was asked for by name cannot be had, or none at all, or where one
    cannot use what was set for it.
    """
    wanted = {name.strip() for name in settings.engines.split(",") if name.strip()}
    given = variables()
    found = discover(
        installed(),
        EngineTools(
            processes,
            artifacts,
            folder=settings.private_directory / "engines",
            language_model=_language_model(settings),
        ),
        wanted,
        given,
    )
    choose("ENGINES", settings.engines, set(found.names))
    for problem in found.problems:
        if problem.setting:
            raise WrongSettingError(f"{PREFIX}{problem.setting}: {problem.reason}")
        if problem.name in wanted:
            raise WrongSettingError(f"{PREFIX}ENGINES: {problem}")
        log.error("an engine is left out", engine=problem.name, package=problem.package, reason=problem.reason)
    for engine in found.off:
        if engine.name in wanted:
            raise WrongSettingError(f"{PREFIX}ENGINES: engine {engine.name} is not configured: {engine.reason}")
        log.debug("an engine is off", engine=engine.name, package=engine.package, reason=engine.reason)
    own = tuple(f"{name.replace('-', '_')}_" for name in found.names)
    for name in sorted(given):
        if name.startswith(own) and name not in found.settings and name not in Settings.model_fields:
            log.warning("no setting of an engine, and ignored", name=f"{PREFIX}{name.upper()}")
    if not found.found:
        raise WrongSettingError("no engine is installed, not even auteur's own: install the package again")
    return found


def _language_model(settings: Settings) -> LanguageModel | None:
    """The language model that reads sentences, where one was named with its address."""
    if settings.reader_url is None or settings.reader_model is None:
        return None
    return LanguageModel(settings.reader_url, settings.reader_model, settings.reader_key, settings.reader_timeout)


def engine_processes(settings: Settings) -> EngineProcesses:
    """The child processes of engines; as many stay warm as tasks run here at a time."""
    max_idle = settings.max_concurrent_tasks if settings.run_tasks else 0
    return EngineProcesses(max_idle=max_idle, gives_way=settings.engines_give_way)


def quality_mapper(settings: Settings, engines: Engines) -> QualityMapper:
    """The presets, filled in where a task type takes them."""
    task_types = sorted({made.name for made in engines.task_types})
    overrides = settings.preset_overrides(task_types)
    return QualityMapper(settings.presets(), settings.default_quality, overrides, settings.quality_overrides)


def engine_router(engines: Engines, mapper: QualityMapper, settings: Settings) -> EngineRouter:
    """The engines of every task type in the order that was set. Raises `WrongSettingError`."""
    order, made = settings.engine_order, {task_type.name for task_type in engines.task_types}
    known = engines.missing | {task_type.engine for task_type in engines.task_types}
    if unknown_in(order, known):
        raise WrongSettingError(f"{PREFIX}ENGINE_ORDER: an engine is one of {', '.join(sorted(known))}")
    if set(order) - made - {ANY_TYPE} and not engines.missing:  # what a missing one makes is not known
        raise WrongSettingError(f"{PREFIX}ENGINE_ORDER: a task type is {ANY_TYPE} or one of {', '.join(sorted(made))}")
    handlers = [engine.handler for engine in engines.found]
    availability = EngineAvailability(
        handlers, ask_every_s=settings.engine_check_interval, on_change=_log_engine_change
    )
    return EngineRouter(
        handlers,
        mapper,
        availability,
        order,
        falls_back=settings.engine_fallback == "fallback",
        wait_s=settings.engine_wait,
    )


def _log_engine_change(handler: TaskHandler, task_types: Sequence[str], status: EngineStatus) -> None:
    engine = handler.task_types[0].engine
    if status.up:
        log.info("an engine is up again", engine=engine, task_types=list(task_types))
    else:
        log.warning("an engine is down", engine=engine, task_types=list(task_types), reason=status.reason)


def task_dispatcher(
    bus: ProgressBus,
    store: StateStore,
    queue: TaskQueue,
    registry: WorkerRegistry,
    router: EngineRouter,
    mapper: QualityMapper,
    clock: Clock,
    fetcher: InputFetcher,
    sender: WebhookSender,
    library: ProjectLibrary,
    settings: Settings,
    resumes: bool,
) -> TaskDispatcher:
    """The one door for tasks. ``resumes``: whether tasks of others are taken up here."""
    return TaskDispatcher(
        bus,
        store,
        queue,
        registry,
        router,
        mapper,
        clock,
        fetcher,
        max_queued_per_project=settings.max_queued_per_project,
        max_blocked_per_project=settings.max_blocked_per_project,
        max_queued=settings.max_queued,
        only_own=not resumes,
        check_webhook=lambda webhook: check_task_webhook(webhook, sender),
        library=library,
    )


def task_executor(
    bus: ProgressBus,
    store: StateStore,
    artifacts: ArtifactStore,
    registry: WorkerRegistry,
    router: EngineRouter,
    clock: Clock,
    worker: Worker,
    settings: Settings,
) -> Executor:
    """What runs tasks here; a handler that crashes is told in the log."""
    return Executor(
        bus,
        store,
        artifacts,
        registry,
        router,
        clock,
        worker=worker.name,
        limits=ExecutorLimits(max_attempts=settings.max_attempts, cancel_grace_s=settings.cancel_grace),
        on_crash=_log_crash,
    )


def retention_rules(settings: Settings) -> Retention:
    """How long what has ended is kept."""
    days = settings.retention_days
    return Retention(
        age=None if days is None else timedelta(days=days),
        tasks=settings.retention_tasks,
        size_bytes=settings.retention_bytes,
    )


def run_and_retain(executor: Executor, archive: ProjectArchive, store: StateStore, traces: "Traces | None") -> RunSent:
    """Runs a task, and lets go what the project then no longer keeps."""
    traced = None if traces is None else traces.run(executor.run, store)

    async def run(project_id: str, task_id: str, gone: str | None, sent: Sent | None = None) -> None:
        if traced is not None:
            await traced(project_id, task_id, gone)
        else:
            await executor.run(project_id, task_id, gone, sent)
        try:
            await archive.retain(project_id)
        except UnavailableError as error:
            log.warning("what need not be kept stays for now", project_id=project_id, reason=error.message)

    return run


def this_worker(settings: Settings, router: EngineRouter) -> Worker:
    """This process. Its name says where it runs, and is never used again: a restarted container has its host and
    process id. Raises `WrongSettingError`."""
    presets = [settings.presets(), *settings.preset_overrides(list(router.task_types)).values()]
    lanes = {preset.lane for by_quality in presets for preset in by_quality.values()}
    task_types = choose("WORKER_TASK_TYPES", settings.worker_task_types, set(router.task_types))
    return Worker(
        name=f"{settings.container_name}/{socket.gethostname()}/{os.getpid()}/{uuid.uuid4().hex[:8]}",
        since=utc_now(),
        lanes=choose("WORKER_LANES", settings.worker_lanes, lanes),
        task_types=task_types,
        makes=tuple(f"{name}.{route.engine}" for name in task_types for route in router.routes(name)),
        slots=settings.max_concurrent_tasks if settings.run_tasks else 0,
    )


def _log_crash(task: Task, error: BaseException) -> None:
    log.error("handler crashed", attempt=task.attempt, exc_info=error)


def places_watch(
    bus: ProgressBus,
    store: StateStore,
    registry: WorkerRegistry,
    clock: Clock,
    router: EngineRouter,
    settings: Settings,
) -> PlacesWatch:
    """Who tells places in the queue, to whoever follows a project."""
    return PlacesWatch(
        bus, store, registry, clock, weights=settings.lane_weights, stands_still=router.is_waiting
    )  # fmt: skip


def socket_limits(settings: Settings) -> SessionLimits:
    """What one WebSocket may ask of the service."""
    return SessionLimits(outbox_messages=settings.ws_message_queue_size, messages_per_s=settings.ws_messages_per_second)
