"""The socket's doors, one for each dialect: they accept, and leave the conversation to the session."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import structlog
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from auteur.adapters.live.close_codes import GOING_AWAY
from auteur.adapters.live.conversations import Conversations
from auteur.adapters.live.feed import ProjectFeed
from auteur.adapters.live.limits import SessionLimits
from auteur.adapters.live.line import EXTENSION
from auteur.adapters.live.websocket import WebSocketSession
from auteur.adapters.metrics import Metrics
from auteur.domain.archive import ProjectArchive
from auteur.domain.dispatcher import TaskDispatcher
from auteur.domain.ports import Clock, NewId, StateStore
from auteur.domain.promotion import TakePromoter
from auteur.entrypoints.http.access import SUBPROTOCOL, PrincipalLimits

Converse = Callable[[ProjectFeed, Scope, Receive, Send], Awaitable[None]]


class _Door:
    """An ASGI application for a route, which would wrap a function."""

    def __init__(self, converse: Converse, feed: ProjectFeed) -> None:
        self._converse = converse
        self._feed = feed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._converse(self._feed, scope, receive, send)


def websocket_routes(
    feed: ProjectFeed,
    legacy_feed: ProjectFeed,
    store: StateStore,
    archive: ProjectArchive,
    dispatcher: TaskDispatcher,
    promoter: TakePromoter,
    closing: asyncio.Event,
    clock: Clock,
    new_id: NewId,
    limits: SessionLimits,
    metrics: Metrics,
    conversations: Conversations,
    principal_limits: PrincipalLimits,
) -> list[BaseRoute]:
    """`WS /ws/{project_id}`, and `WS /legacy/ws/{project_id}` for the frontend of before (docs/dialects.md).

    Plain routes to plain ASGI: what FastAPI does for one (its stack of exits, what it depends on) would stand as long
    as the socket. What is between the server and this has returned when the conversation is held
    (`SocketLine.carry_on`).
    """

    async def converse(feed: ProjectFeed, scope: Scope, receive: Receive, send: Send) -> None:
        socket = WebSocket(scope, receive, send)
        await socket.accept(SUBPROTOCOL if SUBPROTOCOL in scope["subprotocols"] else None)
        if closing.is_set():
            await socket.close(feed.dialect.close_code(GOING_AWAY))
            return
        project_id, line = scope["path_params"]["project_id"], scope["extensions"][EXTENSION]
        structlog.contextvars.bind_contextvars(project_id=project_id[:128])
        session = WebSocketSession(
            receive,
            line,
            project_id,
            feed=feed,
            conversations=conversations,
            store=store,
            archive=archive,
            dispatcher=dispatcher,
            promoter=promoter,
            clock=clock,
            new_id=new_id,
            limits=limits,
            request_id=scope["state"]["request_id"],
            principal=scope["state"]["principal"],
            spend=principal_limits.spend,
        )
        metrics.sockets.inc()
        line.at_end(metrics.sockets.dec)
        line.carry_on(partial(session.run, socket.query_params.get("after")))

    return [
        WebSocketRoute("/ws/{project_id:path}", _Door(converse, feed)),
        WebSocketRoute("/legacy/ws/{project_id:path}", _Door(converse, legacy_feed)),
    ]
