"""What it costs that places in the queue are told: CPU of the service for one start, with many waiting and listening.

1 000 tasks wait in one project, 100 sockets follow it, and tasks start one after another, slowly and fast. The figures
are the CPU of one start with the watch over the same without it, and over one socket alone: the first ratio is what
places cost beside the event itself, which all hear anyway; the second, what a listener more costs. In process, on the
embedded log in memory, with a real outbox for each socket, so that nothing but telling is measured.

    python benchmarks/places.py [waiting] [sockets]
"""

import asyncio
import contextlib
import sys
import time
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.fakes import START, Attendance, of, queued

from auteur.adapters.live.feed import ProjectFeed
from auteur.adapters.live.hub import Ear
from auteur.adapters.live.limits import SessionLimits
from auteur.adapters.live.line import Write, text_frame
from auteur.adapters.live.outbox import Outbox
from auteur.adapters.live.places import PlacesWatch
from auteur.adapters.log.memory import MemoryHub, MemoryProgressBus, MemoryStateStore
from auteur.domain.events import TaskStarted
from auteur.domain.ports import Worker
from auteur.domain.project import ProjectReader
from auteur.domain.waiting import PlacesTold

WAITING = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
SOCKETS = int(sys.argv[2]) if len(sys.argv) > 2 else 100
ROUNDS = 5
WORKER = Worker(name="w", since=START, lanes=("interactive",), slots=3)


class Crowd:
    """Sockets that follow one project, and read all that they are told."""

    def __init__(self, feed: ProjectFeed) -> None:
        self.feed = feed
        self.bytes = 0
        self.frames = 0

    async def follow(self) -> None:
        outbox = Outbox(self, SessionLimits())
        ended = asyncio.get_running_loop().create_future()

        def tell(told: PlacesTold) -> bool:
            return all(outbox.offer(text_frame(text)) for text in self.feed.write_places(told))

        ear = Ear(
            outbox=outbox,
            frame=lambda text, position: text_frame(text),
            lagged=lambda position: None,  # what it is told it has read
            lost=lambda: None,
            ended=ended.set_exception,
        )
        with self.feed.attend("film", tell) as ear.listener:
            try:
                await self.feed.tell("film", ear, None, begins=True, resumes=False)
                await ended
            finally:
                ear.leave()

    def write(self, frame: bytes) -> None:
        self.bytes += len(frame)
        self.frames += 1

    def waiting(self) -> int:
        return 0

    async def fallen_to(self, waiting_bytes: int) -> None:
        pass

    def direct(self, told: Callable[[Write | None], None] | None) -> Write:
        return self.write


@contextlib.asynccontextmanager
async def house(waiting: int, sockets: int, *, watched: bool) -> AsyncIterator[tuple[MemoryProgressBus, Crowd]]:
    hub = MemoryHub()
    bus, store = MemoryProgressBus(hub), MemoryStateStore(hub)
    for number in range(waiting):
        await bus.publish(queued(f"t-{number}", params={"prompt": "x" * 200}, estimate_s=2.0))

    def now() -> datetime:
        return datetime.now(UTC)

    watch = PlacesWatch(bus, store, Attendance(present=[WORKER]), now, weights={})
    feed = ProjectFeed(bus, ProjectReader(store), now, lambda: str(uuid.uuid4()), watch=watch if watched else None)
    crowd = Crowd(feed)
    following = [asyncio.create_task(crowd.follow()) for _ in range(sockets)]
    await asyncio.sleep(1.5)  # all are greeted, and told the first time
    try:
        yield bus, crowd
    finally:
        for one in following:
            one.cancel()
        await asyncio.wait(following)
        await watch.close()


async def cost(waiting: int, sockets: int, *, watched: bool, every_s: float, starts: int) -> tuple[float, float]:
    """Microseconds of CPU a start, and bytes a start and socket; the least of several rounds."""
    found = []
    async with house(waiting, sockets, watched=watched) as (bus, crowd):
        number = 0
        for _ in range(ROUNDS):
            before, told = time.process_time(), crowd.bytes
            for _ in range(starts):
                await bus.publish(TaskStarted(**of(f"t-{number}"), attempt=1, worker="w"))
                number += 1
                await asyncio.sleep(every_s)
            await asyncio.sleep(1.2)  # what is told after the last one
            spent = (time.process_time() - before) / starts * 1e6
            found.append((spent, (crowd.bytes - told) / starts / max(sockets, 1)))
    return min(found)


async def main() -> None:
    for name, every_s, starts in (("one start a second or less", 1.2, 2), ("a hundred a second", 0.01, 30)):
        bare, _ = await cost(WAITING, SOCKETS, watched=False, every_s=every_s, starts=starts)
        told, size = await cost(WAITING, SOCKETS, watched=True, every_s=every_s, starts=starts)
        few, _ = await cost(WAITING // 4, SOCKETS, watched=True, every_s=every_s, starts=starts)
        alone, _ = await cost(WAITING, 1, watched=True, every_s=every_s, starts=starts)
        each = (told - alone) / (SOCKETS - 1)
        event = bare / SOCKETS
        print(
            f"{name}: {told / 1000:.2f} ms of CPU a start with {WAITING} waiting and {SOCKETS} sockets,\n"
            f"  {bare / 1000:.2f} ms without places: ratio {told / bare:.2f};"
            f" with {WAITING // 4} waiting {few / 1000:.2f} ms: ratio {told / few:.2f}\n"
            f"  one socket more: {each:.0f} us and {size:.0f} bytes, the event itself {event:.0f} us:"
            f" ratio {each / event:.2f}",
            flush=True,
        )


if __name__ == "__main__":
    asyncio.run(main())
