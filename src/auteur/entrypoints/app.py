"""The FastAPI application: routes, middleware and one lifespan around a container."""

import functools
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.routing import Route

from auteur.adapters.metrics import Metrics
from auteur.domain.authentication import Authenticator
from auteur.entrypoints.access import token_demand
from auteur.entrypoints.assistants import MCP_PATH, mounted_door
from auteur.entrypoints.container import Container, build, lifetime
from auteur.entrypoints.http.access import AccessMiddleware, PrincipalLimits
from auteur.entrypoints.http.artifacts import artifact_routes
from auteur.entrypoints.http.batches import batch_routes
from auteur.entrypoints.http.catalogue import catalogue_routes
from auteur.entrypoints.http.cors import OneShapeCORSMiddleware
from auteur.entrypoints.http.document import operation_id, tell_whole
from auteur.entrypoints.http.documentation import documentation_routes
from auteur.entrypoints.http.errors import install_error_handlers
from auteur.entrypoints.http.handing_over import hand_over_routes
from auteur.entrypoints.http.head import tell_of_head
from auteur.entrypoints.http.health import health_routes
from auteur.entrypoints.http.library import library_routes
from auteur.entrypoints.http.middleware import (
    REQUEST_ID_HEADER,
    BodyLimitMiddleware,
    HeadMiddleware,
    RequestContextMiddleware,
    RootPathMiddleware,
    when_it_ends,
)
from auteur.entrypoints.http.operations import MeteredRequestsMiddleware, operator_routes
from auteur.entrypoints.http.page import page_routes
from auteur.entrypoints.http.parameters import GIVEN_ONCE, KNOWN_AND_GIVEN_ONCE
from auteur.entrypoints.http.projects import project_routes
from auteur.entrypoints.http.promotion import promotion_routes
from auteur.entrypoints.http.same_site import SameSiteMiddleware
from auteur.entrypoints.http.session import session_routes
from auteur.entrypoints.http.tasks import task_routes
from auteur.entrypoints.http.webhooks import webhook_routes
from auteur.entrypoints.http.websocket import websocket_routes
from auteur.entrypoints.logs import configure_logs
from auteur.entrypoints.settings import Settings, load_settings

_MULTIPART_OVERHEAD_BYTES = 64 << 10
# what the framework would tell of itself holds paths, addresses and what was wrong with bodies, and a variable only it
# knows switches it on: traces are told by our own middleware, and by nobody else
_TOLD_ELSEWHERE: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


def create_app(container: Container, *, port: int | None = None, opened: bool = False) -> FastAPI:
    """The application for a container.

    ``port``: where it is served, if not where the settings say. ``opened``: the caller has entered the container's
    `lifetime`; otherwise the application's lifespan does.
    """
    settings = container.settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with nullcontext() if opened else lifetime(container), doors_of(app):
            yield

    app = FastAPI(
        title=settings.app_name,
        version=settings.version,
        summary="From a sentence to a frame to a moving shot. The socket is described in /api/asyncapi.json.",
        docs_url=None,  # pages of our own: documentation_routes
        redoc_url=None,
        openapi_url=None,  # a route of our own, beside the event loop: documentation_routes
        lifespan=lifespan,
        redirect_slashes=False,
        telemetry=_TOLD_ELSEWHERE,
        generate_unique_id_function=operation_id,
    )
    dispatcher, feed = container.dispatcher(), container.feed()
    store, reader, archive = container.store(), container.reader(), container.archive()
    promoter, authenticator = container.promoter(), container.authenticator()
    closing, clock, new_id = container.closing(), container.clock(), container.new_id()
    artifacts, metrics, deployment = container.artifacts(), container.metrics(), container.deployment()
    health = health_routes(
        settings,
        container.bus(),
        artifacts,
        container.registry(),
        container.queue(),
        closing,
        clock,
        deployment,
        container.router(),
        authenticator,
        metrics,
    )
    app.include_router(health)
    strict = [KNOWN_AND_GIVEN_ONCE]
    app.include_router(
        catalogue_routes(settings, container.router(), container.mapper(), container.registry(), authenticator),
        dependencies=strict,
    )
    app.include_router(task_routes(dispatcher, store, reader, archive, new_id), dependencies=strict)
    app.include_router(batch_routes(dispatcher, new_id), dependencies=strict)
    app.include_router(promotion_routes(promoter, store, reader, new_id), dependencies=strict)
    app.include_router(
        project_routes(
            store, reader, archive, feed, closing, container.conversations(), container.session_limits()
        ), dependencies=strict
    )  # fmt: skip
    library = library_routes(container.keeper(), container.film_maker(), container.artifacts(), new_id)
    app.include_router(library, dependencies=strict)
    app.include_router(hand_over_routes(container.film_exporter(), new_id), dependencies=strict)
    app.include_router(webhook_routes(container.webhook_office()), dependencies=strict)
    app.include_router(artifact_routes(artifacts, store, closing), dependencies=[GIVEN_ONCE])
    app.include_router(operator_routes(metrics, container.pool_monitor(), authenticator))
    document = functools.cache(functools.partial(_of_the_socket, settings))
    app.include_router(page_routes(settings.service_path, settings.files_origin))
    app.include_router(documentation_routes(settings, lambda: app.openapi(), document))
    app.include_router(session_routes(authenticator, clock, settings.service_path, settings.public_url))
    principal_limits = PrincipalLimits(
        settings.principal_requests_per_second, settings.principal_sockets, time.monotonic
    )  # fmt: skip
    sockets = websocket_routes(
        feed,
        container.legacy_feed(),
        store,
        archive,
        dispatcher,
        promoter,
        closing,
        clock,
        new_id,
        container.session_limits(),
        metrics,
        container.conversations(),
        principal_limits,
    )
    app.router.routes.extend(sockets)
    app.state.assistants = mounted_door(app, settings)
    if app.state.assistants is not None:
        app.router.routes.append(Route(MCP_PATH, app.state.assistants, methods=["POST"]))
    install_error_handlers(app)
    tell_whole(app, asks_everybody=token_demand(settings) == "always")
    tell_of_head(app)
    traces = container.traces()
    if traces is not None:
        app.add_middleware(traces.middleware, when_it_ends=when_it_ends)
    _add_middleware(app, settings, metrics, port or settings.port, authenticator, principal_limits)
    return app


def _of_the_socket(settings: Settings) -> Mapping[str, Any]:
    from auteur.entrypoints import asyncapi  # its examples alone take a tenth of the start

    return asyncapi.document(settings)


def doors_of(app: FastAPI) -> AbstractAsyncContextManager[None]:
    """Has the doors of the application that need it open as long as it is entered. Where the caller has opened the
    container, the caller enters this, too."""
    return nullcontext() if app.state.assistants is None else app.state.assistants.opened()


def _add_middleware(
    app: FastAPI,
    settings: Settings,
    metrics: Metrics,
    port: int,
    authenticator: Authenticator,
    limits: PrincipalLimits,
) -> None:
    """The last one added is the first to be passed."""

    def limit_for(path: str) -> int:
        if path.endswith("/uploads"):
            return settings.max_upload_bytes + _MULTIPART_OVERHEAD_BYTES
        is_large = path.endswith(("/batches", "/films")) or "/films/" in path
        return settings.max_batch_bytes if is_large else settings.max_body_bytes

    origins = settings.origins(port)
    app.add_middleware(HeadMiddleware)
    app.add_middleware(BodyLimitMiddleware, limit_for=limit_for)
    app.add_middleware(AccessMiddleware, authenticator=authenticator, limits=limits)
    app.add_middleware(
        OneShapeCORSMiddleware,
        allow_origins=origins,
        allow_credentials=True,
        allow_methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=[
            "Authorization",
            "Content-Type",
            "Idempotency-Key",
            "If-Match",
            "If-None-Match",
            "If-Range",
            "Last-Event-ID",
            "Range",
            REQUEST_ID_HEADER,
        ],
        expose_headers=[REQUEST_ID_HEADER, "Location", "Retry-After", "Content-Range", "ETag"],
        max_age=600,
    )
    app.add_middleware(
        SameSiteMiddleware, origins=origins, hosts=settings.hosts(), any_host=settings.answers_for_any_host
    )
    app.add_middleware(MeteredRequestsMiddleware, metrics=metrics)
    app.add_middleware(RequestContextMiddleware)
    app.add_middleware(RootPathMiddleware, root_path=settings.service_path)


def from_environment() -> FastAPI:
    """For ASGI servers that want a factory: ``auteur.entrypoints.app:from_environment``."""
    settings = load_settings()
    configure_logs(settings)
    return create_app(build(settings))
