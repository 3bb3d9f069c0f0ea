"""The service's WebSocket protocol with nothing behind it but an echo: ``python -m tests.websocket.echo [unbounded]``.

Suites that try the protocol itself want their messages back, which the service never sends. Everything below the
application is what the service runs: the same class, with the same options. ``unbounded``: without the service's
bounds of size and frames, to try the protocol's working on messages that those refuse. Prints its port.
"""

import asyncio
import socket
import sys
from functools import partial
from typing import Any, cast

import uvicorn

from auteur.entrypoints.edge.sockets import Admission
from auteur.entrypoints.edge.sockets import SocketProtocol as ServedProtocol  # the one place that names the class
from auteur.entrypoints.server import fastest_loop

MAX_SIZE = 1 << 20
_ADMISSION = Admission(client=("127.0.0.1", 0), is_secure=False, slots=(), answer_by=1e9)


class UnboundedProtocol(ServedProtocol):
    """Without the budget of frames."""

    def handle_events(self) -> None:
        self._frames_left = float("inf")
        super().handle_events()


async def echo(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Takes any socket and says what it hears."""
    assert scope["type"] == "websocket"
    assert (await receive())["type"] == "websocket.connect"
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        said = {name: message[name] for name in ("text", "bytes") if message.get(name) is not None}
        await send({"type": "websocket.send", **said})


def server(listener: socket.socket, *, unbounded: bool) -> uvicorn.Server:
    """As `auteur.entrypoints.server.serve` configures it."""
    config = uvicorn.Config(
        echo,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws=cast(Any, partial(UnboundedProtocol if unbounded else ServedProtocol, admission=_ADMISSION)),
        ws_max_size=64 << 20 if unbounded else MAX_SIZE,
        ws_ping_interval=30,
        ws_ping_timeout=20,
        ws_per_message_deflate=False,
        server_header=False,
        timeout_graceful_shutdown=3,
    )
    return uvicorn.Server(config)


async def main(unbounded: bool) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    await server(listener, unbounded=unbounded).serve([listener])


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=fastest_loop()) as runner:
        runner.run(main("unbounded" in sys.argv[1:]))
