import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from auteur.adapters.log.sqlite.bus import SqliteProgressBus
from auteur.adapters.log.sqlite.database import SqliteDatabase
from auteur.adapters.log.sqlite.store import SqliteStateStore
from auteur.domain.errors import BusUnavailableError, HistoryLostError
from auteur.domain.events import Position, RecordedEvent, TaskProgressed, TaskQueued, TaskStarted
from auteur.domain.task import TaskStatus
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


async def stalled(database: SqliteDatabase, meanwhile: Callable[[], None]) -> None:
    """Holds up the file's thread until ``meanwhile`` has been called, and what that begins waits for it."""
    holding, go = threading.Event(), threading.Event()

    def hold(connection: sqlite3.Connection) -> None:
        holding.set()
        go.wait()

    held = asyncio.create_task(database.call(hold))
    while not holding.is_set():
        await asyncio.sleep(0)
    meanwhile()
    for _ in range(10):
        await asyncio.sleep(0)
    go.set()
    await held


async def test_what_waits_at_the_same_time_is_committed_together_and_refused_by_itself(tmp_path: Path) -> None:
    async with SqliteDatabase(tmp_path / "a.db") as database:
        bus, store = SqliteProgressBus(database), SqliteStateStore(database)
        statements: list[str] = []
        await database.call(lambda connection: connection.set_trace_callback(statements.append))
        publishing: list[asyncio.Task[RecordedEvent]] = []

        def publish() -> None:
            events = [queued(f"t-{number}") for number in (1, 2, 1, 3, 2, 4)]
            publishing.extend(asyncio.create_task(bus.publish(event)) for event in events)

        await stalled(database, publish)
        outcomes = await asyncio.gather(*publishing, return_exceptions=True)
        assert [type(outcome).__name__ for outcome in outcomes] == [
            "RecordedEvent", "RecordedEvent", "TaskExistsError", "RecordedEvent", "TaskExistsError", "RecordedEvent",
        ]  # fmt: skip
        assert [outcome.position.seq for outcome in outcomes if isinstance(outcome, RecordedEvent)] == [1, 2, 3, 4]
        assert statements.count("COMMIT") == 1
        counts = await store.counts("film")
        assert counts.position is not None
        assert counts.position.seq == 4


async def test_what_is_refused_after_it_wrote_something_leaves_nothing_and_takes_nobody_with_it(tmp_path: Path) -> None:
    """A batch whose last task is there already has written the others by then."""
    async with SqliteDatabase(tmp_path / "a.db") as database:
        bus, store = SqliteProgressBus(database), SqliteStateStore(database)
        asked: list[Sequence[TaskQueued]] = [
            [queued("t-1")],
            [queued("t-2", message_id="batch"), queued("t-3", message_id="batch"), queued("t-1", message_id="batch")],
            [queued("t-1")],
            [queued("t-4")],
        ]
        publishing: list[asyncio.Task[Sequence[RecordedEvent]]] = []
        await stalled(database, lambda: publishing.extend(asyncio.create_task(bus.publish_all(few)) for few in asked))
        outcomes = await asyncio.gather(*publishing, return_exceptions=True)
        assert [type(outcome).__name__ for outcome in outcomes] == [
            "list", "TaskExistsError", "TaskExistsError", "list",
        ]  # fmt: skip
        recorded = await bus.history("film", None, 9)
        assert [(r.position.seq, r.event) for r in recorded] == [(1, queued("t-1")), (2, queued("t-4"))]
        counts = await store.counts("film")
        assert counts.position is not None
        assert (counts.position.seq, counts.of(TaskStatus.QUEUED)) == (2, 2)
        assert not await database.call(
            lambda connection: connection.execute("SELECT 1 FROM words WHERE rowid > 2").fetchall()
        )


async def test_who_was_refused_for_what_was_not_committed_is_told_that_it_cannot_be_known(tmp_path: Path) -> None:
    """A repeated request would be answered as accepted, and nothing of it would be there."""
    async with SqliteDatabase(tmp_path / "a.db") as database:
        bus = SqliteProgressBus(database)
        await fill(database)
        publishing: list[asyncio.Task[RecordedEvent]] = []

        def publish() -> None:
            large = queued("t-9", params={"prompt": "x" * 300_000})
            events = (queued("t-8"), queued("t-8"), large)
            publishing.extend(asyncio.create_task(bus.publish(event)) for event in events)

        await database.call(lambda connection: connection.execute("PRAGMA max_page_count = 1"))
        await stalled(database, publish)
        outcomes = await asyncio.gather(*publishing, return_exceptions=True)
        assert all(isinstance(outcome, BusUnavailableError) for outcome in outcomes), outcomes
        await database.call(lambda connection: connection.execute("PRAGMA max_page_count = 100000"))
        assert (await bus.publish(queued("t-8"))).position.seq == 3


async def test_a_cancelled_caller_holds_up_nobody_and_undoes_nothing(tmp_path: Path) -> None:
    async with SqliteDatabase(tmp_path / "a.db") as database:
        done: list[int] = []
        asking: list[asyncio.Task[None]] = []

        def ask(number: int) -> "asyncio.Task[None]":
            return asyncio.create_task(database.transact(lambda _: done.append(number)))

        def ask_and_cancel() -> None:
            asking.extend(map(ask, range(3)))
            asyncio.get_running_loop().call_soon(lambda: asking[1].cancel())

        await stalled(database, ask_and_cancel)
        outcomes = await asyncio.gather(*asking, return_exceptions=True)
        assert isinstance(outcomes[1], asyncio.CancelledError)
        assert outcomes[0] is outcomes[2] is None
        assert done in ([0, 1, 2], [0, 2])
