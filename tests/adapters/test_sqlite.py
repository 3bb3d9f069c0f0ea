import sqlite3
from pathlib import Path

import pytest

from auteur.adapters.log.sqlite.bus import SqliteProgressBus
from auteur.adapters.log.sqlite.database import SqliteDatabase
from auteur.adapters.log.sqlite.store import SqliteStateStore
from auteur.domain.errors import BusUnavailableError, HistoryLostError
from auteur.domain.events import Position, TaskProgressed, TaskStarted
from tests.fakes import of, queued


async def fill(database: SqliteDatabase) -> Position:
    """Two events; where the log stands then."""
    bus = SqliteProgressBus(database)
    await bus.publish(queued())
    recorded = await bus.publish(TaskStarted(**of(), attempt=1, worker="w"))
    return recorded.position


def mark(path: Path) -> list[str]:
    with sqlite3.connect(path) as connection:
        return [v for (v,) in connection.execute("SELECT value FROM meta WHERE name = 'open_since_boot'")]


async def test_the_log_goes_on_where_it_was_after_a_clean_close(tmp_path: Path) -> None:
    async with SqliteDatabase(tmp_path / "a.db") as database:
        before = await fill(database)
    assert mark(tmp_path / "a.db") == []
    async with SqliteDatabase(tmp_path / "a.db") as database:
        after = await SqliteProgressBus(database).publish(TaskProgressed(**of(), attempt=1, progress=0.5))
    assert after.position == Position(before.epoch, before.seq + 1)


async def test_a_new_epoch_begins_when_the_machine_stopped_with_the_file_open(tmp_path: Path) -> None:
    async with SqliteDatabase(tmp_path / "a.db") as database:
        before = await fill(database)
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute("INSERT INTO meta VALUES ('open_since_boot', 'another boot')")
    async with SqliteDatabase(tmp_path / "a.db") as database:
        bus, store = SqliteProgressBus(database), SqliteStateStore(database)
        assert database.epoch != before.epoch
        with pytest.raises(HistoryLostError):
            await bus.history("film", before, 9)
        reading = await store.task("film", "t-1")
        assert reading.position == Position(database.epoch, before.seq), "what is kept holds"
        assert await bus.history("film", reading.position, 9) == []
        assert reading.task.attempt == 1


async def test_a_killed_process_keeps_its_epoch(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "a.db")
    await database.__aenter__()
    before = await fill(database)
    async with SqliteDatabase(tmp_path / "a.db") as another:  # while the first has not closed, as after a kill -9
        assert another.epoch == before.epoch
        assert len(await SqliteProgressBus(another).history("film", None, 9)) == 2
    await database.__aexit__()


async def test_a_file_that_is_no_database_is_said_to_be_unavailable(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"this is not a database, but it is long enough to look like one" * 99)
    with pytest.raises(BusUnavailableError):
        await SqliteDatabase(tmp_path / "a.db").__aenter__()


async def test_a_full_disk_refuses_the_event_and_keeps_the_log(tmp_path: Path) -> None:
    async with SqliteDatabase(tmp_path / "a.db") as database:
        bus = SqliteProgressBus(database)
        await fill(database)
        await database.call(lambda connection: connection.execute("PRAGMA max_page_count = 1"))
        full = TaskProgressed(**of(), attempt=1, progress=0.5, message="x" * 100_000)
        with pytest.raises(BusUnavailableError):
            await bus.publish(full)
        await database.call(lambda connection: connection.execute("PRAGMA max_page_count = 100000"))
        assert (await bus.publish(full)).position.seq == 3


async def test_nothing_is_accepted_into_a_file_that_was_deleted(tmp_path: Path) -> None:
    async with SqliteDatabase(tmp_path / "a.db") as database:
        bus = SqliteProgressBus(database)
        await fill(database)
        for path in tmp_path.glob("a.db*"):
            path.unlink()
        with pytest.raises(BusUnavailableError) as refused:
            await bus.publish(queued("t-2"))
        assert refused.value.cause is not None
        assert refused.value.cause.code == "missing"
