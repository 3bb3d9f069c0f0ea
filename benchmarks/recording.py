"""What it costs to record an event in SQLite: CPU of the process for each, beside a bare transaction of the same bytes.

Run it with ``python benchmarks/recording.py [events]``. Progress may be lost with the machine's power and is not
synced; an acceptance is. One at a time, and 32 at a time.
"""

import asyncio
import itertools
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.fakes import of, queued

from auteur.adapters.log.codec import encode_event
from auteur.adapters.log.sqlite.bus import SqliteProgressBus
from auteur.adapters.log.sqlite.database import SqliteDatabase
from auteur.domain.events import TaskProgressed, TaskQueued, TaskStarted

EVENTS = int(sys.argv[1]) if len(sys.argv) > 1 else 4000


def bare(path: Path, body: bytes, *, synced: bool) -> float:
    """Microseconds of an INSERT with its COMMIT."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {'FULL' if synced else 'NORMAL'}")
        connection.execute(
            "CREATE TABLE events (project_id TEXT, seq INTEGER, body BLOB, PRIMARY KEY (project_id, seq))"
        )
        began = time.process_time()
        for seq in range(EVENTS):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO events VALUES ('film', ?, ?)", (seq, body))
            connection.execute("COMMIT")
        return (time.process_time() - began) / EVENTS * 1e6


def progressed(task: str, number: int) -> TaskProgressed:
    share, said = number / EVENTS, f"Pass {number} of {EVENTS}"
    return TaskProgressed(**of(task), attempt=1, progress=share, stage="rendering", message=said, eta_s=1.5)


async def recorded(directory: Path, at_a_time: int) -> tuple[float, float]:
    """Microseconds of a progress event, and of an acceptance."""
    async with SqliteDatabase(directory / "auteur.db") as database, SqliteProgressBus(database) as bus:
        for lane in range(at_a_time):
            await bus.publish(queued(f"lane-{lane}"))
            await bus.publish(TaskStarted(**of(f"lane-{lane}"), attempt=1, worker="w"))
        new = itertools.count()

        async def run(make: Callable[[int, int], TaskProgressed | TaskQueued]) -> float:
            async def one(lane: int) -> None:
                for number in range(EVENTS // at_a_time):
                    await bus.publish(make(lane, number))

            began = time.process_time()
            await asyncio.gather(*(one(lane) for lane in range(at_a_time)))
            return (time.process_time() - began) / (EVENTS // at_a_time * at_a_time) * 1e6

        progress = await run(lambda lane, number: progressed(f"lane-{lane}", number))
        return progress, await run(lambda lane, number: queued(f"t-{next(new)}"))


def main() -> None:
    import uvloop

    with tempfile.TemporaryDirectory() as held:
        directory = Path(held)
        floors = {
            "progress": bare(directory / "1.db", encode_event(progressed("lane-0", 1)), synced=False),
            "acceptance": bare(directory / "2.db", encode_event(queued("t-1")), synced=True),
        }
        print(", ".join(f"{what}: INSERT and COMMIT {floor:.0f} us" for what, floor in floors.items()))
        for at_a_time in (1, 32):
            place = directory / str(at_a_time)
            place.mkdir()
            costs = uvloop.run(recorded(place, at_a_time))
            for (what, floor), cost in zip(floors.items(), costs, strict=True):
                print(f"{what}, {at_a_time} at a time: {cost:.0f} us, {cost / floor:.1f} of that")


if __name__ == "__main__":
    main()
