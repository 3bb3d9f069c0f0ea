"""Serves the application with uvicorn, and stops in the right order."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

import structlog
import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

from auteur.adapters.background import end
from auteur.entrypoints.access import require_access
from auteur.entrypoints.addresses import in_url
from auteur.entrypoints.app import create_app
from auteur.entrypoints.container import Container, lifetime, requeue_running, shut_down
from auteur.entrypoints.heartbeat import BEAT_S, Heartbeat
from auteur.entrypoints.observing import metrics_served
from auteur.entrypoints.settings import Settings

log = structlog.get_logger(__name__)

_STALLED_CLIENT_MS = 10_000
_SEND_BUFFER_BYTES = 256 << 10
_CLOSE_CONNECTIONS_S = 3
_FRAMES_PER_S, _FRAMES_BURST = 200, 1000  # ten times the messages a socket may send
_SLICE_BYTES = 4096


class CannotListenError(Exception):
    """The address cannot be listened on."""


class FrameBudgetProtocol(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket with a budget of frames.

    Size limits count payload only, so a client may send empty frames for ever, and each costs the event loop some
    microseconds: measured, one such client kept all others from an answer for over 30 s. Whoever sends more frames than
    any conversation needs is cut off.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._frames_left = float(_FRAMES_BURST)
        self._frames_at = self.loop.time()

    def data_received(self, data: bytes) -> None:
        for start in range(0, len(data), _SLICE_BYTES):
            super().data_received(data[start : start + _SLICE_BYTES])
            if self._frames_left < 0:
                self.logger.warning("socket cut off: it sends too many frames")
                self.transport.abort()
            if self.transport.is_closing():
                return

    def handle_events(self) -> None:
        now = self.loop.time()
        earned = (now - self._frames_at) * _FRAMES_PER_S
        self._frames_left, self._frames_at = min(self._frames_left + earned, _FRAMES_BURST), now
        super().handle_events()

    def handle_cont(self, event: Frame) -> None:
        self._frames_left -= 1
        super().handle_cont(event)

    def handle_text(self, event: Frame) -> None:
        self._frames_left -= 1
        super().handle_text(event)

    def handle_bytes(self, event: Frame) -> None:
        self._frames_left -= 1
        super().handle_bytes(event)

    def handle_ping(self) -> None:
        self._frames_left -= 1
        super().handle_ping()

    def handle_pong(self, event: Frame) -> None:
        self._frames_left -= 1
        super().handle_pong(event)


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


def fastest_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Makes uvloop's event loops where it runs; None for asyncio's own."""
    try:
        import uvloop
    except ImportError:  # Windows
        return None
    return uvloop.new_event_loop


def url_of(settings: Settings, listener: socket.socket) -> str:
    """Where a browser on this machine reaches the listener."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    return f"http://{in_url(host)}:{listener.getsockname()[1]}"


async def serve(container: Container, listener: socket.socket, on_open: Callable[[], None]) -> None:
    """Opens the container, calls ``on_open``, and serves until SIGTERM or SIGINT. Raises what `lifetime` raises."""
    settings = container.settings()
    async with lifetime(container, url=url_of(settings, listener)):
        await require_access(container.access_store(), settings)
        on_open()
        config = uvicorn.Config(
            create_app(container, port=listener.getsockname()[1], opened=True),
            log_config=None,
            access_log=False,
            lifespan="off",  # it is ours, around the server
            ws=FrameBudgetProtocol,
            ws_max_size=1 << 20,
            ws_ping_interval=settings.ws_heartbeat_interval,
            ws_ping_timeout=20,
            ws_per_message_deflate=False,
            server_header=False,
            timeout_graceful_shutdown=_CLOSE_CONNECTIONS_S,
        )
        # a clean stop is a success, but uvicorn raises the signal again after it
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, lambda *_: None)
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
        on_open()
        await stopping.wait()
        drain, hurry = asyncio.create_task(shut_down(container)), asyncio.create_task(hurrying.wait())
        await asyncio.wait({drain, hurry}, return_when=asyncio.FIRST_COMPLETED)
        if not drain.done():
            await requeue_running(container, 0)
        await end([hurry])
        await drain


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
