"""The service altered: ``python -m tests.faults.planted NAME serve …``.

Some have a fault of their own, and the harness must catch each. Others stop half-way, where they shall be broken off,
as long as a file says so (`HELD`), and do soon again what is done once a minute; or take the machine for one that was
started again.
"""

import asyncio
import contextlib
import itertools
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from auteur.adapters.files.workspace import WorkspaceArtifactStore
from auteur.adapters.log.codec import decode_event
from auteur.adapters.log.redis import carry
from auteur.adapters.log.redis.bus import RedisProgressBus
from auteur.adapters.log.redis.store import RedisStateStore
from auteur.adapters.log.sqlite import database
from auteur.adapters.redis.database import RedisDatabase, Script
from auteur.domain.events import Event, Position, RecordedEvent, TaskSucceeded
from auteur.entrypoints import container
from auteur.entrypoints.cli import main


def no_gap_filling() -> None:
    """Whoever listens hears what pub/sub says, and nothing else after the history."""
    queues: dict[str, set[asyncio.Queue[RecordedEvent]]] = {}

    async def subscribe(
        self: RedisProgressBus, project_id: str, after: Position | None
    ) -> AsyncGenerator[RecordedEvent, None]:
        queue: asyncio.Queue[RecordedEvent] = asyncio.Queue()
        self._followers[project_id] += 1
        await self._subscribe_channel(project_id)
        queues.setdefault(project_id, set()).add(queue)
        try:
            for recorded in await self.history(project_id, after, 10_000):
                yield recorded
                after = recorded.position
            while True:
                recorded = await queue.get()
                if after is None or recorded.position.seq > after.seq:
                    yield recorded
                    after = recorded.position
        finally:
            self._followers[project_id] -= 1
            queues[project_id].discard(queue)

    def take(self: RedisProgressBus, message: bytes) -> None:
        head, _, record = message.partition(b',"record":')
        project, _, rest = head.removeprefix(b'{"project_id":"').partition(b'","position":"')
        epoch, _, seq = rest.partition(b'","take":')[0].decode().rpartition("-")
        with contextlib.suppress(ValueError):
            recorded = RecordedEvent(Position(epoch, int(seq)), decode_event(record[:-1]))
            for queue in queues.get(project.decode(), ()):
                queue.put_nowait(recorded)

    RedisProgressBus.subscribe = subscribe  # type: ignore[method-assign]
    RedisProgressBus._on_message = take  # type: ignore[method-assign]


def no_epoch() -> None:
    """Positions are numbers and nothing else."""

    async def ask_run(self: RedisDatabase, server: Any) -> str:
        return "00000000"

    RedisDatabase._ask_run = ask_run  # type: ignore[method-assign]
    RedisDatabase.new_token = lambda self: "00000000"  # type: ignore[method-assign]


def retries_on_writes() -> None:
    """A write whose answer was lost is sent again."""
    Script.reads = property(lambda self: True)  # type: ignore[method-assign,assignment]


def no_result_kept() -> None:
    """Every fifth result is told, and not kept."""
    publish = RedisProgressBus.publish
    count = itertools.count(1)

    async def forgetful(self: RedisProgressBus, event: Event) -> RecordedEvent:
        if isinstance(event, TaskSucceeded) and next(count) % 5 == 0:
            event = Forgotten(**{part.name: getattr(event, part.name) for part in fields(event)})
        return await publish(self, event)

    RedisProgressBus.publish = forgetful  # type: ignore[method-assign]


class Forgotten(TaskSucceeded):
    """Ends its task and says nothing of what was made."""

    __slots__ = ()

    def changes(self) -> Mapping[str, Any]:
        return {name: value for name, value in super().changes().items() if name != "result"}


Forgotten.__name__ = "TaskSucceeded"


async def _stop_after(passed: int, begun: Counter[str], project: str) -> None:
    """Waits while the file is there, after so many times in a project."""
    begun[project] += 1
    while begun[project] > passed and HELD.exists():
        await asyncio.sleep(0.01)


def stops_carrying() -> None:
    """Carrying a project over stops after its first records."""
    write, begun = carry._write, Counter[str]()

    async def held(database: RedisDatabase, meta: str, *args: Any, last: bool) -> bool:
        await _stop_after(1, begun, meta)
        return await write(database, meta, *args, last=last)

    carry._write = held


def stops_purging() -> None:
    """Purging a project stops after its first records."""
    purge, begun = RedisStateStore.purge, Counter[str]()

    async def held(self: RedisStateStore, project_id: str, limit: int) -> bool:
        await _stop_after(1, begun, project_id)
        return await purge(self, project_id, limit)

    RedisStateStore.purge = held  # type: ignore[method-assign]
    container._MAINTENANCE_S = 1.0


def stops_removing() -> None:
    """Removing the files of a project's tasks stops after those of two."""
    remove, begun = WorkspaceArtifactStore.remove, Counter[str]()

    async def held(self: WorkspaceArtifactStore, project_id: str, task_id: str | None = None) -> None:
        await _stop_after(2, begun, project_id)
        await remove(self, project_id, task_id)

    WorkspaceArtifactStore.remove = held  # type: ignore[method-assign]


def another_run() -> None:
    """The machine has been started again."""
    database.boot_id = lambda: "another run"


HELD = Path("held")
"""In the directory that the service works in: where it is to stop, it does as long as this is there."""

FAULTS = (no_gap_filling, no_epoch, retries_on_writes, no_result_kept)
PLANTED = {
    altered.__name__: altered for altered in (*FAULTS, stops_carrying, stops_purging, stops_removing, another_run)
}

if __name__ == "__main__":
    PLANTED[sys.argv.pop(1)]()
    main()
