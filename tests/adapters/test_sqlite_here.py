"""Small transactions in the event loop: only while the file's thread rests, and nothing there waits for anybody."""

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from auteur.adapters.log.sqlite import database as module
from auteur.adapters.log.sqlite.bus import SqliteProgressBus
from auteur.adapters.log.sqlite.database import SqliteDatabase
from auteur.domain.errors import StaleAttemptError
from auteur.domain.events import TaskProgressed, TaskStarted
from tests.fakes import of, queued
from tests.waiting import awaited


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    async with SqliteDatabase(tmp_path / "log.db") as opened:
        bus = SqliteProgressBus(opened)
        await bus.publish(queued())
        await bus.publish(TaskStarted(**of(), attempt=1, worker="w"))
        yield opened


def progressed(progress: float, attempt: int = 1) -> TaskProgressed:
    return TaskProgressed(**of(), attempt=attempt, progress=progress)


async def where(database: SqliteDatabase, *, synced: bool = False) -> str:
    """In which thread a small transaction is done now."""
    thread = await database.transact_then(lambda _: threading.current_thread().name, lambda name: name, synced=synced)
    return "thread" if thread == "sqlite" else "loop"


def settings(connection: sqlite3.Connection) -> list[int]:
    """What a commit waits for."""
    names = ("synchronous", "busy_timeout", "wal_autocheckpoint")
    return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]


async def test_what_need_not_survive_a_loss_of_power_is_done_in_the_loop_and_nothing_else(
    database: SqliteDatabase,
) -> None:
    assert await where(database) == "loop"
    assert await where(database, synced=True) == "thread"
    for synced, expected in ((False, [1, 0, 0]), (True, [2, 5000, 1000]), (False, [1, 0, 0])):
        found = await database.transact_then(settings, list, synced=synced)
        assert found == expected, "in the loop no commit waits: for no disk, no other process, and no checkpoint"


async def test_behind_what_the_thread_has_to_do_it_keeps_its_turn(database: SqliteDatabase) -> None:
    bus, go = SqliteProgressBus(database), threading.Event()
    held = asyncio.create_task(database.call(lambda _: go.wait()))
    await asyncio.sleep(0)
    accepting = asyncio.create_task(bus.publish(queued("t-2")))
    await asyncio.sleep(0)
    telling = asyncio.create_task(bus.publish(progressed(0.5)))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not telling.done()
    go.set()
    await held
    assert [(await task).position.seq for task in (accepting, telling)] == [3, 4]


async def test_what_is_asked_behind_it_comes_after_it(database: SqliteDatabase) -> None:
    bus = SqliteProgressBus(database)
    telling = asyncio.create_task(bus.publish(progressed(0.5)))
    accepting = asyncio.create_task(bus.publish(queued("t-2")))
    assert [(await task).position.seq for task in (telling, accepting)] == [3, 4]


async def test_nobody_waits_in_the_loop_for_another_process_that_writes(
    database: SqliteDatabase, tmp_path: Path
) -> None:
    bus, turns = SqliteProgressBus(database), 0
    with contextlib.closing(sqlite3.connect(tmp_path / "log.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        telling = asyncio.create_task(bus.publish(progressed(0.5)))
        while turns < 50:  # each would last until the other is ready
            await asyncio.sleep(0.001)
            turns += 1
        assert not telling.done()
        other.execute("COMMIT")
    async with awaited("its turn"):
        assert (await telling).position.seq == 3
    assert await where(database) == "loop", "and from there on as before"


async def test_of_several_at_once_each_counts_or_is_refused_by_itself(database: SqliteDatabase) -> None:
    bus = SqliteProgressBus(database)
    statements: list[str] = []
    await database.call(lambda connection: connection.set_trace_callback(statements.append))
    events = [progressed(0.1), progressed(0.2, attempt=7), progressed(0.3)]
    outcomes = await asyncio.gather(*(bus.publish(event) for event in events), return_exceptions=True)
    assert isinstance(outcomes[1], StaleAttemptError)
    assert [r.event for r in await bus.history("film", None, 9)][2:] == [events[0], events[2]]
    assert statements.count("BEGIN IMMEDIATE") == 1


async def test_who_is_cancelled_meanwhile_has_told_the_others_all_the_same(database: SqliteDatabase) -> None:
    bus = SqliteProgressBus(database)
    async with contextlib.aclosing(bus.subscribe("film", None)) as events:
        assert [(await anext(events)).position.seq for _ in range(2)] == [1, 2]
        waiting = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0)
        telling = asyncio.create_task(bus.publish(progressed(0.5)))
        await asyncio.sleep(0)
        telling.cancel()
        async with awaited("what was said"):
            assert (await waiting).event == progressed(0.5)
        assert telling.cancelled()


async def test_a_disk_that_was_slow_is_waited_for_by_the_thread_for_a_while(
    database: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SLOW_S", -1.0)
    monkeypatch.setattr(module, "_AWAY_MOST_S", 1e6)
    database._away_s = 1000.0
    assert [await where(database), await where(database)] == ["loop", "thread"]
    database._away_until = 0.0
    assert [await where(database), await where(database)] == ["loop", "thread"]
    assert database._away_s == 4000.0, "twice as long each time"
    monkeypatch.setattr(module, "_SLOW_S", 3600.0)
    database._away_until = 0.0
    assert [await where(database), await where(database)] == ["loop", "loop"]
    assert database._away_s == module._AWAY_S


async def test_what_was_done_in_the_loop_is_put_into_the_file_by_the_thread(
    database: SqliteDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_TIDY_EVERY", 20)
    bus = SqliteProgressBus(database)
    for number in range(300):
        await bus.publish(progressed(number / 300))
    assert (tmp_path / "log.db-wal").stat().st_size < 1 << 20, "without it, three times as much"
