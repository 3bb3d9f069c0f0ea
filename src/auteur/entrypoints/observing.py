"""What a process shows of itself while it runs: its event loop, its log, its disk and its engines."""

import asyncio
import hmac
import logging
import shutil
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from socketserver import TCPServer, ThreadingMixIn
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import make_wsgi_app

from auteur import __version__
from auteur.adapters.background import end
from auteur.adapters.metrics import EnginesUp, Metrics
from auteur.domain.authentication import digest_of
from auteur.domain.routing import EngineRouter
from auteur.entrypoints.access import token_demand
from auteur.entrypoints.settings import PREFIX, Settings, WrongSettingError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_TICK_S = 0.25
_DISK_S = 10.0


@asynccontextmanager
async def observed(metrics: Metrics, router: EngineRouter, settings: Settings, deployment: str) -> AsyncIterator[None]:
    """Keeps the metrics of this process up to date while it is open."""

    def engines_up() -> EnginesUp:
        return {(route.engine, route.task_type.name): router.status(route).up for route in router.all_routes()}

    metrics.engines_up = engines_up
    metrics.info.labels(__version__, deployment).set(1)
    counter = _LineCounter(metrics)
    logging.getLogger().addHandler(counter)
    watching = [
        asyncio.create_task(_watch_loop(metrics), name="loop-lag"),
        asyncio.create_task(_watch_disk(metrics, settings), name="disk"),
    ]
    try:
        yield
    finally:
        await end(watching)
        logging.getLogger().removeHandler(counter)


@asynccontextmanager
async def metrics_served(metrics: Metrics, settings: Settings) -> AsyncIterator[None]:
    """Answers ``/metrics`` of a process that has no other door, if a port is set. In a thread: what it tells is known
    without the event loop, and most wanted where that hangs. Where the operator's token is set it has to be shown.
    Raises `WrongSettingError`."""
    if settings.worker_metrics_port is None:
        yield
        return
    if settings.token is None and token_demand(settings) == "always":
        raise WrongSettingError(
            f"{PREFIX}WORKER_METRICS_PORT: others reach it, and no token keeps them out: set {PREFIX}TOKEN, or "
            f"{PREFIX}ALLOW_ANONYMOUS=true"
        )
    told = make_wsgi_app(metrics.registry)
    try:
        server = make_server(
            settings.host,
            settings.worker_metrics_port,
            told if settings.token is None else _asking(told, digest_of(settings.token.get_secret_value())),
            _ThreadingServer,
            _Silent,
        )
    except OSError as error:
        reason = (error.strerror or "not possible").lower()
        raise WrongSettingError(f"{PREFIX}WORKER_METRICS_PORT: cannot listen there: {reason}") from None
    thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    try:
        yield
    finally:
        await asyncio.to_thread(server.shutdown)
        server.server_close()
        thread.join()


def _asking(told: "WSGIApplication", digest: str) -> "WSGIApplication":
    """The same for who shows the token whose digest that is."""

    def answer(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        scheme, _, secret = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() == "bearer" and hmac.compare_digest(digest_of(secret.strip()), digest):
            return told(environ, start)
        start("401 Unauthorized", [("WWW-Authenticate", 'Bearer realm="auteur"'), ("Content-Length", "0")])
        return []

    return answer


class _ThreadingServer(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    @property
    def address_family(self) -> int:  # type: ignore[override]
        return socket.AF_INET6 if ":" in self._host else socket.AF_INET

    def __init__(self, address: tuple[str, int], handler: type[WSGIRequestHandler]) -> None:
        self._host = address[0]
        super().__init__(address, handler)

    def server_bind(self) -> None:
        """Without asking a name server how this machine is called."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self._host, self.server_address[1]
        self.setup_environ()


class _Silent(WSGIRequestHandler):
    timeout = 10  # seconds; a thread for each who does not go on

    def log_message(self, format: str, *args: object) -> None:
        pass


class _LineCounter(logging.Handler):
    """Counts the lines that are worth a look. It is asked after the log's own level."""

    def __init__(self, metrics: Metrics) -> None:
        super().__init__(logging.WARNING)
        self._lines = metrics.log_lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.labels("error" if record.levelno >= logging.ERROR else "warning").inc()


async def _watch_loop(metrics: Metrics) -> None:
    while True:
        asked = time.monotonic()
        await asyncio.sleep(_TICK_S)
        metrics.lag.observe(max(time.monotonic() - asked - _TICK_S, 0.0))


async def _watch_disk(metrics: Metrics, settings: Settings) -> None:
    """A disk of a network that does not answer holds a thread, and nothing else."""
    while True:
        with suppress(OSError):
            found = await asyncio.to_thread(shutil.disk_usage, settings.workspace)
            metrics.free.set(found.free)
            metrics.size.set(found.total)
        await asyncio.sleep(_DISK_S)
