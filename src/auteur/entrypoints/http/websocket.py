"""The socket's doors, one for each dialect: they accept, and leave the conversation to the session."""

import asyncio

import structlog
from starlette.routing import BaseRoute, WebSocketRoute
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

    Plain routes: what FastAPI does for one (its stack of exits, what it depends on) stands as long as the socket.
    """

    async def converse_in(feed: ProjectFeed, socket: WebSocket, project_id: str) -> None:
        await socket.accept(SUBPROTOCOL if SUBPROTOCOL in socket.scope["subprotocols"] else None)
        if closing.is_set():
            await socket.close(feed.dialect.close_code(GOING_AWAY))
            return
        structlog.contextvars.bind_contextvars(project_id=project_id[:128])
        session = WebSocketSession(
            socket,
            socket.scope["extensions"][EXTENSION],
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
            request_id=socket.state.request_id,
            principal=socket.state.principal,
            spend=principal_limits.spend,
        )
        with metrics.sockets.track_inprogress():
            await session.run(socket.query_params.get("after"))

    async def converse(socket: WebSocket) -> None:
        await converse_in(feed, socket, socket.path_params["project_id"])

    async def converse_as_before(socket: WebSocket) -> None:
        await converse_in(legacy_feed, socket, socket.path_params["project_id"])

    return [
        WebSocketRoute("/ws/{project_id:path}", converse),
        WebSocketRoute("/legacy/ws/{project_id:path}", converse_as_before),
    ]
