"""What it costs to record an event: CPU for each, beside the least that keeps the same bytes, in the same run.

Run it with ``python benchmarks/recording.py [events] [redis]``. In SQLite the least is an INSERT with its COMMIT;
progress may be lost with the machine's power and is not synced, an acceptance is. On Redis it is an XADD and a PUBLISH,
as redis-py sends them (one after the other; and both in one trip); both sides are counted, this process and the server.
One at a time, and 32 at a time.
"""

import asyncio
import itertools
import sqlite3
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from redis.asyncio import Redis
from tests.fakes import of, queued
from tests.processor import cpu_s
from tests.servers import RedisServer

from auteur.adapters.log.codec import encode_event
from auteur.adapters.log.redis.bus import RedisProgressBus
from auteur.adapters.log.sqlite.bus import SqliteProgressBus
from auteur.adapters.log.sqlite.database import SqliteDatabase
from auteur.adapters.redis.database import RedisDatabase
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


async def on_redis(server: RedisServer, at_a_time: int) -> None:
    """Prints what each costs on both sides."""
    assert server.process is not None
    pid = server.process.pid

    async def cost(one: Callable[[int, int], Awaitable[object]]) -> float:
        async def lane(number: int) -> None:
            for count in range(EVENTS // at_a_time):
                await one(number, count)

        began = time.process_time() + cpu_s(pid)
        await asyncio.gather(*(lane(number) for number in range(at_a_time)))
        return (time.process_time() + cpu_s(pid) - began) / (EVENTS // at_a_time * at_a_time) * 1e6

    async with RedisDatabase.at(server.url, deadline_s=10) as database, Redis.from_url(server.url) as client:
        bus, new = RedisProgressBus(database), itertools.count()
        for number in range(at_a_time):
            await bus.publish(queued(f"{at_a_time}-lane-{number}"))
            await bus.publish(TaskStarted(**of(f"{at_a_time}-lane-{number}"), attempt=1, worker="w"))
        kinds: dict[str, Callable[[int, int], TaskProgressed | TaskQueued]] = {
            "progress": lambda lane, count: progressed(f"{at_a_time}-lane-{lane}", count),
            "acceptance": lambda lane, count: queued(f"{at_a_time}-{next(new)}"),
        }
        for what, make in kinds.items():
            body = encode_event(make(0, 1))

            async def plainly(lane: int, count: int, body: bytes = body) -> None:
                await client.xadd("log", {"e": body}, maxlen=10_000, approximate=False)
                await client.publish("told", body)

            async def together(lane: int, count: int, body: bytes = body) -> None:
                pipeline = client.pipeline(transaction=False)
                pipeline.xadd("log", {"e": body}, maxlen=10_000, approximate=False)
                pipeline.publish("told", body)
                await pipeline.execute()

            floor, least = await cost(plainly), await cost(together)
            ours = await cost(lambda lane, count, make=make: bus.publish(make(lane, count)))  # type: ignore[misc]
            print(
                f"{what}, {at_a_time} at a time: {ours:.0f} us; XADD and PUBLISH {floor:.0f} us,"
                f" in one trip {least:.0f}: {ours / floor:.2f} and {ours / least:.2f} of that"
            )


def main() -> None:
    import uvloop

    if "redis" in sys.argv:
        with tempfile.TemporaryDirectory() as held:
            server = RedisServer(Path(held) / "redis").start()
            try:
                for at_a_time in (1, 32):
                    uvloop.run(on_redis(server, at_a_time))
            finally:
                server.stop()
        return

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
