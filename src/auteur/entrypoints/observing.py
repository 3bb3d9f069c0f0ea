"""What a process shows of itself while it runs: its event loop, its log, its disk and its engines."""

import asyncio
import logging
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from prometheus_client import start_http_server

from auteur import __version__
from auteur.adapters.background import end
from auteur.adapters.metrics import EnginesUp, Metrics
from auteur.domain.routing import EngineRouter
from auteur.entrypoints.settings import PREFIX, Settings, WrongSettingError

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
    without the event loop, and most wanted where that hangs. Raises `WrongSettingError`."""
    if settings.worker_metrics_port is None:
        yield
        return
    try:
        server, thread = start_http_server(settings.worker_metrics_port, settings.host, metrics.registry)
    except OSError as error:
        reason = (error.strerror or "not possible").lower()
        raise WrongSettingError(f"{PREFIX}WORKER_METRICS_PORT: cannot listen there: {reason}") from None
    try:
        yield
    finally:
        await asyncio.to_thread(server.shutdown)
        server.server_close()
        thread.join()


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
