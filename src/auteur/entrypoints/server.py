"""Serves the application with uvicorn, and stops in the right order."""

import asyncio
import contextlib
import gc
import signal
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, cast

import structlog
import uvicorn
from starlette.types import ASGIApp

from auteur.adapters.background import end
from auteur.entrypoints.access import require_access
from auteur.entrypoints.addresses import CannotListenError, in_url
from auteur.entrypoints.app import create_app, doors_of
from auteur.entrypoints.container import Container, lifetime, requeue_running, shut_down
from auteur.entrypoints.edge.http import EdgeProtocol
from auteur.entrypoints.edge.limits import Edge
from auteur.entrypoints.edge.sockets import SocketProtocol
from auteur.entrypoints.heartbeat import BEAT_S, Heartbeat
from auteur.entrypoints.observing import metrics_served
from auteur.entrypoints.settings import Settings

log = structlog.get_logger(__name__)

_STALLED_CLIENT_MS = 10_000
_SEND_BUFFER_BYTES = 256 << 10
_CLOSE_CONNECTIONS_S = 3
_FILES_BESIDE_CONNECTIONS = 512


class _DrainingServer(uvicorn.Server):
    """uvicorn closes sockets before the lifespan ends; here work is drained and clients are told before both."""

    def __init__(self, config: uvicorn.Config, container: Container) -> None:
        super().__init__(config)
        self._container = container

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        drain = asyncio.create_task(shut_down(self._container))
        while not drain.done():
            await asyncio.wait({drain}, timeout=0.1)
            if self.force_exit:  # a second Ctrl-C: hand back now
                await requeue_running(self._container, 0)
        await drain
        await super().shutdown(sockets)


def listen(settings: Settings) -> socket.socket:
    """A listening socket for the settings. Raises `CannotListenError`."""
    try:
        family, address = _address(settings)
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except OSError as error:
        raise _cannot_listen(settings, error) from None
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:  # `::` is everything there is, IPv4 included, whatever the system's default says
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, settings.host != "::")
    # heads and bodies are written apart: with Nagle's algorithm every small answer waits 40 ms for an acknowledgement
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # a client that does not read costs this much of the kernel's memory, not the megabytes it would grow to
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # a client that stops reading is dropped by the kernel, and only by it
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _STALLED_CLIENT_MS)
    try:
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise _cannot_listen(settings, error) from None
    listener.listen(2048)
    listener.setblocking(False)
    return listener


def _address(settings: Settings) -> tuple[socket.AddressFamily, Any]:
    """Family and socket address of the host: a name that has both is taken as IPv4, a zone (`fe80::1%eth0`) is kept."""
    found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    family, _, _, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    return family, address


def _cannot_listen(settings: Settings, error: OSError) -> CannotListenError:
    return CannotListenError(
        f"Cannot listen on {in_url(settings.host)}:{settings.port}: {(error.strerror or 'not possible').lower()}."
        " Set BACKEND_HOST and BACKEND_PORT, or --port, to a free address."
    )


def room_for(connections: int) -> int:
    """How many of the connections wanted this process may hold open; raises its limit of files for them if it can."""
    try:
        import resource
    except ImportError:  # Windows
        return connections
    wanted = connections + _FILES_BESIDE_CONNECTIONS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        raised = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
            soft = raised
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return connections
    room = max(soft - _FILES_BESIDE_CONNECTIONS, soft // 2)
    log.warning("fewer connections than BACKEND_MAX_CONNECTIONS: this process may not open the files", connections=room)
    return min(connections, room)


def fastest_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Makes uvloop's event loops where it runs; None for asyncio's own."""
    try:
        import uvloop
    except ImportError:  # Windows
        return None
    return uvloop.new_event_loop


def run(main: Coroutine[Any, Any, None]) -> None:
    """Runs what serves or works, on the fastest loop. A signal that comes when it is over, while the interpreter puts
    itself away, ends nothing any more: the process still tells that all went well."""
    with asyncio.Runner(loop_factory=fastest_loop()) as runner:
        runner.run(main)
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, signal.SIG_IGN)


def url_of(settings: Settings, listener: socket.socket) -> str:
    """Where a browser on this machine reaches the listener."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    return f"http://{in_url(host)}:{listener.getsockname()[1]}"


def server_config(app: ASGIApp, edge: Edge, *, ping_interval_s: float = 30) -> uvicorn.Config:
    """How uvicorn serves ``app`` behind the edge. ``ping_interval_s``: between two pings of a WebSocket."""
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        interface="asgi3",
        lifespan="off",  # it is ours, around the server
        # for uvicorn these are classes, which get their part from it
        http=cast(Any, partial(EdgeProtocol, edge=edge)),
        ws=SocketProtocol,
        ws_max_size=1 << 20,
        ws_ping_interval=ping_interval_s,
        ws_ping_timeout=20,
        ws_per_message_deflate=False,
        server_header=False,
        proxy_headers=False,  # the edge reads them, of the proxies that the settings name
        timeout_graceful_shutdown=_CLOSE_CONNECTIONS_S,
    )


async def serve(container: Container, listener: socket.socket, on_open: Callable[[], None]) -> None:
    """Opens the container, calls ``on_open``, and serves until SIGTERM or SIGINT. Raises what `lifetime` raises."""
    settings = container.settings()
    async with lifetime(container, url=url_of(settings, listener)):
        await require_access(container.access_store(), settings)
        on_open()
        app = create_app(container, port=listener.getsockname()[1], opened=True)
        config = server_config(app, Edge.of(settings, room_for), ping_interval_s=settings.ws_heartbeat_interval)
        _collect_from_here()
        # a clean stop is a success, but uvicorn raises the signal again after it
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, lambda *_: None)
        async with doors_of(app):
            await _DrainingServer(config, container).serve([listener])


async def work(container: Container, on_open: Callable[[], None]) -> None:
    """Opens the container without a server, calls ``on_open``, and runs tasks until SIGTERM or SIGINT; a second one
    hands back at once. Raises what `lifetime` raises."""
    loop = asyncio.get_running_loop()
    stopping, hurrying = asyncio.Event(), asyncio.Event()

    def stop() -> None:
        (hurrying if stopping.is_set() else stopping).set()

    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop)
    served = metrics_served(container.metrics(), container.settings())
    async with served, lifetime(container), _beating():
        _collect_from_here()
        on_open()
        await stopping.wait()
        drain, hurry = asyncio.create_task(shut_down(container)), asyncio.create_task(hurrying.wait())
        await asyncio.wait({drain, hurry}, return_when=asyncio.FIRST_COMPLETED)
        if not drain.done():
            await requeue_running(container, 0)
        await end([hurry])
        await drain


def _collect_from_here() -> None:
    """What was made for the start stays: to look through it each time stops everybody for 100 ms."""
    gc.freeze()
    gc.enable()


@asynccontextmanager
async def _beating() -> AsyncIterator[None]:
    """Shows that the loop turns, whatever Redis does. In a thread of its own: a slow disk shall not hold the loop, nor
    a full pool of threads the beat."""
    loop, heartbeat, is_seen = asyncio.get_running_loop(), Heartbeat(), True
    with ThreadPoolExecutor(1, "heartbeat") as thread:

        async def beat() -> None:
            nonlocal is_seen
            try:
                await loop.run_in_executor(thread, heartbeat.beat)
                is_seen = True
            except OSError as error:
                if is_seen:
                    log.warning("no sign of life can be left, so probes find no worker", cause=error.strerror)
                is_seen = False

        async def go_on() -> None:
            while True:
                await asyncio.sleep(BEAT_S)
                await beat()

        await beat()
        beats = asyncio.create_task(go_on(), name="heartbeat")
        try:
            yield
        finally:
            await end([beats])
            await loop.run_in_executor(thread, heartbeat.close)
