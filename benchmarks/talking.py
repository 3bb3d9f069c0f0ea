"""The service, that tells by itself: ``python benchmarks/talking.py serve …``.

On SIGUSR1 it publishes ``TALK_EVENTS`` progress events of one task of the project ``TALK_PROJECT``, ``TALK_EVERY_S``
apart: as a worker in this process does, without the work. With ``TALK_PROJECTS`` above 1, of one task in each of so
many projects, ``film-0`` and so on, in turn. With ``TALK_NOTE_BYTES`` each event is larger by that; with ``TALK_ENDS``
each task succeeds after 20 events, and another begins. With ``TALK_LATE`` it writes to that file how many milliseconds
its event loop worked from before each event was published until the last who hears it was told. Where it cannot go on,
the service ends: who waits for the rest would wait in vain.
"""

import asyncio
import json
import os
import re
import signal
import socket
import time
import traceback
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from auteur.adapters.live.feed import ProjectFeed
from auteur.adapters.live.hub import Ear
from auteur.adapters.live.limits import SessionLimits
from auteur.adapters.live.line import Write
from auteur.adapters.live.outbox import Outbox
from auteur.domain.events import TaskProgressed, TaskQueued, TaskStarted, TaskSucceeded
from auteur.domain.ports import ProgressBus
from auteur.domain.task import TaskRequest, TaskResult
from auteur.entrypoints import server
from auteur.entrypoints.cli import main
from auteur.entrypoints.container import Container

EVENTS = int(os.environ.get("TALK_EVENTS", "500"))
EVERY_S = float(os.environ.get("TALK_EVERY_S", "0.01"))
PROJECT = os.environ.get("TALK_PROJECT", "film")
NOTE = {"note": "x" * note} if (note := int(os.environ.get("TALK_NOTE_BYTES", "0"))) else {}
ENDS, ROUNDS = "TALK_ENDS" in os.environ, 20
LATE = os.environ.get("TALK_LATE")
_SEQ = re.compile(rb'"position":"[^"]*-(\d+)"')
PROJECTS = int(os.environ.get("TALK_PROJECTS", "1"))
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


class Last:
    """One who hears the project from inside, behind all who were there before, on a `Line` of its own; and when each
    event was published and told, by the work of the loop's thread."""

    def __init__(self) -> None:
        self.published: dict[int, float] = {}
        self.told: dict[int, float] = {}

    def write(self, frame: bytes) -> None:
        for found in _SEQ.finditer(frame):
            self.told[int(found[1])] = time.thread_time()

    def waiting(self) -> int:
        return 0

    async def fallen_to(self, waiting_bytes: int) -> None:
        pass

    def direct(self, told: Callable[[Write | None], None] | None) -> Write | None:
        return self.write

    async def listen(self, feed: ProjectFeed) -> None:
        """Until it is level, and a hub tells it."""

        def over(*_: object) -> None:
            raise AssertionError("who is level here is not left behind")

        outbox = Outbox(self, SessionLimits())
        ear = Ear(outbox=outbox, frame=lambda text, _: text.encode(), lagged=over, lost=over, ended=over)
        await feed.tell(PROJECT, ear, None, begins=True, resumes=False)

    def late_ms(self) -> list[float]:
        """Of each event, the shortest first."""
        return sorted((at - self.published[seq]) * 1000 for seq, at in self.told.items() if seq in self.published)


_last = Last()


async def talk(bus: ProgressBus, worker: str) -> None:
    """Tasks that go on and on, or one after another that end."""
    for first in range(0, EVENTS, ROUNDS if ENDS else EVENTS):
        await talk_for(bus, worker, range(first, min(first + ROUNDS, EVENTS) if ENDS else EVENTS))


async def talk_for(bus: ProgressBus, worker: str, rounds: range) -> None:
    """One task in each project. ``worker``: this process, as the house knows it: of any other it would be said that it
    is gone, and its tasks be run."""
    projects = [f"film-{number}" for number in range(PROJECTS)] if PROJECTS > 1 else [PROJECT]
    tasks = {project: str(uuid.uuid4()) for project in projects}

    def of(project: str) -> dict[str, object]:
        metadata = {"shot": "12A", **NOTE}
        return {"project_id": project, "task_id": tasks[project], "at": datetime.now(UTC), "metadata": metadata}

    for project in tasks:
        await bus.publish(TaskQueued(**of(project), request=REQUEST))  # type: ignore[arg-type]
        await bus.publish(TaskStarted(**of(project), attempt=1, worker=worker))  # type: ignore[arg-type]
    for number in rounds:
        message = f"Pass {number + 1} of {EVENTS}"
        progress = round(number / EVENTS, 4)
        for project in tasks:
            event = TaskProgressed(
                **of(project),
                attempt=1,
                progress=progress,
                stage="rendering",
                message=message,
                eta_s=1.5,  # type: ignore[arg-type]
            )
            began = time.thread_time()
            recorded = await bus.publish(event)
            if LATE is not None:
                _last.published[recorded.position.seq] = began
        await asyncio.sleep(EVERY_S)
    for project in tasks if ENDS else ():
        done = TaskResult(engine="none", artifacts=(), params={})
        await bus.publish(TaskSucceeded(**of(project), attempt=1, result=done, duration_s=1.0))  # type: ignore[arg-type]


_talking: set[asyncio.Task[None]] = set()
_serve = server.serve


async def serve(container: Container, listener: socket.socket, on_open: Callable[[], None]) -> None:
    """As the service does, and listens to the signal."""

    async def say() -> None:
        if LATE is not None:
            await _last.listen(container.feed())
        await talk(container.bus(), container.worker().name)
        if LATE is not None:
            await asyncio.sleep(0.1)
            Path(LATE).write_text(json.dumps(_last.late_ms()))

    def has_told(task: asyncio.Task[None]) -> None:
        _talking.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            traceback.print_exception(error)
            os._exit(1)

    def begin() -> None:
        task = asyncio.create_task(say(), name="talk")
        _talking.add(task)
        task.add_done_callback(has_told)

    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, begin)
    await _serve(container, listener, on_open)


if __name__ == "__main__":
    server.serve = serve
    main()
