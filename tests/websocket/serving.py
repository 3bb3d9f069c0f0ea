"""An application behind the server's own protocol for sockets, on a free port."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from functools import partial
from typing import Any, cast

import uvicorn
from starlette.types import Receive, Scope, Send

from auteur.entrypoints.edge.sockets import Admission, SocketProtocol

App = Callable[[Scope, Receive, Send], Awaitable[None]]


@asynccontextmanager
async def served(app: App, *, sent_bytes: int | None = None) -> AsyncIterator[str]:
    """Where it is. ``sent_bytes``: what the kernel keeps of what nobody reads; None for its own choice."""
    listener = socket.create_server(("127.0.0.1", 0))
    if sent_bytes is not None:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, sent_bytes)
    admission = Admission(client=("127.0.0.1", 0), is_secure=False, slots=(), answer_by=1e9)
    ws = cast(Any, partial(SocketProtocol, admission=admission))
    config = uvicorn.Config(cast(Any, app), log_config=None, lifespan="off", ws=ws, ws_per_message_deflate=False)
    server = uvicorn.Server(config)
    server.capture_signals = nullcontext  # type: ignore[method-assign,assignment]
    serving = asyncio.create_task(server.serve([listener]))
    try:
        yield f"ws://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = server.force_exit = True
        await serving
