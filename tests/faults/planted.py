"""The service with a fault of its own: ``python -m tests.faults.planted NAME serve …``. The harness must catch each."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncGenerator
from typing import Any

from auteur.adapters.log.codec import decode_event
from auteur.adapters.log.redis.bus import RedisProgressBus
from auteur.adapters.redis.database import RedisDatabase, Script
from auteur.domain.events import Position, RecordedEvent
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
        project, _, position = head.removeprefix(b'{"project_id":"').partition(b'","position":"')
        epoch, _, seq = position.rstrip(b'"').decode().rpartition("-")
        with contextlib.suppress(ValueError):
            recorded = RecordedEvent(Position(epoch, int(seq)), decode_event(record[:-1]))
            for queue in queues.get(project.decode(), ()):
                queue.put_nowait(recorded)

    RedisProgressBus.subscribe = subscribe  # type: ignore[method-assign]
    RedisProgressBus._take = take  # type: ignore[method-assign]


def no_epoch() -> None:
    """Positions are numbers and nothing else."""

    async def ask_run(self: RedisDatabase, server: Any) -> str:
        return "00000000"

    RedisDatabase._ask_run = ask_run  # type: ignore[method-assign]
    RedisDatabase.new_token = lambda self: "00000000"  # type: ignore[method-assign]


def retries_on_writes() -> None:
    """A write whose answer was lost is sent again."""
    Script.reads = property(lambda self: True)  # type: ignore[method-assign,assignment]


PLANTED = {fault.__name__: fault for fault in (no_gap_filling, no_epoch, retries_on_writes)}

if __name__ == "__main__":
    PLANTED[sys.argv.pop(1)]()
    main()
