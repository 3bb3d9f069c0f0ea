"""The service, that tells by itself: ``python benchmarks/talking.py serve …``.

On SIGUSR1 it publishes ``TALK_EVENTS`` progress events of one task of the project ``TALK_PROJECT``, ``TALK_EVERY_S``
apart: as a worker in this process does, without the work.
"""

import asyncio
import os
import signal
import socket
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

from auteur.domain.events import TaskProgressed, TaskQueued, TaskStarted
from auteur.domain.ports import ProgressBus
from auteur.domain.task import TaskRequest
from auteur.entrypoints import server
from auteur.entrypoints.cli import main
from auteur.entrypoints.container import Container

EVENTS = int(os.environ.get("TALK_EVENTS", "500"))
EVERY_S = float(os.environ.get("TALK_EVERY_S", "0.01"))
PROJECT = os.environ.get("TALK_PROJECT", "film")
REQUEST = TaskRequest(
    task_type="text_to_image",
    quality="draft",
    params={"prompt": "a field"},
    origins={},
    lane="interactive",
    timeout_s=3600.0,
    message_id="m",
    fingerprint="f" * 64,
    queue_position=1,
)


async def talk(bus: ProgressBus) -> None:
    """A task that goes on and on."""
    task_id = str(uuid.uuid4())

    def of() -> dict[str, object]:
        return {"project_id": PROJECT, "task_id": task_id, "at": datetime.now(UTC), "metadata": {"shot": "12A"}}

    await bus.publish(TaskQueued(**of(), request=REQUEST))  # type: ignore[arg-type]
    await bus.publish(TaskStarted(**of(), attempt=1, worker="w"))  # type: ignore[arg-type]
    for number in range(EVENTS):
        message = f"Pass {number + 1} of {EVENTS}"
        progress = round(number / EVENTS, 4)
        await bus.publish(
            TaskProgressed(**of(), attempt=1, progress=progress, stage="rendering", message=message, eta_s=1.5)  # type: ignore[arg-type]
        )
        await asyncio.sleep(EVERY_S)


_talking: set[asyncio.Task[None]] = set()
_serve = server.serve


async def serve(container: Container, listener: socket.socket, on_open: Callable[[], None]) -> None:
    """As the service does, and listens to the signal."""

    def begin() -> None:
        task = asyncio.create_task(talk(container.bus()))
        _talking.add(task)
        task.add_done_callback(_talking.discard)

    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, begin)
    await _serve(container, listener, on_open)


if __name__ == "__main__":
    server.serve = serve
    main()
