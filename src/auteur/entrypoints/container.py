"""The composition root: what every deployment has, and which deployment it is.

Every adapter meets its port here, in `embedded` or in `fleet`, and nowhere else.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import structlog
from dependency_injector import containers, providers
from dependency_injector.providers import Provider

from auteur.adapters.background import end
from auteur.adapters.engines.discovery import Engines, FoundEngine
from auteur.adapters.engines.process import EngineProcesses
from auteur.adapters.live.conversations import Conversations
from auteur.adapters.live.feed import ProjectFeed
from auteur.adapters.live.limits import SessionLimits
from auteur.adapters.live.places import PlacesWatch
from auteur.adapters.metrics import Metrics
from auteur.adapters.queue.local import RunSent
from auteur.domain.archive import ProjectArchive
from auteur.domain.authentication import Authenticator, TokenOffice
from auteur.domain.delivering import WebhookDeliverer
from auteur.domain.dispatcher import TaskDispatcher
from auteur.domain.errors import UnavailableError
from auteur.domain.executor import Executor
from auteur.domain.film_export import FilmExporter
from auteur.domain.film_making import FilmMaker
from auteur.domain.pool import PoolMonitor
from auteur.domain.ports import (
    AccessStore,
    ArtifactStore,
    Clock,
    InputFetcher,
    NewId,
    ProgressBus,
    ProjectLibrary,
    StateStore,
    TaskQueue,
    TokenVerifier,
    WebhookOutbox,
    WebhookSender,
    WebhookStore,
    Worker,
    WorkerRegistry,
)
from auteur.domain.project import ProjectReader
from auteur.domain.promotion import TakePromoter
from auteur.domain.quality import QualityMapper
from auteur.domain.resources import ResourceKeeper
from auteur.domain.routing import EngineRouter
from auteur.domain.subscribing import WebhookOffice
from auteur.entrypoints.access import LocalSecret, authenticator, token_verifier
from auteur.entrypoints.deployment import Deployment
from auteur.entrypoints.embedded import Embedded
from auteur.entrypoints.factories import (
    engine_processes,
    engine_router,
    found_engines,
    new_uuid,
    places_watch,
    quality_mapper,
    retention_rules,
    run_and_retain,
    socket_limits,
    task_dispatcher,
    task_executor,
    this_worker,
    utc_now,
)
from auteur.entrypoints.observing import observed
from auteur.entrypoints.outgoing import input_fetcher, webhook_sender
from auteur.entrypoints.service_file import WorkspaceInUseError, announced, running_service
from auteur.entrypoints.settings import Settings
from auteur.entrypoints.storage import artifact_store
from auteur.entrypoints.tracing import traces_of, watched_bus
from auteur.entrypoints.webhooks import delivering, webhook_deliverer, webhook_office
from auteur.protocol.dialects.legacy import LegacyDialect

if TYPE_CHECKING:
    from auteur.adapters.tracing import Traces
    from auteur.entrypoints.fleet import Fleet, Guest

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
_FILLED = (
    "log_bus", "store", "library", "webhook_store", "webhook_outbox", "registry", "queue", "access_store",
    "access_home", "deployment",
)  # fmt: skip
"""What a deployment fills."""


class Container(containers.DeclarativeContainer):
    """What every deployment has: plain singletons, made when first asked for; opened and closed by `lifetime`."""

    settings: Provider[Settings] = providers.Dependency(instance_of=Settings)
    resumes: Provider[bool] = providers.Dependency(instance_of=bool)

    # filled by the deployment: `Embedded`, `Fleet` or `Guest`
    log_bus: Provider[ProgressBus] = providers.Dependency()
    store: Provider[StateStore] = providers.Dependency()
    registry: Provider[WorkerRegistry] = providers.Dependency()
    queue: Provider[TaskQueue] = providers.Dependency()
    library: Provider[ProjectLibrary] = providers.Dependency()
    webhook_store: Provider[WebhookStore] = providers.Dependency()
    webhook_outbox: Provider[WebhookOutbox] = providers.Dependency()
    access_store: Provider[AccessStore] = providers.Dependency()
    access_home: Provider[AbstractAsyncContextManager[object]] = providers.Dependency()
    deployment: Provider[Deployment] = providers.Dependency()
    parts: Provider["Embedded | Fleet | Guest"] = providers.Dependency()

    clock: Provider[Clock] = providers.Object(utc_now)
    new_id: Provider[NewId] = providers.Object(new_uuid)
    closing: Provider[asyncio.Event] = providers.Singleton(asyncio.Event)
    local_secret: Provider[LocalSecret] = providers.Singleton(LocalSecret)
    verifier: Provider[TokenVerifier | None] = providers.Singleton(token_verifier, settings)
    authenticator: Provider[Authenticator] = providers.Singleton(
        authenticator, access_store, verifier, clock, local_secret, settings
    )
    token_office: Provider[TokenOffice] = providers.Singleton(TokenOffice, access_store, clock)
    metrics: Provider[Metrics] = providers.Singleton(Metrics)
    traces: Provider["Traces | None"] = providers.Singleton(traces_of, settings)
    bus: Provider[ProgressBus] = providers.Singleton(watched_bus, log_bus, metrics, traces)
    artifacts: Provider[ArtifactStore] = providers.Singleton(artifact_store, settings)
    processes: Provider[EngineProcesses] = providers.Singleton(engine_processes, settings)
    engines: Provider[Engines] = providers.Singleton(found_engines, processes, artifacts, settings)
    mapper: Provider[QualityMapper] = providers.Singleton(quality_mapper, settings, engines)
    router: Provider[EngineRouter] = providers.Singleton(engine_router, engines, mapper, settings)
    worker: Provider[Worker] = providers.Singleton(this_worker, settings, router)
    reader: Provider[ProjectReader] = providers.Singleton(ProjectReader, store)
    archive: Provider[ProjectArchive] = providers.Singleton(
        ProjectArchive, bus, store, artifacts, clock, providers.Singleton(retention_rules, settings)
    )
    executor: Provider[Executor] = providers.Singleton(
        task_executor, bus, store, artifacts, registry, router, clock, worker, settings
    )
    fetcher: Provider[InputFetcher] = providers.Singleton(input_fetcher, artifacts, settings)
    webhook_sender: Provider[WebhookSender] = providers.Singleton(webhook_sender, settings)
    webhook_office: Provider[WebhookOffice] = providers.Singleton(
        webhook_office, webhook_store, webhook_outbox, webhook_sender, clock, new_id, settings
    )
    deliverer: Provider[WebhookDeliverer] = providers.Singleton(
        webhook_deliverer, webhook_outbox, webhook_sender, clock, metrics, settings
    )
    dispatcher: Provider[TaskDispatcher] = providers.Singleton(
        task_dispatcher, bus, store, queue, registry, router, mapper, clock, fetcher, webhook_sender, library,
        settings, resumes,
    )  # fmt: skip
    keeper: Provider[ResourceKeeper] = providers.Singleton(ResourceKeeper, library, clock)
    film_maker: Provider[FilmMaker] = providers.Singleton(FilmMaker, dispatcher, keeper, store)
    film_exporter: Provider[FilmExporter] = providers.Singleton(FilmExporter, dispatcher, keeper, store, artifacts)
    promoter: Provider[TakePromoter] = providers.Singleton(TakePromoter, store, dispatcher, mapper, router)
    run: Provider[RunSent] = providers.Singleton(run_and_retain, executor, archive, store, traces)
    pool_monitor: Provider[PoolMonitor] = providers.Singleton(PoolMonitor, store, registry, clock)
    places: Provider[PlacesWatch] = providers.Singleton(places_watch, bus, store, registry, clock, router, settings)
    feed: Provider[ProjectFeed] = providers.Singleton(ProjectFeed, bus, reader, clock, new_id, watch=places)
    legacy_feed: Provider[ProjectFeed] = providers.Singleton(
        ProjectFeed, bus, reader, clock, new_id, watch=places, dialect=providers.Singleton(LegacyDialect)
    )
    conversations: Provider[Conversations] = providers.Singleton(Conversations, closing, authenticator.provided.denied)
    session_limits: Provider[SessionLimits] = providers.Singleton(socket_limits, settings)


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
        router=container.router,
    )
    container.parts.override(providers.Object(parts))
    for name in _FILLED:
        container.providers[name].override(parts.providers[name])
    return container


def _deployment_for(settings: Settings, own_tasks_only: bool) -> "type[Embedded | Fleet | Guest]":
    if settings.redis_url is None:
        return Embedded
    from auteur.entrypoints.fleet import Fleet, Guest  # the queue and Redis take a fifth of a second to import

    return Guest if own_tasks_only else Fleet


@asynccontextmanager
async def token_office(settings: Settings) -> AsyncIterator[TokenOffice]:
    """Where the tokens of these settings are made, beside a service that may be running; nothing else of one is opened.
    Raises `BusUnavailableError`."""
    container = build(settings, own_tasks_only=True)
    async with container.access_home():
        yield container.token_office()


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
        traces = container.traces()
        if traces is not None:
            stack.push_async_callback(traces.close)
        settings.private_directory.mkdir(parents=True, exist_ok=True)
        await stack.enter_async_context(deployment.storage())
        if url is not None:
            stack.enter_context(announced(settings, url, container.local_secret().value))
        await stack.enter_async_context(container.processes())
        for engine in container.engines().found:
            if isinstance(engine.handler, AbstractAsyncContextManager):
                await _open(engine, stack, container.router())
        await stack.enter_async_context(container.router().availability)
        stack.push_async_callback(container.places().close)
        stack.push_async_callback(shut_down, container)
        seen = observed(container.metrics(), container.router(), settings, deployment.name)
        await stack.enter_async_context(seen)
        await stack.enter_async_context(deployment.at_work(resume=resume and container.resumes()))
        if resume and container.resumes():
            maintenance = asyncio.create_task(_maintain(container), name="maintenance")
            stack.push_async_callback(end, [maintenance])
            sending = container.deliverer(), container.webhook_outbox(), container.clock(), container.metrics()
            await stack.enter_async_context(delivering(*sending, settings))
        yield


async def _open(engine: FoundEngine, stack: AsyncExitStack, router: EngineRouter) -> None:
    """What one engine needs and cannot have is that engine's problem: it is down as long as this process runs."""
    assert isinstance(engine.handler, AbstractAsyncContextManager)
    try:
        await stack.enter_async_context(engine.handler)
    except Exception:
        log.exception("an engine cannot be opened", engine=engine.name, package=engine.package)
        router.availability.give_up(engine.handler, "it could not be opened")


async def _maintain(container: Container) -> None:
    """Lets go what is too old to be kept, and carries on what waits unheard, now and then, where this process leads."""
    while True:
        try:
            await container.dispatcher().recover()
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
